"""Nobody decides about what they sent, maintain or represent: an example of each way to be concerned, on the pages of
the desk, and of each thing that is decided there.
"""

import pytest
from support.factories.core import NOW, identity
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.visitors import person_id, signed_in
from support.world import a_client

from catalog.rules.submission import ADOPT, CORRECT, WAITING
from catalog.store.core.engine import writing
from catalog.store.submissions import submission_rows
from catalog.tables.core import former_slug
from tests.desk.test_desk import a_finding
from tests.desk.test_submissions import fields, path

GALETTE = identity("galette")
HALLES, ANA, OTHER = (identity(slug, "organization") for slug in ("coop-des-halles", "ana-maintains", "org-3"))
EMAIL = "concerned@example.org"
UNDO = {"reason": "mistake", "words": ""}
HIDE = {"choice": "hide", "reason": "harm", "words": "It puts people at risk.", "seen": "", "step": "decide"}
LOCK = {"choice": "lock", "reason": "protected", "words": "", "seen": "", "step": "decide"}


@pytest.fixture
def stranger(app, store):
    return signed_in(app, store, "stranger@example.org")


def concerned(app, store, **about):
    """A moderator who maintains this `project_id` or represents this `organization_id`."""
    client = signed_in(app, store, EMAIL)
    if about:
        with rewriting(store.engine) as connection:
            a_member(connection, person_id(store, EMAIL), **about)
    return client


def a_waiting(store, kind=CORRECT, email="sender@example.org", person=None, organization_id=None, **answers):
    _, begun = begin_draft(
        store, kind, "fr", project_id=GALETTE, organization_id=organization_id, answers=answers, now=NOW
    )
    with writing(store.engine) as connection:
        sent = {"state": WAITING, "sent_at": NOW, "changed_at": NOW, "email": email, "person_id": person}
        submission_rows.change(connection, begun.id, **sent)
    return store.submissions.get(begun.id)


# How somebody is concerned by a submission, and what they are a member of.
WAYS = {
    "who sent it": ({}, {"email": None, "person": True}),
    "whose address sent it": ({}, {"email": EMAIL}),
    "who maintains the project": ({"project_id": GALETTE}, {}),
    "who represents an organization that maintains the project": ({"organization_id": ANA}, {}),
    "who represents the organization": ({"organization_id": HALLES}, {"organization_id": HALLES}),
    "who represents the organization that it names": ({"organization_id": HALLES}, {"organization": str(HALLES)}),
}


@pytest.mark.parametrize("way", WAYS)
def test_nobody_who_is_concerned_by_a_submission_decides_on_it(app, store, stranger, way):
    member, sent = WAYS[way]
    client = concerned(app, store, **member)
    if sent.get("person"):
        sent = sent | {"person": person_id(store, EMAIL)}
    kind = ADOPT if "organization" in sent or "organization_id" in sent else CORRECT
    submission = a_waiting(store, kind, **sent)
    page = client.get(path(submission)).text
    assert 'name="choice"' not in page and "quelqu’un d’autre décide" in page
    assert client.get("/fr/desk/next").headers["location"] == "/fr/desk"  # nothing is next
    refusal = {"choice": "refuse", "reason": "not-checkable", "words": "", "step": "decide"}
    seen = fields(stranger.get(path(submission)).text, path(submission))["seen"]
    assert client.post(path(submission), data=refusal | {"seen": seen}).status_code == 403
    assert store.decisions.count() == 0 and store.submissions.get(submission.id).state == WAITING
    assert stranger.post(path(submission), data=refusal | {"seen": seen}).status_code == 303
    assert client.post("/fr/desk/undo/1", data=UNDO).status_code == 403
    assert stranger.post("/fr/desk/undo/1", data=UNDO).status_code == 303


