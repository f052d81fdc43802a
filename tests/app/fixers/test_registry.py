from datetime import timedelta

import pytest

from fixers.errors import HostRefused, HostUnavailable
from fixers.hosts.registry import code_host_for, git_settings, host_target
from fixers.models import Repository
from fixers.tasks import PERIODIC_TASKS, fix_sync
from mirror_saas.celery import app
from tenants.models import Credential
from tenants.scope import tenant_context
from tenants.services import credential_set


def target(cast, **fields):
    with tenant_context(cast.tenant.id):
        return host_target(Repository(agent=cast.agent, path="p.md", **fields))


def credential(cast, **fields) -> Credential:
    return credential_set(actor=cast.actor(), kind="repository", name="r", **fields)


def test_a_host_that_is_not_supported_is_refused(cast):
    with pytest.raises(HostRefused, match="bitbucket is not supported"):
        code_host_for(target(cast, host="bitbucket", location="acme/agent"))


def test_a_credential_is_used_and_never_shown(cast):
    found = target(cast, location="https://git.example/a.git", credential=credential(cast, secret="s3cret"))
    assert "s3cret" not in repr(found)
    with code_host_for(found) as host:
        assert "s3cret" not in repr(host)


@pytest.mark.parametrize(("reference", "error"), [("env:MIRROR_ABSENT", HostUnavailable), ("env:OTHER", HostRefused)])
def test_a_credential_that_cannot_be_read_is_told(cast, settings, reference, error):
    settings.MIRROR_SECRET_REFERENCES = [reference]
    kept = credential(cast, reference=reference)
    settings.MIRROR_SECRET_REFERENCES = ["env:MIRROR_*"]
    with pytest.raises(error, match="credential cannot be read"):
        code_host_for(target(cast, location="https://git.example/a.git", credential=kept))


def test_local_remotes_lie_where_the_operator_says(settings):
    assert git_settings().local_roots == (settings.MIRROR_DATA_DIR,)
    settings.MIRROR_GIT_LOCAL_ROOTS = ["/srv/git"]
    assert [str(root) for root in git_settings().local_roots] == ["/srv/git"]
    settings.MIRROR_GIT_LOCAL_ROOTS = []
    assert git_settings().local_roots == ()


def test_a_repository_that_was_taken_away_stops_no_sweeper(story, settings, tmp_path, caplog):
    fix_id = story.opened()
    settings.MIRROR_GIT_LOCAL_ROOTS = (tmp_path,)
    fix_sync(str(story.cast.tenant.id), str(fix_id))
    assert story.fix().status == "open"
    assert "Pull request cannot be read" in caplog.text


def test_the_sweepers_are_scheduled_by_names_that_exist():
    for scheduled in PERIODIC_TASKS.values():
        assert scheduled["task"] in app.tasks
        assert timedelta(seconds=float(str(scheduled["schedule"]))) <= timedelta(minutes=1)
