"""Other words for the same question, so that a rule's wording cannot be learned by heart. For training only."""

from __future__ import annotations

import random
import re

from bench.tier1.examples import Ask

# One is drawn for a pattern that matches; none of them is a wording that is kept for measuring.
_SWAPS: list[tuple[str, list[str]]] = [
    (r"\bsays that\b", ["states that", "claims that", "explains that", "tells the customer that", "declares that", "notes that"]),
    (r"\btells the customer that\b", ["informs the customer that", "says that", "makes clear that", "explains to the customer that"]),
    (r"\bThe customer asks for\b", ["The customer is asking for", "The customer wishes for", "The customer seeks", "The customer wants to have"]),
    (r"\bThe customer wants\b(?! to| the agent)", ["The customer needs", "The customer is looking for", "The customer insists on", "The customer calls about getting"]),
    (r"\bThe customer requests\b", ["The customer applies for", "The customer makes a request for", "The customer begs for"]),
    (r"\bThe customer (?:does not want|rejects)\b", ["The customer says no to", "The customer is not interested in", "The customer opposes", "The customer objects to"]),
    (r"\bThe agent promises to\b", ["The agent undertakes to", "The agent assures the customer that they will", "The agent says they'll", "The agent vows to"]),
    (r"\bThe agent promises\b", ["The agent gives assurance of", "The agent holds out the prospect of", "The agent undertakes", "The agent commits to"]),
    (r"\bThe agent offers to\b", ["The agent asks if they may", "The agent proposes that they", "The agent is ready to"]),
    (r"\bThe agent offers(?! to)\b", ["The agent proposes", "The agent makes an offer of", "The agent presents", "The agent holds out"]),
    (r"\bThe agent refuses to\b", ["The agent will not", "The agent is unwilling to", "The agent says that they are unable to", "The agent objects to the wish to"]),
    (r"\bThe agent (?:refuses|denies the customer)\b", ["The agent says that there is no chance of", "The agent rules out", "The agent does not agree to"]),
    (r"\bThe agent (?:grants|approves)\b", ["The agent accepts", "The agent okays", "The agent agrees to", "The agent authorises", "The agent permits"]),
    (r"\bThe agent (?:talks|speaks) about\b", ["The agent makes mention of", "The agent raises the subject of", "The agent comments on", "The agent addresses"]),
    (r"\bThe agent mentions\b", ["The agent alludes to", "The agent makes mention of", "The agent comes to speak of", "The agent says a word about"]),
    (r"\bThe agent (?:states|gives|provides)\b(?! the customer| away| out)", ["The agent specifies", "The agent indicates", "The agent supplies", "The agent spells out", "The agent cites"]),
    (r"\bThe agent (?:gives out|reads out|says)(?= (?:the|an?|how|where|what|when|someone|full|which)\b)", ["The agent announces", "The agent passes on", "The agent hands out", "The agent conveys"]),
    (r"\bThe agent asks for\b", ["The agent seeks", "The agent demands", "The agent solicits", "The agent tries to find out"]),
    (r"\bThe agent confirms\b", ["The agent affirms", "The agent verifies", "The agent acknowledges", "The agent attests to"]),
    (r"\bThe agent apologizes\b", ["The agent makes an apology", "The agent excuses themselves"]),
    (r"\bThe agent suggests\b", ["The agent recommends", "The agent brings into play", "The agent puts up"]),
]  # fmt: skip
_OTHERS = [
    "the caller",
    "the client",
    "callers",
    "customers",
    "a customer",
    "the user",
    "the guest",
    "clients",
    "the person calling",
]

# Words after which a sentence's end is more than the name of a thing.
_NOT_ONE = re.compile(
    r"\b(?:about|from|finished|to|for|on|complete|out|over|open|depend|should|can|possible|who|what)\b"
)


def varied(ask: Ask, rng: random.Random, spare: list[str]) -> Ask:
    """Return the question in other words, half of the time. ``spare``: things that nobody spoke of, for "or"."""
    text = ask.text
    if rng.random() < 0.5:
        found = [(pattern, others) for pattern, others in _SWAPS if re.search(pattern, text)]
        if found:
            pattern, others = rng.choice(found)
            text = re.sub(pattern, lambda _: rng.choice(others), text, count=1)
    if rng.random() < 0.2:
        text = re.sub(r"(?<!^)\bthe customer\b(?!'s| \w+s\b)", rng.choice(_OTHERS), text)
    if rng.random() < 0.12:
        text = re.sub(r"\b(?:a|an)(?= )", "any", text, count=1) if rng.random() < 0.5 else text
    if spare and ask.kind.startswith(("action:", "topic:")) and rng.random() < 0.12:
        text = joined(text, rng.choice(spare), rng)
    return Ask(text, ask.is_entailed, ask.is_contradicted, ask.kind, ask.wording)


def joined(text: str, other: str, rng: random.Random) -> str:
    """ "... a refund." to "... a refund or a voucher." Only where the sentence ends with what it is about."""
    match = re.search(r"(?<= )(?:an?|the) [\w' ]+\.$", text)
    if match is None or not re.match(r"(?:an?|the) ", other) or _NOT_ONE.search(match[0]):
        return text
    first, second = match[0].rstrip("."), other
    if rng.random() < 0.5:
        first, second = second, first
    return f"{text[: match.start()]}{first} or {second}."
