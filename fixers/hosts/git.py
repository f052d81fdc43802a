"""A plain git remote: the fix is a branch, its pull request a text beside the code.

A git remote knows no pull requests. The text goes to ``refs/mirror/pull-requests/<branch's last part>``: a commit
with ``PULL_REQUEST.md`` and ``change.patch`` whose parent is the fix's commit. It is outside of every branch, so
nothing of it is ever merged, and it keeps the fix's commit when the branch is deleted. Merged means that the fix's
commit is reachable from the base branch; closed that the branch is gone without that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit
from uuid import UUID

from fixers.errors import BranchTaken, FileMissing, FileRefused, HostRefused, HostUnavailable
from fixers.hosts.base import (
    TRAILER,
    BaseFile,
    BranchState,
    Change,
    PullRequest,
    PullState,
    check_base,
    check_branch,
)
from fixers.hosts.git_command import GitCommand
from fixers.locate import MAX_FILE_BYTES, check_path

_REGULAR = (b"100644", b"100755")
_BASE_REF = "refs/remotes/origin/base"


@dataclass(frozen=True, slots=True)
class GitSettings:
    """``local_roots``: folders that remotes on this machine must lie in; empty allows none."""

    local_roots: tuple[Path, ...] = ()
    author_name: str = "Mirror"
    author_email: str = "mirror@localhost"
    timeout_s: float = 60.0


class GitHost:
    """See ``CodeHost``. Use as a context manager: it holds a temporary copy of the repository."""

    def __init__(self, *, location: str, base_branch: str, settings: GitSettings, token: str = "") -> None:
        """Raises: HostRefused: the location or the base branch is not allowed."""
        self._location = checked_location(location, settings.local_roots)
        self._base = check_base(base_branch)
        self._settings = settings
        self._git = GitCommand(location=self._location, token=token, timeout_s=settings.timeout_s)

    def __enter__(self) -> GitHost:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._git.close()

    def base_read(self, path: str) -> BaseFile:
        check_path(path)
        self._fetch()
        commit = self._commit_id(_BASE_REF)
        mode, kind, blob = self._entry(commit, path)
        if kind != b"blob" or mode not in _REGULAR:
            raise FileRefused(f"{path} is a link or a folder")
        if int(self._git("cat-file", "-s", blob)) > MAX_FILE_BYTES:
            raise FileRefused(f"{path} has more than {MAX_FILE_BYTES // 1024} KiB")
        return BaseFile(commit, self._git("cat-file", "blob", blob))

    def branch_get(self, branch: str, *, fix_id: UUID) -> BranchState | None:
        self._fetch()
        head = self._commit_id(_branch_ref(branch))
        if not head:
            return None
        found = self._git("log", "--format=%H", f"--grep=^{TRAILER}: {fix_id}$", f"{_BASE_REF}..{head}", "--")
        # Once merged, the commit is of the base branch too.
        found = found or self._git("log", "--format=%H", f"--grep=^{TRAILER}: {fix_id}$", head, "--")
        return BranchState(head, found.decode().split("\n")[0])

    def commit_create(self, change: Change) -> str:
        check_path(change.path)
        ref = f"refs/heads/{check_branch(change.branch)}"
        mode, _, _ = self._entry(change.base_commit, change.path)
        blob = self._git("hash-object", "-w", "--stdin", feed=change.content).decode().strip()
        index = {"GIT_INDEX_FILE": str(self._git.root / "index")}
        self._git("read-tree", change.base_commit, extra=index)
        self._git("update-index", "--cacheinfo", f"{mode.decode()},{blob},{change.path}", extra=index)
        tree = self._git("write-tree", extra=index).decode().strip()
        message = f"{change.message.rstrip()}\n\n{TRAILER}: {change.fix_id}\n"
        commit = self._commit_make(tree, change.base_commit, message)
        self._push_new(commit, ref)
        return commit

    def pull_request_get(self, branch: str) -> PullRequest | None:
        self._fetch()
        text = self._commit_id(_text_ref(branch))
        if not text:
            return None
        if self._git.is_true("merge-base", "--is-ancestor", f"{text}^1", _BASE_REF):
            state = PullState.MERGED
        else:
            state = PullState.OPEN if self._commit_id(_branch_ref(branch)) else PullState.CLOSED
        return PullRequest(branch, state, f"{self._location}#{branch}")

    def pull_request_open(self, *, branch: str, title: str, body: str) -> PullRequest:
        known = self.pull_request_get(branch)
        if known is not None:
            return known
        head = self._commit_id(_branch_ref(branch))
        if not head:
            raise HostUnavailable("the branch is not there yet")
        patch = self._git("format-patch", "--stdout", "--no-signature", f"{_BASE_REF}..{head}")
        tree = self._tree({"PULL_REQUEST.md": f"# {title}\n\n{body}".encode(), "change.patch": patch})
        commit = self._commit_make(tree, head, f"Pull request: {title}\n")
        try:
            self._push_new(commit, _text_ref(branch))
        except BranchTaken:
            known = self.pull_request_get(branch)
            if known is None:
                raise
            return known
        return PullRequest(branch, PullState.OPEN, f"{self._location}#{branch}")

    def _fetch(self) -> None:
        # The patterns match nothing where no fix is there yet; the base branch must be.
        self._git(
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            self._location,
            f"+refs/heads/{self._base}:{_BASE_REF}",
            "+refs/heads/mirror/fix-*:refs/remotes/origin/mirror/fix-*",
            "+refs/mirror/pull-requests/*:refs/mirror/pull-requests/*",
        )

    def _commit_id(self, ref: str) -> str:
        """Return the commit a ref points at, "" when there is no such ref."""
        found = self._git("for-each-ref", "--format=%(objectname)", ref).decode().split()
        return found[0] if found else ""

    def _entry(self, commit: str, path: str) -> tuple[bytes, bytes, str]:
        listed = self._git("ls-tree", "-z", "--full-tree", commit, "--", path)
        for line in listed.split(b"\0"):
            about, _, name = line.partition(b"\t")
            if name == path.encode():
                mode, kind, blob = about.split()
                return mode, kind, blob.decode()
        raise FileMissing(f"{path} is not on the base branch")

    def _tree(self, files: dict[str, bytes]) -> str:
        lines = []
        for name, content in sorted(files.items()):
            blob = self._git("hash-object", "-w", "--stdin", feed=content).decode().strip()
            lines.append(f"100644 blob {blob}\t{name}\n")
        return self._git("mktree", feed="".join(lines).encode()).decode().strip()

    def _commit_make(self, tree: str, parent: str, message: str) -> str:
        name, email = self._settings.author_name, self._settings.author_email
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", email))
        }
        made = self._git("commit-tree", tree, "-p", parent, "-F", "-", feed=message.encode(), extra=who)
        return made.decode().strip()

    def _push_new(self, commit: str, ref: str) -> None:
        """Create the ref. The empty lease makes the remote refuse when it is there, whoever made it."""
        self._git(
            "push", "--quiet", "--porcelain", f"--force-with-lease={ref}:", "--", self._location, f"{commit}:{ref}"
        )


def _branch_ref(branch: str) -> str:
    return f"refs/remotes/origin/{check_branch(branch)}"


def _text_ref(branch: str) -> str:
    return f"refs/mirror/pull-requests/{check_branch(branch).rpartition('/')[2]}"


def checked_location(location: str, local_roots: tuple[Path, ...]) -> str:
    """Return the address git is given.

    Raises:
        HostRefused: not https and not a folder below one of the roots; or it carries a password.
    """
    address = urlsplit(location)
    if address.scheme == "https" and address.hostname:
        if address.username or address.password:
            raise HostRefused("the address holds a user or password: keep it as a credential instead")
        return location
    if address.scheme not in ("", "file") or (address.scheme == "file" and address.netloc not in ("", "localhost")):
        raise HostRefused("only https addresses and folders on this machine are allowed")
    folder = Path(address.path if address.scheme else location)
    if not folder.is_absolute() or not any(folder.resolve().is_relative_to(root.resolve()) for root in local_roots):
        raise HostRefused("this folder is outside of where local repositories may lie")
    return str(folder.resolve())
