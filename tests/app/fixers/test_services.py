from uuid import uuid4

import pytest

from fixers.errors import HostUnavailable
from fixers.models import Fix
from fixers.refusals import FixClosed, FixNotFound
from fixers.services import fix_approve, fix_dismiss, fix_retry
from fixers.signals import fix_approved, fix_wanted
from reports.models import Problem, Report
from reports.services import problem_ignore
from tenants.errors import ScopeMissing
from tenants.scope import tenant_context
from tests.app.fixers.setup import PROMPT, Story

RULE = (
    "When the caller changes or takes back a detail, use only the latest one for `items.quantity` of `place_order`; "
    "drop the earlier value and say the new one back before going on."
)


@pytest.fixture
def heard():
    """What the signals of fixes told, as (signal, id)."""
    told = []

    def approved(**sent):
        told.append(("approved", sent["fix_id"]))

    def wanted(**sent):
        told.append(("wanted", sent["problem_id"]))

    fix_approved.connect(approved)
    fix_wanted.connect(wanted)
    yield told
    fix_approved.disconnect(approved)
    fix_wanted.disconnect(wanted)


def test_a_problem_gets_a_fix_with_a_preview(story):
    fix = story.fix(story.proposed())
    assert (fix.status, fix.rule_text, fix.branch) == ("proposed", RULE, f"mirror/fix-{fix.problem_id}")
    assert fix.new_text.startswith(PROMPT.decode().rstrip() + "\n\n<!-- mirror:guard-rails begin -->")
    assert f"+- {RULE}" in fix.diff
    assert fix.title == "Guard rail: Old value kept after a change (place_order.items.quantity)".replace("_", "_")
    assert story.events() == ["fix.proposed"]
    assert story.host.writes == []


def test_the_body_tells_what_was_said_masked_and_what_was_not_verified(story):
    body = story.fix(story.proposed()).body
    assert "Actually, make it three." in body
    assert "The calls were not replayed" in body
    assert "John" not in body
    assert "2671" not in body


def test_no_word_of_a_caller_reaches_the_prompt(story):
    fix = story.fix(story.proposed())
    for word in ("margherita", "three", "John", "Actually"):
        assert word not in fix.new_text


def test_reports_show_the_change(story):
    fix = story.fix(story.proposed())
    story.report("c-2")
    story.propose(fix.problem_id)
    with tenant_context(story.cast.tenant.id):
        assert set(Report.objects.values_list("proposed_file", "suggested_diff")) == {(fix.path, fix.diff)}


def test_a_problem_is_not_proposed_twice(story):
    fix_id = story.proposed()
    story.report("c-2")
    assert story.propose(story.problem().id) == fix_id
    assert story.events() == ["fix.proposed"]


@pytest.mark.parametrize("status", ["dismissed", "closed", "failed", "open"])
def test_a_fix_in_any_state_keeps_its_problem_from_another(story, status):
    fix_id = story.proposed()
    with tenant_context(story.cast.tenant.id):
        Fix.objects.filter(id=fix_id).update(status=status)
    assert story.propose(story.problem().id) == fix_id
    assert story.fix().status == status


def test_an_agent_without_a_repository_gets_no_fix(cast):
    story = Story(cast)
    assert story.propose(story.report()) is None


def test_an_ignored_problem_gets_no_fix(story):
    problem_id = story.report()
    problem_ignore(actor=story.cast.actor(), problem_id=problem_id)
    assert story.propose(problem_id) is None


def test_a_problem_only_seen_in_trial_gets_no_fix(story):
    problem_id = story.report()
    with tenant_context(story.cast.tenant.id):
        Report.objects.update(is_shadow=True)
    assert story.propose(problem_id) is None


def test_a_regressed_problem_gets_a_stricter_fix_on_a_branch_of_its_own(story):
    first = story.fix(story.proposed())
    with tenant_context(story.cast.tenant.id):
        Fix.objects.update(status="merged")
        Problem.objects.update(status="regressed")
    story.host.base_commit(first.path, first.new_text.encode())
    second = story.fix(story.propose(first.problem_id))
    assert (second.round, second.branch) == (2, f"{first.branch}-2")
    assert second.rule_text.startswith(RULE)
    assert second.new_text.count("<!-- mirror:guard-rails begin -->") == 1
    assert first.rule_text in second.new_text


