"""Take the two screenshots of the README: the home page and a project's page of the catalogue that is shipped.

`make pictures` runs it, with what the tests need (playwright, Chromium). It serves `catalog.yaml` on a free port, from
a temporary data folder and without a worker, so that no picture depends on what this machine has mirrored.

Usage: PYTHONPATH=tests python tools/readme_pictures.py FOLDER
"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from support.browser import a_browser

ROOT = Path(__file__).resolve().parents[1]
# A project of which much is known: uses in public sources, somebody who hosts it, its cost.
PAGES = {"home.png": "/en/", "project.png": "/en/projects/foodcoopshop"}
WIDTH, HEIGHT = 1280, 800
COLORS = 256  # a palette: a quarter of the bytes, and nothing that one sees
MAX_BYTES = 150_000  # a README is read on slow lines too
START_SECONDS = 60
STOP_SECONDS = 20


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, _served(Path(data)) as base, a_browser() as browser:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page = context.new_page()
        for name, path in PAGES.items():
            answer = page.goto(f"{base}{path}", wait_until="networkidle")
            if answer is None or answer.status != 200:
                sys.exit(f"{path} answered {answer.status if answer else 'nothing'}: no picture was taken.")
            size = _write(page.screenshot(), target / name)
            print(f"{target / name}: {size:,} bytes")
        context.close()


@contextmanager
def _served(data: Path) -> Iterator[str]:
    """The address of `forge serve` over the shipped document, once it answers; no setting of this shell reaches it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = {"FORGE_CATALOG": str(ROOT / "catalog.yaml"), "FORGE_DATA": str(data), "PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")} | settings
    command = [sys.executable, "-m", "forge.cli", "serve", "--no-worker", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", base: str) -> None:
    """Until the catalogue is loaded and its search index is there, which the numbers on the home page come from."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=START_SECONDS):
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    sys.exit("forge serve did not become ready; what it said stands above.")


def _write(screenshot: bytes, file: Path) -> int:
    """Write a screenshot as a PNG with a palette; its size in bytes. Exits where that is too large for a README."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)
    size = file.stat().st_size
    if size > MAX_BYTES:
        sys.exit(f"{file} has {size:,} bytes; a picture of the README has at most {MAX_BYTES:,}.")
    return size


if __name__ == "__main__":
    main(Path(sys.argv[1]))
