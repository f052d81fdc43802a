"""A string in a TOML file, by key path. Document: TOML v1.0.0, "String".

The reader of the standard library tells no positions. So each place where the key may be assigned is tried: the one
where another string changes just the value at the path is the prompt's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fixers.embeddings.slot import Slot, newline_of, rstrip_end
from fixers.errors import PatchConflict, PromptNotLocated

_PROBE = "mirror-looks-for-the-prompt-here"
_LITERALS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"""(?!")', re.DOTALL),
    re.compile(r"'''.*?'''(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def slot(source: str, name: str) -> Slot:
    """Raises: PromptNotLocated: not TOML, no such path, or not a string."""
    path = name.split(".")
    data = _load(source)
    value = _value(data, path)
    if not isinstance(value, str):
        raise PromptNotLocated(f"{name} is not a string")
    for start, end in _candidates(source, path[-1]):
        if _is_it(source, start, end, path, data):
            return _slot(source, value, start, end)
    raise PromptNotLocated(f"{name} is written in a way that cannot be changed in place")


def _candidates(source: str, key: str) -> Iterator[tuple[int, int]]:
    assigned = re.compile(rf"""(?<![\w\-])(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')[ \t]*=[ \t]*""")
    for found in assigned.finditer(source):
        for literal in _LITERALS:
            matched = literal.match(source, found.end())
            if matched:
                yield matched.start(), matched.end()
                break


def _is_it(source: str, start: int, end: int, path: Sequence[str], data: Any) -> bool:
    try:
        probed = _load(f'{source[:start]}"{_PROBE}"{source[end:]}')
    except PromptNotLocated:
        return False
    return bool(_value(probed, path) == _PROBE and _without(probed, path) == _without(data, path))


def _slot(source: str, value: str, start: int, end: int) -> Slot:
    quote = source[start : start + 3] if source[start : start + 3] in ('"""', "'''") else source[start]
    content_end = end - len(quote)
    if len(quote) == 3:
        stripped = rstrip_end(source, start + 3, content_end)
        content_end = content_end if source[stripped - 1] == "\\" else stripped
    return Slot(source, value, start + len(quote), content_end, _encoder(quote, newline_of(source)))


def _encoder(quote: str, newline: str) -> Callable[[str], str]:
    def encode(text: str) -> str:
        if quote[0] == "'":
            if quote in text or (len(quote) == 1 and "\n" in text):
                raise PatchConflict("the prompt is a literal TOML string that cannot hold the rule")
        else:
            text = text.replace("\\", "\\\\").replace(quote, "\\" + "\\".join(quote))
        return text.replace("\n", newline if len(quote) == 3 else "\\n")

    return encode


def _load(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PromptNotLocated(f"the file is not valid TOML: {error}") from error


def _value(data: Any, path: Sequence[str]) -> Any:
    for key in path:
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            raise PromptNotLocated(f"{'.'.join(path)} is not there")
    return data


def _without(data: Any, path: Sequence[str]) -> Any:
    """Return the data with None at the path."""
    if not path:
        return None
    if isinstance(data, list):
        return [_without(item, path[1:]) if str(index) == path[0] else item for index, item in enumerate(data)]
    return {key: _without(item, path[1:]) if key == path[0] else item for key, item in data.items()}
