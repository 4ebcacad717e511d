"""A small output to review, and what opens it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner.io.settings_file import load_settings
from cleaner.review.desk import Desk, Wanted

FARE = "Giá vé mỗi lượt là 7.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên."
ARTICLE = f"""\
Thành phố mở thêm hai tuyến xe buýt điện từ ngày 5/6
Thành phố mở thêm hai tuyến xe buýt điện từ ngày 5/6
Hành khách lên chuyến xe buýt điện đầu tiên tại bến xe phía Đông sáng nay. Ảnh: Minh Hà
{FARE}
{FARE.replace("7.000", "9.000")}
Mô hình này sẽ được nhân rộng ra các quận nếu được bà con ủng hộ.
Đọc thêm
Minh Hà - Quốc Bảo
"""
FILES = {
    "vne/a.txt": ARTICLE,
    "vne/b.txt": f"Bài khác\n{FARE.replace('được', 'thì được')}\nHết bài, cảm ơn bạn đọc.\nĐọc thêm\nChào.\n",
    "n.jsonl": json.dumps({"text": "Một \x1b[2J\u202ecâu của bài.\nĐọc thêm\nCòn một câu nữa."}) + "\n",
}


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs, and what one run made of them in out/. Nothing there is to be changed."""
    folder = tmp_path_factory.mktemp("review")
    for name, text in FILES.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_text(text, encoding="utf-8")
    (folder / "config.yaml").write_text("input: [in]\nworkers: 1\n")
    subprocess.run([sys.executable, "-m", "cleaner", "run", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture
def folder(reviewed: Path, tmp_path: Path) -> Path:
    """A folder of one's own, with the same inputs and outputs."""
    for name in ("in", "out"):
        (tmp_path / name).symlink_to(reviewed / name)
    (tmp_path / "config.yaml").write_text("input: [in]\nworkers: 1\n")
    return tmp_path


@pytest.fixture
def desk(folder: Path) -> Callable[..., Desk]:
    """Return what opens a review of the output."""
    return lambda *names, filter="": Desk(
        Wanted(str(folder / "out"), names, filter), load_settings(folder / "config.yaml")
    )


@pytest.fixture
def decided(folder: Path) -> Callable[[], list[tuple[str, str, str]]]:
    """Return what reads the file of decisions: kind, rule, text."""

    def decided() -> list[tuple[str, str, str]]:
        place = folder / "decisions.jsonl"
        lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
        return [(each["kind"], each.get("rule", ""), each["text"]) for each in map(json.loads, lines)]

    return decided
