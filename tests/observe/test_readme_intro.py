"""How a README opens: title and first sentences as plain text, whatever stands around them; no bytes make it raise."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forge.observe.readme_intro import (
    LINE_CHARACTERS,
    TEXT_CHARACTERS,
    TITLE_CHARACTERS,
    ReadmeIntro,
    read_intro,
)


@pytest.mark.parametrize(
    ("text", "title", "first"),
    [
        ("# Galette\n\nManages the members of a group.\n", "Galette", "Manages the members of a group."),
        ("Dulwich\n=======\n\nReads git in Python.\n", "Dulwich", "Reads git in Python."),
        ("<p align=center><img src=x></p>\n\n# [Tool](https://x)\n\n[![b](c)](d) ![e](f)\n\nKeeps **all** _members_ "
         "in [one place](y).\n", "Tool", "Keeps all members in one place."),
        ("# Tool\n```sh\nrun this and that\n```\n- a list of things\n\nIt does three things.\n\nMore.", "Tool",
         "It does three things."),
        ("Tool\n----\n\nTool\n\nWrite to ana@example.org for more.", "Tool", "Write to … for more."),
        ("# Caisse\nTient la caisse\nd’un groupe.", "Caisse", "Tient la caisse d’un groupe."),
        ("# أداة\n\nتدير أعضاء المجموعة بسهولة.", "أداة", "تدير أعضاء المجموعة بسهولة."),
        ("A badge here is prose.\n\n# Tool\n\n[See it live](https://x)\n\nKeeps the members.", "Tool",
         "Keeps the members."),
        ("<!--\nCopyright of somebody.\n-->\n<h1 align=center>\n <br>\n"
         "<a href=x><img src=y\n alt=z></a>\n Tool!\n</h1>\n"
         "<h4>\n Plans appointments of groups.\n</h4>\n", "Tool!", "Plans appointments of groups."),
        ("<h3>Tool</h3>\n\n  <p>The ultimate tool.<br>\n<a href=x>Docs</a></p>", "Tool", "The ultimate tool."),
        ("|tool|\n======\n\nKeeps the members of clubs.", "", "Keeps the members of clubs."),
        ("Plans leave in groups.\n\n## Getting help\n\nWrite to the list.", "", "Plans leave in groups."),
        ("# Welcome to Tool!\n\n[Docs](x) | [Site](y) | [Chat](z)\n\n[a]: https://x\n\n## What it is\n\n"
         "Keeps the books.", "Tool", "Keeps the books."),
        ("# Tool\n\nInsert bullets description of the project.\n\n## Contributing\n\nBy many people.", "Tool", ""),
        ("## Tool\n\n### Tool is a household management for your own home\n\nBy others.", "Tool",
         "Tool is a household management for your own home"),
        ("Only words without a title here.", "", "Only words without a title here."),
        ("# ---\n\n## !!!\n", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_title_and_the_first_sentences_are_found(text, title, first):
    assert read_intro(text.encode()) == ReadmeIntro(title, first)


def test_long_texts_are_cut_at_a_word():
    found = read_intro(("# " + "t" * 500 + "\n\n" + "word " * 500).encode())
    assert len(found.title) <= TITLE_CHARACTERS and len(found.text) <= TEXT_CHARACTERS + 1
    assert found.text.endswith("word…")


@pytest.mark.parametrize("piece", ["[", "![", "<a ", "`", "[](", "*_", "[a][", "=" * 3, "`x <"])
def test_no_text_takes_long(piece):
    began = time.process_time()
    read_intro((piece * (LINE_CHARACTERS // len(piece)) + "\n").encode() * 40)
    assert time.process_time() - began < 30


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_make_it_raise(data):
    found = read_intro(data)
    assert "\0" not in found.title + found.text and "\n" not in found.title + found.text
