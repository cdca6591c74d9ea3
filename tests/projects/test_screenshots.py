"""The pictures of a project from a visit of its repository to its page: shown only where the source may be served."""

import re

import pytest
from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.factories.pictures import a_picture
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.factories.visits import LICENSE_TEXT, a_catalog_of, mirror_of, queued, visited
from support.hosts.git_origin import a_commit, a_repository, git
from support.world import a_client

from catalog import submissions
from catalog.model import Screenshot
from catalog.rules.record_values.screenshot import StoredPicture
from catalog.rules.submission import CORRECT, PUBLISHED
from catalog.search import Finder
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.tables.core import mirror, project
from forge.app import create_app
from forge.mirroring.worker import Worker
from tests.ownership.test_verification import proven

README = "# Tool\n\n![The list of members](list.png)\n\n![](form.jpg) ![](broken.png)\n"
FILES = {
    "README.md": README,
    "LICENSE": LICENSE_TEXT,
    "list.png": a_picture(),
    "form.jpg": a_picture(800, 600, "JPEG"),
    "broken.png": a_picture()[:2000],
}
KEYS = {name.replace(".", "__"): data for name, data in FILES.items()}
ADDRESS = re.compile(r"/projects/galette/pictures/[0-9a-f]{40}-\d+\.webp")


@pytest.fixture
def reader(conductor, origin):
    """A reader of a catalogue whose one project waits for its first visit."""
    a_repository(origin.folder, **KEYS)
    a_catalog_of(conductor.store, galette=origin.url("git/tool.git"))
    app = create_app(conductor.settings, conductor.store, Finder(conductor.settings.search), conductor.clock)
    yield a_client(app)
    app.state.code_readers.close()


def pushed(origin, **files: str) -> None:
    """The origin's head has these files instead; names are those of KEYS."""
    repository = origin.folder / "tool.git"
    wanted = FILES | {name.replace("__", "."): text for name, text in files.items()}
    parent = git("rev-parse", "main", cwd=repository).strip()
    git("update-ref", "refs/heads/main", a_commit(repository, wanted, parent).strip(), cwd=repository)


def test_a_picture_is_described_by_the_catalogues_words_and_one_of_another_repository_is_not_sought(origin, conductor):
    a_repository(origin.folder, **KEYS)
    pictures = (Screenshot("git/tool:list.png", {"en": "The <list>"}), Screenshot("else/where:form.jpg"))
    load(conductor.store, a_catalog(a_project(repository=origin.url("git/tool.git"), screenshots=pictures)))
    assert queued(conductor).good
    app = create_app(conductor.settings, conductor.store, Finder(conductor.settings.search), conductor.clock)
    page, facts = (a_client(app).get(f"/en/projects/galette{path}").text for path in ("", "/facts"))
    app.state.code_readers.close()
    assert 'alt="The &lt;list&gt;"' in page
    assert "It is in another repository than the one that we copy." in facts


def test_a_visit_draws_pictures_and_the_page_shows_them_with_words(origin, conductor, reader):
    assert queued(conductor).good
    page = reader.get("/en/projects/galette").text
    assert "Screenshots" in page
    images = re.findall(r'<img src="(/projects/galette/pictures/[^"]+)"([^>]*)>', page)
    assert len(images) == 2
    assert 'alt="The list of members"' in images[0][1] and 'width="480" height="270" loading="lazy"' in images[0][1]
    assert 'alt="Screenshot 2 of Galette"' in images[1][1]
    head = mirror_of(conductor.store).head
    assert f"/en/projects/galette/code/blob/{head}/list.png" in page
    assert reader.get(f"/en/projects/galette/code/blob/{head}/list.png").status_code == 200
    addresses = ADDRESS.findall(page)
    assert len(set(addresses)) == 4
    for address in addresses:
        answer = reader.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert answer.content[8:12] == b"WEBP" and answer.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in answer.headers["cache-control"]
        tag = answer.headers["etag"]
        assert not tag.startswith("W/")
        assert reader.get(address, headers={"If-None-Match": tag}).status_code == 304
    reasons = [row["reason"] for row in mirror_of(conductor.store).observation["pictures"] if "reason" in row]
    assert reasons == ["damaged"]


