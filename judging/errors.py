"""What can go wrong with policies and with the models behind the judge.

    MirrorError
    ├── PolicyInvalid        400  a rule or a policy file that cannot be accepted; names the rule or the line
    ├── RevisionNotFound     404  no revision of this number
    ├── RuleNotFound         404  the revision has no rule of this key
    └── RevisionChanged      409  another revision became active since the caller looked

A model that fails is none of these in a live call: it is a ``core.Answer`` with a ``failure``. Where it is caught, see
``judging.providers.errors``.
"""

from __future__ import annotations

from tenants.errors import Conflict, InvalidInput, NotFound


class PolicyInvalid(InvalidInput):
    code = "policy_invalid"
    title = "The policies cannot be accepted"


class RevisionNotFound(NotFound):
    code = "revision_not_found"


class RuleNotFound(NotFound):
    code = "rule_not_found"


class RevisionChanged(Conflict):
    code = "revision_changed"
