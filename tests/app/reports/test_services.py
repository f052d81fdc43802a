from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from reports.models import CallAnalysis, OutboxEvent, Problem, Report
from reports.prose import CompletionFailed
from reports.services import (
    CLAIM_LEASE,
    MAX_ATTEMPTS,
    problem_fix,
    problem_ignore,
    problem_reopen,
    report_dismiss,
    report_write,
    reports_due,
)
from reports.signals import report_written
from tenants.scope import tenant_context
from tests.app.reports.rows import START, call_make


@pytest.fixture
def written():
    """What ``report_written`` told."""
    told = []

    def hear(**sent):
        told.append(sent["report_id"])

    report_written.connect(hear)
    yield told
    report_written.disconnect(hear)


def write(cast, call_id, **rest):
    return report_write(tenant_id=cast.tenant.id, call_id=call_id, **rest)


def events(cast):
    with tenant_context(cast.tenant.id):
        return sorted(event.type for event in OutboxEvent.objects.all())


def the_problem(cast):
    with tenant_context(cast.tenant.id):
        return Problem.objects.get()


def test_a_failed_call_gets_a_masked_report_in_a_problem(cast, written):
    report_id = write(cast, call_make(cast.agent))
    with tenant_context(cast.tenant.id):
        report = Report.objects.select_related("problem").get()
    assert (report.id, written) == (report_id, [report_id])
    assert (report.severity, report.pattern, report.source) == ("high", "Old value kept after a change", "rules")
    assert "The caller heard none of it." in report.summary
    assert "that cannot be undone" in report.summary
    assert "John" not in repr(report.__dict__)
    assert (report.problem.title, report.problem.report_count) == (
        "Old value kept after a change (place_order.items.quantity)",
        1,
    )
    assert events(cast) == ["problem.opened", "report.created"]


def test_a_call_in_which_nothing_failed_is_decided_without_a_report(cast, written):
    call_id = call_make(cast.agent, is_failed=False)
    assert write(cast, call_id) is None
    assert (events(cast), written, reports_due(tenant_id=cast.tenant.id, at=START)) == ([], [], [])


def test_a_live_call_has_no_report_yet(cast):
    call_id = call_make(cast.agent, status="live")
    assert write(cast, call_id) is None
    with tenant_context(cast.tenant.id):
        assert not CallAnalysis.objects.exists()


def test_a_second_run_changes_nothing_and_names_the_same_report(cast, written):
    call_id = call_make(cast.agent)
    assert write(cast, call_id) == write(cast, call_id)
    assert (len(written), the_problem(cast).report_count, len(events(cast))) == (1, 1, 2)


def test_another_tenants_call_is_not_seen(cast):
    call_id = call_make(cast.other_agent)
    assert write(cast, call_id) is None
    assert events(cast) == []


def test_calls_with_one_cause_join_one_problem(cast):
    for number in range(3):
        write(cast, call_make(cast.agent, external_id=f"c-{number}", started_at=START + timedelta(hours=number)))
    problem = the_problem(cast)
    assert problem.report_count == 3
    assert problem.last_seen_at - problem.first_seen_at == timedelta(hours=2)
    assert events(cast).count("problem.opened") == 1


def test_a_fixed_problem_that_comes_back_is_regressed_once(cast):
    write(cast, call_make(cast.agent))
    with tenant_context(cast.tenant.id):
        assert problem_fix(problem_id=Problem.objects.get().id, at=START + timedelta(hours=1))
    for number in (2, 3):
        write(cast, call_make(cast.agent, external_id=f"c-{number}", started_at=START + timedelta(hours=number)))
    assert the_problem(cast).status == "regressed"
    assert events(cast).count("problem.regressed") == 1
    assert events(cast).count("problem.fixed") == 1


def test_a_late_report_of_a_call_from_before_the_fix_is_no_regression(cast):
    write(cast, call_make(cast.agent))
    with tenant_context(cast.tenant.id):
        problem_fix(problem_id=Problem.objects.get().id, at=START + timedelta(hours=1))
    write(cast, call_make(cast.agent, external_id="c-2"))
    assert (the_problem(cast).status, the_problem(cast).report_count) == ("fixed", 2)


