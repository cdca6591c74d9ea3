"""The reading pages as files: links lead from file to file in a folder without a server, the rest to the site."""

import re
import shutil
from html import unescape
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from support.factories.core import NOW
from support.world import a_filled_site

from forge.cli import forge
from forge.export import static_site

ADDRESS = "https://catalog.example.org"


@pytest.fixture(scope="module")
def copied(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with a_filled_site(sqlite_template, folder) as app:
        app.state.site.base_url = ADDRESS
        done = static_site.copy_site(app, folder / "pages", ("en", "fr"), ADDRESS, now=NOW)
    return folder / "pages", done


def links(file):
    text = file.read_text()
    return [unescape(address) for address in re.findall(r'\s(?:href|src|(?:form)?action)="([^"]*)"', text)]


def test_every_kind_of_reading_page_is_a_file_in_each_language(copied):
    folder, done = copied
    assert done.complete and done.pages > 200 and done.assets >= 2
    for language in ("en", "fr"):
        for name in (
            "index.html", "projects/index.html", "projects/page-2.html", "projects/galette/index.html",
            "projects/galette/users/index.html", "projects/galette/facts/index.html", "organizations/index.html",
            "organizations/coop-des-halles/index.html", "domains/accounting/index.html", "collections/suite/index.html",
            "about/index.html", "log/index.html",
        ):  # fmt: skip
            assert (folder / language / name).is_file(), name
    assert not (folder / "en" / "projects" / "blocked").exists()


def test_every_link_leads_to_a_file_of_the_folder_or_in_full_to_the_site_or_elsewhere(copied):
    folder, _ = copied
    for file in folder.rglob("*.html"):
        for link in links(file):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("https", "http", "mailto"), (file, link)
            elif parts.path:
                assert not link.startswith("/"), (file, link)
                assert (file.parent / parts.path).resolve().is_file(), (file, link)
                assert (file.parent / parts.path).resolve().is_relative_to(folder)


def test_what_needs_the_site_leads_there(copied):
    folder, _ = copied
    text = (folder / "en" / "projects" / "index.html").read_text()
    assert re.findall(r'<form[^>]*action="([^"]*)"', text) == ["../search.html", f"{ADDRESS}/en/compare"]
    assert f'href="{ADDRESS}/en/register' in text and "<select" not in text


def test_a_number_of_pages_is_never_passed(sqlite_template, tmp_path):
    with a_filled_site(sqlite_template, tmp_path) as app:
        done = static_site.copy_site(app, tmp_path / "pages", ("en", "fr"), ADDRESS, now=NOW, max_pages=12)
    assert (done.pages, done.complete) == (12, False)
    assert len(list((tmp_path / "pages").rglob("*.html"))) == 12 + len(
        ("index.html", "en/search.html", "fr/search.html")
    )


def test_the_command_replaces_its_own_folder_and_no_other(sqlite_template, tmp_path, monkeypatch):
    with a_filled_site(sqlite_template, tmp_path):
        pass
    shutil.copyfile(tmp_path / "catalog.db", tmp_path / "data" / "catalog.db")
    monkeypatch.setenv("FORGE_DATA", str(tmp_path / "data"))
    no = CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / "pages")])
    assert no.exit_code == 1 and "FORGE_BASE_URL" in no.output
    monkeypatch.setenv("FORGE_BASE_URL", ADDRESS)
    monkeypatch.setattr(static_site.copy_site, "__kwdefaults__", {"max_pages": 10})
    for _ in range(2):
        done = CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / "pages")])
        assert done.exit_code == 0, done.output
        assert (tmp_path / "pages" / "en" / "index.html").is_file()
    for theirs, named in (
        ("other/mine.txt", "other"), ("pages/mine.txt", "pages"), ("pages/en/mine.txt", "pages"),
        ("pages/new/mine.txt", "pages"), (".pages.new/mine.txt", "pages"), ("marked/mine.txt", "marked"),
    ):  # fmt: skip
        file = tmp_path / theirs
        file.parent.mkdir(exist_ok=True)
        file.write_text("x")
        if named == "marked":  # as earlier versions marked what they wrote, without the names of its files
            (tmp_path / "marked" / ".forge-site").touch()
        no = CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / named)])
        assert (no.exit_code, file.read_text()) == (1, "x"), theirs
        assert f"{tmp_path}/{theirs.partition('/')[0]}" in no.output and "was not written by" in no.output
        file.unlink()
        if not any(file.parent.iterdir()):
            file.parent.rmdir()
    (tmp_path / "mine.txt").write_text("x")
    (tmp_path / "pages" / "link").symlink_to(tmp_path)
    no = CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / "pages")])
    assert no.exit_code == 1 and (tmp_path / "mine.txt").exists() and (tmp_path / "pages" / "en").is_dir()
    (tmp_path / "pages" / "link").unlink()
    (tmp_path / ".pages.new").mkdir()
    for name in (".forge-site", "half.html"):  # of an export that was killed
        (tmp_path / ".pages.new" / name).touch()
    assert CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / "pages")]).exit_code == 0
    assert [path.name for path in tmp_path.glob(".pages*")] == []
    (tmp_path / "to").symlink_to(tmp_path / "pages")
    for impossible in ("to", "mine.txt"):
        no = CliRunner().invoke(forge, ["export", "--format", "site", str(tmp_path / impossible)])
        assert no.exit_code == 1 and isinstance(no.exception, SystemExit) and impossible in no.output
    assert (tmp_path / "pages" / "en").is_dir() and (tmp_path / "mine.txt").read_text() == "x"
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for _ in range(2):
        done = CliRunner().invoke(forge, ["export", "--format", "site", "."])
        assert done.exit_code == 0 and (tmp_path / "here" / "en" / "index.html").is_file(), done.output
        monkeypatch.chdir(tmp_path / "here")
