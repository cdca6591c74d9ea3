"""What others' files and servers say of projects is read into our shape, bounded, without persons, errors with line."""

import csv
import io
import json
from ipaddress import ip_network
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from support.factories.spreadsheets import an_ods, an_xlsx, ods_row, xlsx_row
from support.hosts.web import a_site_of
from support.paths import SHARED

from forge.imports import awesome, opencatalog, publiccode, sheet, source
from forge.imports.read_source import cut_summary, fitting_values
from forge.security.safe_http import AddressRules

CORPUS = SHARED / "corpus" / "publiccode" / "v0"
LOOPBACK = AddressRules((ip_network("127.0.0.1/32"),))
PUBLICCODE = """publiccodeYmlVersion: "0.7"
name: Adhésions
url: https://code.example.org/asso/adhesions.git
landingURL: https://adhesions.example.org
developmentStatus: stable
softwareType: standalone/web
platforms: [web]
organisation: {uri: "https://example.org", name: Les Amis Association}
description:
  fr:
    shortDescription: Suit les cotisations des adhérents
    longDescription: Une longue description.
    features: [Cotisations, Reçus]
legal:
  license: AGPL-3.0-or-later
  mainCopyrightOwner: Ana Person
maintenance:
  type: contract
  contractors:
  - {name: Coopérative du Code SCOP, until: "2030-01-01", email: ana@example.org}
  - {name: Jean Dupont, until: "2030-01-01"}
  contacts:
  - {name: Ana Person, email: ana.person@example.org, phone: "+33 6 12 34 56 78"}
localisation: {localisationReady: true, availableLanguages: [fr, pt-BR]}
"""


def a_page(*software: dict[str, object], following: str | None = None) -> bytes:
    return json.dumps({"data": list(software), "links": {"prev": None, "next": following}}).encode()


def test_a_publiccode_file_becomes_a_project_without_any_person(tmp_path):
    (tmp_path / "publiccode.yml").write_text(PUBLICCODE)
    read = publiccode.read_files(tmp_path)
    (project,) = read.found
    assert project.record["name"] == "Adhésions"
    assert project.record["repository"] == "https://code.example.org/asso/adhesions.git"
    assert project.record["summary"] == {"fr": "Suit les cotisations des adhérents"}
    assert project.record["license"] == "AGPL-3.0-or-later"
    assert project.record["languages"] == ["fr", "pt-BR"]
    assert dict(project.organizations) == {"Les Amis Association": None, "Coopérative du Code SCOP": "contributor"}
    assert not any(name in repr(read) for name in ("Ana", "Dupont", "@", "33 6"))


def test_a_folder_of_them_names_each_file_that_cannot_be_taken_with_its_line(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "publiccode.yml").write_text(PUBLICCODE)
    (tmp_path / "b.yml").write_text(PUBLICCODE.replace("name: Adhésions\n", "").replace("adhesions.git", "other.git"))
    (tmp_path / "broken.yml").write_text("publiccodeYmlVersion: '0.7'\nname: [\n")
    (tmp_path / "twice.yml").write_text(PUBLICCODE)
    read = publiccode.read_files(tmp_path)
    assert [project.record["name"] for project in read.found] == ["Adhésions"]
    told = {(Path(problem.place).name, problem.key, problem.line > 0) for problem in read.problems if problem.refused}
    assert ("b.yml", "name", True) in told
    assert any(name == "broken.yml" for name, _, _ in told)
    assert any("same project" in problem.sentence for problem in read.problems)


def test_every_valid_file_of_the_reference_corpus_is_taken_or_says_why():
    if not CORPUS.parents[2].exists():
        pytest.skip("the reference corpus is not here")
    files = sorted((CORPUS / "valid").rglob("*.yml"))
    assert files
    for file in files:
        project, problems = publiccode.read_text(file.read_bytes(), file.name)
        assert project is not None or any(problem.refused for problem in problems), file


def test_a_list_like_awesome_selfhosted_gives_licences_languages_and_needs(tmp_path):
    (tmp_path / "software").mkdir()
    (tmp_path / "software" / "galette.yml").write_text(
        'name: "Galette"\nwebsite_url: https://galette.eu\nsource_code_url: https://github.com/galette/galette\n'
        "description: Membership management, with a very long text that no reader wants on one line and that goes on "
        "and on, until it is cut between words.\nlicenses: [GPL-3.0]\nplatforms: [PHP, Docker]\n"
        'tags: ["Member management", "Unknown"]\nstargazers_count: 99\n'
    )
    (tmp_path / "software" / "two.yml").write_text(
        "name: Two\nsource_code_url: https://example.org/x/two\ndescription: Does two things.\n"
        "licenses: [MIT, Apache-2.0]\n"
    )
    (tmp_path / "software" / "wrong.yml").write_text("name: Wrong\nsource_code_url: nowhere\nlicenses: [MIT]\n")
    assert source.find_source(str(tmp_path)).form == source.AWESOME
    read = awesome.read_folder(tmp_path)
    galette, two = read.found
    assert galette.record["license"] == "GPL-3.0" and two.record["license"] == "MIT OR Apache-2.0"
    assert galette.record["programming_languages"] == ["PHP"]
    assert galette.record["domains"] == ["member-management"]
    assert len(galette.record["summary"]["en"]) <= 120 and "until it is cut" in galette.record["description"]["en"]
    assert {(problem.place, problem.line, problem.key) for problem in read.problems if problem.refused} == {
        ("software/wrong.yml", 2, "repository"),
        ("software/wrong.yml", 1, "summary"),
    }
    assert "99" not in repr(read)


