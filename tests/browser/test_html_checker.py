"""Every page, the style sheet and the pictures before the Nu HTML checker (https://validator.github.io/validator/).

It needs Java and a file that `make test-all` brings; without them this is skipped by name, and `test_every_page` reads
the structure of the same pages by itself.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.every_page import every_page
from support.paths import ROOT

CHECKER = Path(sys.executable).parent.parent / "vnu.jar"
LANGUAGES = ("fr", "en", "es", "pt", "ar")
# What its CSS part does not know yet (https://www.w3.org/TR/css-contain-3/); what stands within is still checked.
UNKNOWN = re.compile(r"@container [a-z]*\s*\([^)]*\)|container(-type)?: ([a-z]+ / )?inline-size;?")
STATIC = ROOT / "forge" / "web" / "static"


def _errors(*paths: Path) -> list[str]:
    """What it calls an error; its hints are for people."""
    command = ["java", "-Xmx512m", "-jar", CHECKER, "--format", "json", "--errors-only", "--also-check-css"]
    done = subprocess.run(
        [*command, "--also-check-svg", "--exit-zero-always", *paths], capture_output=True, text=True, timeout=600
    )
    told = json.loads(done.stderr)["messages"]
    lines = [
        f"{Path(record['url']).name}:{record.get('lastLine')}: {record['message']} {record.get('extract', '')}"
        for record in told
    ]
    return sorted(set(lines))


@pytest.fixture
def checker():
    if shutil.which("java") is None or not CHECKER.is_file():
        pytest.skip("the Nu HTML checker is not here: `make test-all` brings it where npm and Java are")


@pytest.mark.full
def test_the_checker_finds_no_error_in_any_page_in_any_language(checker, sqlite_template, tmp_path):
    (pages := tmp_path / "pages").mkdir()
    for tag in LANGUAGES:
        (folder := tmp_path / tag).mkdir()
        with every_page(sqlite_template, folder, tag, LANGUAGES) as drawn:
            for number, page in enumerate(drawn.every()):
                (pages / f"{page.template.replace('/', '-')[:-5]}-{number}-{tag}.html").write_text(page.html)
    assert min(len(list(pages.glob(f"*-{tag}.html"))) for tag in LANGUAGES) > 150
    assert _errors(pages) == []


@pytest.mark.full
def test_the_checker_finds_no_error_in_style_sheet_and_pictures(checker, tmp_path):
    (known := tmp_path / "static").mkdir()
    for path in STATIC.iterdir():
        (known / path.name).write_bytes(path.read_bytes())
    style = known / "style.css"
    style.write_text(UNKNOWN.sub(lambda found: "@media all" if found[0].startswith("@") else "", style.read_text()))
    assert _errors(*sorted(known.iterdir())) == []
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!doctype html><html lang=en><title>x</title><p><table></p>")
    assert _errors(wrong) != []
