"""Line charts and bar charts as SVG, written by hand: for the pictures of the documentation.

The ground is transparent, and text, grid and colours are middle tones, so that a picture reads on light pages
and on dark ones. The same values give the same bytes.

    axis = Axis("megabytes", log=True)
    picture = line_chart("Time by size", [Line("cleaner", [(1, 0.2), (10, 1.4)])], axis, Axis("seconds"))
    picture = bar_chart("Speed", ["cleaner", "other"], [Bars("MB/s", [8.1, None])])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH = 760
_COLOURS = ("#4c8dd6", "#dd8433", "#3fa56b", "#9a6dd7", "#d65a5a", "#2aa5a0", "#b58a2c", "#8b949e")
_TEXT, _GRID = "#7a828b", "#8b949e"
_FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
_CHARACTER = 6.6  # width of a character of 12 px, for what must not run into each other
_LEFT, _RIGHT, _BELOW = 68, 24, 52


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: what it counts, and from where to where (None: what the values need)."""

    label: str
    log: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points (x, y), in order; `values` writes each y beside its point. Lines of the same
    `colour` (0, 1, …) belong together; without one each has its own.
    """

    name: str
    points: Sequence[tuple[float, float]]
    values: bool = False
    dashed: bool = False
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar for each category; None where there is none (`missing` stands in its place)."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Values from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = log10(low), log10(high), log10(value)
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return the values that get a line and a number."""
        if not self.log:
            step = _step(self.high - self.low)
            first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
            return [number * step for number in range(first, last + 1)]
        decades = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        digits = (1, 2, 5) if len(decades) <= 4 else (1,)
        found = (digit * 10.0**decade for decade in decades for digit in digits)
        return [value for value in found if self.low * 0.999 <= value <= self.high * 1.001]


def line_chart(title: str, lines: Sequence[Line], x: Axis, y: Axis, *, height: int = 400) -> str:
    """Return the lines in one picture, with a legend if there are several."""
    colours = [
        _COLOURS[(at if line.colour is None else line.colour) % len(_COLOURS)]
        for at, line in enumerate(lines)
    ]
    legend, top = _legend([(line.name, line.dashed) for line in lines], colours)
    xs, ys = zip(*chain.from_iterable(line.points for line in lines), strict=True)
    across = _scale(x, xs, _LEFT, WIDTH - _RIGHT)
    up = _scale(y, ys, height - _BELOW, top)
    parts = [*legend, *_grid(across, up, x.label, y.label)]
    for line, colour in zip(lines, colours, strict=True):
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in line.points)
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        shape = f'fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"{dash}'
        parts.append(f'<polyline points="{path}" {shape}/>')
        for a, b in line.points:
            parts.append(f'<circle cx="{across(a):.1f}" cy="{up(b):.1f}" r="3.2" fill="{colour}"/>')
            if line.values:
                parts.append(_text(across(a), up(b) - 8, shown(b), anchor="middle", colour=colour, size=11))
    return _picture(title, parts, height)


def bar_chart(
    title: str, categories: Sequence[str], bars: Sequence[Bars], *, unit: str = "", missing: str = "–"
) -> str:
    """Return lying bars from zero, grouped by category, each with its value behind it."""
    legend, top = _legend([(one.name, False) for one in bars], _COLOURS)
    thick = 18 if len(bars) == 1 else 13
    group = thick * len(bars) + 12
    height = top + group * len(categories) + 20
    left = 20 + max(len(category) for category in categories) * _CHARACTER
    most = max(value for one in bars for value in one.values if value is not None)
    room = (len(shown(most)) + len(unit) + 2) * _CHARACTER
    across = _Scale(0, most or 1, left, WIDTH - _RIGHT - room, log=False)
    parts = list(legend)
    for place, category in enumerate(categories):
        base = top + place * group
        parts.append(_text(left - 8, base + (group - 12) / 2 + 4, category, anchor="end"))
        for number, one in enumerate(bars):
            value, colour = one.values[place], _COLOURS[number % len(_COLOURS)]
            at, wide = base + number * thick, across(value or 0) - left
            size = f'width="{max(wide, 1):.1f}" height="{thick - 2}"'
            if value is not None:
                parts.append(f'<rect x="{left:.1f}" y="{at:.1f}" {size} rx="2" fill="{colour}"/>')
            told = missing if value is None else f"{shown(value)} {unit}".rstrip()
            parts.append(_text(left + wide + 6, at + thick / 2 + 3, told, size=11))
    return _picture(title, parts, height)


