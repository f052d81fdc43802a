"""Post-call failure reports, the problems they are grouped into, and the outbox of events."""

from __future__ import annotations

from django.db import models

from calls.models import Call
from tenants.models import Agent, TenantModel


class Problem(TenantModel):
    """Reports with one cause: same agent, same policy or check, same fingerprint."""

    class Status(models.TextChoices):
        OPEN = "open"
        REGRESSED = "regressed"
        FIXED = "fixed"
        IGNORED = "ignored"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    pattern = models.CharField(max_length=100)
    severity = models.CharField(max_length=16)
    check_name = models.CharField(max_length=64, blank=True)
    policy_key = models.CharField(max_length=64, blank=True)
    policy_text = models.TextField(blank=True)
    tool_name = models.CharField(max_length=128, blank=True)
    argument = models.CharField(max_length=200, blank=True)
    cause_status = models.CharField(max_length=16, blank=True)  # how the value stood: superseded, never_said ...
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    report_count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    fixed_at = models.DateTimeField(null=True)  # only a call that began later makes it regress

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["agent", "fingerprint"], name="problem_once")]
        ordering = ["-last_seen_at"]


class CallAnalysis(TenantModel):
    """Whether a call has been looked at: one per call and analysis version, also where nothing was found.

    ``claimed_at`` names the one worker that writes its report; an old claim is of a worker that died.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending"
        REPORTED = "reported"
        CLEAN = "clean"
        FAILED = "failed"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    analysis_version = models.PositiveIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.PENDING)
    claimed_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "analysis_version"], name="call_analysis_once")]


class Report(TenantModel):
    """One per call and analysis version. Text fields are masked before they are stored.

    ``evidence`` = ``[{"turn_index": 4, "quote": "...", "note": "..."}]`` (``turn_index`` None: no turn shows it);
    ``others`` = ``[{"pattern", "severity", "turn_index", "note", "is_shadow"}]``, the call's further failures.
    ``source`` says what wrote the words. ``is_shadow``: found by a rule in trial, nothing was stopped.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        APPLIED = "applied"
        DISMISSED = "dismissed"
        FAILED = "failed"

    class Source(models.TextChoices):
        RULES = "rules"
        MODEL = "model"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    problem = models.ForeignKey(Problem, null=True, on_delete=models.SET_NULL, related_name="reports")
    analysis_version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    pattern = models.CharField(max_length=100)
    severity = models.CharField(max_length=16)
    summary = models.TextField()
    root_cause = models.TextField()
    evidence = models.JSONField(default=list)
    others = models.JSONField(default=list)
    severity_reason = models.CharField(max_length=200, blank=True)
    is_shadow = models.BooleanField(default=False)
    proposed_fix = models.TextField()
    proposed_file = models.CharField(max_length=300, blank=True)
    suggested_diff = models.TextField(blank=True)
    confidence = models.FloatField(default=0.0)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.RULES)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "analysis_version"], name="report_once")]
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["problem", "-created_at"])]


class OutboxEvent(TenantModel):
    """An event for webhooks and other sinks, written in the transaction of what it tells.

    ``dedupe_key`` makes a repeated writer harmless. ``type`` is one of DESIGN's event names (``report.created``).
    """

    type = models.CharField(max_length=64)
    dedupe_key = models.CharField(max_length=200)
    data = models.JSONField()
    dispatched_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "dedupe_key"], name="outbox_event_once")]
        ordering = ["created_at"]
