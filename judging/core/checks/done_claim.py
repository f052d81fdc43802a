"""The agent says that something is done, and no tool did it in this call ("I have refunded you").

Only for acts that change something, and only when no call of this turn or before, and no result, could have done it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import name_words
from judging.core.grounding import is_akin
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_CLAIM = re.compile(
    r"\b(?:i(?:'ve| have)(?: just| now| already| successfully| gone ahead and)*|(?:your|"
    r"the) (?:\w+ ){1,3}(?:has been|have been|was|is)(?: now| successfully| already)*)\s+"
    r"(?P<act>booked|reserved|placed|ordered|cancel+ed|refunded|charged|paid|sent|e-?mailed|scheduled|"
    r"purchased|transferred|"
    r"processed|submitted|issued|updated|rescheduled|returned|exchanged|upgraded|activated|deactivated)\b"
    r"(?![^.!?]*\?)",
    re.I,
)
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

_PLAIN_ACTS = frozenset({"refunded", "charged", "emailed", "canceled", "cancelled"})


def find(view: TurnView) -> Iterator[Finding]:
    tools = _tools_used(view)
    if view.conversation.facts:
        return  # what the agent knows came from outside the call's record: a tool may have done it there
    for found in _CLAIM.finditer(view.turn.text):
        act = found["act"].lower().replace("-", "")
        if _NEGATED.search(view.turn.text[max(0, found.start() - 40) : found.end()]) or not _SAME_ACT.get(
            act, "cancel"
        ):
            continue
        if not any(_does(tool, act) for tool in tools):
            yield Finding(
                check="done_claim",
                score=0.85,
                reason=f"the agent says {found.group()!r}, but no tool of that kind was called",
                is_sure=act in _PLAIN_ACTS,  # of other acts a tool's name may say nothing
                evidence=(Evidence(found.group(), Status.NEVER_SAID),),
            )


def _tools_used(view: TurnView) -> set[str]:
    used = {call.name for _, call in view.conversation.made_calls} | {call.name for call in view.turn.tool_calls}
    return used | {turn.tool_name for turn in view.conversation.turns if turn.role is Role.TOOL and turn.tool_name}


def _does(tool: str, act: str) -> bool:
    names = name_words(tool)
    wanted = _SAME_ACT.get(act, "cancel void delete remove").split()
    return any(is_akin(word, name) for word in [act, *wanted] for name in names)
