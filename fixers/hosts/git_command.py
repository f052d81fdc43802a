"""The ``git`` program in a room of its own: no user's configuration, no hooks, no prompts, a time limit."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fixers.errors import BranchTaken, FileMissing, HostError, HostRefused, HostUnavailable

# ``ext::`` and other remote helpers run commands by design; ssh would use keys of this machine.
_CONFIG = """\
[safe]
    directory = *
[protocol]
    allow = never
[protocol "file"]
    allow = always
[protocol "https"]
    allow = always
[http]
    followRedirects = false
    lowSpeedLimit = 1000
    lowSpeedTime = 30
[core]
    hooksPath = /dev/null
    symlinks = false
[gc]
    auto = 0
[maintenance]
    auto = false
[receive]
    autogc = false
"""

# First match wins. git tells reasons in words only; LC_ALL=C keeps them in English.
_REASONS: tuple[tuple[str, type[HostError], str], ...] = (
    (r"couldn't find remote ref", FileMissing, "the base branch is not there"),
    (r"stale info|\[rejected\]|\[remote rejected\]|cannot lock ref|already exists", BranchTaken, "the branch is taken"),
    (
        r"authentication failed|permission denied|could not read username|access denied|error: 40[13]",
        HostRefused,
        "the remote refused the credentials",
    ),
    (
        r"does not appear to be a git repository|repository .*not found|error: 404|no such file",
        HostRefused,
        "there is no git repository at this location",
    ),
    (r"transport .* not allowed", HostRefused, "this kind of address is not allowed"),
)


class GitCommand:
    """A bare repository in a temporary folder, gone with ``close``."""

    def __init__(self, *, location: str, token: str = "", timeout_s: float = 60.0) -> None:
        """Raises: HostRefused: there is no git here."""
        program = shutil.which("git")
        if program is None:
            raise HostRefused("git is not installed where Mirror runs")
        self._program = program
        self._timeout_s = timeout_s
        self._folder = tempfile.TemporaryDirectory(prefix="mirror-git-")
        self.root = Path(self._folder.name)
        (self.root / ".gitconfig").write_text(_CONFIG)
        self._environment = _environment(self.root, location, token)
        try:
            self("init", "--quiet", "--bare", "--initial-branch=none", str(self.root / "repository"))
        except HostError:
            self.close()
            raise
        self._environment["GIT_DIR"] = str(self.root / "repository")

    def close(self) -> None:
        self._folder.cleanup()

    def __call__(self, *arguments: str, feed: bytes = b"", extra: Mapping[str, str] | None = None) -> bytes:
        """Run git and return what it wrote.

        Raises:
            HostError: translated from git's own words, which may hold addresses and are not passed on.
        """
        status, output, errors = self._run(arguments, feed, extra or {})
        if status != 0:
            raise _translated(arguments[0], f"{errors}\n{output.decode(errors='replace')}")
        return output

    def is_true(self, *arguments: str) -> bool:
        """Run a git command that answers by its exit status: 0 yes, 1 no."""
        status, _, errors = self._run(arguments, b"", {})
        if status > 1:
            raise _translated(arguments[0], errors)
        return status == 0

    def _run(self, arguments: tuple[str, ...], feed: bytes, extra: Mapping[str, str]) -> tuple[int, bytes, str]:
        process = subprocess.Popen(  # noqa: S603  (fixed program, checked arguments, no shell)
            [self._program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self._environment, **extra},
            cwd=self.root,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(feed, timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            # git leaves its helpers running when it alone is killed.
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise HostUnavailable(f"git {arguments[0]} took longer than {self._timeout_s:g} s") from None
        return process.returncode, output, errors.decode(errors="replace")


def _environment(root: Path, location: str, token: str) -> dict[str, str]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(root),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(root / ".gitconfig"),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
    if token:
        # By the environment, not the command line, which every user of the machine can read.
        address = urlsplit(location)
        credentials = b64encode(f"x-access-token:{token}".encode()).decode()
        environment["GIT_CONFIG_COUNT"] = "1"
        environment["GIT_CONFIG_KEY_0"] = f"http.{address.scheme}://{address.netloc}/.extraHeader"
        environment["GIT_CONFIG_VALUE_0"] = f"Authorization: Basic {credentials}"
    return environment


def _translated(command: str, errors: str) -> HostError:
    for pattern, kind, reason in _REASONS:
        if re.search(pattern, errors, re.IGNORECASE):
            return kind(reason)
    return HostUnavailable(f"git {command} failed")
