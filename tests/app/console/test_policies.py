"""The pages of policies: what is said of each rule, who may change how it is read, and what a typed turn comes to."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from judging.core import Compiled, compile_policy
from judging.core.compiled import Kind
from judging.models import PolicyRecord, PolicyRevision
from judging.providers.embedded import embedded_uses
from judging.selectors import policies_active, policy_of
from judging.services import rule_reading_change
from tenants.models import Agent, AuditEntry
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.app.console.seed import POLICIES
from tests.app.judging.conftest import chat, llm_give, no_operators_llm, nothing_remembered, server
from tests.cast import Cast
from tests.fakes_http import FAULTS, FakeServer, answers

__all__ = ["no_operators_llm", "nothing_remembered", "server"]

REVISION = "/app/policies/orders/revisions/1/"
RULE, KEY = f"{REVISION}rules/no-refund-promise/", "no-refund-promise"
TEXT = {key: text for key, text, *_ in POLICIES}[KEY]
OWN = "The agent grants a refund."
FORM = {
    "active": "1",
    "clauses": "1",
    "may_stop": "yes",
    "c0-kind": "forbidden_act",
    "c0-when-0-shape": "act",
    "c0-when-0-text": OWN,
    "c0-when-0-span": "turn",
}

pytestmark = pytest.mark.usefixtures("seeded")


def page(browser: Client, path: str = "/app/policies/") -> str:
    return browser.get(path).content.decode()


def sent(browser: Client, do: str, **fields: str) -> Any:
    return browser.post(RULE, {**FORM, "do": do, **{name.replace("_", "-"): value for name, value in fields.items()}})


def shown_fields(html: str) -> dict[str, str]:
    """The words in the form's fields."""
    found = re.findall(r'name="(c\d-\w+-\d-text)" value="([^"]+)"', html)
    return dict(found)


def rules_of(cast: Cast, number: int) -> dict[str, PolicyRecord]:
    with tenant_context(cast.tenant.id):
        records = PolicyRecord.objects.filter(revision__agent=cast.agent, revision__number=number)
        return {record.key: record for record in records}


def state(cast: Cast) -> tuple[int, int]:
    """The active revision and how many there are."""
    with tenant_context(cast.tenant.id):
        return policies_active(cast.agent.id)[0], PolicyRevision.objects.count()


def older_write(cast: Cast) -> None:
    """Make revision 2 with a reading that the rules would not give now, as an upgrade leaves it behind."""
    older = {"clauses": [{"kind": "forbidden_act", "when": [{"act": OWN}]}], "made_by": "rules"}
    with tenant_context(cast.tenant.id):
        base = PolicyRevision.objects.get(agent=cast.agent, number=1)
        fields = {"agent": cast.agent, "number": 2, "rule_count": 3, "content_hash": base.content_hash}
        revision = PolicyRevision.objects.create(**fields)
        for record in base.rules.all():
            record.pk, record._state.adding, record.revision = None, True, revision
            record.compiled = Compiled.from_json(older).as_json() if record.key == KEY else record.compiled
            record.id = PolicyRecord().id
            record.save(force_insert=True)


def activate(browser: Client, number: int, active: int) -> Any:
    return browser.post(f"/app/policies/orders/revisions/{number}/activate/", {"active": str(active)}, follow=True)


def test_an_edit_is_a_new_revision_in_force_with_who_and_when(cast: Cast, sign_in: SignIn):
    answer = sent(sign_in("member"), "save")
    record = rules_of(cast, 2)[KEY]
    assert (answer.status_code, answer["Location"], state(cast)) == (302, "/app/policies/#orders", (2, 2))
    with tenant_context(cast.tenant.id):
        policy = policy_of(record)
    assert policy.compiled is not None
    assert (policy.compiled.acts, policy.compiled.made_by) == ((OWN,), "tenant")
    assert (record.compiled_by, record.compiled_at is not None) == ("user:mia@acme.example", True)
    assert "edited</span> by mia@acme.example" in page(sign_in("viewer"))
    before = rules_of(cast, 1)
    assert rules_of(cast, 2)["allergens"].compiled_at == before["allergens"].compiled_at
    assert before[KEY].compiled == compile_policy(TEXT).as_json()


