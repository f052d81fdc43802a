"""The git repository the demo's prompts live in, made once; later runs go on with what is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from mirror_saas.demo.catalogue import REPOSITORY

BRANCH: Final = "main"
_WHO: Final = {
    "GIT_AUTHOR_NAME": "Demo Team",
    "GIT_AUTHOR_EMAIL": "team@demo.invalid",
    "GIT_COMMITTER_NAME": "Demo Team",
    "GIT_COMMITTER_EMAIL": "team@demo.invalid",
    # A person's own settings (signing, hooks, templates) do not belong into the demo's repository.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class GitMissing(RuntimeError):
    """There is no ``git`` program; the demo's repository cannot be made."""


def seed_repository(folder: Path) -> bool:
    """Make the repository unless it is there. Returns whether it was made.

    Raises:
        GitMissing: git is not installed. Nothing was made.
    """
    if (folder / ".git").exists():
        return False
    if shutil.which("git") is None:
        raise GitMissing("the demo needs git for its prompt repository: please install it")
    shutil.copytree(REPOSITORY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet", f"--initial-branch={BRANCH}")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "System prompts of our three voice agents")
    return True


def git(folder: Path, *arguments: str) -> str:
    """Run git in the folder and return what it prints."""
    environment = {**os.environ, **_WHO}
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout


def fix_branches(folder: Path) -> list[str]:
    """The branches that fixes were put on, by name."""
    return git(folder, "branch", "--list", "--format=%(refname:short)", "mirror/fix-*").split()


def branch_diff(folder: Path, branch: str) -> str:
    """What a branch changes against where it began."""
    return git(folder, "diff", f"{BRANCH}...{branch}")
