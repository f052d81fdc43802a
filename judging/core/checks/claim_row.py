"""Values of different results told as those of one ("the Mill is 2 miles away", where the Inn is, and the Mill 5).

Only where the results are rows of the same fields, and where the turn has one value of each field that it speaks of.
Also an answer about another row than the one that was asked about. Measured with ``claim_field``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from judging.core.arguments import Shape
from judging.core.checks.claim import is_laid_out
from judging.core.ledger import Entry
from judging.core.records import Row
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_name

_MOST_ROWS = 24
_SPOKEN = frozenset({Shape.TEXT, Shape.NUMBER, Shape.DATE, Shape.TIME})
_TURNS_AWAY = re.compile(
    r"\?|\b(?:not|isn['’]t|aren['’]t|don['’]t|doesn['’]t|but|however|instead|unless|if|or|other|another|also|both|either|"
    r"alternat\w*|avoid\w*|while|though|although|than)\b",
    re.I,
)
_LOOKS_ELSEWHERE = re.compile(
    r"\b(?:no|not|other|others|another|else|different|instead|next|more|any|anything|some|somewhere|which|find|search|look|"
    r"thanks?|also|need|want|\w{3,}er|\w{3,}est)\b|n['’]t\b",
    re.I,
)


def find(view: TurnView) -> Iterator[Finding]:
    is_open = _TURNS_AWAY.search(view.turn.text) or is_laid_out(view.turn.text)
    rows = [] if is_open or not view.is_english else _like_rows(view)
    if len(rows) < 2:
        return
    stated = _stated(view.entry, rows)
    subject = _subject(view, rows)
    other = next((path for path in subject if stated.get(path, subject[path]) != subject[path]), "")
    if other:
        if _is_own(rows, other, stated[other]) and subject[other] not in view.entry.line:
            yield _other_thing(stated[other], subject[other])
        return
    stated = {**subject, **stated} if stated else {}
    if len(stated) < 2 or any(_fits(row, stated) for row in rows):
        return
    clash = _clash(view, [row for row in rows if _fits(row, subject)] or rows, stated)
    if clash is not None:
        yield clash


def _like_rows(view: TurnView) -> list[Row]:
    """Rows with the fields of the newest one."""
    rows = [row for entry in view.results for row in entry.rows[:_MOST_ROWS]][:_MOST_ROWS]
    if len(rows) < 2:
        return []
    names = {field.path for field in rows[0]}
    return [row for row in rows if names <= {field.path for field in row}]


def _stated(entry: Entry, rows: Sequence[Row]) -> dict[str, str]:
    """The one value of each field that a turn has; nothing where it has two of one field."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for field in row:
            if field.shape in _SPOKEN and field.line in entry.line:
                found.setdefault(field.path, set()).add(field.line)
    longest = {path: _without_parts(lines) for path, lines in found.items()}
    return {} if any(len(lines) > 1 for lines in longest.values()) else {p: lines.pop() for p, lines in longest.items()}


def _without_parts(lines: set[str]) -> set[str]:
    return {line for line in lines if not any(line != other and line in other for other in lines)}


def _subject(view: TurnView, rows: Sequence[Row]) -> dict[str, str]:
    """What the last exchange named that is one row's alone: the customer's word, else the agent's before it."""
    for entry in reversed(view.ledger.entries[-2:]):
        if entry.role is Role.TOOL or (entry.role is Role.CUSTOMER and _LOOKS_ELSEWHERE.search(entry.text)):
            return {}
        named = {path: line for path, line in _stated(entry, rows).items() if _is_own(rows, path, line)}
        if named or (entry.role is Role.CUSTOMER and _stated(entry, rows)):
            return named
    return {}


def _other_thing(said: str, meant: str) -> Finding:
    return Finding(
        check="contradicted_claim",
        score=0.9,
        reason=f"the agent speaks of {said.strip()!r}, but the conversation is about {meant.strip()!r}",
        evidence=(Evidence(said.strip(), Status.NEVER_SAID, None, "", meant.strip()),),
    )


def _is_own(rows: Sequence[Row], path: str, line: str) -> bool:
    """Whether a value names one row: no two rows have the same value there."""
    lines = [field.line for row in rows for field in row if field.path == path]
    return line in lines and len(set(lines)) == len(lines)


def _fits(row: Row, stated: Mapping[str, str]) -> bool:
    values = {field.path: field.line for field in row}
    return all(values[path] == line for path, line in stated.items() if path in values)


def _clash(view: TurnView, rows: Sequence[Row], stated: Mapping[str, str]) -> Finding | None:
    """The finding about a value that nobody but the agent said, of the row that fits the rest best."""
    asked = [entry.line for entry in view.ledger.entries if entry.role is Role.CUSTOMER]
    best = max(rows, key=lambda row: sum(_fits(row, {path: line}) for path, line in stated.items()))
    for field in best:
        said = stated.get(field.path, field.line)
        if said != field.line and said in view.entry.line and not any(said in line for line in asked):
            return Finding(
                check="contradicted_claim",
                score=0.9,
                reason=f"the agent says {said.strip()!r}; that result has {spoken_name(field.path)} {field.value!r}",
                evidence=(Evidence(said.strip(), Status.NEVER_SAID, None, field.path, field.value),),
            )
    return None
