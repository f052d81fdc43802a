"""A plan and a file's text to the new text: one section with stable markers at the prompt's end.

The first fix writes the section, later ones add their line to it. Twice equals once, and nothing but the new lines
changes: every result is read back before it is returned.
"""

from __future__ import annotations

import re
from difflib import unified_diff

from fixers.embeddings.slot import Slot
from fixers.errors import PatchConflict
from fixers.locate import locate
from fixers.planner import FixPlan

BEGIN = "<!-- mirror:guard-rails begin -->"
END = "<!-- mirror:guard-rails end -->"
_HEADING = "## Guard rails"
_DOLLAR_FIELD = re.compile(r"\$(?:\{|[A-Za-z_])")


def apply(source: str, embedding: str, plan: FixPlan) -> str:
    """Return the file with the plan's rule in the prompt; the same text when it is there already.

    Raises:
        PromptNotLocated: see ``locate``.
        PatchConflict: the section was broken by hand, or the file cannot hold the rule exactly.
    """
    slot = locate(source, embedding)
    if has_rule(slot.value, plan.key):
        return source
    _check_template(slot.value, plan.rule)
    inserted, before = _insertion(slot.value, plan)
    changed = slot.insert(inserted, before=before)
    if changed is None:
        raise PatchConflict("the guard rails section was re-written by hand: its end marker is split or escaped")
    _check(slot, changed, embedding, inserted, before)
    return changed


def has_rule(prompt: str, key: str) -> bool:
    """Whether the prompt holds the rule with this key, whatever its words are by now."""
    return _mark(key) in prompt


def _mark(key: str) -> str:
    return f"<!-- mirror:{key} -->"


def _insertion(prompt: str, plan: FixPlan) -> tuple[str, str]:
    """Return what is put in, and the marker it goes in front of ("" is the prompt's end)."""
    begins, ends = prompt.count(BEGIN), prompt.count(END)
    line = f"- {plan.rule} {_mark(plan.key)}\n"
    if begins == ends == 0:
        gap = "\n\n" if prompt.strip() else ""
        return f"{gap}{BEGIN}\n{_HEADING}\n{line}{END}", ""
    if begins != 1 or ends != 1 or prompt.index(END) < prompt.index(BEGIN):
        raise PatchConflict("the guard rails section has lost one of its markers, or has them twice")
    return line, END


def _check_template(prompt: str, rule: str) -> None:
    if "$" in rule and _DOLLAR_FIELD.search(prompt):
        raise PatchConflict("the prompt is a template with $ fields and the rule has a $ sign: word the policy without")


def _check(slot: Slot, changed: str, embedding: str, inserted: str, before: str) -> None:
    """Read the result back: the prompt must be the old one with just this text put in."""
    found = locate(changed, embedding).value
    if before:
        at = slot.value.rindex(before)
        is_exact = found == slot.value[:at] + inserted + slot.value[at:]
    else:
        is_exact = any(found == slot.value[:at] + inserted + slot.value[at:] for at in _ends(slot.value))
    if not is_exact:
        raise PatchConflict("the rule cannot be put in without changing other parts of the prompt")


def _ends(prompt: str) -> range:
    """The places that count as the prompt's end: within the white space that closes it."""
    return range(len(prompt.rstrip()), len(prompt) + 1)


def diff(old: str, new: str, path: str) -> str:
    """Return the change as a unified diff, "" when there is none."""
    lines = unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def changed_lines(diff_text: str) -> list[str]:
    """Return what a diff adds and takes away, without where: equal when only the surroundings moved."""
    return [line.rstrip("\r") for line in diff_text.split("\n")[2:] if line[:1] in ("+", "-")]


def _lines(text: str) -> list[str]:
    """Split at newlines only, the way git does."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
