"""A compiled form as the fields of an HTML form, and back. Pure.

Every list of parts is shown with one empty row: filling it adds a part, emptying a row takes it away. A field's name
says its place: ``c0-when-1-text`` is the text of the second part of the first clause's ``when``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judging.core.compiled import (
    ANY_TOOL,
    CHANGING_TOOL,
    MAX_CHARS,
    MAX_CLAUSES,
    MAX_PARTS,
    Act,
    Clause,
    Compiled,
    Fact,
    Kind,
    Known,
    Part,
    Span,
    Tool,
    act_problem,
)
from judging.core.errors import CompiledInvalid
from judging.core.rules import compact_name

SIDES = ("when", "unless")
_ACT, _TOOL, _FACT = "act", "tool", "fact"
SHAPES: Sequence[tuple[str, str]] = (
    (_ACT, "Act"),
    (_TOOL, "Tool is called"),
    (Known.DETAILS_CONFIRMED.value, "Details were confirmed"),
    (Known.FIRST_TURN.value, "Agent's first turn"),
    (_FACT, "Fact outside the call"),
)
SPANS: Sequence[tuple[str, str]] = (
    (Span.TURN.value, "this turn"),
    (Span.EARLIER.value, "earlier in call"),
    (Span.CALL.value, "anywhere in call"),
)
KINDS: Sequence[tuple[str, str]] = (
    (Kind.FORBIDDEN_ACT.value, "Forbidden act"),
    (Kind.FORBIDDEN_TOPIC.value, "Forbidden topic"),
    (Kind.REQUIRED_ACT.value, "Required act"),
    (Kind.REQUIRED_BEFORE.value, "Required first"),
    (Kind.CONDITION.value, "Condition"),
    (Kind.UNREADABLE.value, "Not asked"),
)
_NEEDED: Mapping[Kind, str] = {
    Kind.FORBIDDEN_ACT: "Name what is forbidden: an act of the agent or a tool, in this turn, under 'Broken when'.",
    Kind.FORBIDDEN_TOPIC: "Name what is forbidden: an act of the agent or a tool, in this turn, under 'Broken when'.",
    Kind.REQUIRED_ACT: "Name what is required: an act of the agent or a tool, under 'Unless'.",
    Kind.REQUIRED_BEFORE: "Name what comes later, an act of the agent or a tool in this turn, under 'Broken when', "
    "and what has to come first under 'Unless'.",
}
_EMPTY = "Name at least one thing, or choose 'Not asked'."


@dataclass
class PartRow:
    shape: str = _ACT
    text: str = ""
    span: str = Span.TURN.value
    error: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: an empty row is no part."""
        return not self.text.strip() and self.shape in (_ACT, _TOOL, _FACT)

    def as_json(self) -> dict[str, str]:
        if self.shape in (_ACT, _TOOL):
            return {self.shape: self.text, "span": self.span}
        return {_FACT: self.text} if self.shape == _FACT else {"known": self.shape}


@dataclass
class ClauseRows:
    kind: str = Kind.FORBIDDEN_ACT.value
    sentence: str = ""
    when: list[PartRow] = field(default_factory=list)
    unless: list[PartRow] = field(default_factory=list)
    error: str = ""

    @property
    def sides(self) -> Iterator[tuple[str, list[PartRow]]]:
        """Each list by its name, with the empty row that takes a new part."""
        for side, rows in (("when", self.when), ("unless", self.unless)):
            yield side, rows if len(rows) >= MAX_PARTS else [*rows, _new_row(side)]

    @property
    def is_asked(self) -> bool:
        return self.kind != Kind.UNREADABLE.value

    def as_json(self) -> dict[str, Any]:
        parts = {side: [row.as_json() for row in getattr(self, side)] if self.is_asked else [] for side in SIDES}
        return {"kind": self.kind, "sentence": self.sentence, **parts}


@dataclass
class ReadingForm:
    """``error`` is about the form as a whole; errors of clauses and parts stand with them."""

    clauses: list[ClauseRows]
    may_stop: bool = True
    error: str = ""

    def check(self, tools: Sequence[str], *, is_new_tool_fine: bool) -> Compiled | None:
        """Return the form that is meant; None where something is wrong, which then stands where it is wrong.

        ``tools`` are those known of the agent; another is refused unless ``is_new_tool_fine``.
        """
        for clause in self.clauses:
            _clause_check(clause, [] if is_new_tool_fine else tools)
        if not self.clauses:
            self.error = "A rule needs at least one clause. Choose 'Not asked' to ask nothing of the classifier."
        if self.has_errors:
            return None
        found = self.meant()
        if found is None:  # what the fields of a browser cannot say
            self.error = "This is no form that a rule can have."
        return found

    def meant(self) -> Compiled | None:
        """The form that is meant; None where something is wrong with it."""
        try:
            return Compiled.from_json(
                {"may_stop": self.may_stop, "clauses": [clause.as_json() for clause in self.clauses]}
            )
        except CompiledInvalid:
            return None

    @property
    def has_errors(self) -> bool:
        return bool(self.error) or any(
            clause.error or any(row.error for row in (*clause.when, *clause.unless)) for clause in self.clauses
        )

    @property
    def has_unknown_tool(self) -> bool:
        return any(
            row.shape == _TOOL and row.error for clause in self.clauses for row in (*clause.when, *clause.unless)
        )


