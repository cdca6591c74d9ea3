"""Tests of `forge.observe.license` against the labelled list, and against texts that are not free software."""

import gzip
import json
import re
from importlib.resources import files

import pytest
from labelled import PARTS, Labelled, labelled, labelled_repositories, score

from catalog.licenses import expressions as spdx
from forge.observe.license import is_free, read_license_file

FEWEST_FILES = 90
NOT_FREE = [
    *("SSPL-1.0", "BUSL-1.1", "Elastic-2.0", "PolyForm-Noncommercial-1.0.0", "PolyForm-Small-Business-1.0.0", "JSON"),
    *("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "CC-BY-ND-4.0", "CC-BY-NC-3.0", "CC-BY-NC-SA-2.0-FR"),
]


def answer(filename: str, content: bytes) -> str | None:
    return read_license_file(filename, content).license


def test_the_labelled_list_is_long_and_on_this_machine():
    rows = labelled()
    assert len(rows) >= FEWEST_FILES
    assert len({(row.origin, row.name, row.path) for row in rows}) == len(rows)
    present = score(lambda *_: None, rows)
    assert present.present >= FEWEST_FILES, f"{len(rows) - present.present} of the labelled files are not installed"


def test_answers_are_right_files_are_answered_and_nothing_is_called_free_that_is_not():
    result = score(answer)
    said = "\n".join(
        [
            result.told(),
            *(f"{row.origin} {row.name} {row.path}: {row.expression}, answered {given}" for row, given in result.wrong),
            *(f"{row.origin} {row.name} {row.path}: {row.expression}, not answered" for row in result.missed),
        ]
    )
    assert result.free_for_unfree == [], said
    assert result.right_share >= 0.98, said
    assert result.answered_share >= 0.93, said


@pytest.mark.parametrize("row", [row for row in labelled() if row.expression is None], ids=lambda row: row.name)
def test_what_states_no_license_of_the_list_is_not_named(row: Labelled):
    content = row.read()
    if content is not None:
        assert answer(row.filename, content) is None


def test_many_repositories_are_labelled_some_of_them_for_the_report_alone():
    rows = labelled_repositories()
    assert len({row.name.lower() for row in rows}) == len(rows) == 167
    assert [sum(row.part == part for row in rows) for part in PARTS] == [55, 85, 27]
    for row in rows:
        assert row.free in ("free", "part", "terms", "none") and row.reason and len(row.commit) == 40
        assert row.expression is not None or row.free in ("none", "terms")
        assert row.free != "free" or (row.expression and spdx.is_free(row.expression))


@pytest.mark.parametrize("license_id", NOT_FREE)
@pytest.mark.parametrize("path", ["LICENSE", "COPYING.md", "LICENSES/LicenseRef-own.txt"])
def test_whole_texts_that_are_not_free_are_never_called_free(license_id, path):
    text = a_text(license_id)
    assert spdx.is_free(license_id) is False
    assert is_free({path: text}) is not True
    assert is_free({path: text, "LICENSE.MIT": a_text("MIT")}) is not True
    named = read_license_file(path, text).license
    assert named is None or spdx.is_free(named) is False, named


def a_text(license_id: str) -> bytes:
    """A license's whole text, written out from the classifier's template of it."""
    packed = files("licenseclassifier").joinpath("_engine/licenses.json.gz").read_bytes()
    templates = [entry["lre"] for entry in json.loads(gzip.decompress(packed)) if entry["id"] == license_id]
    return written(max(templates, key=len)).encode()


def written(template: str) -> str:
    """One of the texts that a template matches: the first of each choice, and a word for each gap."""
    text = re.sub(r"//\*\*.*?\*\*//", " ", template, flags=re.DOTALL)
    text = re.sub(r"__\d+__", " any ", text)
    innermost = re.compile(r"\(\(((?:(?!\(\(|\)\)).)*)\)\)(?:\?\?)?", re.DOTALL)
    while innermost.search(text):
        text = innermost.sub(lambda match: match[1].split("||")[0], text)
    return text
