"""The one way a model can fail.

ProviderFailed    carries the ``failure`` of a ``core.Answer``

It is caught where the answer is made (``judging.live``, ``judging.asking``); a live call never sees it.
"""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Why there is no answer. All mean the same to the judge; people and metrics want to know."""

    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"  # refused, broke off, answered with an error status
    GARBAGE = "garbage"  # answered, but not in the agreed form
    CIRCUIT_OPEN = "circuit_open"
    UNAVAILABLE = "unavailable"  # not configured, or no way to it
    BUDGET = "budget"


class ProviderFailed(Exception):
    """``detail`` is for logs and for whoever configures the provider; it holds no secret and no caller's words."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        self.failure = failure
        self.detail = detail
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
