"""What is true of a program is said alike by its page, its card, the search, the API, the CSV and the sheet: a table of
cases, each asked of all of them."""

import csv
import io
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from support.factories.core import NOW, a_catalog, a_project, a_visit, an_adoption, an_organization, identity, load
from support.factories.received import a_catalogue, receive, theirs
from support.world import HEAD, a_client, a_site, an_observation

from catalog.model import LastChange, ScreenLanguage
from catalog.rules.fact import Statement

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
    "a use that was seen a year ago": Case({"adoptions": (an_adoption(seen_at=days_ago(365)),)}, uses=(1, 0)),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    return request.param


@pytest.fixture
def client(case, sqlite_store, tmp_path):
    store, key = sqlite_store, identity(SLUG)
    load(store, a_catalog(a_project(SLUG, **{"languages": (), **case.record}), an_organization()))
    if case.told:
        change = {"date": case.told, "seen_at": case.told, "source": "galette/galette@0123abc"}
        read = theirs(SLUG, repository=a_project(SLUG).repository, last_change=change)
        receive(store, a_catalogue(store, "b.example.org"), read)
    if case.changed_days is not None:
        found = {"value": case.license_read, "file": "LICENSE", "commit": HEAD} if case.license_read else None
        read = an_observation() | {"license": found, "license_files": [], "declared_licenses": []}
        said = [Statement("license", case.license_read, {"file": "LICENSE", "commit": HEAD})] if found else []
        changed_at = NOW - timedelta(days=case.changed_days)
        store.observations.observe(key, HEAD, read, facts=said, free=None, last_commit_at=changed_at, now=NOW)
        kept, looked_at = store.mirrors.mirror(key), NOW - timedelta(days=case.looked_days)
        mirrored = replace(kept, state="mirrored", head=HEAD, last_visit_at=NOW, last_success_at=looked_at)
        store.mirrors.end_visit(a_visit(key, outcome="unchanged", ended_at=NOW), mirrored, None, at=NOW)
    with a_site(store, tmp_path / "data") as app:
        yield a_client(app)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


def card_of(found: str) -> str:
    """What the page of results says below its filters."""
    return found.partition("Recently updated")[2]


def found_by(client, **filters) -> bool:
    return f'href="/en/projects/{SLUG}"' in client.get("/en/projects", params=filters).text


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
    for tag in case.languages:
        assert found_by(client, language=tag) and found_by(client, partly=tag)
