"""The compiled form of a rule as it is stored: what is judged by, where it came from, and who may change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from judging.config import agent_judging_load
from judging.core import Compiled, compile_policy
from judging.errors import PolicyInvalid, RuleNotFound
from judging.models import PolicyRecord, PolicyRevision
from judging.policy_files import RuleDraft, rules_from_yaml, rules_to_yaml
from judging.readings import Reading, is_outdated, is_read_alike, reading_of, readings_settle
from judging.selectors import policies_active, rules_of
from judging.services import policy_revision_activate, policy_set_import, rule_reading_change
from tenants.access import actor_mirror
from tenants.models import AuditEntry
from tenants.scope import tenant_context
from tests.app.judging.test_api import RECORD, api, key_with
from tests.cast import Cast

__all__ = ["api"]

REVISIONS = "/api/v1/agents/orders/policies/revisions/"
TEXT = "Never promise a refund."
BY_RULES = compile_policy(TEXT).as_json()
OWN = {"clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent promises money back."}]}]}
OWN_FORM = Compiled.from_json(OWN)
OLDER = Compiled.from_json({**OWN, "made_by": "rules"})  # what rules of another day may have said


def rule(compiled: Any = None, text: str = TEXT) -> dict[str, Any]:
    return {"text": text, "key": "refund", **({"compiled": compiled} if compiled is not None else {})}


def posted(api: Any, *rules: Any, **more: Any) -> tuple[int, Any]:
    status, made = api("post", REVISIONS, {"rules": list(rules), **more})
    return status, made.get("rules", made)


def older_write(cast: Cast, *, compiled: Compiled | None = OLDER) -> PolicyRevision:
    """A revision as an older version of Mirror wrote it, made active: with the rules' reading of then, or none."""
    values = {"agent": cast.agent, "number": 1, "rule_count": 1, "content_hash": "0" * 64}
    revision: PolicyRevision = PolicyRevision.objects.create(**values)
    stored = {"compiled": compiled.as_json(), "compiled_at": datetime(2026, 1, 2, tzinfo=UTC)} if compiled else {}
    PolicyRecord.objects.create(revision=revision, position=0, key="refund", text=TEXT, **stored)
    policy_revision_activate(agent=cast.agent, revision=revision, actor=cast.actor())
    return revision


def test_without_a_form_a_rule_is_read_by_the_rules_and_keeps_that_reading(api: Any):
    status, (made,) = posted(api, rule())
    assert (status, made["compiled"], made["compiled_by"], made["is_outdated"]) == (201, BY_RULES, "", False)
    assert made["compiled_at"] is not None


def test_a_form_of_ones_own_is_stored_with_who_gave_it(api: Any):
    status, (made,) = posted(api, rule({**OWN, "made_by": "rules", "may_stop": False}))
    assert (status, made["compiled"]["made_by"], made["compiled_by"]) == (201, "tenant", "key:Production")
    assert (made["compiled"]["may_stop"], made["is_outdated"]) == (False, False)
    assert api("get", f"{REVISIONS}1/")[1]["rules"] == [made]


def test_a_form_that_a_model_made_says_so(api: Any):
    made = posted(api, rule({**OWN, "made_by": "model"}))[1][0]
    assert (made["compiled"]["made_by"], made["compiled_by"]) == ("model", "key:Production")


def test_what_the_rules_say_anyway_is_nobodys_edit(api: Any):
    made = posted(api, rule({**BY_RULES, "made_by": "tenant"}))[1][0]
    assert (made["compiled"], made["compiled_by"]) == (BY_RULES, "")


def test_rules_that_were_read_can_be_sent_back_and_are_the_same(api: Any):
    rules = posted(api, rule(OWN), "Be kind.")[1]
    assert posted(api, *rules) == (200, rules)
    status, again = posted(api, *rules, "Be brief.")
    assert (status, again[:2]) == (201, rules)


def test_another_form_of_the_same_rule_is_a_new_revision(api: Any):
    assert [posted(api, rule(form))[0] for form in (None, OWN, OWN, None, None)] == [201, 201, 200, 201, 200]


@pytest.mark.parametrize(
    ("compiled", "told"),
    [
        (3, "rules.0: compiled: expected an object"),
        ({"clauses": [{"kind": "forbidden_act", "when": [{"act": "Promises a refund."}]}]}, "must begin with"),
        ({"clauses": [{"kind": "forbidden_act", "when": [{"act": f"The agent {'x' * 400}."}]}]}, "at most 400"),
        ({"clauses": [{"kind": "forbidden_act"}]}, "rules.0: compiled.clauses[0]: forbidden_act needs an act"),
    ],
)
def test_a_form_that_is_none_is_refused_with_its_place(api: Any, compiled: Any, told: str):
    status, problem = posted(api, rule(compiled))
    assert (status, told in problem["detail"]) == (400, True)


