"""The copy of the site in a folder, opened without a network: its search and its pictures."""

import re
from urllib.parse import urlsplit

import pytest
from support.factories.core import NOW, identity
from support.world import a_filled_site, an_observation

from catalog.rules.record_values.screenshot import StoredPicture
from forge.export import static_site

ADDRESS, OID = "https://catalog.example.org", "a" * 40


@pytest.fixture(scope="module")
def folder(sqlite_template, tmp_path_factory):
    made_in = tmp_path_factory.mktemp("site")
    with a_filled_site(sqlite_template, made_in) as app:
        store = app.state.store
        seen = an_observation() | {"pictures": [{"file": "a.png", "oid": OID, "alt": "", "sizes": [[480, 270]]}]}
        store.screenshots.keep_pictures(identity("galette"), {OID}, [StoredPicture(OID, "picture/1", 480, b"webp")])
        store.observations.observe(identity("galette"), "c" * 40, seen, free=True, last_commit_at=NOW, now=NOW)
        app.state.site.base_url = ADDRESS
        static_site.copy_site(app, made_in / "pages", ("en", "fr"), ADDRESS, now=NOW)
    return made_in / "pages"


def test_a_copy_searches_itself_and_loads_nothing_from_a_network(folder, browser):
    window = browser.new_context(offline=True).new_page()
    loaded = []
    window.on("request", lambda request: loaded.append(request.url))
    window.goto((folder / "en" / "index.html").as_uri())
    window.get_by_role("searchbox").fill("Memb galette")
    window.get_by_role("button", name="Search").click()
    assert window.locator("#results a").all_inner_texts() == ["Galette"]
    assert window.get_by_role("searchbox").input_value() == "Memb galette"
    window.get_by_role("link", name="Galette").click()
    assert window.get_by_role("heading", level=1).inner_text().startswith("Galette")
    window.goto((folder / "fr" / "search.html").as_uri() + "?q=%3Cimg%20src%3Dx%3E%20zzz")
    assert window.locator("#results").inner_text() == "Aucun résultat" and not window.locator("#results img").count()
    window.context.close()
    assert all(urlsplit(address).scheme == "file" for address in loaded)
    sources = [link for file in folder.rglob("*.html") for link in re.findall(r'\ssrc="([^"]*)"', file.read_text())]
    assert not [link for link in sources if "//" in link]
    assert (folder / "projects" / "galette" / "pictures" / f"{OID}-480.webp").read_bytes() == b"webp"
