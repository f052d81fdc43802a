"""Fences around what was said in a call, for prompts: nothing between them can end them or forge a line.

Each prompt has a code of its own, made of all that is fenced in it: who speaks in the call cannot know it beforehand.
A reply that names the code was written for this prompt; one that stands in the record already was put there by someone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from judging.core.types import Json

_FENCE = "⟦{name} {code}⟧\n{text}\n⟦/{name} {code}⟧"
_ANY_FENCE = re.compile(r"⟦(?P<name>\w+) (?P<code>\w+)⟧\n(?P<text>.*?)\n⟦/(?P=name) (?P=code)⟧", re.S)
_MARKS = str.maketrans({"⟦": "[", "⟧": "]", "〚": "[", "〛": "]", "⟬": "[", "⟭": "]", "\u2028": "\n", "\u2029": "\n"})
# Characters that show nothing and can hide or turn round what is read: controls, direction marks, tags. The joiners
# that some scripts need stay.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_MOST_OBJECTS = 200
_COMPARED = ("violation", "policy", "score", "reason")


def clean(text: str) -> str:
    """Text as data: without fence marks and hidden characters."""
    return _HIDDEN.sub("", text.translate(_MARKS))


def one_line(text: str) -> str:
    """Text on one line: a line break in it cannot pass for the next turn."""
    return " ".join(clean(text).split())


def code_of(*texts: str) -> str:
    """The code of a prompt over these texts; the same texts have the same one, so a backtest asks as the call did."""
    return hashlib.blake2s("\0".join(texts).encode(errors="surrogatepass"), digest_size=4).hexdigest()


def fenced(name: str, text: str, code: str) -> str:
    """Return text between marks that it cannot contain itself."""
    return _FENCE.format(name=name, text=clean(text) or "(nothing)", code=code)


def fence_text(name: str, content: str) -> str | None:
    """What stands in the named fence of a prompt; None where there is no such fence."""
    return next((found["text"] for found in _ANY_FENCE.finditer(content) if found["name"] == name), None)


def without_fence(name: str, content: str) -> str:
    return _ANY_FENCE.sub(lambda found: "" if found["name"] == name else found[0], content)


def is_planted(reply: Mapping[str, Json], messages: Sequence[Mapping[str, str]]) -> bool:
    """Whether a reply of these fields stands in the record that the messages fence."""
    wanted = _told(reply)
    data = [found["text"] for message in messages for found in _ANY_FENCE.finditer(message["content"])]
    return any(_told(found) == wanted for text in data for found in _objects(text))


def _told(reply: Mapping[str, Json]) -> list[Json]:
    told = [reply.get(name) for name in _COMPARED]
    return [one_line(one) if isinstance(one, str) else one for one in told]


def _objects(text: str) -> Iterator[dict[str, Json]]:
    """The JSON objects in a text, also those within JSON strings."""
    decoder = json.JSONDecoder()
    for plain in (text, text.replace("\\n", " ").replace('\\\\"', '"').replace('\\"', '"')):
        starts = [found.start() for found in re.finditer(r"\{", plain)][:_MOST_OBJECTS]
        for start in starts:
            try:
                found, _ = decoder.raw_decode(plain, start)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield found
