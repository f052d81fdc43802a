"""The whole way after a call on a real git remote: ended, reported, proposed, approved, opened, merged, fixed."""

import subprocess
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now

from calls.signals import call_ended
from fixers.models import Fix, Repository
from fixers.services import fix_approve
from fixers.tasks import fix_sweep
from mirror_saas.celery import app
from reports.models import OutboxEvent, Problem, Report
from reports.tasks import report_sweep
from tenants.scope import tenant_context
from tests.app.reports.rows import call_make

PROMPT = 'NAME = "Mia"\nPROMPT = """You take orders.\nBe kind.\n"""\n'


@pytest.fixture
def eager():
    """Tasks run where they are enqueued."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def git(folder, *arguments):
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def remote(tmp_path, settings, transactional_cast):
    """A bare repository with the agent's prompt, known to Mirror."""
    settings.MIRROR_GIT_LOCAL_ROOTS = (tmp_path,)
    git(tmp_path, "init", "-q", "--bare", "--initial-branch=main", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    (tmp_path / "clone" / "agent.py").write_text(PROMPT)
    git(tmp_path / "clone", "add", "-A")
    git(tmp_path / "clone", "commit", "-q", "-m", "First")
    git(tmp_path / "clone", "push", "-q", "origin", "HEAD:main")
    cast = transactional_cast
    with tenant_context(cast.tenant.id):
        where = {"location": str(tmp_path / "remote.git"), "path": "agent.py", "embedding": "python:PROMPT"}
        Repository.objects.create(agent=cast.agent, **where)
    return tmp_path / "remote.git"


def end_call(cast, **how):
    """A call ends, the way the recorder tells it."""
    call_id = call_make(cast.agent, started_at=now() - timedelta(minutes=5), **how)
    with transaction.atomic():
        call_ended.send(sender=None, tenant_id=cast.tenant.id, call_id=call_id)


def one(cast, model):
    with tenant_context(cast.tenant.id):
        return model.objects.get()


def test_from_the_end_of_a_call_to_a_fixed_problem(eager, transactional_cast, remote):
    cast = transactional_cast
    end_call(cast)
    fix = one(cast, Fix)
    assert fix.status == "proposed"
    assert git(remote, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]

    fix_approve(actor=cast.actor(), fix_id=fix.id)
    fix = one(cast, Fix)
    assert fix.status == "open"
    assert git(remote, "show", f"{fix.branch}:agent.py") == fix.new_text
    assert git(remote, "log", "--format=%s", f"main..{fix.branch}").strip() == fix.title
    text = git(remote, "show", f"refs/mirror/pull-requests/fix-{fix.problem_id}:PULL_REQUEST.md")
    assert text == f"# {fix.title}\n\n{fix.body}"

    names: dict[str, str] = {}
    exec(fix.new_text, names)  # noqa: S102  (the patched module must still be one)
    assert names["NAME"] == "Mia"
    assert fix.rule_text in names["PROMPT"]

    refs = git(remote, "for-each-ref")
    report_sweep()
    fix_sweep()
    assert git(remote, "for-each-ref") == refs

    clone = remote.parent / "clone"
    git(clone, "fetch", "-q")
    git(clone, "merge", "-q", "--no-edit", f"origin/{fix.branch}")
    git(clone, "push", "-q", "origin", "HEAD:main")
    fix_sweep()
    assert (one(cast, Fix).status, one(cast, Problem).status, one(cast, Report).status) == (
        "merged",
        "fixed",
        "applied",
    )
    with tenant_context(cast.tenant.id):
        assert sorted(OutboxEvent.objects.values_list("type", flat=True)) == [
            "fix.pr_merged",
            "fix.pr_opened",
            "fix.proposed",
            "problem.fixed",
            "problem.opened",
            "report.created",
        ]


def test_what_a_lost_task_left_is_found_by_the_sweepers(eager, transactional_cast, remote):
    cast = transactional_cast
    call_make(cast.agent, started_at=now() - timedelta(minutes=5))
    report_sweep()
    assert one(cast, Report).severity == "high"
    with tenant_context(cast.tenant.id):
        Fix.objects.all().delete()
    fix_sweep()
    with tenant_context(cast.tenant.id):
        Fix.objects.update(status="approved")
    fix_sweep()
    assert one(cast, Fix).status == "open"


def test_a_clean_call_leaves_nothing(eager, transactional_cast, remote):
    end_call(transactional_cast, is_failed=False)
    with tenant_context(transactional_cast.tenant.id):
        assert not Report.objects.exists()
        assert not OutboxEvent.objects.exists()


def test_a_call_whose_end_was_rolled_back_is_not_reported(eager, transactional_cast, remote):
    cast = transactional_cast
    call_id = call_make(cast.agent)
    with transaction.atomic():
        call_ended.send(sender=None, tenant_id=cast.tenant.id, call_id=call_id)
        transaction.set_rollback(True)
    with tenant_context(cast.tenant.id):
        assert not Report.objects.exists()


def test_a_repository_outside_of_the_allowed_folders_is_a_failed_fix(eager, transactional_cast, remote, settings):
    settings.MIRROR_GIT_LOCAL_ROOTS = (remote.parent / "elsewhere",)
    end_call(transactional_cast)
    fix = one(transactional_cast, Fix)
    assert (fix.status, fix.failure) == ("failed", "this folder is outside of where local repositories may lie")
