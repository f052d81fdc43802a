"""A string in a YAML file, by key path. Document: YAML 1.1 as PyYAML reads it.

Block scalars (``|``, ``>``) and double-quoted ones keep their spelling; a plain or single-quoted one is written
double-quoted, because only that form holds line breaks exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import yaml

from fixers.embeddings.slot import Slot, newline_of, rstrip_end
from fixers.errors import PatchConflict, PromptNotLocated

_STRING = "tag:yaml.org,2002:str"


def slot(source: str, name: str) -> Slot:
    """Raises: PromptNotLocated: not YAML, several documents, no such path, not a string, or an alias."""
    node = node_at(source, name)
    start, end = node.start_mark.index, node.end_mark.index
    if node.style == '"':
        content_end = rstrip_end(source, start + 1, end - 1)
        content_end = end - 1 if source[content_end - 1] == "\\" else content_end
        return Slot(source, node.value, start + 1, content_end, _quoted)
    if node.style in ("|", ">"):
        return _block(source, node)
    return _requoted(source, node)


def node_at(source: str, name: str) -> yaml.ScalarNode:
    """Return the scalar at the path."""
    document = node = _document(source)
    for key in name.split("."):
        node = _child(node, key)
    if _count(document, node) > 1:
        raise PromptNotLocated(f"{name} has an alias: changing it would change another place too")
    if not isinstance(node, yaml.ScalarNode) or node.tag != _STRING:
        raise PromptNotLocated(f"{name} is not a string")
    return node


def _document(source: str) -> yaml.Node:
    try:
        documents = list(yaml.compose_all(source, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        raise PromptNotLocated("the file is not valid YAML") from error
    if len(documents) != 1 or documents[0] is None:
        raise PromptNotLocated(f"the file holds {len(documents)} YAML documents; one is needed")
    return documents[0]


def _child(node: yaml.Node, key: str) -> yaml.Node:
    found: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        found = [value for name, value in node.value if getattr(name, "value", None) == key]
    elif isinstance(node, yaml.SequenceNode):
        found = [one for index, one in enumerate(node.value) if str(index) == key]
    if len(found) != 1:
        raise PromptNotLocated(f"{key} is {'not there' if not found else 'given twice'}")
    return found[0]


def _count(tree: yaml.Node, node: yaml.Node) -> int:
    """Return how often the node is reached from the top; a reader gives an alias the very node it names."""
    count, waiting, seen = 0, [tree], set()
    while waiting:
        one = waiting.pop()
        count += one is node
        if isinstance(one, yaml.ScalarNode) or id(one) in seen:
            continue
        seen.add(id(one))
        pairs = one.value if isinstance(one, yaml.SequenceNode) else [part for pair in one.value for part in pair]
        waiting += pairs
    return count


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _requoted(source: str, node: yaml.ScalarNode) -> Slot:
    start, end = node.start_mark.index, node.end_mark.index
    written = _quoted(node.value)
    source = f'{source[:start]}"{written}"{source[end:]}'
    stripped = re.sub(r"(?: |(?<!\\)\\[nrt])+$", "", written)
    return Slot(source, node.value, start + 1, start + 1 + len(stripped), _quoted)


def _block(source: str, node: yaml.ScalarNode) -> Slot:
    header = re.compile(r"[|>][^\r\n]*(?:\r\n|\n|\r)").match(source, node.start_mark.index)
    if header is None or not node.value.strip():
        raise PromptNotLocated("the prompt is an empty block")
    start = header.end()
    end = rstrip_end(source, start, _content_end(source, start, node))
    line_start = max(source.rfind("\n", 0, end), source.rfind("\r", 0, end)) + 1
    indent = _indent(source[start:end], header.group(), source[line_start:end])
    return Slot(source, node.value, start, end, _block_encoder(indent, newline_of(source), is_folded=node.style == ">"))


def _content_end(source: str, start: int, node: yaml.ScalarNode) -> int:
    """PyYAML ends a block where the next token begins: comments in between are not of the block."""
    first = re.compile(r"(?:[ ]*(?:\r\n|\n|\r))*([ ]*)").match(source, start)
    indent = len(first.group(1)) if first else 0
    end = start
    for line in source[start : node.end_mark.index].splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        end += len(line)
    return end


def _indent(content: str, header: str, last_line: str) -> str:
    given = re.search(r"\d", header.split("#", maxsplit=1)[0])
    if given:
        raise PatchConflict("the prompt is a block with an indentation number; write it without one")
    depths = [len(line) - len(line.lstrip(" ")) for line in content.splitlines() if line.strip()]
    return " " * min(depths, default=len(last_line) - len(last_line.lstrip(" ")))


def _block_encoder(indent: str, newline: str, *, is_folded: bool) -> Callable[[str], str]:
    def encode(text: str) -> str:
        if is_folded:
            # A folded block joins lines: n line breaks are written as n + 1.
            text = re.sub(r"\n+", lambda breaks: breaks[0] + "\n", text)
        lines = text.split("\n")
        kept = [lines[0], *(indent + line if line else line for line in lines[1:])]
        if lines[-1] == "" and len(lines) > 1:
            kept[-1] = indent  # what follows in the file goes on in this line
        return newline.join(kept)

    return encode
