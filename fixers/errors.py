"""Errors of fixes.

FixError
├── PromptNotLocated     the file does not hold the prompt the way the repository's ``embedding`` says
├── PatchConflict        the rule cannot be put in without changing anything else
├── PlanEmpty            no rule can be worded for the problem
└── HostError            the code host
    ├── HostUnavailable      try again later: the host did not answer, or answered with a passing fault
    ├── HostRefused          the host will not: credentials, rights, an address that is not allowed
    ├── FileMissing          the base branch or the file is not there
    ├── FileRefused          a link, a folder, too large, or not text
    └── BranchTaken          the branch came into being meanwhile; nothing was written

``str(error)`` is written for the person who looks at the failed fix.
"""

from __future__ import annotations


class FixError(Exception):
    """Base of what can go wrong with a fix. ``is_retryable``: the same step may succeed later."""

    is_retryable = False


class PromptNotLocated(FixError):
    pass


class PatchConflict(FixError):
    pass


class PlanEmpty(FixError):
    pass


class HostError(FixError):
    pass


class HostUnavailable(HostError):
    is_retryable = True


class HostRefused(HostError):
    pass


class FileMissing(HostError):
    pass


class FileRefused(HostError):
    pass


class BranchTaken(HostError):
    pass