def test_only_the_very_addresses_of_the_page_are_answered(origin, conductor, reader):
    assert queued(conductor).good
    found = set(ADDRESS.findall(reader.get("/en/projects/galette").text))
    address = next(path for path in sorted(found) if "-480." in path)
    load(conductor.store, a_catalog(a_project(repository=origin.url("git/tool.git")), a_project("paheko")))
    oid = address.rpartition("/")[2].partition("-")[0]
    broken = next(row["oid"] for row in mirror_of(conductor.store).observation["pictures"] if "reason" in row)
    for wrong in (
        address.replace("galette", "paheko"), address.replace("galette", "nobody"), address.replace(oid, "0" * 40),
        address.replace("-480", "-481"), address.replace("-480", "-0480"), address.replace(".webp", ".png"),
        address.replace(oid, broken), address.replace(f"{oid}-480", f"{broken}-0"), address + "/x",
    ):  # fmt: skip
        assert wrong != address and reader.get(wrong).status_code == 404, wrong
    assert reader.get(address).status_code == 200


def test_without_a_free_license_nothing_is_drawn_or_given_out(origin, conductor, reader):
    pushed(origin, LICENSE="All rights reserved. You may look at it, no more.\n")
    assert queued(conductor).good
    page = reader.get("/en/projects/galette").text
    assert ">Screenshots</h" not in page and not ADDRESS.search(page)


def test_what_was_shown_goes_when_makers_block_hide_or_a_license_is_refused(origin, conductor, reader):
    assert queued(conductor).good
    address = ADDRESS.search(reader.get("/en/projects/galette").text)[0]
    assert reader.get(address).status_code == 200
    with rewriting(conductor.store.engine) as connection:
        connection.execute(update(project).where(project.c.id == identity("galette")).values(opted_out_at=NOW))
    assert reader.get(address).status_code == 404
    with rewriting(conductor.store.engine) as connection:
        connection.execute(update(project).where(project.c.id == identity("galette")).values(opted_out_at=None))
    assert reader.get(address).status_code == 200
    conductor.store.takedowns.block("galette", "The law requires it.", now=NOW)
    assert reader.get(address).status_code == 410


def test_a_new_head_keeps_what_it_still_shows_and_forgets_the_rest(origin, conductor, clock, reader):
    assert queued(conductor).good
    rows = {row["file"]: row for row in mirror_of(conductor.store).observation["pictures"]}
    pushed(origin, README__md="# Tool\n\n![Members](list.png)\n")
    clock.move(hours=7)
    assert visited(conductor).good
    shown = set(ADDRESS.findall(reader.get("/en/projects/galette").text))
    assert all(rows["list.png"]["oid"] in address for address in shown) and len(shown) == 2
    assert all(reader.get(address).status_code == 200 for address in shown)
    gone = rows["form.jpg"]
    assert conductor.store.screenshots.picture(identity("galette"), gone["oid"], gone["sizes"][0][0]) is None


def working(conductor):
    """What a worker does that is due now."""
    conductor.stopping.clear()  # a worker that came back before set it
    Worker(conductor.store, conductor, jobs=1).run(once=True)


def names(store, someone, *files):
    """Who maintains the project names these files for its screens, as its page lets them."""
    answers = {"field": "screenshots", "value": list(files)}
    _, submission = begin_draft(store, CORRECT, "en", project_id=identity("galette"), answers=answers, now=NOW)
    assert submissions.send(store, submission.id, email=None, person=someone, now=NOW)[0].state == PUBLISHED
    return submission


def shown(reader):
    return [path.rpartition("/")[2] for path in re.findall(r'code/blob/[0-9a-f]{40}/([^"]+)', pictures_of(reader))]