HEADS = [
    ("Name", "Description", "Repository", "Licence"),
    ("Nom", "À quoi ça sert", "Dépôt", "Licence"),
    ("Nombre", "Para qué sirve", "Repositorio", "Licencia"),
    ("Nome", "Descrição", "Repositório", "Licença"),
    ("الاسم", "الوصف", "المستودع", "الرخصة"),
]
ROWS = [
    ("Galette", "Manages members", "https://github.com/galette/galette", "GPL-3.0-or-later"),
    ("", "", "", ""),
    ("Two", "Does two things", "ftp://nowhere", "MIT"),
    ("Three", "Writes to ana@example.org", "https://example.org/x/three", "No licence"),
]


def written(path: Path, rows: list[tuple[str, ...]]) -> Path:
    if path.suffix == ".csv":
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(rows)
        path.write_bytes(text.getvalue().encode("utf-8-sig"))
    elif path.suffix == ".ods":
        document = OpenDocumentSpreadsheet()
        table = Table(name="one")
        for row in rows:
            line = TableRow()
            for cell in row:
                kept = TableCell(valuetype="string")
                kept.addElement(P(text=cell))
                line.addElement(kept)
            table.addElement(line)
        document.spreadsheet.addElement(table)
        document.save(path)
    else:
        texts = list(dict.fromkeys(cell for row in rows for cell in row))
        cells = "".join(
            f'<row r="{y}">'
            + "".join(
                f'<c r="{"ABCD"[x]}{y}" t="s"><v>{texts.index(cell)}</v></c>' for x, cell in enumerate(row) if cell
            )
            + "</row>"
            for y, row in enumerate(rows, 1)
        )
        an_xlsx(path, cells, "".join(f"<si><t>{escape(text)}</t></si>" for text in texts))
    return path


@pytest.mark.parametrize("end", [".csv", ".ods", ".xlsx"])
@pytest.mark.parametrize("heads", HEADS)
def test_a_spreadsheet_is_read_by_heads_in_five_languages_with_errors_by_row(tmp_path, end, heads):
    path = written(tmp_path / f"tools{end}", [heads, *ROWS])
    assert source.find_source(str(path)).form == source.SHEET
    read = sheet.read_sheet(path)
    assert [project.record["name"] for project in read.found] == ["Galette", "Three"]
    assert read.found[0].line == 2 and read.found[0].record["license"] == "GPL-3.0-or-later"
    assert "ana@" not in repr(read)
    assert {(problem.line, problem.key, problem.refused) for problem in read.problems} == {
        (4, "repository", True),
        (5, "license", False),
    }


def test_a_spreadsheet_without_the_columns_that_are_needed_says_which(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("colour,size\nred,1\n")
    read = sheet.read_sheet(path)
    assert not read.found and not read.complete and "name and description" in read.problems[0].sentence


def test_persons_have_no_place_in_a_spreadsheet(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("name,description,maintained by\nA,Does a thing,Jane Doe\nB,Does b,Framasoft; Coop du Code SCOP\n")
    first, second = sheet.read_sheet(path).found
    assert (first.organizations, second.organizations) == ((), (("Framasoft", None), ("Coop du Code SCOP", None)))


@settings(max_examples=50)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".ods", ".xlsx"]))
def test_no_bytes_break_a_reader_of_spreadsheets(tmp_path_factory, data, end):
    path = tmp_path_factory.mktemp("any") / f"x{end}"
    path.write_bytes(b"name,description\n" + data if end == ".csv" else data)
    read = sheet.read_sheet(path)
    assert read.found or read.problems or end == ".csv"


def test_numbers_days_and_answers_of_formulas_are_read_as_texts(tmp_path):
    row = '<row r="2"><c r="A2"><v>2048</v></c><c r="B2" t="str"><f>1+1</f><v>A game</v></c></row>'
    (project,) = sheet.read_sheet(an_xlsx(tmp_path / "typed.xlsx", xlsx_row(1, "name", "description") + row)).found
    assert (project.record["name"], project.record["summary"]) == ("2048", {"en": "A game"})