def form_of(compiled: Compiled) -> ReadingForm:
    return ReadingForm([_clause_rows(clause) for clause in compiled.clauses], compiled.may_stop)


def form_read(data: Mapping[str, str]) -> ReadingForm:
    """Read the fields as a browser sends them; what is missing or of no known value is taken as empty or the first."""
    count = _number(data.get("clauses", "0"))
    clauses = [_clause_read(data, at) for at in range(min(count, MAX_CLAUSES))]
    return ReadingForm(clauses, data.get("may_stop", "") == "yes")


def _clause_rows(clause: Clause) -> ClauseRows:
    return ClauseRows(
        clause.kind.value,
        clause.sentence,
        [_row(part) for part in clause.when],
        [_row(part) for part in clause.unless],
    )


def _row(part: Part) -> PartRow:
    if isinstance(part, Act):
        return PartRow(_ACT, part.text, part.span.value)
    if isinstance(part, Tool):
        return PartRow(_TOOL, part.name, part.span.value)
    return PartRow(_FACT, part.text) if isinstance(part, Fact) else PartRow(part.value)


def _new_row(side: str) -> PartRow:
    # What excuses a turn has mostly come before it.
    return PartRow(span=Span.CALL.value if side == "unless" else Span.TURN.value)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _clause_read(data: Mapping[str, str], at: int) -> ClauseRows:
    when, unless = ([row for row in _rows_read(data, f"c{at}-{side}") if not row.is_empty] for side in SIDES)
    kind = _one_of(KINDS, data.get(f"c{at}-kind", ""))
    return ClauseRows(kind, data.get(f"c{at}-sentence", "")[:2_000], when, unless)


def _rows_read(data: Mapping[str, str], name: str) -> Iterator[PartRow]:
    for row in range(MAX_PARTS):
        shape, text = _one_of(SHAPES, data.get(f"{name}-{row}-shape", "")), data.get(f"{name}-{row}-text", "")
        text = " ".join(text.split())
        span = _one_of(SPANS, data.get(f"{name}-{row}-span", ""))
        yield PartRow(shape, _tidy(text) if shape == _ACT else text, span)


def _one_of(choices: Sequence[tuple[str, str]], value: str) -> str:
    return value if any(value == known for known, _ in choices) else choices[0][0]


def _tidy(act: str) -> str:
    """An act as it has to be written, where only the capital or the full stop is missing."""
    act = f"T{act[1:]}" if act.startswith(("the agent ", "the customer ")) else act
    return f"{act}." if act and act[-1] not in ".!?" else act


def _clause_check(clause: ClauseRows, tools: Sequence[str]) -> None:
    if not clause.is_asked:
        return
    for row in (*clause.when, *clause.unless):
        row.error = _row_problem(row, tools)
    if any(row.error for row in (*clause.when, *clause.unless)):
        return
    if not clause.when and not clause.unless:
        clause.error = _NEEDED.get(Kind(clause.kind), _EMPTY)
        return
    try:
        Compiled.from_json({"clauses": [clause.as_json()]})
    except CompiledInvalid as error:
        place, _, told = str(error).partition(": ")
        is_lacking = place == "clauses[0]"
        clause.error = _NEEDED.get(Kind(clause.kind), _EMPTY) if is_lacking else f"{told[0].upper()}{told[1:]}."


def _row_problem(row: PartRow, tools: Sequence[str]) -> str:
    if len(row.text) > MAX_CHARS:
        return f"Must have at most {MAX_CHARS} characters."
    if row.shape == _ACT and (wrong := act_problem(row.text)):
        return f"{wrong[0].upper()}{wrong[1:]}."
    if row.shape == _TOOL and tools and not _is_known(row.text, tools):
        return f"No tool {row.text!r} is known of this agent. Known: {', '.join(tools[:12])}."
    return ""


def _is_known(name: str, tools: Sequence[str]) -> bool:
    return name in (ANY_TOOL, CHANGING_TOOL) or any(compact_name(name) == compact_name(tool) for tool in tools)
