"""Makes the picture of the README: `cleaner diff` on an invented article, as an SVG.

.venv/bin/python docs/make_picture.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100
PICTURE = Path(__file__).parent / "images" / "diff.svg"
ARTICLE = """\
Thành phố mở thêm hai tuyến xe buýt điện từ ngày 5/6
Thành phố mở thêm hai tuyến xe buýt điện từ ngày 5/6

Từ ngày 5/6, hai tuyến xe buýt điện mới sẽ nối bến xe phía Đông với khu đại học, mỗi chuyến cách nhau 15 phút.

Hành khách lên chuyến xe buýt điện đầu tiên tại bến xe phía Đông sáng nay. Ảnh: Minh Hà

Giá vé mỗi lượt là 7.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên.

Giá vé mỗi lượt là 9.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên.

MÃ´ hÃ¬nh nÃ y sáº½ Ä‘Æ°á»£c nhÃ¢n rá»™ng ra cÃ¡c quáº­n náº¿u Ä‘Æ°á»£c bÃ  con á»§ng há»™.

Đọc thêm

Minh Hà - Quốc Bảo
"""


def main() -> None:
    """Clean the article, show the diff, save it."""
    cleaner = Path(sys.executable).with_name("cleaner")
    environment = {**os.environ, "COLUMNS": str(WIDTH)}
    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "in" / "xe-buyt.txt"
        article.parent.mkdir()
        article.write_text(ARTICLE, encoding="utf-8")
        subprocess.run([cleaner, "run", "in", "-o", "out"], cwd=folder, check=True)
        shown = subprocess.run(
            [cleaner, "diff", "out", "--color", "always", "--no-pager"],
            cwd=folder, env=environment, capture_output=True, check=True, encoding="utf-8",
        ).stdout  # fmt: skip
    console = Console(width=WIDTH, record=True, file=Path(os.devnull).open("w"))
    console.print(Text.from_ansi(shown.rstrip("\n")))
    picture = console.export_svg(title="cleaner diff", unique_id="cleaner")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
