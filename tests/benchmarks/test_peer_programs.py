"""What the programs around libraries share loses nothing but what they say."""

from __future__ import annotations

import json
from pathlib import Path

import paragraphs
import pytest

LONG = "Công an quận xác nhận trên địa bàn có xảy ra vụ việc."
OTHER = "Giá vàng sáng nay tăng lên 70,5 triệu đồng một lượng."


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("A b c d e", ["a b c d e"]),
        ("a b c d  e f", ["a b c d e", "b c d e f"]),
        ("a b c", ["a b c"]),
        ("", [""]),
    ],
)
def test_shingles_are_five_words(paragraph: str, expected: list[str]) -> None:
    assert paragraphs.shingles(paragraph) == expected


def test_only_compared_paragraphs_go(tmp_path: Path) -> None:
    given, made = str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")
    texts = [f"Ngắn\n\n{LONG}\n{OTHER}\nNgắn", f"{LONG}\nNgắn"]
    rows = [json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts)]
    Path(given).write_text("".join(rows), encoding="utf-8")
    records, compared = paragraphs.read(given)
    assert compared == [LONG, OTHER, LONG]
    paragraphs.write(made, records, [True, True, False])
    after = [json.loads(line) for line in Path(made).read_text(encoding="utf-8").splitlines()]
    assert after == [{"id": 0, "text": texts[0]}, {"id": 1, "text": "Ngắn"}]
