"""The core is a library: it imports where there is no Django."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
_BLOCKED = """
import sys
blocked = ("django", "channels", "celery", "rest_framework", "httpx", "redis", "psycopg", "rich", "yaml")
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ImportError(name)
sys.meta_path.insert(0, Wall())
import judging.core, judging.core.scoring, judging.core.cases
from judging.core import Conversation, JudgeSettings, Role, ToolCall, Turn, judge, run, unavailable
call = Conversation.from_turns([Turn(0, Role.CUSTOMER, "two pizzas")])
turn = Turn(1, Role.AGENT, "", tool_calls=(ToolCall("order", {"quantity": 3}),))
print(run(judge(call, turn, [], JudgeSettings(tiers=frozenset({0}))), unavailable).check)
"""


def test_the_core_judges_without_django():
    done = subprocess.run([sys.executable, "-c", _BLOCKED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "wrong_quantity\n", "")


def test_the_core_opens_no_socket_and_reads_no_clock():
    forbidden = re.compile(r"\bimport time\b|datetime\.now|date\.today|\bopen\(|\bsocket\b|\brandom\b")
    found = [path.name for path in (ROOT / "judging" / "core").rglob("*.py") if forbidden.search(path.read_text())]
    assert found == []
