"""Steps of a fix that go on in a task. A receiver only enqueues it in ``transaction.on_commit``."""

from django.dispatch import Signal

# Sent with ``tenant_id`` and ``problem_id`` (UUIDs) where a fix should be proposed again.
fix_wanted = Signal()

# Sent with ``tenant_id`` and ``fix_id`` (UUIDs) inside the transaction that approved the fix.
fix_approved = Signal()
