"""What the agent says instead, worded once everything wrong with the turn is known.

A correction never names as settled what another finding objects to, and never says what a rule forbids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judging.core.arguments import Argument, Shape
from judging.core.checks.forbidden_speech import breaks_rule
from judging.core.checks.never_said_number import is_said as is_number_said
from judging.core.checks.typed_argument import is_said as is_typed_said
from judging.core.corrections import known_correction, safe_line
from judging.core.spoken import in_language
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.voice import MAX_WORDS
from judging.core.wording import and_list, call_parts, count_word, counted, counted_noun, number_in

_LONGEST_VALUE = 4  # words; a longer one is no value that can be put in another's place
_SINGLE = "Just to confirm: {}?"
_READ_BACK = "Just to confirm before I go ahead: {}. Is that right?"


def reworded(view: TurnView, findings: list[Finding]) -> list[Finding]:
    """Return the findings with their corrections in final words."""
    if not any(finding.is_sure for finding in findings):
        return findings
    if view.language.phrases is not None:
        return in_language(view, view.language.phrases, findings)
    calls = {index: _CallWords.of(view, index, findings) for index in range(len(view.calls))}
    worded = []
    for finding in findings:
        if finding.is_sure and finding.tool_call_index is not None:
            finding = replace(finding, correction=calls[finding.tool_call_index].correction(finding))
        line = known_correction(finding) if finding.is_sure else finding.correction
        if line and breaks_rule(view, line):
            finding = replace(finding, correction=safe_line())
        worded.append(finding)
    return worded


@dataclass(frozen=True, slots=True)
class _CallWords:
    """One call with what is wrong with it. ``standing`` has the values to say instead, by path; ``excluded`` the paths
    and values that stay out; ``is_sound``: nothing else in the call is in doubt, so the whole of it can be read out."""

    arguments: tuple[Argument, ...]
    faults: dict[str, Evidence]
    standing: dict[str, str]
    excluded: dict[str, str]
    is_sound: bool

    @classmethod
    def of(cls, view: TurnView, index: int, findings: Sequence[Finding]) -> _CallWords:
        own = [finding for finding in findings if finding.tool_call_index == index]
        faults = _faults(own)
        excluded = {
            finding.evidence[0].argument: finding.evidence[0].value
            for finding in own
            if finding.check == "exclusion_put_in"
        }
        standing = {path: fault.replaced_by for path, fault in faults.items() if fault.replaced_by}
        open_paths = {item.argument for finding in own if not finding.is_sure for item in finding.evidence}
        is_sound = all(
            _may_be_said(view, argument, faults, standing, excluded) and argument.path not in open_paths
            for argument in view.calls[index]
        ) and faults.keys() <= {argument.path for argument in view.calls[index]}  # else something is missing
        return cls(view.calls[index], faults, standing, excluded, is_sound)

    def correction(self, finding: Finding) -> str:
        if finding.check == "missing_read_back":
            return self._read_back()
        path = finding.evidence[0].argument if finding.evidence else ""
        if path not in self.faults:
            return finding.correction
        if len(self.faults) > 1 and self.is_sound and self._is_typed():
            return _fitted(_SINGLE, self._parts()) or finding.correction
        if path in self.excluded:
            return self._without(path)
        argument = next((argument for argument in self.arguments if argument.path == path), None)
        is_count = argument is not None and argument.shape is Shape.NUMBER and not argument.is_money
        return self._count(finding, argument) if is_count and argument is not None else finding.correction

    def _is_typed(self) -> bool:
        """Whether all that is wrong was excluded or is a number, a date or a time; of names no more than one at once
        is certain enough to be put in another's place."""
        typed = {one.path for one in self.arguments if one.shape in (Shape.NUMBER, Shape.DATE, Shape.TIME)}
        return all(path in self.excluded or path in typed for path in self.faults)

    def _without(self, path: str) -> str:
        value, instead = self.excluded[path], self.standing.get(path, "")
        if instead and not _is_element(path):
            return _SINGLE.format(f"{instead}, not {value}")
        whole = _fitted(_SINGLE, self._parts()) if self.is_sound else ""
        short = f"{instead}, no {value}" if instead else f"no {and_list(list(self.excluded.values()), 'or')}"
        return whole or _SINGLE.format(short)

    def _count(self, finding: Finding, argument: Argument) -> str:
        fault = finding.evidence[0]
        number = number_in(fault.replaced_by)
        if number is None:
            noun = counted_noun(argument, 2, self.arguments)
            return f"Sorry, how many {noun} would you like?" if noun else finding.correction
        wanted = counted(argument, number, self.arguments)
        if fault.status is not Status.SUPERSEDED:
            return _SINGLE.format(wanted)
        return _SINGLE.format(f"{wanted}, not {count_word(argument.number)}")

    def _read_back(self) -> str:
        if self.faults and not self.is_sound:
            return ""
        return _fitted(_READ_BACK, self._parts())

    def _parts(self) -> list[str]:
        out = [path for path in self.excluded if path not in self.standing]
        parts = call_parts(self.arguments, self.standing, out)
        # "on Saturday" speaks for itself; of a list it must be said what is no part of it.
        taken_out = [value for path, value in self.excluded.items() if path in out or _is_element(path)]
        return [*parts, f"no {and_list(taken_out, 'or')}"] if taken_out else parts


def _is_element(path: str) -> bool:
    return path.rpartition(".")[2].isdecimal()


def _faults(findings: Sequence[Finding]) -> dict[str, Evidence]:
    """What is certainly wrong by path, with the value that stands where any finding knows it."""
    found: dict[str, Evidence] = {}
    for finding in findings:
        if not finding.is_sure or finding.check == "missing_read_back" or not finding.evidence:
            continue
        fault = finding.evidence[0]
        if fault.argument and (fault.argument not in found or not found[fault.argument].replaced_by):
            found[fault.argument] = fault
    return found


def _may_be_said(
    view: TurnView,
    argument: Argument,
    faults: dict[str, Evidence],
    standing: dict[str, str],
    excluded: dict[str, str],
) -> bool:
    path = argument.path
    if path in standing:
        return len(standing[path].split()) <= _LONGEST_VALUE
    if path in excluded:
        return argument.is_element or len(view.calls) == 1
    return path not in faults and _is_grounded(view, argument)


def _is_grounded(view: TurnView, argument: Argument) -> bool:
    """Whether the call so far has the value. What no finding objects to has a place, save typed values."""
    if argument.shape is Shape.NUMBER:
        return argument.number in (0.0, 1.0) or is_number_said(view, argument)
    if argument.shape in (Shape.DATE, Shape.TIME):
        return is_typed_said(view, argument)
    return argument.shape is not Shape.SENTENCE


def _fitted(frame: str, parts: Sequence[str]) -> str:
    """The frame with as many parts as can be said in one breath; "" for none."""
    for end in range(len(parts), 0, -1):
        line = frame.format(", ".join(parts[:end]))
        if len(line.split()) <= MAX_WORDS:
            return line
    return ""
