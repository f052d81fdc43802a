from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from judging.providers.errors import ProviderFailed
from judging.providers.tier1 import MAX_PREMISE_CHARS, SHAPES, HttpTier1, Tier1Config, Tier1Kind
from tests.fakes_http import FAULTS, Connection, FakeServer, answers, hangs

pytestmark = pytest.mark.usefixtures("closing")

RULES = ("It promises a refund.", "It is rude.", "It names a price.")
SCORES = (0.91, 0.02, 0.4)
DEADLINE_S, SLACK_S = 0.4, 0.6


def tier1(server: FakeServer, kind: Tier1Kind, **fields: Any) -> HttpTier1:
    values = {"base_url": server.url, "model": "org/nli model", "is_private_allowed": True, **fields}
    return HttpTier1(Tier1Config(kind=kind, **values))


def sorted_labels() -> list[dict[str, Any]]:
    return [{"label": RULES[at], "score": SCORES[at]} for at in (0, 2, 1)]


# Replies as the servers give them: best first, or out of order.
RECORDED: dict[Tier1Kind, Any] = {
    Tier1Kind.HUGGINGFACE: sorted_labels(),
    Tier1Kind.TEI: [
        sorted(
            [{"score": score, "label": "entailment"}, {"score": 1 - score, "label": "not_entailment"}],
            key=lambda entry: -entry["score"],
        )
        for score in SCORES
    ],
    Tier1Kind.VLLM_SCORE: {
        "id": "score-1",
        "object": "list",
        "model": "m",
        "data": [{"index": at, "object": "score", "score": SCORES[at]} for at in (2, 0, 1)],
        "usage": {},
    },
    Tier1Kind.VLLM_CLASSIFY: {
        "id": "classify-1",
        "object": "list",
        "model": "m",
        "data": [
            {"index": at, "label": "LABEL_0", "probs": [SCORES[at], 1 - SCORES[at]], "num_classes": 2}
            for at in (1, 2, 0)
        ],
    },
}
ASKED: dict[Tier1Kind, tuple[str, Any]] = {
    Tier1Kind.HUGGINGFACE: (
        "/models/org/nli%20model",
        {
            "inputs": "agent: hi",
            "parameters": {"candidate_labels": list(RULES), "multi_label": True, "hypothesis_template": "{}"},
        },
    ),
    Tier1Kind.TEI: (
        "/predict",
        {
            "inputs": [["agent: hi", rule] for rule in RULES],
            "truncate": True,
            "truncation_direction": "left",
            "raw_scores": False,
        },
    ),
    Tier1Kind.VLLM_SCORE: ("/score", {"model": "org/nli model", "text_1": "agent: hi", "text_2": list(RULES)}),
    Tier1Kind.VLLM_CLASSIFY: (
        "/classify",
        {"model": "org/nli model", "input": [f"agent: hi[SEP]{rule}" for rule in RULES]},
    ),
}


@pytest.mark.parametrize("kind", list(SHAPES))
async def test_scores_come_in_the_order_of_the_rules(server: FakeServer, kind: Tier1Kind):
    server.serves(answers(RECORDED[kind]))
    assert await tier1(server, kind, secret=lambda: "hf_1").score("agent: hi", RULES, 5) == SCORES
    request = server.received[0]
    assert (request.path, request.body) == ASKED[kind]
    assert request.headers["authorization"] == "Bearer hf_1"


async def test_hugging_faces_older_shape_is_read_too(server: FakeServer):
    labels = sorted_labels()
    older = {"sequence": "x", "labels": [e["label"] for e in labels], "scores": [e["score"] for e in labels]}
    server.serves(answers(older))
    assert await tier1(server, Tier1Kind.HUGGINGFACE).score("x", RULES, 5) == SCORES


async def test_one_rule_is_still_a_batch_for_tei(server: FakeServer):
    server.serves(answers(RECORDED[Tier1Kind.TEI][:1]))
    assert await tier1(server, Tier1Kind.TEI).score("agent: hi", RULES[:1], 5) == SCORES[:1]
    assert server.received[0].body["inputs"] == [["agent: hi", RULES[0]]]


async def test_a_long_premise_keeps_its_end(server: FakeServer):
    server.serves(answers(RECORDED[Tier1Kind.TEI]))
    await tier1(server, Tier1Kind.TEI).score("x" * 5_000 + "the judged turn", RULES, 5)
    premise = server.received[0].body["inputs"][0][0]
    assert (len(premise), premise.endswith("the judged turn")) == (MAX_PREMISE_CHARS, True)


