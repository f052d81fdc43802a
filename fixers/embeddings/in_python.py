"""A Python string assigned to a name: ``NAME = "..."``, ``Class.NAME``, joined literals, f-strings.

The string is found by the parser and changed in its own spelling. Document: the Python language reference, "String
and Bytes literals".
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from fixers.embeddings.slot import Slot, newline_of, rstrip_end
from fixers.errors import PatchConflict, PromptNotLocated


def slot(source: str, name: str) -> Slot:
    """Raises: PromptNotLocated: no such name, assigned more than once, or not a plain string."""
    node = _string_node(source, name)
    start, end = _span(source, node)
    prefix, quote = _last_literal(source[start:end])
    content_end = end - len(quote)
    is_triple = len(quote) == 3
    if is_triple:
        content_end = rstrip_end(source, start, content_end)
        # A backslash there would swallow what is put in after it.
        content_end = end - len(quote) if source[content_end - 1] == "\\" else content_end
    return Slot(source, value_of(node), start, content_end, _Encoder(prefix, quote, newline_of(source)))


def value_of(node: ast.expr) -> str:
    """Return the string; in an f-string each replaced field stands as ``{}``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        return "".join(str(part) for part in parts)
    raise PromptNotLocated("the name is not assigned a plain string")


def _string_node(source: str, name: str) -> ast.expr:
    try:
        tree = ast.parse(source.removeprefix("\ufeff"))
    except (SyntaxError, ValueError) as error:
        raise PromptNotLocated("the file is not valid Python") from error
    found = list(_assigned(tree.body, name.split(".")))
    if not found:
        raise PromptNotLocated(f"no string is assigned to {name}")
    if len(found) > 1:
        raise PromptNotLocated(f"{name} is assigned {len(found)} times: which one counts cannot be told")
    node = found[0]
    if node is None or not isinstance(node, (ast.Constant, ast.JoinedStr)):
        raise PromptNotLocated(f"{name} is not assigned a plain string")
    value_of(node)
    return node


def _assigned(body: list[ast.stmt], path: list[str]) -> Iterator[ast.expr | None]:
    """Yield what is assigned to the dotted path anywhere in the module's (or class's) own statements."""
    for statement in body:
        if isinstance(statement, ast.ClassDef) and len(path) > 1 and statement.name == path[0]:
            yield from _assigned(statement.body, path[1:])
        elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for field in ("body", "orelse", "finalbody"):
                yield from _assigned(getattr(statement, field, []), path)
            for handler in getattr(statement, "handlers", []):
                yield from _assigned(handler.body, path)
        elif len(path) == 1:
            yield from _targets(statement, path[0])


def _targets(statement: ast.stmt, name: str) -> Iterator[ast.expr | None]:
    if isinstance(statement, ast.Assign):
        if any(_is_name(target, name) for target in statement.targets):
            yield statement.value
    elif isinstance(statement, ast.AnnAssign) and _is_name(statement.target, name):
        yield statement.value
    elif isinstance(statement, ast.AugAssign) and _is_name(statement.target, name):
        yield None  # what ``NAME += ...`` leaves behind is not one literal


def _is_name(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _span(source: str, node: ast.expr) -> tuple[int, int]:
    """Return the node's place in characters; the parser counts lines and UTF-8 bytes."""
    bom = 1 if source.startswith("\ufeff") else 0
    lines = io.StringIO(source[bom:], newline="").readlines()
    lines = [line for chunk in lines for line in _physical(chunk)]
    starts = [bom]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


def _physical(line: str) -> list[str]:
    """A lone carriage return ends a line for Python too."""
    parts = line.replace("\r\n", "\n\x00").split("\r")
    ended = [part + "\r" for part in parts[:-1]] + [parts[-1]]
    return [part.replace("\n\x00", "\r\n") for part in ended if part]


def _last_literal(segment: str) -> tuple[str, str]:
    """Return prefix ("rf") and quote of the last literal in the expression."""
    prefix = quote = ""
    opened: list[str] = []
    names = {tokenize.STRING: "STRING"} | {
        getattr(tokenize, kind): kind for kind in ("FSTRING_START", "FSTRING_END") if hasattr(tokenize, kind)
    }
    for token in tokenize.generate_tokens(io.StringIO(f"({segment})").readline):
        kind = names.get(token.type)
        if kind == "FSTRING_START":
            opened.append(token.string)
        elif kind == "STRING" and not opened:
            prefix, quote = _split(token.string)
        elif kind == "FSTRING_END":
            prefix, quote = _split(opened.pop())
    return prefix, quote


def _split(literal: str) -> tuple[str, str]:
    at = min(at for at in (literal.find("'"), literal.find('"')) if at >= 0)
    body = literal[at:]
    return literal[:at].lower(), body[:3] if body[:3] in ("'''", '"""') else body[0]


class _Encoder:
    def __init__(self, prefix: str, quote: str, newline: str) -> None:
        self._prefix, self._quote, self._newline = prefix, quote, newline

    def __call__(self, text: str) -> str:
        if "r" in self._prefix:
            self._check_raw(text)
        else:
            text = text.replace("\\", "\\\\").replace(self._quote, "\\" + "\\".join(self._quote))
        if "f" in self._prefix:
            text = text.replace("{", "{{").replace("}", "}}")
        return text.replace("\n", self._newline if len(self._quote) == 3 else "\\n")

    def _check_raw(self, text: str) -> None:
        if self._quote in text or "\\" in text or (len(self._quote) == 1 and "\n" in text):
            raise PatchConflict(
                "the prompt is a raw string that cannot hold the rule; use a plain or triple-quoted one"
            )
