"""What can be set per agent, with the values a new agent gets. Plain values: each app takes from here what it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from tenants.errors import InvalidInput

SCORERS = ("mirror_judge", "llm")
FAIL_MODES = ("confirm", "allow", "block")
RELEASES = ("optimistic", "hold")
SPEAKERS = ("auto", "agent", "mirror")
VOICES = ("", "openai", "deepgram", "elevenlabs", "espeak")
STREAM_FORMATS = ("mulaw_8k", "l16_8k", "l16_16k")
LANGUAGES = ("en", "de", "es", "fr", "hi", "pt")
PROMPT_SLOTS = ("customer_text", "primary_response", "tool_calls_json", "history_summary")
IRREVERSIBLE_TOOLS = (
    "place_order",
    "book_flight",
    "book_flights",
    "charge_card",
    "process_payment",
    "cancel_subscription",
    "send_email",
    "send_sms",
    "transfer_funds",
)
# A brace pair around a bare name is a slot; other braces, as in an example of JSON, are text.
_SLOT = re.compile(r"\{([A-Za-z_]\w*)\}")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")  # BCP 47, as far as it is used here
_TOOL = re.compile(r"[A-Za-z0-9_.\-:/]{1,128}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SIP = re.compile(r"sips?:[A-Za-z0-9._~+\-]{1,64}@[A-Za-z0-9.\-]{1,200}(?::\d{1,5})?")
_HEADER = re.compile(r"[A-Za-z0-9]{1,128}")
MAX_EXTRA_HEADERS = 512  # Source: Plivo's limit on the whole text of ``extraHeaders``

Rule = Callable[[Any], Any]  # the value given -> the value kept; raises ValueError saying what it must be


def _one_of(*allowed: str) -> Rule:
    def rule(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return rule


def _number(low: float, high: float) -> Rule:
    def rule(value: Any) -> float:
        # NaN is refused, too: no comparison with it holds.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return rule


def _whole(low: int, high: int) -> Rule:
    def rule(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return rule


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _text(most: int, *, least: int = 0) -> Rule:
    def rule(value: Any) -> str:
        if not isinstance(value, str) or not least <= len(value.strip()) <= most:
            raise ValueError(f"must be text of {least} to {most} characters")
        return value.strip()

    return rule


def _judging_prompt(value: Any) -> str:
    prompt: str = _text(20_000)(value)
    if not prompt:
        return ""
    used = set(_SLOT.findall(prompt))
    if unknown := sorted(used - set(PROMPT_SLOTS)):
        raise ValueError(f"unknown slot {{{unknown[0]}}}; the slots are {_slots(PROMPT_SLOTS)}")
    if missing := [slot for slot in PROMPT_SLOTS if slot not in used]:
        raise ValueError(f"lacks {_slots(missing)}")
    return prompt


def _slots(names: Any) -> str:
    return " ".join(f"{{{name}}}" for name in names)


def _language(value: Any) -> str:
    if not isinstance(value, str) or (value and not _TAG.fullmatch(value)):
        raise ValueError('must be a language tag such as "en" or "de-AT", or "" to go by what is said')
    base = value.split("-")[0].lower()
    if base and base not in LANGUAGES:
        raise ValueError(f"must be a tag of one of {', '.join(LANGUAGES)}, or empty")
    return value


def _tool_name(value: Any) -> str:
    if not isinstance(value, str) or not _TOOL.fullmatch(value):
        raise ValueError("must be tool names of letters, digits and _ . - : /, 128 at most")
    return value


def _tools(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > 200:
        raise ValueError("must be a list of at most 200 tool names")
    return tuple(dict.fromkeys(_tool_name(name) for name in value))


def _fail_modes(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 200:
        raise ValueError("must map at most 200 tool names to fail modes")
    mode = _one_of(*FAIL_MODES)
    return {_tool_name(name): mode(given) for name, given in value.items()}


def address_rule(value: Any) -> str:
    """Accept an http or https address without login and query, or none. Where it may lie is checked on connecting."""
    told = "must be empty or an http or https address without login and query"
    if not isinstance(value, str) or len(value) > 500 or not (value.isascii() and value.isprintable()):
        raise ValueError(told)
    try:
        parts = urlsplit(value)
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fine = False
    if value and (not is_fine or parts.username is not None or parts.query or parts.fragment):
        raise ValueError(told)
    return value


def _extra_headers(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("must map names to values")
    if not all(isinstance(part, str) and _HEADER.fullmatch(part) for pair in value.items() for part in pair):
        raise ValueError("names and values must consist of letters and digits: the carrier takes nothing else")
    if len(",".join(f"{name}={given}" for name, given in value.items())) > MAX_EXTRA_HEADERS:
        raise ValueError(f"must have {MAX_EXTRA_HEADERS} characters at most in all")
    return dict(value)


def _fallback_target(value: Any) -> str:
    told = "must be empty, a number such as +14155550100, a SIP address, or an https:// address that returns XML"
    if not isinstance(value, str) or len(value) > 500:
        raise ValueError(told)
    if not value or _NUMBER.fullmatch(value) or _SIP.fullmatch(value) or _is_https(value):
        return value
    raise ValueError(told)


def _is_https(value: str) -> bool:
    try:
        parts = urlsplit(value)
        is_plain = parts.username is None and parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and is_plain and value.isascii() and value.isprintable()


def _kept(default: Any, rule: Rule) -> Any:
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"rule": rule})
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Judge, gate, intervention and stream settings of one agent.

    ``speaker`` ``auto``: the agent's own voice where the transport can, else Mirror's. ``tool_fail_modes`` overrides
    ``tool_fail_mode`` by tool: ``{"place_order": "block"}``. ``judging_prompt`` empty: the built-in one; its slots
    ``{customer_text}`` and so on are replaced as text. ``retention_days`` 0 with ``record_transcripts`` off keeps
    verdicts without words. ``language`` is that of all calls; empty: each call's own, as it is heard.
    ``realtime_transcription_model`` writes down the caller's words in the realtime proxy where the client left that
    out; empty: the client's session stays as it is.

    ``voice_*`` choose Mirror's own voice (``calls.voice``): what is empty is the tenant's or the operator's default.
    ``voice_base_url`` is for servers that speak OpenAI's protocol; a stored key goes only where it was saved for.

    Streams: ``plivo_account`` names the stored carrier account whose calls these are; empty: any of the tenant's.
    ``fallback_text`` is spoken when a stream could not be served (empty: nothing is), then ``fallback_target``
    follows: a number or SIP address is dialled, an https address is asked for XML, empty hangs up.
    """

    judging_prompt: str = _kept("", _judging_prompt)
    scorer: str = _kept("mirror_judge", _one_of(*SCORERS))
    intervention_threshold: float = _kept(0.7, _number(0, 1))
    tier1_low: float = _kept(0.20, _number(0, 1))
    tier1_high: float = _kept(0.85, _number(0, 1))
    cooldown_s: float = _kept(10.0, _number(0, 600))
    semantic_review_timeout_s: float = _kept(4.0, _number(0.1, 60))
    tiered_scoring_enabled: bool = _kept(True, _flag)
    force_score_on_tool_call: bool = _kept(True, _flag)
    streaming_mode: bool = _kept(False, _flag)
    tool_gate_enabled: bool = _kept(True, _flag)
    irreversible_tools: tuple[str, ...] = _kept(IRREVERSIBLE_TOOLS, _tools)
    tool_fail_mode: str = _kept("confirm", _one_of(*FAIL_MODES))
    tool_fail_modes: Mapping[str, str] = _kept({}, _fail_modes)
    release: str = _kept("optimistic", _one_of(*RELEASES))
    hold_budget_ms: int = _kept(250, _whole(0, 5_000))
    speaker: str = _kept("auto", _one_of(*SPEAKERS))
    language: str = _kept("", _language)
    buffer_text: str = _kept("Sorry, let me make sure I got that right...", _text(300, least=1))
    stream_format: str = _kept("mulaw_8k", _one_of(*STREAM_FORMATS))
    stream_timeout_s: int = _kept(14_400, _whole(60, 86_400))
    stream_extra_headers: Mapping[str, str] = _kept({}, _extra_headers)
    plivo_account: str = _kept("", _text(120))
    signed_streams_required: bool = _kept(False, _flag)
    standing_tokens_allowed: bool = _kept(False, _flag)
    fallback_text: str = _kept(
        "We are sorry, we cannot continue this call right now. Please call again in a few minutes.", _text(500)
    )
    fallback_target: str = _kept("", _fallback_target)
    note_turns: int = _kept(3, _whole(1, 50))
    realtime_transcription_model: str = _kept("", _text(100))
    record_transcripts: bool = _kept(True, _flag)
    retention_days: int = _kept(30, _whole(0, 3_650))
    voice_provider: str = _kept("", _one_of(*VOICES))
    voice_name: str = _kept("", _text(200))
    voice_model: str = _kept("", _text(200))
    voice_base_url: str = _kept("", address_rule)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> AgentSettings:
        """Return settings with defaults for what is not given.

        Raises:
            InvalidInput: ``errors`` names every field that is unknown or wrong, at once.
        """
        rules: dict[str, Rule] = {each.name: each.metadata["rule"] for each in fields(cls)}
        kept: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, value in given.items():
            if name not in rules:
                errors[name] = ["is no setting"]
                continue
            try:
                kept[name] = rules[name](value)
            except ValueError as error:
                errors[name] = [str(error)]
        settings = cls(**kept)
        if settings.tier1_low > settings.tier1_high and not errors.keys() & {"tier1_low", "tier1_high"}:
            errors["tier1_low"] = ["must not lie above tier1_high"]
        if errors:
            raise InvalidInput(errors=errors)
        return settings

    def as_json(self) -> dict[str, Any]:
        """Return every field in its JSON form; ``from_json`` takes it back."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found["irreversible_tools"] = list(self.irreversible_tools)
        found["tool_fail_modes"] = dict(self.tool_fail_modes)
        found["stream_extra_headers"] = dict(self.stream_extra_headers)
        return found