def shown(value: float) -> str:
    """Return a number as a person writes it, with three digits that count.

    >>> [shown(value) for value in (0.25, 98.04, 1234.5, 20000.0, 3e6, 0.0)]
    ['0.25', '98', '1,234', '20,000', '3M', '0']
    """
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g}M"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _step(span: float) -> float:
    """Return a round step that cuts a span into four to nine parts."""
    power = 10.0 ** floor(log10(span / 5))
    return next(power * digit for digit in (1, 2, 5, 10) if span / (power * digit) <= 9)


def _scale(axis: Axis, values: Sequence[float], start: float, end: float) -> _Scale:
    low = min(values) if axis.low is None else axis.low
    high = max(values) if axis.high is None else axis.high
    if axis.log:
        return _Scale(low, high if high > low else low * 10, start, end, log=True)
    step = _step(high - low or abs(high) or 1)
    low = floor(low / step) * step if axis.low is None else low
    high = ceil(high / step) * step if axis.high is None else high
    return _Scale(low, high if high > low else low + 1, start, end, log=False)


def _grid(across: _Scale, up: _Scale, x_label: str, y_label: str) -> Iterator[str]:
    for value in up.ticks():
        yield _rule(across.start, up(value), across.end, up(value))
        yield _text(across.start - 8, up(value) + 4, shown(value), anchor="end")
    for value in across.ticks():
        yield _rule(across(value), up.start, across(value), up.start + 5)
        yield _text(across(value), up.start + 19, shown(value), anchor="middle")
    yield _rule(across.start, up.start, across.end, up.start, opacity=0.9)
    yield _text((across.start + across.end) / 2, up.start + 40, x_label, anchor="middle")
    middle = (up.start + up.end) / 2
    turned = f' transform="rotate(-90 16 {middle:.1f})"'
    yield _text(16, middle, y_label, anchor="middle", more=turned)


def _legend(names: Sequence[tuple[str, bool]], colours: Sequence[str]) -> tuple[list[str], int]:
    """Return the legend, in rows, and where the picture begins below it."""
    if len(names) < 2:
        return [], 56
    parts, at, row = [], float(_LEFT), 52
    for number, (name, dashed) in enumerate(names):
        wide = 26 + len(name) * _CHARACTER + 18
        if at > _LEFT and at + wide > WIDTH - _RIGHT:
            at, row = float(_LEFT), row + 20
        colour, dash = colours[number % len(colours)], ' stroke-dasharray="6 4"' if dashed else ""
        stroke = f'stroke="{colour}" stroke-width="4"{dash}'
        parts.append(f'<line x1="{at:.1f}" y1="{row - 4}" x2="{at + 18:.1f}" y2="{row - 4}" {stroke}/>')
        parts.append(_text(at + 24, row, name))
        at += wide
    return parts, row + 24


def _rule(x1: float, y1: float, x2: float, y2: float, *, opacity: float = 0.28) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{_GRID}" stroke-opacity="{opacity}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = _TEXT,
    size: int = 12,
    more: str = "",
) -> str:
    how = f'text-anchor="{anchor}" fill="{colour}" font-size="{size}"{more}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(text)}</text>'


def _picture(title: str, parts: Sequence[str], height: int) -> str:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{_FONT}">'
    name = f'<text x="20" y="26" fill="{_TEXT}" font-size="15" font-weight="600">{escape(title)}</text>'
    return "\n".join([head, f"<title>{escape(title)}</title>", name, *parts, "</svg>\n"])
