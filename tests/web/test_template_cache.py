"""Templates that were compiled at an earlier start are used while they would be compiled the same, and no longer."""

from pathlib import Path

import pytest

from forge.config.theme import read_theme
from forge.i18n.languages import page_language
from forge.web.core.render import Site

SENTENCE = "Free software for the solidarity economy"
WORDS = f"""msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "{SENTENCE}"
msgstr "WORDS"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "theme" / "words").mkdir(parents=True)
    page(tmp_path, "")
    return tmp_path


def page(folder: Path, more: str) -> None:
    (folder / "templates" / "one.html").write_text(f'{{{{ _("{SENTENCE}") }}}} {{{{ static("style.css") }}}}{more}')


def drawn(folder: Path, tag: str = "fr") -> str:
    """The page as the next start draws it."""
    site = Site(None, folder / "templates", read_theme(folder / "theme"), compiled=folder / "compiled")
    return site.environment(page_language(tag)).get_template("one.html").render()


def kept(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "compiled").iterdir()}


def test_the_next_start_compiles_nothing_again(folder: Path) -> None:
    first = drawn(folder)
    (file,) = (folder / "compiled").iterdir()
    before = file.stat().st_ino
    assert drawn(folder) == first
    assert file.stat().st_ino == before  # what is compiled is put in place of what was kept


def test_each_language_has_its_own(folder: Path) -> None:
    assert drawn(folder, "fr") != drawn(folder, "ar") == drawn(folder, "ar")
    assert len(kept(folder)) == 2


def test_other_words_another_look_and_another_template_are_shown_at_the_next_start(folder: Path) -> None:
    seen = [drawn(folder)]
    (folder / "theme" / "words" / "fr.po").write_text(WORDS.replace("WORDS", "Les nôtres"))
    seen.append(drawn(folder))
    (folder / "theme" / "words" / "fr.po").write_text(WORDS.replace("WORDS", "Nos autres"))
    seen.append(drawn(folder))
    (folder / "theme" / "colors.yaml").write_text('light: {link: "#5b1a6e"}\n')
    seen.append(drawn(folder))
    page(folder, "!")
    seen.append(drawn(folder))
    assert len({*seen}) == 5 and seen[1].startswith("Les nôtres") and seen[4].endswith("!")
    assert len(kept(folder)) == 1


def test_a_file_that_was_cut_or_damaged_is_made_again(folder: Path) -> None:
    first = drawn(folder)
    (name, whole), = kept(folder).items()  # fmt: skip
    for broken in (b"", whole[:40], whole[: len(whole) // 2], b"\0" * len(whole)):
        (folder / "compiled" / name).write_bytes(broken)
        assert drawn(folder) == first
        assert kept(folder) == {name: whole}


def test_the_folder_is_private_and_may_be_deleted(folder: Path) -> None:
    first = drawn(folder)
    assert (folder / "compiled").stat().st_mode & 0o777 == 0o700
    for file in (folder / "compiled").iterdir():
        file.unlink()
    (folder / "compiled").rmdir()
    assert drawn(folder) == first


def test_a_folder_that_takes_nothing_keeps_nobody_from_reading(folder: Path) -> None:
    first = drawn(folder)
    (file,) = (folder / "compiled").iterdir()
    file.unlink()
    file.mkdir()  # a file cannot be put in its place, whoever asks
    (file / "x").touch()
    assert drawn(folder) == first


def test_a_file_where_compiled_templates_would_lie_keeps_no_page_from_being_drawn(folder: Path) -> None:
    (folder / "compiled").write_text("somebody's")
    assert drawn(folder).startswith("Des logiciels")
