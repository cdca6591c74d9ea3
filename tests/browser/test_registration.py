"""Proposing a project in a browser, without script: from a pasted address to the public page; no finding of axe."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import pytest
from support.browser import STATES, Looked
from support.factories.core import a_store
from support.factories.registration import ANA, PUBLICCODE, last_link, of_path
from support.factories.rewriting import rewriting
from support.factories.visits import LICENSE_TEXT, LOOPBACK
from support.hosts.git_origin import a_repository, an_origin, git
from support.serving import served
from support.world import a_site, fill

from catalog import submissions
from catalog.rules.submission import PREVIEW, READING, preview_result
from catalog.tables.core import job
from forge.config.settings import Settings
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.politeness import HostTurns
from forge.mirroring.preview import PreviewJob
from forge.mirroring.visit import VisitRunner
from forge.mirroring.worker import JobHandlers, Worker
from forge.security.safe_http import AddressRules
from forge.web.core.session import NAME

WIDTHS = [
    ("ar", 320),
    *(pytest.param(*case, marks=pytest.mark.full) for case in (("fr", 1280), ("fr", 320), ("en", 320), ("en", 1280))),
]
LOOKS = [*STATES, pytest.param("en", "light", 320, True, marks=pytest.mark.full)]

STEPS = ("name", "license", "homepage", "summary", "needs", "use", "screens", "maker")
OPTIONAL = "maker"  # nothing that is typed there is wrong
TWO = ("summary", "needs")  # a question for words, one with many choices


@pytest.fixture(scope="module")
def live(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A site with a worker beside it that takes looks as the real one does, and an origin."""
    folder = tmp_path_factory.mktemp("register")
    with a_store(sqlite_template, folder) as store:
        fill(store, ("fr", "en", "ar"))
        with rewriting(store.engine) as connection:
            connection.execute(job.delete())  # what the world's projects would have visited
        (folder / "origins").mkdir()
        settings = Settings(data=folder / "data", allow_networks=LOOPBACK)
        with an_origin(folder / "origins") as origin, a_site(store, folder / "data", allow_networks=LOOPBACK) as app:
            app.state.clock = lambda: datetime.now(UTC)
            observers, addresses = ObserverProcess(task_seconds=30), AddressRules(LOOPBACK)
            hosts = HostTurns(lambda host: True, store.remote_hosts)
            refresh = VisitRunner(store, settings, addresses, hosts, ObserverProcess())
            looking = PreviewJob(store, settings.drafts, addresses, observers)
            worker = Worker(store, refresh, jobs=1, handlers=JobHandlers(prompt={PREVIEW: looking.run}))
            working = threading.Thread(target=worker.run, daemon=True)
            working.start()
            with served(app) as base:
                yield SimpleNamespace(base=base, store=store, origin=origin)
            worker.stop()
            working.join(timeout=5)
            refresh.observers.end()
            observers.end()


def a_free_one(live, name, **files) -> str:
    """A repository at the origin that describes itself; its address."""
    url = live.origin.url(f"git/{name}.git")
    stated = PUBLICCODE.format(url=url).replace("Caisse commune", f"Caisse {name}")
    files = {"LICENSE": LICENSE_TEXT, "publiccode__yml": stated, "README__md": "# Caisse\n\nTient la caisse.\n"} | files
    tool = a_repository(live.origin.folder, f"{name}.git", **files)
    git("config", "uploadpack.allowFilter", "true", cwd=tool)
    return url


def unlimited(live) -> None:
    """Each test is a network of its own to the limits."""
    live.store.rate_limits.forget(datetime(2100, 1, 1, tzinfo=UTC))


def waited_for(live, page, there: str) -> None:
    """The page that waits goes on by itself to where `there` stands. After twenty seconds it says that the look took
    too long, as it does on a busy machine: then it is opened again once the look is over."""
    draft = page.url.removesuffix("/right")
    for _ in range(2_000):
        if preview_result(of_path(live.store, draft).found).get("state") != READING:
            break
        sleep(0.1)
    page.wait_for_selector("dl.two", timeout=250_000)
    if page.locator(there).count() == 0:
        page.goto(draft)
        page.wait_for_selector(there)


@contextmanager
def standing(page) -> Iterator[None]:
    """Meanwhile the page that waits stays, however long it is looked at: by itself it asks again within two seconds. It
    does so in the end."""
    every = "**/register/**"
    page.route(every, lambda route: route.abort("aborted"))
    yield
    page.unroute(every)
    page.reload()


