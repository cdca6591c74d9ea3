"""What an attack on what came for strangers found once: files of others, exports, programs. Each test keeps one hole
closed."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from contextlib import closing

import pytest
from support.factories.core import NOW, identity, later
from support.factories.spreadsheets import an_ods, an_xlsx, ods_row, xlsx_row
from support.world import a_client, a_site, fill

from catalog.store.store import Store
from forge.backup import archive as archives
from forge.backup.archive import InvalidArchive
from forge.export import public_dump
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


def a_whole(store, folder, change):
    """The archive of all public data of `store`, changed: `change` gets the tables of its card and their lines by name
    and may change both."""
    file = folder / "whole.tar.gz"
    public_dump.write_dump(store, file, address="https://catalog.example.org", now=NOW)
    with tarfile.open(file) as archive:
        members = {tar_info.name: archive.extractfile(tar_info).read() for tar_info in archive if tar_info.isfile()}
    card = json.loads(members[public_dump.CARD])
    lines = {
        table["name"]: gzip.decompress(members[f"tables/{table['name']}.jsonl.gz"]).decode().splitlines()
        for table in card["tables"]
    }
    change(card["tables"], lines)
    for table in card["tables"]:
        text = "".join(f"{line}\n" for line in lines[table["name"]]).encode()
        table |= {"rows": len(lines[table["name"]]), "sha256": hashlib.sha256(text).hexdigest()}
        members[f"tables/{table['name']}.jsonl.gz"] = gzip.compress(text)
    members[public_dump.CARD] = json.dumps(card).encode()
    with tarfile.open(file, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file


def an_administrator(tables, lines):
    columns = {"id": "uuid", "email": "text", "language": "text", "role": "text", "created_at": "instant",
               "signed_in_at": "instant"}  # fmt: skip
    tables.append({"name": "person", "columns": columns})
    at = NOW.isoformat()
    lines["person"] = [json.dumps([str(identity("m")), "mallory@evil.example", "en", "administrator", at, at])]


def somebodys_key(tables, lines):
    lines["meta"].append(json.dumps(["exchange-moved", json.dumps({"address": "https://evil.example"})]))


def a_visit_of_theirs(tables, lines):
    mirror = next(table for table in tables if table["name"] == "mirror")
    mirror["columns"]["etag"] = "text"
    lines["mirror"] = [json.dumps([*json.loads(line), "theirs"]) for line in lines["mirror"]]


@pytest.mark.parametrize("change", [an_administrator, somebodys_key, a_visit_of_theirs])
def test_a_whole_of_others_brings_no_people_no_keys_and_no_column_that_none_has_regression(
    sqlite_store, sqlite_template, tmp_path, change
):
    fill(sqlite_store)
    file = a_whole(sqlite_store, tmp_path, change)
    shutil.copyfile(sqlite_template, tmp_path / "empty.db")
    with closing(Store(f"sqlite:///{tmp_path / 'empty.db'}")) as other:
        with pytest.raises(InvalidArchive, match="holds more than a catalogue publishes"):
            public_dump.import_dump(other, file, tmp_path, now=later())
        assert other.manifest() is None and other.people.roles() == {}
        public_dump.import_dump(
            other, a_whole(sqlite_store, tmp_path, lambda tables, lines: None), tmp_path, now=later()
        )
        assert other.public_records.project("galette")


def _deep(tables, lines):
    lines["meta"].append("[" * 100_000)


def _no_time(tables, lines):
    at = list(next(table for table in tables if table["name"] == "project")["columns"]).index("added_at")
    told = json.loads(lines["project"][0])
    lines["project"][0] = json.dumps([*told[:at], 7, *told[at + 1 :]])


def _twice(tables, lines):
    lines["project"].append(lines["project"][0])


def _nothing(tables, lines):
    lines["organization"][0] = json.dumps([json.loads(lines["organization"][0])[0], *[None] * 50])


def _null_name(tables, lines):
    at = list(next(table for table in tables if table["name"] == "organization")["columns"]).index("name")
    told = json.loads(lines["organization"][0])
    lines["organization"][0] = json.dumps([*told[:at], None, *told[at + 1 :]])


@pytest.mark.parametrize("change", [_deep, _no_time, _twice, _nothing, _null_name])
def test_a_whole_that_is_wrong_inside_is_told_of_and_leaves_nothing_regression(store, empty_url, tmp_path, change):
    fill(store)
    file = a_whole(store, tmp_path, change)
    with closing(Store(empty_url)) as other:
        other.migrate()
        with pytest.raises(InvalidArchive):
            public_dump.import_dump(other, file, tmp_path, now=later())
        assert other.manifest() is None


ROOM = 3_000_000  # for what is shipped; a stranger's file may ask for more


def _long_table(tables, lines):
    lines["meta"] += [json.dumps(["note", "0" * 1000])] * 5_000


def _long_line(tables, lines):
    lines["meta"].append(json.dumps(["note", "0" * 5_000_000]))


@pytest.mark.parametrize("change", [_long_table, _long_line])
def test_tables_that_grow_without_measure_when_they_are_unpacked_are_told_of_and_nothing_is_loaded(
    sqlite_store, sqlite_template, tmp_path, change
):
    fill(sqlite_store)
    shutil.copyfile(sqlite_template, tmp_path / "empty.db")
    with closing(Store(f"sqlite:///{tmp_path / 'empty.db'}")) as other:
        file = a_whole(sqlite_store, tmp_path, change)
        assert file.stat().st_size < ROOM // 4
        with pytest.raises(InvalidArchive, match="holds more than 3 MB unpacked, and no more is taken over unasked"):
            public_dump.import_dump(other, file, tmp_path, now=later(), most_bytes=ROOM)
        assert other.manifest() is None and not list(tmp_path.glob(".import-*"))
        public_dump.import_dump(
            other, a_whole(sqlite_store, tmp_path, lambda *_: None), tmp_path, now=later(), most_bytes=ROOM
        )
        assert other.public_records.project("galette")


def test_members_of_an_archive_that_are_large_or_that_name_themselves_at_length_are_told_of(sqlite_store, tmp_path):
    fill(sqlite_store)
    file = a_whole(sqlite_store, tmp_path, lambda *_: None)
    shutil.copyfile(file, tmp_path / "tar.gz")
    with gzip.open(tmp_path / "tar.gz") as packed:
        plain = packed.read().rstrip(b"\0")
    plain += b"\0" * (-len(plain) % tarfile.BLOCKSIZE)
    for kind, size, sentence in (
        (tarfile.REGTYPE, 50_000_000, "holds more than 3 MB"),
        (tarfile.XHDTYPE, 50_000_000, "damaged"),
        (tarfile.GNUTYPE_LONGNAME, 50_000_000, "damaged"),
        (tarfile.REGTYPE, -1024, "holds more than 3 MB"),
    ):
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, size
        head = info.tobuf(tarfile.GNU_FORMAT)
        with gzip.open(file, "wb") as packed:
            packed.write(plain + head + b"\0" * max(size, 0))
        with pytest.raises(InvalidArchive, match=sentence):
            public_dump.import_dump(sqlite_store, file, tmp_path, now=later(), most_bytes=ROOM)


def test_a_card_that_is_nested_without_end_is_of_another_kind_of_file_regression(tmp_path):
    with tarfile.open(tmp_path / "deep.tar.gz", "w:gz") as archive:
        archives.add_file(archive, public_dump.CARD, b"[" * 500_000)
    assert not archives.has_card(tmp_path / "deep.tar.gz", public_dump.CARD)


ASKED = (
    *("/api/v1/organizations?q=a%00b", "/api/v1/organizations?kind=%00", "/api/v1/adoptions?kind=%00"),
    *("/api/v1/adoptions?stage=%00", "/v1/software?url=%00", "/v1/logs?search=%00", "/v1/logs?filter=%00"),
    *("/en/projects?q=%00", "/en/organizations?q=%00&kind=%00", "/feeds/projects.atom?q=%00&domain=%00"),
    "/oembed?url=http://testserver/en/projects/a%2500b",
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


@pytest.mark.parametrize("at", ["0" * 14, "f" * 14])
def test_a_cursor_at_the_ends_of_time_is_a_place_in_the_list_regression(site, at):
    answer = a_client(site).get("/api/v1/calls", params={"cursor": f"{at}.eA"})
    assert answer.status_code == 200 and answer.json()["next"] is None
