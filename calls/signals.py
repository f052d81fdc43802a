"""What upper apps may listen to. A receiver only enqueues a task in ``transaction.on_commit``."""

from django.dispatch import Signal

# Sent with ``tenant_id`` and ``call_id`` (UUIDs) inside the transaction that ended the call.
call_ended = Signal()

# Sent with ``tenant_id``, ``event`` (a ``StreamEvent``) and ``carrier_call_id`` ("" where not told) inside the
# transaction that kept the event: a stream was dropped, or the carrier could not deliver its audio in time.
stream_degraded = Signal()
