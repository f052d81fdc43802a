"""Which language a call is in, from what has been said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.core import Conversation, Role, Turn
from judging.core.languages import CODES, UNHEARD, heard_after, heard_from, language_of
from judging.core.text import tokenize

HEARD = [
    ("de", "Ja hallo, ich möchte gern einen Tisch reservieren."),
    ("es", "Hola, quisiera reservar una mesa para dos."),
    ("fr", "Bonjour, je voudrais réserver une table."),
    ("pt", "Oi, eu queria reservar uma mesa para duas pessoas."),
    ("hi", "नमस्ते, मुझे टेबल बुक करनी है"),
    ("hi", "haan ji, mujhe ek table book karni hai"),
    ("hi", "mujhe ek large pizza chahiye with extra cheese please"),
]
ENGLISH = [
    "I would like a table for two, please.",
    "Do you have a room at La Posada del Sol in Los Angeles?",
    "Play Das Boot and then La Vie en Rose.",
    "I'm calling for Herr Schmidt about the order",
    "the man was in so die hard that I hat to",
    "one cafe au lait and a creme brulee to go",
]


def heard(*texts: str) -> str:
    known = UNHEARD
    for text in texts:
        known = heard_after(known, text, [token.low for token in tokenize(text)])
    return known.code


@pytest.mark.parametrize(("code", "text"), HEARD)
def test_a_language_is_heard_in_its_first_sentence(code, text):
    assert heard(text) == code


@pytest.mark.parametrize("text", ENGLISH)
def test_foreign_names_leave_a_call_english(text):
    assert heard(text, text) == "en"


def test_a_call_may_change_its_language():
    german = "Guten Tag, ich möchte bitte einen Termin."
    english = "Sorry, can you speak English with me? I would like to have it in English, please."
    assert [heard(german), heard(german, english), heard(german, english, german, german)] == ["de", "en", "de"]


def test_a_short_answer_does_not_change_the_language():
    german = "Guten Tag, ich möchte bitte einen Termin."
    assert heard(german, "ok", "yes", "super") == "de"


def test_a_language_that_was_set_stays():
    known = heard_from("fr-CA")
    text = "Yes, I would like to have a table for two, please."
    assert heard_after(known, text, [token.low for token in tokenize(text)]).code == "fr"


@pytest.mark.parametrize(("tag", "code"), [("de-AT", "de"), ("pt_BR", "pt"), ("EN-us", "en"), ("xx", "en"), ("", "en")])
def test_a_tag_names_a_language(tag, code):
    assert language_of(tag).code == code


def test_an_agents_turn_is_read_in_the_language_before_it():
    conversation = Conversation()
    conversation.add(Turn(0, Role.AGENT, "Guten Tag, wie kann ich Ihnen bitte helfen?"))
    conversation.add(Turn(1, Role.CUSTOMER, "Um halb acht bitte"))
    assert [entry.language.code for entry in conversation.ledger.entries] == ["en", "de"]


def test_a_tools_result_changes_nothing():
    conversation = Conversation()
    conversation.add(Turn(0, Role.TOOL, "Das ist nicht die richtige Nummer, bitte noch einmal."))
    assert conversation.language.code == "en"


@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_words_are_heard_as_one_known_language(texts):
    assert heard(*texts) in CODES


@pytest.mark.parametrize("code", CODES)
@given(text=st.text(max_size=120))
def test_any_words_are_read_in_every_language(code, text):
    language = language_of(code)
    tokens = tokenize(text)
    if language.split is not None:
        tokens = language.split(tokens)
    for mention in language.read_mentions(tokens, None):
        assert 0 <= mention.start < mention.end <= len(tokens)
