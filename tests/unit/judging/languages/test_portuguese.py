"""Tier 0 in Portuguese calls."""

from __future__ import annotations

import pytest

from tests.unit.judging.helpers import call_so_far, calls, checks_that_fire, says
from tests.unit.judging.languages.helpers import amounts_in, dates_in, numbers_in, times_in

HI = "a: Boa tarde, em que posso ajudar?"

NUMBERS = [
    ("vinte e um", 21),
    ("trinta e uma", 31),
    ("trezentos e quarenta e cinco", 345),
    ("dois mil e trezentos", 2300),
    ("mil e dois", 1002),
    ("dezesseis", 16),
    ("dezasseis", 16),
    ("só uma", 1),
    ("meia dúzia", 6),
    ("1.200", 1200),
]
TIMES = [
    ("às sete e meia", {"07:30", "19:30"}),
    ("às sete e meia da noite", {"19:30"}),
    ("às quinze para as oito", {"07:45", "19:45"}),
    ("às oito menos um quarto", {"07:45", "19:45"}),
    ("às 19h30", {"19:30"}),
    ("às nove horas da manhã", {"09:00"}),
    ("às três e dez da tarde", {"15:10"}),
    ("ao meio-dia", {"12:00"}),
    ("às 20 horas", {"20:00"}),
    ("à uma da tarde", {"13:00"}),
]
DATES = [
    ("depois de amanhã", {"2024-03-03"}),
    ("amanhã de manhã", {"2024-03-02"}),
    ("na terça que vem", {"2024-03-05", "2024-03-12"}),
    ("na terça-feira", {"2024-03-05", "2024-03-12"}),
    ("no dia 5 de março de 2024", {"2024-03-05"}),
    ("na terça-feira, 12 de março", {"*-03-12"}),
    ("daqui a três dias", {"2024-03-04"}),
    ("a segunda pizza", set()),
]
AMOUNTS = [
    ("R$ 1.234,56", 1234.56),
    ("vinte e um reais e cinquenta centavos", 21.5),
    ("cinquenta centavos", 0.5),
    ("20 €", 20),
]

FIRES = [
    (
        "exclusion_put_in",
        ["c: Uma pizza de presunto, mas sem cebola, por favor"],
        {"ingredientes": ["presunto", "cebola"]},
    ),
    ("exclusion_put_in", ["c: Quero uma salada sem atum nem azeitonas"], {"ingredientes": ["azeitonas"]}),
    ("exclusion_put_in", ["c: Quero um hambúrguer com picles", "c: Tira o picles, por favor"], {"extras": ["picles"]}),
    ("exclusion_put_in", ["c: Uma pizza de presunto, não coloque cebola"], {"ingredientes": ["cebolas"]}),
    ("stale_argument", ["c: Uma mesa no Dourado, quer dizer, no Bento"], {"restaurante": "Dourado"}),
    ("stale_argument", ["c: Quero uma passagem para Recife, aliás, para Natal"], {"destino": "Recife"}),
    ("stale_argument", ["c: Duas pizzas", "a: Duas pizzas, certo?", "c: Não, melhor três"], {"quantity": 2}),
    (
        "stale_argument",
        ["c: Na terça-feira, por favor", "a: Na terça-feira?", "c: Não, desculpe, na quinta-feira"],
        {"date": "2024-03-05"},
    ),
    ("stale_argument", ["c: Às sete e meia", "a: Às sete e meia, certo?", "c: Não, às oito"], {"time": "19:30"}),
    (
        "stale_argument",
        ["c: Quero um voo, por favor", "a: Para Recife, certo?", "c: Não, para Natal"],
        {"destination": "Recife"},
    ),
    ("wrong_date", ["c: Eu queria ir depois de amanhã"], {"date": "2024-03-02"}),
    ("wrong_time", ["c: Uma mesa às sete e meia, por favor"], {"time": "20:30"}),
    ("wrong_quantity", ["c: Quero três ingressos, por favor"], {"quantity": 5}),
    ("wrong_amount", ["c: Transfira quarenta e cinco reais, por favor"], {"amount": 54}),
]
CLEAN = [
    (["c: Uma pizza de presunto, mas sem cebola, por favor"], {"ingredientes": ["presunto"]}),
    (["c: Uma mesa na sexta às sete e meia, por favor"], {"time": "19:30", "date": "2024-03-01"}),
    (["c: Quero uma pizza com cogumelos"], {"toppings": ["mushrooms"]}),
    (["c: Duas pizzas", "a: Duas pizzas, certo?", "c: Não, melhor três"], {"quantity": 3}),
    (["c: Uma passagem para Recife, aliás, para Natal"], {"destino": "Natal"}),
    (["c: Somos quatro, amanhã de manhã às nove"], {"people": 4, "date": "2024-03-02", "time": "09:00"}),
    (["c: Sem cebola, por favor", "c: Pensando bem, com cebola"], {"ingredientes": ["cebola"]}),
    (["c: Quero dois limões e três pães"], {"produtos": ["limão", "pão"]}),
    (["c: Três ingressos por 1.200 reais"], {"quantity": 3, "amount": 1200}),
    (["c: O meu número de cliente é quatro oito um cinco"], {"customer_number": "4815"}),
]
SPOKEN_WRONG = [
    ("done_claim", ["c: Quero o meu dinheiro de volta, por favor"], "Pronto, o valor já foi reembolsado."),
    ("taken_back", ["c: Uma pizza de queijo, sem azeitonas"], "Perfeito, vou pedir uma pizza com azeitonas."),
    (
        "taken_back",
        ["c: Duas pizzas, por favor", "a: Duas pizzas.", "c: Não, melhor só uma"],
        "Ótimo, então duas pizzas.",
    ),
    ("unsupported_claim", ["c: Quanto custa o quarto, por favor?", 't: {"price": 80}'], "Custa 95 reais."),
]
SPOKEN_RIGHT = [
    (["c: Quero cancelar a minha reserva, por favor"], "A sua reserva ainda não foi cancelada."),
    (["c: Quero cancelar a minha reserva, por favor"], "Quer que eu cancele a sua reserva?"),
    (["c: Uma pizza de queijo, sem azeitonas"], "Perfeito, vou pedir uma pizza sem azeitonas."),
    (["c: Quanto custa o quarto, por favor?", 't: {"price": 80}'], "Custa 80 reais."),
    (["c: Quanto custa o quarto, por favor?", 't: {"price": 80}'], "No total são cerca de 150 reais."),
]


@pytest.mark.parametrize(("said", "number"), NUMBERS)
def test_numbers_are_read_as_they_are_said(said, number):
    assert numbers_in("pt", said) == [number]


@pytest.mark.parametrize(("said", "times"), TIMES)
def test_times_are_read_as_they_are_said(said, times):
    assert times_in("pt", said) == times


@pytest.mark.parametrize(("said", "days"), DATES)
def test_dates_are_read_as_they_are_said(said, days):
    assert dates_in("pt", said) == days


@pytest.mark.parametrize(("said", "amount"), AMOUNTS)
def test_amounts_are_read_as_they_are_said(said, amount):
    assert amounts_in("pt", said) == [amount]


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
