import ast
import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, reject
from hypothesis import strategies as st

from fixers import patch
from fixers.errors import PatchConflict, PromptNotLocated
from fixers.locate import locate
from fixers.planner import FixPlan

PLAN = FixPlan("aaaabbbbcccc", "Use only what the caller said last.")
SECOND = FixPlan("ddddeeeeffff", 'Read "back" each detail; don\'t guess \\ ever.')
SECTION = (
    "<!-- mirror:guard-rails begin -->\n## Guard rails\n"
    "- Use only what the caller said last. <!-- mirror:aaaabbbbcccc -->\n<!-- mirror:guard-rails end -->"
)

FILES = [
    pytest.param("whole", "You take orders.\n", id="whole"),
    pytest.param("whole", "You take orders.", id="whole-without-newline"),
    pytest.param("whole", "You take orders.\r\nBe kind.\r\n", id="whole-crlf"),
    pytest.param("whole", "\ufeffYou take orders.\n", id="whole-byte-order-mark"),
    pytest.param("python:PROMPT", 'A = 1\nPROMPT = """You take orders.\nBe kind.\n"""\nB = 2\n', id="python-triple"),
    pytest.param("python:PROMPT", "PROMPT = 'You take orders.'  # the prompt\n", id="python-one-line"),
    pytest.param("python:PROMPT", 'PROMPT = (\n    "You take "\n    "orders."\n)\n', id="python-joined"),
    pytest.param("python:PROMPT", 'PROMPT: str = f"""You serve {shop}.\n"""\n', id="python-f-string"),
    pytest.param("python:PROMPT", 'PROMPT = f"You serve {shop!r:>{width}}" " well"\n', id="python-f-string-joined"),
    pytest.param("python:Agent.PROMPT", 'class Agent:\n    PROMPT = """\n    Be kind.\n    """\n', id="python-class"),
    pytest.param("python:PROMPT", 'PROMPT = """Grüße ☕\r\nBe kind."""\r\nB = 2\r\n', id="python-crlf-unicode"),
    pytest.param("python:PROMPT", 'PROMPT = """You take orders.\\\n"""\n', id="python-continued-line"),
    pytest.param("python:PROMPT", 'PROMPT = r"""Regex \\d is fine."""\n', id="python-raw"),
    pytest.param("python:PROMPT", '\ufeffPROMPT = "Hi"\n', id="python-byte-order-mark"),
    pytest.param(
        "yaml:agent.prompt", "agent:\n  # words\n  prompt: |\n    Be kind.\n    Smile.\n  voice: a\n", id="yaml-literal"
    ),
    pytest.param("yaml:agent.prompt", "agent:\n  prompt: |-\n    Be kind.\n\n\n# end\n", id="yaml-literal-strip"),
    pytest.param("yaml:agent.prompt", "agent:\n  prompt: |+\n    Be kind.\n\n  voice: a\n", id="yaml-literal-keep"),
    pytest.param("yaml:prompt", "prompt: >\n  Be kind\n  and calm.\n\n  Smile.\nx: 1\n", id="yaml-folded"),
    pytest.param("yaml:prompt", 'prompt: "Be \\"kind\\".\\n"   # why\nx: 1\n', id="yaml-double"),
    pytest.param("yaml:prompt", "prompt: 'It''s fine'\nx: 1\n", id="yaml-single"),
    pytest.param(
        "yaml:agents.1.prompt", "agents:\n  - prompt: one\n  - prompt: Be kind # why\nx: 1\n", id="yaml-plain"
    ),
    pytest.param("yaml:prompt", "prompt: |\r\n  Be kind.\r\nx: 1\r\n", id="yaml-crlf"),
    pytest.param("json:agents.0.prompt", '{"agents": [ {"prompt" : "Be \\"kind\\".\\n", "a":1} ]}\n', id="json"),
    pytest.param("json:prompt", '{"x": {"prompt": "no"}, "prompt": "Grüße"}', id="json-unicode"),
    pytest.param(
        "toml:agent.prompt", '[other]\nprompt = "no"\n[agent]\nprompt = """\nBe kind.\n"""\n', id="toml-multi-line"
    ),
    pytest.param("toml:agent.prompt", 'agent = { prompt = "Be kind", x = 1 }\n', id="toml-inline"),
    pytest.param("toml:prompt", "prompt = '''\nBe 'kind'.'''\nx = 1\n", id="toml-literal"),
]


def kept_all(old: str, new: str) -> bool:
    """Whether the new text is the old one with one piece put in."""
    return shared(old, new) + shared(old[::-1], new[::-1]) >= len(old)


