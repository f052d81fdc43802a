"""The contract of a code host, kept by the one in memory and by a real git remote."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from fixers.errors import BranchTaken, FileMissing, FileRefused, HostRefused, HostUnavailable
from fixers.hosts.base import BranchState, Change, PullState, branch_name, check_base, check_branch
from fixers.hosts.git import GitHost, GitSettings, checked_location
from fixers.hosts.git_command import GitCommand
from fixers.hosts.memory import MemoryCodeHost

PROBLEM = UUID("11111111-1111-4111-8111-111111111111")
FIX = UUID("22222222-2222-4222-8222-222222222222")
OTHER_FIX = UUID("33333333-3333-4333-8333-333333333333")
BRANCH = branch_name(PROBLEM, round_number=1)
PATH = "agent/prompt.md"
AUTHOR = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "init.defaultBranch=main"]


class GitRemote:
    """A real repository and what a person does in it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        self.root, self.remote, self.clone = folder, folder / "remote.git", folder / "clone"
        self.run("init", "--quiet", "--bare", "--initial-branch=main", str(self.remote), at=folder)
        self.run("clone", "--quiet", str(self.remote), str(self.clone), at=folder)
        self.commit_file(PATH, b"Be kind.\r\n")
        self.run("push", "--quiet", "origin", "HEAD:main")

    def run(self, *arguments: str, at: Path | None = None) -> str:
        done = subprocess.run(["git", *AUTHOR, *arguments], cwd=at or self.clone, check=True, capture_output=True)
        return done.stdout.decode()

    def commit_file(self, path: str, content: bytes) -> None:
        target = self.clone / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.run("add", "-A")
        self.run("commit", "--quiet", "-m", "Change by hand")

    def host(self) -> GitHost:
        settings = GitSettings(local_roots=(self.root,))
        return self._stack.enter_context(GitHost(location=str(self.remote), base_branch="main", settings=settings))

    def refs(self) -> str:
        return self.run("for-each-ref", at=self.remote)

    def merge(self, branch: str) -> None:
        self.run("fetch", "--quiet", "origin")
        self.run("merge", "--quiet", "--no-ff", "--no-edit", f"origin/{branch}")
        self.run("push", "--quiet", "origin", "HEAD:main")

    def close(self, branch: str) -> None:
        self.run("push", "--quiet", "origin", f":refs/heads/{branch}")

    def branch_commit(self, branch: str, path: str, content: bytes) -> None:
        self.run("fetch", "--quiet", "origin")
        names = self.run("branch", "-r").split()
        self.run("checkout", "--quiet", "-B", "work", f"origin/{branch}" if f"origin/{branch}" in names else "HEAD")
        self.commit_file(path, content)
        self.run("push", "--quiet", "origin", f"work:refs/heads/{branch}")
        self.run("checkout", "--quiet", "-")

    def file(self, branch: str, path: str) -> bytes:
        shown = subprocess.run(["git", "show", f"{branch}:{path}"], cwd=self.remote, check=True, capture_output=True)
        return shown.stdout


class MemoryRemote(MemoryCodeHost):
    def host(self) -> MemoryCodeHost:
        return self

    def refs(self) -> str:
        return repr((self.branches, self.pull_requests))

    def file(self, branch: str, path: str) -> bytes:
        return self.branches[branch].files[path]


@pytest.fixture(params=["memory", "git"])
def remote(request, tmp_path):
    with ExitStack() as stack:
        yield GitRemote(tmp_path, stack) if request.param == "git" else MemoryRemote(files={PATH: b"Be kind.\r\n"})


@pytest.fixture
def git_remote(tmp_path):
    with ExitStack() as stack:
        yield GitRemote(tmp_path, stack)


def change(host, *, fix_id: UUID = FIX, content: bytes = b"Be kind.\r\nListen.\r\n") -> Change:
    return Change(BRANCH, host.base_read(PATH).commit, PATH, content, "Add a guard rail", fix_id)


def test_reads_the_base_file_byte_for_byte(remote):
    assert remote.host().base_read(PATH).content == b"Be kind.\r\n"


