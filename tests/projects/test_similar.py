"""Similar software: by needs in common, bounded, free ones only; and what sets two apart, of what is known of both."""

import gzip
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.core import a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.world import a_client, a_filled_site, a_shipped_site

from catalog import model
from catalog.model import Relation
from catalog.store import Store
from catalog.store.projects.takedowns import Takedowns
from catalog.store.public_pages.similar import LOOKED_AT, ComparedValues
from forge.web.projects.similar import Differences, Profile, has_more, known_of_one_only

NEEDS = ("member-management", "accounting", "donations")


def near(store: Store, slug: str = "galette", domains: tuple[str, ...] = NEEDS, *like: tuple[str, ...]) -> list[str]:
    return [card.slug for card in store.similar_projects.similar_to(identity(slug), ComparedValues(domains, *like), 4)]


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


def test_among_equals_the_same_kind_of_group_then_a_language_in_common_come_before_uses(store: Store) -> None:
    used = (an_adoption(verification="domain-confirmed"),)
    french, german = ((model.ScreenLanguage(tag),) for tag in ("fr", "de"))
    same = {"domains": NEEDS[:1], "made_for": ("association",)}
    load(
        store,
        a_catalog(
            a_project(**same),
            a_project("a-used", domains=NEEDS[:1], made_for=("cooperative",), languages=german, adoptions=used),
            a_project("b-spoken", domains=NEEDS[:1], made_for=(), languages=french),
            a_project("c-same-kind", **same, languages=german),
            a_project("d-same-kind-spoken", **same, languages=french),
            an_organization(),
        ),
    )
    wanted = ["d-same-kind-spoken", "c-same-kind", "b-spoken", "a-used"]
    assert near(store, "galette", NEEDS[:1], ("association",), ("fr", "en")) == wanted
    assert near(store, "galette", NEEDS[:1])[0] == "a-used"


def test_of_many_those_for_the_same_kind_of_group_are_among_the_few_that_are_read(store: Store) -> None:
    many = (a_project(f"tool-{n:03}", domains=NEEDS[:1], made_for=("cooperative",)) for n in range(LOOKED_AT - 10))
    few = (a_project(f"z-{n}", domains=NEEDS[:1], made_for=("association",)) for n in range(5))
    load(store, a_catalog(*many, *few))
    assert near(store, "tool-000", NEEDS[:1], ("association",)) == ["z-0", "z-1", "z-2", "z-3"]


def test_members_and_fees_have_each_other_s_tools_near_in_our_own_catalogue(own):
    """The two that French associations hesitate between name one another."""
    near = {slug: [similar.card.slug for similar in own.get(f"/en/projects/{slug}").context["alike"]]
            for slug in ("galette", "paheko")}  # fmt: skip
    assert near["galette"][0] == "paheko" and "galette" in near["paheko"]


def test_a_stated_relation_makes_projects_near_from_both_sides(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project(domains=NEEDS[:2], relations=(Relation("related", "kin"), Relation("works-with", "partner"))),
            a_project("kin", domains=("loan-portfolio",)),
            a_project("partner", domains=("loan-portfolio",)),
            a_project("both", domains=NEEDS[:2]),
        ),
    )
    assert near(store, domains=NEEDS[:2]) == ["kin", "both"]
    assert near(store, "kin", ("loan-portfolio",)) == ["galette", "partner"]


def test_what_is_blocked_is_near_to_nothing(store: Store) -> None:
    load(store, a_catalog(a_project(domains=NEEDS), a_project("other", domains=NEEDS)))
    Takedowns(store.engine).block("other", "A court said so.", now=later(days=1))
    assert near(store) == []


def test_of_a_need_that_many_answer_only_some_are_looked_at(store: Store) -> None:
    load(store, a_catalog(*(a_project(f"tool-{n:03}", domains=NEEDS[:1]) for n in range(LOOKED_AT + 30))))
    assert len(near(store, "tool-000", NEEDS[:1])) == 4


A = Profile(frozenset({"hosted", "online"}), ("de", "fr", "es", "it", "pt"), ("association",), "active", 3)
B = Profile(frozenset({"hosted"}), ("en",), ("cooperative",), "asleep", 0)
UNKNOWN = Profile(frozenset(), (), (), None, 0)


