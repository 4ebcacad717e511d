"""Makes the picture of `cleaner review`: the real screen on an invented article, as an SVG.

.venv/bin/python docs/make_review_picture.py
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from make_picture import ARTICLE

from cleaner.io.settings_file import load_settings
from cleaner.review.app import Review
from cleaner.review.desk import Desk, Wanted

SIZE = 112, 17
PICTURE = Path(__file__).parent / "images" / "review.svg"
OTHER = """\
Xe buýt điện: thêm hai tuyến, giá vé không đổi

Giá vé mỗi lượt thì là 7.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên.

Hai tuyến đầu tiên của thành phố đã chở hơn một triệu lượt khách trong năm ngoái.
"""


async def photographed(desk: Desk) -> str:
    """Return the second question of a review."""
    app = Review(desk)
    app.title = "cleaner review"
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a")
        while desk.state.answered == 0:
            await pilot.pause(0.05)
        await pilot.pause()
        return app.export_screenshot(title="cleaner review")


def main() -> None:
    """Clean two articles, open the review, save what it shows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "in/xe-buyt.txt").write_text(ARTICLE, encoding="utf-8")
        (folder / "in/xe-buyt-2.txt").write_text(OTHER, encoding="utf-8")
        (folder / "config.yaml").write_text("input: [in]\n")
        subprocess.run([sys.executable, "-m", "cleaner", "run"], cwd=folder, check=True)
        desk = Desk(Wanted(str(folder / "out")), load_settings(folder / "config.yaml"))
        picture = asyncio.run(photographed(desk))
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = re.sub(r"terminal-\d+-", "review-", picture)
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
