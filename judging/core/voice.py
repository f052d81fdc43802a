"""Whose voice a text is in: a correction is spoken by the agent to the customer."""

from __future__ import annotations

import re

MAX_WORDS = 40
# Words about the customer, or to the agent, instead of words to the customer.
_NOT_AGENT_VOICE = re.compile(
    r"\b(?:tell|inform|ask|advise|remind|let|apologi[sz]e to|say to|respond to|confirm with|check with)\s+"
    r"(?:the |this |your )?(?:customer|caller|user|client|them|him|her)\b|"
    r"\bthe (?:customer|caller|user|client|agent|assistant)\b|\b(?:as an ai|the response|"
    r"the correct response|should (?:say|have said))\b",
    re.I,
)
_CUSTOMER_VOICE = re.compile(
    r"^\W*(?:(?:no|yes|actually|sorry|hi|hello|um)\W+)*(?:i|i'd|we)\s*(?:want|wanted|ordered|asked|said|"
    r"'?d like|would like|need|"
    r"never|didn't|don't want)\b(?!\s+(?:to (?:make sure|check|confirm|be sure|double)|to (?:get|read)))",
    re.I,
)


def agent_voice(text: str) -> str:
    """Return a correction fit to be spoken by the agent, else ""."""
    text = " ".join(text.split()).strip().strip('"')
    if not text or len(text.split()) > MAX_WORDS:
        return ""
    return "" if _NOT_AGENT_VOICE.search(text) or _CUSTOMER_VOICE.search(text) else text
