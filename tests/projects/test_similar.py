"""Similar software: by needs in common, bounded, free ones only; and which of them a page shows."""

import pytest
from support.factories.core import a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.world import a_client, a_shipped_site

from catalog.store.projects.takedowns import Takedowns
from catalog.store.store import Store

NEEDS = ("member-management", "accounting", "donations")


def near(store: Store, slug: str = "galette", domains: tuple[str, ...] = NEEDS) -> list[str]:
    return [card.slug for card in store.similar_projects.similar_to(identity(slug), domains, 4)]


def test_the_most_needs_in_common_come_first_then_the_most_used_then_the_name(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project(domains=NEEDS),
            a_project("all-needs", domains=NEEDS[::-1]),
            a_project("used", domains=NEEDS[1:2], adoptions=(an_adoption(verification="domain-confirmed"),)),
            a_project("two-needs", domains=NEEDS[1:]),
            a_project("found", domains=NEEDS[1:2], adoptions=(an_adoption(),)),
            a_project("counted", domains=NEEDS[1:2], adoptions=(an_adoption(visibility="counted"),)),
            a_project("elsewhere", domains=("loan-portfolio",)),
            a_project("not-free", domains=NEEDS, context_only=True),
            an_organization(),
        ),
    )
    assert near(store) == ["all-needs", "two-needs", "used", "counted"]
    assert near(store, domains=()) == []


def test_the_first_need_in_common_counts_more_and_most_where_it_is_the_first_of_both(store: Store) -> None:
    others = ("billing", NEEDS[0])
    load(
        store,
        a_catalog(
            a_project(domains=NEEDS),
            a_project("a-side-need", domains=NEEDS[1:2]),
            a_project("b-two-side-needs", domains=NEEDS[:0:-1]),
            a_project("c-first-behind-another", domains=others),
            a_project("d-first-of-both", domains=NEEDS[:1]),
        ),
    )
    wanted = ["d-first-of-both", "b-two-side-needs", "c-first-behind-another", "a-side-need"]
    assert near(store) == wanted


def test_members_and_fees_have_each_other_s_tools_near_in_our_own_catalogue(own):
    """The two that French associations hesitate between name one another."""
    near = {slug: [card.slug for card in own.get(f"/en/projects/{slug}").context["view"].alike]
            for slug in ("galette", "paheko")}  # fmt: skip
    assert near["galette"][0] == "paheko" and "galette" in near["paheko"]


def test_what_is_blocked_is_near_to_nothing(store: Store) -> None:
    load(store, a_catalog(a_project(domains=NEEDS), a_project("other", domains=NEEDS)))
    Takedowns(store.engine).block("other", "A court said so.", now=later(days=1))
    assert near(store) == []


@pytest.fixture(scope="module")
def own(sqlite_template, tmp_path_factory):
    with a_shipped_site(sqlite_template, tmp_path_factory.mktemp("own")) as app:
        yield a_client(app)


def test_a_project_s_page_shows_three_similar_ones_and_leads_to_the_comparison_with_each(client_of):
    near = [a_project(f"near-{n}", domains=NEEDS[:2]) for n in range(5)]
    client = client_of(
        a_project(domains=NEEDS),
        *near,
        a_project("a-single-one", domains=NEEDS[:1]),
        a_project("over", domains=NEEDS, status="ended"),
        a_project("closed", domains=NEEDS, license="BUSL-1.1"),
    )
    answer = client.get("/en/projects/galette")
    slugs = [card.slug for card in answer.context["view"].alike]
    assert (
        "Similar software</h2>" in answer.text
        and len(slugs) == 3
        and not {"a-single-one", "over", "closed"} & set(slugs)
    )
    for slug in slugs:
        assert f'href="/en/compare?p=galette&amp;p={slug}"' in answer.text


def test_a_project_of_which_nothing_is_known_is_like_no_other(client):
    html = client.get("/en/projects/unknown").text
    assert "Similar software" not in html and 'href="/en/compare?p=unknown"' in html
