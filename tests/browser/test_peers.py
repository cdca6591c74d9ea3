"""Other catalogues at the desk and for readers, in a real browser without script: no finding of axe and no sideways
scroll, narrow and wide, dark and light, in Arabic and French; a decision by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.core import NOW, a_catalog, a_manifest, a_project, load
from support.factories.peers import CARD, a_peer, followed
from support.hosts.exchange import an_id
from support.serving import served
from support.world import a_site

from catalog.rules.peer import TAMPERED, Refusal
from catalog.store.store import Store
from forge.web.core.session import NAME

LONG = "Una-frase-sin-ningún-espacio-que-no-cabe" * 5


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Iterator[SimpleNamespace]:
    load(sqlite_store, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "ar"))))
    card = CARD | {"criteria": {"es": LONG}, "name": {"es": LONG}}
    refused = followed(sqlite_store, a_peer(sqlite_store, instance_id=an_id(9), card=card))
    sqlite_store.peers.refused(refused.id, Refusal(TAMPERED, f"snapshot/project.{'a' * 60}.json.gz", NOW))
    new = a_peer(sqlite_store)
    token = sqlite_store.people.invite("ana@x.coop", "administrator", "fr", now=NOW)
    _, cookie, _ = sqlite_store.people.sign_in(token, "fr", now=NOW)
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        yield SimpleNamespace(base=base, store=sqlite_store, cookie=cookie, refused=refused, new=new)


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_no_page_of_peers_has_a_finding_or_scrolls_sideways(site, browser, tag, scheme, width, every):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": site.cookie, "url": site.base}])
    page = context.new_page()
    looked = Looked(page, every)
    kinds = ("/desk/peers", f"/desk/peers/{site.refused.slug}", "/about/peers")
    looked.open(f"{site.base}/{tag}", kinds, (f"/desk/peers/{site.new.slug}", "/log"), 200)
    page.goto(f"{site.base}/{tag}/desk/peers/{site.new.slug}")
    page.locator('input[value="new"]').check()
    page.locator('button[value="decide"]').click()
    looked.kind("wrong")
    context.close()
    assert looked.found == {}


def test_a_decision_is_made_without_script_or_mouse(site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    context.add_cookies([{"name": NAME, "value": site.cookie, "url": site.base}])
    page = context.new_page()
    page.goto(f"{site.base}/fr/desk")
    page.get_by_role("link", name="Autres catalogues").press("Enter")
    page.get_by_role("link", name="Software for the social economy").press("Enter")
    page.get_by_role("button", name="Confirmer la décision").press("Enter")
    page.wait_for_load_state()
    assert site.store.peers.get(site.new.id).state == "following"
    context.close()
