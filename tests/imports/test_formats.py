"""What others' files and servers say of projects is read into our shape, bounded, without persons, errors with line."""

import csv
import io
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.spreadsheets import an_ods, an_xlsx, ods_row, xlsx_row
from support.paths import SHARED

from forge.imports import publiccode, sheet, source
from forge.imports.read_source import cut_summary, fitting_values

CORPUS = SHARED / "corpus" / "publiccode" / "v0"
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
        an_ods(path, "".join(ods_row(*row) for row in rows))
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
    assert source.find_source(path).form == source.SHEET
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


def test_a_source_that_is_not_there_says_so(tmp_path):
    with pytest.raises(source.SourceNotFound, match="no file"):
        source.find_source(tmp_path / "missing.csv")


def test_a_document_of_ours_is_told_from_a_publiccode_file(tmp_path):
    (tmp_path / "catalog.yaml").write_text("catalog: 1\nmanifest: {}\n")
    (tmp_path / "other.yaml").write_text(PUBLICCODE)
    assert source.find_source(tmp_path / "catalog.yaml").form == source.DOCUMENT
    assert source.find_source(tmp_path / "other.yaml").form == source.PUBLICCODE


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_a_summary_always_fits(text):
    assert len(cut_summary(text)) <= 120
    record, problems = fitting_values("x", 1, {"name": "A", "summary": {"en": text}})
    assert record is None or len(record["summary"]["en"]) <= 120
    assert record is not None or problems
