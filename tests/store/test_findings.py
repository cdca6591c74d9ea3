"""What a moderator must look at: one row a matter, asked once, gone when it is done or is so no more."""

import pytest
from sqlalchemy.exc import StatementError
from support.factories.core import NOW, a_catalog, a_project, identity, later, load

from catalog.errors import NotFound
from catalog.store.store import Store

GALETTE = identity("galette")


@pytest.fixture
def galette(store: Store) -> Store:
    load(store, a_catalog(a_project(), a_project("paheko")))
    return store


def keys(store: Store) -> list[str]:
    return [finding.key for finding in store.findings.waiting()]


def test_a_matter_is_noted_once_and_holds_what_was_found(galette: Store) -> None:
    found = {"before": "MIT", "after": "BUSL-1.1"}
    assert galette.findings.add(GALETTE, "license-changed", "c1", found, now=NOW)
    assert not galette.findings.add(GALETTE, "license-changed", "c1", {}, now=later(days=1))
    (finding,) = galette.findings.waiting()
    assert (finding.kind, finding.slug, finding.name, finding.detail, finding.at) == (
        "license-changed",
        "galette",
        "Galette",
        found,
        NOW,
    )
    assert (finding.done_at, galette.findings.count()) == (None, 1)


def test_what_is_done_waits_no_more_and_is_not_asked_again(galette: Store) -> None:
    galette.findings.add(GALETTE, "license-changed", "c1", {}, now=NOW)
    (finding,) = galette.findings.waiting()
    for day in (1, 2):
        galette.findings.done(finding.number, now=later(days=day))
    assert keys(galette) == [] and galette.findings.count() == 0
    assert not galette.findings.add(GALETTE, "license-changed", "c1", {}, now=later(days=3)) and keys(galette) == []
    with pytest.raises(NotFound):
        galette.findings.done(finding.number + 1, now=NOW)


def test_what_is_so_no_more_is_closed_but_for_the_one_that_still_is(galette: Store) -> None:
    for key in ("MIT", "ISC"):
        galette.findings.add(GALETTE, "license-differs", key, {}, now=NOW)
    galette.findings.add(GALETTE, "license-changed", "c1", {}, now=NOW)
    galette.findings.add(identity("paheko"), "license-differs", "0BSD", {}, now=NOW)
    galette.findings.withdraw(GALETTE, "license-differs", now=NOW, but="ISC")
    assert keys(galette) == ["0BSD", "c1", "ISC"]
    galette.findings.withdraw(GALETTE, "license-differs", now=NOW)
    assert keys(galette) == ["0BSD", "c1"]


def test_the_newest_come_first_a_page_at_a_time(galette: Store) -> None:
    for number in range(5):
        galette.findings.add(GALETTE, "license-changed", f"c{number}", {}, now=later(days=number))
    first = galette.findings.waiting(limit=2)
    assert [finding.key for finding in first] == ["c4", "c3"]
    assert [finding.key for finding in galette.findings.waiting(before=first[-1].number, limit=2)] == ["c2", "c1"]


def test_matters_of_a_blocked_project_wait_until_it_is_shown_again(galette: Store) -> None:
    galette.findings.add(GALETTE, "license-changed", "c1", {}, now=NOW)
    galette.mirrors.block("galette", "A court said so.", now=NOW)
    assert keys(galette) == [] and galette.findings.count() == 0
    galette.mirrors.unblock("galette")
    assert keys(galette) == ["c1"]


def test_a_visit_notes_its_matters_with_what_it_read_or_not_at_all(galette: Store) -> None:
    given = {"free": None, "last_commit_at": None, "now": NOW}
    matters = [("license-differs", "MIT", {"declared": "ISC"})]
    galette.observations.observe(GALETTE, "1", {}, matters=matters, standing=("license-differs",), **given)
    assert keys(galette) == ["MIT"]
    with pytest.raises((StatementError, TypeError), match="not JSON"):
        galette.observations.observe(GALETTE, "2", {"not JSON": object()}, standing=("license-differs",), **given)
    assert keys(galette) == ["MIT"]
    galette.observations.observe(GALETTE, "2", {}, standing=("license-differs",), **given)
    assert keys(galette) == []
