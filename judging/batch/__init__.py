"""Judge files of cases and of whole calls, line by line: what the ``judge`` and ``replay`` commands do.

No Django and no database. A million lines need no more memory than ten: nothing is kept but counts. With several jobs
the lines are judged by worker processes and still written in input order: the same bytes for any number of jobs but
for the latencies.
"""

from __future__ import annotations

from judging.batch.counts import DEFAULT_SWEEP, Group, Summary
from judging.batch.files import FileUnusable
from judging.batch.options import Options, load_policies, parse_thresholds, parse_tiers
from judging.batch.run import judge_file, replay_file
from judging.batch.tables import console, groups_table, summary_table, sweep_table
from judging.batch.work import verdict_row

__all__ = [
    "DEFAULT_SWEEP",
    "FileUnusable",
    "Group",
    "Options",
    "Summary",
    "console",
    "groups_table",
    "judge_file",
    "load_policies",
    "parse_thresholds",
    "parse_tiers",
    "replay_file",
    "summary_table",
    "sweep_table",
    "verdict_row",
]
