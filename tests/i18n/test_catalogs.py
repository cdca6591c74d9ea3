"""The languages of pages: what is not translated is English, our own pages lead to the same places, times in words."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale, localedata
from babel.messages.pofile import read_po
from support.paths import ROOT

from forge.i18n import languages
from forge.i18n.languages import CLOSE, FOLDER, OPEN, SOURCE, PageLanguage, page_language
from forge.web.core.markdown import FOLDER as PAGES

CATALOGUES = sorted(file.stem for file in FOLDER.glob("*.po"))
TRANSLATED = sorted(folder.name for folder in PAGES.iterdir() if folder.name != SOURCE)
LINK = re.compile(r"\]\((\S+?)(?:deed\.[\w-]+)?\)")


def _catalogue(tag):
    return read_po(BytesIO((FOLDER / f"{tag}.po").read_bytes()), locale=tag)


def _head(file):
    """What the file itself states, where Babel would fill in what it knows of the language."""
    lines = re.findall(r'^"(.*)"$', file.read_text().partition("\n\n")[0], re.MULTILINE)
    return dict(line.split(": ", 1) for line in "".join(lines).split("\\n") if line)


def _messages(tag):
    return [message for message in _catalogue(tag) if message.id]


@pytest.mark.parametrize(("singular", "plural"), [("", ""), ("un projecte", "")])
def test_a_plural_that_nobody_filled_is_english_and_marked_as_such(singular, plural, tmp_path):
    file = tmp_path / "ca.po"
    forms = f'msgid "a project"\nmsgid_plural "projects"\nmsgstr[0] "{singular}"\nmsgstr[1] "{plural}"\n'
    file.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{forms}', encoding="utf-8")
    catalan = PageLanguage("ca", Locale.parse("ca"), file)
    assert catalan.ngettext("a project", "projects", 2) == f"{OPEN}projects{CLOSE}"


def test_each_language_is_named_and_directed_as_babel_says():
    names = {tag: Locale.parse(tag).get_display_name() for tag in languages._OWN_NAMES}
    assert {tag: name[:1].upper() + name[1:] for tag, name in names.items()} == languages._OWN_NAMES
    every = {tag: Locale.parse(tag) for tag in localedata.locale_identifiers()}
    wrong = [
        tag
        for tag, locale in every.items()
        if PageLanguage(tag, locale, None).direction
        != locale.text_direction.replace("ttb", "ltr")  # HTML knows no "ttb"
    ]
    assert len(every) > 1_000 and wrong == []


def test_collecting_sentences_leaves_each_catalogue_its_head_and_its_translations(tmp_path):
    """`make messages`, on copies; whoever wrote the sentences of today may still have to translate them."""
    for file in FOLDER.glob("*.po"):
        shutil.copy(file, tmp_path)
    venv = Path(sys.executable).parent.parent
    command = ["make", "-s", "-o", f"{venv}/development", "messages", f"VENV={venv}", f"LOCALES={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for tag in CATALOGUES:
        file = tmp_path / f"{tag}.po"
        assert _head(file)["Plural-Forms"] == _head(FOLDER / f"{tag}.po")["Plural-Forms"]
        before = {message.id: message.string for message in _messages(tag)}
        after = {message.id: message.string for message in read_po(BytesIO(file.read_bytes())) if message.id}
        assert len(after) > 1000 and {key: before[key] for key in after if key in before} == {
            key: string for key, string in after.items() if key in before
        }


def test_no_sentence_hides_in_an_f_string_where_none_is_collected():
    code = FOLDER.parent.rglob("*.py")
    found = [file.name for file in code if re.search(r"f([\"']).*\{(_|\w*gettext)\([\"'].*\1", file.read_text())]
    assert found == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_our_own_pages_lead_to_the_same_places_in_every_language(tag):
    names = {str(file.relative_to(PAGES / SOURCE)) for file in (PAGES / SOURCE).rglob("*.md")}
    assert {str(file.relative_to(PAGES / tag)) for file in (PAGES / tag).rglob("*.md")} == names
    for name in names:
        ours = LINK.findall((PAGES / tag / name).read_text(encoding="utf-8"))
        source = LINK.findall((PAGES / SOURCE / name).read_text(encoding="utf-8"))
        assert sorted(ours) == sorted(
            link.replace(f"/{SOURCE}/", f"/{tag}/", 1) if link.startswith("/") else link for link in source
        )


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0.9, "today"),
        (1, "1 day ago"),
        (13, "1 week ago"),
        (45, "1 month ago"),
        (266, "8 months ago"),
        (364, "11 months ago"),
        (366, "12 months ago"),
        (600, "19 months ago"),
        (731, "2 years ago"),
        (-3, "today"),
    ],
)
def test_a_time_that_went_by_counts_whole_spans_only(days, told):
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert page_language("en").ago(now - timedelta(days=days), now) == told


def test_the_first_of_a_month_is_premier_in_french():
    first, later = date(2026, 3, 1), date(2026, 3, 11)
    assert [page_language("fr").day(day) for day in (first, later)] == ["1er mars 2026", "11 mars 2026"]
    assert page_language("en").day(first) == "1 March 2026"
