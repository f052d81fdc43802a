from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.asserts import assertNumQueries

from judging.access import access_revision
from judging.core import Mode, Policy, Scope, Severity, compile_policy
from judging.errors import PolicyInvalid, RevisionChanged, RevisionNotFound
from judging.models import PolicyActivation, PolicyRecord, PolicyRevision
from judging.policy_bus import PoliciesActivated, policies_parse
from judging.policy_files import RuleDraft
from judging.selectors import policies_active, revision_list, rules_of
from judging.services import policy_revision_activate, policy_set_import
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tests.cast import Cast

TWO = [
    RuleDraft("Never promise a refund."),
    RuleDraft("Read back first.", Severity.LOW, Scope.TOOLS, Mode.RAMP, 0.5, "rb"),
]


def imported(cast: Cast, rules: Any = None) -> PolicyRevision:
    return policy_set_import(agent=cast.agent, rules=TWO if rules is None else rules, author="Ann", note="first")


def activated(cast: Cast, revision: PolicyRevision, **more: Any) -> bool:
    return policy_revision_activate(agent=cast.agent, revision=revision, actor=cast.actor(), **more)


@pytest.fixture
def inside(cast: Cast) -> Any:
    with tenant_context(cast.tenant.id):
        yield


pytestmark = pytest.mark.usefixtures("inside")


def test_an_import_makes_the_next_revision_and_activates_nothing(cast: Cast):
    first, second = imported(cast), imported(cast, ["x"] and [RuleDraft("Another.")])
    assert [first.number, second.number] == [1, 2]
    assert policies_active(cast.agent.id) == (0, ())


def test_the_same_rules_again_make_no_revision(cast: Cast):
    first = imported(cast)
    assert imported(cast) == first
    assert revision_list(cast.agent.id).count() == 1


def test_going_back_to_older_rules_is_a_new_revision(cast: Cast):
    imported(cast)
    imported(cast, [RuleDraft("Another.")])
    assert imported(cast).number == 3


def test_a_policy_file_is_taken_as_it_is(cast: Cast):
    assert [rule.text for rule in rules_of(imported(cast, "- Be kind.\n- text: Be brief.\n"))] == [
        "Be kind.",
        "Be brief.",
    ]


def test_a_bad_set_writes_nothing(cast: Cast):
    with pytest.raises(PolicyInvalid):
        imported(cast, [RuleDraft("a"), RuleDraft("a")])
    assert revision_list(cast.agent.id).count() == 0


def test_the_active_policies_are_read_in_two_queries(cast: Cast):
    activated(cast, imported(cast))
    with assertNumQueries(2):
        number, policies = policies_active(cast.agent.id)
    assert number == 1
    read = compile_policy("Read back first.")
    assert policies[1] == Policy("Read back first.", "rb", Severity.LOW, Scope.TOOLS, Mode.RAMP, 0.5, read)
    assert policies[0].id.startswith("never-promise-a-refund-")


def test_an_activation_is_audited_once_and_told_after_the_commit(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
):
    revision = imported(cast)
    with django_capture_on_commit_callbacks() as told:
        assert activated(cast, revision)
        assert not activated(cast, revision)
    entry = AuditEntry.objects.get(action="policies.activated")
    assert len(told) == 1
    assert (entry.actor, entry.detail) == (
        "user:ann@acme.example",
        {"agent": "orders", "revision": 1, "previous": None},
    )


def test_a_roll_back_is_an_activation_of_the_older_revision(cast: Cast):
    first, second = imported(cast), imported(cast, [RuleDraft("Another.")])
    for revision in (first, second, first):
        assert activated(cast, revision)
    assert policies_active(cast.agent.id)[0] == 1
    assert PolicyActivation.objects.count() == 3


def test_an_activation_that_expects_another_state_is_refused(cast: Cast):
    first, second = imported(cast), imported(cast, [RuleDraft("Another.")])
    activated(cast, first, expected_number=0)
    with pytest.raises(RevisionChanged):
        activated(cast, second, expected_number=0)
    assert policies_active(cast.agent.id)[0] == 1
    assert activated(cast, second, expected_number=1)


def test_a_revision_is_reached_by_its_own_tenant_only(cast: Cast):
    imported(cast)
    assert access_revision(cast.actor(), cast.agent, 1).number == 1
    with pytest.raises(RevisionNotFound):
        access_revision(cast.actor(), cast.agent, 2)
    with tenant_context(cast.other_tenant.id), pytest.raises(RevisionNotFound):
        access_revision(cast.outsider_actor, cast.agent, 1)


CHANGES = [
    "UPDATE judging_policyrevision SET number = 9",
    "UPDATE judging_policyrevision SET note = 'other'",
    "UPDATE judging_policyrecord SET text = 'other'",
    "UPDATE judging_policyrecord SET compiled = NULL",
    "UPDATE judging_policyrecord SET compiled_by = 'user:other'",
    "DELETE FROM judging_policyrecord",
    "DELETE FROM judging_policyrevision",
    """INSERT INTO judging_policyrecord (id, created_at, tenant_id, revision_id, position, key, text, severity, scope,
       mode, ramp_share) SELECT gen_random_uuid(), now(), tenant_id, id, 2, 'k', 't', 'low', 'both', 'enforce', 1
       FROM judging_policyrevision""",
]


@pytest.mark.parametrize("sql", CHANGES)
def test_the_database_refuses_to_change_a_revision(cast: Cast, sql: str):
    imported(cast)
    with (
        pytest.raises(DatabaseError, match="a policy revision is immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_another_tenants_revision_takes_no_rule(cast: Cast):
    revision = imported(cast)
    with (
        tenant_context(cast.other_tenant.id),
        pytest.raises(DatabaseError, match="a policy revision is immutable"),
        transaction.atomic(),
    ):
        PolicyRecord.objects.create(revision_id=revision.id, position=0, key="k", text="t")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"tenant_id": "x"}', b'{"tenant_id": 1, "agent_id": 2, "revision": 3}']
)
def test_a_message_that_is_none_of_ours_is_none(data: bytes):
    assert policies_parse(data) is None


def test_a_message_is_read(cast: Cast):
    told = {"tenant_id": str(cast.tenant.id), "agent_id": str(cast.agent.id), "revision": 3}
    assert policies_parse(json.dumps(told)) == PoliciesActivated(cast.tenant.id, cast.agent.id, 3)
