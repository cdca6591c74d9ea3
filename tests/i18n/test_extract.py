"""Sentences collected for translators, and everything that may be wrong with what they send back."""

import json
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner

from forge.cli import forge
from forge.i18n.catalogs import collect_sentences, translation_problems, updated_catalog
from forge.i18n.languages import FOLDER

PLURAL = ("%(count)s group", "%(count)s groups")


@pytest.fixture(scope="module")
def todays() -> Catalog:
    return collect_sentences()


@pytest.fixture
def small() -> Catalog:
    template = Catalog(fuzzy=False)
    template.add("Run by %(name)s.")
    template.add("<b>Free</b> software")
    template.add(PLURAL)
    return template


def _translated(template: Catalog, **strings) -> bytes:
    """A French catalogue with these translations by the first word of a message."""
    catalog = read_po(BytesIO(updated_catalog(b"", "fr", template)), locale="fr")
    for message in catalog:
        first = (message.id[0] if isinstance(message.id, tuple) else message.id).split(" ")[0].strip("<b>%()/s.")
        if message.id and first in strings:
            message.string = strings[first]
    written = BytesIO()
    write_po(written, catalog)
    return written.getvalue()


WHOLE = {
    "Run": "Géré par %(name)s.",
    "Free": "Logiciel <b>libre</b>",
    "count": ("%(count)s groupe", "%(count)s groupes"),
}


def _kinds(source: bytes, template: Catalog, tag: str = "fr") -> list[str]:
    return [problem.kind for problem in translation_problems(source, tag, template)]


def test_sentences_of_templates_code_messages_and_refusals_are_collected(todays):
    for sentence in ("Can our organization use it?", "Category", "Choose how you prove it", "We use it too"):
        assert todays.get(sentence) is not None, sentence
    assert len(todays) > 2000 and not any(message.locations for message in todays)


def test_a_whole_translation_has_nothing_wrong(small):
    assert _kinds(_translated(small, **WHOLE), small) == []
    assert _kinds(_translated(small, **WHOLE | {"count": ("un groupe", "%(count)s groupes")}), small) == []


def test_a_new_language_begins_empty_with_its_own_plural_forms(small):
    source = updated_catalog(b"", "ar", small)
    assert b"nplurals=6" in source
    assert _kinds(source, small, "ar") == ["missing"] * 3


@pytest.mark.parametrize(
    ("strings", "kind"),
    [
        ({"Run": ""}, "missing"),
        ({"count": ("%(count)s groupe", "")}, "missing"),
        ({"Run": "Géré par %(nom)s."}, "gaps"),
        ({"Run": "Géré."}, "gaps"),
        ({"count": ("%(count)s groupe", "des groupes")}, "gaps"),
        ({"Free": "Logiciel <i>libre</i>"}, "tags"),
        ({"Free": "Logiciel libre"}, "tags"),
    ],
)
def test_each_thing_that_may_be_wrong_is_named_with_its_sentence(small, strings, kind):
    found = list(translation_problems(_translated(small, **WHOLE | strings), "fr", small))
    assert [problem.kind for problem in found] == [kind]
    assert found[0].message in str(found[0]) and str(found[0]).startswith("fr: ")


def test_doubtful_left_over_and_absent_sentences_are_named(small):
    whole = _translated(small, **WHOLE)
    assert _kinds(whole.replace(b'msgid "Run', b'#, fuzzy\nmsgid "Run'), small) == ["doubtful"]
    assert _kinds(whole + b'\nmsgid "Gone"\nmsgstr "Parti"\n', small) == ["left-over"]
    assert _kinds(whole + b'\n#~ msgid "Gone"\n#~ msgstr "Parti"\n', small) == ["left-over"]
    small.add("New")
    assert _kinds(whole, small) == ["missing"]


def test_other_plural_forms_than_the_language_has_are_named(small):
    whole = _translated(small, **WHOLE)
    assert _kinds(whole.replace(b"plural=(n > 1)", b"plural=(n != 1)"), small) == ["plural"]


def test_bringing_a_catalogue_to_today_keeps_translations_and_guesses_nothing(small):
    whole = _translated(small, **WHOLE)
    small.add("Run by %(names)s.")
    again = updated_catalog(whole + b'\nmsgid "Gone"\nmsgstr "Parti"\n', "fr", small)
    assert _kinds(again, small) == ["missing"] and b"Gone" not in again and b"fuzzy" not in again
    assert updated_catalog(again, "fr", small) == again


@pytest.mark.full  # twelve seconds of commands; the parts of it have tests of their own
def test_the_command_begins_a_language_and_names_what_is_left(tmp_path):
    run = CliRunner()
    done = run.invoke(forge, ["languages", "extract", "ca", "--into", str(tmp_path)])
    assert done.exit_code == 0 and (tmp_path / "ca.po").is_file() and "to translate" in done.stderr
    asked = run.invoke(forge, ["languages", "check", "ca", "--json", "--into", str(tmp_path)])
    assert asked.exit_code == 1
    first = json.loads(asked.stdout.splitlines()[0])
    assert (first["language"], first["kind"]) == ("ca", "missing")


def test_the_command_leaves_the_catalogue_of_another_program_as_it_is(tmp_path):
    theirs = tmp_path / "fr.po"
    theirs.write_bytes(b'msgid ""\nmsgstr ""\n\nmsgid "Thesis of the day"\nmsgstr "La th\xc3\xa8se du jour"\n')
    before = theirs.read_bytes()
    done = CliRunner().invoke(forge, ["languages", "extract", "--into", str(tmp_path)])
    assert (done.exit_code, "another program" in done.stderr) == (1, True) and theirs.read_bytes() == before


@pytest.mark.full
def test_the_command_refuses_what_is_no_language_and_names_what_is_not_there(tmp_path):
    run = CliRunner()
    for words, told in (
        (["extract", "zz", "--into", str(tmp_path)], "no language that we know"),
        (["check", "ca", "--into", str(tmp_path)], "forge languages extract ca"),
        (["check", "--into", str(tmp_path / "none")], "no folder"),
    ):
        done = run.invoke(forge, ["languages", *words])
        assert done.exit_code == 1 and told in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.po")), ids=lambda file: file.stem)
def test_what_is_translated_has_nothing_to_mend_and_what_is_not_yet_may_wait(file, todays):
    problems = translation_problems(file.read_bytes(), file.stem, todays)
    assert [str(problem) for problem in problems if problem.kind not in ("missing", "left-over")] == []


@pytest.mark.full
@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.po")), ids=lambda file: file.stem)
def test_a_release_says_every_sentence_in_every_language_and_none_of_before(file, todays):
    """`make messages` collects them; then each empty `msgstr` is for a translator."""
    assert list(map(str, translation_problems(file.read_bytes(), file.stem, todays))) == []
