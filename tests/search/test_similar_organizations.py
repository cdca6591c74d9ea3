"""Filters that several values answer together: organizations like ours, one use at a time; and claims about people."""

import re

import pytest
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, load
from support.factories.search import an_index_row
from support.world import a_client, a_site

from catalog.model import AudienceClaim, ScreenLanguage
from catalog.search import Finder, IndexWriter, SearchQuery
from catalog.search.adoption_terms import ADOPTION_FILTERS, adoption_terms, asked_adoption_terms

CHECKED, TESTED = "expert-review", "tested-with-people"
MAIL = (AudienceClaim("no-email"), AudienceClaim("old-devices", TESTED))


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    rows = [
        an_index_row("A", uses=(("volunteer-association", "FR", "p2-5", "in-production"),)),
        an_index_row("B", uses=(("association", "ES", None, None), ("worker-cooperative", "FR", "p2-5", "piloting"))),
        an_index_row(
            "C", audiences=(AudienceClaim("seniors", "declared"), AudienceClaim("women", TESTED)), inclusion=MAIL
        ),
        an_index_row(
            "D", audiences=(AudienceClaim("seniors", CHECKED),), inclusion=(AudienceClaim("no-email", CHECKED),)
        ),
        an_index_row("E", audiences=(AudienceClaim("seniors", TESTED), AudienceClaim("students", "unknown"))),
    ]
    folder = tmp_path_factory.mktemp("ours") / "search"
    with IndexWriter.open(folder) as writer:
        writer.rebuild(rows, 1)
    return Finder(folder)


def found(finder, **filters):
    given = {name: (value,) if isinstance(value, str) else value for name, value in filters.items()}
    return finder.find(SearchQuery(filters=given, sort="name"), NOW)


def names(finder, **filters):
    places = {an_index_row(name).id: name for name in "ABCDE"}
    return "".join(places[key] for key in found(finder, **filters).ids)


def test_all_that_is_asked_of_an_organization_is_true_of_one_and_the_same(finder):
    assert names(finder, family="association") == "AB" and names(finder, where="FR") == "AB"
    assert names(finder, family="association", where="FR") == "A"  # B's association is in Spain
    assert names(finder, family="cooperative", where="FR", people="p2-5", stage="piloting") == "B"
    assert names(finder, family="cooperative", stage="in-production") == ""
    assert names(finder, where=("ES", "FR"), family=("association",)) == "AB"
    assert found(finder, family="cooperative", where="ES").without == {("family", "cooperative"): 1, ("where", "ES"): 1}


def test_what_an_organization_may_be_is_counted_under_all_else_that_is_asked_of_it(finder):
    values = {"family": ("association", "cooperative", "foundation"), "where": ("ES", "FR")}

    def counts(**filters):
        told = finder.find(
            SearchQuery(filters={name: (value,) for name, value in filters.items()}, ours=values), NOW
        ).facets
        return {name: told[name] for name in values}

    assert counts() == {"family": [("association", 2), ("cooperative", 1)], "where": [("FR", 2), ("ES", 1)]}
    # B is used by an association in Spain and by a cooperative in France.
    assert counts(where="ES") == {"family": [("association", 1)], "where": [("FR", 2), ("ES", 1)]}
    assert counts(people="p2-5", stage="piloting") == {"family": [("cooperative", 1)], "where": [("FR", 1)]}
    assert counts(inclusion="no-email") == {"family": [], "where": []}


def test_what_people_need_is_a_claim_too_and_both_are_asked_for_together(finder):
    assert names(finder, inclusion="no-email") == "CD"
    assert names(finder, inclusion="no-email", audience="women") == "C"
    assert dict(found(finder).facets["inclusion"]) == {"no-email": 2, "old-devices": 1}
    assert dict(found(finder, inclusion="old-devices").facets["audience"]) == {"seniors": 1, "women": 1}


def test_terms_of_uses_are_bounded_and_a_use_of_which_nothing_is_known_has_none():
    assert adoption_terms([(None, None, None, None)]) == []
    assert len(adoption_terms([("a", "FR", "p1", "piloting")] * 3)) == 15
    assert (
        asked_adoption_terms({}) == []
        and len(asked_adoption_terms({name: tuple("abcdefgh") for name in ADOPTION_FILTERS})) == 81
    )


@pytest.fixture
def client(sqlite_store, tmp_path):
    claims = (AudienceClaim("seniors", TESTED),)
    load(
        sqlite_store,
        a_catalog(
            a_project("one", audiences=claims, adoptions=(an_adoption("coop", stage="piloting", people="p2-5"),)),
            a_project(
                "two",
                audiences=(AudienceClaim("seniors"),),
                adoptions=(an_adoption("other"),),
                programming_languages=("PHP",),
                standards=("ActivityPub",),
            ),
            a_project("three", adoptions=(an_adoption("coop", visibility="counted", stage="in-production"),)),
            an_organization("coop", kind="worker-cooperative", country="FR"),
            an_organization("other", kind="association", country="FR"),
        ),
    )
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def test_a_reader_asks_for_groups_like_hers_and_unnamed_uses_answer_nothing(client):
    html = client.get("/en/projects?family=cooperative&where=FR&people=p2-5").text
    assert "1 program" in html and "/en/projects/one" in html and "/en/projects/three" not in html
    assert "Remove: Cooperative" in html and "Remove: France" in html and "unconfirmed uses from public sources" in html
    assert "No results" in client.get("/en/projects?family=cooperative&stage=in-production").text


