from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now

from fixers.delivery import CLAIM_LEASE, MAX_ATTEMPTS
from fixers.errors import HostUnavailable
from fixers.models import Fix
from fixers.selectors import fixes_due
from reports.models import Problem
from tenants.scope import tenant_context
from tests.app.fixers.setup import PATH, PROMPT, Story
from tests.app.reports.rows import START

STEPS = ["branch_get", "base_read", "commit_create", "pull_request_get", "pull_request_open"]
WRITES = ["commit_create", "pull_request_open"]


def test_an_approved_fix_becomes_one_branch_with_what_was_previewed(story):
    fix = story.fix(story.opened())
    assert (fix.status, fix.url, fix.commit) == ("open", f"memory:{fix.branch}", story.host.branches[fix.branch].id)
    assert story.host.branches[fix.branch].files == {PATH: fix.new_text.encode()}
    assert story.events() == ["fix.pr_opened", "fix.proposed"]
    assert story.report_states() == {"applied"}


def test_a_second_run_writes_nothing(story):
    fix_id = story.opened()
    assert not story.open(fix_id)
    assert (story.host.writes, len(story.events())) == (WRITES, 2)


def test_a_fix_that_nobody_approved_is_not_opened(story):
    assert not story.open(story.proposed())
    assert story.host.writes == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_host_that_fails_at_any_step_is_asked_again_and_ends_with_one_branch(story, step, when):
    fix_id = story.approved()
    story.host.faults[step] = when
    with pytest.raises(HostUnavailable):
        story.open(fix_id)
    assert (story.fix().status, story.fix().failure[:18]) == ("approved", "will be tried agai")
    assert story.open(fix_id)
    assert (story.host.writes, story.fix().status, len(story.events())) == (WRITES, "open", 2)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_is_followed_by_another(story, step, monkeypatch):
    fix_id = story.approved()
    real = getattr(story.host, step)

    def die(*args, **kwargs):
        real(*args, **kwargs)
        raise KeyboardInterrupt

    setattr(story.host, step, die)
    started = now()
    with pytest.raises(KeyboardInterrupt):
        story.open(fix_id, at=started)
    setattr(story.host, step, real)
    assert not story.open(fix_id, at=started + CLAIM_LEASE)
    later = started + CLAIM_LEASE + timedelta(seconds=1)
    with tenant_context(story.cast.tenant.id):
        assert fixes_due(at=later).open_ids == [fix_id]
    assert story.open(fix_id, at=later)
    assert (story.host.writes, story.fix().status) == (WRITES, "open")


def test_a_host_that_never_answers_is_given_up(story):
    fix_id = story.approved()
    for _ in range(MAX_ATTEMPTS):
        story.host.faults["branch_get"] = "before"
        with pytest.raises(HostUnavailable):
            story.open(fix_id)
    assert story.fix().status == "failed"
    assert "given up after 20 tries" in story.fix().failure


def test_somebody_else_s_branch_is_left_alone(story):
    fix_id = story.approved()
    branch = story.fix().branch
    story.host.branch_commit(branch, PATH, b"by hand")
    assert not story.open(fix_id)
    assert story.host.branches[branch].files[PATH] == b"by hand"
    assert (story.fix().status, story.report_states()) == ("failed", {"failed"})
    assert "somebody else's commits" in story.fix().failure
    assert "fix.failed" in story.events()


def test_a_person_s_commit_on_our_branch_stays_and_the_pull_request_is_opened(story):
    fix_id = story.approved()
    story.host.faults["commit_create"] = "after"
    with pytest.raises(HostUnavailable):
        story.open(fix_id)
    branch = story.fix().branch
    story.host.branch_commit(branch, PATH, b"reworded")
    assert story.open(fix_id)
    assert story.host.branches[branch].files[PATH] == b"reworded"
    assert story.fix().status == "open"


def test_a_base_that_moved_elsewhere_in_the_file_gets_the_same_change(story):
    fix_id = story.approved()
    previewed = story.fix().new_text
    story.host.base_commit(PATH, b"# Orders\n\n" + PROMPT)
    assert story.open(fix_id)
    fix = story.fix()
    assert fix.new_text == "# Orders\n\n" + previewed
    assert story.host.branches[fix.branch].files[PATH] == fix.new_text.encode()


def test_a_base_that_makes_it_another_change_is_looked_at_again(story):
    fix_id = story.approved()
    story.host.base_commit(PATH, PROMPT.rstrip())
    assert story.open(fix_id)
    assert (story.fix().status, story.host.writes) == ("proposed", [])
    assert "look at it again" in story.fix().failure
    story.approve(fix_id)
    assert story.open(fix_id)
    assert story.host.branches[story.fix().branch].files[PATH] == story.fix().new_text.encode()