@pytest.mark.parametrize("member", [{"project_id": GALETTE}, {"organization_id": ANA}], ids=["maintains", "represents"])
def test_nobody_who_is_concerned_by_a_project_decides_about_it(app, store, stranger, member):
    client, number = concerned(app, store, **member), a_finding(store)
    two = {"kind": "project", "one": "galette", "other": "asleep", "words": "", "step": "decide"}
    looked = {"choice": "looked-at", "reason": "read", "words": "", "seen": ""}
    acts = (
        ("/fr/desk/projects/galette", HIDE),
        (f"/fr/desk/{number}", looked | {"step": "decide"}),
        ("/fr/desk/joins", two | {"choice": str(GALETTE)}),
        ("/fr/desk/joins", two | {"choice": "apart"}),
        ("/fr/desk/projects/galette", LOCK),
    )
    for address, typed in acts:
        assert client.post(address, data=typed).status_code == 403, address
    assert f"/fr/desk/{number}" not in client.get("/fr/desk/next").headers["location"]
    group = {**looked, "words": "", "marked": f"{number} "}
    assert client.post("/fr/desk/groups/license-changed", data=group).status_code == 409
    assert store.decisions.count() == 0
    for number, (address, typed) in enumerate(acts[:-1], 1):
        if address != "/fr/desk/joins" or number == 3:
            assert stranger.post(address, data=typed).status_code == 303, address
            assert client.post(f"/fr/desk/undo/{store.decisions.count()}", data=UNDO).status_code == 403, address
            assert stranger.post(f"/fr/desk/undo/{store.decisions.count()}", data=UNDO).status_code == 303, address


@pytest.mark.parametrize("slug", ["org-3", "org-4"])
def test_nobody_who_represents_one_of_two_organizations_merges_or_separates_them(app, store, stranger, slug):
    client = concerned(app, store, organization_id=identity(slug, "organization"))
    two = {
        "kind": "organization",
        "one": "org-3",
        "other": "org-4",
        "choice": str(OTHER),
        "words": "",
        "step": "decide",
    }
    parted = f"/fr/desk/separate/organization/{identity('org-4', 'organization')}"
    assert client.post("/fr/desk/joins", data=two).status_code == 403
    assert stranger.post("/fr/desk/joins", data=two).status_code == 303
    assert client.post(parted, data={"words": ""}).status_code == 403 and store.decisions.count() == 1
    assert stranger.post(parted, data={"words": ""}).status_code == 303


def test_nobody_who_represents_an_organization_hides_shows_or_locks_it(app, store, stranger):
    client, page = concerned(app, store, organization_id=HALLES), "/fr/desk/organizations/coop-des-halles"
    assert client.post(page, data=HIDE).status_code == 403
    assert client.post(page, data=LOCK).status_code == 403
    assert stranger.post(page, data=HIDE).status_code == 303
    assert client.post(page, data=HIDE | {"choice": "show", "reason": "over"}).status_code == 403
    assert store.decisions.count() == 1


def test_a_slug_leads_to_who_has_it_now_and_not_to_who_had_it(app, store):
    """In addresses, in lists and comparisons, and where a project names who hosts it."""
    before = a_client(app).get("/en/projects/galette").text
    was = (("project", "galette", identity("asleep")), ("organization", "ana-maintains", HALLES))
    with rewriting(store.engine) as connection:
        for kind, slug, key in was:
            connection.execute(former_slug.insert().values(kind=kind, slug=slug, record_id=key))
    store.public_record_upkeep.rebuild()
    reader = a_client(app)
    for address in ("projects/galette", "organizations/ana-maintains"):
        assert reader.get(f"/en/{address}").status_code == 200
    for address in ("/en/collections/suite", "/en/compare?p=galette&p=tool-1"):
        page = reader.get(address).text
        assert 'href="/en/projects/galette"' in page and 'href="/en/projects/asleep"' not in page, address
    after = reader.get("/en/projects/galette").text
    for name in ("coop-des-halles", "ana-maintains"):
        assert after.count(f'href="/en/organizations/{name}"') == before.count(f'href="/en/organizations/{name}"') > 0
