"""A policy set as a file: YAML to rules and back. Pure but for the YAML parser.

A file is a list, or a mapping with the list under ``policies``; an entry is the rule's text, or a mapping::

    - Never promise a refund.
    - text: Read the order back and get a yes before calling place_order.
      severity: critical      # critical, high, medium, low
      scope: tools            # speech, tools, both
      mode: ramp              # shadow, ramp, enforce
      ramp_share: 0.25        # of the calls, with mode ramp
      key: read-back          # stays the same when the text changes
      compiled: {...}         # what is asked of a turn, as POST /api/v1/policies/compile shows it; absent: as read
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml

from judging.core.compiled import Compiled
from judging.core.errors import CompiledInvalid
from judging.core.types import Mode, Scope, Severity
from judging.errors import PolicyInvalid

MAX_RULES = 200
MAX_TEXT_CHARS = 2_000
MAX_FILE_CHARS = 512 * 1024
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MAX_ACTS = 1_000  # of a set: each is asked of the classifier on a turn that it may matter to
_FIELDS = frozenset({"text", "severity", "scope", "mode", "ramp_share", "key", "compiled"})
# What Mirror shows of a stored rule besides; ignored, so that what was read can be sent back.
_SHOWN = frozenset({"compiled_by", "compiled_at", "is_outdated"})
_TEXT_TAG, _MAP_TAG = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"
_NUMBER_TAGS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}

Choice = TypeVar("Choice", Severity, Scope, Mode)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as its author writes it. An empty ``key`` is derived from the text; ``compiled`` None: as it is read."""

    text: str
    severity: Severity = Severity.HIGH
    scope: Scope = Scope.BOTH
    mode: Mode = Mode.ENFORCE
    ramp_share: float = 1.0
    key: str = ""
    compiled: Compiled | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields of a policy file's mapping; ``compiled`` only where there is one."""
        return {**self.plain_fields(), **({"compiled": self.compiled.as_json()} if self.compiled else {})}

    def plain_fields(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "severity": self.severity.value,
            "scope": self.scope.value,
            "mode": self.mode.value,
            "ramp_share": self.ramp_share,
            "key": self.key or key_of(self.text),
        }


