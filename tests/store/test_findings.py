"""What a moderator must look at: one row a matter, asked once, gone when it is done or is so no more."""

import pytest
from sqlalchemy.exc import StatementError
from support.factories.core import NOW, a_catalog, a_project, identity, later, load
from support.open_findings import open_findings

from catalog.store.store import Store

GALETTE = identity("galette")


@pytest.fixture
def galette(store: Store) -> Store:
    load(store, a_catalog(a_project(), a_project("paheko")))
    return store


def keys(store: Store) -> list[str]:
    return [finding.key for finding in open_findings(store)]


def test_a_matter_is_noted_once_and_holds_what_was_found(galette: Store) -> None:
    found = {"before": "MIT", "after": "BUSL-1.1"}
    assert galette.findings.add(GALETTE, "license-changed", "c1", found, now=NOW)
    assert not galette.findings.add(GALETTE, "license-changed", "c1", {}, now=later(days=1))
    (finding,) = open_findings(galette)
    assert (finding.kind, finding.slug, finding.name, finding.detail, finding.at) == (
        "license-changed",
        "galette",
        "Galette",
        found,
        NOW,
    )
    assert finding.done_at is None


def test_what_is_so_no_more_is_closed_but_for_the_one_that_still_is(galette: Store) -> None:
    for key in ("MIT", "ISC"):
        galette.findings.add(GALETTE, "license-unsure", key, {}, now=NOW)
    galette.findings.add(GALETTE, "license-changed", "c1", {}, now=NOW)
    galette.findings.add(identity("paheko"), "license-unsure", "0BSD", {}, now=NOW)
    galette.findings.withdraw(GALETTE, "license-unsure", now=NOW, but="ISC")
    assert keys(galette) == ["ISC", "c1", "0BSD"]
    galette.findings.withdraw(GALETTE, "license-unsure", now=NOW)
    assert keys(galette) == ["c1", "0BSD"]


def test_matters_of_a_blocked_project_wait_until_it_is_shown_again(galette: Store) -> None:
    galette.findings.add(GALETTE, "license-changed", "c1", {}, now=NOW)
    galette.takedowns.block("galette", "A court said so.", now=NOW)
    assert keys(galette) == []
    galette.takedowns.unblock("galette")
    assert keys(galette) == ["c1"]


def test_a_visit_notes_its_finding_with_what_it_read_or_not_at_all(galette: Store) -> None:
    given = {"free": None, "last_commit_at": None, "now": NOW}
    galette.observations.observe(GALETTE, "1", {}, finding=("license-unsure", "MIT", {"files": []}), **given)
    assert keys(galette) == ["MIT"]
    with pytest.raises((StatementError, TypeError), match="not JSON"):
        galette.observations.observe(GALETTE, "2", {"not JSON": object()}, **given)
    assert keys(galette) == ["MIT"]
    galette.observations.observe(GALETTE, "2", {}, **given)
    assert keys(galette) == []
