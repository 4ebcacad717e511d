"""Charts: well-formed, complete, and the same each time."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"
MODULE = Path(__file__).parents[2] / "benchmarks/svg.py"


@pytest.fixture(scope="module")
def svg() -> ModuleType:
    spec = importlib.util.spec_from_file_location("svg", MODULE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["svg"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def texts(picture: str) -> list[str]:
    return [found.text or "" for found in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_a_line_chart_has_every_line_point_and_label(svg: ModuleType) -> None:
    lines = [
        svg.Line("ours", [(100, 2.0), (1000, 20.0), (10_000, 210.0)], values=True),
        svg.Line("a < b", [(100, 9.0), (1000, 95.0)], dashed=True),
    ]
    axes = svg.Axis("megabytes", log=True), svg.Axis("seconds", log=True)
    picture = svg.line_chart("Time", lines, *axes)
    tree = ElementTree.fromstring(picture)
    points = [line.get("points", "").split() for line in tree.iter(f"{SVG}polyline")]
    assert [len(found) for found in points] == [3, 2]
    across = [float(point.split(",")[0]) for point in points[0]]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    assert {"Time", "megabytes", "seconds", "ours", "a < b", "1,000", "210"} <= set(texts(picture))
    assert picture == svg.line_chart("Time", lines, *axes)


def test_ticks_are_round_and_inside(svg: ModuleType) -> None:
    picture = svg.line_chart("x", [svg.Line("y", [(80, 61.5), (98, 99.2)])], svg.Axis("a"), svg.Axis("b"))
    assert {"80", "85", "90", "95", "60", "100"} <= set(texts(picture))


def test_one_value_is_no_division_by_zero(svg: ModuleType) -> None:
    for log in (False, True):
        axis = svg.Axis("a", log=log)
        ElementTree.fromstring(svg.line_chart("x", [svg.Line("y", [(5, 7)])], axis, axis))


def test_bars_are_as_long_as_their_values(svg: ModuleType) -> None:
    bars = [svg.Bars("one", [8.0, 2.0, None])]
    picture = svg.bar_chart("Speed", ["a", "b", "c"], bars, unit="MB/s", missing="no memory")
    widths = [float(bar.get("width", "")) for bar in ElementTree.fromstring(picture).iter(f"{SVG}rect")]
    assert widths[0] == pytest.approx(4 * widths[1], abs=0.2)
    assert {"8 MB/s", "2 MB/s", "no memory"} <= set(texts(picture))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (98.04, "98"), (1234.5, "1,234"), (20000.0, "20,000"), (3e6, "3M")],
)
def test_numbers_are_short(svg: ModuleType, value: float, text: str) -> None:
    assert svg.shown(value) == text
