"""A scripted realtime model: replies in order, kept for their words, corrections word for word."""

from __future__ import annotations

import json

import pytest

from calls.simulate.realtime_cli import NOTHING_LEFT, ScriptedModel, ScriptRefused, script_of
from calls.simulate.realtime_model import Ask

ORDER = {"after": "order", "say": "One moment.", "call": {"name": "place_order", "arguments": {"item": "tea"}}}


def heard(words: str = "", instructions: str = "") -> Ask:
    items = [{"role": "user", "content": [{"type": "input_audio", "transcript": words}]}]
    return Ask({"instructions": instructions}, items)


def model(*replies: object) -> ScriptedModel:
    return ScriptedModel(script_of(json.dumps(replies)))


def test_replies_come_in_order_and_then_no_more():
    scripted = model({"say": "Hello there."}, {"say": "Bye."})
    assert [scripted(heard()).text for _ in range(3)] == ["Hello there.", "Bye.", NOTHING_LEFT]


def test_a_reply_waits_for_the_words_it_answers():
    scripted = model(ORDER, {"say": "Hello."})
    assert scripted(heard("hi")).text == "Hello."
    assert scripted(heard("hi")).text == NOTHING_LEFT
    reply = scripted(heard("I'd like to ORDER"))
    assert (reply.text, reply.calls[0].name, json.loads(reply.calls[0].arguments)) == (
        "One moment.",
        "place_order",
        {"item": "tea"},
    )


def test_what_is_to_be_said_instead_is_said_word_for_word():
    asked = heard("refund me", "You are kind. Say this and nothing else:\nSorry, I can't promise a refund.")
    assert model({"say": "Sure!"})(asked).text == "Sorry, I can't promise a refund."


@pytest.mark.parametrize(
    ("script", "complaint"),
    [("{", "no JSON"), ("{}", "list"), ("[{}]", "reply 1"), ('[{"say": 1}]', "texts"), ('[{"call": "x"}]', "name")],
)
def test_a_script_that_cannot_be_played_says_why(script, complaint):
    with pytest.raises(ScriptRefused, match=complaint):
        script_of(script)
