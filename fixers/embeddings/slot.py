"""A prompt's place in a file's text, and the one way it is ever changed: text is put in, nothing is taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """``source[start:end]`` is how the prompt is written in the file; ``value`` what the agent's program reads.

    ``end`` lies before the white space at the prompt's end. ``encode`` turns text (with plain newlines) into how it
    is written inside the slot.
    """

    source: str
    value: str
    start: int
    end: int
    encode: Callable[[str], str]

    def insert(self, text: str, *, before: str = "") -> str | None:
        """Return the file with ``text`` put in at the prompt's end, or in front of ``before`` in the prompt.

        None when ``before`` is not written in the slot as it is read (it was split or escaped by hand).
        """
        at = self.source.rfind(before, self.start, self.end) if before else self.end
        if at < 0:
            return None
        return self.source[:at] + self.encode(text) + self.source[at:]


def newline_of(source: str) -> str:
    """Return the line ending that the file uses most; "\\n" for a file without any."""
    crlf = source.count("\r\n")
    return "\r\n" if crlf * 2 > source.count("\n") else "\n"


def rstrip_end(source: str, start: int, end: int, blanks: str = " \t\r\n") -> int:
    """Return ``end`` moved back over white space, never before ``start``."""
    while end > start and source[end - 1] in blanks:
        end -= 1
    return end
