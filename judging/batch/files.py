"""Lines in and out: plain, ``.gz``, and ``-`` for stdin and stdout. Nothing is held but one chunk of lines."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

STDIO = Path("-")
_GZIP_MARK = b"\x1f\x8b"
_LINE_LIMIT = 64 * 1024 * 1024
_CHUNK_LINES = 200
_CHUNK_BYTES = 512 * 1024


class FileUnusable(Exception):
    """A file that cannot be used as a whole. The message names it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines, the first counted ``first`` (from 1). None stands for a line that is too long to be read.

    ``position`` is how many bytes of the file (packed, for a ``.gz``) were read when the chunk was complete.
    """

    first: int
    lines: tuple[bytes | None, ...]
    position: int


class Source:
    """A file of lines, open for reading once."""

    def __init__(self, path: Path, raw: BinaryIO, lines: BinaryIO) -> None:
        self._path, self._raw, self._lines = path, raw, lines
        self._failure: Exception | None = None

    @property
    def size(self) -> int | None:
        """Bytes of the file, None for a pipe."""
        try:
            return os.fstat(self._raw.fileno()).st_size or None
        except OSError:
            return None

    def chunks(self) -> Iterator[Chunk]:
        """Yield all lines in order.

        Raises:
            FileUnusable: the file cannot be read on, as where a ``.gz`` is cut off. The chunks before it were whole.
        """
        first = 1
        while lines := self._next_lines(first):
            yield Chunk(first, lines, self._position())
            first += len(lines)

    def _next_lines(self, first: int) -> tuple[bytes | None, ...]:
        lines: list[bytes | None] = []
        size = 0
        try:
            while (
                self._failure is None
                and len(lines) < _CHUNK_LINES
                and size < _CHUNK_BYTES
                and (line := self._lines.readline(_LINE_LIMIT))
            ):
                lines.append(None if self._is_cut(line) else line)
                size += len(line)
        except (OSError, EOFError, zlib.error) as error:
            self._failure = error  # told once the lines before it are handed out
        if self._failure is not None and not lines:
            raise FileUnusable(f"{self._path}: cannot be read after line {first - 1}: {self._failure}")
        return tuple(lines)

    def _is_cut(self, line: bytes) -> bool:
        """Whether a line is longer than the limit; then its rest is passed over."""
        if len(line) < _LINE_LIMIT or line.endswith(b"\n"):
            return False
        while (rest := self._lines.readline(_LINE_LIMIT)) and not rest.endswith(b"\n"):
            pass
        return True

    def _position(self) -> int:
        try:
            return self._raw.tell()
        except OSError:
            return 0


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a text file or a ``.gz`` of one; ``-`` is stdin, packed or not.

    Raises:
        FileUnusable: it is not there or may not be read.
    """
    if path == STDIO:
        piped = cast(io.BufferedReader, sys.stdin.buffer)
        yield Source(path, piped, _unpacked(piped) if piped.peek(2)[:2] == _GZIP_MARK else piped)
        return
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from error
    with raw:
        yield Source(path, raw, _unpacked(raw) if path.suffix == ".gz" else raw)


def _unpacked(packed: BinaryIO) -> BinaryIO:
    # No buffer around it: where the file is cut off, that would lose what was unpacked before.
    return cast(BinaryIO, gzip.GzipFile(fileobj=packed, mode="rb"))


@contextmanager
def open_target(path: Path, source: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, packed where it ends in ``.gz``; ``-`` is stdout.

    Raises:
        FileUnusable: it cannot be written, or it is the file that is read.
        BrokenPipeError: whoever reads stdout has gone.
    """
    if path != STDIO and path.exists() and source.exists() and path.samefile(source):
        raise FileUnusable(f"{path}: input and output are the same file")
    try:
        raw = sys.stdout.buffer if path == STDIO else path.open("wb")
        try:
            if path.suffix == ".gz":
                with gzip.GzipFile(path.stem, "wb", fileobj=raw, mtime=0) as packed:
                    yield cast(IO[bytes], packed)
            else:
                yield raw
            raw.flush()
        finally:
            if path != STDIO:
                raw.close()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from error
