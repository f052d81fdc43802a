"""Files as another account sees them: root starts servers as an unprivileged user, who may not enter root's folders."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from mirror_saas.processes import Account, ProgramFailed

# Only root needs it, so only root can have written there.
CACHE = Path("/var/cache/mirror")


def is_reachable(path: Path, account: Account | None) -> bool:
    """Return whether the account can read the path (and enter it, if a folder); always true for ourselves."""
    if account is None:
        return True
    bits = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return _may(path, account, bits) and all(_may(step, account, stat.S_IXOTH) for step in path.resolve().parents)


def _may(path: Path, account: Account, bits: int) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        return status.st_mode & (bits << 6) == bits << 6
    if status.st_gid == account.gid:
        return status.st_mode & (bits << 3) == bits << 3
    return status.st_mode & bits == bits


def programs_reachable(folder: Path, parts: tuple[str, ...], version: str, account: Account | None) -> Path:
    """Return a folder with ``parts`` of ``folder`` that the account can run: itself, or a copy made once.

    A virtual environment under a 0700 home is out of reach; programs are copied then, with their libraries beside them
    as they were.
    """
    probes = [path for part in parts for path in _some(folder / part)]
    if all(is_reachable(path, account) for path in probes):
        return folder
    copy = CACHE / version
    if not copy.is_dir():
        _copy(folder, parts, copy)
    return copy


def _some(path: Path) -> list[Path]:
    """Return the folder and its programs, which stand for all that was installed with them."""
    programs = path / "bin"
    return [path, *(sorted(programs.iterdir()) if programs.is_dir() else sorted(path.iterdir()))]


def _copy(folder: Path, parts: tuple[str, ...], copy: Path) -> None:
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        CACHE.chmod(0o755)
        draft = Path(tempfile.mkdtemp(dir=CACHE, prefix=".new-"))
        for part in parts:
            shutil.copytree(folder / part, draft / part, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        # Another start may have been faster; its copy is as good.
        if copy.exists():
            shutil.rmtree(draft)
        else:
            draft.rename(copy)
    except OSError as error:
        raise ProgramFailed(
            f"the servers' programs in {folder} are out of an unprivileged user's reach and cannot be copied to "
            f"{CACHE} ({error.strerror}): install Mirror outside of root's home, or set DATABASE_URL and REDIS_URL"
        ) from error


def folder_own(path: Path, account: Account | None) -> None:
    """Make the folder, for the account alone."""
    path.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


def path_for(path: Path, account: Account | None) -> tuple[str, int | None]:
    """Return how the account can name a folder of its own, and the descriptor that must be passed on for it.

    A folder below root's home is the account's own, yet out of its reach by name. Linux lets it in through a
    descriptor that we opened: ``/proc/self/fd/7``.
    """
    if account is None or all(_may(step, account, stat.S_IXOTH) for step in path.resolve().parents):
        return str(path), None
    if not sys.platform.startswith("linux"):
        raise ProgramFailed(f"{account.name} cannot enter {path}: set MIRROR_DATA_DIR to a folder that it can")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{descriptor}", descriptor
