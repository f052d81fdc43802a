"""What the demo prints when the calls are over: reports, the fix of each problem, and where to look further."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from mirror_saas.demo.repository import branch_diff, fix_branches

if TYPE_CHECKING:
    from mirror_saas.demo.product import ReportSeen


def print_reports(console: Console, reports: Sequence[ReportSeen], repository: Path) -> None:
    """Print a line per report, then the diff of each branch that fixes one of their problems."""
    table = Table(title=f"{len(reports)} failure reports", title_justify="left")
    for heading in ("severity", "pattern", "summary", "fix branch"):
        table.add_column(heading, overflow="fold")
    for report in reports:
        table.add_row(report.severity, report.pattern, report.summary, report.fix_branch or report.fix_status or "-")
    console.print(table)
    wanted = {report.fix_branch for report in reports}
    for branch in fix_branches(repository):
        if branch in wanted:
            diff = Syntax(branch_diff(repository, branch), "diff", background_color="default", word_wrap=True)
            console.print(Panel(diff, title=branch, title_align="left"))


def print_end(console: Console, url: str, email: str, password: str, missing: Sequence[str]) -> None:
    console.print(f"\nConsole   {url}/\nSign in   {email}  /  {password}", soft_wrap=True)
    if missing:
        console.print(f"\n{len(missing)} things are missing:", style="bold red")
        for sentence in missing:
            console.print(f"  - {sentence}", soft_wrap=True, markup=False)
    else:
        console.print("\nEverything that had to happen has happened.", style="bold green")
