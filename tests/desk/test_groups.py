"""Findings of one kind at the desk, decided together: of licences in doubt with the sentences that cause the doubt."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.factories.rewriting import rewriting
from support.open_findings import open_findings
from support.world import a_client, fill

from catalog import moderation
from catalog.rules.decision import serving_basis
from catalog.tables.core import mirror

SENTENCE = "Companies ask the federation before they run <it>"
WORDS = "The sentence is about the trademark alone."
SLUGS = ("galette", "asleep")


@pytest.fixture
def store(sqlite_store):
    fill(sqlite_store)
    for slug in SLUGS:
        with rewriting(sqlite_store.engine) as connection:
            record = sqlite_store.mirrors.mirror(identity(slug)).observation | {
                "free": None,
                "license_files": [
                    {"value": "MIT", "confidence": 0.5, "file": "LICENSE", "oid": slug, "doubts": [SENTENCE]}
                ],
                "unidentified_license_files": [{"file": "EULA", "oid": "e", "doubts": ["A fee is due."]}],
            }
            wanted = mirror.c.project_id == identity(slug)
            connection.execute(update(mirror).where(wanted).values(free=None, observation=record))
        detail = {"files": ["LICENSE"], "license": None, "doubts": ["LICENSE"], "commit": record["commit"]}
        found = serving_basis(record)
        sqlite_store.findings.add(identity(slug), "license-unsure", found, detail, now=NOW - timedelta(days=3))
    return sqlite_store


def boxes(page: str) -> list[str]:
    return re.findall(r'name="marked" value="([^"]*)"', page)


def an_answer(marked, choice="serve", reason="read", words=WORDS):
    return {"marked": marked, "choice": choice, "reason": reason, "words": words}


def test_the_sentences_that_cause_the_doubt_are_before_whoever_decides(bruno, store):
    number = open_findings(store)[-1].number
    for path in (f"/en/desk/{number}", "/en/desk/groups/license-unsure"):
        page = bruno.get(path).text
        assert "Companies ask the federation before they run &lt;it&gt;" in page, path
        assert "A fee is due." in page and '<code dir="ltr">EULA</code>' in page


def test_several_are_decided_in_one_press_each_with_its_line_and_the_reason_in_the_log(app, bruno, store):
    assert "/en/desk/groups/license-unsure" in bruno.get("/en/desk").text
    marked = boxes(bruno.get("/en/desk/groups/license-unsure").text)
    assert len(marked) == 2
    answer = bruno.post("/en/desk/groups/license-unsure", data=an_answer(marked))
    assert answer.status_code == 303 and store.decisions.count() == 2
    assert {store.mirrors.mirror(identity(slug)).may_serve for slug in SLUGS} == {True}
    log = a_client(app).get("/en/log").text
    assert log.count(WORDS) == 2 and log.count("A person read the licence") == 2
    assert boxes(bruno.get("/en/desk/groups/license-unsure").text) == []
    assert "/en/desk/groups/license-unsure" not in bruno.get("/en/desk").text


def test_what_is_not_marked_waits_on(bruno, store):
    marked = boxes(bruno.get("/en/desk/groups/license-unsure").text)
    assert "checked" not in bruno.get("/en/desk/groups/license-unsure").text
    answer = an_answer(marked[:1], choice="close", reason="not-free", words="It limits who may run it.")
    assert bruno.post("/en/desk/groups/license-unsure", data=answer).status_code == 303
    assert store.decisions.count() == 1 and boxes(bruno.get("/en/desk/groups/license-unsure").text) == marked[1:]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"marked": []}, "Mark at least one"),
        ({"choice": ""}, "Choose what you decide"),
        ({"choice": "hide"}, "This cannot be decided now"),
        ({"reason": ""}, "Choose a reason"),
        ({"words": ""}, "Explain your decision"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_what_was_typed_stays(bruno, store, change, sentence):
    marked = boxes(bruno.get("/en/desk/groups/license-unsure").text)
    answer = bruno.post("/en/desk/groups/license-unsure", data=an_answer(marked) | change)
    assert answer.status_code == 422 and sentence in answer.text and store.decisions.count() == 0
    assert answer.text.count("checked") >= (2 if "marked" not in change else 1)


def test_one_whose_files_changed_meanwhile_is_shown_again_and_the_others_are_decided(bruno, store):
    marked = boxes(bruno.get("/en/desk/groups/license-unsure").text)
    with rewriting(store.engine) as connection:
        record = store.mirrors.mirror(identity("galette")).observation
        record = record | {"license_files": [record["license_files"][0] | {"oid": "another"}]}
        wanted = mirror.c.project_id == identity("galette")
        connection.execute(update(mirror).where(wanted).values(observation=record))
    answer = bruno.post("/en/desk/groups/license-unsure", data=an_answer(marked))
    assert answer.status_code == 409 and "These have changed in the meantime" in answer.text
    assert store.decisions.count() == 1 and store.mirrors.mirror(identity("galette")).may_serve is None


def test_organizations_of_one_name_and_country_are_joined_by_one_press(bruno, store):
    same = [an_organization(f"mutuelle-{at}", name="Mutuelle du Port", country="FR") for at in range(3)]
    abroad = an_organization("mutuelle-be", name="Mutuelle du Port", country="BE")
    used = a_project("ledger", adoptions=(an_adoption("mutuelle-2"),))
    load(store, a_catalog(used, *same, abroad), digest="more", now=NOW)
    assert moderation.find_likenesses(store, now=NOW) == 3
    page = bruno.get("/en/desk/groups/likeness").text
    marked = boxes(page)
    assert len(marked) == 3 and page.count(" checked") == 3 and "/organizations/mutuelle-be" not in page
    answer = bruno.post("/en/desk/groups/likeness", data={"marked": marked, "choice": "join"})
    assert answer.status_code == 303 and store.decisions.count() == 2
    shown = {
        slug: bruno.get(f"/en/organizations/{slug}").status_code
        for slug in (*(f"mutuelle-{at}" for at in range(3)), "mutuelle-be")
    }
    assert shown == {"mutuelle-0": 301, "mutuelle-1": 301, "mutuelle-2": 200, "mutuelle-be": 200}
    assert boxes(bruno.get("/en/desk/groups/likeness").text) == []


def test_nothing_else_is_decided_here(bruno, store):
    store.findings.add(identity("galette"), "license-changed", "c9", {"before": "MIT", "after": "ISC"}, now=NOW)
    other = next(finding for finding in open_findings(store) if finding.kind == "license-changed")
    page = bruno.get("/en/desk/groups/license-unsure").text
    assert all(str(other.number) != value.split()[0] for value in boxes(page))
    seen = boxes(page)[0].split()[1]
    answer = bruno.post("/en/desk/groups/license-unsure", data=an_answer([f"{other.number} {seen}", "x y", "999 z"]))
    assert answer.status_code == 409 and store.decisions.count() == 0
