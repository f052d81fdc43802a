"""The words of a fix's commit and pull request, by template. All that others wrote goes in as inert text."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.template.loader import render_to_string

from fixers.markdown import inert, quoted
from fixers.planner import plain
from reports.models import Problem, Report

_SHOWN_REPORTS = 3
_SHOWN_EVIDENCE = 4


def pull_request_title(problem: Problem) -> str:
    """Return the title, at most 200 characters. Titles are plain text; mentions and references are broken up."""
    return plain(inert(f"Guard rail: {problem.title}", length=180)).replace("\\", "")[:200]


def pull_request_body(
    *, problem: Problem, reports: Sequence[Report], rule: str, path: str, fix_id: UUID, source: str
) -> str:
    """Return the body in Markdown. ``reports`` need their call loaded."""
    context = {
        "pattern": inert(problem.pattern),
        "severity": problem.severity,
        "report_count": problem.report_count,
        "agent": quoted(problem.agent.slug),
        "rule": inert(rule, length=1500),
        "path": quoted(path),
        "policy": quoted(problem.policy_text, length=600) if problem.policy_text else "",
        "reports": [_report(report) for report in reports[:_SHOWN_REPORTS]],
        "source": source,
        "fix_id": fix_id,
    }
    return render_to_string("fixers/pull_request.md", context)


def _report(report: Report) -> dict[str, object]:
    return {
        "call": quoted(report.call.external_id, length=128),
        "summary": inert(report.summary, length=800),
        "evidence": [
            {
                "turn_index": item.get("turn_index"),
                # A value that nobody said has no words to quote.
                "quote": quoted(item["quote"]) if item["quote"] else "",
                "note": inert(item["note"]),
            }
            for item in report.evidence[:_SHOWN_EVIDENCE]
        ],
    }


def commit_message(title: str, rule: str) -> str:
    return f"{title}\n\n{rule}\n"
