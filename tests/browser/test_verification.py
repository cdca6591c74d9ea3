"""Claiming and correcting in a real browser, without script: by a file in a real repository, from the claim to the page
that shows the correction; no finding of axe and no sideways scroll on each new page, narrow and wide, in two languages.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.core import NOW, a_catalog, a_manifest, a_project, a_store, an_organization, identity, load
from support.factories.visits import LICENSE_TEXT, LOOPBACK, README, a_conductor, the_settings, visited
from support.hosts.git_origin import a_repository, an_origin
from support.serving import served

from catalog.search import Finder, IndexWriter
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB
from forge.app import create_app
from forge.jobs.verification_checks import CheckContext
from forge.jobs.verify_ownership import VerifyOwnership
from forge.security.dns import TxtLookup
from forge.security.safe_http import AddressRules
from forge.server.index_follower import catch_up
from forge.web.core.session import NAME
from tests.ownership.test_verification_job import pushed

GALETTE = identity("galette")
FIELDS = (
    *("summary", "status", "name", "features", "domains", "license", "languages", "leaving", "accessibility"),
    "deployment_countries",
)


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A site over a real repository on loopback, with a conductor and the job that looks at proofs."""
    folder = tmp_path_factory.mktemp("claim")
    (folder / "origins").mkdir()
    with a_store(sqlite_template, folder) as store, an_origin(folder / "origins") as origin:
        tool = a_repository(origin.folder, README__md=README, LICENSE=LICENSE_TEXT)
        manifest = a_manifest(name={"en": "Forge", "fr": "Forge"}, languages=("fr", "en", "ar"))
        project = a_project(repository=origin.url("git/tool.git"), homepage="https://www.galette.eu/x", features={})
        load(store, a_catalog(project, an_organization(homepage="https://halles.coop"), manifest=manifest))
        settings = the_settings(folder)
        with closing(IndexWriter.open(settings.search)) as writer:
            catch_up(store, writer)
        app = create_app(settings, store, Finder(settings.search), clock=lambda: NOW)
        rules = AddressRules(LOOPBACK)
        visiting = a_conductor(store, settings, clock=lambda: NOW + timedelta(seconds=1))
        with served(app) as base, visiting as conductor:
            proving = VerifyOwnership(
                CheckContext(store, settings.mirrors, rules, TxtLookup(rules, ("127.0.0.1",), 1), base), lambda: NOW
            )
            yield SimpleNamespace(base=base, store=store, tool=tool, conductor=conductor, proving=proving)


def _session(place, email: str) -> str:
    place.store.people.send_sign_in(email, "fr", {}, now=NOW)
    token = place.store.people.invite(email, "moderator", "fr", now=NOW)
    _, cookie, _ = place.store.people.sign_in(token, "fr", now=NOW)
    return cookie


def _opened(browser, place, cookie, **settings):
    context = browser.new_context(**settings)
    if cookie:
        context.add_cookies([{"name": NAME, "value": cookie, "url": place.base}])
    return context


def _look(place) -> None:
    for job in place.store.jobs.lease(
        "test", now=NOW + timedelta(hours=2), lease=timedelta(seconds=60), kinds=[VERIFICATION_JOB]
    ):
        place.proving.run(job)


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_no_new_page_has_a_finding_or_scrolls_sideways(place, browser, tag, scheme, width, every):
    cookie = _session(place, "cleo@galette.eu")
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "bypass_csp": True}
    context = _opened(browser, place, cookie, **view)
    page = context.new_page()
    looked = Looked(page, every)
    own = f"{place.base}/{tag}/projects/galette"
    for way in ("file", "dns", "link", "address") if every else ("file", "address"):
        page.goto(f"{own}/claim")
        looked.state(f"claim before {way}")
        page.locator(f'input[value="{way}"]').check()
        page.locator("main form button").last.click()
        look = looked.state if way == "address" else looked.kind
        look(f"proof by {way}")
    page.goto(f"{own}/claim")
    page.locator('input[value="word"]').check()
    page.locator("main form button").last.click()
    looked.kind("claim wrong")
    looked.open(
        f"{own}/", ("correct", "correct?field=runs"), ("keep", "write", *(f"correct?field={field}" for field in FIELDS))
    )
    page.goto(f"{own}/keep")
    page.locator('button[value="answer"]').click()
    looked.kind("keep wrong")
    for field in ("languages", "accessibility", "summary") if every else ("languages",):
        page.goto(f"{own}/correct?field={field}")
        if field == "languages":
            page.locator("main input[name='term.0']").fill("averylongwordwithoutanyspace" * 3)
        elif field == "summary":
            page.locator("main [name=value]").fill("x" * 300)
        page.locator("main form button").click()
        page.locator("#problems").wait_for()
        looked.kind(f"wrong {field}")
    page.goto(f"{own}/correct?field=cost")
    page.locator("main [name=value]").fill(f"Free {tag}")
    page.locator("main form button").click()
    looked.kind("check")
    looked.open(f"{place.base}/{tag}/organizations/coop-des-halles/", (), ("claim", "correct", "correct?field=country"))
    looked.open(own, (), ("",))
    context.close()
    assert looked.found == {}


