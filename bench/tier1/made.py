"""Made turns of contact centres: sentences whose acts are known, put together and into real dialogue turns.

What is asked of a made turn: the acts in it (true), the same thing under another act, by the other speaker or only near
in words (untrue), and things not spoken of (untrue). A question on which people would differ is not asked.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.tier1 import actions
from bench.tier1.examples import Ask, Example, sentence
from bench.tier1.fillers import fill
from bench.tier1.pieces import (
    BOOKING,
    HELD_EVERY,
    HELD_SPEECH,
    HELD_TOPICS,
    IMPLIED,
    KEPT_TEMPLATES,
    RARE_SPEECH,
    RARE_TOPICS,
    Action,
    Piece,
    action_of,
    are_kin,
    clashes,
    content,
    is_plain,
    topic_fillers,
)
from bench.tier1.sources import annotated_turns, split_of, turn_asks
from bench.tier1.speech_acts import SpeechAct, speech_acts
from bench.tier1.topics import Topic, topics
from bench.tier1.varied import varied
from bench.tier1.wordings import pick, relation_ask
from judging.core.premise import tool_line


class Maker:
    """Makes examples of one split. ``held`` says whether acts that are only measured are the subject."""

    def __init__(self, split: str, seed: int, carriers: Sequence[tuple[dict[str, Any], frozenset[str]]]) -> None:
        self.split = split
        self.rng = random.Random(f"{seed}{split}")
        self.carriers = list(carriers)
        every = [
            action_of(row, at % HELD_EVERY == HELD_EVERY - 1)
            for rows in (actions.ACTIONS, actions.MORE_ACTIONS)
            for at, row in enumerate(rows)
        ]
        is_held = split == "held"
        self.actions = [action for action in every if action.is_held == is_held]
        self.topics = [topic for topic in topics() if (topic.is_held or topic.key in HELD_TOPICS) == is_held]
        self.rare_topics = RARE_TOPICS | {topic.key for topic in topics() if topic.is_rare}
        acts = speech_acts()
        self.speech = [act for act in acts if (act.is_held or act.key in HELD_SPEECH) == is_held]
        self.open = {act.key: {other.key for other in acts if are_kin(act, other)} for act in acts}
        # What may be asked of any turn, and of dialogues that were not made.
        self.plain = {act.key for act in acts if is_plain(act)}
        self.rare_speech = RARE_SPEECH | {act.key for act in acts if act.tags and is_plain(act)}

    def wording(self) -> str:
        return "train" if self.split == "train" else "dev"

    # Pieces

    def action_piece(self, who: str, action: Action | None = None, force: str = "") -> Piece:
        rng, action = self.rng, action or self.rng.choice(self.actions)
        forces = actions.AGENT if who == "agent" else actions.CUSTOMER
        force = force or rng.choice(list(forces))
        ways = forces[force]
        keep = min(KEPT_TEMPLATES, len(ways) - 2)
        more = (actions.MORE_AGENT if who == "agent" else actions.MORE_CUSTOMER).get(force, [])
        template = rng.choice([*ways[:-keep], *more] if self.split == "train" else ways[-keep:])
        text, used = fill(self.spoken(template, action, who), rng)
        piece = Piece(who, sentence(text), words=action.words, fillers=frozenset(used))
        piece.speech_true, piece.speech_open = (set(part) for part in IMPLIED[force])
        for relation, (yes, no) in actions.TRUTH.items():
            if force in yes.split():
                piece.true += [self.action_ask(relation, action, True, force) for _ in range(2)]
            elif force in no.split() or not relation.startswith(who):
                piece.untrue.append(self.action_ask(relation, action, False, force))
        return piece

    def spoken(self, template: str, action: Action, who: str) -> str:
        """An action as a speaker puts it."""
        bare = re.sub(r"^(?:an?|the) ", "", action.noun)
        noun = action.noun
        parts = {
            "base": action.base,
            "done": action.done,
            "done_plain": action.done,
            "ing": action.ing,
            "noun": noun,
            "bare": bare,
        }
        text = template
        for name, value in parts.items():
            text = text.replace(f"{{{name}}}", value)
        yours = {"your": "your", "you": "you"} if who == "agent" else {"your": "my", "you": "me"}
        return text.replace("{your}", yours["your"]).replace("{you}", yours["you"])

    def action_ask(self, relation: str, action: Action, is_true: bool, force: str = "") -> Ask:
        template = pick(actions.RELATIONS[relation], self.rng, self.wording())
        text = template
        for name in ("base", "done", "ing", "noun"):
            text = text.replace(f"{{{name}}}", getattr(action, name))
        text = text.replace("{your}", "the customer's").replace("{you}", "the customer")
        return Ask(sentence(text), is_true, None, f"action:{relation}" + (f"/{force}" if force else ""), self.wording())

    def topic_piece(self, kind: str, topic: Topic | None = None) -> Piece:
        rng = self.rng
        topic = topic or rng.choice([topic for topic in self.topics if topic.lines[kind]])
        text, used = fill(rng.choice(topic.lines[kind]), rng)
        piece = Piece("customer" if kind == "c" else "agent", text, topic=topic.key, fillers=frozenset(used))
        piece.speech_open = {"agent_recommendation", "agent_guess", "agent_disparage", "agent_criticises_own", "agent_denies",
                             "agent_off_topic", "agent_readback", "agent_identity_check", "customer_data", "agent_pressure",
                             "agent_instructions", "customer_complaint", "agent_upsell", "agent_consent"}  # fmt: skip
        for relation in ("state", "ask", *(("mention",) if kind in "sc" else ())):
            is_true = (kind, relation) in (("s", "state"), ("s", "mention"), ("q", "ask"))
            (piece.true if is_true else piece.untrue).append(self.topic_ask(topic, relation, is_true, kind))
        is_question = text.rstrip().endswith("?")
        spoken = {"c": "ask" if is_question else "mention", "s": "mention", "q": "mention"}.get(kind)
        if spoken:  # the same thing by the right and by the wrong party
            (piece.true if kind == "c" else piece.untrue).append(
                self.topic_ask(topic, spoken, kind == "c", kind, "customer")
            )
        return piece

    def topic_ask(self, topic: Topic, relation: str, is_true: bool, kind: str = "", who: str = "agent") -> Ask:
        nouns = topic.nouns[:-1] if self.split == "train" else topic.nouns[-1:]
        tag = f"topic:{topic.key}" + (f"/{kind}" if kind else "")
        return relation_ask(relation, self.rng.choice(nouns), is_true, self.rng, tag, self.wording(), who)

    def speech_piece(self, who: str, is_act: bool, act: SpeechAct | None = None) -> Piece:
        rng = self.rng
        act = act or rng.choice([act for act in self.speech if act.who == who and (act.yes if is_act else act.no)])
        text, used = fill(rng.choice(act.yes if is_act else act.no), rng)
        piece = Piece(who, text, fillers=frozenset(used), is_new=bool(act.tags))
        if is_act:
            piece.speech_true = {act.key}
            piece.speech_open = set(self.open[act.key])
            piece.true += [self.speech_ask(act, True), self.speech_ask(act, True)]
        else:
            # A near miss may well be something else.
            piece.speech_open = {other.key for other in speech_acts() if other.who == who} - {act.key}
            piece.untrue.append(self.speech_ask(act, False))
        return piece

    def speech_ask(self, act: SpeechAct, is_true: bool) -> Ask:
        kept = 2 if len(act.hypotheses) > 4 else 1
        ways = act.hypotheses[:-kept] if self.split == "train" else act.hypotheses[-kept:]
        return Ask(self.rng.choice(ways), is_true, None, f"speech:{act.key}", self.wording())

    # Turns

    def example(self, number: int) -> Example:
        rng = self.rng
        pieces = self.pieces()
        carrier = rng.choice(self.carriers) if rng.random() < 0.5 and self.carriers else None
        if any(piece.words and BOOKING.search(piece.text) for piece in pieces):
            carrier = None  # the dialogue may be about the same
        if carrier is not None:
            for piece in pieces:
                if piece.topic and piece.topic not in self.rare_topics:
                    piece.untrue = []  # it may hold in the dialogue
        said = {"customer": [piece.text for piece in pieces if piece.who == "customer"],
                "agent": [piece.text for piece in pieces if piece.who == "agent"]}  # fmt: skip
        asks = self.asks(pieces, carrier is not None)
        group, domain = f"made-{self.split}-{number}", "made"
        if carrier is not None:
            row, acts = carrier
            said["customer"].insert(rng.randint(0, len(said["customer"])), row["customer_text"])
            said["agent"].insert(rng.randint(0, len(said["agent"])), row["agent_text"])
            asks += (
                [ask for ask in turn_asks(acts, rng, "train") if ask.is_entailed][:2] if self.split == "train" else []
            )
            domain = row["domain"]
        elif not said["customer"] and rng.random() < 0.8:
            said["customer"].append(
                rng.choice(("Okay.", "I see.", "Go on.", "Hello?", "Mhm.", "Right.", "And then?", "Really?"))
            )
        if not said["agent"]:
            said["agent"].append(
                rng.choice(("Okay.", "Let me see.", "All right.", "I see.", "Got it.", "Sure, one second."))
            )
        asks = list({ask.text: ask for ask in asks}.values())
        tool, tool_asks = self.tool() if rng.random() < 0.1 else ("", [])
        if self.split == "train":
            spare = self.spare(pieces)
            asks = [varied(ask, rng, spare) for ask in asks]
        premise = self.rendered(said["customer"], said["agent"], tool)
        return Example(premise, tuple(asks + tool_asks), "acts", domain, group, self.split)

    def pieces(self) -> list[Piece]:
        """One to three sentences, of one thing or of different ones."""
        rng = self.rng
        makers: list[tuple[float, Callable[[], list[Piece]]]] = [
            (4.0, lambda: [self.action_piece("agent")]),
            (1.5, lambda: [self.action_piece("customer")]),
            (2.0, self.asked_and_answered),
            (2.5, lambda: [self.topic_piece(rng.choice("sssqn"))]),
            (1.0, self.topic_asked_and_answered),
            (0.8, lambda: [self.topic_piece("c")]),
            (4.0, lambda: [self.speech_piece("agent", rng.random() < 0.65)]),
            (2.0, lambda: [self.speech_piece("customer", rng.random() < 0.65)]),
        ]
        found: list[Piece] = []
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            new = rng.choices([make for _, make in makers], [share for share, _ in makers])[0]()
            # What one maker puts together belongs together.
            if not any(clashes(piece, other) for piece in new for other in found):
                found += new
        return found

    def asked_and_answered(self) -> list[Piece]:
        """Both speak of one action; what the customer wants is then not what the agent does."""
        action = self.rng.choice(self.actions)
        asked, answered = self.action_piece("customer", action), self.action_piece("agent", action)
        for one, other in ((asked, answered), (answered, asked)):
            one.untrue = [
                ask for ask in one.untrue if ask.text.split()[1] == other.who or ask.text.split()[1] == one.who
            ]
            one.untrue = [ask for ask in one.untrue if ask.text.split()[1] == one.who]
        return [asked, answered]

    def topic_asked_and_answered(self) -> list[Piece]:
        topic = self.rng.choice([topic for topic in self.topics if topic.lines["c"]])
        kind = self.rng.choice([kind for kind in "snq" if topic.lines[kind]])
        asked = self.topic_piece("c", topic)
        asked.untrue = []
        answered = self.topic_piece(kind, topic)
        answered.untrue = [ask for ask in answered.untrue if ask.text.split()[1] != "customer"]
        return [asked, answered]

    def asks(self, pieces: Sequence[Piece], in_dialogue: bool) -> list[Ask]:
        rng = self.rng
        found = [ask for piece in pieces for ask in (*sampled(piece.true, 4, rng), *sampled(piece.untrue, 3, rng))]
        true = {key for piece in pieces for key in piece.speech_true}
        closed = true | {key for piece in pieces for key in piece.speech_open}
        own = {ask.kind.removeprefix("speech:") for ask in found if ask.kind.startswith("speech:")}
        found += [self.speech_ask(act, True) for act in self.speech if act.key in true and act.key not in own]
        is_mixed = any(piece.words or piece.topic for piece in pieces)
        others = [
            act
            for act in self.speech
            if act.key not in closed | own
            and (not in_dialogue or act.key in self.rare_speech)
            and (not is_mixed or act.key in self.plain)
        ]
        swapped = {other_speaker(key) for key in true | own}
        near = [act for act in others if act.key in swapped]
        found += [self.speech_ask(act, False) for act in (*near, *sampled(others, 1, rng))]
        return found + self.unrelated(pieces, in_dialogue)

    def unrelated(self, pieces: Sequence[Piece], in_dialogue: bool) -> list[Ask]:
        """Actions and topics that nobody spoke of, mostly under the acts that others of them are spoken of with."""
        rng = self.rng
        words = frozenset(word for piece in pieces for word in piece.words | content(piece.text))
        used = {name for piece in pieces for name in piece.fillers}
        free = [
            action
            for action in self.actions
            if not action.words & words and not (in_dialogue and BOOKING.search(f"{action.base} {action.noun}"))
        ]
        spoken = {piece.topic for piece in pieces}
        quiet = [
            topic
            for topic in self.topics
            if topic.key not in spoken
            and not topic_fillers(topic) & used
            and (not in_dialogue or topic.key in self.rare_topics)
            and not any(piece.is_new for piece in pieces)
            and not content(" ".join((topic.key, *topic.nouns))) & words
        ]
        kinds = {ask.kind.split("/")[0] for piece in pieces for ask in piece.true}
        relations = [kind.removeprefix("action:") for kind in sorted(kinds) if kind.startswith("action:")]
        # In a service dialogue something is often done, offered or asked for as well.
        relations = relations or (["agent_done", "agent_offer", "customer_request"] if in_dialogue else [])
        asks = []
        for action in sampled(free, 2, rng):
            is_near = relations and rng.random() < 0.75
            relation = rng.choice(relations if is_near else list(actions.RELATIONS))
            asks.append(self.action_ask(relation, action, False, "unspoken"))
        topic_relations = ("state", "state", "ask", "mention")
        found = sampled(quiet, 1, rng)
        return asks + [self.topic_ask(topic, rng.choice(topic_relations), False, "unspoken") for topic in found]

    def spare(self, pieces: Sequence[Piece]) -> list[str]:
        """Nouns of actions that none of the sentences is near to."""
        words = frozenset(word for piece in pieces for word in piece.words | content(piece.text))
        return [action.noun for action in self.actions if not action.words & words and not BOOKING.search(action.noun)]

    def tool(self) -> tuple[str, list[Ask]]:
        rng = self.rng
        names = ("charge_card", "refund_order", "cancel_booking", "send_sms", "book_table", "transfer_call", "update_address",
                 "create_ticket", "lookup_account", "issue_voucher", "schedule_visit", "close_account", "verify_identity")  # fmt: skip
        name, other = rng.sample(names, 2)
        arguments = {key: fill(f"{{{key}}}", rng)[0] for key in rng.sample(("day", "count", "name", "digits"), 2)}
        ways = (
            "The agent calls {}.",
            "The agent uses the tool {}.",
            "The agent runs {}.",
            "The agent makes a {} call.",
        )
        kept = ways[:-1] if self.split == "train" else ways[-1:]
        asks = [
            Ask(rng.choice(kept).format(called), called == name, None, "tool", self.wording())
            for called in (name, other)
        ]
        return tool_line(name, arguments), asks

    def rendered(self, customer: list[str], agent: list[str], tool: str) -> str:
        lines = [("Customer", self.voiced(customer)), ("Agent", self.voiced(agent)), ("Tool", tool)]
        return "\n".join(f"{who}: {text}" for who, text in lines if text)

    def voiced(self, texts: list[str]) -> str:
        """As a transcript has it: sometimes with fillers, sometimes without capitals and points."""
        rng = self.rng
        text = " ".join(texts)
        if text and rng.random() < 0.12:
            text = rng.choice(("Um, ", "Well, ", "Okay, so ", "Uh, ", "So, ", "Alright, ")) + text[0].lower() + text[1:]
        if rng.random() < 0.15:
            text = re.sub(r"[.,!?;]+(?=\s|$)", "", text.lower())
        return text


def other_speaker(key: str) -> str:
    """The same speech act by the other party, whether or not there is one."""
    who, _, act = key.partition("_")
    return f"{'customer' if who == 'agent' else 'agent'}_{act}"


def sampled(asks: Sequence[Any], count: int, rng: random.Random) -> list[Any]:
    return rng.sample(list(asks), min(count, len(asks)))


def made(policies: list[dict[str, Any]], counts: dict[str, int], seed: int) -> Iterator[Example]:
    """``counts`` examples of each split; a split's sentences go into dialogues of the same split."""
    turns = list(annotated_turns(policies))
    for split, count in counts.items():
        carriers = [(row, acts) for row, acts in turns if split_of(row) == ("train" if split == "train" else "dev")]
        maker = Maker(split, seed, carriers)
        for number in range(count):
            yield maker.example(number)
