"""The pages of the shipped catalogue, and of long records, stay below a number of bytes for each kind of page."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from support.factories.core import a_visit
from support.world import HEAD, an_observation, the_statements

from benchmarks import weights
from benchmarks.weights import Weight, printed
from catalog.model import Document
from catalog.store import Store

MIRRORED = 3


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Iterator[tuple[TestClient, Document]]:
    with weights.shipped(tmp_path_factory.mktemp("shipped")) as given:
        yield given


@pytest.fixture(scope="module")
def measured(shipped) -> list[Weight]:
    return weights.weighed(*shipped)


@pytest.fixture(scope="module")
def mirrored(shipped, measured) -> tuple[list[Weight], list[Weight]]:
    """The projects of the longest records, before and once all that a mirror tells is known of them too."""
    client, document = shipped
    coded = [project for project in document.projects if project.repository and not project.context_only]
    longest = sorted(coded, key=lambda project: -len(repr(project)))[:MIRRORED]
    those = replace(document, projects=tuple(longest))
    bare = weights.weighed(client, those, only=("project",))
    store: Store = client.app.state.store
    for project in longest:
        key = store.record_pages.project_id(project.slug)
        told = {"facts": the_statements(), "free": True, "last_commit_at": weights.NOW, "now": weights.NOW}
        store.observations.observe(key, HEAD, an_observation(), **told)
        kept = replace(store.mirrors.mirror(key), state="mirrored", head=HEAD, last_success_at=weights.NOW)
        store.mirrors.end_visit(a_visit(key, outcome="changed", ended_at=weights.NOW), kept, None, at=weights.NOW)
    return bare, weights.weighed(client, those, only=("project",))


def test_the_heaviest_page_of_each_kind_keeps_to_its_budget(measured):
    assert [weight for weight in measured if weight.packed_bytes > weight.budget_bytes] == [], printed(measured)


def test_a_project_of_which_a_mirror_tells_keeps_to_its_budget_too(mirrored):
    bare, told = (next(weight for weight in found if weight.kind == "project") for found in mirrored)
    assert bare.packed_bytes + 500 < told.packed_bytes <= told.budget_bytes, printed(mirrored[1])


def test_budgets_are_as_agreed_and_every_kind_is_weighed(measured):
    budgets = {weight.kind: weight.budget_bytes for weight in measured}
    assert budgets["home"] == budgets["project"] == budgets["form"] == 14_000
    assert budgets["results"] == budgets["comparison"] == 20_000 and budgets["style sheet"] == 12_000
    assert all(weight.packed_bytes > 1_000 for weight in measured)


def test_the_table_says_what_is_missed():
    told = printed([Weight("home", "/fr/", 15_000, 60_000, 14_000), Weight("form", "/fr/register", 900, 2_000, 14_000)])
    assert "MISSED" in told.splitlines()[1] and "MISSED" not in told.splitlines()[2]