def _wide(number: int) -> Compiled:
    acts = [[{"act": f"The agent says {number} {clause} {word}."} for word in range(8)] for clause in range(20)]
    return Compiled.from_json({"clauses": [{"kind": "condition", "when": when} for when in acts]})


def test_a_set_that_asks_for_too_many_acts_is_refused(cast: Cast):
    many = [RuleDraft(f"Rule {number}.", compiled=_wide(number)) for number in range(7)]
    with tenant_context(cast.tenant.id), pytest.raises(PolicyInvalid, match="at most 1000 acts, not 1120"):
        policy_set_import(agent=cast.agent, rules=many, author="Ann")


def test_a_viewers_key_may_read_forms_and_not_change_them(api: Any, cast: Cast):
    posted(api, rule(OWN))
    reader = key_with(cast, "policies:read")
    assert api("get", f"{REVISIONS}1/", headers=reader)[1]["rules"][0]["compiled_by"] == "key:Production"
    assert api("post", REVISIONS, {"rules": [rule()]}, headers=reader)[0] == 403


def test_a_policy_file_carries_the_form(cast: Cast):
    with tenant_context(cast.tenant.id):
        first = policy_set_import(agent=cast.agent, rules=[RuleDraft(TEXT, compiled=OWN_FORM)], author="Ann")
        written = rules_to_yaml(rules_of(first))
        assert rules_from_yaml(written) == rules_of(first)
        assert policy_set_import(agent=cast.agent, rules=written, author="Bob") == first


@pytest.mark.parametrize(
    "text",
    [
        "- text: a\n  compiled: !!python/object:os.system {}\n",
        "- text: a\n  compiled: &a [*a]\n",
        "- text: a\n  compiled: {clauses: [{kind: condition, when: [{fact: 2020-99-99}]}]}\n",
        "- text: a\n  compiled: {? [x] : y}\n",
        "- text: a\n  compiled: x\n",
    ],
)
def test_a_file_with_anything_else_for_a_form_is_refused_with_its_line(text: str):
    with pytest.raises(PolicyInvalid, match=r"^line \d: compiled"):
        rules_from_yaml(text)


def test_the_stored_form_is_what_is_judged_by_whatever_the_rules_say_now(cast: Cast):
    with tenant_context(cast.tenant.id):
        older_write(cast)
        (policy,) = policies_active(cast.agent.id)[1]
        config = agent_judging_load(cast.agent.id)
    assert policy.compiled == OLDER
    assert config is not None
    assert config.policies == (policy,)


def test_a_reading_of_older_rules_is_marked_and_kept_until_someone_takes_the_new_one(api: Any, cast: Cast):
    with tenant_context(cast.tenant.id):
        older_write(cast)
    shown = api("get", f"{REVISIONS}1/")[1]["rules"]
    assert (shown[0]["compiled"], shown[0]["is_outdated"]) == (OLDER.as_json(), True)
    kept = posted(api, *shown, "Be kind.")[1]
    assert (kept[0]["compiled"], kept[0]["compiled_at"]) == (OLDER.as_json(), shown[0]["compiled_at"])
    compiled = api("post", "/api/v1/policies/compile", {"text": TEXT})[1]["compiled"]
    status, taken = posted(api, {**shown[0], "compiled": compiled}, "Be kind.")
    assert (status, taken[0]["compiled"], taken[0]["is_outdated"]) == (201, BY_RULES, False)


def test_a_revision_from_before_forms_were_stored_is_read_by_the_rules(api: Any, cast: Cast):
    with tenant_context(cast.tenant.id):
        revision = older_write(cast, compiled=None)
        assert policies_active(cast.agent.id)[1][0].compiled is None
        assert is_read_alike([RuleDraft(TEXT)], revision.rules.all())
    (shown,) = api("get", f"{REVISIONS}1/")[1]["rules"]
    assert (shown["compiled"], shown["compiled_at"], shown["is_outdated"]) == (BY_RULES, None, False)


def test_a_stored_form_that_cannot_be_read_any_more_leaves_the_rule_to_the_rules(cast: Cast, caplog: Any):
    with tenant_context(cast.tenant.id):
        record = PolicyRecord(text=TEXT, compiled={"version": 99}, compiled_by="user:x", compiled_at=now())
    assert reading_of(record) == Reading(compile_policy(TEXT))
    assert not is_outdated(record, reading_of(record))
    assert "stored form not usable" in caplog.text


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"compiled": OWN_FORM.as_json(), "compiled_by": "user:x"}, "policy_compiled_at_known"),
        ({"compiled": OWN_FORM.as_json(), "compiled_at": datetime(2026, 1, 2, tzinfo=UTC)}, "policy_compiled_by_known"),
    ],
)
def test_the_database_keeps_no_edit_without_who_and_when(cast: Cast, fields: Any, constraint: str):
    with tenant_context(cast.tenant.id):
        revision = PolicyRevision.objects.create(agent=cast.agent, number=1, rule_count=1, content_hash="0")
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            PolicyRecord.objects.create(revision=revision, position=0, key="k", text=TEXT, **fields)


