"""Editing the catalogue at the desk, through its pages: nobody needs the document's file."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.factories.core import NOW, identity
from support.factories.submissions import begin_draft
from support.visitors import HOSTILE, person_id, signed_in
from support.world import a_client

from catalog.document import dump
from catalog.document.folder import parse
from catalog.rules.submission import PREVIEW as REPOSITORY_PREVIEW
from catalog.rules.submission import READ, REGISTER
from catalog.store.core.engine import reading
from catalog.tables.people import message

WEBSITE = "https://edited.example.org"


@pytest.fixture
def ana(app, store):
    return signed_in(app, store, "ana@example.org", "administrator")


def typed(client, path, **given):
    """The summary page of a correction, and the address at which a moderator publishes it."""
    page = client.get(f"{path}?field={given['field']}").text
    draft = re.search(r'name="draft" value="([^"]+)"', page)[1]
    answer = client.post(path, data=given | {"draft": draft, "step": ""})
    assert answer.status_code == 200, answer.text
    found = re.search(r'href="(/en/desk/drafts/[^"]+)"', answer.text)
    return found[1] if found else None


@pytest.mark.parametrize("path", ["projects/galette", "organizations/coop-des-halles"])
def test_a_field_is_edited_by_the_form_of_everybody_in_one_press_more(app, bruno, path):
    draft = typed(bruno, f"/en/{path}/correct", field="homepage", value=WEBSITE)
    page = bruno.get(draft)
    assert page.status_code == 200 and WEBSITE in page.text and "Publish now" in page.text
    done = bruno.post(draft, data={"words": "The old site is gone."})
    assert done.status_code == 303 and done.headers["location"].startswith(f"/en/desk/{path}?done=")
    assert "Edited by a moderator" in bruno.get(done.headers["location"]).text
    reader = a_client(app)
    assert WEBSITE in reader.get(f"/en/{path}").text
    log = reader.get("/en/log").text
    assert "Edited by a moderator" in log and "Edited: Website" in log and "The old site is gone." in log
    assert bruno.get(draft).status_code == 404  # it is published, and no draft any more


def test_who_does_not_moderate_is_offered_no_such_press_and_may_not(app, bruno, store):
    draft = typed(bruno, "/en/projects/galette/correct", field="homepage", value=WEBSITE)
    person = signed_in(app, store, "person@example.org", None)
    assert typed(person, "/en/projects/galette/correct", field="homepage", value=WEBSITE) is None
    assert person.get(draft).status_code == person.post(draft, data={"words": ""}).status_code == 403
    assert store.decisions.count() == 0


@pytest.mark.parametrize("words", ["Ask bruno@example.org", "x" * 1001])
def test_what_is_wrong_with_the_explanation_is_said_and_what_was_typed_stays(bruno, store, words):
    draft = typed(bruno, "/en/projects/galette/correct", field="homepage", value=WEBSITE)
    answer = bruno.post(draft, data={"words": words})
    assert answer.status_code == 422 and 'id="words-problem"' in answer.text and words in answer.text
    assert store.decisions.count() == 0


def test_software_is_added_by_the_form_of_everybody_and_is_in_the_export(app, bruno, store):
    said = {"address": "https://git.example.org/new/tool.git", "name": "New tool", "summary": "Keeps a list of members"}
    said |= {"language": "en", "license": "AGPL-3.0-or-later", "needs": ["member-management"]}
    token, submission = begin_draft(store, REGISTER, "en", answers=said, network="n", now=NOW)
    store.submissions.keep_found(
        submission.id, {REPOSITORY_PREVIEW: {"state": READ, "url": said["address"], "free": True}}, now=NOW
    )
    page = bruno.get(f"/en/desk/drafts/{token}")
    assert page.status_code == 200 and "Add this software" in page.text
    done = bruno.post(f"/en/desk/drafts/{token}", data={"words": ""})
    assert done.status_code == 303
    assert a_client(app).get("/en/projects/new-tool").status_code == 200
    (added,) = (project for project in store.curated_document.document().projects if project.slug == "new-tool")
    assert added.repository == said["address"] and added.domains == ("member-management",)
    number = store.decisions.lines()[0].number
    assert bruno.post(f"/en/desk/undo/{number}", data={"reason": "mistake", "words": ""}).status_code == 303
    assert a_client(app).get("/en/projects/new-tool").status_code == 404


def test_an_organization_is_added_and_what_is_wrong_stands_beside_its_field(app, bruno):
    wrong = bruno.post("/en/desk/new-organization", data={"name": "", "homepage": "no address"})
    assert wrong.status_code == 422 and 'id="name-problem"' in wrong.text and 'id="homepage-problem"' in wrong.text
    given = {"name": "Régie des Halles", "country": "FR", "kind": "cooperative"}
    given |= {"homepage": WEBSITE.removeprefix("https://")}
    done = bruno.post("/en/desk/new-organization", data=given)
    assert done.status_code == 303 and "Added by a moderator" in bruno.get(done.headers["location"]).text
    shown = a_client(app).get("/en/organizations/regie-des-halles")
    assert shown.status_code == 200 and WEBSITE in shown.text
    assert bruno.post("/en/desk/new-organization", data=given).status_code == 422


def test_a_record_is_locked_and_unlocked(bruno, store):
    path = "/en/desk/projects/galette"
    for choice, reason, word in (("lock", "protected", "Unlock it"), ("unlock", "over", "Lock it")):
        assert f'value="{choice}"' in bruno.get(path).text
        wish = {"choice": choice, "reason": reason, "words": ""}
        assert 'value="decide"' in bruno.post(path, data=wish).text
        assert bruno.post(path, data=wish | {"step": "decide"}).status_code == 303
        assert word in bruno.get(path).text
    assert [line.kind for line in store.decisions.lines()] == ["unlock", "lock"]
    wish = {"choice": "unlock", "reason": "over", "words": "", "step": "decide"}
    assert bruno.post(path, data=wish).status_code == 303  # a second press
    assert store.decisions.count() == 2
    undone = bruno.post("/en/desk/undo/2", data={"reason": "mistake", "words": ""})
    assert undone.status_code == 303 and "Unlock it" in bruno.get(path).text


def test_a_selection_is_locked_and_unlocked_by_its_form(bruno, store):
    (curated, _), *_ = store.collections.all()
    path = f"/en/desk/collections/{curated.slug}"
    for step in ("lock", "unlock"):
        assert f'value="{step}"' in bruno.get(path).text
        assert bruno.post(path, data={"step": step, "words": ""}).status_code == 303
        assert ("Locked" in bruno.get("/en/desk/collections").text) == (step == "lock")
        assert bruno.post(path, data={"step": step, "words": ""}).status_code == 422


def test_a_selection_is_edited_in_one_language_and_keeps_the_others(app, bruno, store):
    (curated, _), *_ = store.collections.all()
    path = f"/en/desk/collections/{curated.slug}"
    assert curated.slug in bruno.get("/en/desk/collections").text
    first = bruno.get(f"{path}?language=fr")
    given = {"language": "fr", "title": "Pour commencer", "text": "Notre choix", "project-0": "/fr/projects/galette"}
    given |= {"reason-0": "La plus simple", "project-1": "asleep"}
    assert first.status_code == 200 and bruno.post(path, data=given).status_code == 303
    record, _ = store.collections.get(curated.slug)
    assert record["title"] == {**curated.title, "fr": "Pour commencer"}
    assert [chosen["project"] for chosen in record["projects"]] == ["galette", "asleep"]
    assert "Pour commencer" in a_client(app).get(f"/fr/collections/{curated.slug}").text
    assert bruno.post(path, data={"step": "remove", "words": ""}).status_code == 303
    assert a_client(app).get(f"/fr/collections/{curated.slug}").status_code == 404
    assert "Removed" in bruno.get("/en/desk/collections").text
    removed = bruno.get(path).text  # it can be saved, and stands again; nothing leads to a page that is not there
    assert "Pour commencer" in bruno.get(f"{path}?language=fr").text and 'value="remove"' not in removed
    assert f'href="/en/collections/{curated.slug}"' not in removed


def test_a_selection_that_was_edited_follows_its_projects_to_new_addresses_and_through_merges(app, bruno, store):
    (curated, _), *_ = store.collections.all()
    path, reader = f"/en/desk/collections/{curated.slug}", a_client(app)
    given = {"language": "fr", "title": "Choix", "project-0": "asleep", "reason-0": "La plus calme"}
    assert bruno.post(path, data=given | {"project-1": "tool-1", "project-2": "tool-2"}).status_code == 303
    stated = store.curated_document.document()
    renamed = [replace(it, slug="awake", former=("asleep",)) if it.slug == "asleep" else it for it in stated.projects]
    (galette,) = (it for it in renamed if it.slug == "galette")
    awake = replace(galette, relations=tuple(replace(line, project="awake") for line in galette.relations))
    renamed[renamed.index(galette)] = awake
    before = replace(stated, collections=(curated,), projects=tuple(it for it in renamed if it.slug != "tool-2"))
    store.curated_document.load(before, digest="2", now=NOW)
    assert "/en/projects/awake" in reader.get(f"/en/collections/{curated.slug}").text
    read, problems = parse(dump(store.curated_document.document()).encode())
    assert problems == [] and [line.project for line in read.collections[0].projects] == ["awake", "tool-1"]
    form = bruno.get(path).text
    assert 'value="awake"' in form and 'value="tool-2"' in form  # which is gone: it is for a person to clear the line
    again = {"language": "en", "title": "Choice", "project-0": "awake", "reason-0": "Calm", "project-1": "tool-1"}
    assert bruno.post(path, data=again | {"project-2": "tool-2"}).status_code == 422
    assert bruno.post(path, data=again).status_code == 303
    assert store.collections.get(curated.slug)[0]["projects"][0]["reason"] == {"fr": "La plus calme", "en": "Calm"}
    two = {"kind": "project", "one": "awake", "other": "tool-1", "step": "decide", "words": ""}
    merged = bruno.post("/en/desk/joins", data=two | {"choice": str(identity("tool-1"))})
    shown = reader.get(f"/en/collections/{curated.slug}").text
    assert merged.status_code == 303 and shown.count('href="/en/projects/tool-1"') == 1 and "awake" not in shown
    assert [line["project"] for line in reader.get(f"/api/v1/collections/{curated.slug}").json()["projects"]] == [
        "tool-1"
    ]
    number = store.decisions.lines()[0].number
    assert bruno.post(f"/en/desk/undo/{number}", data={"reason": "mistake", "words": ""}).status_code == 303
    assert "/en/projects/awake" in reader.get(f"/en/collections/{curated.slug}").text


def test_who_edits_a_selection_that_changed_meanwhile_is_told_before_anything_is_overwritten(ana, bruno, store):
    (curated, _), *_ = store.collections.all()
    path = f"/en/desk/collections/{curated.slug}"
    seen = {"seen": re.search(r'name="seen" value="(\w+)"', ana.get(path).text)[1], "language": "en"}
    assert bruno.post(path, data=seen | {"title": "First", "project-0": "galette"}).status_code == 303
    late = ana.post(path, data=seen | {"title": "Second", "project-0": "asleep"})
    assert late.status_code == 422 and "Something changed meanwhile" in late.text and 'value="Second"' in late.text
    assert store.collections.get(curated.slug)[0]["title"]["en"] == "First"
    now = {"seen": re.search(r'name="seen" value="(\w+)"', late.text)[1]}
    assert ana.post(path, data=seen | now | {"title": "Second", "project-0": "asleep"}).status_code == 303
    assert {line.name for line in store.decisions.lines()} == {"First", "Second"}  # as readers of English know it


def test_a_new_selection_says_what_is_wrong_and_is_public_then(app, bruno, store):
    path = "/en/desk/collections/new"
    given = {"slug": "For Boards", "title": "", "project-0": "nobody", "project-1": "galette", "project-2": "galette"}
    wrong = bruno.post(path, data=given | {"text": HOSTILE})
    assert wrong.status_code == 422 and "<script>alert" not in wrong.text
    for field in ("slug", "title", "project-0", "project-2"):
        assert f'id="{field}-problem"' in wrong.text, field
    given = {"slug": "for-boards", "title": "For boards", "project-0": "galette"}
    assert bruno.post(path, data=given).status_code == 303 and bruno.post(path, data=given).status_code == 422
    assert "For boards" in a_client(app).get("/en/collections/for-boards").text


def test_an_administrator_invites_and_ends_roles_a_moderator_sees_how_many(app, bruno, ana, store):
    seen = bruno.get("/en/desk/people")
    assert seen.status_code == 200 and "ana@example.org" not in seen.text and "Moderator: 1" in seen.text
    assert bruno.post("/en/desk/people", data={"email": "eve@example.org", "role": "moderator"}).status_code == 403
    assert ana.post("/en/desk/people", data={"email": "eve@example.org", "role": "moderator"}).status_code == 303
    with reading(store.engine) as connection:
        wanted = select(message.c.argument).where(message.c.email == "eve@example.org")
        invited = connection.execute(wanted).scalar_one()
    opened = a_client(app).get(f"/en/sign-in/{invited['token']}").text
    assert "You are invited as a moderator" in opened and "Accept the invitation" in opened
    page = ana.get("/en/desk/people").text
    assert "bruno@example.org" in page and "eve@example.org" in page and "(optional)" not in page
    wrong = ana.post("/en/desk/people", data={"email": "nobody", "role": "moderator"})
    assert wrong.status_code == 422 and 'id="email-problem"' in wrong.text
    last = ana.post("/en/desk/people", data={"step": "end", "email": "ana@example.org", "words": "It is time."})
    assert last.status_code == 422 and "last administrator" in last.text
    ended = ana.post(
        "/en/desk/people", data={"step": "end", "email": "bruno@example.org", "words": "Their term is over."}
    )
    assert ended.status_code == 303 and store.people.roles() == {"administrator": 1}
    (line,) = store.decisions.lines()
    assert (line.kind, line.role) == ("role-end", "administrator") and "bruno" not in repr(line)


def test_an_invitation_is_taken_back_and_ends_with_the_role_or_account_of_who_made_it(app, bruno, ana, store):
    def invitation(administrator, email):
        assert administrator.post("/en/desk/people", data={"email": email, "role": "administrator"}).status_code == 303
        with reading(store.engine) as connection:
            wanted = select(message.c.argument).where(message.c.email == email)
            return f"/en/sign-in/{connection.execute(wanted).scalar_one()['token']}"

    def opens(link):
        return "Accept the invitation" in a_client(app).get(link).text

    taken = {"step": "take-back", "email": "wrong@example.org"}
    wrong, other = invitation(ana, "wrong@example.org"), invitation(ana, "right@example.org")
    page = ana.get("/en/desk/people").text
    assert page.count("Take the invitation back") == 2 and 'value="wrong@example.org"' in page
    assert bruno.post("/en/desk/people", data=taken).status_code == 403 and opens(wrong)
    assert ana.post("/en/desk/people", data=taken).status_code == 303
    assert not opens(wrong) and opens(other) and "wrong@example.org" not in ana.get("/en/desk/people").text
    assert a_client(app).post(wrong, data={"seen": ""}).status_code in (404, 410)
    zoe = signed_in(app, store, "zoe@example.org", "administrator")
    hers = invitation(zoe, "friend@example.org")
    ended = {"step": "end", "email": "zoe@example.org", "words": "Her term is over."}
    assert ana.post("/en/desk/people", data=ended).status_code == 303
    assert not opens(hers) and opens(other)
    leaving = invitation(signed_in(app, store, "max@example.org", "administrator"), "another@example.org")
    store.account_erasure.delete(person_id(store, "max@example.org"), now=NOW)
    assert not opens(leaving) and opens(other)
