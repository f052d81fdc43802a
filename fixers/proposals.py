"""From a plan and the file at the base branch to what a person previews."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fixers import patch
from fixers.errors import PatchConflict
from fixers.hosts.base import BaseFile
from fixers.locate import check_path, decode, locate
from fixers.planner import FixPlan


@dataclass(frozen=True, slots=True)
class Proposal:
    """A patched file. ``new_text`` encoded in ``encoding`` is, byte for byte, what is committed."""

    base_commit: str
    base_sha256: str
    path: str
    encoding: str
    new_text: str
    diff: str

    @property
    def content(self) -> bytes:
        return self.new_text.encode(self.encoding)


def propose(base: BaseFile, *, path: str, embedding: str, plan: FixPlan) -> Proposal:
    """Patch the plan into the file.

    Raises:
        FixError: the file is no text, holds no such prompt, or cannot hold the rule (also: holds it already).
    """
    old, encoding = decode(base.content, embedding)
    new = patch.apply(old, embedding, plan)
    if new == old:
        raise PatchConflict("the prompt holds this rule already, and the agent does not follow it")
    try:
        new.encode(encoding)
    except UnicodeEncodeError:
        raise PatchConflict(f"the rule has characters that the file's encoding {encoding} cannot hold") from None
    return Proposal(
        base_commit=base.commit,
        base_sha256=sha256(base.content),
        path=check_path(path),
        encoding=encoding,
        new_text=new,
        diff=patch.diff(old, new, path),
    )


def prompt_of(base: BaseFile, *, embedding: str) -> str:
    """Return the prompt as the agent's program reads it. Raises: FileRefused, PromptNotLocated."""
    text, _ = decode(base.content, embedding)
    return locate(text, embedding).value


def holds_rule(base: BaseFile, *, embedding: str, key: str) -> bool:
    """Whether the base branch's prompt has the rule: merged, whatever way it got there."""
    text, _ = decode(base.content, embedding)
    return patch.has_rule(text, key)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
