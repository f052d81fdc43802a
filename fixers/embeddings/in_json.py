"""A string in a JSON file, by key path: ``agents.0.prompt``. Document: RFC 8259."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]  # the decoder's own, not in its stub

from fixers.embeddings.slot import Slot
from fixers.errors import PromptNotLocated

_BLANK = re.compile(r"[ \t\n\r]*")


def slot(source: str, name: str) -> Slot:
    """Raises: PromptNotLocated: not JSON, no such path, a key given twice, or not a string."""
    start = 1 if source.startswith("\ufeff") else 0
    try:
        json.loads(source[start:])
        at = _find(source, _blank(source, start), name.split("."))
    except (ValueError, RecursionError) as error:
        raise PromptNotLocated(f"the file is not valid JSON: {error}") from error
    if source[at] != '"':
        raise PromptNotLocated(f"{name} is not a string")
    value, end = scanstring(source, at + 1)
    content = source[at + 1 : end - 1]
    return Slot(source, value, at + 1, at + 1 + len(_rstripped(content)), _encoder(is_ascii=source.isascii()))


def _find(source: str, at: int, path: list[str]) -> int:
    """Return where the value at the path begins."""
    if not path:
        return at
    children = _members(source, at) if source[at] == "{" else _items(source, at) if source[at] == "[" else []
    found = [place for key, place in children if key == path[0]]
    if len(found) != 1:
        raise PromptNotLocated(f"{path[0]} is {'not there' if not found else 'given twice'}")
    return _find(source, found[0], path[1:])


def _members(source: str, at: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    at = _blank(source, at + 1)
    while source[at] != "}":
        key, at = scanstring(source, at + 1)
        at = _blank(source, _blank(source, at) + 1)
        found.append((key, at))
        at = _next(source, at)
    return found


def _items(source: str, at: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    at = _blank(source, at + 1)
    while source[at] != "]":
        found.append((str(len(found)), at))
        at = _next(source, at)
    return found


def _next(source: str, at: int) -> int:
    """Return where the next member begins, or the closing bracket stands."""
    _, at = json.JSONDecoder().raw_decode(source, at)
    at = _blank(source, at)
    return _blank(source, at + 1) if source[at] == "," else at


def _blank(source: str, at: int) -> int:
    found = _BLANK.match(source, at)
    return found.end() if found else at


def _rstripped(content: str) -> str:
    """Cut white space at the end, also where it is written as ``\\n``; a doubled backslash is no such thing."""
    while True:
        shorter = content.rstrip(" ")
        escape = re.search(r"(?<!\\)((?:\\\\)*)\\[nrt]$", shorter)
        if escape:
            shorter = shorter[:-2]
        if shorter == content:
            return content
        content = shorter


def _encoder(*, is_ascii: bool) -> Callable[[str], str]:
    def encode(text: str) -> str:
        return json.dumps(text, ensure_ascii=is_ascii)[1:-1]

    return encode
