"""A code host in memory, with faults on demand: for tests, and as the shortest statement of what a host does."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from uuid import UUID

from fixers.errors import BranchTaken, FileMissing, HostUnavailable
from fixers.hosts.base import BaseFile, BranchState, Change, PullRequest, PullState, check_branch


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    files: dict[str, bytes]
    fix_id: UUID | None = None
    parent: Commit | None = None


@dataclass
class MemoryCodeHost:
    """``faults`` maps a call's name to "before" or "after": the next such call fails there, once.

    "after" is the worker that dies when the host has done its part already. ``writes`` names every write done.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    pull_requests: dict[str, PullRequest] = field(default_factory=dict)
    branches: dict[str, Commit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.base = self._commit(self.files, None, None)

    def base_read(self, path: str) -> BaseFile:
        with self._step("base_read"):
            if path not in self.base.files:
                raise FileMissing(f"{path} is not on the base branch")
            return BaseFile(self.base.id, self.base.files[path])

    def branch_get(self, branch: str, *, fix_id: UUID) -> BranchState | None:
        with self._step("branch_get"):
            head = self.branches.get(check_branch(branch))
            if head is None:
                return None
            own = next((commit.id for commit in _history(head) if commit.fix_id == fix_id), "")
            return BranchState(head.id, own)

    def commit_create(self, change: Change) -> str:
        with self._step("commit_create"):
            if check_branch(change.branch) in self.branches:
                raise BranchTaken(f"{change.branch} is there already")
            commit = self._commit({**self.base.files, change.path: change.content}, change.fix_id, self.base)
            self.branches[change.branch] = commit
            self.writes.append("commit_create")
            return commit.id

    def pull_request_get(self, branch: str) -> PullRequest | None:
        with self._step("pull_request_get"):
            return self.pull_requests.get(branch)

    def pull_request_open(self, *, branch: str, title: str, body: str) -> PullRequest:
        with self._step("pull_request_open"):
            if branch not in self.pull_requests:
                self.pull_requests[branch] = PullRequest(branch, PullState.OPEN, f"memory:{branch}")
                self.writes.append("pull_request_open")
            return self.pull_requests[branch]

    def merge(self, branch: str) -> None:
        """What a person does who merges the pull request."""
        self.base = self.branches[branch]
        self.pull_requests[branch] = replace(self.pull_requests[branch], state=PullState.MERGED)

    def close(self, branch: str) -> None:
        self.pull_requests[branch] = replace(self.pull_requests[branch], state=PullState.CLOSED)

    def base_commit(self, path: str, content: bytes) -> None:
        """A person commits to the base branch."""
        self.base = self._commit({**self.base.files, path: content}, None, self.base)

    def branch_commit(self, branch: str, path: str, content: bytes) -> None:
        """A person commits to this branch, making it when it is not there."""
        head = self.branches.get(branch, self.base)
        self.branches[branch] = self._commit({**head.files, path: content}, None, head)

    def _commit(self, files: dict[str, bytes], fix_id: UUID | None, parent: Commit | None) -> Commit:
        seed = repr((sorted(files.items()), fix_id, parent.id if parent else "")).encode()
        return Commit(hashlib.sha1(seed, usedforsecurity=False).hexdigest(), files, fix_id, parent)

    def _step(self, name: str) -> _Step:
        return _Step(self._lock, self.faults, name)


class _Step:
    """One call: alone, and failing where a fault was asked for."""

    def __init__(self, lock: threading.Lock, faults: dict[str, str], name: str) -> None:
        self._lock, self._faults, self._name = lock, faults, name

    def __enter__(self) -> None:
        self._lock.acquire()
        if self._faults.get(self._name) == "before":
            del self._faults[self._name]
            self._lock.release()
            raise HostUnavailable(f"{self._name} failed before it began")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._lock.release()
        if kind is None and self._faults.pop(self._name, "") == "after":
            raise HostUnavailable(f"{self._name} was done, and the answer lost")


def _history(commit: Commit | None) -> list[Commit]:
    found: list[Commit] = []
    while commit is not None:
        found.append(commit)
        commit = commit.parent
    return found
