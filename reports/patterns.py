"""Names of failure patterns and the prompt rule that prevents each: fixed words, filled from the cause alone.

Nothing a caller said reaches these texts: tool and argument names are checked to be plain identifiers, and the only
free text is the tenant's own policy.
"""

from __future__ import annotations

import re

from judging.core.types import Status
from reports.grouping import Cause

_IDENTIFIER = re.compile(r"[A-Za-z_][\w.\-]{0,63}")
_NAMES = {
    "stale_argument": "Old value kept after a change",
    "ungrounded_argument": "Tool argument nobody said",
    "wrong_date": "Wrong date in a tool call",
    "wrong_time": "Wrong time in a tool call",
    "wrong_number": "Wrong number in a tool call",
    "wrong_quantity": "Wrong quantity in a tool call",
    "wrong_amount": "Wrong amount in a tool call",
    "unsupported_claim": "Stated something that no tool returned",
    "done_claim": "Claimed an act that was not done",
    "taken_back": "Repeated what the caller took back",
    "unasked_flag": "Option set that nobody asked for",
    "exclusion_put_in": "Something the caller excluded was put in",
    "not_read_back": "Value the caller was never asked about",
    "left_out": "Something the caller asked for was left out",
    "swapped_arguments": "Two arguments the wrong way round",
    "dropped_value": "Something the caller ordered was dropped",
    "third_party_preference": "Somebody else's taste taken for the order",
    "declined": "Tool called though the caller said no",
    "condition_not_met": "Tool called before a rule's condition was met",
    "contradicted_claim": "Stated something else than a tool returned",
    "duty_overdue": "Something a rule wants said came too late",
    "not_handed_over": "Settled what a rule wants handed over",
    "said_too_late": "Something a rule wants said first was not",
    "forbidden_speech": "Words a policy forbids",
    "missing_read_back": "Tool called without a read-back",
    "forbidden_promise": "Promise a policy forbids",
    "unexplained": "Stopped turn without a recorded finding",
}
_RULES = {
    "done_claim": (
        "Say that something is done only after its tool has returned success; until then say what you are about to do, "
        "or that you cannot do it."
    ),
    "unsupported_claim": (
        "State amounts, dates, times, numbers and names only as a tool returned them or the caller said them; when you "
        "do not have one, say so or look it up, and never guess."
    ),
}
_RULES |= {
    "contradicted_claim": _RULES["unsupported_claim"],
    "declined": "When the caller says no to an act, do not call its tool; say that you leave it and ask what to do.",
    "third_party_preference": "Take as the order only what the caller wants, not what others are said to like.",
}
_STATUS_NAMES = {
    Status.SUPERSEDED.value: "Old value kept after a change",
    Status.NEVER_SAID.value: "Value nobody said",
    Status.UNCONFIRMED.value: "Acted without confirmation",
}
_MODELS = frozenset({"classifier", "judge", "llm"})  # checks that say who found it, not what was wrong
_TITLE_LENGTH = 90


def identifier(name: str) -> str:
    """Return the name when it is a plain identifier, else "": agents make tool and argument names up too."""
    return name if _IDENTIFIER.fullmatch(name) else ""


def pattern_name(cause: Cause) -> str:
    """Return the failure's name, at most 100 characters."""
    if cause.check in _NAMES:
        return _NAMES[cause.check]
    if cause.policy_text:
        return f"Policy broken: {_clip(cause.policy_text)}"
    if cause.status in _STATUS_NAMES:
        return _STATUS_NAMES[cause.status]
    return _clip(cause.check.replace("_", " ").capitalize()) or "Turn that had to be stopped"


def title(cause: Cause) -> str:
    """Return the problem's title: the pattern and where it shows, at most 200 characters."""
    name = pattern_name(cause)
    if cause.policy_text and not name.startswith("Policy broken"):
        return f"{name}: {_clip(cause.policy_text)}"
    where = ".".join(part for part in (identifier(cause.tool), identifier(cause.argument)) if part)
    return f"{name} ({where})" if where else name


def rule_sentence(cause: Cause, *, attempt: int = 1) -> str:
    """Return the guard rail for the prompt. ``attempt`` above 1: the earlier wording was not enough."""
    rule = _base_rule(cause)
    if attempt == 1:
        return rule
    tool = identifier(cause.tool)
    before = f"calling `{tool}`" if tool else "answering"
    return f"{rule} This rule was broken before: check it word by word before {before}, and if in doubt ask the caller."


def _base_rule(cause: Cause) -> str:
    tool, argument = identifier(cause.tool), identifier(cause.argument)
    if cause.check == "missing_read_back" or (cause.status == Status.UNCONFIRMED.value and tool):
        return _with_policy(_read_back(tool), cause)
    if cause.policy_text:
        return f"Without exception, also when the caller insists: {_sentence(cause.policy_text)}"
    if cause.check == "exclusion_put_in":
        return f"Leave {_slot(tool, argument)} free of everything the caller asked to leave out or does not want."
    if cause.check in ("left_out", "dropped_value"):
        return f"Before acting, see that everything the caller asked for last is {_place(tool, '')}."
    if cause.check == "swapped_arguments":
        return (
            f"Before acting, check {_place(tool, '')} which value is the start and which the end, as the caller said."
        )
    if cause.check in _RULES:
        return _RULES[cause.check]
    if cause.status == Status.SUPERSEDED.value:
        return (
            f"When the caller changes or takes back a detail, use only the latest one {_place(tool, argument)}; "
            "drop the earlier value and say the new one back before going on."
        )
    if cause.status == Status.NEVER_SAID.value:
        return (
            f"Use only what the caller said or a tool returned {_place(tool, argument)}; "
            "when it is missing or unclear, ask for it and never guess."
        )
    return "Before you answer or act, check every detail against what the caller said last and what the tools returned."


def _read_back(tool: str) -> str:
    called = f"`{tool}`" if tool else "any tool that cannot be undone"
    return f"Before you call {called}, read every detail of it back to the caller and wait for a clear yes."


def _with_policy(rule: str, cause: Cause) -> str:
    return f"{rule} (Rule: {_sentence(cause.policy_text)})" if cause.policy_text else rule


def _place(tool: str, argument: str) -> str:
    return f"for {_slot(tool, argument)}" if tool else "in what you tell the caller"


def _slot(tool: str, argument: str) -> str:
    if tool and argument:
        return f"`{argument}` of `{tool}`"
    return f"`{tool}`" if tool else "your answer"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _clip(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TITLE_LENGTH - 16 else f"{text[: _TITLE_LENGTH - 17].rstrip()}…"
