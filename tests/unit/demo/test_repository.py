"""The demo's git repository."""

from mirror_saas.demo.repository import BRANCH, branch_diff, fix_branches, git, seed_repository


def test_is_made_once_with_one_commit_and_the_prompts(tmp_path):
    assert seed_repository(tmp_path / "demo-repo") is True
    assert seed_repository(tmp_path / "demo-repo") is False
    assert git(tmp_path / "demo-repo", "rev-list", "--count", BRANCH).strip() == "1"
    assert "prompts/luigis_pizza.md" in git(tmp_path / "demo-repo", "ls-files").split()


def test_shows_what_a_fix_changes(tmp_path):
    seed_repository(tmp_path)
    git(tmp_path, "switch", "--quiet", "--create", "mirror/fix-1")
    prompt = tmp_path / "prompts" / "luigis_pizza.md"
    prompt.write_text(prompt.read_text() + "- A new rule.\n")
    git(tmp_path, "commit", "--quiet", "--all", "--message", "Fix")
    assert fix_branches(tmp_path) == ["mirror/fix-1"]
    assert "+- A new rule." in branch_diff(tmp_path, "mirror/fix-1")