def pictures_of(reader):
    """The part of the page that shows the screens; an address of each picture must answer."""
    found = re.search(r'<ul class="screens">.*?</ul>', reader.get("/en/projects/galette").text, re.S)
    part = found[0] if found else ""
    assert all(reader.get(address).status_code == 200 for address in ADDRESS.findall(part))
    return part


def test_files_that_a_maintainer_names_are_shown_from_the_mirror_that_is_there(origin, conductor, reader):
    pushed(origin, shots__png=a_picture(700, 500), more__png=a_picture(640, 400))
    assert queued(conductor).good
    assert shown(reader) == ["list.png", "form.jpg"]
    bo, _ = proven(conductor.store)
    (origin.folder / "tool.git").rename(origin.folder / "away.git")
    first = names(conductor.store, bo, "shots.png", "nowhere.png", "broken.png")
    working(conductor)
    assert shown(reader) == ["shots.png", "list.png", "form.jpg"]
    names(conductor.store, bo, "more.png", "form.jpg")
    working(conductor)
    assert shown(reader) == ["more.png", "form.jpg", "list.png"]
    with changing(conductor.store.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, first.id), change, now=NOW)
    names(conductor.store, bo, "form.jpg")
    working(conductor)
    assert shown(reader) == ["form.jpg", "list.png"]


def said_of(reader, path):
    """What a page says of files that are not shown, by file."""
    html = reader.get(path).text
    part = html.partition("Not shown on the project page:")[2].partition("</ul>")[0]
    return dict(re.findall(r'<li><code dir="ltr">([^<]*)</code> ([^<]*)</li>', part))


def test_a_file_that_is_not_shown_is_told_with_its_reason_to_whoever_named_it_and_on_the_page_of_facts(
    origin, conductor, reader
):
    assert queued(conductor).good
    bo, _ = proven(conductor.store)
    answers = {"field": "screenshots", "value": ["nowhere.png", "README.md", "broken.png", "list.png"]}
    token, submission = begin_draft(
        conductor.store, CORRECT, "en", project_id=identity("galette"), answers=answers, now=NOW
    )
    assert submissions.send(conductor.store, submission.id, email=None, person=bo, now=NOW)[0].state == PUBLISHED
    working(conductor)
    expected = {
        "nowhere.png": "This file is not in our copy of the code.",
        "README.md": "This is not a supported image. PNG, JPEG, GIF and WebP can be shown.",
        "broken.png": "This image could not be processed.",
    }
    pages = (f"/en/declarations/{token}", "/en/projects/galette/facts")
    assert [said_of(reader, path) for path in pages] == [expected, expected]
    assert shown(reader) == ["list.png", "form.jpg"]
    with changing(conductor.store.engine) as (connection, change):
        connection.execute(update(mirror).values(decided=False))
        change.touch("project", identity("galette"))
    for path in pages:
        told = said_of(reader, path)
        assert set(told.values()) == {"Screenshots are shown only where the code is certainly free software."}
        assert list(told) == answers["value"]


def test_files_that_a_document_names_are_shown_at_once_too(origin, conductor, reader):
    pushed(origin, shots__png=a_picture(700, 500))
    assert queued(conductor).good
    url = origin.url("git/tool.git")
    load(conductor.store, a_catalog(a_project(repository=url, screenshots=("shots.png",))))
    working(conductor)
    assert shown(reader) == ["shots.png", "list.png", "form.jpg"]


def test_files_named_before_the_first_visit_wait_for_it(origin, conductor, reader):
    pushed(origin, shots__png=a_picture(700, 500))
    bo, _ = proven(conductor.store)
    names(conductor.store, bo, "shots.png")
    assert visited(conductor).good
    assert shown(reader) == ["shots.png", "list.png", "form.jpg"]


def test_files_named_while_a_commit_is_read_are_read_after_it(origin, conductor, reader, monkeypatch):
    pushed(origin, shots__png=a_picture(700, 500))
    bo, _ = proven(conductor.store)

    read, named = conductor.observers.run, []

    def run(*task):
        """The reading child, and somebody who names a file as soon as it has read."""
        told = read(*task)
        if not named:
            named.append(names(conductor.store, bo, "shots.png"))
        return told

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(conductor.observers, "run", run)
        assert visited(conductor).good
    assert shown(reader) == ["list.png", "form.jpg"]
    working(conductor)
    assert shown(reader) == ["shots.png", "list.png", "form.jpg"]


