"""The core is a library: it works where no package is installed at all, and its page of examples is true."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORE = ROOT / "judging" / "core"
PAGE = ROOT / "docs" / "library.md"

_JUDGES = """
from judging.core import Conversation, JudgeSettings, Role, ToolCall, Turn, judge, run, unavailable
call = Conversation.from_turns([Turn(0, Role.CUSTOMER, "two pizzas")])
turn = Turn(1, Role.AGENT, "", tool_calls=(ToolCall("order", {"quantity": 3}),))
print(run(judge(call, turn, [], JudgeSettings(tiers=frozenset({0}))), unavailable).check)
"""
_IMPORTS_ALL = """
import importlib, pkgutil, judging.core
for module in pkgutil.walk_packages(judging.core.__path__, "judging.core."):
    importlib.import_module(module.name)
foreign = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"judging", "__main__"}
print(sorted(name for name in foreign if not name.startswith("_")))
"""
_EXAMPLES = """
import doctest, pathlib, re
page = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
blocks = re.findall(r"```pycon\\n(.*?)```", page, re.S)
test = doctest.DocTestParser().get_doctest("".join(blocks), {}, "library", None, None)
print(doctest.DocTestRunner().run(test), len(test.examples) > 20)
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    """A folder with the core and nothing else."""
    folder: Path = tmp_path_factory.mktemp("alone")
    (folder / "judging").mkdir()
    shutil.copy(ROOT / "judging" / "__init__.py", folder / "judging")
    shutil.copytree(CORE, folder / "judging" / "core", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def bare(code: str, folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run code in an isolated interpreter without site-packages; warnings are errors."""
    begun = f"import sys; sys.path.insert(0, sys.argv[1])\n{code}"
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", begun, str(folder), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_bare_interpreter_has_no_django(alone):
    assert "No module named 'django'" in bare("import django", alone)[2]


def test_the_core_judges_where_nothing_is_installed(alone):
    assert bare(_JUDGES, alone) == (0, "wrong_quantity\n", "")


def test_every_module_of_the_core_needs_only_the_standard_library(alone):
    assert bare(_IMPORTS_ALL, alone) == (0, "[]\n", "")


def test_the_examples_of_the_page_are_true_there(alone):
    code, told, errors = bare(_EXAMPLES, alone, str(PAGE))
    assert (code, errors) == (0, "")
    assert re.fullmatch(r"TestResults\(failed=0, attempted=\d+\) True\n", told), told


def test_the_core_opens_no_socket_and_reads_no_clock():
    forbidden = re.compile(r"\bimport time\b|datetime\.now|date\.today|\bopen\(|\bsocket\b|\brandom\b")
    found = [path.name for path in CORE.rglob("*.py") if forbidden.search(path.read_text())]
    assert found == []
