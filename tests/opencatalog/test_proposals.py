"""What crawlers post waits at the desk as a proposal: a moderator publishes it as a project or refuses it, once."""

import pytest
from support.factories.core import later
from support.visitors import signed_in
from support.world import a_client, a_site, fill

from catalog.store.opencatalog import proposals
from tests.desk.test_submissions import fields
from tests.opencatalog.test_own_entries import KEY, PERSONS, token

FILE = """publiccodeYmlVersion: "0.4"
name: Cagette
url: https://code.example/group/cagette
description:
  fr:
    shortDescription: Organise des achats groupés
legal:
  license: AGPL-3.0-only
maintenance:
  type: community
  contacts:
    - name: Jane Doe
      email: jane@doe.example
"""
URL = "https://code.example/group/cagette"


@pytest.fixture
def site(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", open_catalog_key=KEY) as app:
        yield app


@pytest.fixture
def client(site):
    return a_client(site)


@pytest.fixture
def bruno(site, sqlite_store):
    return signed_in(site, sqlite_store, "bruno@example.org")


def post(client, url=URL, file=FILE, **more):
    answer = client.post("/v1/software", json={"url": url, "publiccodeYml": file, **more}, headers=token("robot"))
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def waiting(store, now=None):
    """What the desk has before it of the registrations that no person sent."""
    found = store.moderation_queue.queue(now=now or later(), kind="register", limit=500)
    submissions = [store.submissions.by_reference(entry.key) for entry in found]
    return [submission for submission in submissions if "crawler" in submission.answers]


def decide(bruno, submission, **wish):
    path = f"/en/desk/declarations/{submission.reference}"
    sent = fields(bruno.get(path).text, path) | {"step": "decide"} | wish
    return bruno.post(path, data=sent)


def test_what_a_crawler_posted_is_published_at_one_press_and_is_a_project_from_then_on(client, bruno, sqlite_store):
    key = post(client)
    (submission,) = waiting(sqlite_store)
    page = bruno.get(f"/en/desk/declarations/{submission.reference}").text
    assert "robot" in page and "Cagette" in page and "achats groupés" in page and "AGPL-3.0-only" in page
    assert "Jane" not in page and "doe.example" not in page
    assert "Cagette" in bruno.get("/en/desk").text
    assert decide(bruno, submission).status_code == 303
    assert "Organise des achats groupés" in client.get("/fr/projects/cagette").text
    (record,) = client.get("/v1/software", params={"url": URL}).json()["data"]
    assert record["id"] != key and client.get(f"/v1/software/{key}").status_code == 404
    assert waiting(sqlite_store) == []


def test_what_was_refused_is_not_proposed_again_and_stays_in_the_lists_of_the_interface(client, bruno, sqlite_store):
    key = post(client)
    (submission,) = waiting(sqlite_store)
    assert decide(bruno, submission, choice="refuse", reason="not-for-here", words="").status_code == 303
    again = client.patch(f"/v1/software/{key}", json={"vitality": "1"}, headers=token("robot"))
    assert again.status_code == 200 and waiting(sqlite_store) == []
    assert client.delete(f"/v1/software/{key}", headers=token("robot")).status_code == 204
    post(client)
    assert waiting(sqlite_store) == []


def test_what_a_crawler_takes_back_waits_no_more_and_may_come_again(client, sqlite_store):
    key = post(client)
    assert len(waiting(sqlite_store)) == 1
    client.delete(f"/v1/software/{key}", headers=token("robot"))
    assert waiting(sqlite_store) == []
    post(client)
    assert len(waiting(sqlite_store)) == 1


def test_a_repository_is_proposed_once_and_neither_what_is_not_active_nor_what_nobody_can_reach(client, sqlite_store):
    key = post(client)
    for body in ({"vitality": "2"}, {"publiccodeYml": FILE + "\n"}):
        assert client.patch(f"/v1/software/{key}", json=body, headers=token("robot")).status_code == 200
    post(client, "https://code.example/inactive", "-", active=False)
    post(client, "ssh://git@code.example/closed", "-")
    post(client, "https://intranet/closed", "-")
    assert [submission.answers["address"] for submission in waiting(sqlite_store)] == [URL]


def test_a_file_without_anything_to_say_or_of_another_repository_leaves_that_to_the_moderator(client, sqlite_store):
    post(client, "https://code.example/bare", "-")
    post(client, "https://code.example/fork", FILE)
    post(client, "https://code.example/persons", PERSONS.replace("name: X", "name: jane@doe.example"))
    said = {submission.answers["address"]: submission.answers for submission in waiting(sqlite_store)}
    for name in ("bare", "fork"):
        assert said[f"https://code.example/{name}"].keys() == {"address", "crawler"}
    assert "doe.example" not in str(said)


def test_a_desk_is_not_flooded_and_takes_more_as_places_become_free(client, bruno, sqlite_store, monkeypatch):
    monkeypatch.setattr(proposals, "MOST_WAITING", 2)
    keys = [post(client, f"https://code.example/many-{number}", "-") for number in range(3)]
    assert len(waiting(sqlite_store)) == 2
    first = waiting(sqlite_store)[0]
    assert decide(bruno, first, choice="refuse", reason="not-for-here", words="").status_code == 303
    client.patch(f"/v1/software/{keys[2]}", json={"vitality": "1"}, headers=token("robot"))
    assert {submission.answers["address"] for submission in waiting(sqlite_store)} == {
        f"https://code.example/many-{number}" for number in range(3)
    } - {first.answers["address"]}


def test_a_moderator_asks_no_program_a_question(client, bruno, sqlite_store):
    post(client)
    (submission,) = waiting(sqlite_store)
    page = bruno.get(f"/en/desk/declarations/{submission.reference}").text
    assert 'value="refuse"' in page and 'value="ask"' not in page
