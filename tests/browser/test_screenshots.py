"""A project's pictures in a real browser: no finding of axe, no sideways scroll, nothing moves when they come."""

import io
import time
from collections.abc import Iterator

import pytest
from PIL import Image
from support.browser import LOOKS, a_window, looked_at
from support.factories.core import NOW, a_catalog, a_manifest, a_project, a_store, identity, load
from support.serving import served
from support.world import a_site, an_observation

from catalog.rules.record_values.screenshot import StoredPicture

SIZES = ((480, 270), (480, 480), (300, 640))


@pytest.fixture(scope="module")
def base(sqlite_template, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pictures")
    with a_store(sqlite_template, folder) as store:
        load(store, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "en", "ar"))))
        rows, made = [], []
        for number, (width, height) in enumerate(SIZES):
            oid, out = f"{number}" * 40, io.BytesIO()
            Image.new("RGB", (width, height), "navy").save(out, "WEBP")
            made.append(StoredPicture(oid, "picture/1", width, out.getvalue()))
            alt = "Liste des membres" if number == 0 else ""
            file = f"docs/a-long-folder-of-pictures/screen-of-the-members-{number}.png"
            rows.append({"file": file, "oid": oid, "alt": alt, "sizes": [[width, height]]})
        store.screenshots.keep_pictures(identity("galette"), {row["oid"] for row in rows}, made)
        seen = an_observation() | {"commit": "c" * 40, "pictures": rows}
        store.observations.observe(identity("galette"), "c" * 40, seen, free=True, last_commit_at=NOW, now=NOW)
        with a_site(store, folder / "data") as app, served(app) as base:
            yield base


@pytest.mark.parametrize(("tag", "scheme", "width"), LOOKS)
def test_pictures_have_no_finding(base, browser, tag, scheme, width):
    with a_window(browser, scheme, width) as page:
        assert looked_at(page, f"{base}/{tag}/projects/galette") == ([], 0)


@pytest.mark.parametrize("width", [320, 1280])
def test_pictures_come_when_they_are_near_and_nothing_moves(base, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.route("**/pictures/**", lambda route: route.abort())
    page.goto(f"{base}/fr/projects/galette")
    empty = page.locator("#about").bounding_box()["y"]
    page.unroute("**/pictures/**")
    page.reload()
    page.locator("#looks").scroll_into_view_if_needed()
    page.locator(".screens li").last.scroll_into_view_if_needed()
    loaded = "[...document.querySelectorAll('.screens img')].every(one => one.complete && one.naturalWidth)"
    deadline = time.monotonic() + 30
    while not page.evaluate(loaded):  # `wait_for_function` asks again by `eval`, which the page forbids
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    page.evaluate("scrollTo(0, 0)")
    assert page.locator("#about").bounding_box()["y"] == empty
    assert page.locator(".screens img").count() == len(SIZES)
    page.close()