def test_a_draft_waits_until_someone_activates_it(cast: Cast, sign_in: SignIn):
    browser = sign_in("member")
    assert sent(browser, "draft")["Location"] == "/app/policies/orders/revisions/2/"
    assert state(cast) == (1, 2)
    assert "Revision 2 by mia@acme.example is not active." in page(browser)
    assert "is active" in activate(browser, 2, 1).content.decode()
    assert state(cast) == (2, 2)
    assert "is not active." not in page(browser)


def test_saving_what_is_there_changes_nothing(cast: Cast, sign_in: SignIn):
    browser = sign_in("owner")
    sent(browser, "save")
    again = browser.post(RULE.replace("/1/", "/2/"), {**FORM, "active": "2", "do": "save"}, follow=True)
    assert "Nothing changed" in again.content.decode()
    assert state(cast) == (2, 2)


@pytest.mark.parametrize("do", ["save", "draft", "try", "reset", "ask", "add", "remove-0", ""])
@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("outsider", 404), ("", 302)])
def test_who_may_not_edit_changes_nothing(do: str, who: str, status: int, cast: Cast, sign_in: SignIn):
    assert sent(sign_in(who), do).status_code == status
    assert state(cast) == (1, 1)


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("outsider", 404), ("", 302)])
def test_who_may_not_edit_can_neither_activate_nor_take_a_reading(who: str, status: int, cast: Cast, sign_in: SignIn):
    older_write(cast)
    paths = ("/app/policies/orders/revisions/2/activate/", f"{RULE.replace('/1/', '/2/')}take/")
    assert [sign_in(who).post(path).status_code for path in paths] == [status, status]
    assert state(cast) == (1, 2)


def test_a_form_without_its_token_is_refused(cast: Cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)
    assert [browser.post(path, FORM).status_code for path in (RULE, f"{RULE}take/", f"{REVISION}activate/")] == [
        403
    ] * 3


def test_a_viewer_sees_the_form_and_cannot_use_it(sign_in: SignIn):
    html = page(sign_in("viewer"), RULE)
    assert html.count("<fieldset") == html.count("disabled>") == 1
    assert "Members and above can change this." in html
    assert 'name="do"' not in html


@pytest.mark.parametrize("path", [REVISION.replace("1", "9"), RULE.replace("/1/", "/9/"), f"{REVISION}rules/absent/"])
def test_what_is_not_there_is_not_found(path: str, sign_in: SignIn):
    assert sign_in("owner").get(path).status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"c0_when_0_text": "Promise more."}, "Must begin with &#x27;The agent&#x27; or &#x27;The customer&#x27;."),
        ({"c0_when_0_text": f"The agent says {'x' * 400}."}, "Must have at most 400 characters."),
        ({"c0_when_0_text": "fly_home", "c0_when_0_shape": "tool"}, "No tool &#x27;fly_home&#x27; is known"),
        ({"c0_kind": "required_before"}, "Name what comes later"),
    ],
)
def test_a_mistake_is_told_beside_what_was_typed_and_nothing_is_saved(
    fields: dict[str, str], told: str, cast: Cast, sign_in: SignIn
):
    answer = sent(sign_in("owner"), "save", **fields)
    html = answer.content.decode()
    assert (answer.status_code, told in html, "Not saved." in html, state(cast)) == (400, True, True, (1, 1))
    assert fields.get("c0_when_0_text", OWN) in html


def test_the_tools_of_the_agents_calls_are_known_and_others_can_be_vouched_for(cast: Cast, sign_in: SignIn):
    browser = sign_in("owner")
    assert sent(browser, "draft", c0_when_0_shape="tool", c0_when_0_text="place_order").status_code == 302
    tool = {"c0_when_0_shape": "tool", "c0_when_0_text": "fly_home"}
    assert sent(browser, "draft", **tool).status_code == 400
    assert browser.post(RULE, {**FORM, "do": "draft", "new_tool": "yes", **{
        name.replace("_", "-"): value for name, value in tool.items()}}).status_code == 302  # fmt: skip
    assert state(cast) == (1, 3)


