"""The agent says that something is done, and no tool did it in this call ("I have refunded you").

Only for acts that change something, and only when no call of this turn or before, and no result, could have done it, or
when the one that could tells of a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import name_words
from judging.core.grounding import is_akin
from judging.core.outcomes import succeeded
from judging.core.text import tokenize
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_CLAIM = re.compile(
    r"\b(?:(?P<by>i(?:'ve| have))(?: just| now| already| successfully| gone ahead and)*|(?P<what>(?:your|"
    r"the) (?:\w+ ){1,3}?)(?P<aux>has been|have been|was|is)(?: now| successfully| already)*)\s+"
    r"(?P<act>booked|reserved|placed|ordered|cancel+ed|refunded|charged|paid|sent|e-?mailed|scheduled|"
    r"purchased|transferred|"
    r"processed|submitted|issued|updated|rescheduled|returned|exchanged|upgraded|activated|deactivated)\b"
    r"(?![^.!?]*\?)",
    re.I,
)
_NEGATION_REACH = 20  # letters
_NEGATIONS = frozenset("not no never without cannot".split())
_NEGATED = re.compile(r"\b(?:not|n't|never|once|if|when|after|before|unable)\b", re.I)
# Words that a tool's name uses for the same act.
_SAME_ACT = {
    "booked": "book reserve schedule buy create purchase order make",
    "reserved": "reserve book create buy make",
    "placed": "place order create submit book",
    "ordered": "order place buy purchase create",
    "refunded": "refund credit return reimburse cancel",
    "charged": "charge pay process bill order book purchase buy",
    "paid": "pay charge process transfer",
    "sent": "send email sms text mail message notify transfer",
    "emailed": "email send mail message notify",
    "scheduled": "schedule book create appointment reserve add plan",
    "purchased": "purchase buy order book charge reserve",
    "transferred": "transfer send move pay escalate",
    "processed": "",
    "submitted": "submit file create send open",
    "issued": "issue send refund create grant",
    "updated": "update change modify edit set save",
    "returned": "return refund exchange",
    "exchanged": "exchange swap modify change",
    "upgraded": "upgrade change update modify",
    "activated": "activate enable turn set",
    "deactivated": "deactivate disable cancel set",
    "rescheduled": "reschedule schedule change update modify move book",
}

# What the act was done to, up to where the clause goes on.
_OBJECT = re.compile(
    r"\s+(?P<object>you(?!r)|it|that|(?:your|the|a|an) [\w'’-]+(?: [\w'’-]+){0,2}?)"
    r"(?=\s*(?:[.,;!]|$)|\s+(?:and|for|from|to|on|at|by|as|in|with|today|now|already|the|so|but)\b)",
    re.I,
)
_NOT_YET = {"has been": "hasn't been", "have been": "haven't been", "was": "hasn't been", "is": "isn't"}
_FORBIDS = re.compile(r"\b(?:never|not|cannot|no|\w+n['’]t)\b", re.I)
_HAS_EXCEPTION = re.compile(r"\b(?:before|until|unless|without)\b", re.I)
_PLAIN_ACTS = frozenset({"refunded", "charged", "emailed", "canceled", "cancelled"})


def find(view: TurnView) -> Iterator[Finding]:
    if view.conversation.facts:
        return  # what the agent knows came from outside the call's record: a tool may have done it there
    if not view.language.is_english:
        yield from _in_language(view, _tools_used(view))
        return
    for found in _CLAIM.finditer(view.turn.text) if _may_claim(view.turn.text) else ():
        tools, failed = _tools_used(view), _tools_failed(view)
        act = found["act"].lower().replace("-", "")
        if _NEGATED.search(view.turn.text[max(0, found.start() - 40) : found.end()]) or not _SAME_ACT.get(
            act, "cancel"
        ):
            continue
        doing = {tool for tool in tools if _does(tool, act)}
        if doing <= failed:
            how = "the tool for it failed" if doing else "no tool of that kind was called"
            yield Finding(
                check="done_claim",
                score=0.85,
                reason=f"the agent says {found.group()!r}, but {how}",
                is_sure=bool(doing) or act in _PLAIN_ACTS,  # of other acts a tool's name may say nothing
                evidence=(Evidence(found.group(), Status.NEVER_SAID),),
                correction=_correction(view, found),
            )


def _may_claim(text: str) -> bool:
    """Whether a text has the end of any act: a claim is slow to look for, and most turns have none."""
    low = text.lower()
    return "ed" in low or "paid" in low or "sent" in low or not text.isascii()


def _in_language(view: TurnView, tools: set[str]) -> Iterator[Finding]:
    """The same for the plain acts in another language, whose tools may have names in either."""
    for act, pattern in view.language.done.items():
        found = pattern.search(view.turn.text)
        if found is None or view.turn.text.rstrip().endswith("?") or _is_negated(view, found):
            continue
        own = view.language.acts.get(act, ())
        is_done = any(_does(tool, act) or any(word in tool.lower() for word in own) for tool in tools)
        if not is_done:
            yield Finding(
                check="done_claim",
                score=0.85,
                reason=f"the agent says {found.group()!r}, but no tool of that kind was called",
                evidence=(Evidence(found.group(), Status.NEVER_SAID),),
                correction=_correction_in(view, act),
            )


def _is_negated(view: TurnView, found: re.Match[str]) -> bool:
    """Whether a word right before the claim or in it turns it round; it is found by its English counterpart."""
    start = found.start() - _NEGATION_REACH
    near = [token.low for token in view.entry.tokens if start <= token.start < found.end()]
    return not _NEGATIONS.isdisjoint(near)


def _correction_in(view: TurnView, act: str) -> str:
    phrases = view.language.phrases
    if phrases is None:
        return ""
    return phrases.not_done_alone if _may_be_forbidden(view, act) else phrases.not_done


def _tools_used(view: TurnView) -> set[str]:
    used = {call.name for _, call in view.conversation.made_calls} | {call.name for call in view.turn.tool_calls}
    return used | {turn.tool_name for turn in view.conversation.turns if turn.role is Role.TOOL and turn.tool_name}


def _tools_failed(view: TurnView) -> set[str]:
    """Tools whose last result tells of a failure and which are not called again."""
    results = {turn.tool_name: turn for turn in view.history if turn.role is Role.TOOL and turn.tool_name}
    again = {call.name for call in view.turn.tool_calls}
    return {name for name, turn in results.items() if name not in again and not succeeded(turn)}


def _does(tool: str, act: str) -> bool:
    names = name_words(tool)
    wanted = _SAME_ACT.get(act, "cancel void delete remove").split()
    return any(is_akin(word, name) for word in [act, *wanted] for name in names)


def _correction(view: TurnView, found: re.Match[str]) -> str:
    """ "Sorry, I haven't cancelled your subscription yet. Shall I do that now?" """
    said = _not_yet(view.turn.text, found)
    if _may_be_forbidden(view, found["act"]):
        return f"Sorry, {said or 'that is not done'} yet."
    return f"Sorry, {said} yet. Shall I do that now?" if said else "Sorry, that isn't done yet. Shall I do it now?"


def _not_yet(text: str, found: re.Match[str]) -> str:
    act = found["act"].lower()
    if found["by"] is None:
        what = found["what"].strip()
        return f"{what[0].lower()}{what[1:]} {_NOT_YET[found['aux'].lower()]} {act}"
    after = _OBJECT.match(text, found.end())
    return f"I haven't {act} {after['object'].strip()}" if after is not None else ""


def _may_be_forbidden(view: TurnView, act: str) -> bool:
    """Whether a rule may forbid the act itself: then it must not be offered either."""
    return any(
        _FORBIDS.search(policy.text) and not _HAS_EXCEPTION.search(policy.text) and _is_about(policy.text, act.lower())
        for policy in view.policies
    )


def _is_about(text: str, act: str) -> bool:
    words = [token.low for token in tokenize(text)]
    acts = [act, *_SAME_ACT.get(act, "cancel").split()[:2]]
    return any(is_akin(one, word) for one in acts for word in words)