def test_pictures_are_kept_of_one_project_and_replaced(store):
    galette, paheko = identity("galette"), identity("paheko")
    picture, why = (
        StoredPicture("a" * 40, "picture/1", 480, b"\0webp"),
        StoredPicture("b" * 40, "picture/1", 0, None, "damaged"),
    )
    store.screenshots.keep_pictures(galette, {picture.object_id, why.object_id}, [picture, why])
    assert store.screenshots.picture(galette, picture.object_id, 480) == picture
    assert store.screenshots.picture(paheko, picture.object_id, 480) is None
    assert store.screenshots.picture(galette, why.object_id, 0) is None
    store.screenshots.keep_pictures(galette, {picture.object_id}, [])
    assert store.screenshots.picture(galette, picture.object_id, 480) == picture
    other = StoredPicture("a" * 40, "picture/2", 470, b"\0new")
    store.screenshots.keep_pictures(galette, {picture.object_id}, [other])
    assert store.screenshots.picture(galette, picture.object_id, 480) is None
    assert store.screenshots.picture(galette, picture.object_id, 470) == other
    store.screenshots.keep_pictures(galette, set(), [])
    assert store.screenshots.picture(galette, picture.object_id, 470) is None


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#070"/></svg>'
LOGO_IMAGE = re.compile(r'<img class="logo large" src="([^"]+)" width="(\d+)" height="(\d+)" alt="">')


def logo_on(page: str) -> tuple[str, ...] | None:
    found = LOGO_IMAGE.search(page)
    return found.groups() if found else None


def test_the_page_shows_the_logo_of_the_repository_else_a_tile_of_initials(origin, conductor, reader):
    assert '<span class="tile t' in reader.get("/en/projects/galette").text
    pushed(origin, logo__svg=LOGO)
    assert queued(conductor).good
    page = reader.get("/en/projects/galette").text
    address, width, height = logo_on(page)
    assert (width, height) == ("192", "96") and 'class="tile' not in page.partition("<h1>")[0].rpartition("<nav")[2]
    answer = reader.get(address)
    assert answer.headers["content-type"] == "image/webp" and answer.content[8:12] == b"WEBP"
    assert len(answer.content) <= 8_000 and "default-src 'none'" in answer.headers["content-security-policy"]
    (card,) = conductor.store.public_records.cards([identity("galette")])
    assert address.endswith(f"/{card.logo.object_id}-192.webp") and (card.logo.width, card.logo.height) == (192, 96)


def test_a_logo_that_people_or_publiccode_name_comes_before_a_likely_one(origin, conductor, reader):
    url = origin.url("git/tool.git")
    stated = f"publiccodeYmlVersion: '0'\nname: Galette\nurl: {url}\nlogo: img.svg\n"
    pushed(origin, logo__svg=LOGO, img__svg=LOGO.replace("#070", "#700"), publiccode__yml=stated)
    assert queued(conductor).good
    assert mirror_of(conductor.store).observation["logo"]["file"] == "img.svg"
    load(conductor.store, a_catalog(a_project(repository=url, logo="git/tool:list.png")))
    working(conductor)
    assert mirror_of(conductor.store).observation["logo"]["file"] == "list.png"
    assert "list.png" not in shown(reader)  # one file is not shown twice


def test_a_logo_leaves_with_the_license_of_the_code(origin, conductor, reader):
    pushed(origin, logo__svg=LOGO)
    assert queued(conductor).good
    address, *_ = logo_on(reader.get("/en/projects/galette").text)
    with rewriting(conductor.store.engine) as connection:
        connection.execute(update(mirror).values(free=False))
    assert logo_on(reader.get("/en/projects/galette").text) is None
    assert conductor.store.public_records.cards([identity("galette")])[0].logo is None
    assert reader.get(address).status_code == 404
