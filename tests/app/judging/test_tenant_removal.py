from __future__ import annotations

import pytest

from judging.models import PolicyRevision
from judging.policy_files import RuleDraft
from judging.services import policy_revision_activate, policy_set_import
from mirror_saas.roles import owner_connection
from tenants.scope import tenant_context
from tests.cast import Cast


def test_the_owner_role_removes_revisions_with_their_agent(transactional_cast: Cast):
    cast = transactional_cast
    with tenant_context(cast.tenant.id):
        revision = policy_set_import(agent=cast.agent, rules=[RuleDraft("Be kind.")], author="Ann")
        policy_revision_activate(agent=cast.agent, revision=revision, actor=cast.actor())
    with owner_connection(), tenant_context(cast.tenant.id):
        cast.agent.delete()
        assert not PolicyRevision.objects.exists()


@pytest.mark.parametrize("number", [1])
def test_the_application_role_does_not(transactional_cast: Cast, number: int):
    cast = transactional_cast
    with tenant_context(cast.tenant.id):
        policy_set_import(agent=cast.agent, rules=[RuleDraft("Be kind.")], author="Ann")
    with pytest.raises(Exception, match="immutable"), tenant_context(cast.tenant.id):
        cast.agent.delete()
