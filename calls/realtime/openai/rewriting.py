"""Changes to the provider's messages where the client's view differs from the provider's. Pure.

Each function changes the body in place and returns whether anything changed; what did not change leaves as it came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from calls.realtime.openai.names import Body, content_index, item_id_of, items_of, object_at, parts_of, text_at

_WORD_FIELDS: Final = ("transcript", "text")
_MAX_HOPS: Final = 64


def repoint(body: Body, hidden: Mapping[str, str | None]) -> bool:
    """Name the last item before a hidden one in its place."""
    previous: Any = body.get("previous_item_id")
    if not isinstance(previous, str) or previous not in hidden:
        return False
    for _ in range(_MAX_HOPS):
        if previous is None or previous not in hidden:
            break
        previous = hidden[previous]
    body["previous_item_id"] = None if previous in hidden else previous
    return True


def leave_out(body: Body, hidden: Collection[str]) -> bool:
    """A response's list of items without the hidden ones."""
    response = object_at(body, "response")
    listed = items_of(response)
    kept = [item for item in listed if item.get("id") not in hidden]
    if len(kept) == len(listed):
        return False
    response["output"] = kept
    return True


def cut(body: Body, kind: str, said: Mapping[tuple[str, int], str]) -> bool:
    """Of a stopped response: no word that was not passed on."""
    if kind in ("response.output_item.added", "response.content_part.added", "response.created"):
        return False
    item_id = item_id_of(body)
    changed = _cut_words(body, said.get((item_id, content_index(body)), "")) if "content_index" in body else False
    part = object_at(body, "part")
    if part:
        changed |= _cut_words(part, said.get((item_id, content_index(body)), ""))
    for item in [object_at(body, "item"), *items_of(object_at(body, "response"))]:
        changed |= _cut_item(item, said)
    return changed


def _cut_item(item: Body, said: Mapping[tuple[str, int], str]) -> bool:
    changed = False
    for index, part in enumerate(parts_of(item)):
        changed |= _cut_words(part, said.get((text_at(item, "id"), index), ""))
    if item.get("type") == "message" and item.get("status") == "completed":
        item["status"], changed = "incomplete", True
    return changed


def _cut_words(part: Body, said: str) -> bool:
    changed = False
    for name in _WORD_FIELDS:
        if isinstance(part.get(name), str) and part[name] != said:
            part[name], changed = said, True
    return changed


def end(body: Body, reason: str, shown: Collection[str]) -> bool:
    """A response's end as that of a cancelled one, with the items that the client has met."""
    response = object_at(body, "response")
    listed = items_of(response)
    response["output"] = [item for item in listed if item.get("id") in shown]
    # The provider's own word would be that the client cancelled it, which it did not.
    is_same = response.get("status") == "cancelled" and text_at(response, "status_details", "reason") == reason
    if is_same:
        return len(response["output"]) != len(listed)
    response["status"] = "cancelled"
    response["status_details"] = {"type": "cancelled", "reason": reason}
    return True