async def test_more_rules_than_the_server_takes_go_in_several_requests_and_keep_their_order(server: FakeServer):
    def serve(connection: Connection) -> None:
        texts = [hypothesis for _, hypothesis in connection.received.body["inputs"]]
        answers([[{"label": "ENTAILMENT", "score": int(text) / 1000}] for text in texts])(connection)

    server.otherwise = serve
    rules = [str(number) for number in range(200)]
    found = await tier1(server, Tier1Kind.TEI).score("p", rules, 10)
    assert found == tuple(number / 1000 for number in range(200))
    assert sorted(len(request.body["inputs"]) for request in server.received) == [8, 32, 32, 32, 32, 32, 32]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", list(SHAPES))
async def test_every_fault_is_a_failure_within_the_deadline(server: FakeServer, kind: Tier1Kind, fault: str):
    server.serves(FAULTS[fault])
    began_s = time.monotonic()
    with pytest.raises(ProviderFailed):
        await tier1(server, kind).score("p", RULES, DEADLINE_S)
    assert time.monotonic() - began_s < DEADLINE_S + SLACK_S


async def test_one_request_that_hangs_fails_the_turn_in_time(server: FakeServer):
    server.serves(answers(RECORDED[Tier1Kind.TEI][:1]), hangs, hangs)
    began_s = time.monotonic()
    with pytest.raises(ProviderFailed, match="timeout"):
        await tier1(server, Tier1Kind.TEI, batch_size=1).score("p", RULES, DEADLINE_S)
    assert time.monotonic() - began_s < DEADLINE_S + SLACK_S


def _last(change: Callable[[dict[str, Any]], Any]) -> Any:
    entries = sorted_labels()
    entries[-1] = change(entries[-1])
    return entries


@pytest.mark.parametrize(
    "reply",
    [
        sorted_labels()[:2],
        _last(lambda entry: {**entry, "label": "another"}),
        _last(lambda entry: {**entry, "score": 1.5}),
        _last(lambda entry: {**entry, "score": "0.4"}),
        _last(lambda entry: {**entry, "score": True}),
        _last(lambda entry: {**entry, "score": float("nan")}),
        {"labels": list(RULES), "scores": [0.1]},
    ],
)
async def test_scores_that_do_not_fit_the_rules_are_garbage(server: FakeServer, reply: Any):
    server.serves(answers(reply))
    with pytest.raises(ProviderFailed, match="garbage"):
        await tier1(server, Tier1Kind.HUGGINGFACE).score("p", RULES, 5)


async def test_a_model_without_the_entailment_class_is_garbage(server: FakeServer):
    server.serves(answers([[{"label": "LABEL_0", "score": 0.9}]] * 3))
    with pytest.raises(ProviderFailed, match="garbage"):
        await tier1(server, Tier1Kind.TEI).score("p", RULES, 5)
    server.serves(answers([[{"label": "LABEL_0", "score": 0.9}]] * 3))
    assert await tier1(server, Tier1Kind.TEI, entailment_label="LABEL_0").score("p", RULES, 5) == (0.9,) * 3


@pytest.mark.parametrize(
    ("status", "told"), [(413, {"error": "too large"}), (422, {"error": "batch size 3 > maximum allowed batch size 1"})]
)
async def test_a_server_that_takes_fewer_at_once_gets_fewer(server: FakeServer, status: int, told: Any):
    def serve(connection: Connection) -> None:
        texts = [hypothesis for _, hypothesis in connection.received.body["inputs"]]
        at = [RULES.index(text) for text in texts]
        fits = answers([[{"label": "entailment", "score": SCORES[one]}] for one in at])
        (fits if len(texts) == 1 else answers(told, status))(connection)

    server.otherwise = serve
    assert await tier1(server, Tier1Kind.TEI).score("p", RULES, 5) == SCORES


async def test_a_refusal_of_a_single_rule_is_a_failure(server: FakeServer):
    server.otherwise = answers({"error": "too large"}, 413)
    with pytest.raises(ProviderFailed, match="HTTP 413"):
        await tier1(server, Tier1Kind.TEI).score("p", RULES[:1], 5)


async def test_a_class_that_is_named_at_another_place_is_not_taken_for_the_wrong_one(server: FakeServer):
    entry = {"index": 0, "label": "entailment", "probs": [0.1, 0.9], "num_classes": 2}
    server.otherwise = answers({"data": [entry]})
    with pytest.raises(ProviderFailed, match="garbage"):
        await tier1(server, Tier1Kind.VLLM_CLASSIFY).score("p", RULES[:1], 5)
    assert await tier1(server, Tier1Kind.VLLM_CLASSIFY, entailment_index=1).score("p", RULES[:1], 5) == (0.9,)