@pytest.mark.parametrize(("tag", "width"), WIDTHS)
def test_a_project_is_proposed_from_its_address_to_its_page_without_script(live, browser, tag, width):
    unlimited(live)
    url = a_free_one(live, f"{tag}{width}")
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{live.base}/{tag}/")
    if page.locator("header .menu summary").first.is_visible():
        page.locator("header .menu summary").first.click()
    page.locator(f'header a[href="/{tag}/register"]').click()
    page.locator("#address").fill("galette")
    page.locator("main form button").click()
    assert page.locator("#address").input_value() == "galette" and page.locator(".problem").count() == 1
    page.locator("#address").fill(f"git clone {url}")
    page.locator("main form button").click()
    waited_for(live, page, 'button[value="send"]')
    told = page.locator("main").inner_text()
    assert f"Caisse {tag}{width}" in told and "publiccode.yml" in told and "AGPL-3.0" in told
    page.locator('input[name="needs"][value="accounting"]').check()
    assert not page.locator("#hardness").is_visible()  # asked where one installs it
    page.locator('input[name="use"][value="install"]').check()
    assert page.locator('input[name="screens"][value="fr"]').is_checked()
    page.locator("#email").fill(ANA)
    page.locator('input[name="hardness"][value="easy"]').check()
    page.locator('input[name="maker"][value="no"]').check()
    page.locator('button[value="send"]').click()
    submission = of_path(live.store, page.url)
    assert submission.reference in page.locator("main").inner_text()
    page.goto(f"{live.base}/{tag}/sign-in/{last_link(live.store)}")
    page.locator("main form button").click()
    decided(live, browser, submission, tag, width)
    page.goto(f"{live.base}/{tag}/projects/{live.store.submissions.get(submission.id).before['slug']}")
    assert page.locator("h1").inner_text() == f"Caisse {tag}{width}"
    assert "Tient la caisse" in page.locator("main").inner_text()
    page.goto(f"{live.base}/{tag}/log")
    assert f"Caisse {tag}{width}" in page.locator(".event").first.inner_text()
    context.close()


def decided(live, browser, submission, tag, width) -> None:
    """A moderator finds it at the desk, reads the same address there and publishes it."""
    now = datetime.now(UTC)
    token = live.store.people.invite("bruno@example.org", "moderator", tag, now=now)
    cookie = live.store.people.sign_in(token, tag, now=now)[1]
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    context.add_cookies([{"name": NAME, "value": cookie, "url": live.base}])
    page = context.new_page()
    page.goto(f"{live.base}/{tag}/desk?kind=register")
    page.locator(f'main a[href*="{submission.reference}"]').first.click()
    assert f"{tag}{width}.git" in page.locator("main").inner_text()
    page.locator('button[name="step"][value="decide"]').click()
    assert page.get_by_role("status").count() == 1
    context.close()


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), LOOKS)
def test_no_page_of_a_registration_has_a_finding_or_scrolls_sideways(live, browser, tag, scheme, width, every):
    unlimited(live)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    looked = Looked(page, every)

    def begin(address):
        page.goto(f"{live.base}/{tag}/register")
        page.locator("#address").fill(address)
        page.locator("main form button").click()
        return page.url

    page.goto(f"{live.base}/{tag}/register")
    looked.kind("start")
    begin("x")
    looked.state("no address")
    # That it asks for itself again is what it is for: nothing can be lost of it, and a link does the same.
    begin(a_free_one(live, f"look-{tag}-{every}"))
    if not page.url.endswith("/right"):
        with standing(page):
            looked.kind("waiting", but=["meta-refresh"])
    waited_for(live, page, 'button[value="send"]')
    looked.kind("right")
    draft = page.url.removesuffix("/right")
    for step in STEPS if every else TWO:
        page.goto(f"{draft}/{step}")
        looked.state(step)
        if step == OPTIONAL:
            continue
        page.locator('input[type="text"], input[type="email"]').evaluate_all(
            "all => all.forEach(field => field.value = '!')"
        )
        page.locator('input[type="radio"], input[type="checkbox"]').evaluate_all(
            "all => all.forEach(field => field.checked = false)"
        )
        page.locator("main form button").first.click()
        page.locator("#problems").wait_for()  # a busy machine may answer after the click returned
        looked.kind(f"{step} wrong")
    page.goto(f"{draft}/right")
    page.locator('button[value="send"]').click()
    looked.kind("right wrong")
    page.locator("#email").fill(f"{tag}-{every}@example.org")  # one gets ten links an hour at most
    page.locator('button[value="send"]').click()
    looked.kind("sent")
    submissions.open_link(live.store, last_link(live.store), tag, now=datetime.now(UTC))  # unproven it blocks nobody
    begin(live.origin.url(f"git/look-{tag}-{every}"))
    looked.kind("proposed")
    unlimited(live)
    begin(live.origin.url("missing/nothing.git"))
    waited_for(live, page, "dl.two")
    looked.kind("unread")
    closed = '{"name": "shut", "license": "SSPL-1.0"}'
    assert a_repository(live.origin.folder, f"shut-{tag}-{every}.git", package__json=closed).exists()
    begin(live.origin.url(f"git/shut-{tag}-{every}.git"))
    waited_for(live, page, "#help")
    looked.kind("not free")
    begin("https://github.com/example/galette")
    looked.state("known")
    page.goto(f"{live.base}/{tag}/register/{'x' * 43}")
    looked.kind("gone")
    context.close()
    assert looked.found == {}
