"""Declaring a use in a real browser without script: from the project's page to the public line, and gone again.

Each page on the way has no finding of axe and no sideways scroll.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.browser import Reader, findings
from support.factories.calls import published
from support.factories.core import a_catalog, a_manifest, a_project, an_adoption, an_organization, load
from support.serving import served
from support.waiting_rows import waiting_submissions
from support.world import a_site

from catalog.store.store import Store
from forge.i18n.languages import page_language
from tests.submissions.test_adoption_pages import link_of

WAYS = [
    ("fr", 1280, False),
    ("ar", 320, False),
    *(pytest.param(tag, width, True, marks=pytest.mark.full) for tag in ("fr", "ar", "en") for width in (320, 1280)),
]


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Iterator[SimpleNamespace]:
    coop = an_organization(homepage="https://www.coop.example/qui", name="Coop des Halles")
    found = an_adoption(stage="piloting", since="2019")
    manifest = a_manifest(languages=("en", "fr", "ar"))
    load(sqlite_store, a_catalog(a_project(adoptions=(found,)), coop, manifest=manifest))
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        yield SimpleNamespace(base=base, store=sqlite_store)


@pytest.mark.parametrize(("tag", "width", "every"), WAYS)
def test_a_use_is_declared_confirmed_by_its_link_seen_and_taken_away(site, browser, tag, width, every):
    reader = Reader(browser, width, every)
    page, look, press = reader.page, reader.look, reader.press
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator('main a[href$="/declare"]').first.click()
    page.locator("main #q").fill("halles")
    press()
    look("organization")
    page.locator('input[value="coop-des-halles"]').check()
    press()
    assert not page.locator("#until").is_visible()  # asked of what is over
    page.locator('input[name="stage"][value="in-production"]').check()
    page.locator("#since").fill("last year")
    press()
    assert (
        page.title().startswith(page_language(tag).gettext("Error:"))
        and page.locator("#since").input_value() == "last year"
    )
    page.locator("#since").fill("2021")
    page.locator("#purpose").fill("Nos adhérents à nous")
    look("how")
    press()
    look("show")
    press()
    assert page.locator("#speaks-problem").count() == 1
    page.locator('input[name="visibility"][value="public"]').check()
    page.locator("#speaks").check()
    page.locator("#email").fill("eva@coop.example")
    press()
    look("sent")
    page.goto(f"{site.base}/{tag}/sign-in/{link_of(site.store)}")
    reader.look_again("link")
    press()
    reader.look_again("published")
    page.goto(f"{site.base}/{tag}/projects/galette/users")
    assert "Nos adhérents à nous" in page.locator("main").inner_text()
    reader.look_again("users")
    page.goto(f"{site.base}/{tag}/organizations/coop-des-halles")
    reader.look_again("organization's own")
    page.locator('main button[value="withdraw"]').click()
    reader.look_again("gone")
    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(f"{site.base}/{tag}/projects/galette/users")
    assert "Coop des Halles" not in other.locator("main").inner_text()
    other.context.close()
    assert reader.leave() == {}


@pytest.mark.parametrize("tag", ["ar", *(pytest.param(tag, marks=pytest.mark.full) for tag in ("en", "fr"))])
def test_a_new_organization_declares_its_use_on_a_phone_and_is_public_once_a_moderator_read_it(site, browser, tag):
    reader = Reader(browser, 360, False)
    page, look, press = reader.page, reader.look, reader.press
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator('main a[href$="/declare"]').first.click()
    page.locator("#q").fill("Amicale des jardins")
    press()
    look("new organization")
    assert page.locator("#name").input_value() == "Amicale des jardins"  # asked once
    page.locator("#country").select_option("FR")
    page.locator("#kind").select_option("association")
    page.locator("#homepage").fill("https://jardins.example")
    page.locator("#networks").fill("Réseau des jardins, Union des halles")
    press()
    page.locator('input[name="stage"][value="in-production"]').check()
    page.locator("#since").fill("2021")
    page.locator("#purpose").fill("Nos cotisations")
    press()
    assert "Réseau des jardins" in page.locator("main").inner_text()  # what was said stands there before it is sent
    page.locator('input[name="visibility"][value="public"]').check()
    page.locator("#speaks").check()
    page.locator("#email").fill("eva@jardins.example")
    press()
    assert page.locator(".note.good h1").inner_text() == page_language(tag).gettext("Thank you. One step left")
    page.goto(f"{site.base}/{tag}/sign-in/{link_of(site.store, 'eva@jardins.example')}")
    press()
    look("thanks")
    (case,) = waiting_submissions(site.store)
    published(site.store, case)
    page.reload()
    look("published")
    sent = page.url
    page.goto(f"{site.base}/{tag}/me")
    page.locator('main a[href$="/organizations/amicale-des-jardins/claim"]').click()
    look("how it shows who it is")
    page.locator('input[name="way"][value="address"]').check()
    page.locator("main form button").last.click()
    look("verified")
    page.locator("#state a").click()
    look("managed")
    page.goto(sent)
    page.locator('main a[href*="/experience?organization="]').click()
    look("second part")
    page.locator("#version").fill("1.2")
    page.locator("#cost_band").select_option("c101-1000")
    page.locator("#currency").select_option("EUR")
    page.locator('input[name="again"][value="yes"]').check()
    page.locator('main button[value="send"]').click()
    assert waiting_submissions(site.store) == ()  # it is verified: nobody reads it first
    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(f"{site.base}/{tag}/projects/galette/users")
    told = other.locator("main").inner_text()
    assert "Amicale des jardins" in told and "Nos cotisations" in told and "1.2" in told and "EUR" in told
    other.goto(f"{site.base}/{tag}/organizations/amicale-des-jardins")
    told = other.locator("main").inner_text()
    assert "Galette" in told
    for sentence in ("Verified: this organization speaks for itself here", "Confirmed by the organization"):
        assert page_language(tag).gettext(sentence) in told
    other.context.close()
    assert reader.leave() == {}


def test_taking_away_what_was_found_and_adding_an_organization_have_no_finding(site, browser):
    context = browser.new_context(viewport={"width": 320, "height": 800}, bypass_csp=True)
    page, looked = context.new_page(), {}
    page.goto(f"{site.base}/en/projects/galette/users/coop-des-halles/away")
    looked["away"] = findings(page)
    page.locator("main form button").click()
    looked["away wrong"] = findings(page)
    page.goto(f"{site.base}/en/projects/galette/declare")
    page.locator("main form[method=post] button").last.click()
    looked["nothing chosen"] = findings(page)
    page.locator("#q").fill("Coopérative des Halles")
    page.locator("main form[method=post] button").last.click()
    looked["not known"] = findings(page)
    page.locator("#name").fill("Coop des Halles")
    page.locator("#kind").select_option("cooperative")
    page.locator("#country").select_option("FR")
    page.locator("main form[method=post] button").last.click()
    looked["alike"] = findings(page)
    assert page.locator('input[value="other"]').count() == 1
    context.close()
    assert {name: seen for name, seen in looked.items() if seen != ([], 0)} == {}