def test_a_packed_sheet_that_grows_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MEMORY_BYTES", 128 << 20)
    spaces = b" " * (150 << 20)
    workbook = an_xlsx(tmp_path / "bomb.xlsx", xlsx_row(1, "name", "description") + spaces.decode())
    for path in (workbook, an_ods(tmp_path / "bomb.ods", ods_row("name", "description") + spaces.decode())):
        assert path.stat().st_size < sheet.MAX_FILE_BYTES
        read = sheet.read_sheet(path)
        assert not read.found and "too large" in read.problems[0].sentence


def test_a_sheet_that_takes_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MAX_SECONDS", 0.0)  # less than any process takes
    read = sheet.read_sheet(an_ods(tmp_path / "slow.ods", ods_row("name", "description")))
    assert not read.found and "too large" in read.problems[0].sentence


def test_an_open_catalog_is_read_page_by_page():
    other = PUBLICCODE.replace("adhesions.git", "other.git").replace("Adhésions", "Other")
    with a_site_of() as site:
        site.pages["/v1/software?page%5Bsize%5D=100"] = a_page(
            {"id": "1", "url": "https://code.example.org/asso/adhesions.git", "publiccodeYml": PUBLICCODE,
             "active": True, "aliases": [], "vitality": None},
            {"id": "2", "url": "https://code.example.org/gone", "publiccodeYml": PUBLICCODE, "active": False},
            {"id": "3", "url": "https://code.example.org/bare", "publiccodeYml": "", "active": True},
            following="?page[after]=abc&page[size]=100",
        )  # fmt: skip
        site.pages["/v1/software?page[after]=abc&page[size]=100"] = a_page(
            {"id": "4", "url": "https://code.example.org/asso/other.git", "publiccodeYml": other, "active": True}
        )
        site.pages["/v1/software?page%5Bafter%5D=abc&page%5Bsize%5D=100"] = site.pages[
            "/v1/software?page[after]=abc&page[size]=100"
        ]
        read = opencatalog.read_server(LOOPBACK, site.url("/v1"))
        assert [project.record["name"] for project in read.found] == ["Adhésions", "Other"]
        assert read.complete and len(site.asked) == 2
        assert [(problem.place, problem.key) for problem in read.problems if problem.refused] == [
            ("https://code.example.org/bare", "publiccodeYml")
        ]


def test_a_page_of_an_open_catalog_may_be_larger_than_a_file_of_a_repository_and_name_a_key_twice():
    long = {"id": "1", "url": "https://code.example.org/asso/adhesions.git", "publiccodeYml": PUBLICCODE}
    body = a_page({**long, "note": "x" * 300_000}).replace(b'{"id": "1"', b'{"id": "0", "id": "1"')
    with a_site_of() as site:
        site.pages["/v1/software?page%5Bsize%5D=100"] = body
        read = opencatalog.read_server(LOOPBACK, site.url("/v1"))
    assert read.complete and [project.record["name"] for project in read.found] == ["Adhésions"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (500, "answers 500"),
        (b"<html>", "JSON"),
        (b'{"software": []}', "no Open Catalog API"),
        (a_page(following="https://elsewhere.example/v1/software"), "query string"),
        (a_page(following="?page%5Bsize%5D=100"), "none of them twice"),
    ],
)
def test_a_server_that_answers_otherwise_is_told_and_nothing_counts_as_gone(body, said):
    with a_site_of() as site:
        site.pages["/v1/software?page%5Bsize%5D=100"] = body
        read = opencatalog.read_server(LOOPBACK, site.url("/v1/"))
    assert not read.complete and said in read.problems[-1].sentence


def test_an_address_inside_the_network_is_not_contacted():
    read = opencatalog.read_server(AddressRules(), "http://127.0.0.1:1/v1")
    assert not read.complete and not read.found and read.problems


def test_a_source_that_is_not_there_or_is_of_another_format_says_so(tmp_path):
    with pytest.raises(source.SourceNotFound, match="no file"):
        source.find_source(str(tmp_path / "missing.csv"))
    with pytest.raises(source.SourceNotFound, match="address"):
        source.find_source("https://example.org/v1", source.SHEET)
    with pytest.raises(source.SourceNotFound, match="software"):
        source.read_source(LOOPBACK, str(tmp_path), source.ImportSource(source.AWESOME, "x"))


def test_a_document_of_ours_is_told_from_a_publiccode_file(tmp_path):
    (tmp_path / "catalog.yaml").write_text("catalog: 1\nmanifest: {}\n")
    (tmp_path / "other.yaml").write_text(PUBLICCODE)
    assert source.find_source(str(tmp_path / "catalog.yaml")).form == source.DOCUMENT
    assert source.find_source(str(tmp_path / "other.yaml")).form == source.PUBLICCODE


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_a_summary_always_fits(text):
    assert len(cut_summary(text)) <= 120
    record, problems = fitting_values("x", 1, {"name": "A", "summary": {"en": text}})
    assert record is None or len(record["summary"]["en"]) <= 120
    assert record is not None or problems
