"""The record form of a judge case, to and from ``Case``.

One case is one JSON object::

    {"id": "c1", "policies": ["Never promise a refund."], "history": [{"role": "customer", "text": "Hi"}],
     "customer_text": "I want my money back", "agent_text": "You will get a refund.", "tool_calls": []}

``evidence`` (texts) and ``now`` (date or datetime) are optional; unknown fields are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from judging.core.compiled import Compiled
from judging.core.errors import CaseInvalid, CompiledInvalid
from judging.core.types import Case, Json, Mode, Policy, Role, Scope, Severity, ToolCall, Turn


def case_from_record(record: Json, policies: Sequence[Policy] | None = None) -> Case:
    """Read a case; ``policies`` replace the record's own.

    Raises:
        CaseInvalid: the record is no case. The message names the field.
    """
    record = _mapping(record, "record")
    history = turns_from_records(_list(record, "history"))
    customer_text = _text(record, "customer_text", "")
    if customer_text:
        # A result that came after the customer's last words stands at the end of the history.
        cut = len(history)
        while cut and history[cut - 1].role in (Role.TOOL, Role.TOOL_CALL):
            cut -= 1
        spoken = Turn(cut, Role.CUSTOMER, customer_text)
        tail = [replace(turn, index=turn.index + 1) for turn in history[cut:]]
        history = [*history[:cut], spoken, *tail]
    turn = Turn(len(history), Role.AGENT, _text(record, "agent_text", ""), tool_calls=_tool_calls(record, "tool_calls"))
    own = policies_from_record(record)
    return Case(
        history=tuple(history),
        turn=turn,
        policies=own if policies is None else tuple(policies),
        facts=tuple(_texts(record, "evidence")),
        now=moment(record.get("now")),
        language=_text(record, "language", ""),
    )


def case_to_record(case: Case, case_id: str = "") -> dict[str, Json]:
    """Write a case so that reading it again gives the same judgement."""
    record: dict[str, Json] = {
        "id": case_id,
        "policies": [_policy_record(policy) for policy in case.policies],
        "history": [_turn_record(turn) for turn in case.history],
        "customer_text": "",
        "agent_text": case.turn.text,
        "tool_calls": [{"name": call.name, "args": dict(call.arguments)} for call in case.turn.tool_calls],
    }
    if case.facts:
        record["evidence"] = list(case.facts)
    if case.now is not None:
        record["now"] = case.now.isoformat()
    return record


def turns_from_records(records: Sequence[Json]) -> list[Turn]:
    """Read turns: ``role``, ``text``, for tools ``name`` and ``args``, and ``tool_calls`` and ``tool_results``."""
    turns: list[Turn] = []
    for at, entry in enumerate(records):
        for turn in _turns(_mapping(entry, f"turn {at}"), f"turn {at}"):
            turns.append(replace(turn, index=len(turns)))
    return turns


def policies_from_record(record: Json) -> tuple[Policy, ...]:
    """Read the ``policies`` of a case or a call. Raises CaseInvalid."""
    entries = _list(_mapping(record, "record"), "policies")
    return tuple(policy_from_record(entry, f"policies[{at}]") for at, entry in enumerate(entries))


def policy_from_record(entry: Json, where: str) -> Policy:
    """Read a policy: its text, or an object with ``text`` and optional ``id, severity, scope, mode, ramp_share`` and
    ``compiled`` (the form to judge it by, as ``Compiled.as_json`` writes it)."""
    if isinstance(entry, str):
        return Policy(entry)
    entry = _mapping(entry, where)
    try:
        return Policy(
            text=_text(entry, "text"),
            id=_text(entry, "id", ""),
            severity=Severity(entry.get("severity", Severity.HIGH)),
            scope=Scope(entry.get("scope", Scope.BOTH)),
            mode=Mode(entry.get("mode", Mode.ENFORCE)),
            ramp_share=float(entry.get("ramp_share", 1.0)),
            compiled=Compiled.from_json(entry["compiled"]) if entry.get("compiled") is not None else None,
        )
    except CompiledInvalid as error:
        raise CaseInvalid(f"{where}.compiled: {error}") from error
    except (ValueError, TypeError) as error:
        raise CaseInvalid(f"{where}: {error}") from error


def _policy_record(policy: Policy) -> Json:
    if policy == Policy(policy.text):
        return policy.text
    return {
        "text": policy.text,
        "id": policy.id,
        "severity": policy.severity.value,
        "scope": policy.scope.value,
        "mode": policy.mode.value,
        "ramp_share": policy.ramp_share,
        "compiled": policy.compiled.as_json() if policy.compiled else None,
    }


def moment(value: Json) -> datetime | None:
    """Read a date or a datetime; None stays None."""
    if value is None or value == "":
        return None
    try:
        return datetime.fromisoformat(value) if len(value) > 10 else datetime.combine(date.fromisoformat(value), time())
    except (ValueError, TypeError) as error:
        raise CaseInvalid(f"now: not a date or datetime: {value!r}") from error


def _turns(entry: Mapping[str, Json], where: str) -> list[Turn]:
    try:
        role = Role(entry.get("role", ""))
    except ValueError as error:
        known = ", ".join(role.value for role in Role)
        raise CaseInvalid(f"{where}: role {entry.get('role')!r} is none of {known}") from error
    text, name = _text(entry, "text", ""), _text(entry, "name", "")
    if role is Role.TOOL_CALL:
        return [Turn(0, role, text, tool_calls=(ToolCall(name, _arguments(entry, where)),), tool_name=name)]
    if role is Role.TOOL:
        return [Turn(0, role, text, tool_name=name, result=entry.get("result", _json_or_none(text)))]
    turn = Turn(0, role, text, tool_calls=_tool_calls(entry, "tool_calls"))
    return [turn, *(_result(_mapping(result, where), where) for result in _list(entry, "tool_results"))]


def _result(entry: Mapping[str, Json], where: str) -> Turn:
    value = entry.get("result", entry.get("text"))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Turn(0, Role.TOOL, text, tool_name=_text(entry, "name", ""), result=_json_or_none(value))


def _json_or_none(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    if value[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _tool_calls(record: Mapping[str, Json], field: str) -> tuple[ToolCall, ...]:
    calls = []
    for at, entry in enumerate(_list(record, field)):
        where = f"{field}[{at}]"
        entry = _mapping(entry, where)
        calls.append(ToolCall(_text(entry, "name"), _arguments(entry, where), id=_text(entry, "id", "")))
    return tuple(calls)


def _arguments(entry: Mapping[str, Json], where: str) -> Mapping[str, Json]:
    arguments = entry.get("args", entry.get("arguments"))
    return {} if arguments is None else _mapping(arguments, f"{where}.args")


def _turn_record(turn: Turn) -> dict[str, Json]:
    if turn.role is Role.TOOL_CALL and turn.tool_calls:
        call = turn.tool_calls[0]
        return {"role": turn.role.value, "text": turn.text, "name": call.name, "args": dict(call.arguments)}
    record: dict[str, Json] = {"role": turn.role.value, "text": turn.text}
    if turn.role is Role.TOOL:
        record["name"] = turn.tool_name
    if turn.tool_calls:
        record["tool_calls"] = [{"name": call.name, "args": dict(call.arguments)} for call in turn.tool_calls]
    return record


def _mapping(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise CaseInvalid(f"{where}: expected an object, got {type(value).__name__}")
    return value


def _list(record: Mapping[str, Json], field: str) -> Sequence[Json]:
    value = record.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise CaseInvalid(f"{field}: expected a list, got {type(value).__name__}")
    return value


def _text(record: Mapping[str, Json], field: str, default: str | None = None) -> str:
    value = record.get(field)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise CaseInvalid(f"{field}: expected a text, got {type(value).__name__}")
    return value


def _texts(record: Mapping[str, Json], field: str) -> Sequence[str]:
    values = _list(record, field)
    for at, value in enumerate(values):
        if not isinstance(value, str):
            raise CaseInvalid(f"{field}[{at}]: expected a text, got {type(value).__name__}")
    return values
