"""Read the XML a voice application answers with, the elements a simulated carrier can carry out.

Source: docs.plivo.com/docs/voice/xml. ``<Stream>`` has its address as text, not as an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urljoin
from xml.etree import ElementTree

MAX_XML_BYTES = 100_000  # Source: Plivo's limit for an answer


class AnswerRefused(ValueError):
    """The answer is not XML that Plivo would carry out; a real call would end here."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Open a stream. With ``keep_call_alive`` the elements after it run when the stream ends, else at once."""

    url: str
    is_bidirectional: bool = False
    keep_call_alive: bool = False
    content_type: str = ""
    status_callback_url: str = ""
    extra_headers: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


@dataclass(frozen=True, slots=True)
class Speak:
    text: str


@dataclass(frozen=True, slots=True)
class Hangup:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An element Plivo knows and the simulator only notes (``Dial``, ``Record``, ...)."""

    name: str


Element: TypeAlias = Stream | Redirect | Speak | Hangup | Unsupported


def parse_answer(xml: bytes, *, base_url: str) -> tuple[Element, ...]:
    """Return the elements in order; addresses relative to ``base_url`` are made whole.

    Raises:
        AnswerRefused: too large, not well formed, with a document type, or without ``<Response>`` at the top.
    """
    if len(xml) > MAX_XML_BYTES:
        raise AnswerRefused(f"{len(xml)} bytes of XML; Plivo takes {MAX_XML_BYTES}")
    if b"<!DOCTYPE" in xml.upper():
        raise AnswerRefused("a document type is not allowed")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 - bounded, and entities need the refused document type
    except ElementTree.ParseError as error:
        raise AnswerRefused(f"not well-formed XML: {error}") from error
    if root.tag != "Response":
        raise AnswerRefused(f"the top element is <{root.tag}>, not <Response>")
    return tuple(_element(node, base_url) for node in root)


def _element(node: ElementTree.Element, base_url: str) -> Element:
    text = (node.text or "").strip()
    match node.tag:
        case "Stream":
            return _stream(node, text)
        case "Redirect":
            return Redirect(urljoin(base_url, text))
        case "Speak":
            return Speak(text)
        case "Hangup":
            return Hangup(node.get("reason", ""))
    return Unsupported(node.tag)


def _stream(node: ElementTree.Element, text: str) -> Stream:
    if not text.startswith(("ws://", "wss://")):
        raise AnswerRefused(f"<Stream> needs a ws:// or wss:// address as its text, not {text!r}")
    return Stream(
        url=text,
        is_bidirectional=node.get("bidirectional", "false").lower() == "true",
        keep_call_alive=node.get("keepCallAlive", "false").lower() == "true",
        content_type=node.get("contentType", ""),
        status_callback_url=node.get("statusCallbackUrl", ""),
        extra_headers=node.get("extraHeaders", ""),
    )
