"""Making and ending a token in a real browser without script, and the page for programs: no finding, no sideways
scroll, narrow and wide, from left and from right, light and dark."""

import re

import httpx2
import pytest
from support.browser import STATES, Looked
from support.factories.core import NOW, a_store
from support.serving import served
from support.world import a_site, fill

from forge.web.core.session import NAME


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    with a_store(sqlite_template, folder) as store:
        fill(store, ("fr", "ar", "en"))
        with a_site(store, folder / "data") as app, served(app) as base:
            yield base, store


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_a_token_is_made_used_and_ended_and_no_page_has_a_finding(site, browser, tag, scheme, width, every):
    base, store = site
    email = f"ana-{tag}-{every}@example.org"
    _, cookie, _ = store.people.sign_in(store.people.invite(email, "moderator", tag, now=NOW), tag, now=NOW)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": cookie, "url": base}])
    page = context.new_page()
    looked = Looked(page, every)
    page.goto(f"{base}/{tag}/help/api")
    looked.kind("help")
    page.goto(f"{base}/{tag}/me")
    page.locator(f'a[href="/{tag}/me/tokens"]').click()
    looked.state("first")
    page.locator("main form button").last.click()
    looked.kind("wrong")
    page.fill("#name", "Un programme")
    page.locator("main form button").last.click()
    token = page.locator("#token code").inner_text()
    looked.kind("made")
    own = f"{base}/api/v1/declarations"
    assert re.fullmatch(r"forge_[\w-]{43}", token)
    assert httpx2.get(own, headers={"authorization": f"Bearer {token}"}).status_code == 200
    page.locator("#tokens + ul button").click()
    assert page.locator("#tokens").count() == 0
    assert httpx2.get(own, headers={"authorization": f"Bearer {token}"}).status_code == 401
    context.close()
    assert looked.found == {}
