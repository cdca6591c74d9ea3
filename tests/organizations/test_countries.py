"""The pages of places: a list that says all, a map that says the same, and one country."""

import gzip
import html
import re

import pytest
from support.factories.core import a_catalog, a_maintenance, a_manifest, a_project, an_adoption, an_organization, load
from support.html_structure import words
from support.world import a_client, a_filled_site, a_site

from catalog.store.organizations.countries import SHOWN_PROJECTS
from forge.i18n import languages
from forge.web.core.regions import region_name
from forge.web.organizations.world_map import LEVELS, world_map


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("places"), ("en", "fr", "ar")) as app:
        yield a_client(app)


def test_the_list_names_each_country_with_its_groups_and_links_to_it(client):
    answer = client.get("/en/places")
    assert answer.status_code == 200
    assert '<a href="/en/places/ES">Spain</a>' in answer.text
    assert [place.country for place, _ in answer.context["places"]] == ["FR", "ES"]
    assert "61 users in public sources" in words(answer) and "1 confirmed user" in words(answer)


def test_the_list_stands_in_the_order_of_the_reader_s_language(client_of):
    """Neither by code, nor with "É" behind "Z"."""
    bodies = {code.lower(): code for code in ("EC", "ES", "ET", "EE", "DE", "CI")}
    makers = tuple(a_maintenance(slug) for slug in bodies)
    those = (an_organization(slug, country=code) for slug, code in bodies.items())
    spoken = a_manifest(languages=("en", "fr"))
    client = client_of(a_project("one", maintenance=makers), *those, manifest=spoken)
    told = {tag: client.get(f"/{tag}/places").text for tag in ("fr", "en")}
    orders = {tag: re.findall(r'<li><a href="/../places/(..)"', html) for tag, html in told.items()}
    assert orders == {"fr": ["DE", "CI", "EC", "ES", "EE", "ET"], "en": ["CI", "EC", "EE", "ET", "DE", "ES"]}


def test_a_table_that_is_cut_says_so_and_how_many_there_are(sqlite_store, tmp_path):
    def told(*records):
        load(sqlite_store, a_catalog(*records, an_organization(country="FR")))
        with a_site(sqlite_store, tmp_path / "data") as app:
            return words(a_client(app).get("/en/places/FR"))

    some = [a_project(f"tool-{number}", adoptions=(an_adoption(),)) for number in range(SHOWN_PROJECTS)]
    assert "These are the first" not in told(*some)
    assert "These are the first 20 of 22." in told(
        *some, *(a_project(slug, adoptions=(an_adoption(),)) for slug in ("more", "most"))
    )


def test_where_nobody_confirmed_this_is_said_once_and_each_program_has_its_number(client_of):
    client = client_of(a_project(adoptions=(an_adoption(),)), an_organization(country="FR"))
    told = words(client.get("/en/places/FR"))
    assert "They have not confirmed it. Galette 1" in told and "confirmed user" not in told


def test_of_many_developers_the_others_are_folded_and_none_is_missing(client_of):
    makers = [f"maker-{number}" for number in range(12)]
    tool = a_project(maintenance=tuple(a_maintenance(slug) for slug in makers))
    client = client_of(tool, *(an_organization(slug, country="FR") for slug in makers))
    html = client.get("/en/places/FR").text
    shown, _, folded = html[html.index('id="makers"') :].partition("<details><summary>and 4 more</summary>")
    assert len(re.findall("/en/organizations/maker-", shown)) == 8
    assert len(re.findall("/en/organizations/maker-", folded.partition("</details>")[0])) == 4


def test_the_map_at_the_head_of_the_list_leads_to_each_country_and_is_silent_for_keyboards_and_ears(client):
    text = client.get("/en/organizations").text
    (picture,) = re.findall(r'<svg viewBox="0 0 \d+ \d+" aria-hidden="true".*?</svg>', text, re.S)
    links = re.findall(r'<a class="l\d" href="([^"]+)" tabindex="-1">\s*<title>(.*?)</title>', picture)
    assert ("/en/places/ES", "Spain: 61") in [(address, html.unescape(name)) for address, name in links]
    assert len(links) == 2 and "Natural Earth" in text
    assert "<path" not in client.get("/en/organizations?country=ES").text.partition("<main")[2]