@pytest.fixture
def two(cast: Cast) -> PolicyRevision:
    with tenant_context(cast.tenant.id):
        rules = [RuleDraft(TEXT, key="refund"), RuleDraft("Be kind.", key="kind", compiled=OWN_FORM)]
        return policy_set_import(agent=cast.agent, rules=rules, author="user:mia")


def changed(cast: Cast, base: PolicyRevision, key: str = "refund", **more: Any) -> PolicyRevision:
    given = {"compiled": replace(OWN_FORM, may_stop=False), "actor": cast.actor(), "note": "softer", **more}
    return rule_reading_change(agent=cast.agent, base=base, key=key, **given)


def test_an_edit_is_a_new_revision_that_leaves_every_other_rule_as_it_was(cast: Cast, two: PolicyRevision):
    with tenant_context(cast.tenant.id):
        revision = changed(cast, two)
        edited, other = revision.rules.all()
        before = two.rules.get(key="kind")
        assert (revision.number, revision.author, revision.note) == (2, "user:ann@acme.example", "softer")
        assert (reading_of(edited).compiled.may_stop, edited.compiled_by) == (False, "user:ann@acme.example")
        assert [getattr(other, name) for name in ("compiled", "compiled_by", "compiled_at")] == [
            getattr(before, name) for name in ("compiled", "compiled_by", "compiled_at")
        ]
        assert policies_active(cast.agent.id)[0] == 0
        entry = AuditEntry.objects.get(action="policies.reading_changed")
        assert (entry.actor, entry.detail) == (
            "user:ann@acme.example",
            {"agent": "orders", "revision": 2, "base": 1, "rule": "refund"},
        )


def test_an_edit_of_an_older_revision_keeps_the_origin_its_rules_have_there(cast: Cast, two: PolicyRevision):
    with tenant_context(cast.tenant.id):
        policy_set_import(agent=cast.agent, rules=[RuleDraft("Another.")], author="x")
        revision = changed(cast, two)
        assert [record.compiled_by for record in revision.rules.all()] == ["user:ann@acme.example", "user:mia"]


def test_an_edit_that_changes_nothing_makes_no_revision(cast: Cast, two: PolicyRevision):
    with tenant_context(cast.tenant.id):
        assert changed(cast, two, compiled=compile_policy(TEXT)) == two
        assert not AuditEntry.objects.filter(action="policies.reading_changed").exists()


def test_a_rule_that_is_not_there_cannot_be_edited(cast: Cast, two: PolicyRevision):
    with tenant_context(cast.tenant.id), pytest.raises(RuleNotFound):
        changed(cast, two, key="absent")


def test_another_tenants_forms_are_out_of_reach(api: Any, cast: Cast, two: PolicyRevision):
    with tenant_context(cast.other_tenant.id):
        assert not PolicyRecord.objects.filter(revision_id=two.id).exists()
        with pytest.raises(RuleNotFound):
            changed(cast, two, actor=actor_mirror(cast.other_tenant.id))
    assert api("get", f"{REVISIONS}1/", headers=cast.other_bearer)[0] == 404


def test_an_edit_of_another_text_is_not_taken_for_the_old_ones(cast: Cast, two: PolicyRevision):
    with tenant_context(cast.tenant.id):
        draft = RuleDraft("Stay kind.", key="kind", compiled=OWN_FORM)
        (reading,) = readings_settle([draft], two.rules.all(), author="user:ann", at=now())
    assert reading.by == "user:ann"


def test_a_review_judges_by_the_stored_form(api: Any, settings: Any, cast: Cast):
    settings.MIRROR_EMBEDDED_TIER1 = True
    text = "Keep our prices to yourself."  # nothing that the rules could ask about
    form = {"clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent quotes a price."}]}]}
    record = {**RECORD, "policies": [], "agent_text": "It costs 5 dollars."}
    found = []
    for number, compiled in enumerate((None, form, {**form, "may_stop": False}), 1):
        posted(api, rule(compiled, text))
        api("post", f"{REVISIONS}{number}/activate", {})
        verdict = api("post", "/api/v1/review", record)[1]
        found.append((verdict["revision"], verdict["decision"], verdict["check"]))
    assert found == [(1, "pass", ""), (2, "intervene", "classifier"), (3, "pass", "")]