def shared(one: str, two: str) -> int:
    """How many characters the two begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


@pytest.mark.parametrize(("embedding", "source"), FILES)
def test_the_rule_is_put_at_the_prompt_s_end_and_nothing_else_changes(embedding, source):
    old = locate(source, embedding).value
    changed = patch.apply(source, embedding, PLAN)
    new = locate(changed, embedding).value
    assert new.replace(f"\n\n{SECTION}", "") == old
    is_requoted = "''" in source or "prompt: Be kind" in source
    assert is_requoted or kept_all(source, changed)


@pytest.mark.parametrize(("embedding", "source"), FILES)
def test_twice_equals_once_and_a_second_rule_extends_the_section(embedding, source):
    once = patch.apply(source, embedding, PLAN)
    assert patch.apply(once, embedding, PLAN) == once
    if "PROMPT = r" in source:
        return
    both = patch.apply(once, embedding, SECOND)
    assert patch.apply(patch.apply(both, embedding, SECOND), embedding, PLAN) == both
    prompt = locate(both, embedding).value
    assert prompt.count(patch.BEGIN) == prompt.count(patch.END) == 1
    assert f"- {PLAN.rule} <!-- mirror:{PLAN.key} -->\n- {SECOND.rule} <!-- mirror:{SECOND.key} -->\n" in prompt


@pytest.mark.parametrize(("embedding", "source"), FILES)
def test_line_endings_stay(embedding, source):
    changed = patch.apply(source, embedding, PLAN)
    if "\r\n" in source:
        assert changed.count("\n") == changed.count("\r\n")
    else:
        assert "\r" not in changed


@pytest.mark.parametrize(
    ("embedding", "source", "why"),
    [
        ("python:PROMPT", "PROMPT = 1\n", "not assigned a plain string"),
        ("python:PROMPT", "PROMPT = b'x'\n", "plain string"),
        ("python:PROMPT", "PROMPT = load()\n", "not assigned a plain string"),
        ("python:PROMPT", "PROMPT = 'a'\nif x:\n    PROMPT = 'b'\n", "2 times"),
        ("python:PROMPT", "PROMPT = 'a'\nPROMPT += 'b'\n", "2 times"),
        ("python:PROMPT", "OTHER = 'a'\n", "no string is assigned"),
        ("python:PROMPT", "PROMPT = 'a\n", "not valid Python"),
        ("yaml:prompt", "prompt: 3\n", "not a string"),
        ("yaml:prompt", "a: &p hello\nprompt: *p\n", "alias"),
        ("yaml:prompt", "prompt: &p a\nother: *p\n", "alias"),
        ("yaml:prompt", "prompt: a\nprompt: b\n", "twice"),
        ("yaml:prompt", "prompt: a\n---\nprompt: b\n", "2 YAML documents"),
        ("yaml:prompt.x", "prompt: a\n", "not there"),
        ("json:prompt", '{"prompt": 1}', "not a string"),
        ("json:prompt", '{"prompt": "a", "prompt": "b"}', "twice"),
        ("json:prompt", "{", "not valid JSON"),
        ("toml:prompt", "prompt = 1\n", "not a string"),
        ("toml:a.prompt", 'prompt = "x"\n', "not there"),
        ("html:prompt", "x", "no known embedding"),
        ("whole:x", "x", "no known embedding"),
        ("python:", "x = 1", "no known embedding"),
    ],
)
def test_says_why_a_prompt_is_not_found(embedding, source, why):
    with pytest.raises(PromptNotLocated, match=why):
        patch.apply(source, embedding, PLAN)


@pytest.mark.parametrize(
    ("embedding", "source", "why"),
    [
        ("whole", f"Hi\n{patch.BEGIN}\n", "lost one of its markers"),
        ("whole", f"Hi\n{patch.END}\n{patch.BEGIN}\n", "lost one of its markers"),
        ("whole", "Hi $name", "template"),
        ("python:PROMPT", "PROMPT = r'a'\n", "raw string"),
        ("python:PROMPT", f"PROMPT = 'a{patch.BEGIN}' '{patch.END[:9]}' '{patch.END[9:]}'\n", "by hand"),
        ("toml:prompt", "prompt = 'a'\n", "literal TOML"),
        ("yaml:prompt", "prompt: |2\n    a\n", "indentation number"),
    ],
)
def test_refuses_what_it_cannot_do_exactly(embedding, source, why):
    plan = FixPlan("aaaabbbbcccc", "Never take more than $5.") if "$" in source else PLAN
    with pytest.raises(PatchConflict, match=why):
        patch.apply(source, embedding, plan)


def test_an_f_string_gets_no_new_field():
    plan = FixPlan("aaaabbbbcccc", "Say {exactly} this.")
    changed = patch.apply('PROMPT = f"Hi {name}"\n', "python:PROMPT", plan)
    node = ast.parse(changed.removeprefix("PROMPT = "), mode="eval").body
    assert isinstance(node, ast.JoinedStr)
    assert sum(isinstance(part, ast.FormattedValue) for part in node.values) == 1


def test_a_rule_that_a_person_re_worded_is_not_put_in_again():
    once = patch.apply("Be kind.\n", "whole", PLAN)
    edited = once.replace(PLAN.rule, "Listen to the last word.")
    assert patch.apply(edited, "whole", PLAN) == edited


def test_the_diff_shows_the_new_lines_and_a_missing_newline():
    new = patch.apply("Be kind.", "whole", PLAN)
    assert patch.diff("Be kind.", new, "p.md").splitlines()[:5] == [
        "--- a/p.md", "+++ b/p.md", "@@ -1 +1,6 @@", "-Be kind.", "\\ No newline at end of file",
    ]  # fmt: skip
    assert patch.diff(new, new, "p.md") == ""


def change_of(source: str) -> list[str]:
    return patch.changed_lines(patch.diff(source, patch.apply(source, "whole", PLAN), "p.md"))


def test_changed_lines_are_equal_when_only_the_place_moved():
    assert change_of("Be kind.\n") == change_of("# top\n\nBe kind.\n")
    assert change_of("Be kind.\n") == ["+", *(f"+{line}" for line in SECTION.split("\n"))]


def test_changed_lines_differ_when_the_change_does():
    assert change_of("Be kind.\n") != change_of(patch.apply("Be kind.\n", "whole", SECOND))


def quoted_python(prompt: str) -> str:
    return f"PROMPT = {prompt!r}\n"


def triple_python(prompt: str) -> str:
    body = prompt.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\0", "\\0")
    return f'A = 1\nPROMPT = """{body}"""\nB = 2\n'


WRITERS: dict[str, Callable[[str], str]] = {
    "whole": lambda prompt: prompt.replace("\r", ""),
    "python:PROMPT": quoted_python,
    "python:A.PROMPT": lambda prompt: "class A:\n    " + quoted_python(prompt),
    "python: PROMPT": triple_python,
    "json:a.prompt": lambda prompt: json.dumps({"x": 1, "a": {"prompt": prompt, "y": [1]}}, indent=2),
    "yaml:a.prompt": lambda prompt: yaml.safe_dump({"a": {"prompt": prompt, "y": 1}}, allow_unicode=True),
    "yaml: a.prompt": lambda prompt: yaml.safe_dump({"a": {"prompt": prompt, "y": 1}}, default_style="|"),
    "yaml:  a.prompt": lambda prompt: yaml.safe_dump({"a": {"prompt": prompt, "y": 1}}, default_style=">"),
    "toml:a.prompt": lambda prompt: f"[a]\nprompt = {json.dumps(prompt)}\ny = 1\n",
}
TEXT = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\r"), max_size=60
) | st.text(alphabet=" ab\n\\\"'#:{}|>-%", max_size=30)
RULES = st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)


@given(TEXT, st.sampled_from(sorted(WRITERS)), RULES)
def test_any_prompt_is_patched_exactly_or_not_at_all(prompt, how, rule):
    embedding, source = how.replace(" ", ""), WRITERS[how](prompt)
    try:
        old = locate(source, embedding).value
        once = patch.apply(source, embedding, FixPlan("aaaabbbbcccc", " ".join(rule.split()) or "x"))
    except (PatchConflict, PromptNotLocated):
        reject()
    new = locate(once, embedding).value
    assert patch.apply(once, embedding, FixPlan("aaaabbbbcccc", "other words")) == once
    assert kept_all(old, new)
    assert others(once, embedding) == others(source, embedding)


def others(source: str, embedding: str):
    """Everything in the file but the prompt, as the file's own reader sees it."""
    kind = embedding.partition(":")[0]
    if kind == "python":
        tree = ast.parse(source)
        return [ast.dump(node) for node in tree.body if "PROMPT" not in ast.dump(node)]
    readers: dict[str, Callable[[str], Any]] = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
    if kind not in readers:
        return None
    data = readers[kind](source)
    del data["a"]["prompt"]
    return data


@given(
    st.text(alphabet=" ab\n\\\"'{}", max_size=30), st.sampled_from(["python:PROMPT", "json:a.prompt", "toml:a.prompt"])
)
def test_a_quoted_prompt_of_any_text_can_take_a_rule(prompt, embedding):
    patch.apply(WRITERS[embedding](prompt), embedding, PLAN)