def test_a_host_that_does_not_answer_leaves_nothing_behind(story):
    story.host.faults["base_read"] = "before"
    problem_id = story.report()
    with pytest.raises(HostUnavailable):
        story.propose(problem_id)
    assert story.propose(problem_id) is not None


def test_a_prompt_that_is_not_there_is_a_failed_fix_that_says_so(story):
    story.host.base_commit("prompt.md", b"\xff\xfe")
    fix = story.fix(story.proposed())
    assert (fix.status, fix.failure) == ("failed", "the file is not text in a known encoding")
    assert (story.events(), story.report_states()) == (["fix.failed"], {"failed"})


def test_a_rule_that_is_in_the_prompt_already_is_a_failed_fix_that_says_so(story):
    fix = story.fix(story.proposed())
    story.host.base_commit(fix.path, fix.new_text.encode())
    with tenant_context(story.cast.tenant.id):
        Fix.objects.all().delete()
    assert "holds this rule already" in story.fix(story.propose(fix.problem_id)).failure


def test_an_approval_is_told_once(story, heard):
    fix_id = story.proposed()
    assert story.approve(fix_id).status == story.approve(fix_id).status == "approved"
    assert heard == [("approved", fix_id)]
    assert story.fix().approved_by_id == story.cast.owner.id


def test_a_viewer_may_not_decide(story):
    fix_id = story.proposed()
    for decide in (fix_approve, fix_dismiss, fix_retry):
        with pytest.raises(ScopeMissing):
            decide(actor=story.cast.actor("viewer"), fix_id=fix_id)


def test_an_outsider_and_a_wrong_id_are_told_the_same(story):
    fix_id = story.proposed()
    for actor, one in ((story.cast.outsider_actor, fix_id), (story.cast.actor(), uuid4())):
        with pytest.raises(FixNotFound):
            fix_approve(actor=actor, fix_id=one)


def test_a_dismissed_fix_stays_dismissed(story):
    fix_id = story.proposed()
    for _ in range(2):
        assert fix_dismiss(actor=story.cast.actor(), fix_id=fix_id).status == "dismissed"
    with pytest.raises(FixClosed):
        story.approve(fix_id)
    assert story.report_states() == {"dismissed"}


def test_an_open_fix_cannot_be_dismissed_here(story):
    with pytest.raises(FixClosed):
        fix_dismiss(actor=story.cast.actor(), fix_id=story.opened())


def test_only_a_failed_fix_is_retried(story):
    with pytest.raises(FixClosed):
        fix_retry(actor=story.cast.actor(), fix_id=story.proposed())


def test_a_fix_that_could_not_be_proposed_is_proposed_again(story, heard):
    story.host.base_commit("prompt.md", b"\xff\xfe")
    fix = story.fix(story.proposed())
    fix_retry(actor=story.cast.actor(), fix_id=fix.id)
    assert heard == [("wanted", fix.problem_id)]
    story.host.base_commit("prompt.md", PROMPT)
    assert story.fix(story.propose(fix.problem_id)).status == "proposed"
    assert story.report_states() == {"pending"}


def test_a_fix_that_could_not_be_opened_is_opened_again(story, heard):
    fix_id = story.approved()
    with tenant_context(story.cast.tenant.id):
        Fix.objects.update(status="failed", failure="x")
    fix_retry(actor=story.cast.actor(), fix_id=fix_id)
    assert heard == [("approved", fix_id)] * 2
    assert story.open(fix_id)


@pytest.mark.parametrize(
    ("fields", "calls", "status"),
    [
        ({"is_auto_open": True}, 2, "approved"),
        ({"is_auto_open": True}, 1, "proposed"),
        ({"is_auto_open": True, "auto_open_confidence": 0.99}, 2, "proposed"),
        ({"is_auto_open": False}, 2, "proposed"),
    ],
)
def test_a_fix_approves_itself_only_when_sure_and_seen_often_enough(cast, heard, fields, calls, status):
    story = Story(cast)
    story.repository(**fields)
    for number in range(calls):
        story.propose(story.report(f"c-{number}"))
    assert story.fix().status == status
    assert bool(heard) == (status == "approved")
