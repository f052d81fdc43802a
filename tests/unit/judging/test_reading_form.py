"""The form of a rule in the console: what a browser sends, what is meant by it, and what is told of mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import compile_policy
from judging.core.compiled import Act, Clause, Compiled, Fact, Kind, Known, Span, Tool
from judging.reading_form import KINDS, SHAPES, SPANS, form_of, form_read
from tests.unit.judging.test_compiling import WORDS

PROMISE = {"clauses": "1", "may_stop": "yes", "c0-kind": "forbidden_act", "c0-when-0-text": "The agent promises more."}


def fields_of(compiled: Compiled) -> dict[str, str]:
    """What a browser sends of a page that shows ``compiled``, empty rows included."""
    form = form_of(compiled)
    sent = {"clauses": str(len(form.clauses)), **({"may_stop": "yes"} if form.may_stop else {})}
    for at, clause in enumerate(form.clauses):
        sent |= {f"c{at}-kind": clause.kind, f"c{at}-sentence": clause.sentence}
        for side, rows in clause.sides:
            for place, row in enumerate(rows):
                name = f"c{at}-{side}-{place}"
                sent |= {f"{name}-shape": row.shape, f"{name}-text": row.text, f"{name}-span": row.span}
    return sent


def read(tools: tuple[str, ...] = (), *, new: bool = False, **sent: str):
    names = {name: name.replace("_", "-") if name.startswith("c0_") else name for name in sent}
    form = form_read({**PROMISE, **{names[name]: value for name, value in sent.items()}})
    return form, form.check(tools, is_new_tool_fine=new)


def errors_of(form) -> list[str]:
    rows = [row.error for clause in form.clauses for row in (*clause.when, *clause.unless)]
    return [error for error in (form.error, *(clause.error for clause in form.clauses), *rows) if error]


EVERYTHING = Compiled(
    (
        Clause(
            Kind.REQUIRED_BEFORE,
            (Tool("pay"), Act("The customer is angry.", Span.EARLIER), Fact("it is a weekday")),
            (Known.DETAILS_CONFIRMED, Known.FIRST_TURN, Act("The agent asks for a yes.", Span.CALL)),
            "Ask first.",
        ),
        Clause(Kind.UNREADABLE, sentence="Five at most."),
    ),
    "tenant",
    may_stop=False,
)


def test_a_page_sent_back_as_it_was_means_what_it_showed():
    form = form_read(fields_of(EVERYTHING))
    assert (form.check(["pay"], is_new_tool_fine=False), errors_of(form)) == (EVERYTHING, [])


@given(WORDS)
def test_any_rules_reading_survives_the_page(text):
    compiled = compile_policy(text)
    found = form_read(fields_of(compiled)).check([], is_new_tool_fine=True)
    assert found is not None
    # A browser joins what stood on two lines.
    assert [clause.kind for clause in found.clauses] == [clause.kind for clause in compiled.clauses]
    assert found.acts == compiled.acts


def test_an_empty_row_is_no_part_and_an_emptied_one_is_taken_away():
    _, found = read(c0_when_1_text="  ", c0_when_1_shape="fact", c0_unless_0_text="")
    assert found == Compiled((Clause(Kind.FORBIDDEN_ACT, (Act("The agent promises more."),)),), "tenant")


def test_a_missing_capital_and_full_stop_are_put_in():
    _, found = read(c0_when_0_text="the agent  promises more")
    assert found is not None
    assert found.acts == ("The agent promises more.",)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"c0_when_0_text": "Promises more."}, "Must begin with 'The agent' or 'The customer'."),
        ({"c0_when_0_text": "The caller is angry."}, "Must begin with 'The agent' or 'The customer'."),
        ({"c0_when_0_text": "The agent promises. It lies."}, "Must be one sentence."),
        ({"c0_when_0_text": "The agent never lies."}, "Must say what is done"),
        ({"c0_when_0_text": f"The agent says {'x' * 400}."}, "Must have at most 400 characters."),
        ({"c0_when_0_shape": "tool", "c0_when_0_text": "fly"}, "No tool 'fly' is known of this agent. Known: pay"),
        ({"c0_when_0_span": "earlier"}, "Name what is forbidden"),
        ({"c0_when_0_text": ""}, "Name what is forbidden"),
        ({"c0_kind": "required_act"}, "Name what is required"),
        ({"c0_kind": "required_before"}, "Name what comes later"),
        ({"c0_kind": "condition", "c0_when_0_text": ""}, "Name at least one thing"),
        ({"clauses": "0"}, "A rule needs at least one clause"),
        ({"c0_when_0_text": "The agent \ud800 waits."}, "Expected a text of at most 400 characters."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(sent, told):
    form, found = read(("pay", "ship"), **sent)
    assert found is None
    assert [error.startswith(told) for error in errors_of(form)] == [True]


def test_every_mistake_is_told_at_once():
    form, _ = read(c0_when_0_text="Lies.", c0_unless_0_text="Truth.")
    assert len(errors_of(form)) == 2


@pytest.mark.parametrize("name", ["pay", "Pay", "PAY_", "*", "*change*"])
def test_a_known_tool_is_taken_however_it_is_written(name):
    assert read(("pay",), c0_when_0_shape="tool", c0_when_0_text=name)[1] is not None


def test_a_tool_that_was_never_called_is_taken_when_the_tenant_says_so():
    form, _ = read(("pay",), c0_when_0_shape="tool", c0_when_0_text="fly")
    assert form.has_unknown_tool
    assert read(("pay",), new=True, c0_when_0_shape="tool", c0_when_0_text="fly")[1] is not None


def test_what_is_not_asked_has_no_parts():
    _, found = read(c0_kind="unreadable")
    assert found == Compiled((Clause(Kind.UNREADABLE),), "tenant")


NAMES = st.sampled_from(["clauses", "may_stop", *(f"c{at}-{name}" for at in range(3) for name in (
    "kind", "sentence", "when-0-text", "when-0-shape", "unless-7-text", "unless-7-span"))])  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([value for value, _ in (*KINDS, *SHAPES, *SPANS)]),
    st.sampled_from(["1", "2", "99", "-1", "²", "The agent waits."]),
)


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_is_sent_is_a_form_or_a_mistake_that_is_told(sent):
    form = form_read(sent)
    found = form.check(["pay"], is_new_tool_fine=False)
    assert (found is None) == form.has_errors
    assert (found is None) == bool(errors_of(form))
