"""Examples from the labelled corpora whose licence allows weights made from them to be shipped.

SGD (CC BY-SA 4.0), SNLI dev/test, CAD-NLI, ConjNLI, Disfl-QA, BEGIN, CI-ToD and the FaithDial audit. The non-commercial
corpora and those without a licence are named nowhere here, so nothing of them can slip in.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.tier1.examples import Ask, Example, share_of
from bench.tier1.needs import FILES
from bench.tier1.varied import varied
from bench.tier1.wordings import ACTS, TOPICS, act_ask, pick, relation_ask
from judging.core.premise import exchange
from judging.core.types import Role, ToolCall, Turn

# Domains of SGD that are only measured, chosen before the first run.
HELD_DOMAINS = frozenset({"Homes", "Travel", "Media"})
GENERAL = ("snli", "cad-nli", "conjnli-auto", "begin", "faithdial_audit", "disfl-qa")

SLOT_TOPICS = {
    "price": {"price", "fare", "total_price", "rent", "price_per_night", "price_per_ticket", "price_per_day"},
    "address": {"address", "street_address", "venue_address", "address_of_location"},
    "phone": {"phone_number"},
    "rating": {"average_rating", "star_rating", "rating", "percent_rating", "aggregate_rating"},
    "count": {"count"},
}
PLACES = {
    "city", "location", "origin_city", "area", "city_of_event", "destination_city", "from_location", "destination",
    "origin", "to_location", "where_to", "pickup_city", "from_city", "to_city", "origin_airport", "destination_airport",
    "pickup_location",
}  # fmt: skip
ACT_NAMES = {
    "NOTIFY_SUCCESS": "success",
    "NOTIFY_FAILURE": "failure",
    "OFFER_INTENT": "upsell",
    "REQ_MORE": "more",
    "GOODBYE": "goodbye",
}


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of every data file read."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def split_of(row: dict[str, Any]) -> str:
    if row["source"].startswith("sgd") and row["domain"] in HELD_DOMAINS:
        return "held"
    if row["source"] == "snli":
        # The corpus' own dev and test sets are all there is; a tenth of their images is kept for measuring.
        return "dev" if share_of(row["premise"]) < 0.1 else "train"
    return str(row["split"])


def premise_cut(text: str, length: int = 420) -> str:
    """The end of a long premise, from a line's beginning where there is one."""
    if len(text) <= length:
        return text
    cut = text[-length:]
    return cut.partition("\n")[2] or cut.partition(" ")[2] or cut


def general_nli(rows: list[dict[str, Any]]) -> Iterator[Example]:
    """Every corpus pair, all hypotheses of one premise together."""
    by_premise: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    trained = {row["premise"] for row in rows if row["source"] in GENERAL and split_of(row) == "train"}
    for row in rows:
        if row["source"] not in (*GENERAL, "sgd_state", "sgd_claims", "conjnli-dev", "ci-tod"):
            continue
        split = split_of(row)
        if split != "train" and row["source"] in GENERAL and row["premise"] in trained:
            continue  # a premise that two corpora share
        if row["source"] in ("begin", "faithdial_audit", "ci-tod") and len(row["premise"]) > 600:
            continue  # what would be cut may be what decides
        by_premise[row["source"], row["premise"], split].append(row)
    for (source, premise, split), found in sorted(by_premise.items()):
        asks = tuple(
            Ask(
                row["hypothesis"],
                row["label"] == "entailment",
                None if row["label"].startswith("not_") else row["label"] == "contradiction",
                source,
            )
            for row in sorted(found, key=lambda row: row["id"])
            if row["label"] != "not_contradiction"  # says nothing about entailment
        )
        if asks:
            first = found[0]
            yield Example(premise_cut(premise), asks, source, first["domain"], first["group"], split)


def exchange_of(row: dict[str, Any]) -> str:
    calls = tuple(ToolCall(call["name"], call["args"]) for call in row["tool_calls"])
    return exchange(row["customer_text"], Turn(0, Role.AGENT, row["agent_text"], tool_calls=calls))


