"""What a made turn is put together from, and which acts people would not tell apart (those are not asked)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bench.tier1.examples import Ask
from bench.tier1.fillers import FILLERS
from bench.tier1.speech_acts import SpeechAct
from bench.tier1.topics import Topic

HELD_TOPICS = {"investment advice", "warranty", "gate", "allergens", "sports", "employee", "interest rate"}
HELD_SPEECH = {
    "agent_confidentiality", "agent_pressure", "agent_swearing", "agent_claims_human", "agent_joke",
    "customer_hardship", "customer_threat_leave", "customer_minor",
}  # fmt: skip
HELD_EVERY = 6  # of the actions
KEPT_TEMPLATES = 2  # of a force, for measuring

# Never true of the service dialogues that made sentences are put into.
RARE_SPEECH = {
    "agent_insult", "agent_swearing", "agent_blame", "agent_pressure", "agent_guarantee", "agent_flirt", "agent_joke",
    "agent_disparage", "agent_legal_threat", "agent_emergency", "agent_confidentiality", "agent_hangup_threat",
    "agent_claims_human", "agent_ai_disclosure", "agent_recording", "agent_criticises_own", "agent_off_topic",
    "agent_feedback", "agent_minimise", "agent_identity_check", "customer_anger", "customer_legal_threat",
    "customer_threat_leave", "customer_human", "customer_manager", "customer_insult", "customer_injection",
    "customer_minor", "customer_hardship", "customer_unsubscribe", "customer_machine_question",
}  # fmt: skip
RARE_TOPICS = {
    "legal advice", "medical advice", "investment advice", "tax advice", "competitor", "politics", "religion",
    "other customer", "internal information", "social security number", "password", "date of birth", "card number",
    "promo code", "interest rate", "warranty", "refund policy", "allergens", "contract term", "tracking number",
    "discount rate", "email address",
}  # fmt: skip
BOOKING = re.compile(
    r"\b(?:book|reserv|order|table|flight|room|appointment|money|ticket|check|bag|insur|seat)\w*", re.I
)

# What an act may or does amount to besides itself.
IMPLIED: dict[str, tuple[set[str], set[str]]] = {  # true, open
    "refuse": ({"agent_denies"}, {"agent_apology", "agent_failure", "agent_empathy"}),
    "done": ({"agent_success_claim"}, {"agent_upsell"}),
    "promise": (set(), {"agent_guarantee", "agent_success_claim", "agent_transfer", "agent_hold"}),
    "offer": (set(), {"agent_anything_else", "agent_upsell", "agent_recommendation", "agent_consent", "agent_readback"}),
    "not_done": (set(), {"agent_failure", "agent_denies"}),
    "condition": (set(), {"agent_denies", "agent_instructions"}),
    "defer": (set(), {"agent_denies", "agent_transfer", "agent_hold", "agent_consent", "agent_guess", "agent_instructions"}),
    "about": (set(), {"agent_repeat_request", "agent_instructions", "agent_readback", "agent_identity_check"}),
    "request": (set(), {"customer_complaint", "customer_anger", "customer_unsubscribe", "customer_human", "customer_manager"}),
    "decline": (set(), {"customer_reject", "customer_unsubscribe", "customer_complaint", "customer_correction"}),
    "past": (set(), {"customer_complaint", "customer_thanks"}),
}  # fmt: skip
# Speech acts that people would not tell apart, or of which one often brings the other.
KIN = [
    {"agent_denies", "agent_failure", "agent_apology", "agent_empathy"},
    {"agent_greeting", "agent_introduction", "agent_thanks", "agent_anything_else"},
    {"agent_upsell", "agent_recommendation", "agent_pressure", "agent_anything_else"},
    {"agent_insult", "agent_swearing", "agent_blame", "agent_minimise", "agent_hangup_threat", "agent_joke"},
    {"agent_disparage", "agent_criticises_own", "agent_off_topic"},
    {"agent_readback", "agent_consent", "agent_identity_check", "agent_repeat_request", "agent_feedback"},
    {"agent_hold", "agent_transfer"},
    {"agent_fault", "agent_apology", "agent_failure", "agent_blame", "agent_criticises_own"},
    {"agent_flirt", "agent_joke", "agent_off_topic"},
    {"agent_guarantee", "agent_success_claim", "agent_pressure"},
    {"agent_goodbye", "agent_thanks", "agent_hangup_threat", "agent_empathy"},
    {"agent_ai_disclosure", "agent_claims_human", "agent_introduction"},
    {"agent_emergency", "agent_instructions"},
    {"agent_legal_threat", "agent_pressure"},
    {"customer_complaint", "customer_anger", "customer_insult", "customer_threat_leave", "customer_legal_threat",
     "customer_reject", "customer_unsubscribe"},
    {"customer_confirm", "customer_thanks", "customer_goodbye"},
    {"customer_reject", "customer_correction", "customer_undecided", "customer_goodbye"},
    {"customer_human", "customer_manager", "customer_machine_question", "customer_anger"},
    {"customer_third_party", "customer_minor", "customer_data", "customer_emergency"},
    {"customer_repeat", "customer_undecided"},
    {"customer_injection", "customer_insult"},
    {"customer_hardship", "customer_complaint", "customer_emergency", "customer_minor", "customer_undecided"},
]  # fmt: skip


# So broad that a sentence made for something else may well be one of these.
BROAD = {
    "agent_recommendation", "agent_instructions", "agent_denies", "agent_off_topic", "agent_success_claim", "agent_failure",
    "agent_guess", "agent_minimise", "agent_guarantee", "agent_upsell", "agent_consent", "agent_readback", "agent_pressure",
    "agent_identity_check", "agent_empathy", "agent_emergency", "agent_blame", "agent_insult", "agent_anything_else",
    "agent_apology", "agent_fault", "agent_joke", "agent_feedback", "agent_legal_threat", "customer_complaint",
    "customer_anger", "customer_confirm", "customer_reject", "customer_data", "customer_correction", "customer_undecided",
    "customer_legal_threat", "customer_threat_leave", "customer_hardship", "customer_third_party",
}  # fmt: skip
# Acts that are unmistakable wherever they happen, so that any other turn may be asked about them.
PLAIN_TAGS = {
    "bias", "body", "emotion", "private", "belief", "fraud", "secret", "smoke", "pets", "route", "outage", "praise", "speech",
    "threat", "language", "age", "death", "party",
}  # fmt: skip


def are_kin(one: SpeechAct, other: SpeechAct) -> bool:
    """Whether people would not tell two acts apart, or one often brings the other."""
    if one.who != other.who or one.key == other.key:
        return False
    if not one.tags and not other.tags:
        return any({one.key, other.key} <= kin for kin in KIN)
    names = (one.key.partition("_")[2], other.key.partition("_")[2])
    is_named = names[0] in other.tags or names[1] in one.tags
    return is_named or bool(one.tags & other.tags) or one.key in BROAD or other.key in BROAD


def is_plain(act: SpeechAct) -> bool:
    return not act.tags or bool(act.tags & PLAIN_TAGS)


@dataclass(frozen=True)
class Action:
    base: str
    done: str
    ing: str
    noun: str
    is_held: bool

    @property
    def words(self) -> frozenset[str]:
        return content(f"{self.base} {self.noun}")


def action_of(row: str, is_held: bool) -> Action:
    base, done, ing, noun = row.split("|")
    return Action(base, done, ing, noun, is_held)


def content(text: str) -> frozenset[str]:
    """Words that carry meaning, cut to five letters ("refunded" and "refund" are one)."""
    plain = re.sub(r"\{\w+\}", " ", text)
    return frozenset(word[:5] for word in re.findall(r"[a-z]{4,}", plain.lower())) - {
        "your",
        "with",
        "from",
        "over",
        "into",
        "custo",
    }


@dataclass
class Piece:
    """One sentence of one speaker, and what is asked because of it."""

    who: str
    text: str
    true: list[Ask] = field(default_factory=list)
    untrue: list[Ask] = field(default_factory=list)
    speech_true: set[str] = field(default_factory=set)
    speech_open: set[str] = field(default_factory=set)
    words: frozenset[str] = frozenset()
    topic: str = ""
    is_new: bool = False  # a speech act with tags: what topics it is near to is not known
    fillers: frozenset[str] = frozenset()


def topic_fillers(topic: Topic) -> set[str]:
    return {name for kind in "scq" for line in topic.lines[kind] for name in re.findall(r"\{(\w+)\}", line)} & set(
        FILLERS
    )


def clashes(one: Piece, other: Piece) -> bool:
    """Whether one sentence could settle what is asked because of the other."""
    if one.words & other.words or (one.topic and one.topic == other.topic):
        return True
    if one.fillers & other.fillers and (one.topic or other.topic):
        return True
    related = (one.speech_true & (other.speech_true | other.speech_open)) or (other.speech_true & one.speech_open)
    untrue = {ask.kind.removeprefix("speech:") for ask in one.untrue + other.untrue if ask.kind.startswith("speech:")}
    return bool(related) or bool(untrue & (one.speech_true | other.speech_true | one.speech_open | other.speech_open))
