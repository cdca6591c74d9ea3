"""Calls, reports and questions in a real browser: from an empty search to a published need, from a
block to its answer, from a question to its answer, without script, narrow and wide; no finding of axe, no sideways
scroll."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.calls import ANA, COOP, GALETTE, a_call, published, somebody
from support.factories.core import NOW, a_store
from support.hosts.mail import a_mailbox
from support.serving import served
from support.waiting_rows import waiting_submissions
from support.world import a_site, fill

from catalog.rules.submission import CALL
from catalog.store.people.mail_queue import MAIL
from catalog.submissions import answering
from forge.i18n.languages import page_language
from forge.mail.deliver import Delivery
from forge.mail.send import smtp_server as mail_server
from forge.web.core.session import NAME

LONG = "averylongwordwithoutanyspace" * 6
WIDTHS = [("ar", 320), *(pytest.param(tag, 1280, marks=pytest.mark.full) for tag in ("fr", "en"))]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    folder = tmp_path_factory.mktemp("calling")
    with a_store(sqlite_template, folder) as store:
        fill(store, ("fr", "en", "ar"))
        with a_mailbox() as box, a_site(store, folder / "data") as app, served(app) as base:
            yield SimpleNamespace(base=base, store=store, box=box)


def link(site) -> str:
    """Send what waits; the first link of the last message."""
    for job in site.store.jobs.lease("test", now=NOW, lease=timedelta(minutes=2), kinds=[MAIL], limit=50):
        Delivery(site.store, site.base, "no-reply@forge.example", mail_server(site.box.url), clock=lambda: NOW).run(job)
    return f"{site.base}{site.box.link()}"


def reader(browser, width):
    return browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800}).new_page()


def signed_in(browser, site, width, email, **stands):
    someone = somebody(site.store, email, **stands)
    token = site.store.people.invite(email, "moderator", "en", now=NOW)
    _, cookie, _ = site.store.people.sign_in(token, "en", now=NOW)
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    context.add_cookies([{"name": NAME, "value": cookie, "url": site.base}])
    assert someone
    return context.new_page()


def waiting(site, kind):
    """What the desk has of this kind before it; other tests of this file leave what is of another."""
    return [case for case in waiting_submissions(site.store) if case.kind == kind]


def confirm(page, site) -> None:
    page.goto(link(site))
    page.locator("main form button").first.click()


@pytest.mark.parametrize(("tag", "width"), WIDTHS)
def test_a_need_goes_from_an_empty_search_to_us_too(site, browser, tag, width):
    page, words = reader(browser, width), f"zzqx {tag}"
    page.goto(f"{site.base}/{tag}/projects?q={words}")
    page.goto(f"{site.base}/{tag}/calls/new?kind=need&words={words}")
    assert words in page.locator("#text").input_value()
    page.locator("#today").fill("")
    with page.expect_navigation():
        page.locator('button[value="send"]').click()
    assert page.title().startswith(page_language(tag).gettext("Error:")) and page.locator("#today-problem").count() == 1
    page.locator("#text").fill(f"Tenir un registre {tag} des parts des membres.")
    page.locator("#today").fill("Un tableur.")
    page.locator("#group").select_option("cooperative")
    page.locator("#country").select_option("FR")
    page.locator("#email").fill(ANA)
    page.locator('button[value="send"]').click()
    if "/declarations/" not in page.url:  # similar ones were shown first
        page.locator('button[value="send"]').click()
    assert "/declarations/" in page.url
    confirm(page, site)
    (submission,) = waiting(site, CALL)
    published(site.store, submission)
    page.goto(f"{site.base}/{tag}/calls")
    page.get_by_role("link", name=f"Tenir un registre {tag}").click()
    text = page.locator("main").inner_text()
    assert "Un tableur." in text and "@example" not in text
    page.context.close()


@pytest.mark.parametrize(("tag", "width"), WIDTHS)
def test_what_blocks_somebody_gets_an_answer(site, browser, tag, width):
    page = reader(browser, width)
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator(f'a[href="/{tag}/projects/galette/blocks"]').click()
    page.locator("#audience").select_option("seniors")
    page.locator("#where").fill("Page des cotisations")
    page.locator("#happened").fill(f"Bouton gris sur gris {tag}.")
    page.locator("form[method=post] button").click()
    code = site.store.submissions.by_token(page.url.rpartition("/")[2]).reference
    maintainer = signed_in(browser, site, width, f"k{tag}@example.org", maintained_projects=[GALETTE])
    maintainer.goto(f"{site.base}/{tag}/projects/galette/obstacles")
    maintainer.locator(f"#r-{code} button").click()
    maintainer.locator('input[value="fixed"]').check()
    maintainer.locator("#version").fill("1.3")
    maintainer.locator(f"#r-{code} form[method=post] button").click()
    page.reload()
    assert "1.3" in page.locator("main").inner_text()
    page.context.close()
    maintainer.context.close()


@pytest.mark.parametrize(("tag", "width"), WIDTHS)
def test_a_question_is_asked_and_answered(site, browser, tag, width):
    bruno = somebody(site.store, f"b{tag}@example.net", represented_organizations=[COOP])
    answering.allow(site.store, bruno, GALETTE, COOP, languages=["fr"], monthly="20", now=NOW)
    page = reader(browser, width)
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator(f'a[href="/{tag}/ask?project=galette&organization=coop-des-halles"]').first.click()
    page.locator("#text").fill("Combien de temps avez-vous mis ?")
    page.locator("#email").fill(f"asks{tag}@example.org")
    page.locator("form[method=post] button").click()
    confirm(page, site)
    other = reader(browser, width)
    other.goto(link(site))
    assert "Combien de temps" in other.locator("main").inner_text()
    other.locator("#text").fill("Deux semaines.")
    other.locator('button[value="answer"]').click()
    page.goto(link(site))
    text = page.locator("main").inner_text()
    assert "Deux semaines." in text and "@example" not in text
    page.context.close()
    other.context.close()


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_no_page_of_them_has_a_finding_or_scrolls_sideways(site, browser, tag, scheme, width, every):
    submission = a_call(site.store, f"x{tag}{every}@example.org", text=f"Registre {LONG}. {LONG}", today=LONG)
    sent = site.store.people.invite(f"s{tag}{every}@example.org", "moderator", "en", now=NOW)
    _, cookie, _ = site.store.people.sign_in(sent, "en", now=NOW)
    somebody(
        site.store,
        f"s{tag}{every}@example.org",
        role="moderator",
        maintained_projects=[GALETTE],
        represented_organizations=[COOP],
    )
    kinds = (
        *("/calls", "/calls/new", "/contact"),
        *(
            f"/calls/{submission.reference}",
            f"/calls/{submission.reference}/tend",
            f"/ask?call={submission.reference}",
        ),
        *("/projects/galette/obstacles", "/projects/galette/experiences", "/me/questions"),
    )
    states = (
        *("/calls/new?kind=need&words=zz", "/calls/new?kind=collective", "/calls/new?kind=successor&project=galette"),
        *("/calls/new?kind=translate", "/projects/galette/blocks", "/projects/galette/experience"),
        *("/me", "/projects/galette", "/", "/calls?state=ended"),
    )
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": cookie, "url": site.base}])
    page = context.new_page()
    looked = Looked(page, every)
    looked.open(f"{site.base}/{tag}", kinds, states)
    for path in ("/calls/new?kind=need", "/projects/galette/blocks", "/projects/galette/experience"):
        page.goto(f"{site.base}/{tag}{path}")
        page.locator("form[method=post] button").first.click()
        looked.kind(f"wrong {path}")
    context.close()
    assert looked.found == {}
