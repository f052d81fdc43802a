"""The compiled form as JSON: what a tenant may write, and what is told of everything else."""

from __future__ import annotations

import pytest

from judging.core.compiled import Act, Clause, Compiled, Fact, Kind, Known, Span, Tool
from judging.core.errors import CompiledInvalid

ACT = {"act": "The agent promises a refund.", "span": "turn"}


def form(kind: str = "forbidden_act", **parts):
    return {"clauses": [{"kind": kind, "when": [ACT], **parts}]}


def test_a_tenants_form_is_read():
    value = {
        "version": 1,
        "made_by": "tenant",
        "may_stop": False,
        "clauses": [
            {
                "kind": "required_before",
                "sentence": "Ask first.",
                "when": [{"tool": "pay", "span": "turn"}, {"fact": "it is a weekday"}],
                "unless": [{"known": "details_confirmed"}, {"act": "The customer agrees.", "span": "earlier"}],
            }
        ],
    }
    expected = Clause(
        Kind.REQUIRED_BEFORE,
        (Tool("pay"), Fact("it is a weekday")),
        (Known.DETAILS_CONFIRMED, Act("The customer agrees.", Span.EARLIER)),
        "Ask first.",
    )
    assert Compiled.from_json(value) == Compiled((expected,), "tenant", may_stop=False)
    assert Compiled.from_json(value).as_json() == value


def test_only_kind_and_parts_have_to_be_given():
    assert Compiled.from_json({"clauses": [{"kind": "forbidden_act", "when": [{"act": ACT["act"]}]}]}) == Compiled(
        (Clause(Kind.FORBIDDEN_ACT, (Act(ACT["act"]),)),), "tenant"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "compiled: expected an object"),
        ([], "compiled: expected an object"),
        ({}, "compiled: 'clauses' is missing"),
        ({"clauses": []}, "clauses: expected at least one"),
        ({"clauses": {}}, "clauses: expected a list"),
        ({"clauses": [{}] * 21}, "clauses: expected at most 20"),
        ({**form(), "version": 2}, "version: expected 1"),
        ({**form(), "made_by": "me"}, "made_by: expected rules, model or tenant"),
        ({**form(), "may_stop": "yes"}, "may_stop: expected true or false"),
        (form(unless=[{"fact": "\ud800"}]), "clauses[0].unless[0].fact: expected a text of at most 400 characters"),
        (form(sentence="\0"), "clauses[0].sentence: expected a text of at most 2000 characters"),
        ({**form(), "more": 1}, "compiled: unknown field 'more'; known are clauses, made_by, may_stop, version"),
        (form("banned"), "clauses[0].kind: expected one of forbidden_act, forbidden_topic, required_act, "
         "required_before, condition, unreadable"),
        (form(why=1), "clauses[0]: unknown field 'why'; known are kind, sentence, unless, when"),
        (form(sentence=3), "clauses[0].sentence: expected a text of at most 2000 characters"),
        (form(when="x"), "clauses[0].when: expected a list"),
        (form(when=[ACT] * 9), "clauses[0].when: expected at most 8"),
        (form(when=[3]), "clauses[0].when[0]: expected an object with act, tool, known or fact"),
        (form(when=[{}]), "clauses[0].when[0]: expected exactly one of act, tool, known and fact"),
        (form(when=[{**ACT, "tool": "x"}]), "clauses[0].when[0]: expected exactly one of act, tool, known and fact"),
        (form(when=[{**ACT, "span": "soon"}]), "clauses[0].when[0].span: expected one of turn, earlier, call"),
        (form(unless=[{"known": "x"}]), "clauses[0].unless[0].known: expected one of details_confirmed, first_turn"),
        (form(unless=[{"fact": " "}]), "clauses[0].unless[0].fact: expected a text of at most 400 characters"),
        (form(unless=[{"fact": "x", "span": "turn"}]), "clauses[0].unless[0]: unknown field 'span'; known are fact"),
        (form(when=[]), "clauses[0]: forbidden_act needs an act of the agent or a tool in 'when', with span 'turn'"),
        (form("required_act"), "clauses[0]: required_act needs an act of the agent or a tool in 'unless'"),
        (form("required_before"), "clauses[0]: required_before needs an act of the agent or a tool in 'when' and what "
         "comes first in 'unless'"),
        (form("unreadable"), "clauses[0]: an unreadable clause has no parts"),
        ({"clauses": [{"kind": "condition"}]}, "clauses[0]: a clause needs at least one part"),
    ],
)  # fmt: skip
def test_any_other_form_is_refused_with_its_place(value, message):
    with pytest.raises(CompiledInvalid) as refused:
        Compiled.from_json(value)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("Promises a refund.", "must begin with 'The agent' or 'The customer'"),
        ("The agent promises a refund", "must be a whole sentence and end with a full stop"),
        ("The agent promises. It lies.", "must be one sentence"),
        ("The agent does not promise a refund.", "must say what is done"),
        ("The agent never lies.", "must say what is done"),
        ("The agent isn't polite.", "must say what is done"),
        ("The agent must apologise.", "must say what is done"),
    ],
)
def test_an_act_is_one_affirmative_sentence(act, message):
    with pytest.raises(CompiledInvalid, match=r"clauses\[0\]\.when\[0\]\.act: ") as refused:
        Compiled.from_json(form(when=[{"act": act}]))
    assert message in str(refused.value)
