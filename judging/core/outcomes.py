"""Whether a tool's result says that it did what it was asked, and the value that it gave."""

from __future__ import annotations

import re

from judging.core.records import rows_of
from judging.core.types import Turn

# A pair of a state and a value, as some tools write it.
_PAIR = re.compile(r"\((?:True|False),\s*(?P<value>.*)\)", re.S)
_FAILED = re.compile(
    r"\W*(?:false|none|null|no|error\b.*|fail\w*\b.*|denied\b.*|invalid\b.*|timeout\b.*)\W*", re.I | re.S
)
_STATES = frozenset("success successful succeeded ok valid verified authenticated".split())
_BAD = frozenset("false failed failure error denied declined rejected".split())


def succeeded(turn: Turn) -> bool:
    """Whether a result does not speak of a failure."""
    fields = [field for row in rows_of(turn.text, turn.result) for field in row]
    if not fields:
        return _FAILED.fullmatch(value_of(turn)) is None
    for field in fields:
        is_state = field.words == ("status",) or not _STATES.isdisjoint(field.words)
        if (is_state and field.value.lower() in _BAD) or (field.words[:1] == ("error",) and field.value):
            return False
    return True


def value_of(turn: Turn) -> str:
    """A result's text, of a pair the value alone."""
    found = _PAIR.fullmatch(turn.text.strip())
    return (found["value"] if found is not None else turn.text).strip()
