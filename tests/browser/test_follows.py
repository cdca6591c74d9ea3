"""Following in a real browser without JavaScript: from a project's page over the message to a digest and off again; its
pages have no finding of axe and no sideways scroll, narrow and wide, in French and English."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from support.browser import STATES, Looked
from support.factories.core import NOW, a_declared_adoption, a_store, later
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.hosts.mail import a_mailbox
from support.serving import served
from support.world import a_site, fill

from catalog.store.core.engine import reading
from catalog.tables.follows import follow
from catalog.tables.people import person
from tests.follows.test_follows import Post

from support.factories.core import identity  # isort: skip
from forge.web.core.session import NAME

SITE = "https://forge.example"


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("follows")
    with a_store(sqlite_template, folder) as store:
        fill(store, ("fr", "en", "ar"))
        with a_site(store, folder / "data") as app, a_mailbox() as box, served(app) as base:
            post = Post(store, box, secret=app.state.secret)
            yield SimpleNamespace(base=base, store=store, box=box, post=post)


@pytest.mark.parametrize(
    ("tag", "width", "start"), [("fr", 320, 0), pytest.param("en", 1280, 30, marks=pytest.mark.full)]
)
def test_from_a_project_s_page_to_a_digest_and_off(site, browser, tag, width, start):
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page, email = context.new_page(), f"ana-{tag}@example.org"
    page.goto(f"{site.base}/{tag}/projects/galette")
    page.locator(f'a[href="/{tag}/projects/galette/follow"]').press("Enter")
    page.locator("#email").fill(email)
    page.locator("main form button").press("Enter")
    (text,) = [message for message in site.post.goes_out(NOW) if "/follow/" in message]
    page.goto(next(word for word in text.split() if "/follow/" in word).replace(SITE, site.base))
    page.locator('button[value="on"]').press("Enter")
    assert f"{site.base}/{tag}/off/" in page.url and "Galette" in page.locator("main").inner_text()
    a_declared_adoption(site.store, organization=f"org-{start + 1}", stage="in-production")
    texts = site.post.goes_out(later(days=start + 8))
    (told,) = [text for text in texts if "/off/" in text]
    assert site.box.messages[-1]["To"] == email and f"{SITE}/{tag}/projects/galette" in told
    stop = next(word for word in told.split() if "/off/" in word)
    page.goto(stop.replace(SITE, site.base))
    page.locator('button[value="this"]').press("Enter")
    assert page.locator("main button").count() == 0
    a_declared_adoption(site.store, organization=f"org-{start + 2}", stage="in-production")
    assert not any("/off/" in message for message in site.post.goes_out(later(days=start + 20)))
    with reading(site.store.engine) as connection:
        theirs = select(follow).join(person, person.c.id == follow.c.person_id).where(person.c.email == email)
        assert connection.execute(theirs).all() == []
    context.close()


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_no_page_has_a_finding_or_scrolls_sideways(site, browser, tag, scheme, width, every):
    store, now = site.store, NOW + timedelta(seconds=1)
    link = store.people.invite(f"bo-{tag}-{every}@example.org", "moderator", tag, now=NOW)
    bo, cookie, _ = store.people.sign_in(link, tag, now=NOW)
    submission = store.follows.begin(bo.id, identity("galette"), now=now)
    with rewriting(store.engine) as connection:
        a_member(connection, bo.id, project_id=identity("galette"))
    store.follows.ask(f"cem-{tag}-{every}@example.org", tag, identity("galette"), now=now)
    (text,) = [text for text in site.post.goes_out(later(minutes=5)) if "/follow/" in text]
    link = next(word for word in text.split() if "/follow/" in word).replace(f"{SITE}/{tag}", "")
    stop = site.post.stops(submission)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.add_cookies([{"name": NAME, "value": cookie, "url": site.base}])
    page = context.new_page()
    looked = Looked(page, every)
    kinds = ("/projects/galette/follow", link, "/follow/old", f"/off/{stop}")
    looked.open(f"{site.base}/{tag}", kinds, ("/me", "/legal", "/projects?q=galette"))
    context.clear_cookies()
    page.goto(f"{site.base}/{tag}/projects/galette/follow")
    page.locator("main form button").click()
    looked.kind("no address")
    context.close()
    assert looked.found == {}
