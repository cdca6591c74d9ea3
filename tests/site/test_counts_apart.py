"""Counts never mix: what organizations confirmed, what somebody declared and what was found in public sources stand
apart on every face of the catalogue, and uses of software that is not free are counted on its own page alone.

The world has so many uses of each sort that a sum of two of them is a number that nothing else has.
"""

import csv
import io
import itertools
import re
from html import unescape

import pytest
from starlette.routing import Route
from support.factories.core import a_catalog, a_project, a_store, an_adoption, an_organization, load
from support.world import a_client, a_site

from catalog.rules.permissions import RULES

CONFIRMED, DECLARED, FOUND, NOT_FREE = 101, 103, 109, 127
IDLE = {"FR": 5, "ES": 6}  # organizations of which nothing is known, by country
APART = {CONFIRMED, DECLARED, FOUND}
SUMS = {sum(some) for size in (2, 3, 4) for some in itertools.combinations((*APART, NOT_FREE), size)}
VERIFICATIONS = {"domain-confirmed": CONFIRMED, "self-declared": DECLARED, "found-in-public-source": FOUND}
# Sums that say what they add up.
LABELLED = (
    re.compile(rf"{DECLARED + FOUND} unconfirmed users\b"),
    re.compile(rf"Unconfirmed users {DECLARED + FOUND}\b"),
    re.compile(rf"groups_not_confirmed,{DECLARED + FOUND}\b"),
)
FILLED = {"term": "member-management", "country": "FR", "id": "MIT", "part": "projects-1", "step": "how"}
ASKED = (
    *(
        "/en/projects?sort=uses",
        "/en/projects?q=keep",
        "/en/projects?country=FR",
        "/en/projects/filters?kind=cooperative",
    ),
    *(
        "/en/domains/member-management?country=FR",
        "/en/projects/galette?country=FR",
        "/en/projects/galette/users?page=2",
    ),
    *("/en/compare?p=galette&p=bike", "/en/organizations?domain=member-management&country=FR", "/en/places/ES"),
    *("/api/v1/projects?sort=uses", "/api/v1/organizations?q=both", "/api/v1/countries/ES", "/api/v1/countries/FR"),
    *("/v1/software", "/export/statistics.csv"),
    *("/export/projects.csv", "/export/organizations.csv", "/metrics"),
)


def letters(many, first):
    """So many different words without a digit."""
    return [first.lower() + "".join(word) for word in itertools.islice(itertools.product("abcdef", repeat=3), many)]


def the_document(not_free: bool):
    galette, bike = [], [an_adoption("both", verification="domain-confirmed")]
    organizations = [an_organization("both", name="Both", country="FR")]
    organizations += [
        an_organization(f"idle-{at}", country=code) for code, many in IDLE.items() for at in letters(many, code)
    ]
    for verification, uses in VERIFICATIONS.items():
        slugs = [f"group-{at}" for at in letters(uses, verification[0])]
        slugs[0] = "both" if verification == "domain-confirmed" else slugs[0]
        galette += [an_adoption(slug, verification=verification, stage="in-production") for slug in slugs]
        organizations += [an_organization(slug, country="FR") for slug in slugs if slug != "both"]
    for at, verification in zip(letters(NOT_FREE - 1, "r"), itertools.cycle(VERIFICATIONS), strict=False):
        bike.append(an_adoption(f"rider-{at}", verification=verification, stage="in-production"))
        organizations += [an_organization(f"rider-{at}", country="ES")] if not_free else []
    projects = [a_project(adoptions=tuple(galette)), a_project("other", summary={"en": "Keep accounts"})]
    if not_free:
        projects.append(
            a_project("bike", context_only=True, license="LicenseRef-Coopyleft", adoptions=tuple(bike),
                      summary={"en": "Keep deliveries"})
        )  # fmt: skip
    return a_catalog(*projects, *organizations)


@pytest.fixture(scope="module")
def told(sqlite_template, tmp_path_factory):
    """What each address answers, without and with software that is not free: two mappings."""
    answers = []
    for not_free in (False, True):
        folder = tmp_path_factory.mktemp("counts")
        with a_store(sqlite_template, folder) as store:
            load(store, the_document(not_free))
            with a_site(store, folder / "data") as app:
                app.state.metrics_token = "t" * 40
                client = a_client(app)
                shown = {"/metrics": {"authorization": f"Bearer {app.state.metrics_token}"}}
                answers.append({path: client.get(path, headers=shown.get(path)) for path in addresses(app)})
    return answers


def addresses(app):
    """Every address that a reader may ask for, of each route."""
    found = list(ASKED)
    for route in app.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()) or route.name in (*RULES, "static"):
            continue
        slugs = ["galette", "bike"] if "/organizations/" not in route.path else ["both"]
        for slug in slugs if "{slug}" in route.path else [""]:
            path = route.path.replace("{slug}", slug).replace("{language:language}", "en")
            found.append(re.sub(r"\{(\w+)(:\w+)?\}", lambda part: FILLED.get(part[1], "x"), path))
    return found


