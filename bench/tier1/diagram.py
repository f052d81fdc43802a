"""A reliability diagram as SVG: how often the model is right against how sure it says it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP, SIDE, COUNTS = 460, 520, 60, 36, 360, 60
BELOW = TOP + SIDE + 22  # where the counts begin


@dataclass(frozen=True)
class Tenth:
    """The answers whose score lies in one tenth: how many, their mean score, and the share that is true."""

    count: int
    said: float
    true: float


def tenths(rows: Sequence[tuple[float, bool]]) -> list[Tenth]:
    """``rows`` are scores 0..1 with the truth; empty tenths are left out."""
    cells: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for value, is_true in rows:
        cells[min(9, int(value * 10))].append((value, is_true))
    return [
        Tenth(len(cell), sum(value for value, _ in cell) / len(cell), sum(is_true for _, is_true in cell) / len(cell))
        for cell in cells
        if cell
    ]


def svg(found: Sequence[Tenth], title: str) -> str:
    """Points on the diagonal are honest; above it the model is too careful, below too sure. Bars: how many answers."""
    points = [(LEFT + one.said * SIDE, TOP + (1 - one.true) * SIDE) for one in found]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
        *grid(),
        f'<path d="M{LEFT} {TOP + SIDE}L{LEFT + SIDE} {TOP}" stroke="#999" stroke-dasharray="4 4" fill="none"/>',
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" stroke="#1f5fa8" stroke-width="2" fill="none"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f5fa8"/>' for x, y in points),
        *bars(found),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def grid() -> list[str]:
    """Axes with a line for every fifth."""
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#333"/>']
    for step in range(6):
        at, label = step / 5, f"{step / 5:.1f}"
        x, y = LEFT + at * SIDE, TOP + (1 - at) * SIDE
        parts += [
            f'<path d="M{LEFT} {y:.1f}h{SIDE}M{x:.1f} {TOP}v{SIDE}" stroke="#ddd" fill="none"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>',
            f'<text x="{x:.1f}" y="{TOP + SIDE + 16}" text-anchor="middle">{label}</text>',
        ]
    middle = TOP + SIDE / 2
    return [
        *parts,
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">share that is true</text>',
        f'<text x="{LEFT + SIDE / 2}" y="{HEIGHT - 6}" text-anchor="middle">score; bars: answers with it</text>',
    ]


def bars(found: Sequence[Tenth]) -> list[str]:
    """How many answers each tenth has, below the axis."""
    most = max((one.count for one in found), default=1)
    parts = []
    for one in found:
        cell = min(9, int(one.said * 10))
        height = max(1.0, COUNTS * (one.count / most) ** 0.5)  # the root: else the first tenth hides the others
        x = LEFT + cell * SIDE / 10 + 3
        parts.append(
            f'<rect x="{x:.1f}" y="{BELOW}" width="{SIDE / 10 - 6:.1f}" height="{height:.1f}" fill="#a9c3e0"/>'
        )
        parts.append(f'<text x="{x + 15:.1f}" y="{BELOW + COUNTS / 4:.1f}" font-size="9" text-anchor="middle">{one.count}</text>')  # fmt: skip
    return parts
