"""A unified diff as rows with line numbers, for the console."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class DiffRow:
    """``kind`` is ``hunk``, ``add``, ``remove``, ``same`` or ``note``. A number is None where that side lacks it."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    rows: tuple[DiffRow, ...]

    @property
    def added(self) -> int:
        return sum(1 for row in self.rows if row.kind == "add")

    @property
    def removed(self) -> int:
        return sum(1 for row in self.rows if row.kind == "remove")


def change_read(diff: str) -> Change:
    """Read the diff of one file. File heads are left out: the page names the file.

    A text without hunks is no diff and gives no rows.
    """
    rows: list[DiffRow] = []
    old = new = 0
    # Only a line feed ends a line of a diff; a form feed inside a prompt does not.
    for line in diff.removesuffix("\n").split("\n"):
        if hunk := _HUNK.match(line):
            old, new = int(hunk[1]), int(hunk[2])
            rows.append(DiffRow("hunk", line))
        elif not rows:
            continue
        elif line.startswith("\\"):
            rows.append(DiffRow("note", line[1:].strip()))
        else:
            row = _row(line, old, new)
            rows.append(row)
            old, new = old + (row.old is not None), new + (row.new is not None)
    return Change(tuple(rows))


def _row(line: str, old: int, new: int) -> DiffRow:
    if line.startswith("+"):
        return DiffRow("add", line[1:], None, new)
    if line.startswith("-"):
        return DiffRow("remove", line[1:], old, None)
    return DiffRow("same", line[1:], old, new)