def words(answer):
    """What a reader sees or a program reads, without names of tags, addresses and what is no text."""
    kind = answer.headers.get("content-type", "")
    if not kind.startswith(("text/", "application/json", "application/atom", "image/svg")) and "json" not in kind:
        return ""
    text = answer.text
    if "html" in kind or "svg" in kind:
        text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S)
        text = unescape(re.sub(r"<[^>]*>", " ", text))
    return re.sub(r"\s+", " ", text).replace("( ", "(").replace(" )", ")")


def numbers(text, wanted):
    """Which of these numbers stand alone in a text."""
    return {number for number in wanted if re.search(rf"(?<![\w.\-/]){number}(?![\w\-/]|\.\d)", text)}


def is_own_page(path):
    return re.search(r"/(?:projects|sheet|software)/bike\b", path) is not None


def test_the_faces_are_asked_and_answer(told):
    _, with_it = told
    answered = {path for path, answer in with_it.items() if answer.status_code == 200}
    faces = "/en/ /en/statistics /en/places/FR /en/projects/bike /en/organizations/both /en/compare?p=galette&p=bike"
    machine_faces = "/badge/bike.svg /api/v1/projects /api/v1/countries /v1/software /export/projects.csv /metrics"
    assert {*faces.split(), *machine_faces.split()} <= answered
    assert numbers(words(with_it["/en/projects/galette"]), APART) == APART
    assert numbers(words(with_it["/en/statistics"]), APART) == APART


def test_no_face_adds_up_uses_of_different_sorts(told):
    for answers in told:
        mixed = {}
        for path, answer in answers.items():
            text = words(answer)
            for pattern in LABELLED:
                text = pattern.sub(" ", text)
            if found := numbers(text, SUMS) - allowed(path, text):
                mixed[path] = found
        assert mixed == {}


def allowed(path, text):
    """Sums in charts and lists that say before their numbers what they count."""
    every = sum(APART)
    says = ("by country, confirmed or not", "are counted together here", "include uses that are not confirmed")
    return {every} if any(said in text for said in says) else set()


def test_uses_of_software_that_is_not_free_are_counted_on_its_own_page_alone(told):
    _, with_it = told
    bike = [-(-(NOT_FREE - 1 - at) // 3) + (at == 0) for at in range(3)]  # of each sort
    assert sum(bike) == NOT_FREE
    own = words(with_it["/en/projects/bike"])
    assert numbers(own, bike) == set(bike)
    wrong = {path: found for path, answer in with_it.items() if not is_own_page(path)
             if (found := numbers(words(answer), {NOT_FREE, NOT_FREE - 1}))}  # fmt: skip
    assert wrong == {}


@pytest.mark.parametrize(
    "path",
    ["/en/places", "/en/places/FR", "/api/v1/countries/FR", "/badge/galette.svg", "/en/domains", "/en/projects/galette",
     "/en/projects/galette/users", "/en/organizations?domain=member-management&country=FR"],
)  # fmt: skip
def test_software_that_is_not_free_moves_no_number(told, path):
    without, with_it = told
    assert re.findall(r"\d+", words(with_it[path])) == re.findall(r"\d+", words(without[path]))


def test_totals_statistics_and_tables_leave_it_out(told):
    without, with_it = (
        {(row["table"], row["term"], row["measure"]): row["number"] for row in table(answers["/export/statistics.csv"])}
        for answers in told
    )
    changed = {key for key in without.keys() | with_it.keys() if without.get(key) != with_it.get(key)}
    assert changed == {("projects", "context", "projects")}
    assert "2 programs" in words(told[1]["/en/"])
    assert f"{sum(APART) + sum(IDLE.values())} organizations" in words(told[1]["/en/"])
    rows = {row["slug"]: row for row in table(told[1]["/export/projects.csv"])}
    assert rows["galette"]["confirmed_uses"] == str(CONFIRMED)
    assert {rows["bike"][name] for name in ("confirmed_uses", "countries", "declared_uses", "found_uses")} == {""}
    metrics = told[1]["/metrics"].text
    assert 'forge_projects{free="yes"} 2' in metrics and 'forge_projects{free="no"} 1' in metrics


def table(answer):
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_an_organization_uses_it_apart_from_what_is_counted(told):
    page = words(told[1]["/en/organizations/both"]).partition("Software it uses")[2]
    assert (
        page.index("Confirmed by the organization")
        < page.index("Galette")
        < page.index("Not free software: listed for")
        < (page.index("Bike"))
    )
    (both,) = told[1]["/api/v1/organizations?q=both"].json()["organizations"]
    assert both["uses"] == {"confirmed": 1}
    counted = ("confirmed_uses", "declared_uses", "found_uses", "countries")
    listed = told[1]["/api/v1/projects?sort=uses"].json()["projects"]
    cards = {card["slug"]: tuple(card[name] for name in counted) for card in listed}
    assert list(cards) == ["galette", "other", "bike"] and listed[2]["context_only"] and not any(cards["bike"])
    assert cards["galette"] == (CONFIRMED, DECLARED, FOUND, 1)
    assert "Not counted: it is not free software" in words(told[1]["/en/compare?p=galette&p=bike"])
    assert words(told[1]["/badge/bike.svg"]).count("not free software") >= 1
