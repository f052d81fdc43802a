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
    """``detail`` is for logs and for whoever configures the provider; it holds no secret and no caller's words.

    A reply that is of no use may have cost tokens. ``retry_after_s`` is how long the provider asked to be left alone.
    """

    def __init__(
        self,
        failure: Failure,
        detail: str = "",
        *,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        retry_after_s: float | None = None,
    ) -> None:
        self.failure = failure
        self.detail = detail
        self.prompt_tokens, self.completion_tokens = prompt_tokens, completion_tokens
        self.retry_after_s = retry_after_s
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
