"""Tier 0 in French calls."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says
from tests.unit.judging.languages.helpers import amounts_in, dates_in, numbers_in, times_in

HI = "a: Bonjour, que puis-je faire pour vous ?"

NUMBERS = [
    ("vingt et un", 21),
    ("soixante et onze", 71),
    ("quatre-vingt-dix-sept", 97),
    ("septante-cinq", 75),
    ("trois cent quarante-cinq", 345),
    ("deux mille trois cents", 2300),
    ("seulement une", 1),
    ("deux douzaines", 24),
    ("3,5", 3.5),
    ("quatre-vingts", 80),
]
TIMES = [
    ("à sept heures et demie", {"07:30", "19:30"}),
    ("à sept heures et demie du soir", {"19:30"}),
    ("à huit heures moins le quart", {"07:45", "19:45"}),
    ("à neuf heures et quart", {"09:15", "21:15"}),
    ("à 19h30", {"19:30"}),
    ("vers 20 heures", {"20:00"}),
    ("à trois heures de l'après-midi", {"15:00"}),
    ("à midi", {"12:00"}),
    ("à neuf heures vingt du matin", {"09:20"}),
    ("à dix heures moins dix", {"09:50", "21:50"}),
]
DATES = [
    ("après-demain", {"2024-03-03"}),
    ("demain matin", {"2024-03-02"}),
    ("mardi prochain", {"2024-03-05", "2024-03-12"}),
    ("le 5 mars 2024", {"2024-03-05"}),
    ("le mardi 12 mars", {"*-03-12"}),
    ("le premier avril", {"*-04-01"}),
    ("dans trois jours", {"2024-03-04"}),
    ("le 12", {"*-00-12"}),
]
AMOUNTS = [
    ("12,50 €", 12.5),
    ("vingt et un euros et cinquante centimes", 21.5),
    ("cinquante centimes", 0.5),
    ("20 euros", 20),
]

FIRES = [
    (
        "exclusion_put_in",
        ["c: Une pizza au jambon, mais sans oignons s'il vous plaît"],
        {"garniture": ["jambon", "oignons"]},
    ),
    ("exclusion_put_in", ["c: Je voudrais une salade, pas d'olives"], {"ingredients": ["olives"]}),
    ("exclusion_put_in", ["c: Un burger avec des cornichons", "c: Enlevez les cornichons"], {"extras": ["cornichons"]}),
    ("exclusion_put_in", ["c: Je voudrais la pizza sans l'oignon"], {"garniture": ["oignons"]}),
    ("stale_argument", ["c: Une table au Dauphin, enfin non, au Pélican"], {"restaurant": "Dauphin"}),
    ("stale_argument", ["c: Je voudrais un billet pour Lyon, je veux dire pour Lille"], {"destination": "Lyon"}),
    ("stale_argument", ["c: Deux pizzas", "a: Deux pizzas, c'est bien ça ?", "c: Non, plutôt trois"], {"quantity": 2}),
    ("stale_argument", ["c: Mardi s'il vous plaît", "a: Mardi ?", "c: Non pardon, jeudi"], {"date": "2024-03-05"}),
    (
        "stale_argument",
        ["c: À sept heures et demie", "a: À 19h30, c'est bien ça ?", "c: Non, à huit heures"],
        {"time": "19:30"},
    ),
    (
        "stale_argument",
        ["c: Je voudrais un vol", "a: Pour Lyon, c'est bien ça ?", "c: Non, pour Lille"],
        {"destination": "Lyon"},
    ),
    ("wrong_date", ["c: Je voudrais venir après-demain"], {"date": "2024-03-02"}),
    ("wrong_time", ["c: Une table à sept heures et demie s'il vous plaît"], {"time": "20:30"}),
    ("wrong_quantity", ["c: Je voudrais trois billets"], {"quantity": 5}),
    ("wrong_amount", ["c: Virez quarante-cinq euros s'il vous plaît"], {"amount": 54}),
]
CLEAN = [
    (["c: Une pizza au jambon, mais sans oignons s'il vous plaît"], {"garniture": ["jambon"]}),
    (["c: Une table vendredi à sept heures et demie s'il vous plaît"], {"time": "19:30", "date": "2024-03-01"}),
    (["c: Je voudrais une pizza aux champignons"], {"toppings": ["mushrooms"]}),
    (["c: Deux pizzas", "a: Deux pizzas, c'est bien ça ?", "c: Non, plutôt trois"], {"quantity": 3}),
    (["c: Un billet pour Lyon, je veux dire pour Lille"], {"destination": "Lille"}),
    (["c: Nous sommes quatre, demain matin à neuf heures"], {"people": 4, "date": "2024-03-02", "time": "09:00"}),
    (["c: Sans oignons s'il vous plaît", "c: Finalement, avec les oignons"], {"garniture": ["oignons"]}),
    (["c: Je voudrais de l'huile et de l'ail"], {"produits": ["huile", "ail"]}),
    (["c: Trois billets pour 120,50 euros"], {"quantity": 3, "amount": 120.5}),
    (["c: Mon numéro de client est quatre huit un cinq"], {"customer_number": "4815"}),
]
SPOKEN_WRONG = [
    (
        "done_claim",
        ["c: Je voudrais être remboursé s'il vous plaît"],
        "C'est bon, je vous ai remboursé. J'ai remboursé la somme.",
    ),
    ("taken_back", ["c: Une pizza au fromage, sans olives"], "Très bien, je commande une pizza avec olives."),
    (
        "taken_back",
        ["c: Deux pizzas s'il vous plaît", "a: Deux pizzas.", "c: Non, plutôt une seule"],
        "Parfait, alors deux pizzas.",
    ),
    (
        "unsupported_claim",
        ["c: Quel est le prix de la chambre, s'il vous plaît ?", 't: {"price": 80}'],
        "C'est 95 euros.",
    ),
]
SPOKEN_RIGHT = [
    (["c: Je voudrais annuler ma réservation"], "Je n'ai pas encore annulé votre réservation."),
    (["c: Je voudrais annuler ma réservation"], "Voulez-vous que j'annule votre réservation ?"),
    (["c: Une pizza au fromage, sans olives"], "Très bien, je commande une pizza sans olives."),
    (["c: Quel est le prix de la chambre, s'il vous plaît ?", 't: {"price": 80}'], "C'est 80 euros."),
    (
        ["c: Quel est le prix de la chambre, s'il vous plaît ?", 't: {"price": 80}'],
        "Cela fait environ 150 euros au total.",
    ),
]


@pytest.mark.parametrize(("said", "number"), NUMBERS)
def test_numbers_are_read_as_they_are_said(said, number):
    assert numbers_in("fr", said) == [number]


@pytest.mark.parametrize(("said", "times"), TIMES)
def test_times_are_read_as_they_are_said(said, times):
    assert times_in("fr", said) == times


@pytest.mark.parametrize(("said", "days"), DATES)
def test_dates_are_read_as_they_are_said(said, days):
    assert dates_in("fr", said) == days


@pytest.mark.parametrize(("said", "amount"), AMOUNTS)
def test_amounts_are_read_as_they_are_said(said, amount):
    assert amounts_in("fr", said) == [amount]


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
