"""Policies with immutable revisions, and the use of paid judges."""

from __future__ import annotations

from django.db import models

from judging.core import types as core
from tenants.models import Agent, TenantModel, User


def _choices(values: type[core.Severity] | type[core.Scope] | type[core.Mode]) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]


class PolicyRevision(TenantModel):
    """One immutable, numbered revision of an agent's policy set.

    Rules are rows of ``PolicyRecord``; a database trigger refuses changes to both.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["agent", "number"], name="policy_revision_once")]
        ordering = ["-number"]


class PolicyRecord(TenantModel):
    """One plain-English rule of a revision. ``key`` stays the same across revisions of the same rule."""

    revision = models.ForeignKey(PolicyRevision, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    text = models.TextField()
    severity = models.CharField(max_length=16, choices=_choices(core.Severity), default=core.Severity.HIGH.value)
    scope = models.CharField(max_length=16, choices=_choices(core.Scope), default=core.Scope.BOTH.value)
    mode = models.CharField(max_length=16, choices=_choices(core.Mode), default=core.Mode.ENFORCE.value)
    ramp_share = models.FloatField(default=1.0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["revision", "position"], name="policy_position_once")]
        ordering = ["position"]


class PolicyActivation(TenantModel):
    """Which revision an agent uses: the newest row wins, so the history of roll-outs and roll-backs is the table."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(PolicyRevision, on_delete=models.PROTECT, related_name="+")
    activated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(TenantModel.Meta):
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["agent", "-created_at"])]


class JudgeUse(TenantModel):
    """Tokens one tier 2 question cost, and whether its answer came in time to be acted on."""

    class Outcome(models.TextChoices):
        IN_TIME = "in_time"
        LATE = "late"
        FAILED = "failed"

    review_id = models.UUIDField(unique=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=32)
    model = models.CharField(max_length=200)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    failure = models.CharField(max_length=64, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    latency_ms = models.PositiveIntegerField(default=0)
