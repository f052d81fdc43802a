"""What members may do on the pages of fixes, reports and problems."""

from __future__ import annotations

import pytest
from django.test import Client

from fixers.models import Fix
from reports.models import Problem, Report
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.app.console.seed import Seeded
from tests.cast import Cast


def _urls(seeded: Seeded) -> list[str]:
    fix, report, problem = (
        f"/app/fixes/{seeded.fix.id}",
        f"/app/reports/{seeded.report.id}",
        f"/app/problems/{seeded.problem.id}",
    )
    fixes = [f"{fix}/{verb}/" for verb in ("approve", "dismiss", "retry")]
    return [*fixes, f"{report}/dismiss/", f"{problem}/ignore/", f"{problem}/reopen/"]


def _states(cast: Cast, seeded: Seeded) -> tuple[str, str, str]:
    with tenant_context(cast.tenant.id):
        rows = (Fix, seeded.fix), (Report, seeded.report), (Problem, seeded.problem)
        fix, report, problem = (model.objects.get(id=row.id).status for model, row in rows)
    return fix, report, problem


def _fix_set(cast: Cast, seeded: Seeded, **fields: str) -> None:
    with tenant_context(cast.tenant.id):
        Fix.objects.filter(id=seeded.fix.id).update(**fields)


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("outsider", 404), ("", 302)])
def test_who_may_not_act_changes_nothing(who: str, status: int, seeded: Seeded, sign_in: SignIn, cast: Cast):
    before = _states(cast, seeded)
    answers = [sign_in(who).post(url) for url in _urls(seeded)]
    assert [answer.status_code for answer in answers] == [status] * len(answers)
    assert _states(cast, seeded) == before


@pytest.mark.parametrize(("verb", "status"), [("approve", "approved"), ("dismiss", "dismissed")])
@pytest.mark.parametrize("who", ["owner", "member"])
def test_a_member_decides_on_a_proposed_fix(
    verb: str, status: str, who: str, seeded: Seeded, sign_in: SignIn, cast: Cast
):
    browser = sign_in(who)
    answer = browser.post(f"/app/fixes/{seeded.fix.id}/{verb}/", follow=True)
    assert answer.status_code == 200
    assert _states(cast, seeded)[0] == status
    assert 'class="notice notice-success"' in answer.content.decode()
    with tenant_context(cast.tenant.id):
        entry = AuditEntry.objects.get(action=f"fix.{status}")
        assert (entry.actor, entry.object_id) == (f"user:{getattr(cast, who).email}", str(seeded.fix.id))


def test_a_failed_fix_is_tried_again(seeded: Seeded, sign_in: SignIn, cast: Cast):
    _fix_set(cast, seeded, status="failed", failure="The host refused.", new_text="You take orders.")
    owner = sign_in("owner")
    page = owner.get(f"/app/fixes/{seeded.fix.id}/").content.decode()
    assert "The host refused." in page
    owner.post(f"/app/fixes/{seeded.fix.id}/retry/")
    assert _states(cast, seeded)[0] == "approved"


def test_a_fix_without_a_change_is_proposed_anew_for_its_problem(seeded: Seeded, sign_in: SignIn, cast: Cast):
    _fix_set(cast, seeded, status="failed", new_text="", diff="")
    owner = sign_in("owner")
    assert "No change to show" in owner.get(f"/app/fixes/{seeded.fix.id}/").content.decode()
    answer = owner.post(f"/app/fixes/{seeded.fix.id}/retry/")
    assert answer["Location"] == f"/app/problems/{seeded.problem.id}/"


def test_a_state_that_forbids_it_is_told_and_stays(seeded: Seeded, sign_in: SignIn, cast: Cast):
    _fix_set(cast, seeded, status="merged")
    answer = sign_in("owner").post(f"/app/fixes/{seeded.fix.id}/dismiss/", follow=True)
    assert 'class="notice notice-error"' in answer.content.decode()
    assert _states(cast, seeded)[0] == "merged"


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        ("proposed", ["approve", "dismiss"]),
        ("approved", ["dismiss"]),
        ("failed", ["retry", "dismiss"]),
        ("open", []),
        ("merged", []),
    ],
)
def test_the_page_offers_what_the_state_allows(
    status: str, verbs: list[str], seeded: Seeded, sign_in: SignIn, cast: Cast
):
    _fix_set(cast, seeded, status=status)
    text = sign_in("member").get(f"/app/fixes/{seeded.fix.id}/").content.decode()
    offered = [
        verb for verb in ("approve", "retry", "dismiss") if f'action="/app/fixes/{seeded.fix.id}/{verb}/"' in text
    ]
    assert offered == verbs


def test_a_viewer_is_offered_nothing(seeded: Seeded, sign_in: SignIn):
    viewer = sign_in("viewer")
    pages = (f"/app/fixes/{seeded.fix.id}/", f"/app/reports/{seeded.report.id}/", f"/app/problems/{seeded.problem.id}/")
    for page in pages:
        assert f'action="{page}' not in viewer.get(page).content.decode()


def test_a_report_is_dismissed_and_a_problem_ignored_and_reopened(seeded: Seeded, sign_in: SignIn, cast: Cast):
    member = sign_in("member")
    member.post(f"/app/reports/{seeded.report.id}/dismiss/")
    member.post(f"/app/problems/{seeded.problem.id}/ignore/")
    assert _states(cast, seeded)[1:] == ("dismissed", "ignored")
    member.post(f"/app/problems/{seeded.problem.id}/reopen/")
    assert _states(cast, seeded)[2] == "open"


def test_a_form_without_its_token_is_refused(seeded: Seeded, cast: Cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)
    before = _states(cast, seeded)
    assert {browser.post(url).status_code for url in [*_urls(seeded), "/app/theme/"]} == {403}
    assert _states(cast, seeded) == before


def test_looking_changes_nothing(seeded: Seeded, sign_in: SignIn):
    owner = sign_in("owner")
    assert {owner.get(url).status_code for url in [*_urls(seeded), "/app/theme/"]} == {405}
