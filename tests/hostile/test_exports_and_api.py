"""What an attack on what came for strangers found once: files of others, exports, programs. Each test keeps one hole
closed."""

import base64
import json

import pytest
from support.factories.spreadsheets import an_ods, an_xlsx, ods_row, xlsx_row
from support.world import a_client, a_site, fill

from forge.imports import sheet

pytestmark = pytest.mark.sqlite_first

HEADS = ("name", "summary")


def test_a_number_of_thousands_of_digits_in_a_sheet_is_none_regression(tmp_path):
    nines = "9" * 5_000
    row = xlsx_row(2, "Galette", "Keeps members").replace('<row r="2"', f'<row r="{nines}"')
    found = sheet.read_sheet(an_xlsx(tmp_path / "rows.xlsx", xlsx_row(1, *HEADS) + row)).found
    assert [(project.record["name"], project.line) for project in found] == [("Galette", 2)]
    row = f'<row r="2"><c r="A2" t="s"><v>{nines}</v></c></row>'
    read = sheet.read_sheet(an_xlsx(tmp_path / "texts.xlsx", xlsx_row(1, *HEADS) + row))
    assert not read.found and not read.complete and "save it as CSV" in read.problems[0].sentence


def test_a_sheet_whose_packing_is_damaged_is_told_of_regression(tmp_path):
    file = an_xlsx(tmp_path / "damaged.xlsx", xlsx_row(1, *HEADS) + "<row/>" * 1_000)
    data = bytearray(file.read_bytes())
    begins = data.index(b"sheet1.xml") + len(b"sheet1.xml")
    data[begins : begins + 20] = b"\xff" * 20
    file.write_bytes(data)
    (problem,) = sheet.read_sheet(file).problems
    assert "save it as CSV" in problem.sentence


def test_rows_that_a_small_file_repeats_by_the_million_are_not_made_regression(tmp_path):
    rows = ods_row("a", "b", more='table:number-rows-repeated="9999999"') * 1_000
    read = sheet.read_sheet(an_ods(tmp_path / "bomb.ods", ods_row(*HEADS) + rows))
    assert not read.complete and len(read.found) <= sheet.MAX_ROWS


def test_a_cell_in_the_last_corner_of_a_sheet_asks_for_no_more_memory_than_there_is(tmp_path):
    corner = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    read = sheet.read_sheet(an_xlsx(tmp_path / "corner.xlsx", xlsx_row(1, *HEADS) + corner))
    assert not read.found and "too large" in read.problems[0].sentence


def test_columns_beyond_the_bound_are_left_out(tmp_path):
    cells = '<table:table-cell table:number-columns-repeated="16000" office:value-type="string"><text:p>a</text:p>'
    row = f"<table:table-row>{cells}</table:table-cell></table:table-row>"
    (project,) = sheet.read_sheet(an_ods(tmp_path / "wide.ods", ods_row(*HEADS) + row)).found
    assert project.record["name"] == "a"


ASKED = (
    *("/api/v1/organizations?q=a%00b", "/api/v1/organizations?kind=%00", "/api/v1/adoptions?kind=%00"),
    *("/api/v1/adoptions?stage=%00", "/v1/software?url=%00"),
    *("/en/projects?q=%00", "/en/organizations?q=%00&kind=%00", "/feeds/projects.atom?q=%00&domain=%00"),
)


@pytest.fixture
def site(store, tmp_path):
    fill(store)
    with a_site(store, tmp_path / "data") as app:
        yield app


def test_a_null_in_a_question_is_no_error_on_either_database_regression(site):
    client = a_client(site)
    told = {path: client.get(path).status_code for path in ASKED}
    assert {path for path, status in told.items() if status not in (200, 404, 422)} == set()


@pytest.mark.parametrize(
    ("at", "status"),
    [
        *(("1970-01-01T00:00:00+00:00", 200), ("9998-12-31T00:00:00-14:00", 200)),
        *(("0001-01-01T00:00:00+14:00", 404), ("9999-12-31T23:59:59-14:00", 404), ("2026-01-01T00:00:00", 404)),
    ],
)
def test_a_cursor_at_the_ends_of_time_is_a_place_in_the_list_or_refused_regression(site, at, status):
    cursor = base64.urlsafe_b64encode(json.dumps([at, "x"]).encode()).decode().rstrip("=")
    answer = a_client(site).get("/api/v1/calls", params={"cursor": cursor})
    assert answer.status_code == status and (status == 404 or answer.json()["next"] is None)