def test_the_map_weighs_at_most_what_a_picture_of_places_may_wherever_groups_are():
    """Packed, as it is sent; the real page is weighed by `test_page_weight`."""
    every = languages.page_language("en").countries()
    drawn = world_map({code: place % 25 for place, code in enumerate(every)})
    assert sum(country.dot is not None for country in drawn.countries) > 40
    assert len(gzip.compress(repr(drawn).encode())) <= 25_000


def test_countries_are_drawn_by_how_many_groups_they_have_and_small_ones_as_dots():
    drawn = world_map({"FR": LEVELS[2], "ES": 1, "MT": LEVELS[1], "ZZ": 3})
    bare = world_map({})
    assert len(drawn.land) < len(bare.land) and bare.countries == ()
    assert [(country.code, country.level) for country in drawn.countries] == [("ES", 1), ("FR", 3), ("MT", 2)]
    assert drawn.countries[2].dot and not drawn.countries[2].shape and drawn.lacking == ("ZZ",)


def test_the_map_knows_every_country_that_a_reader_can_name_but_for_a_few_islands():
    every = languages.page_language("en").countries()
    assert len(every) > 245 and every["FR"] == "France" and "EU" not in every
    assert len(world_map(dict.fromkeys(every, 1)).lacking) < 25


def test_no_shape_crosses_the_map():
    """A ring that ran around the back of the world would draw a line over all of it."""
    drawn = world_map({})
    for ring in drawn.land.split("M")[1:]:
        numbers = [int(number) for number in re.findall(r"-?\d+", ring)]
        steps = [abs(number) for number in numbers[2::2]]
        assert max(steps, default=0) < drawn.width / 4


def test_a_country_says_what_is_used_there_who_can_help_and_which_groups(client):
    answer = client.get("/en/places/FR")
    said = words(answer)
    assert answer.status_code == 200 and "Galette" in said and "Coop des Halles" in said and "confirmed" in said
    assert "Who can help" in said and "Ana &lt;maintains&gt; &amp; co" in answer.text
    assert answer.text.count("<h1>") == 1 and '<ul class="used">' in answer.text


def test_who_only_makes_something_is_not_said_to_help_there(regional):
    answer = regional.get("/fr/places/FR/BRE")
    said = words(answer)
    assert "propose de l’aide" not in said and "1 organisation développe un logiciel" in said
    assert said.index("Qui peut aider") < said.index("Aucune organisation de ce pays") < said.index("Développeurs")
    assert 'href="#groups"' in answer.text and 'id="groups"' in answer.text
    assert "organization can help" not in words(regional.get("/en/places"))


@pytest.fixture
def regional(sqlite_store, tmp_path):
    load(
        sqlite_store,
        a_catalog(
            a_project("one", adoptions=(an_adoption("breton"), an_adoption("odd"))),
            a_project("two", adoptions=(an_adoption("basque"),), maintenance=(a_maintenance("breton"),)),
            a_project("three", adoptions=(an_adoption("hidden", visibility="counted"),)),
            an_organization("breton", region="FR-BRE"),
            an_organization("hidden", region="FR-OCC"),
            an_organization("odd", region="FR-ZZZ"),
            an_organization("basque", country="ES", region="ES-PV"),
            manifest=a_manifest(languages=("en", "fr", "ar")),
        ),
    )
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def test_a_country_leads_to_its_parts_by_their_names_and_each_has_a_page(regional):
    html = regional.get("/fr/places/FR").text
    assert '<a href="/fr/places/FR/BRE"><bdi>Bretagne</bdi></a>' in html and "FR-OCC" not in html
    assert '<a href="/fr/places/FR/ZZZ"><bdi>FR-ZZZ</bdi></a>' in html
    answer = regional.get("/en/places/FR/BRE")
    assert "<h1><bdi>Brittany</bdi></h1>" in answer.text and "<title>Used in Brittany" in answer.text
    assert [project.slug for project in answer.context["found"].projects] == ["one"]
    assert [group.organization.slug for group in answer.context["found"].groups] == ["breton"]
    assert "Who can help" in words(answer) and 'href="/en/places/FR">France</a>' in answer.text
    assert '/en/projects?country=FR&amp;region=FR-BRE"' in answer.text
    assert '<h1><bdi lang="fr">Bretagne</bdi></h1>' in regional.get("/ar/places/FR/BRE").text
    assert len(gzip.compress(answer.content)) <= 14_000


def test_a_part_of_a_country_is_called_no_country_in_french(regional):
    said = words(regional.get("/fr/places/FR/BRE"))
    assert "Pays : Bretagne" in said and "Chercher les logiciels utilisés dans ce pays : Bretagne" in said


