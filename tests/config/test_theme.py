"""An instance of another look, by files in its data folder alone: colours, logo, words, home page. Nothing unreadable,
nothing that runs, and a sentence for each part that cannot be used."""

import struct
import zlib
from pathlib import Path

import pytest
from support.world import a_client, a_site, fill

from forge import FORGE
from forge.config import theme
from forge.config.checkup_report import GOOD
from forge.config.settings import Settings
from forge.config.theme import COLORS, contrast, read_theme
from forge.server.doctor import examine

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>Ours</title><circle cx="4" cy="4" r="4"/></svg>'
COLORED = """light: {paper: "#ffffff", link: "#5b1a6e", band: "#3a1046", accent: "#8fd3ff"}
dark: {link: "#e2b8f0"}
"""
WORDS = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Free software for the solidarity economy"
msgstr "Les logiciels de notre réseau"

msgid "%(shown)s person changed it in a year"
msgid_plural "%(shown)s people changed it in a year"
msgstr[0] "%(shown)s main"
msgstr[1] "%(shown)s mains"
"""
HOME = """{% extends "shipped/site/home.html" %}
{% block main %}<div class="wide"><h1>{{ _("Free software for the solidarity economy") }}</h1>
<p>Un mot de notre réseau.</p></div>{% endblock %}"""


def png(width: int = 9, height: int = 9) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "theme"
    (made / "words").mkdir(parents=True)
    return made


def test_an_instance_has_other_colours_logo_words_and_home_page_by_files_alone(sqlite_store, folder):
    (folder / "colors.yaml").write_text(COLORED)
    (folder / "logo.svg").write_text(SVG)
    (folder / "words" / "fr.po").write_text(WORDS)
    (folder.parent / "templates" / "site").mkdir(parents=True)
    (folder.parent / "templates" / "site" / "home.html").write_text(HOME)
    fill(sqlite_store)
    with a_site(sqlite_store, folder.parent) as app:
        client = a_client(app)
        home = client.get("/fr/").text
        assert "<h1>Les logiciels de notre réseau</h1>" in home and "Un mot de notre réseau." in home
        assert "Forge" in home and "un essai" in home  # its name, by the document
        style = client.get(home.partition('rel="stylesheet" href="')[2].partition('"')[0]).text
        assert "--link: #5b1a6e" in style and "--link: #e2b8f0" in style
        # What asks for more contrast, and paper, stand behind the theme.
        assert style.index("--honey: #8fd3ff") < style.index("prefers-contrast") < style.index("@media print")
        logo = client.get(home.partition('<img src="')[2].partition('"')[0])
        assert logo.text == SVG == client.get(home.partition('rel="icon" href="')[2].partition('"')[0]).text
        assert logo.headers["content-type"] == "image/svg+xml" and "sandbox" in logo.headers["content-security-policy"]
        assert "3 mains" in client.get("/fr/projects/galette").text
        assert "3 people changed it in a year" in client.get("/en/projects/galette").text
        comb = style.partition('url("')[2].partition('"')[0]
        assert b"#f4b53f" not in client.get(f"/static/{comb}").content


def test_without_a_theme_everything_is_ours(sqlite_store, tmp_path):
    assert read_theme(tmp_path / "none") == theme.Theme()
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        home = a_client(app).get("/fr/").text
    assert "mark-" in home and "Les logiciels de notre réseau" not in home


def test_our_own_colours_are_far_enough_apart(folder):
    """The list that is checked is the one of the style sheet, and a theme that states our own values is taken."""
    style = (FORGE / "web" / "static" / "style.css").read_text()
    light, dark = style.partition("@media (prefers-color-scheme: dark)")[::2]
    # fmt: off
    variables = {"ink": "--ink", "soft": "--soft", "edge": "--edge", "focus": "--focus", "note": "--honey-soft",
                 "on band": "--band-ink", "paper": "--paper", "link": "--link", "band": "--band", "accent": "--honey"}
    # fmt: on
    for scheme, text in (("light", light), ("dark", dark.partition("The colours of an instance")[0])):
        for name, value in {**theme._FIXED_COLORS[scheme], **COLORS[scheme]}.items():
            if name in variables:
                assert f"{variables[name]}: {value};" in text, (scheme, name)
    (folder / "colors.yaml").write_text(str({scheme: dict(colors) for scheme, colors in COLORS.items()}))
    assert read_theme(folder).problems == () and read_theme(folder).colors == COLORS


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == 21 and contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('light: {link: "#9aa0a6"}', "link (#9aa0a6) on paper"),
        ('dark: {paper: "#ffffff"}', "In dark, ink (#f0ebdd) on paper (#ffffff)"),
        ('light: {accent: "#222222"}', "on accent"),
        ('light: {band: "#f4b53f"}', "on band"),
        ("light: {link: red}", "is no colour; write it as"),
        ('light: {link: "#0B4F49"}', "is no colour; write it as"),
        ('light: {link: "url(https://example.org)"}', "is no colour"),
        ('light: {shadow: "#000000"}', "light shadow is no colour of the theme"),
        ("night: {}", "there are light and dark"),
        ("[1, 2]", "groups light and dark"),
        ("light: {a", "is no YAML"),
        ("x" * 20_000, "more than 10,000 bytes"),
    ],
)
def test_colours_that_nobody_could_read_and_files_that_are_none_are_refused_with_a_sentence(folder, text, told):
    (folder / "colors.yaml").write_text(text)
    found = read_theme(folder)
    assert found.colors == {} and len(found.problems) == 1 and told in found.problems[0]


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<circle onload="alert(1)" r="1"/>',
        '<image href="https://example.org/spy.png"/>',
        '<a href="javascript:alert(1)"><circle r="1"/></a>',
        '<use xlink:href="https://example.org/a.svg#b" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        "<foreignObject/>",
        "<style>@import 'https://example.org/a.css';</style>",
        '<circle style="fill: url( https://example.org/a)"/>',
        "<style>circle { fill: url(//example.org/a) }</style>",
        '<set attributeName="href" to="https://example.org"/>',
    ],
)
def test_a_logo_that_runs_or_asks_somebody_is_refused(folder, inside):
    (folder / "logo.svg").write_text(SVG.replace("</svg>", f"{inside}</svg>"))
    found = read_theme(folder)
    assert found.logo is None and "Our own logo is shown" in found.problems[0]


def test_a_logo_of_another_kind_or_size_is_refused(folder):
    entities = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>'
    for name, body, told in (
        ("logo.svg", entities.encode(), "document type"),
        ("logo.svg", b"<html></html>", "no SVG"),
        ("logo.svg", b"\xff\xfe", "no SVG"),
        ("logo.svg", b"<svg>" + b" " * 100_000 + b"</svg>", "more than 100,000 bytes"),
        ("logo.png", b"GIF89a", "no PNG"),
        ("logo.png", png(3000, 1), "larger than 2000 pixels"),
    ):
        (folder / name).write_bytes(body)
        assert read_theme(folder).logo is None and told in read_theme(folder).problems[0]
        (folder / name).unlink()
    (folder / "logo.png").write_bytes(png())
    assert read_theme(folder).logo.suffix == ".png" and read_theme(folder).problems == ()
    (folder / "logo.svg").write_text(SVG)
    assert "keep one of them" in read_theme(folder).problems[0]


def test_words_that_would_break_a_page_are_left_out_and_the_rest_applies(folder):
    (folder / "words" / "fr.po").write_text(WORDS.replace('"%(shown)s mains"', '"%(nombre)s mains"'))
    (folder / "words" / "en.po").write_text(WORDS.partition('msgid "%(shown)s')[0])
    (folder / "words" / "nobody.po").write_text(WORDS)
    found = read_theme(folder)
    assert set(found.words) == {"en"} and len(found.problems) == 2
    assert "its gaps are not those of English" in found.problems[0] and "name it such as fr.po" in found.problems[1]


def test_the_doctor_and_the_log_name_what_was_left_out(sqlite_store, folder, caplog):
    (folder / "colors.yaml").write_text('light: {link: "#9aa0a6"}')
    fill(sqlite_store)
    with a_site(sqlite_store, folder.parent) as app:
        assert a_client(app).get("/fr/").status_code == 200
    assert "people need 4.5 to read it" in caplog.text
    told = [finding.sentence for finding in examine(Settings(data=folder.parent)) if finding.subject == "theme"]
    assert len(told) == 1 and "link (#9aa0a6)" in told[0]


def test_the_doctor_names_templates_that_take_the_place_of_nothing(sqlite_store, folder):
    templates = folder.parent / "templates"
    files = {
        "site/home.html": HOME.replace("{% block main %}", "{% block main %}{% include 'ours/news.html' %}"),
        "ours/news.html": '{% from "ours/macros.html" import day %}{% trans %}Library{% endtrans %}',
        "ours/macros.html": "{% macro day() %}{% endmacro %}",
        "mail/sign-in.txt": "Hello",
        ".git/config": "",
        "home.html": '{% extends "shipped/site/home.html" %}{% include "ours/left.html" %}',
        "ours/left.html": "",
        "site/map.html": "{% if %}",
    }
    for name, text in files.items():
        (templates / name).parent.mkdir(parents=True, exist_ok=True)
        (templates / name).write_text(text)
    fill(sqlite_store)
    found = [finding for finding in examine(Settings(data=folder.parent)) if finding.subject == "templates"]
    told = {
        str(file.relative_to(templates)) for finding in found for file in [Path(finding.sentence.partition(" ")[0])]
    }
    assert told == {"home.html", "ours/left.html", "site/map.html"}
    assert not any(finding.severity == GOOD for finding in found)
    unused = next(finding.sentence for finding in found if "home.html" in finding.sentence)
    assert "no template of ours is called home.html" in unused and "CHANGELOG.md" in unused
