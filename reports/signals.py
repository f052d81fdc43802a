"""What upper apps may listen to. A receiver only enqueues a task in ``transaction.on_commit``."""

from django.dispatch import Signal

# Sent with ``tenant_id``, ``report_id``, ``problem_id`` (UUIDs) and ``is_shadow`` inside the transaction that wrote
# the report.
report_written = Signal()
