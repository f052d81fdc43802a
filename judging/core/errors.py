"""What can be wrong with what the judge is given.

JudgingError
├── CaseInvalid      a record that is no case (missing or mistyped field)
├── CompiledInvalid  a compiled policy that is not of its form
├── DerivedInvalid   a model's list of derived policies that is not of its form
└── PromptInvalid    a judging prompt with an unknown or missing slot

A model that fails is no exception here: it is an ``Answer`` with a ``failure``.
"""

from __future__ import annotations


class JudgingError(Exception):
    """Base of the core's errors; knows no HTTP."""


class CaseInvalid(JudgingError):
    """A record does not have the form of a case. The message names the field and what was expected."""


class CompiledInvalid(JudgingError):
    """A compiled policy has another form. The message names the place and what is expected there."""


class DerivedInvalid(JudgingError):
    """A list of policies derived by a model has another form, or says what the prompt does not."""


class PromptInvalid(JudgingError):
    """A custom judging prompt has an unknown, missing or broken slot. The message names it."""
