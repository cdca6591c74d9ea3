"""What pages of the shipped catalogue weigh: each kind keeps to its budget (design, section 8), long records too."""

import pytest

from benchmarks import weights
from benchmarks.weights import Weight, printed


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> list[Weight]:
    with weights.shipped(tmp_path_factory.mktemp("shipped")) as (client, document):
        return weights.weighed(client, document)


def test_the_heaviest_page_of_each_kind_keeps_to_its_budget(measured):
    assert [one for one in measured if one.packed_bytes > one.budget_bytes] == [], printed(measured)


def test_budgets_are_those_of_the_design_and_every_kind_is_weighed(measured):
    budgets = {one.kind: one.budget_bytes for one in measured}
    assert budgets["home"] == budgets["project"] == budgets["form"] == 14_000
    assert budgets["results"] == budgets["comparison"] == 20_000 and budgets["style sheet"] == 10_000
    assert all(one.packed_bytes > 1_000 for one in measured)


def test_the_table_says_what_is_missed():
    told = printed([Weight("home", "/fr/", 15_000, 60_000, 14_000), Weight("form", "/fr/register", 900, 2_000, 14_000)])
    assert "MISSED" in told.splitlines()[1] and "MISSED" not in told.splitlines()[2]
