"""Not to be listed, in a real browser without script: from the page of its maintainer to the one that is left.

No finding of axe and no sideways scroll on any page of it, narrow and wide, dark and light, in Arabic and French.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.core import NOW, a_catalog, a_manifest, a_project, an_adoption, an_organization, identity, load
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.serving import served
from support.world import a_site

from catalog.store.store import Store
from forge.web.core.session import NAME

LONG = "Nous-ne-sommes-que-deux-personnes" * 6
PLACE = "https://code.example/un/chemin/qui/est/long/pour-une-page-etroite/galette.git"


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Iterator[SimpleNamespace]:
    manifest = a_manifest(languages=("fr", "ar"), name={"fr": "Forge", "ar": "Forge"})
    project = a_project(adoptions=(an_adoption(),), repository=PLACE)
    load(sqlite_store, a_catalog(project, an_organization(), manifest=manifest))
    token = sqlite_store.people.invite("ana@x.coop", "moderator", "fr", now=NOW)
    _, cookie, _ = sqlite_store.people.sign_in(token, "fr", now=NOW)
    with rewriting(sqlite_store.engine) as connection:
        someone = sqlite_store.people.of_session(cookie, now=NOW)[0]
        a_member(connection, someone.id, project_id=identity("galette"))
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        yield SimpleNamespace(base=base, store=sqlite_store, cookie=cookie)


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_who_keeps_it_takes_it_off_the_lists_and_brings_it_back(site, browser, tag, scheme, width, every):
    settings = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    plain = browser.new_context(java_script_enabled=False, **settings)
    looking = browser.new_context(bypass_csp=True, **settings)
    plain.add_cookies([{"name": NAME, "value": site.cookie, "url": site.base}])
    page, other = plain.new_page(), looking.new_page()
    looked = Looked(other, every)

    def look(name: str, path: str = "", anybody: bool = False, state: bool = False) -> None:
        looking.clear_cookies()
        if not anybody:
            looking.add_cookies(plain.cookies())
        other.goto(f"{site.base}/{tag}{path}" if path else page.url)
        (looked.state if state else looked.kind)(name)

    page.goto(f"{site.base}/{tag}/projects/galette/keep")
    look("desk", state=True)
    page.locator('main a[href$="/projects/galette/listing"]').click()
    look("asking")
    page.locator("#reason").fill("ana@x.coop")
    page.locator('button[value="unlist"]').click()
    assert page.locator("#reason").input_value() == "ana@x.coop" and page.locator("#reason-problem").count() == 1
    page.locator("#reason").fill(LONG)
    page.locator('button[value="unlist"]').click()
    look("done", state=True)
    look("asked by others", "/projects/galette/listing", anybody=True, state=True)
    look("what is left", "/projects/galette", anybody=True)
    assert LONG in other.locator("main").inner_text() and "coop" not in other.locator("main").inner_text().lower()
    look("facts", "/projects/galette/facts", anybody=True, state=True)
    look("found by name", "/projects?q=galette", anybody=True)
    assert other.locator('main .note a[href$="/projects/galette"]').count() == 1
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator('main a[href$="/listing"]').click()
    page.locator('button[value="list"]').click()
    look("form of others", "/projects/galette/listing", anybody=True)
    assert other.locator("#email").count() == 1
    page.goto(f"{site.base}/{tag}/projects/galette")
    assert page.locator("#glance").count() == 1
    assert looked.found == {}
