"""A catalogue in Spanish follows one in French, in a real browser: a project that both know is shown once with both
voices, and what an organization takes back in one is gone from the other. Pages with what others tell have no finding
of axe.
"""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.core import a_project, an_adoption, an_organization
from support.factories.visits import Clock
from support.hosts.instances import a_database, an_instance
from support.hosts.instances_cast import COOP, days, declared, galette, identity_of

from catalog.rules.submission import WITHDRAW
from forge.web.core.session import NAME

WORD = "Suivi des adhésions"
ORIGINAL = "Tient les comptes d’une association"
FULL = [("ar", "light", 1280), ("fr", "dark", 320)]
LOOKS = [*STATES, *(pytest.param(*case, True, marks=pytest.mark.full) for case in FULL)]


@pytest.fixture
def both(sqlite_template, tmp_path):
    clock = Clock()
    ours = (galette("galeta", repository="https://github.com/Example/Galette", summary={"es": "Lleva la lista"}),)
    theirs = (galette(adoptions=(an_adoption(stage="piloting"),)), a_project("paheko", summary={"fr": ORIGINAL}), COOP)
    own = an_organization("coop-sol", name="Coop Sol", country="ES")
    with ExitStack() as stack:

        def start(name, *languages, records):
            url = a_database(sqlite_template, tmp_path, name)
            return stack.enter_context(an_instance(tmp_path, url, clock, name, *languages, records=records))

        french = start("annuaire", "fr", "en", records=theirs)
        spanish = start("catalogo", "es", "fr", "ar", records=(*ours, own))
        declared(french, identity_of(french, "galette"), clock(), purpose=WORD)
        spanish.follows(french)
        token = spanish.store.people.invite("ana@x.coop", "administrator", "fr", now=clock())
        _, cookie, _ = spanish.store.people.sign_in(token, "fr", now=clock())
        yield SimpleNamespace(french=french, spanish=spanish, clock=clock, cookie=cookie)


def test_what_both_know_is_shown_once_and_what_is_taken_back_in_one_is_gone_from_the_other(
    both,
    browser,
    tmp_path,
) -> None:
    french, spanish = both.french, both.spanish
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{spanish.address}/es/projects?q=galette")
    assert page.locator('main a[href^="/es/projects/gal"]').count() == 1
    page.locator('main a[href^="/es/projects/gal"]').first.click()
    said = page.locator("main").inner_text()
    assert page.url == f"{spanish.address}/es/projects/galeta" and "Lleva la lista" in said
    told = page.locator("#told-by + ul").inner_text()
    assert "annuaire" in told and "24 de noviembre de 2026" in told
    page.goto(f"{spanish.address}/fr/projects/galeta/users")
    assert WORD in page.locator("main").inner_text() and "Coop des Halles" in page.locator("main").inner_text()
    proof = page.locator(".proof").first.inner_text()
    assert proof.startswith("Du catalogue annuaire (fr), qui indique") and ": Confirmé" in proof.replace("\u00a0", " ")
    assert ".," not in proof
    both.clock.move(hours=1)
    declared(french, identity_of(french, "galette"), both.clock(), kind=WITHDRAW)
    french.index()
    for catalogue, path in ((french, "/fr/projects/galette/users"), (spanish, "/fr/projects/galeta/users")):
        page.goto(f"{catalogue.address}{path}")
        assert (WORD in page.content()) is (catalogue is spanish)
    days(1, french, spanish)
    page.goto(f"{spanish.address}/fr/projects/galeta/users")
    assert WORD not in page.content() and "Coop des Halles" not in page.locator("main").inner_text()
    page.goto(f"{spanish.address}/fr/organizations/coop-des-halles")
    assert "galeta" not in page.content()
    context.close()


def test_what_only_the_other_knows_is_found_and_read(both, browser) -> None:
    spanish = both.spanish
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{spanish.address}/es/projects?q=paheko")
    page.locator('main a[href="/es/projects/paheko"]').first.click()
    assert ORIGINAL in page.locator(".named .lead").inner_text()
    assert page.locator("main .note", has_text="annuaire").count() == 1
    context.close()


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), LOOKS)
def test_no_page_with_what_others_tell_has_a_finding_or_scrolls_sideways(
    both, browser, tag, scheme, width, every
) -> None:
    spanish = both.spanish
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": both.cookie, "url": spanish.address}])
    looked = Looked(context.new_page(), every)
    own = f"/desk/peers/{spanish.peer(both.french).slug}"
    kinds = ("/projects/galeta", "/projects/galeta/users", "/organizations/coop-des-halles", "/about/peers", own)
    looked.open(f"{spanish.address}/{tag}", kinds, ("/projects/paheko", "/projects/galeta/facts", "/desk/peers"), 200)
    context.close()
    assert looked.found == {}
