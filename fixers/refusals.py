"""What a caller of the API or the console is told about fixes (``fixers.errors`` are those of the work itself).

MirrorError
├── FixNotFound     404  absent, or another tenant's
└── FixClosed       409  the fix's state does not allow this
"""

from __future__ import annotations

from tenants.errors import Conflict, NotFound


class FixNotFound(NotFound):
    code = "fix_not_found"
    title = "No such fix"


class FixClosed(Conflict):
    code = "fix_closed"
    title = "Its state does not allow this"
