"""REST of live calls: tickets, commit tokens, and the record of a call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.timezone import now
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.access import access_call
from calls.gate import arguments_hash
from calls.models import Call, InterventionRecord, ToolDecisionRecord, TurnRecord, VerdictRecord
from calls.selectors import stream_event_list
from calls.services import commit_token_redeem
from calls.tickets import TICKET_LIFE_S, ticket_mint
from judging.selectors import judge_late_list
from tenants.auth import actor_of
from tenants.errors import Conflict, InvalidInput
from tenants.pagination import NewestFirst
from tenants.scope import tenant_context


class TicketView(APIView):
    """``POST /api/v1/tickets``: a one-use ticket that opens a supervise socket without a header."""

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request) -> Response:
        ticket = ticket_mint(actor_of(request).tenant_id)
        return Response({"ticket": ticket, "expires_in_s": TICKET_LIFE_S}, status=201)


class RedeemRequest(serializers.Serializer[Any]):
    commit_token = serializers.CharField(max_length=200)
    name = serializers.CharField(max_length=128)
    arguments = serializers.DictField()


class RedeemView(APIView):
    """``POST /api/v1/tool-commits/redeem``: the tenant's tool endpoint proves that Mirror allowed this very call."""

    required_scopes = {"POST": "calls:write"}

    def post(self, request: Request) -> Response:
        asked = RedeemRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        row = commit_token_redeem(
            tenant_id=actor_of(request).tenant_id,
            token=told["commit_token"],
            name=told["name"],
            arguments_hash=arguments_hash(told["name"], told["arguments"]),
        )
        if row is None:
            raise Conflict("The token was redeemed before, is unknown, or belongs to another call or other arguments.")
        return Response(
            {"redeemed_at": row.redeemed_at or now(), "call": str(row.call_id), "tool_call_id": row.tool_call_id}
        )


class CallSerializer(serializers.ModelSerializer[Call]):
    agent = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Call
        fields = (
            "id", "external_id", "agent", "transport", "status", "direction", "metadata", "policy_revision",
            "started_at", "ended_at", "end_reason", "risk",
        )  # fmt: skip


class CallListView(APIView):
    """``GET /api/v1/calls``: newest first."""

    required_scopes = {"GET": "calls:read"}

    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        with tenant_context(actor_of(request).tenant_id):
            rows = Call.objects.select_related("agent")
            for name, field in (("status", "status"), ("agent", "agent__slug"), ("external_id", "external_id")):
                if value := request.query_params.get(name):
                    if "\x00" in value:
                        raise InvalidInput(errors={name: ["holds a NUL"]})
                    rows = rows.filter(**{field: value})
            page = pages.paginate_queryset(rows, request, view=self)
            return pages.get_paginated_response(CallSerializer(page, many=True).data)


_ROWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "turns": (
        TurnRecord,
        ("n", "offset_ms", "index", "turn_id", "role", "text", "tool_calls", "tool_name", "result", "heard_text"),
    ),
    "verdicts": (
        VerdictRecord,
        ("n", "offset_ms", "turn_index", "turn_id", "decision", "score", "tier", "check_name", "policy_key",
         "policy_text", "reason", "evidence", "is_final", "suppressed", "skipped", "pre_gate",
         "latency_ms", "shadow"),
    ),
    "tool_decisions": (
        ToolDecisionRecord,
        ("n", "offset_ms", "gate_id", "tool_call_id", "name", "arguments", "decision", "check_name", "reason",
         "evidence", "instruction", "redeemed_at"),
    ),
    "interventions": (
        InterventionRecord,
        ("n", "offset_ms", "intervention_id", "turn_index", "turn_id", "buffer_text", "correction_text", "source",
         "system_note", "state", "speaker", "heard_violation_words", "steps"),
    ),
}  # fmt: skip


_LATE_FIELDS = ("turn_index", "purpose", "provider", "model", "late_answer", "latency_ms", "created_at")


class CallView(APIView):
    """``GET /api/v1/calls/{id}``: the call with everything recorded of it.

    ``late_answers`` are those of models that came after the deadline: paid, recorded, and not acted on.
    """

    required_scopes = {"GET": "calls:read"}

    def get(self, request: Request, call_id: UUID) -> Response:
        with tenant_context(actor_of(request).tenant_id):
            call = access_call(actor_of(request), call_id)
            found = {
                name: list(model.objects.filter(call_id=call.id).order_by("n").values(*fields))
                for name, (model, fields) in _ROWS.items()
            }
            stream = list(stream_event_list(call).values("event", "stream_id", "told", "created_at"))
            late = judge_late_list(call.id).values(*_LATE_FIELDS)
            return Response({**CallSerializer(call).data, **found, "stream_events": stream, "late_answers": list(late)})
