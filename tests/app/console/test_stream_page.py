"""The page of an agent's streams: who sees and changes what."""

from __future__ import annotations

import html

import pytest

from calls.carrier_accounts import carrier_account_set, carrier_accounts_load
from calls.stream_tokens import stream_token_mint
from tenants.access import actor_mirror
from tenants.models import Agent
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.cast import Cast
from tests.fakes_http import answers, serving

URL = "/app/setup/orders/streams/"
MAIN = "MAMAIN00000000000001"
TOKEN = "a-token-of-some-length-9876"
FORM = {
    "upstream_url": "wss://agent.example/x", "stream_format": "l16_16k", "stream_timeout_s": "600",
    "plivo_account": "", "stream_extra_headers": "shop=12, lane=b", "fallback_text": "Back soon.",
    "fallback_target": "+14155550100", "signed_streams_required": "on",
}  # fmt: skip


def page(browser, status=200):
    answer = browser.get(URL)
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def act(browser, name, form=None, **follow):
    return html.unescape(browser.post(f"{URL}{name}", form or {}, follow=True).content.decode())


def store(cast):
    carrier_account_set(actor=actor_mirror(cast.tenant.id), name="main", auth_id=MAIN, auth_token=TOKEN)


def agent(cast):
    with tenant_context(cast.tenant.id):
        return Agent.objects.get(slug="orders")


@pytest.mark.parametrize(("who", "is_shown"), [("owner", True), ("member", True), ("viewer", False)])
def test_the_addresses_are_for_those_who_may_start_calls(who: str, is_shown: bool, cast: Cast, sign_in: SignIn):
    text = page(sign_in(who))
    assert (f"/plivo/{cast.agent.agent_key}/answer/" in text) is is_shown
    assert (cast.agent.agent_key in text) is is_shown
    assert ("/ws/v1/plivo/TOKEN/" in text) is is_shown


def test_an_outsider_finds_no_such_agents_keys(cast: Cast, sign_in: SignIn):
    assert cast.agent.agent_key not in page(sign_in("outsider"))
    assert sign_in("").get(URL).status_code == 302
    assert sign_in("owner").get("/app/setup/elsewhere/streams/").status_code == 404


def test_settings_are_saved_and_shown_again(cast: Cast, sign_in: SignIn):
    browser = sign_in("admin")
    assert browser.post(URL, FORM).status_code == 302
    kept = agent(cast)
    assert kept.upstream_url == "wss://agent.example/x"
    assert kept.settings["stream_extra_headers"] == {"shop": "12", "lane": "b"}
    assert (kept.settings["stream_format"], kept.settings["signed_streams_required"]) == ("l16_16k", True)
    text = page(browser)
    for part in ("The stream settings are saved", "audio/x-l16;rate=16000", "+14155550100", 'value="l16_16k" selected'):
        assert part in text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fallback_target": "javascript:x"}, "must be empty, a number"),
        ({"stream_extra_headers": "a-b=1"}, "letters and digits"),
        ({"stream_timeout_s": "1"}, "greater than or equal to 60"),
        ({"stream_format": "mp3"}, "not one of the available"),
        ({"upstream_url": "https://x"}, "must begin with ws://"),
        ({"plivo_account": "nobody"}, "not one of the available"),
    ],
)
def test_what_is_wrong_is_marked_and_nothing_is_saved(change, told, cast: Cast, sign_in: SignIn):
    answer = sign_in("admin").post(URL, {**FORM, **change})
    assert answer.status_code == 400
    text = html.unescape(answer.content.decode())
    assert told in text
    assert "Back soon." in text  # what was typed is still there
    assert agent(cast).settings == cast.agent.settings


@pytest.mark.parametrize("who", ["member", "viewer"])
@pytest.mark.parametrize("name", ["", "key/", "account/", "account/test/", "account/remove/"])
def test_those_who_may_not_change_are_refused(who: str, name: str, cast: Cast, sign_in: SignIn):
    assert sign_in(who).post(f"{URL}{name}", FORM).status_code == 403
    assert agent(cast).agent_key == cast.agent.agent_key


def test_the_key_is_replaced(cast: Cast, sign_in: SignIn):
    assert "The key is replaced" in act(sign_in("admin"), "key/")
    assert agent(cast).agent_key != cast.agent.agent_key


def test_an_account_is_stored_shown_by_its_end_tested_and_removed(cast: Cast, sign_in: SignIn, settings):
    browser = sign_in("owner")
    text = act(browser, "account/", {"name": "main", "auth_id": MAIN, "auth_token": TOKEN})
    assert MAIN in text
    assert ">9876<" in text
    assert TOKEN not in text
    with serving() as plivo:
        settings.MIRROR_PLIVO_API_URL = f"{plivo.url}/v1"
        plivo.serves(answers({"account_type": "standard"}), answers({"error": "no"}, 401))
        assert "Plivo takes the account main (standard)" in act(browser, "account/test/", {"name": "main"})
        assert "Plivo refuses the account" in act(browser, "account/test/", {"name": "main"})
    assert "is removed" in act(browser, "account/remove/", {"name": "main"})
    with tenant_context(cast.tenant.id):
        assert carrier_accounts_load().is_none


@pytest.mark.parametrize(
    "form",
    [{}, {"name": "main", "auth_id": "XX1", "auth_token": TOKEN}, {"name": "", "auth_id": MAIN, "auth_token": "x"}],
)
def test_an_account_that_cannot_be_is_not_stored(form, cast: Cast, sign_in: SignIn):
    assert "Not saved" in act(sign_in("owner"), "account/", form)
    with tenant_context(cast.tenant.id):
        assert carrier_accounts_load().is_none


def test_a_short_token_shows_nothing_of_itself(cast: Cast, sign_in: SignIn):
    carrier_account_set(actor=actor_mirror(cast.tenant.id), name="main", auth_id=MAIN, auth_token="short-9876")
    assert "9876" not in page(sign_in("owner"))


def test_a_long_lived_token_is_listed_and_revoked(cast: Cast, sign_in: SignIn):
    _, row = stream_token_mint(tenant_id=cast.tenant.id, agent_id=cast.agent.id, is_reusable=True)
    browser = sign_in("member")
    assert "not used yet" in page(browser)
    assert "opens no more streams" in act(browser, f"tokens/{row.id}/")
    assert "not used yet" not in page(browser)


def test_a_chosen_account_that_is_gone_is_kept_in_sight(cast: Cast, sign_in: SignIn):
    store(cast)
    browser = sign_in("owner")
    assert browser.post(URL, {**FORM, "plivo_account": "main"}).status_code == 302
    act(browser, "account/remove/", {"name": "main"})
    assert "main (not stored)" in page(browser)
