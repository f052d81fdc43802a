"""A unified diff as rows with line numbers, for the console."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$")
_FILE_HEADS = ("--- ", "+++ ", "diff ", "index ")


@dataclass(frozen=True, slots=True)
class DiffRow:
    """``kind`` is ``hunk``, ``add``, ``remove``, ``same`` or ``note``. A number is None on the side without the line."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


def diff_rows(diff: str) -> list[DiffRow]:
    """Return the rows of the diff of one file. File heads are left out: the page names the file."""
    rows: list[DiffRow] = []
    old = new = 0
    for line in diff.splitlines():
        if hunk := _HUNK.match(line):
            old, new = int(hunk[1]), int(hunk[2])
            rows.append(DiffRow("hunk", line))
        elif not rows and line.startswith(_FILE_HEADS):
            continue
        elif line.startswith("+"):
            rows.append(DiffRow("add", line[1:], None, new))
            new += 1
        elif line.startswith("-"):
            rows.append(DiffRow("remove", line[1:], old, None))
            old += 1
        elif line.startswith("\\"):
            rows.append(DiffRow("note", line[1:].strip()))
        else:
            rows.append(DiffRow("same", line[1:], old, new))
            old, new = old + 1, new + 1
    return rows