def test_a_save_that_would_undo_anothers_is_refused_and_keeps_what_was_typed(cast: Cast, sign_in: SignIn):
    with tenant_context(cast.tenant.id):
        base = PolicyRevision.objects.get(agent=cast.agent, number=1)
        reading = Compiled.from_json({"clauses": [{"kind": "unreadable"}]})
        rule_reading_change(agent=cast.agent, base=base, key="allergens", compiled=reading, actor=cast.actor())
    activate(sign_in("admin"), 2, 1)
    answer = sent(sign_in("owner"), "save")
    assert (answer.status_code, "Revision 2 is active, not 1." in answer.content.decode()) == (400, True)
    assert OWN in answer.content.decode()
    assert state(cast) == (2, 2)
    assert sent(sign_in("owner"), "save", active="1").status_code == 400


def test_a_reading_of_older_rules_is_marked_and_taken_anew_by_one_click(cast: Cast, sign_in: SignIn):
    older_write(cast)
    browser = sign_in("member")
    activate(browser, 2, 1)
    html = page(browser)
    assert html.count("read differently now") == 1
    assert "Take the new reading" not in page(sign_in("viewer"))
    browser.post(f"{RULE.replace('/1/', '/2/')}take/")
    record = rules_of(cast, 3)[KEY]
    assert (state(cast), record.compiled, record.compiled_by) == ((3, 3), compile_policy(TEXT).as_json(), "")
    assert "read differently now" not in page(browser)


def test_a_new_reading_for_a_draft_stays_a_draft(cast: Cast, sign_in: SignIn):
    older_write(cast)
    answer = sign_in("member").post(f"{RULE.replace('/1/', '/2/')}take/")
    assert (answer["Location"], state(cast)) == ("/app/policies/orders/revisions/3/", (1, 3))


def test_reset_shows_what_the_rules_read_and_saves_nothing(cast: Cast, sign_in: SignIn):
    html = sent(sign_in("owner"), "reset").content.decode()
    assert list(shown_fields(html).values()) == list(compile_policy(TEXT).acts)
    assert state(cast) == (1, 1)


def test_clauses_are_added_and_taken_away_without_saving(cast: Cast, sign_in: SignIn):
    browser = sign_in("owner")
    assert sent(browser, "add").content.decode().count('aria-label="Clause ') == 2
    two = {"clauses": "2", "c1_kind": "forbidden_topic", "c1_when_0_text": "The agent speaks of wine."}
    html = sent(browser, "remove-0", **two).content.decode()
    assert list(shown_fields(html).values()) == ["The agent speaks of wine."]
    assert state(cast) == (1, 1)


def test_a_turn_is_tried_by_the_form_as_it_stands(cast: Cast, sign_in: SignIn, settings: Any):
    settings.MIRROR_EMBEDDED_TIER1 = True
    turn = {"try_customer": "My pizza is cold.", "try_agent": "I promise that you will get a full refund."}
    form = {"c0_when_0_text": "The agent promises a refund."}
    html = sent(sign_in("owner"), "try", **form, **turn).content.decode()
    assert "Stopped by" in html
    assert f"stops from {embedded_uses()[Kind.FORBIDDEN_ACT].threshold:.2f} on" in html
    assert re.search(r"The agent promises a refund\.</span>", html)
    assert "I promise that you will get a full refund." in html
    assert state(cast) == (1, 1)


def test_without_a_classifier_a_tried_turn_is_answered_by_the_facts(sign_in: SignIn):
    html = sent(sign_in("owner"), "try", try_agent="I will refund you.").content.decode()
    assert "No classifier is set up." in html
    assert "which a rule forbids" in html


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Type what the agent says"),
        ({"try_agent": "x" * 8_193}, "at most 8192 characters"),
        ({"try_agent": "Hello.", "c0_when_0_text": "Lies."}, "Must begin with"),
    ],
)
def test_what_cannot_be_tried_says_why(fields: dict[str, str], told: str, sign_in: SignIn):
    html = sent(sign_in("owner"), "try", **fields).content.decode()
    assert told in html
    assert "tried-verdict" not in html


