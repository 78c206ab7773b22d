"""Takes the pictures of the README from a running portal.

    make run                                         # in another terminal, with the demonstration
    .venv/bin/python -m tests.screenshots            # writes docs/screenshots/*.webp

An address other than http://127.0.0.1:8000 is the first argument. Needs Chromium (`CHROMIUM` names
it) and the packages of requirements-dev; wait until the worker has made the pictures' sizes.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
QUALITY = 82
#: Width and height of the window, and the width of the picture kept (pixels).
DESK = (1440, 1000, 1080)
PHONE = (390, 844, 390)

GALILEE = "partnerships/western-galilee-central-area-consortium/"
CAMP = "partnerships/beit-shean-valley-of-springs-cleveland/practice-kefiada-two-weeks/"


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the address, the window, and the element it begins with."""

    name: str
    path: str
    window: tuple[int, int, int]
    at: str = ""


SHOTS = (
    Shot("front-en-desk", "en/", DESK),
    Shot("partnership-he-desk", f"he/{GALILEE}", DESK),
    Shot("program-en-desk", f"en/{GALILEE}teen-exchange/", DESK, "#take-part"),
    Shot("practice-en-desk", f"en/{CAMP}", DESK),
    Shot("front-he-phone", "he/", PHONE),
    Shot("directory-en-phone", "en/partnerships/", PHONE, ".listing__state"),
    Shot("practice-he-phone", f"he/{CAMP}", PHONE, "#how"),
    Shot("programs-he-phone", "he/programs/", PHONE, ".listing__state"),
)


def main(base: str) -> None:
    """Take every picture of `SHOTS` from the portal at `base`; end on an address without a page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for shot in SHOTS:
            width, height, kept = shot.window
            page = browser.new_page(
                viewport={"width": width, "height": height}, reduced_motion="reduce"
            )
            response = page.goto(f"{base.rstrip('/')}/{shot.path}")
            if response is None or not response.ok:
                sys.exit(f"{shot.path}: no page is there")
            if shot.at:
                page.locator(shot.at).first.evaluate("one => one.scrollIntoView()")
            page.wait_for_load_state("networkidle")
            picture = Image.open(io.BytesIO(page.screenshot()))
            page.close()
            picture = picture.convert("RGB").resize(
                (kept, round(height * kept / width)), Image.Resampling.LANCZOS
            )
            target = FOLDER / f"{shot.name}.webp"
            picture.save(target, "WEBP", quality=QUALITY, method=6)
            print(f"{target.name}: {target.stat().st_size // 1024} kB")  # noqa: T201
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
