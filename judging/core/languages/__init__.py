"""The languages of calls: what the checks and the corrections must know of each, one module per language.

English is always there; the others are loaded when a call is first heard in them.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from judging.core.languages.base import Language
from judging.core.languages.detect import UNHEARD, Heard, heard_after
from judging.core.languages.en import ENGLISH

CODES = ("en", "de", "es", "fr", "hi", "pt")


@lru_cache(maxsize=64)
def language_of(code: str) -> Language:
    """Return the language of a BCP 47 tag (``de-AT`` -> German); English for one that is not known."""
    base = code.replace("_", "-").split("-")[0].lower()
    if base == "en" or base not in CODES:
        return ENGLISH
    # Loaded here on purpose: most processes never meet most languages.
    found: Language = import_module(f"judging.core.languages.{base}").LANGUAGE
    return found


def heard_from(tag: str) -> Heard:
    """Return the start of a call whose language is set by a BCP 47 tag; "" leaves it to be heard."""
    return Heard(language_of(tag).code, is_fixed=True) if tag else UNHEARD


__all__ = ["CODES", "ENGLISH", "UNHEARD", "Heard", "Language", "heard_after", "heard_from", "language_of"]
