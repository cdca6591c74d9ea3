"""The short list of a need: few, each with a reason that a reader can check; what is only found moves nothing."""

from dataclasses import replace

from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.html_structure import words

from catalog.model import Collection, CollectionProject, Runs, ScreenLanguage
from catalog.store.store import Store
from forge.web.search.category_questions import questions_before_choosing
from forge.web.site.shortlist import MAX_SHORTLISTED, AdoptionsNearby, shortlist, shortlist_choices

NEED = ("member-management",)
LIST = Collection("suite", {"en": "The suite"}, {}, (CollectionProject("listed", {"en": "It is simple."}),))


def cards(store: Store):
    ready = {"runs": Runs(online="https://example.org/"), "languages": (ScreenLanguage("pt-BR"),)}
    load(
        store,
        a_catalog(
            a_project("found", adoptions=(an_adoption(),)),
            a_project("listed"),
            a_project("ready", **ready),
            a_project("said", adoptions=(an_adoption(verification="domain-confirmed"),)),
            a_project("over", status="ended", **ready),
            a_project("not-free", context_only=True, **ready),
            an_organization(),
        ),
    )
    return store.record_pages.domain_cards(["member-management"], 9, ["listed"])


def test_lists_come_first_then_the_groups_own_word_then_what_is_ready_to_use(store: Store) -> None:
    every = shortlist_choices(cards(store), [LIST], {}, "pt", NOW, NEED)
    assert [choice.card.slug for choice in shortlist(every)] == ["listed", "said", "ready"]
    assert shortlist(every)[0].curated.reason == {"en": "It is simple."}
    assert [choice.card.slug for choice in shortlist(shortlist_choices(cards(store), [], {}, "fr", NOW, NEED))] == [
        "said"
    ]


def test_a_group_near_says_more_than_one_elsewhere_and_what_is_found_near_moves_nothing(store: Store) -> None:
    near = {identity("ready"): AdoptionsNearby(2, 0), identity("found"): AdoptionsNearby(0, 40)}
    chosen = shortlist(shortlist_choices(cards(store), [], near, "pt", NOW, NEED))
    assert [choice.card.slug for choice in chosen] == ["ready", "said"]


def test_whose_first_need_it_is_stands_before_others_and_a_narrow_kind_behind_what_is_for_any(store: Store) -> None:
    (card, *_) = cards(store)
    ready = replace(card, runs_online=True, runs_hosted=True, domains=NEED, made_for=())
    also = replace(ready, slug="listed", domains=("erp", *NEED), confirmed_uses=3)
    narrow = replace(ready, slug="narrow", made_for=("housing-cooperative", "food-coop"), confirmed_uses=2)
    family = replace(ready, slug="family", made_for=("housing-cooperative", "cooperative"))
    size = replace(ready, slug="size", made_for=("food-coop", "s1-5"))
    every = shortlist_choices([also, narrow, family, size], [LIST], {}, "en", NOW, NEED)
    assert [choice.card.slug for choice in shortlist(every)] == ["family", "size", "narrow"]
    assert [choice.main for choice in every] == [False, True, True, True]


def test_the_list_is_short(store: Store) -> None:
    (card, *_) = cards(store)
    many = [replace(card, runs_online=True, runs_hosted=True, slug=f"tool-{n}") for n in range(MAX_SHORTLISTED + 3)]
    assert [choice.card.slug for choice in shortlist(shortlist_choices(many, [], {}, "en", NOW, NEED))] == [
        f"tool-{n}" for n in range(MAX_SHORTLISTED)
    ]


def test_where_enough_are_maintained_no_other_one_is_in_the_list(store: Store) -> None:
    (card, *_) = cards(store)
    lately = replace(card.activity, changed_at=NOW, looked_at=NOW)
    ready = replace(card, runs_online=True, runs_hosted=True, domains=NEED)
    live = [replace(ready, slug=f"live-{n}", activity=lately, domains=("erp", *NEED)) for n in range(MAX_SHORTLISTED)]
    for count in (MAX_SHORTLISTED - 1, MAX_SHORTLISTED):
        every = shortlist_choices([replace(ready, slug="nobody-knows"), *live[:count]], [], {}, "en", NOW, NEED)
        only_living = "nobody-knows" not in [choice.card.slug for choice in shortlist(every)]
        assert only_living is (count == MAX_SHORTLISTED)


def test_every_need_has_questions_and_some_have_more():
    assert len(questions_before_choosing("communication")) == 4 < len(questions_before_choosing("solidarity-finance"))


def test_a_need_s_page_says_why_of_each_and_lists_the_others(client):
    answer = client.get("/en/domains/member-management")
    assert [choice.card.slug for choice, _ in answer.context["chosen"]] == ["galette"]
    assert "Selected by the editors: The suite" in words(answer) and "Hosted for you: 1 offer" in words(answer)
    assert "More software in this category" in words(answer) and "Who can see our members’ addresses" in words(answer)
    assert "/compare/sheet?p=galette" in answer.text
    slugs = [card.slug for card in (*answer.context["others"], *answer.context["resting"])]
    assert "galette" not in slugs and len(slugs) == len(set(slugs)) > 20


def test_who_says_where_they_are_sees_the_groups_near(client):
    near = client.get("/en/domains/member-management?country=ES")
    assert "61 unconfirmed users in your country (Spain)" in words(near) and "noindex" in near.text
    assert '<option value="ES" selected>' in near.text
    odd = client.get("/en/domains/member-management?country=%3Cb%3E")
    assert odd.status_code == 200 and "in your country" not in words(odd)