def test_a_change_that_nobody_looked_at_follows_the_base_by_itself(cast):
    story = Story(cast)
    story.repository(is_auto_open=True, auto_open_occurrences=1)
    fix_id = story.proposed()
    story.host.base_commit(PATH, PROMPT.rstrip())
    assert story.open(fix_id)
    assert story.host.branches[story.fix().branch].files[PATH] == story.fix().new_text.encode()
    assert story.fix().status == "open"


def test_a_base_that_has_the_rule_already_is_merged(story):
    fix_id = story.approved()
    story.host.base_commit(PATH, story.fix().new_text.encode())
    assert story.open(fix_id)
    assert (story.fix().status, story.problem().status, story.host.writes) == ("merged", "fixed", [])


def test_a_base_whose_prompt_is_gone_is_a_failure_that_says_so(story):
    fix_id = story.approved()
    story.host.base.files.pop(PATH)
    assert not story.open(fix_id)
    assert story.fix().failure == "prompt.md is not on the base branch"


def test_a_repository_has_no_more_open_fixes_than_its_cap(cast):
    story = Story(cast)
    story.repository(max_open=1)
    first = story.opened()
    second = another_fix(story)
    assert not story.open(second)
    assert (story.fix(second).status, story.fix(second).failure[:6]) == ("approved", "waits:")
    story.host.close(story.fix(first).branch)
    assert story.sync(first)
    assert story.open(second)


def another_fix(story, number=1):
    """An approved fix of another problem in the same repository."""
    with tenant_context(story.cast.tenant.id):
        problem, fix = Problem.objects.earliest("created_at"), Fix.objects.earliest("created_at")
        problem.id, problem.fingerprint = uuid4(), f"{number:032x}"
        problem.save(force_insert=True)
        fix.id, fix.problem, fix.status, fix.branch = uuid4(), problem, "approved", f"mirror/fix-{problem.id}"
        fix.rule_key = f"{number:012x}"
        fix.save(force_insert=True)
    return fix.id


def test_a_merged_pull_request_fixes_the_problem(story):
    fix_id = story.opened()
    assert not story.sync(fix_id)
    story.host.merge(story.fix().branch)
    assert story.sync(fix_id)
    assert not story.sync(fix_id)
    assert (story.fix().status, story.problem().status) == ("merged", "fixed")
    assert story.events() == ["fix.pr_merged", "fix.pr_opened", "fix.proposed", "problem.fixed"]


def test_a_squashed_merge_is_seen_by_its_rule(story):
    fix_id = story.opened()
    story.host.base_commit(PATH, story.fix().new_text.encode())
    story.host.close(story.fix().branch)
    assert story.sync(fix_id)
    assert story.fix().status == "merged"


def test_a_closed_pull_request_means_stay_away(story):
    fix_id = story.opened()
    story.host.close(story.fix().branch)
    assert story.sync(fix_id)
    assert (story.fix().status, story.problem().status) == ("closed", "open")
    story.report("c-2")
    assert story.propose(story.problem().id) == fix_id
    assert (story.fix().status, story.host.writes) == ("closed", WRITES)


def test_a_merged_fix_that_did_not_help_is_followed_by_a_second_round(story):
    fix_id = story.opened()
    story.host.merge(story.fix().branch)
    story.sync(fix_id)
    second = story.propose(story.report("c-2", started_at=now() + timedelta(hours=1)))
    assert story.problem().status == "regressed"
    story.approve(second)
    assert story.open(second)
    assert sorted(story.host.branches) == [story.fix(fix_id).branch, f"{story.fix(fix_id).branch}-2"]


def test_what_is_due_is_found(story):
    problem_id = story.report(started_at=START)
    with tenant_context(story.cast.tenant.id):
        assert fixes_due(at=START).problem_ids == [problem_id]
    fix_id = story.approve(story.propose(problem_id)).id
    with tenant_context(story.cast.tenant.id):
        assert (fixes_due(at=START).problem_ids, fixes_due(at=START).open_ids) == ([], [fix_id])
    story.open(fix_id)
    with tenant_context(story.cast.tenant.id):
        assert (fixes_due(at=START).open_ids, fixes_due(at=START).sync_ids) == ([], [fix_id])


def test_twenty_workers_make_one_fix_and_one_branch(transactional_cast):
    story = Story(transactional_cast)
    story.repository()
    problem_id = story.report()
    proposed = in_threads(lambda _: story.propose(problem_id))
    assert len(set(proposed)) == 1
    story.approve(proposed[0])
    opened = in_threads(lambda _: story.open(proposed[0]))
    assert opened.count(True) == 1
    assert (story.host.writes, story.events()) == (WRITES, ["fix.pr_opened", "fix.proposed"])


def test_twenty_approved_fixes_at_once_keep_the_cap(transactional_cast):
    story = Story(transactional_cast)
    story.repository(max_open=3)
    story.proposed()
    ids = [another_fix(story, number) for number in range(20)]
    opened = in_threads(lambda number: story.open(ids[number]))
    assert (opened.count(True), len(story.host.branches)) == (3, 3)


def in_threads(work):
    def run(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(run, range(20)))
