"""Template tags of the console: icons, chips, times, numbers and small charts. All text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.models import Call
from fixers.models import Fix
from judging.reading_form import KINDS
from reports.models import Problem, Report

register = template.Library()

THEMES = ("light", "dark")
THEME_COOKIE = "mirror_theme"
NOTHING = "–"

# What a word means to the reader, so that the same word has the same colour on every page.
TONES: Mapping[str, str] = {
    **dict.fromkeys(("pass", "allow", "fixed", "merged", "grounded", "applied", "completed", "active"), "good"),
    **dict.fromkeys(("intervene", "block", "critical", "regressed", "failed", "never_said"), "bad"),
    **dict.fromkeys(("undecided", "confirm", "high", "superseded", "unconfirmed", "cut", "ramp"), "warn"),
    **dict.fromkeys(("live", "open", "opening", "approved", "proposed", "pending", "started", "corrected"), "info"),
}
WORDS: Mapping[str, str] = {"never_said": "never said", "intervene": "intervene"}

SECTIONS = (
    ("overview", "Overview"),
    ("live", "Live calls"),
    ("calls", "Calls"),
    ("problems", "Problems"),
    ("reports", "Reports"),
    ("fixes", "Fixes"),
    ("policies", "Policies"),
    ("setup", "Setup"),
)


@register.simple_tag(takes_context=True)
def theme(context: Mapping[str, Any]) -> str:
    """Return the reader's own choice, "" to follow the system."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def fixes_of(problem: Problem) -> list[Fix]:
    """Return a problem's fixes, the newest round first. Here and not in ``reports``, which knows nothing of fixes."""
    return list(Fix.objects.filter(problem=problem).order_by("-round"))


@register.simple_tag(takes_context=True)
def sections(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the console's sections with their addresses, the one the page belongs to marked."""
    path, home = context["request"].path, reverse("console-overview")
    places = [(name, label, reverse(f"console-{name}")) for name, label in SECTIONS]
    return [
        {"name": name, "label": label, "url": url, "is_current": path == url or (url != home and path.startswith(url))}
        for name, label, url in places
    ]


@register.simple_tag
def reports_of(call: Call) -> list[Report]:
    """Return the reports of an ended call. Here and not in ``calls``, which knows nothing of reports."""
    return list(Report.objects.filter(call=call).order_by("analysis_version")) if call.ended_at else []


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("mirror/icons.svg"),
        name,
    )


@register.simple_tag
def chip(word: str | None, label: str = "") -> SafeString:
    """Return a state as a coloured word. Never by colour alone: the word says it too."""
    if not word:
        return SafeString("")
    shown = label or WORDS.get(word, word.replace("_", " "))
    return format_html('<span class="chip chip-{}">{}</span>', TONES.get(word, "plain"), shown)


@register.simple_tag
def when(moment: datetime | None, style: str = "short") -> SafeString | str:
    """Return a time in the reader's zone, UTC in the title.

    Styles: ``short`` (the day only where it is not today) and ``full``.
    """
    if moment is None:
        return NOTHING
    local, today = timezone.localtime(moment), timezone.localtime()
    if style == "full":
        shown = f"{local:%-d %b %Y, %H:%M:%S}"
    elif local.date() == today.date():
        shown = f"{local:%H:%M:%S}"
    else:
        shown = f"{local:%-d %b, %H:%M}" if local.year == today.year else f"{local:%-d %b %Y}"
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', utc.isoformat(), f"{utc:%Y-%m-%d %H:%M:%S} UTC", shown
    )


@register.filter
def clock(ms: float | None) -> str:
    """Return ``1:05`` (``1:02:03`` from an hour on)."""
    if ms is None:
        return NOTHING
    minutes, seconds = divmod(int(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def milliseconds(value: float | None) -> str:
    """Return ``0.04 ms``, ``12 ms`` or ``1.3 s``."""
    if value is None:
        return NOTHING
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms"


@register.filter
def score(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


@register.filter
def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.0f} %"


@register.filter
def since_ms(call: Any) -> int:
    """Return how long a call has run or ran, in ms."""
    return int(((call.ended_at or timezone.now()) - call.started_at).total_seconds() * 1000)


@register.filter
def epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@register.filter
def spaced(word: str) -> str:
    """Return an identifier as words: ``stale_argument`` reads ``stale argument``."""
    return word.replace("_", " ")


@register.filter
def who(label: str) -> str:
    """Return an actor's label as it reads: ``user:ann@example.com`` is ``ann@example.com``."""
    kind, _, name = label.partition(":")
    return {"user": name, "key": f"API key {name}", "mirror": "Mirror"}.get(kind, label)


@register.filter
def kind(value: str) -> str:
    """Return a kind of clause as the console calls it."""
    return dict(KINDS).get(value, value)


@register.inclusion_tag("console/_score.html")
def score_bar(value: float | None, threshold: float = 0.7) -> dict[str, Any]:
    """Draw a score from 0 to 1. SVG attributes, because a style attribute is against the page's own policy."""
    bounded = min(max(value or 0.0, 0.0), 1.0)
    tone = "bad" if bounded >= threshold else "warn" if bounded >= threshold / 2 else "good"
    return {"value": value, "width": round(bounded * 48, 1), "tone": tone}


@register.inclusion_tag("console/_bars.html")
def bars(values: Sequence[Mapping[str, Any]], label: str, height: int = 40, step: int = 14) -> dict[str, Any]:
    """Draw ``[{"label": "21 Nov", "total": 4, "part": 1}, ...]`` as bars, ``part`` coloured inside of ``total``."""
    top = max([value["total"] for value in values] + [1])
    scale = (height - 2) / top
    drawn = [
        {
            **value,
            "x": place * step,
            "y": round(height - value["total"] * scale, 1),
            "h": round(value["total"] * scale, 1),
            "part_y": round(height - value.get("part", 0) * scale, 1),
            "part_h": round(value.get("part", 0) * scale, 1),
        }
        for place, value in enumerate(values)
    ]
    return {"bars": drawn, "width": len(values) * step, "height": height, "bar": step - 3, "label": label}