def test_says_when_the_file_is_not_there(remote):
    with pytest.raises(FileMissing):
        remote.host().base_read("nowhere.md")


def test_a_commit_is_found_again_as_our_own(remote):
    host = remote.host()
    assert host.branch_get(BRANCH, fix_id=FIX) is None
    commit = host.commit_create(change(host))
    assert remote.host().branch_get(BRANCH, fix_id=FIX) == BranchState(commit, commit)
    assert remote.file(BRANCH, PATH) == b"Be kind.\r\nListen.\r\n"


def test_a_commit_of_another_fix_is_not_our_own(remote):
    host = remote.host()
    host.commit_create(change(host))
    assert host.branch_get(BRANCH, fix_id=OTHER_FIX).own_commit == ""


def test_a_branch_that_is_there_is_never_written_to(remote):
    host = remote.host()
    host.commit_create(change(host))
    before = remote.refs()
    with pytest.raises(BranchTaken):
        host.commit_create(change(host, fix_id=OTHER_FIX, content=b"x"))
    assert remote.refs() == before


def test_a_person_s_branch_of_that_name_is_not_our_own_and_stays(remote):
    remote.branch_commit(BRANCH, PATH, b"by hand")
    host = remote.host()
    assert host.branch_get(BRANCH, fix_id=FIX).own_commit == ""
    with pytest.raises(BranchTaken):
        host.commit_create(change(host))
    assert remote.file(BRANCH, PATH) == b"by hand"


def test_a_person_s_commit_on_top_of_ours_is_seen(remote):
    host = remote.host()
    commit = host.commit_create(change(host))
    remote.branch_commit(BRANCH, PATH, b"by hand")
    state = host.branch_get(BRANCH, fix_id=FIX)
    assert state.own_commit == commit
    assert state.head != commit


def opened(remote):
    host = remote.host()
    host.commit_create(change(host))
    return host.pull_request_open(branch=BRANCH, title="Listen", body="Because.\n")


def test_a_pull_request_is_opened_once(remote):
    assert remote.host().pull_request_get(BRANCH) is None
    first = opened(remote)
    before = remote.refs()
    assert remote.host().pull_request_open(branch=BRANCH, title="Other", body="Other") == first
    assert (remote.refs(), first.state) == (before, PullState.OPEN)


def test_a_merged_pull_request_says_so(remote):
    opened(remote)
    remote.merge(BRANCH)
    assert remote.host().pull_request_get(BRANCH).state is PullState.MERGED
    assert remote.host().branch_get(BRANCH, fix_id=FIX).own_commit


def test_a_closed_pull_request_says_so(remote):
    opened(remote)
    remote.close(BRANCH)
    assert remote.host().pull_request_get(BRANCH).state is PullState.CLOSED


def test_of_twenty_writers_at_once_one_wins(remote):
    changes = [(host := remote.host(), change(host, fix_id=UUID(int=number))) for number in range(20)]

    def write(pair):
        try:
            return pair[0].commit_create(pair[1])
        except BranchTaken:
            return ""

    with ThreadPoolExecutor(20) as pool:
        made = [commit for commit in pool.map(write, changes) if commit]
    assert len(made) == 1
    assert remote.host().branch_get(BRANCH, fix_id=FIX).head == made[0]


def test_the_text_of_a_git_pull_request_is_beside_the_code(git_remote):
    opened(git_remote)
    ref = f"refs/mirror/pull-requests/fix-{PROBLEM}"
    assert git_remote.run("show", f"{ref}:PULL_REQUEST.md", at=git_remote.remote) == "# Listen\n\nBecause.\n"
    assert "+Listen." in git_remote.run("show", f"{ref}:change.patch", at=git_remote.remote)
    assert git_remote.run("ls-tree", "-r", "--name-only", BRANCH, at=git_remote.remote).split() == [PATH]


def test_the_commit_names_its_author_and_fix(git_remote):
    host = git_remote.host()
    host.commit_create(change(host))
    shown = git_remote.run("log", "-1", "--format=%an <%ae>%n%B", BRANCH, at=git_remote.remote)
    assert shown.strip() == f"Mirror <mirror@localhost>\nAdd a guard rail\n\nMirror-Fix: {FIX}"


