"""Reports to problems: what counts as one cause, and the fingerprint that says so."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from judging.core.types import Evidence, Status

_STATUS_ORDER = (Status.SUPERSEDED, Status.NEVER_SAID, Status.UNCONFIRMED, Status.GROUNDED)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an agent failed, without the values of one call.

    A broken policy is one cause whichever turn or tool it showed in. Without a policy the cause is the check with the
    tool, the argument (list positions left out) and how its value stood.
    """

    check: str
    policy_key: str = ""
    policy_text: str = ""
    tool: str = ""
    argument: str = ""
    status: str = ""

    def identity(self) -> tuple[str, ...]:
        """Return what two failures must share to have one cause."""
        if self.policy_key:
            return ("policy", self.policy_key)
        return ("check", self.check, self.tool, self.argument, self.status)


def fingerprint(agent_id: str, cause: Cause) -> str:
    """Return 32 hex digits: equal for equal causes of one agent, in every process and release."""
    canonical = json.dumps([agent_id, *cause.identity()], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def argument_kind(path: str) -> str:
    """Return an argument path without positions: ``items.0.quantity`` and ``items[2].quantity`` are one kind."""
    return ".".join(part for part in re.split(r"[.\[\]]+", path) if part and not part.isdigit())


def deciding(evidence: tuple[Evidence, ...]) -> Evidence | None:
    """Return the value a finding mainly rests on: the same one whatever order the evidence came in."""
    return min(evidence, key=lambda one: (_STATUS_ORDER.index(one.status), one.argument, one.value), default=None)
