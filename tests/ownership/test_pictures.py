"""Logos and screenshots that maintainers and representatives upload: drawn anew, seen at once, theirs to remove."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select
from support.factories.core import identity
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.visitors import BROWSER, person_id, signed_in
from support.world import a_client, a_site, fill

from catalog.store.core.engine import reading
from catalog.tables.ownership import upload

GALETTE = identity("galette")


def somebody(app, store, email, *, is_maintainer=False, speaks=None):
    """A client that is signed in."""
    client = signed_in(app, store, email, None)
    with rewriting(store.engine) as connection:
        if is_maintainer:
            a_member(connection, person_id(store, email), project_id=GALETTE)
        if speaks:
            a_member(connection, person_id(store, email), organization_id=identity(speaks, "organization"))
    return client


@pytest.fixture
def app(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as site:
        a_client(site)
        yield site


def a_picture(width: int = 900, height: int = 500, color: str = "teal") -> bytes:
    with io.BytesIO() as file:
        Image.new("RGB", (width, height), color).save(file, "PNG")
        return file.getvalue()


def send(client, path, data=None, *, picture=None, name="a.png"):
    files = {"picture": (name, picture, "image/png")} if picture is not None else {"picture": ("", b"", "text/plain")}
    return client.post(f"/en{path}", data=data or {}, files=files, headers=BROWSER)


def test_a_maintainer_uploads_a_screenshot_with_its_words_and_sees_it_at_once(app, sqlite_store):
    ana, reader = somebody(app, sqlite_store, "ana@example.org", is_maintainer=True), a_client(app)
    assert 'href="/en/projects/galette/upload"' in ana.get("/en/projects/galette/keep").text
    said = {"use": "screenshot", "alt": "The list of members", "language": "en"}
    assert send(ana, "/projects/galette/upload", said, picture=a_picture()).status_code == 303
    html = reader.get("/en/projects/galette").text
    shown = re.search(r'<a href="([^"]+)"><img src="([^"]+)"[^>]+alt="The list of members"', html)
    small, large = (reader.get(shown[number]) for number in (2, 1))
    assert small.headers["content-type"] == large.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(small.content)) as first, Image.open(io.BytesIO(large.content)) as second:
        assert first.width <= 480 < second.width == 900 and first.format == second.format == "WEBP"
    assert reader.get(shown[1], headers={"if-none-match": large.headers["etag"]}).status_code == 304
    # Whatever was in the file beside the picture is not in what is served.
    assert reader.get(shown[1].replace("-900.webp", "-901.webp")).status_code == 404


def test_a_logo_takes_the_place_of_the_one_before_on_the_page_and_on_cards(app, sqlite_store):
    ana, reader = somebody(app, sqlite_store, "ana@example.org", is_maintainer=True), a_client(app)
    before = reader.get("/en/projects/galette").text
    for color in ("red", "blue"):
        assert send(ana, "/projects/galette/upload", {"use": "logo"}, picture=a_picture(color=color)).status_code == 303
    page, card = (reader.get(path).text for path in ("/en/projects/galette", "/en/projects?q=galette"))
    logos = [
        re.search(r'<img class="logo[^"]*" src="(/projects/galette/pictures/[^"]+)"', html) for html in (page, card)
    ]
    assert logos[0][1] == logos[1][1] and logos[0][1] not in before
    kept = sqlite_store.uploads.of_record("project", GALETTE)
    assert [picture.use for picture in kept] == ["logo"]
    with reading(sqlite_store.engine) as connection:
        bytes_left = connection.execute(select(upload.c.small).order_by(upload.c.id)).scalars().all()
    assert not bytes_left[0] and bytes_left[1]
    removed = ana.post("/en/projects/galette/upload", data={"step": "remove", "number": str(kept[0].number)},
                       headers=BROWSER)  # fmt: skip
    assert removed.status_code == 303 and logos[0][1] not in reader.get("/en/projects/galette").text
    assert reader.get(logos[0][1]).status_code == 404


def test_what_is_missing_or_no_picture_is_said_beside_its_field_and_nothing_is_kept(app, sqlite_store):
    ana = somebody(app, sqlite_store, "ana@example.org", is_maintainer=True)
    nothing = send(ana, "/projects/galette/upload", {"use": "screenshot"})
    assert nothing.status_code == 422 and nothing.text.count("Choose a picture from your device") == 2
    assert nothing.text.count("Describe what can be seen in the screenshot") == 2
    said = {"use": "screenshot", "alt": "x"}
    for content in (b"<svg onload=alert(1)>", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 99):
        answer = send(ana, "/projects/galette/upload", said, picture=content)
        assert answer.status_code == 422 and "This file could not be processed" in answer.text, content
    assert 'value="x"' in answer.text
    large = send(ana, "/projects/galette/upload", said, picture=b"x" * 950_000)
    assert large.status_code == 413
    assert send(ana, "/projects/galette/upload", {"use": "banner"}, picture=a_picture()).status_code == 422
    unsaid = send(ana, "/projects/galette/upload", {"use": "screenshot"}, picture=a_picture(), name="<b>desk.png")
    assert unsaid.status_code == 422 and "Choose it again: <bdi>&lt;b&gt;desk.png</bdi>" in unsaid.text
    assert "picture-again" not in answer.text  # that file is of no use
    assert sqlite_store.uploads.of_record("project", GALETTE) == ()


def test_three_screenshots_are_shown_and_no_fourth_is_taken(app, sqlite_store):
    ana = somebody(app, sqlite_store, "ana@example.org", is_maintainer=True)
    answers = [
        send(
            ana, "/projects/galette/upload", {"use": "screenshot", "alt": f"Screen {n}"}, picture=a_picture(color=color)
        )
        for n, color in enumerate(("red", "green", "blue", "black"))
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 422]
    assert "Three screenshots are shown already" in answers[-1].text


def test_a_representative_uploads_the_logo_of_the_organization_and_nobody_else_does(app, sqlite_store):
    ana = somebody(app, sqlite_store, "ana@example.org", speaks="coop-des-halles")
    leo, reader = somebody(app, sqlite_store, "leo@example.org", is_maintainer=True), a_client(app)
    path = "/organizations/coop-des-halles/upload"
    assert f'href="/en{path}"' in ana.get("/en/me").text and "The logo" not in ana.get(f"/en{path}").text
    assert send(ana, path, {"use": "screenshot", "alt": "x"}, picture=a_picture()).status_code == 422
    assert send(ana, path, {"use": "logo"}, picture=a_picture(300, 300)).status_code == 303
    html = reader.get("/en/organizations/coop-des-halles").text
    logo = re.search(r'src="(/organizations/coop-des-halles/pictures/[^"]+)"', html)[1]
    assert reader.get(logo).headers["content-type"] == "image/webp" and logo in reader.get("/en/organizations").text
    assert send(leo, path, {"use": "logo"}, picture=a_picture()).status_code == 403
    assert send(leo, "/projects/asleep/upload", {"use": "logo"}, picture=a_picture()).status_code == 403
    assert a_client(app).get(f"/en{path}", follow_redirects=False).status_code in (302, 303, 403)
