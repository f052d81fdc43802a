"""Where the prompt lives in a file.

``embedding`` is ``whole``, ``python:NAME``, ``yaml:key.path``, ``json:key.path`` or ``toml:key.path``.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from fixers.embeddings import in_json, in_python, in_toml, in_whole, in_yaml
from fixers.embeddings.slot import Slot
from fixers.errors import FileRefused, PromptNotLocated

MAX_FILE_BYTES = 512 * 1024  # a prompt file is text that people read

_FINDERS: Mapping[str, Callable[[str, str], Slot]] = {
    "whole": in_whole.slot,
    "python": in_python.slot,
    "yaml": in_yaml.slot,
    "json": in_json.slot,
    "toml": in_toml.slot,
}


def locate(source: str, embedding: str) -> Slot:
    """Return the prompt's place in the file's text.

    Raises:
        PromptNotLocated: the file does not hold a prompt there; the message says what was found instead.
    """
    kind, _, name = embedding.partition(":")
    finder = _FINDERS.get(kind)
    if finder is None or bool(name) == (kind == "whole"):
        raise PromptNotLocated(f"{embedding!r} is no known embedding")
    return finder(source, name)


def decode(raw: bytes, embedding: str) -> tuple[str, str]:
    """Return the file's text, line endings as they are, and its encoding (a byte order mark stays in the text).

    Raises:
        FileRefused: too large, or not text.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise FileRefused(f"the file has more than {MAX_FILE_BYTES // 1024} KiB")
    try:
        encoding = _python_encoding(raw) if embedding.startswith("python:") else "utf-8"
        text = raw.decode(encoding)
    except (UnicodeDecodeError, SyntaxError, LookupError) as error:
        raise FileRefused("the file is not text in a known encoding") from error
    if "\0" in text:
        raise FileRefused("the file is not text")
    return text, encoding


def _python_encoding(raw: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def check_path(path: str) -> str:
    """Return a repository path that is safe to touch: relative, without ``..``, ``.git`` or odd characters.

    Raises:
        FileRefused: anything else.
    """
    parts = PurePosixPath(path).parts
    is_odd = any(ord(char) < 32 or char in '\\:*?"<>|' for char in path)
    if not parts or path.startswith("/") or is_odd or path != "/".join(parts):
        raise FileRefused(f"{path!r} is no plain path inside the repository")
    if any(part in ("..", ".") or part.lower() == ".git" for part in parts):
        raise FileRefused(f"{path!r} leaves the repository's own files")
    return path
