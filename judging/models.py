"""Policies with immutable revisions, and the use of paid judges."""

from __future__ import annotations

from django.db import models

from judging.core import types as core
from tenants.models import Agent, TenantModel, User


def _choices(values: type[core.Severity] | type[core.Scope] | type[core.Mode]) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]


class PolicyRevision(TenantModel):
    """One immutable, numbered revision of an agent's policy set.

    Rules are rows of ``PolicyRecord``, at positions 0 to ``rule_count - 1``; a database trigger refuses changes to
    both and any further rule, so what a number stands for never changes. ``content_hash`` is that of the rules alone.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    rule_count = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["agent", "number"], name="policy_revision_once")]
        ordering = ["-number"]


class PolicyRecord(TenantModel):
    """One plain-English rule of a revision. ``key`` stays the same across revisions of the same rule.

    ``compiled`` is the form it is judged by, as ``Compiled.as_json`` writes it; None in revisions from before it was
    stored, which are judged as the rules read them now. ``compiled_by`` gave it that form at ``compiled_at``: an
    actor's label, "" where the rules did by themselves.
    """

    revision = models.ForeignKey(PolicyRevision, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    text = models.TextField()
    severity = models.CharField(max_length=16, choices=_choices(core.Severity), default=core.Severity.HIGH.value)
    scope = models.CharField(max_length=16, choices=_choices(core.Scope), default=core.Scope.BOTH.value)
    mode = models.CharField(max_length=16, choices=_choices(core.Mode), default=core.Mode.ENFORCE.value)
    ramp_share = models.FloatField(default=1.0)
    compiled = models.JSONField(null=True)
    compiled_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    compiled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="policy_position_once"),
            models.CheckConstraint(
                condition=models.Q(compiled__isnull=True) | models.Q(compiled_at__isnull=False),
                name="policy_compiled_at_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(compiled__made_by="tenant") | ~models.Q(compiled_by=""),
                name="policy_compiled_by_known",
            ),
        ]
        ordering = ["position"]


class PolicyActivation(TenantModel):
    """Which revision an agent uses: the newest row wins, so the history of roll-outs and roll-backs is the table."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    # RESTRICT, not PROTECT: a tenant is removed with all that is its own.
    revision = models.ForeignKey(PolicyRevision, on_delete=models.RESTRICT, related_name="+")
    activated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(TenantModel.Meta):
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["agent", "-created_at"])]


class JudgeUse(TenantModel):
    """Tokens one question to a model cost, and whether its answer came in time to be acted on.

    ``review_id`` is the question's own id: the same question asked twice is paid and counted once. ``call_id`` and
    ``turn_index`` say what it was about where it came from a call. ``late_answer`` is what the judge would have heard
    of an answer that came too late: ``{"violation", "policy", "score", "reason", "correction"}``, None for all others.
    """

    class Purpose(models.TextChoices):
        JUDGE = "judge"
        CORRECTION = "correction"
        REPORT = "report"
        FIX = "fix"
        POLICIES = "policies"

    class Outcome(models.TextChoices):
        IN_TIME = "in_time"
        LATE = "late"
        FAILED = "failed"
        REFUSED = "refused"  # not asked: the day's budget is spent

    review_id = models.UUIDField(unique=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.JUDGE)
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=200)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    failure = models.CharField(max_length=64, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    latency_ms = models.PositiveIntegerField(default=0)
    call_id = models.UUIDField(null=True, db_index=True)
    turn_index = models.PositiveIntegerField(null=True)
    late_answer = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-created_at"])]
