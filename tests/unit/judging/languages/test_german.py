"""Tier 0 in German calls."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire
from tests.unit.judging.languages.helpers import amounts_in, dates_in, numbers_in, times_in

HI = "a: Guten Tag, was kann ich für Sie tun?"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("einundzwanzig", 21),
        ("dreihundertfünfundvierzig", 345),
        ("zweitausenddreihundert", 2300),
        ("tausendzwei", 1002),
        ("sechzehn", 16),
        ("dreissig", 30),
        ("nur eine", 1),
        ("zwei Dutzend", 24),
        ("1.200", 1200),
        ("3,5", 3.5),
    ],
)
def test_numbers_are_read_as_they_are_said(said, number):
    assert numbers_in("de", said) == [number]


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("um halb acht", {"07:30", "19:30"}),
        ("um halb acht abends", {"19:30"}),
        ("um fünf vor halb drei", {"02:25", "14:25"}),
        ("um Viertel nach sechs", {"06:15", "18:15"}),
        ("um Viertel vor neun", {"08:45", "20:45"}),
        ("um dreiviertel acht", {"07:45", "19:45"}),
        ("zehn nach vier am Nachmittag", {"16:10"}),
        ("um 19.30 Uhr", {"19:30"}),
        ("um 20 Uhr 15", {"20:15"}),
        ("morgens um neun", {"09:00"}),
        ("heute Abend um acht", {"20:00"}),
    ],
)
def test_times_are_read_as_they_are_said(said, times):
    assert times_in("de", said) == times


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("übermorgen", {"2024-03-03"}),
        ("morgen früh", {"2024-03-02"}),
        ("nächsten Dienstag", {"2024-03-05", "2024-03-12"}),
        ("am fünften März", {"*-03-05"}),
        ("am 5.3.2024", {"2024-03-05"}),
        ("am Dienstag, dem 12. März", {"*-03-12"}),
        ("in drei Tagen", {"2024-03-04"}),
        ("Guten Morgen", set()),
    ],
)
def test_dates_are_read_as_they_are_said(said, days):
    assert dates_in("de", said) == days


@pytest.mark.parametrize(
    ("said", "amount"),
    [("1.234,56 Euro", 1234.56), ("zwölf Euro fünfzig", 12.5), ("fünfzig Cent", 0.5), ("20 €", 20)],
)
def test_amounts_are_read_as_they_are_said(said, amount):
    assert amounts_in("de", said) == [amount]


FIRES = [
    ("exclusion_put_in", ["c: Eine Pizza mit Schinken, aber bitte ohne Zwiebeln"], {"belag": ["Schinken", "Zwiebeln"]}),
    ("exclusion_put_in", ["c: Ich hätte gern einen Salat, keine Oliven bitte"], {"zutaten": ["Oliven"]}),
    ("exclusion_put_in", ["c: Den Burger bitte, die Gurken bitte weglassen"], {"extras": ["Gurken"]}),
    ("exclusion_put_in", ["c: Ich möchte den Döner ohne Zwiebel"], {"zutaten": ["Zwiebeln"]}),
    ("stale_argument", ["c: Ich möchte einen Tisch im Adler, nein, im Hirschen"], {"restaurant": "Adler"}),
    ("stale_argument", ["c: Bitte nach Hamburg, ich meine nach Bremen"], {"ziel": "Hamburg"}),
    (
        "stale_argument",
        ["c: Zwei Pizzen bitte", "a: Zwei Pizzen, richtig?", "c: Nein, doch lieber drei"],
        {"quantity": 2},
    ),
    (
        "stale_argument",
        ["c: Am Dienstag bitte", "a: Am Dienstag?", "c: Ach nein, am Donnerstag"],
        {"date": "2024-03-05"},
    ),
    ("stale_argument", ["c: Um halb acht", "a: Um halb acht, richtig?", "c: Nein, um acht"], {"time": "19:30"}),
    (
        "stale_argument",
        ["c: Bitte einen Flug buchen", "a: Nach Hamburg, richtig?", "c: Nein, nach Bremen"],
        {"destination": "Hamburg"},
    ),
    ("wrong_date", ["c: Ich möchte übermorgen kommen"], {"date": "2024-03-02"}),
    ("wrong_time", ["c: Ich hätte gern einen Tisch um halb acht"], {"time": "20:30"}),
    ("wrong_quantity", ["c: Ich möchte bitte drei Karten"], {"quantity": 5}),
    ("wrong_amount", ["c: Bitte überweisen Sie fünfundvierzig Euro"], {"amount": 54}),
]

CLEAN = [
    (["c: Eine Pizza mit Schinken, aber bitte ohne Zwiebeln"], {"belag": ["Schinken"], "ohne": []}),
    (["c: Einen Tisch um halb acht am Freitag bitte"], {"time": "19:30", "date": "2024-03-01"}),
    (["c: Ich hätte gern eine Pizza mit Champignons"], {"toppings": ["mushrooms"]}),
    (["c: Zwei Pizzen bitte", "a: Zwei Pizzen, richtig?", "c: Nein, doch lieber drei"], {"quantity": 3}),
    (["c: Ich möchte nach Hamburg, ich meine nach Bremen"], {"ziel": "Bremen"}),
    (["c: Für vier Personen, nicht am Montag, am Dienstag"], {"people": 4, "date": "2024-03-05"}),
    (["c: Ohne Zwiebeln bitte", "c: Ach, die Zwiebeln können doch drauf"], {"belag": ["Zwiebeln"]}),
    (["c: Morgen früh um neun bitte"], {"date": "2024-03-02", "time": "09:00"}),
    (["c: Ich möchte am 5. März fliegen", "a: Also am 5. März?", "c: Genau"], {"date": "2024-03-05"}),
    (
        ["c: Ich brauche einen Termin", "a: Wann denn?", "c: Nächsten Donnerstag um Viertel vor neun"],
        {"date": "2024-03-07", "time": "08:45"},
    ),
    (["c: Drei Karten für 1.200 Euro bitte"], {"quantity": 3, "amount": 1200}),
    (["c: Meine Kundennummer ist vier acht eins fünf"], {"customer_number": "4815"}),
]


@pytest.mark.parametrize(("check", "lines", "arguments"), FIRES)
def test_what_was_taken_back_or_never_said_is_caught(check, lines, arguments):
    assert check in checks_that_fire(call_so_far(HI, *lines), calls("place_order", arguments))


@pytest.mark.parametrize(("lines", "arguments"), CLEAN)
def test_a_clean_call_is_left_alone(lines, arguments):
    assert checks_that_fire(call_so_far(HI, *lines), calls("place_order", arguments)) == set()