def annotated_turns(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Each annotated agent turn once, with its acts ("OFFER:price")."""
    seen: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: row["id"]):
        acts = row["meta"].get("acts")
        key = (row["meta"]["dialogue_id"], row["agent_text"])
        if acts and row["agent_text"] and key not in seen:
            seen.add(key)
            yield row, frozenset(acts)


def sgd_turns(rows: list[dict[str, Any]], seed: int) -> Iterator[Example]:
    """Annotated turns, asked in our own wordings what the agent does in them and what it does not."""
    for row, acts in annotated_turns(rows):
        split = split_of(row)
        rng = random.Random(f"{seed}{row['id']}")
        wordings = ("train",) if split == "train" else ("train", "dev")
        asks = [ask for wording in wordings for ask in turn_asks(acts, rng, wording)]
        if split == "train":
            asks = [varied(ask, rng, []) for ask in asks]
        premise = exchange_of(row)
        yield Example(premise, tuple(asks), "sgd_turns", row["domain"], row["meta"]["dialogue_id"], split)


def turn_asks(acts: frozenset[str], rng: random.Random, wording: str) -> list[Ask]:
    """All true questions and as many untrue ones, of the annotated kinds and of single slots."""
    asks = []
    for topic, slots in SLOT_TOPICS.items():
        stated = any(f"{act}:{slot}" in acts for act in ("INFORM", "OFFER", "INFORM_COUNT") for slot in slots)
        if any(f"CONFIRM:{slot}" in acts for slot in slots) and not stated:
            continue
        relation = rng.choice(("state", "state", "mention"))
        asks.append(relation_ask(relation, pick(TOPICS[topic], rng, wording), stated, rng, topic, wording))
    dates = any(act.startswith("REQUEST:") and act.endswith("date") for act in acts)
    places = any(f"REQUEST:{slot}" in acts for slot in PLACES)
    asks.append(relation_ask("ask", pick(TOPICS["date"], rng, wording), dates, rng, "ask_date", wording))
    asks.append(relation_ask("ask", pick(TOPICS["place"], rng, wording), places, rng, "ask_city", wording))
    for act, name in ACT_NAMES.items():
        asks.append(act_ask(name, any(found.split(":")[0] == act for found in acts), rng, wording))
    if wording == "train":
        asks += slot_asks(acts, rng)
    return asks


_SLOT_RELATION = {"REQUEST": "ask", "CONFIRM": "confirm", "INFORM": "state", "OFFER": "state"}
_OTHER_SLOTS = (
    "departure_date", "number_of_tickets", "seating_class", "genre", "pickup_time", "check_in_date", "street_address",
    "price", "phone_number", "humidity", "wind", "event_name", "car_type", "number_of_rooms", "appointment_time",
    "hotel_name", "subtitles", "pets_allowed", "return_date", "passengers", "rating", "airlines", "temperature",
)  # fmt: skip


def slot_asks(acts: frozenset[str], rng: random.Random) -> list[Ask]:
    """Single slots: what was asked, stated or confirmed; the same slot under another act; slots not spoken of."""
    found = sorted({(act.split(":")[0], act.split(":")[1]) for act in acts if ":" in act} - {("INFORM_COUNT", "count")})
    spoken = [(act, slot) for act, slot in found if act in _SLOT_RELATION]
    asks = []
    for act, slot in rng.sample(spoken, min(3, len(spoken))):
        noun = f"the {slot.replace('_', ' ')}"
        asks.append(relation_ask(_SLOT_RELATION[act], noun, True, rng, "slot"))
        others = {"REQUEST": ("state", "confirm"), "CONFIRM": ("ask",), "INFORM": ("ask", "confirm"), "OFFER": ("ask",)}
        asks.append(relation_ask(rng.choice(others[act]), noun, False, rng, "slot"))
    named = {slot for _, slot in found}
    unspoken = [slot for slot in rng.sample(_OTHER_SLOTS, 3) if not any(is_near(slot, other) for other in named)]
    asks += [
        relation_ask(rng.choice(("ask", "state")), f"the {slot.replace('_', ' ')}", False, rng, "slot")
        for slot in unspoken
    ]
    return asks


def is_near(slot: str, other: str) -> bool:
    """Whether two slots share a word of their names."""
    return bool(set(slot.split("_")) & set(other.split("_")))


def sgd_acts(rows: list[dict[str, Any]], seed: int) -> Iterator[Example]:
    """The corpus' own act questions: reworded for training, as they stand for measuring."""
    by_premise: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["source"] == "sgd_acts":
            by_premise[row["premise"], split_of(row)].append(row)
    for (premise, split), found in sorted(by_premise.items()):
        rng = random.Random(f"{seed}{premise}")
        asks = []
        for row in sorted(found, key=lambda row: row["id"]):
            is_true, kind = row["label"] == "entailment", row["policy_id"]
            if split != "train":
                asks.append(Ask(row["hypothesis"], is_true, None, kind, "dev"))
                continue
            asks += [varied(act_question(kind, is_true, rng), rng, []) for _ in range(2)]
        yield Example(premise, tuple(asks), "sgd_acts", found[0]["domain"], found[0]["group"], split)


def act_question(kind: str, is_true: bool, rng: random.Random) -> Ask:
    if kind in ACTS:
        return act_ask(kind, is_true, rng)
    topic, relation = {"ask_date": ("date", "ask"), "ask_city": ("place", "ask")}.get(
        kind, (kind, rng.choice(("state", "state", "mention")))
    )
    return relation_ask(relation, pick(TOPICS[topic], rng, "train"), is_true, rng, kind)


def corpora(folder: Path, seed: int) -> list[Example]:
    """All examples of the corpora, in a fixed order."""
    nli = read(folder / "nli.jsonl.gz")
    policies = [row for row in read(folder / "policy_sgd.jsonl.gz") if row["source"].startswith("sgd")]
    return [*general_nli(nli), *sgd_acts(nli, seed), *sgd_turns(policies, seed)]
