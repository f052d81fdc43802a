"""Tier 0 in Spanish calls."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says
from tests.unit.judging.languages.helpers import amounts_in, dates_in, numbers_in, times_in

HI = "a: Buenas tardes, ¿en qué le puedo ayudar?"

NUMBERS = [
    ("veintiuno", 21),
    ("treinta y un", 31),
    ("trescientos cuarenta y cinco", 345),
    ("dos mil trescientos", 2300),
    ("mil dos", 1002),
    ("dieciseis", 16),
    ("solo una", 1),
    ("media docena", 6),
    ("1.200", 1200),
    ("3,5", 3.5),
]
TIMES = [
    ("a las siete y media", {"07:30", "19:30"}),
    ("a las siete y media de la tarde", {"19:30"}),
    ("a las ocho menos cuarto", {"07:45", "19:45"}),
    ("un cuarto para las ocho", {"07:45", "19:45"}),
    ("diez para las nueve de la noche", {"20:50"}),
    ("a la una de la tarde", {"13:00"}),
    ("a las 19:30", {"19:30"}),
    ("a las nueve y veinte de la mañana", {"09:20"}),
    ("al mediodía", {"12:00"}),
    ("a las doce de la noche", {"00:00"}),
]
DATES = [
    ("pasado mañana", {"2024-03-03"}),
    ("mañana por la mañana", {"2024-03-02"}),
    ("a las nueve de la mañana", set()),
    ("el próximo martes", {"2024-03-05", "2024-03-12"}),
    ("el 5 de marzo de 2024", {"2024-03-05"}),
    ("el martes 12 de marzo", {"*-03-12"}),
    ("dentro de tres días", {"2024-03-04"}),
    ("el primero de abril", {"*-04-01"}),
]
AMOUNTS = [
    ("1.234,56 euros", 1234.56),
    ("veintiún euros con cincuenta", 21.5),
    ("cincuenta céntimos", 0.5),
    ("20 €", 20),
]

FIRES = [
    (
        "exclusion_put_in",
        ["c: Una pizza de jamón, pero sin cebolla, por favor"],
        {"ingredientes": ["jamón", "cebolla"]},
    ),
    ("exclusion_put_in", ["c: Quiero una ensalada sin atún ni aceitunas"], {"ingredientes": ["aceitunas"]}),
    (
        "exclusion_put_in",
        ["c: Una hamburguesa con pepinillos", "c: Quítele los pepinillos"],
        {"extras": ["pepinillos"]},
    ),
    ("exclusion_put_in", ["c: Una pizza de jamón, no le ponga cebolla"], {"ingredientes": ["cebollas"]}),
    ("stale_argument", ["c: Una mesa en Casa Lucio, mejor dicho, en Casa Botín"], {"restaurante": "Casa Lucio"}),
    ("stale_argument", ["c: Quiero un billete a Sevilla, digo, a Granada"], {"destino": "Sevilla"}),
    ("stale_argument", ["c: Dos pizzas", "a: Dos pizzas, ¿correcto?", "c: No, mejor tres"], {"quantity": 2}),
    (
        "stale_argument",
        ["c: El martes, por favor", "a: ¿El martes?", "c: No, perdón, el jueves"],
        {"date": "2024-03-05"},
    ),
    (
        "stale_argument",
        ["c: A las siete y media", "a: A las siete y media, ¿verdad?", "c: No, a las ocho"],
        {"time": "19:30"},
    ),
    (
        "stale_argument",
        ["c: Quiero un vuelo", "a: A Sevilla, ¿verdad?", "c: No, a Granada"],
        {"destination": "Sevilla"},
    ),
    ("wrong_date", ["c: Quisiera ir pasado mañana"], {"date": "2024-03-02"}),
    ("wrong_time", ["c: Una mesa a las siete y media, por favor"], {"time": "20:30"}),
    ("wrong_quantity", ["c: Quiero tres entradas, por favor"], {"quantity": 5}),
    ("wrong_amount", ["c: Transfiera cuarenta y cinco euros, por favor"], {"amount": 54}),
]
CLEAN = [
    (["c: Una pizza de jamón, pero sin cebolla, por favor"], {"ingredientes": ["jamón"]}),
    (["c: Una mesa el viernes a las siete y media, por favor"], {"time": "19:30", "date": "2024-03-01"}),
    (["c: Quiero una pizza con champiñones"], {"toppings": ["mushrooms"]}),
    (["c: Dos pizzas", "a: Dos pizzas, ¿correcto?", "c: No, mejor tres"], {"quantity": 3}),
    (["c: Un billete a Sevilla, digo, a Granada"], {"destino": "Granada"}),
    (["c: Somos cuatro, mañana por la mañana a las nueve"], {"people": 4, "date": "2024-03-02", "time": "09:00"}),
    (["c: Sin cebolla, por favor", "c: Bueno, con cebolla sí"], {"ingredientes": ["cebolla"]}),
    (["c: Quiero dos jamones para el día 5"], {"producto": "jamón", "quantity": 2}),
    (["c: Tres entradas por 1.200 euros"], {"quantity": 3, "amount": 1200}),
    (["c: Mi número de cliente es cuatro ocho uno cinco"], {"customer_number": "4815"}),
]
SPOKEN_WRONG = [
    ("done_claim", ["c: Quiero que me devuelvan el dinero, por favor"], "Listo, ya le he reembolsado el importe."),
    ("taken_back", ["c: Una pizza de queso, sin aceitunas, por favor"], "Muy bien, le pido una pizza con aceitunas."),
    (
        "taken_back",
        ["c: Dos pizzas, por favor", "a: Dos pizzas.", "c: No, mejor solo una"],
        "Perfecto, dos pizzas entonces.",
    ),
    ("unsupported_claim", ["c: ¿Cuánto cuesta la habitación, por favor?", 't: {"price": 80}'], "Cuesta 95 euros."),
]
SPOKEN_RIGHT = [
    (["c: Quiero cancelar mi reserva, por favor"], "Todavía no he cancelado su reserva."),
    (["c: Quiero cancelar mi reserva, por favor"], "¿Quiere que cancele su reserva?"),
    (["c: Una pizza de queso, sin aceitunas, por favor"], "Muy bien, le pido una pizza sin aceitunas."),
    (["c: ¿Cuánto cuesta la habitación, por favor?", 't: {"price": 80}'], "Cuesta 80 euros."),
    (
        ["c: ¿Cuánto cuesta la habitación, por favor?", 't: {"price": 80}'],
        "Son unos 160 euros en total por dos noches.",
    ),
]


@pytest.mark.parametrize(("said", "number"), NUMBERS)
def test_numbers_are_read_as_they_are_said(said, number):
    assert numbers_in("es", said) == [number]


@pytest.mark.parametrize(("said", "times"), TIMES)
def test_times_are_read_as_they_are_said(said, times):
    assert times_in("es", said) == times


@pytest.mark.parametrize(("said", "days"), DATES)
def test_dates_are_read_as_they_are_said(said, days):
    assert dates_in("es", said) == days


@pytest.mark.parametrize(("said", "amount"), AMOUNTS)
def test_amounts_are_read_as_they_are_said(said, amount):
    assert amounts_in("es", said) == [amount]


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
