"""Values for made sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_FIRST = "Anna Ben Carla Dmitri Elena Farid Grace Hiro Ines Jamal Kira Liam Mona Nikhil Olga Pedro Quinn Rosa Sven Tara Umar Vera Wei Yusuf Zoe".split()
_LAST = "Adler Brooks Chen Diaz Evans Fischer Gupta Hassan Ito Jones Kim Lopez Moreau Novak Osei Patel Quist Rossi Silva Tanaka Ueda Vogel Walsh Young".split()
_STREETS = "Oak Maple Harbour Station Mill Church River Garden Hill Lake Market Park Queen Bridge Cedar".split()
_CITIES = "Lisbon Denver Leeds Oslo Austin Turin Perth Cardiff Boise Ghent Malmo Tampa Kyoto Porto Dover".split()
_PRODUCTS = (
    "blue jacket|coffee machine|family plan|standing desk|premium plan|wireless headset|large pizza|winter tyres|"
    "garden chair|phone case|monthly pass|window seat|travel adapter|gift basket|vacuum cleaner|yoga mat|fibre line|"
    "double room|rain coat|electric kettle"
).split("|")
_COMPANIES = (
    "Northwind|Bluecell|Acme Travel|Redline Mobile|Finch Bank|Harbor Air|Quickmart|Lumen Energy|Orbit Insurance".split(
        "|"
    )
)
_TEAMS = "billing team|supervisor|claims department|branch manager|shipping team|retention team|technical team".split(
    "|"
)
_CONDITIONS = (
    "the item is still unopened|you cancel before Friday|your doctor agrees|the payment has cleared|you have the receipt|"
    "the damage was ours|you stay another year|the manager signs it|the account is older than a year|it arrives late|"
    "nothing was used|the bank approves"
).split("|")
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday tomorrow tonight".split()
_MONTHS = "January February March April May June July August September October November December".split()
_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _money(rng: random.Random) -> str:
    amount = rng.choice((rng.randint(3, 99), rng.randint(100, 900), rng.randint(1000, 9000)))
    return rng.choice(
        (
            f"${amount}",
            f"${amount}.{rng.choice(('50', '99', '20'))}",
            f"{amount} dollars",
            f"{amount} euros",
            f"£{amount}",
        )
    )


def _time(rng: random.Random) -> str:
    hour = rng.randint(1, 12)
    return rng.choice(
        (
            f"{hour} {rng.choice(('am', 'pm'))}",
            f"{hour}:{rng.choice(('15', '30', '45'))} {rng.choice(('am', 'pm'))}",
            f"half past {rng.choice(_NUMBERS)}",
        )
    )


def _count(rng: random.Random) -> str:
    return rng.choice((str(rng.randint(2, 30)), rng.choice(_NUMBERS)))


FILLERS: dict[str, Callable[[random.Random], str]] = {
    "money": _money,
    "time": _time,
    "time2": _time,
    "count": _count,
    "day": lambda rng: rng.choice(_DAYS),
    "date": lambda rng: f"{rng.choice(_MONTHS)} {rng.randint(1, 28)}",
    "name": lambda rng: f"{rng.choice(_FIRST)} {rng.choice(_LAST)}" if rng.random() < 0.5 else rng.choice(_FIRST),
    "phone": lambda rng: f"{_digits(rng, 3)}-{_digits(rng, 3)}-{_digits(rng, 4)}",
    "email": lambda rng: f"{rng.choice(_FIRST).lower()}@{rng.choice(_LAST).lower()}.example",
    "street": lambda rng: f"{rng.randint(1, 400)} {rng.choice(_STREETS)} {rng.choice(('Street', 'Road', 'Avenue', 'Lane'))}",
    "city": lambda rng: rng.choice(_CITIES),
    "percent": lambda rng: rng.choice((f"{rng.randint(2, 60)}%", f"{rng.randint(2, 60)} percent", f"{rng.choice(_NUMBERS)} percent")),
    "code": lambda rng: "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(3)) + _digits(rng, 3),
    "digits": lambda rng: _digits(rng, rng.randint(4, 8)),
    "pin": lambda rng: _digits(rng, 4),
    "card": lambda rng: " ".join(_digits(rng, 4) for _ in range(4)),
    "ssn": lambda rng: f"{_digits(rng, 3)}-{_digits(rng, 2)}-{_digits(rng, 4)}",
    "rating": lambda rng: f"{rng.randint(2, 4)}.{rng.randint(0, 9)}",
    "minutes": lambda rng: str(rng.choice((5, 10, 15, 20, 30, 45, 90))),
    "flight": lambda rng: f"{rng.choice(('NW', 'HA', 'LX', 'QK'))} {_digits(rng, 3)}",
    "gate": lambda rng: f"{rng.choice('ABCD')}{rng.randint(1, 40)}",
    "product": lambda rng: rng.choice(_PRODUCTS),
    "company": lambda rng: rng.choice(_COMPANIES),
    "team": lambda rng: rng.choice(_TEAMS),
    "condition": lambda rng: rng.choice(_CONDITIONS),
}  # fmt: skip


def fill(template: str, rng: random.Random) -> tuple[str, list[str]]:
    """Return the sentence with its values, and the names of the values used."""
    used = re.findall(r"\{(\w+)\}", template)
    return re.sub(r"\{(\w+)\}", lambda found: FILLERS[found[1]](rng), template), used
