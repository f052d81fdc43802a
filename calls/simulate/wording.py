"""What the scripted agent knows about words: streaming them, and telling a read-back."""

from __future__ import annotations

import re

from calls.simulate.scenario import AgentLine, ScriptedTool
from calls.simulate.voice import words_of

ASK = "Let me check that with you once more. What would you like?"
_SAY = re.compile(r'Say: "([^"]+)"')


def asked_for(instruction: str) -> str:
    """What to say to the caller when a tool is held: the words the instruction gives, else a question of our own."""
    found = _SAY.search(instruction)
    return found.group(1) if found else ASK


def deltas_of(text: str) -> list[str]:
    """Cut a text as a language model streams it: a few words at a time, nothing lost."""
    words = text.split(" ")
    groups = [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    return [group + " " for group in groups[:-1]] + groups[-1:]


def is_read_back(text: str, held: AgentLine) -> bool:
    """Whether a text asks for a yes to all that the corrected call will hold, and to nothing of the wrong one."""
    again = next((line for line in held.on_confirm if isinstance(line, AgentLine) and line.tools), None)
    if again is None or "?" not in text:
        return False
    wanted, wrong = _values(again.tools), _values(held.tools)
    said = set(words_of(text))
    return bool(wanted) and wanted <= said and not (wrong - wanted) & said


def _values(tools: tuple[ScriptedTool, ...]) -> set[str]:
    """The words of all argument values, lists taken apart."""
    found: set[str] = set()
    for value in (value for tool in tools for value in tool.arguments.values()):
        found.update(*(words_of(str(part)) for part in (value if isinstance(value, list) else [value])))
    return found