def test_a_new_search_keeps_filters_that_have_no_field_in_its_form(client):
    html = client.get("/en/projects?q=list&family=cooperative&audience=seniors").text
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', html.partition('id="results"')[0])
    assert kept == [("audience", "seniors"), ("family", "cooperative")]
    html = client.get("/en/projects?family=cooperative&where=FR&license=permissive").text
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', html.partition('id="results"')[0])
    assert sorted(kept) == [
        ("family", "cooperative"),
        ("license", "permissive"),
        ("where", "FR"),
    ]


def test_the_filters_page_asks_for_one_level_and_one_organization(client):
    html = client.get("/en/projects/filters?family=cooperative").text
    assert '<option value="cooperative" selected>Cooperative (1)</option>' in html
    assert "the same organization" in html and '<option value="association">Association (1)</option>' in html
    assert '<option value="FR">France (1)</option>' in html and '<option value="piloting">' in html


def test_the_filters_page_asks_whom_it_must_suit_and_for_the_kind_of_organization(client):
    html = client.get("/en/projects/filters?audience=seniors").text
    assert html.index("For what kind of organization") < html.index("For whom</legend>") < html.index("Country of use")
    assert '<option value="cooperative">Cooperative (1)</option>' in html
    found = client.get("/en/projects?audience=seniors").text
    assert 'href="/en/projects/filters?audience=seniors">More filters</a>' in found


def test_technique_is_found_under_more_filters(client):
    html = client.get("/en/projects/filters").text
    assert 'name="programming" value="PHP"' in html and 'name="standard" value="ActivityPub"' in html
    assert 'name="programming"' not in client.get("/en/projects").text.partition('id="results"')[0]
    html = client.get("/en/projects?programming=PHP&standard=ActivityPub").text
    assert "1 program" in html and "Remove: ActivityPub" in html and "/en/projects/two" in html
    assert "No results" in client.get("/en/projects?programming=Perl").text


def test_a_large_filter_leads_to_its_own_page(client_of):
    tags = ["de", "es", "et", "fi", "fr", "it", "nl", "pl", "pt", "sv", "tr", "zh"]
    spoken = tuple(ScreenLanguage(tag) for tag in tags)
    client = client_of(a_project("one", languages=spoken))
    html = client.get("/en/projects/filters").text
    assert html.count('name="language"') == 10 and "filters?only=language" in html and "Show all 12" in html
    html = client.get("/en/projects/filters?only=language").text
    assert html.count('name="language"') == 12 and "Show all" not in html


def test_one_filter_stands_alone_with_all_its_values_and_keeps_the_rest(client):
    html = client.get("/en/projects/filters?only=kind&audience=seniors&sort=name").text
    assert html.count("<fieldset") == 2 and 'id="kind"' in html and "All filters" in html
    assert 'type="hidden" name="audience" value="seniors"' in html and 'type="hidden" name="sort" value="name"' in html
    assert client.get("/en/projects/filters?only=nonsense").text.count("<fieldset") > 3


def test_it_is_told_of_how_many_nobody_has_said_whether_a_claim_is_true(finder):
    assert found(finder, audience="seniors").without_claim == {
        "audience": 2
    }  # A and B; of E more is said, but not this
    assert found(finder, audience=("seniors", "students")).without_claim == {"audience": 2}
    assert found(finder, audience="students").without_claim == {"audience": 4}
    assert found(finder, audience="young-people", inclusion="no-email").without_claim == {"audience": 5, "inclusion": 3}
    assert found(finder, audience="seniors", family="association").without_claim == {"audience": 2}
    assert (
        found(finder, audience="seniors", family="nothing").without_claim
        == found(finder, family="association").without_claim
        == {}
    )


def test_the_page_says_of_how_many_nobody_has_said_it_and_how_to_tell(client):
    html = client.get("/en/projects?audience=seniors").text
    assert "For 1 program this is not recorded: <bdi>Seniors</bdi>. If you know of one, tell us:" in html
    assert "open its page and choose “Report a mistake on this page”." in html
    html = client.get("/en/projects?audience=young-people&audience=women&inclusion=no-email").text
    assert "For 3 programs this is not recorded: <bdi>Women</bdi> or <bdi>Young people</bdi>." in html
    assert "For 3 programs this is not recorded: <bdi>No e-mail needed</bdi>." in html
    assert html.count("If you know of one") == 1 and "was left out" not in html
    assert "is not recorded" not in client.get("/en/projects?family=cooperative").text


@pytest.mark.parametrize("asked", ["", "?family=association", "?only=audience"])
def test_the_filters_page_offers_only_what_leaves_something(client, asked):
    html = client.get(f"/en/projects/filters{asked}").text
    people = html.partition('<fieldset id="audience"')[2].partition("</fieldset>")[0]
    assert "Seniors" in people and "Young people" not in people and "(0)" not in html
    assert html.count(">Apply filters</button>") == 2


def test_the_reader_s_own_language_is_offered_however_few_projects_speak_it(client_of):
    others = [ScreenLanguage(tag) for tag in ("ca", "cs", "de", "en", "es", "eu", "he", "it", "nl", "pl", "pt", "ru")]
    many = [a_project(f"tool-{number}", languages=others) for number in range(3)]
    client = client_of(*many, a_project("own", languages=(ScreenLanguage("fr"),)))
    offered = re.findall(r'name="language" value="([a-z]+)"', client.get("/fr/projects/filters").text)
    assert "fr" in offered and len(offered) == 11