def test_an_agent_that_is_switched_off_judges_nothing(cast: Cast, sign_in: SignIn):
    with tenant_context(cast.tenant.id):
        Agent.objects.filter(id=cast.agent.id).update(is_active=False)
    assert "The agent is switched off." in sent(sign_in("owner"), "try", try_agent="Hello.").content.decode()


def test_the_classifier_may_be_held_back_only_where_it_may_stop_at_all(cast: Cast, sign_in: SignIn, settings: Any):
    settings.MIRROR_EMBEDDED_TIER1 = True
    browser = sign_in("owner")
    box = 'type="checkbox" name="may_stop"'
    assert box in page(browser, RULE)
    observed = {"c0_kind": "required_act", "c0_when_0_text": "The customer is angry.", "c0_unless_0_text": OWN}
    assert box not in sent(browser, "try", try_agent="Hi.", **observed).content.decode()
    held = {name: value for name, value in FORM.items() if name != "may_stop"}
    browser.post(RULE, {**held, "do": "save"})
    assert "The classifier only observes, as it was told to" in page(browser)
    with tenant_context(cast.tenant.id):
        compiled = policy_of(rules_of(cast, 2)[KEY]).compiled
    assert compiled is not None
    assert not compiled.may_stop


LOUD = {"clauses": [{"kind": "forbidden_act", "when": [{"act": "The agent waves money about."}]}]}


def test_a_language_model_writes_the_form_and_a_person_saves_it(cast: Cast, sign_in: SignIn, server: FakeServer):
    llm_give(cast, server.url)
    browser = sign_in("member")
    assert 'value="ask"' in page(browser, RULE)
    server.serves(answers(chat(json.dumps(LOUD))), answers(chat(json.dumps(LOUD))))
    html = sent(browser, "ask").content.decode()
    (written,) = shown_fields(html).values()
    origin = re.search(r'name="origin" value="(\w+)"', html)
    assert origin is not None
    assert (written, state(cast)) == ("The agent waves money about.", (1, 1))
    sent(browser, "draft", origin=origin[1], c0_when_0_text=written)
    sent(browser, "draft", origin=origin[1], c0_when_0_text="The agent waves.")
    with tenant_context(cast.tenant.id):
        made = [policy_of(rules_of(cast, number)[KEY]).compiled for number in (2, 3)]
    assert [compiled.made_by for compiled in made if compiled] == ["model", "tenant"]
    assert "by language model</span> accepted by mia@acme.example" in page(browser, REVISION.replace("1", "2"))


def test_a_language_model_that_fails_leaves_what_the_rules_read(cast: Cast, sign_in: SignIn, server: FakeServer):
    llm_give(cast, server.url)
    server.serves(FAULTS["500"])
    html = sent(sign_in("member"), "ask").content.decode()
    assert "The language model gave no form" in html
    assert list(shown_fields(html).values()) == list(compile_policy(TEXT).acts)


def test_without_a_language_model_none_is_offered(sign_in: SignIn):
    assert 'value="ask"' not in page(sign_in("member"), RULE)
    assert "gave no form" not in sent(sign_in("member"), "ask").content.decode()


def test_what_a_member_types_is_text_and_never_markup(sign_in: SignIn):
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    fields = {"c0_when_0_text": hostile, "c0_sentence": hostile, "try_agent": hostile, "try_customer": hostile}
    html = sent(sign_in("owner"), "try", active=hostile, origin=hostile, **fields).content.decode()
    assert "<img" not in html
    assert "<script>" not in html


def test_each_change_is_in_the_audit_log(cast: Cast, sign_in: SignIn):
    sent(sign_in("member"), "save")
    with tenant_context(cast.tenant.id):
        entries = AuditEntry.objects.filter(action__startswith="policies.", actor="user:mia@acme.example")
        assert sorted(entry.action for entry in entries) == ["policies.activated", "policies.reading_changed"]
