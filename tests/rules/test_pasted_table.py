"""A pasted table is read as its rows, whatever separates its cells and whichever language its heads are in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import pasted_table
from catalog.rules.pasted_table import NotATable, read_table


@pytest.mark.parametrize(
    "text",
    [
        "Organization,Software,Since\nCoop,galette,2019",
        "Nom;Logiciel;Depuis\nCoop;galette;2019",
        "Nombre\tPrograma\tDesde\nCoop\tgalette\t2019",
        "\ufeffNome;Ferramenta;Desde\r\nCoop;galette;2019\r\n",
        "الاسم;البرنامج;منذ\nCoop;galette;2019",
        'Name,Tools,Year\n"Coop","galette",2019',
    ],
)
def test_heads_are_read_in_five_languages_and_any_separator(text):
    (row,) = read_table(text)
    assert (row.number, row["organization"], row["project"], row["since"]) == (2, "Coop", "galette", "2019")


def test_empty_lines_and_unknown_columns_are_passed_over_and_numbers_are_those_of_the_table():
    rows = read_table("name,colour,project\nA,red,x\n\n,,\nB,blue,y")
    assert [(row.number, row["organization"], row["project"], row["colour"]) for row in rows] == [
        (2, "A", "x", ""),
        (5, "B", "y", ""),
    ]


def test_cells_in_quotes_hold_separators_and_quotes():
    assert read_table('name,project\n"Coop, the ""big"" one",x')[0]["organization"] == 'Coop, the "big" one'


@pytest.mark.parametrize(
    ("text", "sentence", "row"),
    [
        ("", pasted_table.NO_HEADS, 1),
        ("galette;2019\nCoop;1", pasted_table.NO_HEADS, 1),
        ("name\n" + "x\n" * 201, pasted_table.TOO_LONG, 202),
        ("name" + ",x" * 30 + "\nA", pasted_table.TOO_WIDE, 1),
        ('name,project\nA,x\n"B,y', pasted_table.BROKEN, 3),
    ],
)
def test_what_is_no_table_is_told_with_its_line(text, sentence, row):
    with pytest.raises(NotATable) as refused:
        read_table(text)
    assert (refused.value.sentence, refused.value.row) == (sentence, row)


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading(text):
    for given_text in (text, f"name;project\n{text}"):
        try:
            rows = read_table(given_text)
        except NotATable:
            continue
        assert len(rows) <= pasted_table.MAX_ROWS and all(row.cells for row in rows)