@pytest.mark.parametrize(
    ("tag", "width"),
    [("ar", 360), *(pytest.param(tag, wide, marks=pytest.mark.full) for tag in ("fr", "en") for wide in (360, 1280))],
)
def test_a_claim_by_a_file_leads_to_a_correction_that_everybody_sees(place, browser, tag, width):
    visited(place.conductor)
    cookie = _session(place, f"bo-{tag}-{width}@example.org")
    context = _opened(browser, place, cookie, java_script_enabled=False, viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(f"{place.base}/{tag}/projects/galette")
    page.locator("a[href$='/projects/galette/claim']").click()
    page.locator('input[value="file"]').check()
    page.locator("main form button").last.click()
    line = page.locator("p.claim code").inner_text().strip()
    pushed(place.tool, "forge-claim.txt", f"{line}\n")
    page.locator('button[value="look"]').click()
    assert "forge-claim=" in page.locator("p.claim code").inner_text() and page.locator("#state a").count() == 0
    visited(place.conductor)
    _look(place)
    assert [
        proof.state
        for proof in place.store.verifications.of_person(place.store.verifications.by_nonce(line[12:]).person_id)
    ] == ["verified"]
    page.locator("#state a").wait_for()  # the page asked again by itself
    page.locator("#state a").click()
    assert page.url.endswith(f"/{tag}/projects/galette/keep")
    page.locator("#field").select_option("license")
    page.locator("#text").fill(f"Comme le fichier {tag} {width}")
    page.locator('button[value="answer"]').click()
    assert f"Comme le fichier {tag} {width}" in page.locator("main").inner_text()
    page.locator("a[href$='/projects/galette/correct']").first.click()
    page.locator("a[href$='?field=name']").click()
    page.locator("main [name=value]").fill(f"Galette {tag} {width} !")
    page.locator("main form button").click()
    assert f"Galette {tag} {width} !" in page.locator("dl").inner_text()
    page.locator('button[value="send"]').click()
    context.close()
    reader = browser.new_context(java_script_enabled=False)
    page = reader.new_page()
    page.goto(f"{place.base}/{tag}/projects/galette")
    assert page.get_by_role("heading", level=1).inner_text() == f"Galette {tag} {width} !"
    assert page.locator(".key .tag.active").count() >= 1
    assert page.locator("a[href$='/ask?project=galette']").count() == 1
    page.locator("a[href$='/ask?project=galette']").click()
    assert page.locator("main form textarea").count() == 1
    reader.close()


def test_anybody_corrects_without_script_and_nothing_changes_before_a_person(place, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(f"{place.base}/en/projects/galette/correct?field=homepage")
    page.locator("main [name=value]").fill("https://evil.example.org")
    page.locator("main [name=source]").fill("https://example.org/where")
    page.locator("main form button").click()
    page.locator('button[value="change"]').click()
    assert page.locator("main [name=value]").input_value() == "https://evil.example.org"
    page.locator("main form button").click()
    page.locator('button[value="send"]').click()
    assert page.locator("#problems").count() == 1
    page.locator("#email").fill("eve@example.org")
    page.locator('button[value="send"]').click()
    assert "/declarations/" in page.url and "evil.example.org" in page.locator("main").inner_text()
    page.goto(f"{place.base}/en/projects/galette")
    assert "evil.example.org" not in page.content()
    context.close()