def test_an_executable_file_stays_executable(git_remote):
    git_remote.run("update-index", "--chmod=+x", PATH)
    git_remote.run("commit", "--quiet", "-m", "Executable")
    git_remote.run("push", "--quiet", "origin", "HEAD:main")
    host = git_remote.host()
    host.commit_create(change(host))
    assert git_remote.run("ls-tree", "-r", BRANCH, at=git_remote.remote).startswith("100755")


def test_a_link_a_folder_and_a_huge_file_are_refused(git_remote):
    (git_remote.clone / "link.md").symlink_to("/etc/passwd")
    git_remote.commit_file("huge.md", b"x" * (512 * 1024 + 1))
    git_remote.run("push", "--quiet", "origin", "HEAD:main")
    for path in ("link.md", "agent", "huge.md"):
        with pytest.raises(FileRefused):
            git_remote.host().base_read(path)


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../b", ".git/config", "a/.GIT/x", "", "a//b", "a\nb", "./a", "a:b"]
)
def test_a_path_outside_of_the_repository_s_files_is_refused(git_remote, path):
    with pytest.raises(FileRefused):
        git_remote.host().base_read(path)


@pytest.mark.parametrize(
    "branch", ["main", "mirror/fix-x", f"{BRANCH}:main", f"--{BRANCH}", f"{BRANCH}\n", "mirror/fix-../x"]
)
def test_only_branches_made_of_ids_are_written(branch):
    with pytest.raises(HostRefused):
        check_branch(branch)


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "a:b", "x.lock", "/x", "x/", "a*", "a~1", ""])
def test_a_base_branch_is_a_plain_name(branch):
    with pytest.raises(HostRefused):
        check_base(branch)


@pytest.mark.parametrize(
    "location",
    [
        "ext::sh -c id",
        "ssh://git@host/x",
        "git@host:x/y",
        "http://host/x",
        "https://user:secret@host/x",
        "file://host/x",
        "/etc",
        "relative",
        "--upload-pack=id",
        "/allowed/../etc",
    ],
)
def test_other_locations_are_refused(location):
    with pytest.raises(HostRefused):
        checked_location(location, (Path("/allowed"),))


def test_a_link_out_of_the_allowed_folder_is_refused(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to("/etc")
    with pytest.raises(HostRefused):
        checked_location(str(tmp_path / "inside" / "link"), (tmp_path / "inside",))


def test_an_https_location_is_allowed():
    assert checked_location("https://git.example/acme/agent.git", ()) == "https://git.example/acme/agent.git"


def test_a_folder_without_a_repository_is_refused(tmp_path):
    settings = GitSettings(local_roots=(tmp_path,))
    with GitHost(location=str(tmp_path), base_branch="main", settings=settings) as host, pytest.raises(HostRefused):
        host.base_read(PATH)


def test_a_missing_base_branch_is_told(git_remote):
    settings = GitSettings(local_roots=(git_remote.root,))
    remote = str(git_remote.remote)
    with GitHost(location=remote, base_branch="trunk", settings=settings) as host, pytest.raises(FileMissing):
        host.base_read(PATH)


def test_git_that_hangs_is_stopped_with_its_helpers(tmp_path):
    git = GitCommand(location="", timeout_s=0.3)
    with pytest.raises(HostUnavailable, match="took longer"):
        git("-c", "alias.hang=!tail -f /dev/null", "hang")
    git.close()


def test_the_remote_s_hooks_and_the_user_s_settings_do_not_run(git_remote, monkeypatch, tmp_path):
    hook = git_remote.remote / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    host = git_remote.host()
    host.commit_create(change(host))
    assert not (tmp_path / "ran").exists()


def test_a_machine_without_git_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(HostRefused, match="not installed"):
        GitCommand(location="")


def test_a_token_is_on_no_command_line():
    git = GitCommand(location="https://git.example/acme/agent.git", token="s3cret")
    seen = git("config", "--get-all", "http.https://git.example/.extraHeader")
    git.close()
    assert seen.startswith(b"Authorization: Basic ")
