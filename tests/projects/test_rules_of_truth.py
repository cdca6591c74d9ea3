"""What is true of a program is said alike by its page, its card, the search, the API, the CSV, the sheet, the feeds and
`/v1`: a table of cases, each asked of all of them."""

import csv
import io
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import yaml
from support.factories.core import NOW, a_catalog, a_project, a_visit, an_adoption, an_organization, identity, load
from support.factories.memberships import a_member
from support.factories.people import a_person
from support.factories.received import a_catalogue, receive, theirs
from support.world import HEAD, OLD, a_client, a_site, an_observation

from catalog.model import LastChange, ScreenLanguage
from catalog.rules.fact import Statement
from catalog.store.core.public_changes import changing

SLUG = "galette"
STATES = {"active": "Active", "quiet": "Little activity", "asleep": "Dormant", None: None}


@dataclass(frozen=True)
class Case:
    """A program as it was stated and read, and what is then true of it."""

    record: dict[str, Any] = field(default_factory=dict)
    license_read: str | None = None
    changed_days: float | None = None  # days since the last change that our mirror saw
    looked_days: float = 0  # days since it looked
    free: bool | None = True
    state: str | None = None
    changed: str | None = None  # the day of the last change that is shown
    languages: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    told: str | None = None  # the day of the last change that another catalogue tells
    uses: tuple[int, int] = (0, 0)  # present and past
    license_before: str | None = None  # as the editors stated it, or as it was read, before what is true now
    is_read_before: bool = False
    languages_read: tuple[tuple[str, int | None], ...] = ()  # tag and percent
    uncounted: tuple[str, ...] = ()  # languages of which nobody knows how much is translated
    developer: str | None = None  # how somebody showed that they develop it


def stated(date: str, seen_at: str) -> LastChange:
    return LastChange(seen_at, "galette/galette@0123abc", date=date)


def days_ago(days: float) -> str:
    return (NOW - timedelta(days=days)).date().isoformat()


