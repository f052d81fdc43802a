"""The XML that Plivo is answered with. Pure. The address of a stream is its text, not an attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from calls.wire.media import MediaFormat

# The carrier's own default differs from page to page of its documentation, so the format is always told.


@dataclass(frozen=True, slots=True)
class AnswerXml:
    """A stream, and the address that is asked when it ends. Addresses are absolute.

    ``extra_headers`` come back with every message of the stream; letters and digits only.
    """

    stream_url: str
    status_url: str
    after_url: str
    media_format: MediaFormat = field(default_factory=MediaFormat)
    stream_timeout_s: int = 14_400
    extra_headers: Mapping[str, str] = field(default_factory=dict)

    def render(self) -> str:
        attributes = {
            "bidirectional": "true",
            "keepCallAlive": "true",  # with it, what follows the stream runs when the stream ends, not at once
            "contentType": self.media_format.content_type,
            "streamTimeout": str(self.stream_timeout_s),
            "statusCallbackUrl": self.status_url,
            "statusCallbackMethod": "POST",
        }
        if self.extra_headers:
            attributes["extraHeaders"] = ",".join(f"{name}={value}" for name, value in self.extra_headers.items())
        told = "".join(f"\n    {name}={quoteattr(value)}" for name, value in attributes.items())
        return response_xml(
            f"<Stream{told}>{escape(self.stream_url)}</Stream>",
            f'<Redirect method="POST">{escape(self.after_url)}</Redirect>',
        )


@dataclass(frozen=True, slots=True)
class FallbackXml:
    """What the caller gets instead of the agent: a sentence, then a number, a SIP address, further XML, or the end.

    ``text`` "": nothing is spoken. ``target``: as in the agent's setting ``fallback_target``.
    """

    text: str = ""
    target: str = ""

    def render(self) -> str:
        spoken = f"<Speak>{escape(self.text)}</Speak>" if self.text else ""
        return response_xml(spoken, self._then())

    def _then(self) -> str:
        if self.target.startswith("https:"):
            return f'<Redirect method="POST">{escape(self.target)}</Redirect>'
        if self.target.startswith("sip"):
            return f"<Dial><User>{escape(self.target)}</User></Dial>"
        return f"<Dial><Number>{escape(self.target)}</Number></Dial>" if self.target else "<Hangup/>"


def hangup_xml() -> str:
    return response_xml("<Hangup/>")


def response_xml(*elements: str) -> str:
    body = "".join(f"\n  {element}" for element in elements if element)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{body}\n</Response>'
