"""A tool called although the customer said no to it: "Shall I cancel it now?", "No, wait."

Fires where the agent's last question was about the act of the tool, the answer opens with a no, and the answer asks for
nothing else that the call could serve.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import name_words
from judging.core.grounding import is_akin
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, sentence_at, stem
from judging.core.types import Evidence, Finding, GateDecision, Role, Status, ToolCall
from judging.core.view import TurnView

_LONGEST = 8  # words of an answer that only refuses
# Words of a refusal that ask for nothing.
_REFUSES = frozenset(
    "no nope nah not don't do dont wait stop keep leave it that this yet now please thanks thank you hold on sorry "
    "actually never mind nevermind cancel changed my mind i'd rather i you me just forget one moment second".split()
)
_ANY_TOOL = frozenset("get set do make run call tool order request".split())


def find(view: TurnView) -> Iterator[Finding]:
    asked, said = view.ledger.last(Role.AGENT), view.ledger.last(Role.CUSTOMER)
    if asked is None or said is None or said.position != asked.position + 1 or not _only_refuses(said):
        return
    question = _question(asked)
    for index, call in enumerate(view.turn.tool_calls):
        if question and _is_about(question, call):
            yield Finding(
                check="declined",
                score=0.95,
                reason=f"{call.name} is called, but the customer answered {said.text.strip()!r}",
                evidence=(Evidence(said.text.strip(), Status.GROUNDED, said.turn_index),),
                tool_call_index=index,
                gate=GateDecision.BLOCK,
                correction="All right, I won't do that.",
            )


def _only_refuses(said: Entry) -> bool:
    words = [token.low for token in said.tokens]
    is_short = said.is_no and not said.is_yes and len(words) <= _LONGEST
    return is_short and _REFUSES.issuperset(words)


def _question(asked: Entry) -> list[str]:
    """The stems of the agent's last question, when the turn ends with it."""
    text = asked.text.rstrip()
    if not text.endswith("?"):
        return []
    start = sentence_at(text, len(text) - 1)[0]
    words = [token.low for token in asked.tokens if token.start >= start]
    if any(word == "not" or word.endswith("n't") for word in words):
        return []  # a no to "wouldn't you like ...?" may mean either
    return [stem(word) for word in words if word not in STOP_WORDS]


def _is_about(question: list[str], call: ToolCall) -> bool:
    """Whether the question names the act of the tool: the first telling word of its name."""
    acts = [word for word in name_words(call.name) if word not in _ANY_TOOL]
    return bool(acts) and any(is_akin(acts[0], word) for word in question)
