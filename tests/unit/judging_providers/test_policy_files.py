from __future__ import annotations

import pytest

from judging.core.types import Mode, Scope, Severity
from judging.errors import PolicyInvalid
from judging.policy_files import MAX_RULES, RuleDraft, key_of, rules_check, rules_from_yaml, rules_to_yaml

FULL = """\
policies:
  - Never promise a refund.
  - text: Read the order back before calling place_order.
    severity: critical
    scope: tools
    mode: ramp
    ramp_share: 0.25
    key: read-back
"""


def test_a_file_of_texts_and_mappings_is_read_in_order():
    assert rules_from_yaml(FULL) == [
        RuleDraft("Never promise a refund."),
        RuleDraft(
            "Read the order back before calling place_order.",
            Severity.CRITICAL,
            Scope.TOOLS,
            Mode.RAMP,
            0.25,
            "read-back",
        ),
    ]


def test_a_written_file_reads_back_as_the_same_rules():
    rules = rules_from_yaml(rules_to_yaml(rules_from_yaml(FULL)))
    assert [rule.fields() for rule in rules] == [rule.fields() for rule in rules_from_yaml(FULL)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n- text: [1]\n", "line 2: text must be a text"),
        ("- a\n- b\n- 7\n", "line 3: a rule must be a text"),
        ("- text: a\n  severity: huge\n", "line 2: severity is one of critical, high, medium, low"),
        ("- text: a\n  scpoe: tools\n", "line 2: unknown field 'scpoe'"),
        ("- severity: low\n", "line 1: the rule has no 'text'"),
        ("- text: a\n  text: b\n", "line 2: 'text' is given twice"),
        ("- text: a\n  ramp_share: 1.5\n", "line 2: ramp_share is a number between 0 and 1"),
        ("- text: a\n  ramp_share: .nan\n", "line 2: ramp_share is a number between 0 and 1"),
        ("- text: a\n  mode: 'on'\n", "line 2: mode is one of shadow, ramp, enforce"),
        ("just words", "line 1: expected a list of rules"),
        ("", "line 1: expected a list of rules"),
        ("rules: []", "line 1: expected a list of rules"),
        ("- a\n- 'b\n", "line 3: not YAML"),
        ("- !!python/object/apply:os.system [ls]\n", "line 1: a rule is a text or a mapping"),
        ("- [a]\n", "line 1: a rule is a text or a mapping"),
        ("- text: a\n  ? [x]\n  : y\n", "line 2: a field's name must be a text"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text, told):
    with pytest.raises(PolicyInvalid) as refused:
        rules_from_yaml(text)
    assert str(refused.value).startswith(told)


def test_aliases_are_not_copied_out():
    bomb = "\n".join(
        ["- &a text", *(f"- &{x} [{', '.join(['*' + y] * 9)}]" for x, y in zip("bcdefgh", "abcdefg", strict=True))]
    )
    with pytest.raises(PolicyInvalid, match="line 2"):
        rules_from_yaml(bomb)


@pytest.mark.parametrize("count", [0, MAX_RULES + 1])
def test_a_set_outside_1_to_200_rules_is_refused(count):
    with pytest.raises(PolicyInvalid, match="1 to 200"):
        rules_check([RuleDraft(f"Rule {n}.") for n in range(count)])


@pytest.mark.parametrize("count", [1, MAX_RULES])
def test_a_set_of_1_to_200_rules_is_accepted(count):
    rules_check([RuleDraft(f"Rule {n}.") for n in range(count)])


@pytest.mark.parametrize(
    ("rules", "errors"),
    [
        ([RuleDraft("a"), RuleDraft(" ")], {"rules.1": ["has no text"]}),
        ([RuleDraft("x" * 2001)], {"rules.0": ["is longer than 2000 characters"]}),
        ([RuleDraft("a"), RuleDraft("a")], {"rules.1": ["says the same as rule 0"]}),
        ([RuleDraft("a", key="k"), RuleDraft("b", key="k")], {"rules.1": ["has the same key as rule 0"]}),
        ([RuleDraft("a", ramp_share=float("nan"))], {"rules.0": ["needs a ramp_share between 0 and 1"]}),
    ],
)
def test_a_bad_rule_is_named_by_its_place(rules, errors):
    with pytest.raises(PolicyInvalid) as refused:
        rules_check(rules)
    assert refused.value.errors == errors


def test_a_bad_key_is_refused():
    with pytest.raises(PolicyInvalid, match="lower-case letters"):
        rules_check([RuleDraft("a", key="Read Back")])


def test_the_same_text_gets_the_same_readable_key():
    assert key_of("Never promise a refund.") == key_of("Never  promise a refund.")
    assert key_of("Never promise a refund.").startswith("never-promise-a-refund-")
    assert key_of("Never promise a refund.") != key_of("Never promise a refund!")


def test_a_text_without_latin_letters_gets_a_key():
    rules_check([RuleDraft("返金を約束しない"), RuleDraft("割引を約束しない")])
