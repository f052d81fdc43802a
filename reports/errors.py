"""Errors of reports and problems.

MirrorError
├── ReportNotFound     404  absent, or another tenant's
├── ProblemNotFound    404  absent, or another tenant's
└── ReportClosed       409  the report's or problem's state does not allow this
"""

from __future__ import annotations

from tenants.errors import Conflict, NotFound


class ReportNotFound(NotFound):
    code = "report_not_found"
    title = "No such report"


class ProblemNotFound(NotFound):
    code = "problem_not_found"
    title = "No such problem"


class ReportClosed(Conflict):
    code = "report_closed"
    title = "Its state does not allow this"