def test_what_one_has_and_the_other_lacks_is_said_in_the_reader_s_order():
    spoken = ("fr", "it")
    assert has_more(A, B, spoken) == Differences((), ("fr", "it", "de"), 2, ("association",), True)
    assert has_more(B, A, spoken) == Differences((), ("en",), 0, ("cooperative",), False)


def test_what_is_known_of_one_alone_is_no_difference_and_is_told_apart():
    assert not has_more(B, UNKNOWN, ("en",)).any and not has_more(UNKNOWN, A, ("en",)).any
    assert known_of_one_only(B, UNKNOWN, ("en",)) == Differences(("hosted",), ("en",), 0, ("cooperative",))
    assert known_of_one_only(A, B, ("fr",)) == Differences(("online",), confirmed_uses=3)
    assert not known_of_one_only(UNKNOWN, A, ("en",)).any and not known_of_one_only(B, A, ("en",)).any


def test_a_way_to_use_it_that_a_record_does_not_name_is_not_known_and_no_difference():
    installed = replace(UNKNOWN, ways=frozenset({"online", "self-hosted"}))
    online = replace(UNKNOWN, ways=frozenset({"online"}))
    assert not has_more(installed, online, ("en",)).any and not has_more(online, installed, ("en",)).any
    assert (
        known_of_one_only(installed, online, ("en",)) == Differences(("self-hosted",))
        and not known_of_one_only(online, installed, ("en",)).any
    )


@given(st.sampled_from([A, B, UNKNOWN]), st.sampled_from([A, B, UNKNOWN]))
def test_nothing_sets_a_project_apart_from_itself_and_no_point_holds_both_ways(first, other):
    there, back = (has_more(*pair, ("en",)) for pair in ((first, other), (other, first)))
    assert not has_more(first, first, ("en",)).any and not known_of_one_only(first, first, ("en",)).any
    assert not set(there.ways) & set(back.ways) and not set(there.languages) & set(back.languages)
    assert not (there.kept_up and back.kept_up)
    apart = known_of_one_only(first, other, ("en",))
    for name in ("ways", "languages", "made_for"):
        assert not (getattr(apart, name) and (getattr(there, name) or getattr(back, name)))


@pytest.fixture(scope="module")
def own(sqlite_template, tmp_path_factory):
    with a_shipped_site(sqlite_template, tmp_path_factory.mktemp("own")) as app:
        yield a_client(app)


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("alike")) as app:
        yield a_client(app)


def test_a_project_s_page_names_similar_ones_and_leads_to_the_comparison(client):
    answer = client.get("/en/projects/tool-1")
    text = re.sub(r"\s+", " ", answer.text)
    assert "Similar software</h2>" in text and len(answer.context["alike"]) == 4
    assert "galette" in [similar.card.slug for similar in answer.context["alike"]]
    assert 'href="/en/compare?p=tool-1&amp;p=' in text
    galette = text[text.index('<li><a href="/en/projects/galette">') : text.index('<li><a href="/en/projects/tool-0">')]
    assert "Differences" not in galette and "Known for one only</dt> <dd" in galette
    assert "Languages: French, Arabic" in galette and "<b><bdi>Tool-1" not in galette


def test_a_difference_stands_before_what_is_known_of_one_only_whose_facts_are_named(client):
    text = re.sub(r"\s+", " ", client.get("/en/projects/ended").text)
    other = text[text.index('<li><a href="/en/projects/galette">') : text.index('<li><a href="/en/projects/tool-0">')]
    differ, alone = other.index("Differences"), other.index("Known for one only")
    assert differ < other.index("Actively developed") < alone < other.index("<span>Languages: French, Arabic</span>")
    # What is over stands behind what goes on: of four similar projects it is none.
    assert "ended" not in [one.card.slug for one in client.get("/en/projects/galette").context["alike"]]
    assert len(gzip.compress(client.get("/en/projects/galette").content)) <= 14_000


def test_a_project_of_which_nothing_is_known_is_like_no_other(client):
    html = client.get("/en/projects/unknown").text
    assert "Similar software" not in html and "Compare with others" in html