def key_of(text: str) -> str:
    """Return a readable key that the same text always gets: ``never-promise-a-refund-1f0c9a``."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    slug = "-".join(words)[:48].strip("-")
    digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:6]
    return f"{slug}-{digest}" if slug else digest


def rules_check(rules: Sequence[RuleDraft]) -> None:
    """Accept a whole set.

    Raises:
        PolicyInvalid: no rule or more than 200, a text that is empty or too long, a share outside 0..1, a key that is
            malformed or used twice, too many acts. ``errors`` names each rule by its place, from 0.
    """
    if not 1 <= len(rules) <= MAX_RULES:
        raise PolicyInvalid(f"A policy set has 1 to {MAX_RULES} rules, not {len(rules)}.")
    seen: dict[str, int] = {}
    errors: dict[str, list[str]] = {}
    for at, rule in enumerate(rules):
        key = rule.key or key_of(rule.text)
        wrong = _wrong(rule, key)
        if key in seen:
            wrong.append(f"has the same key as rule {seen[key]}" if rule.key else f"says the same as rule {seen[key]}")
        seen.setdefault(key, at)
        if wrong:
            errors[f"rules.{at}"] = wrong
    if errors:
        raise PolicyInvalid(errors=errors)
    acts = {act for rule in rules if rule.compiled for act in rule.compiled.acts}
    if len(acts) > MAX_ACTS:
        raise PolicyInvalid(f"The compiled forms of a policy set ask for at most {MAX_ACTS} acts, not {len(acts)}.")


def _wrong(rule: RuleDraft, key: str) -> list[str]:
    wrong = []
    if not rule.text.strip():
        wrong.append("has no text")
    if len(rule.text) > MAX_TEXT_CHARS:
        wrong.append(f"is longer than {MAX_TEXT_CHARS} characters")
    if _UNSTORABLE.search(rule.text):
        wrong.append("holds a NUL character or half a character")
    if not 0.0 <= rule.ramp_share <= 1.0:
        wrong.append("needs a ramp_share between 0 and 1")
    if not _KEY.fullmatch(key):
        wrong.append("needs a key of lower-case letters, digits, - and _, at most 64")
    return wrong


def rules_from_yaml(text: str) -> list[RuleDraft]:
    """Read a policy file.

    Raises:
        PolicyInvalid: not YAML, or not a policy file; the message names the line.
    """
    if len(text) > MAX_FILE_CHARS:
        raise PolicyInvalid(f"The policy file is longer than {MAX_FILE_CHARS} characters.")
    try:
        # The node tree keeps line numbers, and aliases stay shared instead of being copied out.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyInvalid(f"line {line}: not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PolicyInvalid(f"not YAML: {error}") from error
    entries = _entries(root)
    if len(entries.value) > MAX_RULES:
        raise _at(entries, f"a policy set has at most {MAX_RULES} rules, not {len(entries.value)}")
    return [_rule(node) for node in entries.value]


def rules_from_json(entries: Any) -> list[RuleDraft]:
    """Read rules as the API takes them: a list of texts or of objects with the fields of a file's mapping.

    Raises:
        PolicyInvalid: ``errors`` names each rule by its place.
    """
    if not isinstance(entries, list):
        raise PolicyInvalid(errors={"rules": ["must be a list"]})
    drafts: list[RuleDraft] = []
    errors: dict[str, list[str]] = {}
    for at, entry in enumerate(entries):
        try:
            # JSON is YAML: one reader, one set of rules for what is accepted.
            drafts.append(_rule(yaml.compose(json.dumps(entry), Loader=yaml.SafeLoader) or yaml.ScalarNode("", "")))
        except PolicyInvalid as error:
            errors[f"rules.{at}"] = [str(error).partition(": ")[2]]
    if errors:
        raise PolicyInvalid(errors=errors)
    return drafts


def rules_to_yaml(rules: Sequence[RuleDraft]) -> str:
    """Write a file that reads back as the same rules, keys included."""
    return yaml.safe_dump(
        [rule.fields() for rule in rules], sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )


def _entries(root: yaml.Node | None) -> yaml.SequenceNode:
    if isinstance(root, yaml.MappingNode):
        root = dict(_pairs(root)).get("policies", root)
    if not isinstance(root, yaml.SequenceNode):
        raise _at(root, "expected a list of rules, or a mapping with the list under 'policies'")
    return root


def _rule(node: yaml.Node) -> RuleDraft:
    if isinstance(node, yaml.ScalarNode):
        return RuleDraft(_text(node, "a rule"))
    if not isinstance(node, yaml.MappingNode):
        raise _at(node, "a rule is a text or a mapping with 'text'")
    fields = dict(_pairs(node))
    if unknown := sorted(fields.keys() - _FIELDS - _SHOWN):
        raise _at(fields[unknown[0]], f"unknown field {unknown[0]!r}; known are {', '.join(sorted(_FIELDS))}")
    if "text" not in fields:
        raise _at(node, "the rule has no 'text'")
    return RuleDraft(
        text=_text(fields["text"], "text"),
        severity=_choice(fields, "severity", Severity.HIGH),
        scope=_choice(fields, "scope", Scope.BOTH),
        mode=_choice(fields, "mode", Mode.ENFORCE),
        ramp_share=_share(fields),
        key=_text(fields["key"], "key") if "key" in fields else "",
        compiled=_compiled(fields["compiled"]) if "compiled" in fields else None,
    )


def _compiled(node: yaml.Node) -> Compiled | None:
    try:
        value = yaml.SafeLoader("").construct_object(node, deep=True)
        return None if value is None else Compiled.from_json(value)
    except CompiledInvalid as error:
        told = str(error)
        raise _at(node, told if told.startswith("compiled") else f"compiled.{told}") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise _at(node, "compiled is no compiled form: only texts, lists and mappings") from error


def _pairs(node: yaml.MappingNode) -> list[tuple[str, yaml.Node]]:
    pairs = [(_text(key, "a field's name"), value) for key, value in node.value]
    names = [name for name, _ in pairs]
    for (name, value), at in zip(pairs, range(len(pairs)), strict=True):
        if name in names[:at]:
            raise _at(value, f"{name!r} is given twice")
    return pairs


def _text(node: yaml.Node, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag != _TEXT_TAG or not node.value.strip():
        raise _at(node, f"{what} must be a text; put it in quotes if it holds ':' or looks like a number")
    return str(node.value).strip()


def _choice(fields: Mapping[str, yaml.Node], name: str, default: Choice) -> Choice:
    if name not in fields:
        return default
    kind = type(default)
    try:
        return kind(_text(fields[name], name))
    except ValueError:
        known = ", ".join(choice.value for choice in kind)
        raise _at(fields[name], f"{name} is one of {known}") from None


def _share(fields: Mapping[str, yaml.Node]) -> float:
    node = fields.get("ramp_share")
    if node is None:
        return 1.0
    try:
        share = float(node.value) if node.tag in _NUMBER_TAGS else -1.0
    except (TypeError, ValueError):
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise _at(node, "ramp_share is a number between 0 and 1")
    return share


def _at(node: yaml.Node | None, wrong: str) -> PolicyInvalid:
    line = node.start_mark.line + 1 if node is not None else 1
    return PolicyInvalid(f"line {line}: {wrong}")
