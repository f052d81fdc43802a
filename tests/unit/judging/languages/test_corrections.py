"""What is said instead, in the language of the call: polite, from the evidence, short."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from judging.core import Finding, buffer_line, correction_line, safe_line
from judging.core.corrections import DEFAULT_BUFFER
from judging.core.languages import CODES
from judging.core.voice import MAX_WORDS, agent_voice
from tenants.agent_settings import LANGUAGES
from tests.unit.judging.helpers import call_so_far, calls, decide, says
from tests.unit.judging.languages.helpers import phrases_of

OTHERS = [code for code in CODES if code != "en"]

SWAPPED = {
    "de": (
        ["c: Einen Tisch für zwei Personen bitte", "a: Für zwei Personen, richtig?", "c: Nein, für drei"],
        "drei",
        "zwei",
    ),
    "es": (["c: Una mesa para dos personas, por favor", "a: Para dos, ¿correcto?", "c: No, para tres"], "tres", "dos"),
    "fr": (
        ["c: Une table pour deux personnes, s'il vous plaît", "a: Pour deux ?", "c: Non, pour trois"],
        "trois",
        "deux",
    ),
    "pt": (["c: Queria uma mesa para duas pessoas", "a: Para duas, certo?", "c: Não, para três"], "três", "duas"),
    "hi": (["c: मुझे दो लोगों के लिए टेबल चाहिए", "a: दो लोगों के लिए, सही है?", "c: नहीं, तीन"], "तीन", "दो"),
}
EXCLUDED = {
    "de": ("c: Eine Pizza mit Schinken, aber bitte ohne Oliven", "Oliven", "ohne Oliven"),
    "es": ("c: Quiero una pizza con jamón, pero sin aceitunas", "aceitunas", "sin aceitunas"),
    "fr": ("c: Je voudrais une pizza au jambon, mais sans olives", "olives", "sans olives"),
    "pt": ("c: Quero uma pizza de presunto, mas sem azeitonas", "azeitonas", "sem azeitonas"),
    "hi": ("c: मुझे एक पिज़्ज़ा चाहिए, प्याज के बिना", "प्याज", "प्याज नहीं"),
}
READ_BACK = {
    "de": ("c: Ich möchte am 6. März um halb acht kommen", "am Mittwoch, dem 6. März", "um 19 Uhr 30"),
    "es": ("c: Quisiera venir el 6 de marzo a las siete y media", "el miércoles 6 de marzo", "a las 7:30 de la tarde"),
    "fr": ("c: Je voudrais venir le 6 mars à sept heures et demie", "le mercredi 6 mars", "à 19 heures 30"),
    "pt": ("c: Eu queria ir no dia 6 de março às sete e meia", "na quarta-feira, 6 de março", "às 19h30"),
    "hi": ("c: मुझे 6 मार्च को साढ़े सात बजे आना है", "बुधवार, 6 मार्च को", "शाम 7:30 बजे"),
}
RULE = "Read the details back and get a yes before calling book_table."


@pytest.mark.parametrize("code", OTHERS)
def test_a_replaced_value_is_confirmed_in_the_words_that_were_heard(code):
    lines, new, old = SWAPPED[code]
    line = decide(call_so_far(*lines), calls("book_table", {"people": 2})).correction
    assert line == phrases_of(code).instead.format(new=new, old=old)


@pytest.mark.parametrize("code", OTHERS)
def test_what_was_ruled_out_is_confirmed_as_left_out(code):
    said, value, confirmed = EXCLUDED[code]
    line = decide(call_so_far(said), calls("place_order", {"toppings": [value]})).correction
    assert confirmed in line


@pytest.mark.parametrize("code", OTHERS)
def test_a_call_is_read_back_with_dates_and_times_as_they_are_spoken(code):
    said, day, time = READ_BACK[code]
    turn = calls("book_table", {"date": "2024-03-06", "time": "19:30"})
    line = decide(call_so_far(said), turn, RULE).correction
    assert day in line
    assert time in line
    assert line.endswith("?")


CLAIMS = {
    "de": ("c: Wann kommt der Zug denn an, bitte?", "Der Zug kommt um 20:15 Uhr an."),
    "es": ("c: Hola, ¿a qué hora llega el tren, por favor?", "El tren llega a las 20:15."),
    "fr": ("c: Bonjour, à quelle heure arrive le train, s'il vous plaît ?", "Le train arrive à 20:15."),
    "pt": ("c: Olá, você sabe que horas o trem chega, por favor?", "O trem chega às 20:15."),
    "hi": ("c: ट्रेन कितने बजे आती है?", "ट्रेन 20:15 बजे आती है।"),
}


@pytest.mark.parametrize("code", OTHERS)
def test_a_time_that_no_tool_returned_is_put_right_from_the_result(code):
    said, stated = CLAIMS[code]
    verdict = decide(call_so_far(said, 't: {"arrival": "19:30"}'), says(stated))
    assert (verdict.check, verdict.language) == ("unsupported_claim", code)
    assert verdict.correction == phrases_of(code).have_here.format(value="19:30")


DONE = {
    "de": ("c: Bitte stornieren Sie meine Bestellung", "Ich habe Ihre Bestellung storniert."),
    "es": ("c: Quiero cancelar mi pedido, por favor", "Ya he cancelado su pedido."),
    "fr": ("c: Je voudrais annuler ma commande, s'il vous plaît", "J'ai annulé votre commande."),
    "pt": ("c: Quero cancelar o meu pedido, por favor", "Já cancelei o seu pedido."),
    "hi": ("c: मुझे अपना ऑर्डर रद्द करना है", "आपका ऑर्डर रद्द हो गया है।"),
}


@pytest.mark.parametrize("code", OTHERS)
def test_an_act_that_no_tool_did_is_taken_back_and_offered(code):
    said, claimed = DONE[code]
    verdict = decide(call_so_far(said), says(claimed))
    assert (verdict.check, verdict.correction) == ("done_claim", phrases_of(code).not_done)


@pytest.mark.parametrize("code", OTHERS)
def test_an_act_is_not_offered_where_a_rule_may_forbid_it(code):
    said, claimed = DONE[code]
    verdict = decide(call_so_far(said), says(claimed), "Never cancel an order on the phone.")
    assert verdict.correction == phrases_of(code).not_done_alone


@pytest.mark.parametrize("code", OTHERS)
def test_an_act_that_a_tool_did_may_be_told(code):
    said, claimed = DONE[code]
    conversation = call_so_far(said)
    conversation.add(calls("cancel_order", {}, index=conversation.next_index))
    assert decide(conversation, says(claimed)).check == ""


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_can_be_spoken_by_the_agent(code):
    phrases = phrases_of(code)
    texts = [value for field in fields(phrases) if isinstance(value := getattr(phrases, field.name), str)]
    for text in [*texts, *phrases.ask.values()]:
        assert len(text.split()) < MAX_WORDS, text
        spoken = re.sub(r"\{\w+\}", "x", text)
        assert agent_voice(spoken) == spoken


@pytest.mark.parametrize("code", OTHERS)
def test_where_nothing_is_known_the_agent_asks_again_in_the_language(code):
    nothing = Finding("judge", 0.9, "some reason")
    assert correction_line(nothing, code) == phrases_of(code).again
    assert safe_line(code) == phrases_of(code).safe


def test_a_configured_buffer_line_is_kept_and_the_default_is_translated():
    assert buffer_line("Un instante, por favor.", "de") == "Un instante, por favor."
    assert buffer_line(DEFAULT_BUFFER, "en") == DEFAULT_BUFFER
    assert buffer_line(DEFAULT_BUFFER, "de") == phrases_of("de").buffer


def test_tenants_may_choose_the_languages_that_the_judge_knows():
    assert sorted(LANGUAGES) == sorted(CODES)
