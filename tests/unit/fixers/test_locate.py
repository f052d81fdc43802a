import subprocess
import sys

import pytest

from fixers.errors import FileRefused
from fixers.locate import MAX_FILE_BYTES, check_path, decode

PURE = [
    "fixers.embeddings.in_yaml",
    "fixers.hosts.git",
    "fixers.hosts.memory",
    "fixers.locate",
    "fixers.markdown",
    "fixers.patch",
    "fixers.planner",
    "fixers.proposals",
    "fixers.wording",
    "reports.builder",
    "reports.grouping",
    "reports.prose",
    "reports.redact",
]


def test_the_pure_modules_need_no_framework():
    code = f"import sys, {', '.join(PURE)}; print(*(sys.modules.keys() & {{'django', 'celery', 'channels'}}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("raw", "embedding", "expected"),
    [
        (b"a\r\nb", "whole", ("a\r\nb", "utf-8")),
        (b"\xef\xbb\xbfa", "whole", ("\ufeffa", "utf-8")),
        (b"\xef\xbb\xbfP = 'a'", "python:P", ("\ufeffP = 'a'", "utf-8")),
        (b"# coding: latin-1\nP = '\xe9'", "python:P", ("# coding: latin-1\nP = 'é'", "iso-8859-1")),
    ],
)
def test_a_file_is_read_in_its_own_encoding(raw, embedding, expected):
    text, encoding = decode(raw, embedding)
    assert (text, encoding) == expected
    assert text.encode(encoding) == raw


@pytest.mark.parametrize("raw", [b"\xff\xfea\x00", b"a\x00b", b"x" * (MAX_FILE_BYTES + 1), b"# coding: nowhere\n"])
def test_a_file_that_is_no_text_is_refused(raw):
    with pytest.raises(FileRefused):
        decode(raw, "python:P")


@pytest.mark.parametrize("path", ["prompt.md", "agents/orders/prompt.py", "a.b/c-d_e", "..a/b"])
def test_a_plain_path_is_fine(path):
    assert check_path(path) == path
