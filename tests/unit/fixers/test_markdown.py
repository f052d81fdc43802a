import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fixers.markdown import inert, quoted

NO_WIDTH = "\u200b"


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").render(f"- Call: {text}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "@ann please look",
        "fixes #12 and closes acme/agent#3, resolves GH-4",
        "!12 &3 ~bug $snippet %milestone",
        "https://evil.example/x and www.evil.example",
        "[click](https://evil.example) ![x](y)",
        "<img src=x onerror=y> <!-- --> &lt;",
        "**bold** _em_ `code` ~~gone~~ # no heading",
        "a\n\n/close\n# heading\n- item",
        "```\nfence",
        "$x^2$ \\alpha",
    ],
)
def test_what_a_caller_said_reads_the_same_and_does_nothing(text):
    page = rendered(inert(text))
    assert set(re.findall(r"</?(\w+)", page)) == {"ul", "li"}
    shown = html.unescape(re.sub(r"<[^>]*>", "", page)).strip()
    assert shown.replace(NO_WIDTH, "") == "Call: " + " ".join(text.split())
    assert not re.search(r"[@#!&~$%]\w|://|www\.|GH-\d", shown)


@given(st.text(max_size=80))
def test_no_text_makes_anything_but_text(text):
    for one in (inert(text), quoted(text)):
        assert set(re.findall(r"</?(\w+)", rendered(one))) == {"ul", "li"}
        assert "\n" not in one


def test_a_quote_begins_no_list_heading_or_command():
    for text in ("- item", "1. item", "# heading", "/close", "> quote", "---"):
        assert MarkdownIt("commonmark").render(quoted(text)).startswith("<p>“")


def test_a_long_text_is_cut():
    assert len(inert("word " * 200)) <= 400
