"""Plivo's V3 signature: vectors of its Python SDK, several signatures, and the forms of an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.simulate.plivo_signature import signature as signature_of_the_simulator
from calls.wire.plivo_signature import SignatureHeaders, handshake_urls, is_signed, origins, signature_v3

TOKEN, NONCE = "my_auth_token", "12345678901234567890"
ANSWER = "https://app.example.com/plivo/answer/"


@pytest.mark.parametrize(
    ("method", "url", "params", "expected"),
    [
        (
            "POST", ANSWER, [("CallUUID", "abc-1"), ("From", "14155550100"), ("To", "14155550199")],
            "8gqUSBjmUifBiNRneCBdL1xZNKTIYjuDq0NuMO4c4EI=",
        ),
        (
            "POST", f"{ANSWER}?tenant=7&b=2%201", [("From", "14155550100"), ("CallUUID", "abc-1")],
            "2+Vfzmwm0ej9Nifzg0kxjLHYWqSXk4kk96O4zPTLKpc=",
        ),
        ("POST", ANSWER, [], "27C3oVhtFQDob8PAUfSrGgHLZDtTE3IBS+Z3CvM8nk0="),
        ("GET", f"{ANSWER}?tenant=7", [("To", "1"), ("From", "2")], "2sAX2lak+YyV6L2kPm6ggbg9qrP/pTSEwov/UVF1tOs="),
        (
            "POST", "https://app.example.com/x/", [("D", "b"), ("D", "a"), ("E", "")],
            "sM4mA8I9lGvEPksTorRJAF8RipsJzpaeXhhgWzmwvZM=",
        ),
    ],
)  # fmt: skip
def test_a_signature_is_computed_as_plivo_does(method, url, params, expected):
    assert signature_v3(url=url, params=params, nonce=NONCE, auth_token=TOKEN, method=method) == expected


names = st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters="&=#?+%;"), min_size=1)


@given(st.dictionaries(names, st.text(max_size=20), max_size=5), st.sampled_from(["", "?b=2&a=1"]))
def test_two_implementations_agree(form, query):
    told = signature_v3(url=ANSWER + query, params=list(form.items()), nonce=NONCE, auth_token=TOKEN)
    assert told == signature_of_the_simulator(ANSWER + query, form, auth_token=TOKEN, nonce=NONCE)


def check(headers, v3=(TOKEN,), main=(), urls=(ANSWER,)):
    return is_signed(urls=urls, params=[("a", "1")], headers=headers, v3_tokens=v3, main_tokens=main)


MADE = signature_v3(url=ANSWER, params=[("a", "1")], nonce=NONCE, auth_token=TOKEN)


@pytest.mark.parametrize("told", [MADE, f"x,{MADE}", f" {MADE} , y", f"{MADE},{MADE}"])
def test_one_of_several_signatures_is_enough(told):
    assert check(SignatureHeaders(v3=told, nonce=NONCE))
    assert check(SignatureHeaders(v3=told, nonce=NONCE), urls=["https://elsewhere.example/", ANSWER])


@pytest.mark.parametrize(
    "headers",
    [
        SignatureHeaders(),
        SignatureHeaders(v3=MADE),
        SignatureHeaders(v3=MADE, nonce="1"),
        SignatureHeaders(v3=MADE[:-2], nonce=NONCE),
        SignatureHeaders(v3="é", nonce=NONCE),
        SignatureHeaders(v3="\ud800", nonce=NONCE),
        SignatureHeaders(v3=",,", nonce=NONCE),
        SignatureHeaders(main=MADE, nonce=NONCE),
    ],
)
def test_what_was_not_made_with_the_token_is_no_signature(headers):
    assert not check(headers)


def test_each_header_has_tokens_of_its_own():
    assert check(SignatureHeaders(main=MADE, nonce=NONCE), v3=(), main=[TOKEN])
    assert not check(SignatureHeaders(v3=MADE, nonce=NONCE), v3=(), main=[TOKEN])
    assert not check(SignatureHeaders(v3=MADE, nonce=NONCE), v3=["", "other"])


def test_an_origin_is_signed_with_and_without_its_port():
    assert origins("https://m.example") == ["https://m.example", "https://m.example:443"]
    assert origins("https://m.example:8443") == ["https://m.example:8443", "https://m.example"]
    assert origins("http://[::1]:80/base/") == ["http://[::1]:80/base", "http://[::1]/base"]


def test_every_form_of_a_handshakes_address_is_tried():
    found = handshake_urls("https://m.example", "/ws/v1/plivo/t/")
    for scheme in ("http", "https", "ws", "wss"):
        for path in ("/ws/v1/plivo/t/", "/ws/v1/plivo/t", "/ws/v1/plivo/t/websocket", "/ws/v1/plivo/t//websocket"):
            assert f"{scheme}://m.example{path}" in found
    assert len(found) == len(set(found))
