"""Text that others wrote, made safe for the Markdown of a pull request.

On GitHub and GitLab words do things: ``@name`` notifies, ``#1`` links, ``fixes #1`` closes, ``/close`` at the start of
a line is a command. What a caller said must do none of these.
"""

from __future__ import annotations

import html
import re

_SIGIL = re.compile(r"([@#!%&~$])(?=[\w\[{\"'])")
_SCHEME = re.compile(r":(?=//)")
_WWW = re.compile(r"\bwww(?=\.)", re.IGNORECASE)
_GH = re.compile(r"\bGH(?=-\d)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+|~$^])")
_BREAK = "\u200b"  # no width, and no word: what stands before and after it is not read together


def inert(text: str, *, length: int = 400) -> str:
    """Return the text on one line, reading the same and doing nothing. Not for the start of a line: see ``quoted``."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(text) > length:
        text = f"{text[: length - 1].rstrip()}…"
    text = _SIGIL.sub(rf"\1{_BREAK}", text)
    text = _SCHEME.sub(f":{_BREAK}", text)
    text = _GH.sub(rf"\g<0>{_BREAK}", _WWW.sub(rf"\g<0>{_BREAK}", text))
    return _PUNCTUATION.sub(r"\\\1", html.escape(text, quote=False))


def quoted(text: str, *, length: int = 400) -> str:
    """Return the inert text in quotation marks, so that no list, heading or command begins with it."""
    return f"“{inert(text, length=length)}”"
