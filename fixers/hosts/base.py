"""What Mirror needs of a place that keeps prompts: read one file, put one commit on one branch, ask for its merge.

Every write is "create, unless it is there": a host never moves or overwrites a branch, so a step that runs twice, or
in two workers at once, does no harm. Vendors' errors are translated into ``fixers.errors`` by each host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from fixers.errors import HostRefused

TRAILER = "Mirror-Fix"  # the commit's last line names its fix: how our commit is told from a person's
_BRANCH = re.compile(r"mirror/fix-[0-9a-f-]{36}(?:-\d{1,4})?")
_BASE = re.compile(r"(?!-)[A-Za-z0-9._/\-]{1,200}")


class PullState(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BaseFile:
    """One file at the tip of the base branch."""

    commit: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BranchState:
    """A branch that exists. ``own_commit`` is this fix's commit on it, "" where there is none: not ours then."""

    head: str
    own_commit: str


@dataclass(frozen=True, slots=True)
class Change:
    """One file's new content as one commit on a new branch."""

    branch: str
    base_commit: str
    path: str
    content: bytes
    message: str
    fix_id: UUID


@dataclass(frozen=True, slots=True)
class PullRequest:
    """``url`` is what a person opens; a plain git remote has none and tells where the branch is."""

    branch: str
    state: PullState
    url: str


class CodeHost(Protocol):
    """One repository. Not for several threads at once; every call may raise ``HostError``."""

    def base_read(self, path: str) -> BaseFile:
        """Raises: FileMissing; FileRefused: a link, a folder, or too large."""

    def branch_get(self, branch: str, *, fix_id: UUID) -> BranchState | None:
        """Return what the branch holds, None when there is none."""

    def commit_create(self, change: Change) -> str:
        """Return the new commit's id. Raises: BranchTaken: the branch is there already; nothing was written."""

    def pull_request_get(self, branch: str) -> PullRequest | None:
        """Return the newest pull request of the branch, whatever its state."""

    def pull_request_open(self, *, branch: str, title: str, body: str) -> PullRequest:
        """Ask for the merge; the existing pull request where there is one."""


def branch_name(problem_id: UUID, *, round_number: int) -> str:
    """Return the branch of a problem's fix: made of ids alone. Later rounds have one of their own."""
    return f"mirror/fix-{problem_id}" + (f"-{round_number}" if round_number > 1 else "")


def check_branch(branch: str) -> str:
    """Raises: HostRefused: not a branch that ``branch_name`` makes."""
    if not _BRANCH.fullmatch(branch):
        raise HostRefused(f"{branch!r} is no branch of a fix")
    return branch


def check_base(branch: str) -> str:
    """Raises: HostRefused: no plain branch name."""
    is_odd = ".." in branch or "//" in branch or branch.endswith((".", "/", ".lock")) or branch.startswith(("/", "."))
    if not _BASE.fullmatch(branch) or is_odd:
        raise HostRefused(f"{branch!r} is no branch name")
    return branch
