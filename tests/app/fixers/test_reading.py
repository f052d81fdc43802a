from uuid import uuid4

import pytest

from fixers.access import access_fix
from fixers.refusals import FixNotFound
from fixers.selectors import fix_get, fix_list
from tenants.scope import tenant_context


@pytest.mark.parametrize("role", ["owner", "member", "viewer"])
def test_a_member_reaches_a_fix(story, role):
    fix_id = story.proposed()
    with tenant_context(story.cast.tenant.id):
        assert access_fix(story.cast.actor(role), fix_id, lock=True).id == fix_id


def test_another_tenants_and_absent_are_the_same(story):
    fix_id = story.proposed()
    for actor, one in ((story.cast.outsider_actor, fix_id), (story.cast.actor(), uuid4())):
        with tenant_context(actor.tenant_id), pytest.raises(FixNotFound):
            access_fix(actor, one)


def test_a_list_loads_what_a_row_shows_in_one_query(story, django_assert_num_queries):
    story.proposed()
    with tenant_context(story.cast.tenant.id), django_assert_num_queries(1):
        rows = [(fix.problem.agent.slug, fix.repository.path, fix.approved_by) for fix in fix_list(status="proposed")]
    assert rows == [("orders", "prompt.md", None)]


def test_a_fix_s_page_holds_problem_repository_and_reports(story, django_assert_num_queries):
    fix_id = story.proposed()
    with tenant_context(story.cast.tenant.id), django_assert_num_queries(3):
        page = fix_get(story.cast.actor(), fix_id)
        shown = (page.problem.agent.slug, page.repository.path, [report.call.external_id for report in page.reports])
    assert shown == ("orders", "prompt.md", ["c-1"])
