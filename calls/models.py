"""Calls as they happened. Rows are written by the recorder, in batches, exactly once by ``(call, n)``.

``n`` counts what a call's session recorded, in order, from 1: a batch that is written twice changes nothing.
"""

from __future__ import annotations

from django.db import models

from tenants.models import Agent, TenantModel


class Call(TenantModel):
    class Status(models.TextChoices):
        LIVE = "live"
        ENDED = "ended"

    class Transport(models.TextChoices):
        SUPERVISE = "supervise"
        PLIVO = "plivo"
        REALTIME = "realtime"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=128)  # the tenant's (or the carrier's) own id, unique per tenant
    transport = models.CharField(max_length=16, choices=Transport.choices)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.LIVE)
    direction = models.CharField(max_length=16, blank=True)
    from_number = models.CharField(max_length=64, blank=True)
    to_number = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict)
    policy_revision = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    end_reason = models.CharField(max_length=64, blank=True)
    risk = models.FloatField(default=0.0)  # highest enforced score so far, 0..1: how the live desk sorts

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="call_external_id_once")]
        indexes = [
            models.Index(fields=["tenant", "-started_at"]),
            models.Index(fields=["status", "last_seen_at"]),
        ]


class CallRow(TenantModel):
    """Base of what a session records: ``offset_ms`` from the start of the call."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="%(class)ss")
    n = models.PositiveIntegerField()
    offset_ms = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["n"]


class MessageRecord(CallRow):
    """A client message as it came in: the durable log behind ``ack``. ``seq`` is the client's, per call."""

    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=32)
    payload = models.JSONField()

    class Meta(CallRow.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "seq"], name="message_seq_once")]


class TurnRecord(CallRow):
    """``role`` is customer, agent or tool. ``index`` is what evidence points at (``source_turn``).

    ``tool_calls`` = ``[{"id": "t1", "name": "place_order", "arguments": {...}}]``. ``heard_text`` is None until it is
    known; "" means that nothing of the turn was heard. ``is_judged`` false: audio without text.
    """

    index = models.PositiveIntegerField()
    turn_id = models.CharField(max_length=128)
    role = models.CharField(max_length=16)
    text = models.TextField()
    tool_calls = models.JSONField(default=list)
    tool_name = models.CharField(max_length=128, blank=True)
    result = models.JSONField(null=True)
    heard_text = models.TextField(null=True)
    heard_ms = models.PositiveIntegerField(null=True)
    is_judged = models.BooleanField(default=True)

    class Meta(CallRow.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="turn_once")]


class VerdictRecord(CallRow):
    """One verdict. ``evidence`` = ``{"values": [{"value", "source_turn", "status", "argument"?, "replaced_by"?}]}``.

    ``findings`` and ``shadow`` list every finding as JSON, the deciding one first.
    """

    turn_index = models.PositiveIntegerField()
    turn_id = models.CharField(max_length=128)
    decision = models.CharField(max_length=16)
    score = models.FloatField()
    tier = models.PositiveSmallIntegerField(null=True)
    check_name = models.CharField(max_length=64, blank=True)
    policy_key = models.CharField(max_length=64, blank=True)
    policy_text = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    shadow = models.JSONField(default=list)
    skipped = models.CharField(max_length=64, blank=True)
    pre_gate = models.CharField(max_length=32, blank=True)  # the sign it saw; "" without tiers 1 and 2
    is_final = models.BooleanField(default=True)
    suppressed = models.CharField(max_length=16, blank=True)  # "cooldown", "intervening": why nothing followed
    latency_ms = models.JSONField(default=dict)  # {"tier0": 0.04, "tier1": null, "tier2": null, "total": 0.3}

    class Meta(CallRow.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="verdict_once")]


class ToolDecisionRecord(CallRow):
    """The gate's decision on one tool call. Only the hash of the commit token is kept."""

    gate_id = models.CharField(max_length=128)
    tool_call_id = models.CharField(max_length=128)
    turn_index = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=128)
    arguments = models.JSONField()
    arguments_hash = models.CharField(max_length=64)
    decision = models.CharField(max_length=16)
    check_name = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    instruction = models.TextField(blank=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    redeemed_at = models.DateTimeField(null=True)

    class Meta(CallRow.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="tool_decision_once")]


class InterventionRecord(CallRow):
    """One intervention; the row is updated (same ``n``) as it goes on. ``source`` as in ``intervention.correction``."""

    class State(models.TextChoices):
        STARTED = "started"
        CORRECTED = "corrected"
        COMPLETED = "completed"
        CUT = "cut"  # the caller spoke over it, or the call ended

    intervention_id = models.CharField(max_length=64)
    turn_index = models.PositiveIntegerField()
    turn_id = models.CharField(max_length=128)
    verdict_n = models.PositiveIntegerField()
    buffer_text = models.TextField(blank=True)
    correction_text = models.TextField(blank=True)
    source = models.CharField(max_length=16, blank=True)
    system_note = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.STARTED)
    speaker = models.CharField(max_length=16, default="agent")
    heard_violation_words = models.PositiveIntegerField(null=True)
    steps = models.JSONField(default=list)  # [{"at_ms": 5120, "step": "cleared"}, ...] offsets from call start

    class Meta(CallRow.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="intervention_once")]


class StreamEvent(TenantModel):
    """What the carrier told of a call's stream, once each, and each connection of it (``Connected``).

    The carrier tells of streams that never reached us, so the call's row may come later or never: ``call_id`` is known
    beforehand (``call_id_for``). ``told`` holds the carrier's fields with all numbers masked.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="stream_events", db_constraint=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=32)  # StartStream, StopStream, DroppedStream, DegradedStream, ..., Connected
    stream_id = models.CharField(max_length=128, blank=True)
    told = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)  # of all that was told: carriers repeat themselves

    class Meta(TenantModel.Meta):
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["call", "digest"], name="stream_event_once")]
        indexes = [models.Index(fields=["agent", "created_at"])]


class StreamToken(TenantModel):
    """Opens the stream bridge once (``is_reusable``: as often as the tenant likes). Only the hash is kept.

    ``is_listen_only``: it opens a stream that nothing is written to.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    carrier_call_id = models.CharField(max_length=128, blank=True)
    direction = models.CharField(max_length=16, blank=True)
    from_number = models.CharField(max_length=64, blank=True)
    to_number = models.CharField(max_length=64, blank=True)
    is_reusable = models.BooleanField(default=False)
    is_listen_only = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
