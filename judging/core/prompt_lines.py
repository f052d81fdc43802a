"""An agent's system prompt as sentences with their line, the heading they stand under and the list they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judging.core.rule_acts import lowered
from judging.core.rule_text import rule_sentences

MAX_LINES = 5_000
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+(?P<hash>.+?)\s*#*|\*\*(?P<bold>[^*]+?):?\*\*:?|<(?P<tag>[a-z][\w -]{0,40})>|"
    r"=+\s*(?P<equals>[^=]+?)\s*=+)\s*$",
    re.I,
)
_TITLE = re.compile(r"^(?P<title>[A-Z][\w&/'’ -]{1,60}):$")
_SHOUTED = re.compile(r"^[A-Z][A-Z0-9 &/'-]{2,50}:?$")
_UNDERLINE = re.compile(r"^\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*$")
_CLOSING_TAG = re.compile(r"^\s*</[\w -]+>\s*$")
_BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*•–+]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?P<text>\S.*)$")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
# Sections that show how talk may go, and lines of such talk.
_EXAMPLES = re.compile(r"\b(?:examples?|sample|few[- ]shot|transcripts?|dialogues?|script)\b", re.I)
_SPEECH = re.compile(r"^\s*(?:user|customer|caller|agent|assistant|bot|ai|human|system|you)\s*:\s", re.I)
# A list under such an intro or heading is read with it: "You must never:" and "promise a refund".
_FORBIDDEN_LIST = re.compile(
    r"^(?:(?:things|what|topics?) (?:to avoid|not to (?:do|say))|never(?: do| say)?|do not|don['’]?ts?|do nots|"
    r"forbidden|prohibited|"
    r"not allowed|banned|restrictions?)$",
    re.I,
)
_REQUIRED_LIST = re.compile(r"^(?:always(?: do)?|do['’]?s|must(?: do)?|required|requirements?|mandatory)$", re.I)
# What an agent can do is a list of services, no rule.
_OFFERS = re.compile(
    r"\b(?:can|able to|may)\s+(?:also\s+)?(?:help|assist|support|look up|offer|answer|handle)\b|\bservices?\b", re.I
)
_DEMANDS = re.compile(r"\b(?:never|must|not|always|only|avoid|should|cannot|if|when|before|unless|\w+n['’]t)\b", re.I)
_OPEN_INTRO = re.compile(
    r"\b(?:never|not|n['’]t|must|should|always|to|avoid|only|cannot|can['’]t|may)$|^(?:if|when|whenever|before|after|once|unless|for)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class PromptSentence:
    """``line`` counts from 1, ``source`` is that line exactly, ``text`` the sentence with its list's intro."""

    text: str
    line: int
    source: str
    heading: str = ""
    is_in_list: bool = False


def prompt_sentences(prompt: str) -> Iterator[PromptSentence]:
    """Yield a prompt's sentences in order; headings, code and examples of talk are left out."""
    reader = _Reader()
    for number, line in enumerate(prompt.splitlines()[:MAX_LINES], 1):
        yield from reader.read(number, line)


class _Reader:
    """What the lines before say about the next one."""

    def __init__(self) -> None:
        self._heading = ""
        self._intro = ""
        self._intro_indent = -1
        self._is_offer = False
        self._is_code = False
        self._is_example = False

    def read(self, number: int, line: str) -> Iterator[PromptSentence]:
        if _FENCE.match(line):
            self._is_code = not self._is_code
            return
        if self._is_code or _UNDERLINE.match(line) or _CLOSING_TAG.match(line):
            self._is_example = self._is_example and not _CLOSING_TAG.match(line)
            return
        heading = _heading_of(line)
        if heading:
            self._heading, self._intro = heading, ""
            self._is_example = _EXAMPLES.search(heading) is not None
            return
        if not line.strip() or self._is_example or _SPEECH.match(line):
            return
        yield from self._sentences(number, line)

    def _sentences(self, number: int, line: str) -> Iterator[PromptSentence]:
        bullet = _BULLET.match(line)
        indent = len(bullet["indent"]) if bullet else -1
        if bullet is None or indent <= self._intro_indent:
            self._intro, self._intro_indent = "", -1
        intro = self._intro if bullet else ""
        sentences = rule_sentences(bullet["text"] if bullet else line)
        for sentence in sentences:
            if sentence.endswith(":"):
                self._intro, self._intro_indent = _joined(intro, sentence[:-1].strip()), indent
                self._is_offer = _OFFERS.search(sentence) is not None
                continue
            if intro and self._is_offer and not _DEMANDS.search(sentence):
                continue
            is_own = bool(intro) and self._is_offer
            text = sentence if is_own else _joined(intro or self._list_intro(is_list=bullet is not None), sentence)
            yield PromptSentence(text, number, line, self._heading, bullet is not None)

    def _list_intro(self, *, is_list: bool) -> str:
        heading = self._heading.rstrip(":").strip()
        if not is_list:
            return ""
        if _FORBIDDEN_LIST.match(heading):
            return "Never"
        return "Always" if _REQUIRED_LIST.match(heading) else ""


def _heading_of(line: str) -> str:
    found = _HEADING.match(line)
    if found:
        return next(text for text in found.groups() if text).strip().rstrip(":")
    stripped = line.strip()
    title = _TITLE.match(stripped)
    is_intro = title is not None and (_OPEN_INTRO.search(title["title"]) or _OFFERS.search(title["title"]))
    if title and len(title["title"].split()) <= 5 and not is_intro:
        return title["title"]
    return stripped.rstrip(":") if _SHOUTED.match(stripped) and len(stripped.split()) <= 6 else ""


def _joined(intro: str, text: str) -> str:
    """An intro with its list entry: a condition takes a comma; an entry that has its own "never" needs no intro."""
    if not intro or (not _OPEN_INTRO.search(intro) and intro not in ("Never", "Always")):
        return text
    if re.match(r"^(?:if|when|whenever|before|after|once|unless|for)\b", intro, re.I):
        return f"{intro}, {lowered(text)}"
    if re.match(r"^(?:never|always|do not|don['’]t|you|the agent|agents|if|when|must|only|avoid|no)\b", text, re.I):
        return text
    return f"{intro} {lowered(text)}"