def test_a_part_without_groups_says_so_and_what_is_none_is_not_found(regional):
    for path in ("FR/OCC", "FR/PDL"):  # the first has a group that is not named here
        empty = regional.get(f"/en/places/{path}")
        assert empty.status_code == 200 and "We know of no user" in words(empty) and "noindex" in empty.text
    assert 'href="/en/calls/new?kind=need&amp;country=FR"' in empty.text
    assert regional.get("/en/places/fr/bre").headers["location"] == "/en/places/FR/BRE"
    for odd in ("FR/QQQ", "ES/BRE", "XX/BRE", "FR/FR-BRE", "FR/%3Cb%3E"):
        assert regional.get(f"/en/places/{odd}").status_code == 404


def test_projects_are_found_by_the_part_of_a_country_once_that_is_chosen(regional):
    assert 'name="region"' not in regional.get("/fr/projects").text
    html = regional.get("/fr/projects/filters?country=FR").text
    assert 'name="region" value="FR-BRE"' in html and "<bdi>Bretagne</bdi> (1)" in html and "ES-PV" not in html
    assert '<bdi lang="fr">Bretagne</bdi>' in regional.get("/ar/projects/filters?country=FR&region=FR-BRE").text
    html = regional.get("/ar/projects?country=FR&region=FR-BRE").text
    assert "/ar/projects/one" in html and "/ar/projects/two" not in html and "/ar/projects/three" not in html


def test_an_organization_says_its_part_of_the_country_by_name(regional):
    assert '<a href="/fr/places/FR/BRE"><bdi>Bretagne</bdi></a>' in regional.get("/fr/organizations/breton").text


@pytest.mark.parametrize(
    ("code", "tag", "said"),
    [
        ("FR-BRE", "fr", ("Bretagne", "fr")),
        ("FR-BRE", "es", ("Bretagne", "fr")),
        ("FR-BRE", "en", ("Brittany", "en")),
        ("ES-CT", "es", ("Cataluña", "es")),
        ("GB-SCT", "ar", ("اسكتلندا", "ar")),
        ("EG-C", "fr", ("Cairo", "en")),
        ("MA-06", "fr", ("Casablanca-Settat", "fr")),
        ("FR-QQQ", "fr", ("FR-QQQ", "")),
    ],
)
def test_a_part_of_a_country_is_named_as_the_reader_says_it_else_as_people_there_do(code, tag, said):
    told = region_name(code, languages.page_language(tag))
    assert (told.text, told.language) == said


@pytest.mark.parametrize(
    ("tag", "ordered"),
    [
        ("es", ["Nube", "nzo", "ñandú", "Ñuñoa", "oca"]),
        ("pt", ["Índia", "nação", "ñandú", "nave"]),  # ñ is no letter of Portuguese: an n with a sign on it
        ("fr", ["cote", "coté", "Égypte", "Zambie"]),
        ("ar", ["إثيوبيا", "أرمينيا", "بوتان", "تايلاند", "ةب", "تونس", "يب", "ىت", "France"]),
    ],
)
def test_names_stand_where_readers_of_a_language_look_for_them(tag, ordered):
    backwards = ordered[::-1]
    backwards.sort(key=languages.page_language(tag).in_order)
    assert backwards == ordered


def test_a_country_with_many_groups_is_paged(client):
    first, second = client.get("/en/places/ES"), client.get("/en/places/ES?page=2")
    assert len(first.context["found"].groups) == 50 and len(second.context["found"].groups) == 11
    assert "Software in use" in words(first) and "Software in use" not in words(second)
    assert client.get("/en/places/ES?page=9").headers["location"] == "/en/places/ES"


def test_a_use_that_is_not_public_is_in_no_country(client):
    assert "org-61" not in client.get("/en/places/ES?page=2").text


def test_a_country_without_groups_says_so_and_what_is_none_is_not_found(client):
    empty = client.get("/en/places/AQ")  # no organization, and no rules but those of everywhere
    assert empty.status_code == 200 and "We know of no user" in words(empty) and "noindex" in empty.text
    assert client.get("/en/places/fr").headers["location"] == "/en/places/FR"
    for odd in ("XX", "EU", "001", "F", "%3Cb%3E", "FRA", "f\u0131"):
        assert client.get(f"/en/places/{odd}").status_code == 404