def test_an_ignored_problem_still_counts_and_stays_ignored(cast):
    write(cast, call_make(cast.agent))
    problem_ignore(actor=cast.actor(), problem_id=the_problem(cast).id)
    write(cast, call_make(cast.agent, external_id="c-2"))
    assert (the_problem(cast).status, the_problem(cast).report_count) == ("ignored", 2)
    assert problem_reopen(actor=cast.actor(), problem_id=the_problem(cast).id).status == "open"


def test_a_worker_that_died_is_followed_by_another_after_the_lease(cast, written):
    call_id = call_make(cast.agent)

    def die(_messages):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(cast, call_id, complete=die, at=START)
    asked: list[object] = []
    assert write(cast, call_id, complete=asked.append, at=START + CLAIM_LEASE) is None
    assert asked == []
    assert reports_due(tenant_id=cast.tenant.id, at=START + CLAIM_LEASE) == []
    later = START + CLAIM_LEASE + timedelta(seconds=1)
    assert reports_due(tenant_id=cast.tenant.id, at=later) == [call_id]
    assert write(cast, call_id, at=later) in written


def test_a_worker_whose_claim_ran_out_writes_nothing(cast, written):
    call_id = call_make(cast.agent)

    def slow(_messages):
        write(cast, call_id, at=START + 2 * CLAIM_LEASE)
        raise CompletionFailed

    first = write(cast, call_id, complete=slow, at=START)
    assert written == [first]
    assert the_problem(cast).report_count == 1


def test_a_call_that_fails_every_time_is_given_up(cast):
    call_id = call_make(cast.agent)

    def die(_messages):
        raise KeyboardInterrupt

    at = START
    for _ in range(MAX_ATTEMPTS):
        at += 2 * CLAIM_LEASE
        with pytest.raises(KeyboardInterrupt):
            write(cast, call_id, complete=die, at=at)
    assert reports_due(tenant_id=cast.tenant.id, at=at + 2 * CLAIM_LEASE) == []
    with tenant_context(cast.tenant.id):
        assert CallAnalysis.objects.get().outcome == "failed"


def test_calls_that_ended_without_a_decision_are_due(cast):
    call_id = call_make(cast.agent)
    call_make(cast.agent, external_id="c-2", status="live")
    assert reports_due(tenant_id=cast.tenant.id, at=START) == [call_id]
    assert reports_due(tenant_id=cast.other_tenant.id, at=START) == []


def test_a_model_that_fails_leaves_the_rules_words(cast):
    def failing(_messages):
        raise CompletionFailed

    write(cast, call_make(cast.agent), complete=failing)
    with tenant_context(cast.tenant.id):
        assert Report.objects.get().source == "rules"


def test_a_report_is_dismissed_once(cast):
    report_id = write(cast, call_make(cast.agent))
    for _ in range(2):
        assert report_dismiss(actor=cast.actor(), report_id=report_id).status == "dismissed"


def test_twenty_workers_on_one_call_write_one_report(transactional_cast, written):
    cast = transactional_cast
    call_id = call_make(cast.agent)
    in_threads(lambda _: write(cast, call_id))
    assert (len(written), the_problem(cast).report_count, len(events(cast))) == (1, 1, 2)


def test_twenty_calls_at_once_make_one_problem(transactional_cast, written):
    cast = transactional_cast
    ids = [call_make(cast.agent, external_id=f"c-{number}") for number in range(20)]
    in_threads(lambda number: write(cast, ids[number]))
    assert (len(written), the_problem(cast).report_count) == (20, 20)
    assert events(cast).count("problem.opened") == 1


def test_a_regression_is_told_once_by_twenty_calls_at_once(transactional_cast):
    cast = transactional_cast
    write(cast, call_make(cast.agent))
    with tenant_context(cast.tenant.id):
        problem_fix(problem_id=Problem.objects.get().id, at=START + timedelta(hours=1))
    later = START + timedelta(hours=2)
    ids = [call_make(cast.agent, external_id=f"n-{number}", started_at=later) for number in range(20)]
    in_threads(lambda number: write(cast, ids[number]))
    assert events(cast).count("problem.regressed") == 1


def in_threads(work):
    def run(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(run, range(20)))