CASES = {
    "declared free, and nobody read its files": Case(),
    "declared free, files agree": Case(license_read="GPL-3.0", changed_days=3, state="active", changed=days_ago(3)),
    "declared free, files say BUSL": Case(
        license_read="BUSL-1.1", changed_days=3, free=None, state="active", changed=days_ago(3)
    ),
    "nothing declared, files are free": Case({"license": None}, "GPL-3.0", 3, state="active", changed=days_ago(3)),
    "language at 27 %": Case(
        {"languages": (ScreenLanguage("en"), ScreenLanguage("fr", 27))}, languages=("en",), partly=("fr",)
    ),
    "the editors know a later change than our mirror": Case(
        {"last_change": stated(days_ago(20), days_ago(10))}, None, 800, state="active", changed=days_ago(20)
    ),
    "our mirror knows a later change than the editors": Case(
        {"last_change": stated(days_ago(800), days_ago(10))}, None, 400, state="quiet", changed=days_ago(400)
    ),
    "nobody looked for a year": Case({"last_change": stated(days_ago(400), days_ago(365))}, changed=days_ago(400)),
    "our mirror could not look for a year": Case({}, None, 400, 365, changed=days_ago(400)),
    "silent for two years when somebody looked, long ago": Case(
        {"last_change": stated(days_ago(1500), days_ago(500))}, state="asleep", changed=days_ago(1500)
    ),
    "another catalogue knows a later change than the editors": Case(
        {"last_change": stated(days_ago(800), days_ago(10))}, told=days_ago(30), state="active", changed=days_ago(30)
    ),
    "a use that was seen in 2010": Case({"adoptions": (an_adoption(seen_at="2010"),)}, uses=(0, 1)),
    "a use of which was read lately that it was seen in 2010": Case(
        {"adoptions": (an_adoption(until="2010-05", seen_at=days_ago(3)),)}, uses=(0, 1)
    ),
    "the editors state another license": Case(license_before="MIT"),
    "its files state another license": Case(
        {"license": None}, "GPL-3.0", 3, state="active", changed=days_ago(3), license_before="MIT", is_read_before=True
    ),
    "folders of languages that nobody counted": Case(
        changed_days=3,
        state="active",
        changed=days_ago(3),
        languages_read=(("fr", None), ("ar", None)),
        uncounted=("fr", "ar"),
    ),
    "languages that were counted": Case(
        changed_days=3,
        state="active",
        changed=days_ago(3),
        languages_read=(("en", None), ("fr", 90), ("ar", 20)),
        languages=("en", "fr"),
        partly=("ar",),
    ),
    "a developer who showed it": Case(developer="address"),
    "a use that was seen a year ago": Case({"adoptions": (an_adoption(seen_at=days_ago(365)),)}, uses=(1, 0)),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    return request.param


@pytest.fixture
def client(case, store, tmp_path):
    key = identity(SLUG)
    stated = a_project(SLUG, **{"languages": (), **case.record})
    if case.license_before and not case.is_read_before:
        load(store, a_catalog(replace(stated, license=case.license_before), an_organization()))
    load(store, a_catalog(stated, an_organization()))
    if case.told:
        change = {"date": case.told, "seen_at": case.told, "source": "galette/galette@0123abc"}
        receive(
            store, a_catalogue(store, "b.example.org"), theirs(SLUG, repository=stated.repository, last_change=change)
        )
    if case.changed_days is not None:
        if case.is_read_before:
            read(store, case, case.license_before, OLD)
        read(store, case, case.license_read)
    if case.developer:
        person = a_person(store)
        with changing(store.engine) as (connection, change):
            a_member(connection, person.id, project_id=key, method=case.developer)
            change.touch("project", key)
    with a_site(store, tmp_path / "data") as app:
        yield a_client(app)


def read(store, case: Case, license: str | None, commit: str = HEAD) -> None:
    """A visit of its mirror, which reads this license and the case's languages."""
    key, place = identity(SLUG), {"file": "LICENSE", "commit": commit}
    values = {"license": license, "languages": [{"term": tag, "percent": part} for tag, part in case.languages_read]}
    finding = {"value": license, **place} if license else None
    observation = an_observation() | {
        "commit": commit,
        "license": finding,
        "license_files": [],
        "declared_licenses": [],
    }
    changed_at, looked_at = (NOW - timedelta(days=days) for days in (case.changed_days, case.looked_days))
    facts = [Statement(name, value, place) for name, value in values.items() if value]
    store.observations.observe(
        key, commit, observation, facts=facts, free=license == "GPL-3.0", last_commit_at=changed_at, now=NOW
    )
    mirror = replace(store.mirrors.mirror(key), state="mirrored", head=commit, last_visit_at=NOW)
    visit = a_visit(key, outcome="unchanged", ended_at=NOW)
    store.mirrors.end_visit(visit, replace(mirror, last_success_at=looked_at), None, at=NOW)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


def card_of(found: str) -> str:
    """What the page of results says below its filters."""
    return found.partition("Recently updated")[2]


def found_by(client, **filters) -> bool:
    """Whether the page of results has it, as the feed of the same results must."""
    is_found = f'href="/en/projects/{SLUG}"' in client.get("/en/projects", params=filters).text
    assert (f"/projects/{SLUG}" in client.get("/feeds/projects.atom", params=filters).text) == is_found
    return is_found


def test_all_outputs_say_the_same_of_a_program(client, case):
    addresses = (f"/en/projects/{SLUG}", "/en/projects", f"/en/compare/sheet?p={SLUG}")
    page, found, sheet = (text_of(client.get(address)) for address in addresses)
    (card,) = client.get("/api/v1/projects").json()["projects"]
    (row,) = csv.DictReader(io.StringIO(client.get("/export/projects.csv").content.decode("utf-8-sig")))
    for said in (page, card_of(found), sheet):
        assert ("Free software" in said) == (case.free is True)
        assert ("Last known change" in said) == (case.state is None and case.changed is not None)
    assert ["Dormant" in said for said in (page, card_of(found), sheet)] == [case.state == "asleep"] * 3
    for state in ("Active", "Little activity"):
        assert (state in page) == (state in sheet) == (state == STATES[case.state])
    assert card.get("free") is case.free and row["free"] == {True: "yes", False: "no", None: "unknown"}[case.free]
    assert card.get("state") == case.state
    ours = case.record["last_change"].date if case.told else case.changed  # exports hold our own word alone
    assert (card["activity"].get("changed_at", "")[:10], row["last_change_of_code"]) == (case.changed or "", ours or "")
    assert [state for state in STATES if state and found_by(client, alive=state)] == [case.state] * bool(case.state)
    assert card["languages"] == list(case.languages) == row["languages"].split()
    present, past = case.uses
    project = client.get(f"/api/v1/projects/{SLUG}").json()
    today = project["today"]
    assert (today.get("state"), today["license"]["free"]) == (case.state, case.free)
    assert (today.get("languages", []), today.get("partly", [])) == (list(case.languages), list(case.partly))
    assert card["found_uses"] == int(row["found_uses"]) == present
    uses = project.get("uses", {"found": 0, "past": 0})
    assert (uses["found"], uses["past"]) == case.uses
    assert ("Used in 2010" in page) == (past > 0) == ("Former users" in page)
    assert ("in public sources" in card_of(found)) == (present > 0)
    assert ("\nstages," in client.get("/export/statistics.csv").text) == (present > 0)
    for tag in case.partly:
        assert not found_by(client, language=tag) and found_by(client, partly=tag)
    for tag in (*case.languages, *case.uncounted):
        assert found_by(client, language=tag) and found_by(client, partly=tag)
    assert tuple(today.get("uncounted", ())) == case.uncounted
    assert ["Screens in several languages" in output for output in (page, card_of(found), sheet)] == [
        bool(case.uncounted)
    ] * 3


def test_publiccode_yml_of_a_program_says_what_its_page_says(client, case):
    files = [yaml.safe_load(entry["publiccodeYml"]) for entry in client.get("/v1/software").json()["data"]]
    tags = list(case.languages or ["und"])
    assert [file["localisation"]["availableLanguages"] for file in files] == [tags] * (case.free is True)


def test_one_number_of_programs_stands_on_all_pages(client):
    rows = csv.DictReader(io.StringIO(client.get("/export/statistics.csv").content.decode("utf-8-sig")))
    numbers = {row["term"]: row["number"] for row in rows if row["table"] == "projects"}
    assert numbers["programs"] == "1" and client.get("/api/v1/projects").json()["total"] == 1
    for address in ("/en/", "/en/projects"):
        assert re.search(r"\b1 program\b", text_of(client.get(address)))
    assert "Software 1" in text_of(client.get("/en/statistics"))


def test_history_has_the_value_before_a_change(client, case):
    page, feed = client.get(f"/en/projects/{SLUG}/history"), client.get(f"/feeds/projects/{SLUG}.atom")
    lines = client.get(f"/api/v1/projects/{SLUG}/history").json()["lines"]
    changes = [
        (line["before"]["value"], line["after"]["value"])
        for line in lines
        if line["kind"] == "changed" and line["field"] == "license"
    ]
    after = case.license_read or a_project(SLUG).license
    assert changes == ([(case.license_before, after)] if case.license_before else [])
    for output in (text_of(page), feed.text):
        assert ("MIT" in output) == bool(case.license_before)


def test_what_is_not_known_is_nothing_that_the_page_has(client, case):
    page = text_of(client.get(f"/en/projects/{SLUG}"))
    unknown = page.partition("Not known yet:")[2].partition("Do you know any of this?")[0]
    known = {
        "Developed by": case.developer,
        "Languages": case.languages or case.partly or case.uncounted,
        "Is it maintained?": case.changed,
    }
    assert {label: label in unknown for label in known} == {label: not value for label, value in known.items()}
