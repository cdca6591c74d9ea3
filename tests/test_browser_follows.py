"""Following in a real browser without JavaScript: from a project's page over the message to a digest and off again; its
pages have no finding of axe and no sideways scroll, narrow and wide, in French and English."""

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from factories import NOW, a_declared_adoption, later
from mailhost import a_mailbox
from sqlalchemy import select
from test_browser import browser  # noqa: F401 - a fixture
from test_follows import Post
from world import a_site, fill

from catalog.schema_following import follow
from catalog.schema_people import keeper
from catalog.store import Store
from catalog.store.database import reading, writing

from factories import identity  # isort: skip
from forge.web.session import NAME

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SITE = "https://forge.example"


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("follows")
    (folder / "catalog.db").write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    fill(store, ("fr", "en", "ar"))
    with a_site(store, folder / "data") as app, a_mailbox() as box:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        post = Post(store, box, folder / "data" / "search", secret=app.state.secret)
        yield SimpleNamespace(base=base, store=store, box=box, post=post)
        server.should_exit = True
        thread.join(timeout=2)
    store.close()


def findings(page):
    found = (
        Axe()
        .run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
        .response["violations"]
    )
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]], wider


@pytest.mark.parametrize(
    ("tag", "width", "start"), [("fr", 320, 0), pytest.param("en", 1280, 30, marks=pytest.mark.full)]
)
def test_from_a_project_s_page_to_a_digest_and_off(site, browser, tag, width, start):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page, email = context.new_page(), f"ana-{tag}@example.org"
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator("details.follow summary").press("Enter")
    page.locator("#follow-email").fill(email)
    page.locator("details.follow button").press("Enter")
    assert page.url == f"{site.base}/{tag}/follow/sent"
    (text,) = [one for one in site.post.goes_out(NOW) if "/follow/" in one]
    page.goto(next(word for word in text.split() if "/follow/" in word).replace(SITE, site.base))
    page.locator('button[value="on"]').press("Enter")
    assert f"{site.base}/{tag}/off/" in page.url and "Galette" in page.locator("main").inner_text()
    a_declared_adoption(site.store, organization=f"org-{start + 1}", stage="in-production")
    texts = site.post.goes_out(later(days=start + 8))
    (told,) = [one for one in texts if "/off/" in one]
    assert site.box.messages[-1]["To"] == email and f"{SITE}/{tag}/projects/galette" in told
    stop = next(word for word in told.split() if "/off/" in word)
    page.goto(stop.replace(SITE, site.base))
    page.locator('button[value="this"]').press("Enter")
    assert page.locator("main button").count() == 0
    a_declared_adoption(site.store, organization=f"org-{start + 2}", stage="in-production")
    assert not any("/off/" in one for one in site.post.goes_out(later(days=start + 20)))
    with reading(site.store.engine) as connection:
        assert connection.execute(select(follow)).all() == []
    context.close()


@pytest.mark.parametrize(("tag", "scheme", "width"), [("fr", "light", 1280), ("ar", "dark", 320)])
def test_no_page_has_a_finding_or_scrolls_sideways(site, browser, tag, scheme, width):  # noqa: F811
    store, now = site.store, NOW + timedelta(seconds=1)
    link = store.people.invite(f"bo-{tag}@example.org", "moderator", tag, now=NOW)
    bo, cookie, _ = store.people.sign_in(link, tag, now=NOW)
    one = store.follows.begin(bo.id, {"kind": "search", "key": "k", "query": "q=ledger&domain=accounting"}, now=now)
    with writing(store.engine) as connection:
        told = {"verification": "file-confirmed", "since": NOW}
        connection.execute(keeper.insert().values(person_id=bo.id, project_id=identity("galette"), **told))
    store.follows.ask(f"cem-{tag}@example.org", tag, {"kind": "domain", "key": "accounting"}, now=now)
    (text,) = [text for text in site.post.goes_out(later(minutes=5)) if "/follow/" in text]
    link = next(word for word in text.split() if "/follow/" in word).replace(f"{SITE}/{tag}", "")
    stop = site.post.stops(one)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": cookie, "url": site.base}])
    page, looked = context.new_page(), {}
    paths = ("/me", "/legal", "/follow?kind=project&of=galette", "/follow/sent", link, "/follow/old", f"/off/{stop}")
    for path in (*paths, "/projects/galette/hooks", "/projects?q=galette"):
        page.goto(f"{site.base}/{tag}{path}")
        looked[path] = findings(page)
    page.goto(f"{site.base}/{tag}/projects/galette/hooks")
    page.locator('button[value="make"]').click()
    looked["secret"] = findings(page)
    page.locator('form[action$="/advisory"] button').click()
    looked["wrong"] = findings(page)
    context.clear_cookies()
    page.goto(f"{site.base}/{tag}/domains/accounting")
    page.locator("details.follow summary").click()
    looked["open"] = findings(page)
    page.locator("details.follow button").click()
    looked["no address"] = findings(page)
    context.close()
    assert {path: seen for path, seen in looked.items() if seen != ([], 0)} == {}
