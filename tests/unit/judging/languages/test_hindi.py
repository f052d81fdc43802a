"""Tier 0 in Hindi calls."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says
from tests.unit.judging.languages.helpers import amounts_in, dates_in, numbers_in, times_in

HI = "a: नमस्ते, मैं आपकी क्या मदद कर सकती हूँ?"

NUMBERS = [
    ("इक्कीस", 21),
    ("ikkis", 21),
    ("तीन सौ पैंतालीस", 345),
    ("paanch sau pachaas", 550),
    ("दो हज़ार तीन सौ", 2300),
    ("डेढ़ सौ", 150),
    ("ढाई हज़ार", 2500),
    ("सिर्फ़ एक", 1),
    ("दो दर्जन", 24),
    ("1,50,000", 150000),
    ("twenty five", 25),
]
TIMES = [
    ("साढ़े सात बजे", {"07:30", "19:30"}),
    ("शाम साढ़े सात बजे", {"19:30"}),
    ("saadhe saat baje", {"07:30", "19:30"}),
    ("पौने आठ बजे", {"07:45", "19:45"}),
    ("सवा सात बजे", {"07:15", "19:15"}),
    ("ढाई बजे दोपहर", {"14:30"}),
    ("subah nau baje", {"09:00"}),
    ("रात को 10 बजे", {"22:00"}),
    ("5 pm", {"17:00"}),
    ("8 बजकर 20 मिनट", {"08:20", "20:20"}),
]
DATES = [
    ("कल", {"2024-03-02", "2024-02-29"}),
    ("परसों", {"2024-03-03", "2024-02-28"}),
    ("अगले मंगलवार", {"2024-03-05", "2024-03-12"}),
    ("agle mangalvar ko", {"2024-03-05", "2024-03-12"}),
    ("5 मार्च 2024 को", {"2024-03-05"}),
    ("12 march ko", {"*-03-12"}),
    ("बारह तारीख को", {"*-00-12"}),
    ("तीन दिन बाद", {"2024-03-04"}),
    ("tomorrow", {"2024-03-02"}),
]
AMOUNTS = [("पाँच सौ रुपये", 500), ("₹500", 500), ("dhai sau rupaye", 250), ("पचास पैसे", 0.5)]

FIRES = [
    ("exclusion_put_in", ["c: मुझे पनीर पिज़्ज़ा चाहिए, प्याज के बिना"], {"toppings": ["पनीर", "प्याज"]}),
    ("exclusion_put_in", ["c: मुझे बर्गर चाहिए, टमाटर मत डालना"], {"toppings": ["टमाटर"]}),
    ("exclusion_put_in", ["c: mujhe ek burger chahiye, pyaaz nahi chahiye"], {"toppings": ["pyaz"]}),
    ("exclusion_put_in", ["c: mujhe ek pizza chahiye bina pyaz ke"], {"toppings": ["प्याज़"]}),
    (
        "exclusion_put_in",
        ["c: mujhe ek pizza chahiye with paneer but no onions please"],
        {"toppings": ["paneer", "onions"]},
    ),
    ("stale_argument", ["c: मुझे दो पिज़्ज़ा चाहिए", "a: दो पिज़्ज़ा, सही है?", "c: नहीं, तीन"], {"quantity": 2}),
    (
        "stale_argument",
        ["c: mujhe do pizza chahiye", "a: do pizza, theek hai?", "c: nahi, teen kar do"],
        {"quantity": 2},
    ),
    ("stale_argument", ["c: मंगलवार को चाहिए", "a: मंगलवार को?", "c: नहीं नहीं, गुरुवार को"], {"date": "2024-03-05"}),
    ("stale_argument", ["c: साढ़े सात बजे आना है", "a: साढ़े सात बजे, सही है?", "c: नहीं, आठ बजे"], {"time": "19:30"}),
    ("stale_argument", ["c: mujhe Pune jaana hai, matlab Nashik"], {"city": "Pune"}),
    (
        "stale_argument",
        ["c: mujhe flight book karni hai", "a: Pune ke liye, sahi hai?", "c: nahi, Nashik"],
        {"destination": "Pune"},
    ),
    ("wrong_date", ["c: मुझे कल आना है"], {"date": "2024-03-05"}),
    ("wrong_time", ["c: शाम साढ़े सात बजे टेबल चाहिए"], {"time": "20:30"}),
    ("wrong_quantity", ["c: मुझे तीन टिकट चाहिए"], {"quantity": 5}),
    ("wrong_amount", ["c: पाँच सौ रुपये भेज दीजिए"], {"amount": 600}),
]
CLEAN = [
    (["c: मुझे पनीर पिज़्ज़ा चाहिए, प्याज के बिना"], {"toppings": ["पनीर"]}),
    (["c: मुझे पनीर पिज़्ज़ा चाहिए"], {"toppings": ["paneer"], "item": "pizza"}),
    (["c: शुक्रवार को शाम साढ़े सात बजे टेबल चाहिए"], {"time": "19:30", "date": "2024-03-01"}),
    (["c: mujhe do pizza chahiye", "a: do pizza, theek hai?", "c: nahi, teen kar do"], {"quantity": 3}),
    (["c: bas ek pizza bhej do"], {"quantity": 1}),
    (["c: हम चार लोग हैं, कल सुबह नौ बजे"], {"people": 4, "date": "2024-03-02", "time": "09:00"}),
    (["c: bina pyaz ke", "c: achha theek hai, pyaz daal do"], {"toppings": ["pyaz"]}),
    (["c: mujhe kal dopahar do baje ka appointment chahiye"], {"date": "2024-03-02", "time": "14:00"}),
    (["c: मेरा ग्राहक नंबर चार आठ एक पाँच है"], {"customer_number": "4815"}),
    (["c: ₹1,200 ke teen ticket book kar do"], {"quantity": 3, "amount": 1200}),
]
SPOKEN_WRONG = [
    ("done_claim", ["c: मुझे मेरे पैसे वापस चाहिए"], "आपका रिफंड हो गया है।"),
    ("done_claim", ["c: mera order cancel karna hai"], "Aapka order cancel kar diya hai."),
    ("taken_back", ["c: मुझे चीज़ पिज़्ज़ा चाहिए, टमाटर मत डालना"], "ठीक है, टमाटर पिज़्ज़ा ऑर्डर कर रहा हूँ।"),
    (
        "taken_back",
        ["c: mujhe do pizza chahiye", "a: do pizza.", "c: nahi, sirf ek kar do"],
        "theek hai, do pizza bhej raha hoon.",
    ),
    ("unsupported_claim", ["c: कमरे का दाम क्या है?", 't: {"price": 800}'], "दाम 950 रुपये है।"),
]
SPOKEN_RIGHT = [
    (["c: mera order cancel karna hai"], "Aapka order abhi cancel nahi hua hai."),
    (["c: mera order cancel karna hai"], "Kya main aapka order cancel kar doon?"),
    (["c: मुझे चीज़ पिज़्ज़ा चाहिए, टमाटर मत डालना"], "ठीक है, टमाटर के बिना पिज़्ज़ा ऑर्डर कर रहा हूँ।"),
    (["c: कमरे का दाम क्या है?", 't: {"price": 800}'], "दाम 800 रुपये है।"),
    (["c: कमरे का दाम क्या है?", 't: {"price": 800}'], "कुल मिलाकर करीब 1500 रुपये होंगे।"),
]


@pytest.mark.parametrize(("said", "number"), NUMBERS)
def test_numbers_are_read_as_they_are_said(said, number):
    assert numbers_in("hi", said) == [number]


@pytest.mark.parametrize(("said", "times"), TIMES)
def test_times_are_read_as_they_are_said(said, times):
    assert times_in("hi", said) == times


@pytest.mark.parametrize(("said", "days"), DATES)
def test_dates_are_read_as_they_are_said(said, days):
    assert dates_in("hi", said) == days


@pytest.mark.parametrize(("said", "amount"), AMOUNTS)
def test_amounts_are_read_as_they_are_said(said, amount):
    assert amounts_in("hi", said) == [amount]


@pytest.mark.parametrize(("check", "lines", "arguments"), FIRES)
def test_what_was_taken_back_or_never_said_is_caught(check, lines, arguments):
    assert check in checks_that_fire(call_so_far(HI, *lines), calls("place_order", arguments))


@pytest.mark.parametrize(("lines", "arguments"), CLEAN)
def test_a_clean_call_is_left_alone(lines, arguments):
    assert checks_that_fire(call_so_far(HI, *lines), calls("place_order", arguments)) == set()


@pytest.mark.parametrize(("check", "lines", "said"), SPOKEN_WRONG)
def test_a_wrong_sentence_is_caught(check, lines, said):
    assert check in checks_that_fire(call_so_far(HI, *lines), says(said))


@pytest.mark.parametrize(("lines", "said"), SPOKEN_RIGHT)
def test_a_right_sentence_is_left_alone(lines, said):
    assert checks_that_fire(call_so_far(HI, *lines), says(said)) == set()
