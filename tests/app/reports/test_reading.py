from uuid import uuid4

import pytest

from reports.access import access_problem, access_report
from reports.errors import ProblemNotFound, ReportNotFound
from reports.models import OutboxEvent, Problem, Report
from reports.outbox import MAX_DATA_BYTES, outbox_add
from reports.selectors import problem_get, problem_list, report_get, report_list
from reports.services import report_write
from tenants.scope import tenant_context
from tests.app.reports.rows import call_make


@pytest.fixture
def written(cast):
    """Three reports of one problem; returns them, newest first."""
    for number in range(3):
        call_id = call_make(cast.agent, external_id=f"c-{number}")
        report_write(tenant_id=cast.tenant.id, call_id=call_id)
    with tenant_context(cast.tenant.id):
        return list(Report.objects.order_by("-created_at"))


@pytest.mark.parametrize("role", ["owner", "member", "viewer"])
def test_a_member_reaches_report_and_problem(cast, written, role):
    with tenant_context(cast.tenant.id):
        assert access_report(cast.actor(role), written[0].id) == written[0]
        assert access_problem(cast.actor(role), written[0].problem_id, lock=True).id == written[0].problem_id


def test_another_tenants_and_absent_are_the_same(cast, written):
    for actor, report_id, problem_id in (
        (cast.outsider_actor, written[0].id, written[0].problem_id),
        (cast.actor(), uuid4(), uuid4()),
    ):
        with tenant_context(actor.tenant_id):
            with pytest.raises(ReportNotFound):
                access_report(actor, report_id)
            with pytest.raises(ProblemNotFound):
                access_problem(actor, problem_id)


def test_an_actor_in_another_tenants_context_reaches_nothing(cast, written):
    with tenant_context(cast.tenant.id), pytest.raises(ReportNotFound):
        access_report(cast.outsider_actor, written[0].id)


def test_lists_load_what_a_row_shows_in_one_query(cast, written, django_assert_num_queries):
    with tenant_context(cast.tenant.id):
        with django_assert_num_queries(1):
            rows = [(row.agent.slug, row.call.external_id, row.problem and row.problem.title) for row in report_list()]
        with django_assert_num_queries(1):
            problems = [(row.agent.slug, row.report_count) for row in problem_list()]
    assert (len(rows), problems) == (3, [("orders", 3)])


def test_lists_are_filtered(cast, written):
    with tenant_context(cast.tenant.id):
        assert list(report_list(call_id=written[1].call_id)) == [written[1]]
        assert list(report_list(severity="low")) == []
        assert list(problem_list(agent_id=cast.agent.id, status="open")) == [Problem.objects.get()]


def test_a_problem_s_page_holds_its_reports(cast, written, django_assert_num_queries):
    with tenant_context(cast.tenant.id), django_assert_num_queries(3):
        page = problem_get(cast.actor(), written[0].problem_id)
        assert [report.call.external_id for report in page.reports] == ["c-2", "c-1", "c-0"]


def test_a_report_s_page_needs_no_further_query(cast, written, django_assert_num_queries):
    with tenant_context(cast.tenant.id), django_assert_num_queries(2):
        report = report_get(cast.actor(), written[0].id)
        assert report.problem is not None
        assert (report.agent.slug, report.call.external_id, report.problem.report_count) == ("orders", "c-2", 3)


def test_an_event_is_kept_once_per_key_and_under_its_size(cast):
    with tenant_context(cast.tenant.id):
        for text in ("é" * 30_000, "other"):
            outbox_add(event_type="report.created", dedupe_key="k", data={"summary": text, "n": 1})
        event = OutboxEvent.objects.get()
    assert len(event.data["summary"]) == 1001
    assert len(str(event.data)) < MAX_DATA_BYTES
