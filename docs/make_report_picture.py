"""Makes the picture of `cleaner report` in the README: the page of the sample articles, in Chromium.

.venv/bin/python docs/make_report_picture.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1100, 1280
PICTURE = Path(__file__).parent / "images" / "report.png"
SEEDS = Path(__file__).parents[1] / "seeds"


def main() -> None:
    """Clean the articles, draw the page, take its picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed")
    cleaner = Path(sys.executable).with_name("cleaner")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([cleaner, "run", SEEDS, "-o", "seeds"], cwd=folder, check=True)
        subprocess.run([cleaner, "report", "seeds", "-o", "page.html"], cwd=folder, check=True)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        options = ["--headless=new", "--hide-scrollbars", "--force-color-profile=srgb", *sandbox]
        where = [
            f"--user-data-dir={folder}/profile",
            f"--screenshot={PICTURE}",
            f"--window-size={WIDTH},{HEIGHT}",
        ]
        page = Path(folder, "page.html").as_uri()
        subprocess.run([chromium, *options, *where, page], check=True, capture_output=True)


if __name__ == "__main__":
    main()
