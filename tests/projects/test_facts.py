"""Facts and their history as people and programs get them: every one with its origin, strangers' text as text."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.world import HEAD, OLD, a_client, a_site, an_observation

from catalog.rules.fact import Fact, Statement, choose_facts
from catalog.rules.fields import FIELDS
from catalog.store.core.read_models import Mirror
from catalog.store.store import Store
from forge.i18n.languages import SOURCE, page_language
from forge.web.core.render import Site
from forge.web.facts.fact_groups import fact_groups, license_notice, origin_of
from forge.web.facts.merged_record import beside_record, record_shown
from forge.web.facts.values import OTHER_CHARACTERS, draw_value

SITE = Site(None)
PARTS = SITE.environment(page_language(SOURCE)).get_template("projects/fact-macros.html").module
ATOM = "{http://www.w3.org/2005/Atom}"
FACTS, HISTORY = "/en/projects/galette/facts", "/en/projects/galette/history"


@pytest.fixture
def galette(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    """A site over one project without any mirrored fact yet."""
    load(sqlite_store, a_catalog(a_project()))
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def read(client: TestClient, *said: Statement, commit: str = HEAD, days: int = 0) -> None:
    seen = an_observation() | {"commit": commit}
    client.app.state.store.observations.observe(
        identity("galette"), commit, seen, facts=said, free=True, last_commit_at=NOW, now=later(days=days)
    )


def a_fact(field: str, value: object, fact_origin: str = "observed", **source: object) -> Fact:
    return Fact(field, value, fact_origin, source, NOW, NOW)


def test_every_field_has_words_for_people():
    assert all(known.label for known in FIELDS.values())


def test_conflicts_come_first_and_what_is_for_technicians_last(client):
    html = client.get(FACTS).text
    places = [
        html.index(f'id="{name}"')
        for name in ("conflicts", "license", "homepage", "known", "name", "technical", "code")
    ]
    assert places == sorted(places)
    assert "The sources disagree on 2 points" in html


def test_every_fact_tells_value_origin_place_and_times(client):
    html = client.get(FACTS).text
    assert "French 100%, Arabic 60%, Occitan 12%" in html
    assert "<bdi>Container (Docker)</bdi>, <bdi>" in html and "5,120 changes in all" in html and "2.4 MB" in html
    assert "Written by the catalogue’s editors, source:" in html
    assert f'href="/en/projects/galette/code/blob/{OLD}/composer.json"' in html
    assert "First seen on 25 September 2026, last seen on 24 November 2026." in html
    assert "Line 3:" in html


SOURCES = ("group/tool:README.md", "group/tool:doc/SECURITY.md", "https://example.org/manual")


@pytest.mark.parametrize(
    ("field", "value", "own"),
    [
        ("documentation", "https://example.org/manual", SOURCES[2:]),
        ("security_contact", "https://github.com/group/tool/blob/HEAD/doc/SECURITY.md", SOURCES[1:2]),
        ("accessibility", {"state": "full", "url": "https://example.org/report"}, ("https://example.org/report",)),
        ("homepage", "https://example.org/", SOURCES),
        ("cost", {"en": "Nothing"}, SOURCES),
        ("license", "MIT", SOURCES),
    ],
)
def test_a_fact_that_is_or_names_one_of_the_sources_has_that_one_alone(field, value, own):
    assert origin_of(a_fact(field, value, "curated", urls=list(SOURCES)), "tool", code=False).urls == own


def test_where_no_source_of_a_fact_was_noted_it_leads_to_those_of_the_page(client_of) -> None:
    client = client_of(a_project(sources=SOURCES, documentation=SOURCES[2]))
    html = client.get(FACTS).text
    sheet = client.get("/en/compare/sheet?p=galette").text
    name, manual = (html.partition(f'id="{name}"')[2].partition("</section>")[0] for name in ("name", "documentation"))
    assert "Written by the catalogue’s editors." in name and '<a href="#sources">Sources of this page</a>' in name
    assert "source: " in manual and "Sources of this page" not in manual and SOURCES[2] in manual
    noted = (
        "from one or more of the 3 sources that they name for <bdi>Galette</bdi>, such as README of <bdi>group/tool<"
    )
    assert f"editors of the catalogue, {noted}" in sheet


def test_each_fact_has_a_source_beside_it_and_the_day_of_loading_is_no_date_of_it(client_of) -> None:
    sources = ("https://example.org/one", "https://example.org/two")
    client = client_of(a_project(sources=sources))
    html = client.get(FACTS).text
    said = re.findall(r'<div class="said">.*?<div class="voices">(.*?)</div>', html, re.S)
    assert len(said) == html.count('class="value"') > 3
    assert all('<a href="#sources">Sources of this page</a>' in html for html in said)
    assert "24 November 2026" not in "".join(said)  # the document was loaded then: nobody looked
    assert html.count(f'href="{sources[0]}"') == html.count(f'href="{sources[1]}"') == 1 and html.index(
        'href="#sources"'
    ) < html.index('id="sources"')


def test_strangers_markup_and_hidden_characters_are_text(client):
    html = client.get(FACTS).text
    assert "&lt;script&gt;" in html and "<script>" not in html
    assert "\\xe9[U+202E]tirbuer.md" in html and "\u202e" not in html
    assert "docs/%E9%E2%80%AEtirbuer.md" in html


def test_a_field_that_is_not_known_here_is_shown_as_it_was_written(client):
    html = client.get(FACTS).text
    assert '<h3 id="something_newer">' in html and "&#34;peer&#34;: &#34;&lt;i&gt;&#34;" in html


def test_history_tells_what_changed_newest_first_and_a_license_stands_out(client):
    html = client.get(HISTORY).text
    assert html.index("The licence changed") < html.index("Code analysed for the first time: 18 facts")
    license = html[html.index('class="event license"') :]
    license = license[: license.index("</li>")]
    assert license.index("Before") < license.index("GPL-3.0") < license.index("Since then") < license.index("AGPL-3.0")
    assert f"/code/blob/{HEAD}/LICENSE" in license


def test_history_is_paged_by_number_and_the_last_page_says_since_when(galette):
    for day in range(60):
        read(galette, Statement("name", f"Name {day}", {"commit": f"{day:040x}"}), commit=f"{day:040x}", days=day)
    first = galette.get(HISTORY)
    assert len(first.context["events"]) == 50 and "Earlier changes" in first.text
    following = galette.get(f"{HISTORY}?before={first.context['next']}")
    assert "Back to the latest" in following.text and "First described by" in following.text
    shown = [event.line.number for page in (first, following) for event in page.context["events"]]
    assert shown == sorted(set(shown), reverse=True)
    assert f'{HISTORY}?before={first.context["next"]}">' in following.text  # canonical


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "١"])
def test_a_number_that_is_none_shows_the_newest(client, before):
    assert client.get(f"{HISTORY}?before={before}").context["before"] is None


@pytest.mark.parametrize("path", ["facts", "history"])
def test_pages_that_a_browser_knows_are_answered_without_content(client, path):
    answer = client.get(f"/fr/projects/galette/{path}")
    again = client.get(f"/fr/projects/galette/{path}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304 and not again.content


def test_a_license_that_is_free_no_more_is_told_for_ever_with_the_last_free_version():
    past = [
        {"commit": OLD, "at": "2015-01-01T00:00:00Z", "license": "GPL-3.0-or-later", "free": True},
        {"commit": HEAD, "at": "2019-01-01T00:00:00Z", "license": "BUSL-1.1", "free": False},
    ]
    chosen = choose_facts([a_fact("license.history", past, commit=HEAD)])
    mirror = Mirror(identity("galette"), "https://example.org/x.git", "mirrored", head=HEAD, free_commit=OLD)
    notice = license_notice(chosen, mirror, "galette", NOW)
    assert (notice.free, notice.before, notice.after, notice.last_free) == ("lost", "GPL-3.0-or-later", "BUSL-1.1", OLD)
    back = choose_facts([a_fact("license.history", past[::-1], commit=HEAD)])
    assert license_notice(back, mirror, "galette", NOW).free == "gained"


@pytest.mark.parametrize(("days", "told"), [(364, True), (366, False)])
def test_another_free_license_is_told_for_a_year(days, told):
    at = (NOW - timedelta(days=days)).isoformat()
    past = [
        {"commit": OLD, "at": "2015-01-01T00:00:00Z", "license": "MIT", "free": True},
        {"commit": HEAD, "at": at, "license": "AGPL-3.0-or-later", "free": True},
    ]
    chosen = choose_facts([a_fact("license.history", past)])
    assert (license_notice(chosen, None, "galette", NOW) is not None) is told


def test_a_suffix_that_became_known_is_no_change_of_license():
    past = [
        {"commit": OLD, "at": "2026-09-01T00:00:00Z", "license": "AGPL-3.0", "free": True},
        {"commit": HEAD, "at": "2026-10-01T00:00:00Z", "license": "AGPL-3.0-or-later", "free": True},
    ]
    assert license_notice(choose_facts([a_fact("license.history", past)]), None, "galette", NOW) is None


def test_the_projects_page_tells_a_change_of_license_and_leads_to_all_of_them(client):
    html = client.get("/en/projects/galette").text
    assert "Its licence changed on 1 October 2026." in html
    assert '<a href="/en/projects/galette/license#license-past">All its licences</a>' in html
    assert 'id="license-past"' in client.get("/en/projects/galette/license").text


def test_the_page_of_what_is_free_no_more_says_so_first_and_leads_to_what_was(galette):
    past = [
        {"commit": OLD, "at": "2015-01-01T00:00:00Z", "license": "GPL-3.0-or-later", "free": True, "path": "LICENSE"},
        {"commit": HEAD, "at": "2019-01-01T00:00:00Z", "license": "BUSL-1.1", "free": False, "path": "LICENSE"},
    ]
    said = [Statement("license.history", past, {"commit": HEAD})]
    kept = {"facts": said, "free": False, "free_commit": OLD, "last_commit_at": NOW, "now": NOW}
    galette.app.state.store.observations.observe(identity("galette"), HEAD, an_observation("BUSL-1.1"), **kept)
    html = galette.get("/en/projects/galette").text
    assert html.index("No longer free software since 1 January 2019") < html.index("Can our organization use it?")
    every = galette.get("/en/projects/galette/license").text
    assert f'href="/en/projects/galette/code/tree/{OLD}"' in every
    assert f"/code/commit/{HEAD}" not in html + every
    assert (
        "Declared GPL 3, the files say BUSL-1.1" in html and ">Free software</strong>" not in html.partition("</dl>")[0]
    )
    for text in (html, every):
        assert "You may use it for any purpose" not in text and "Use it, study it" not in text
    assert "Use it, study it" not in galette.get("/en/compare?p=galette").text


def test_that_no_licence_was_found_is_said_before_what_the_declared_one_allows(galette):
    seen = an_observation() | {"license": None, "license_files": [], "free": None}
    galette.app.state.store.observations.observe(
        identity("galette"), HEAD, seen, facts=[], free=None, last_commit_at=NOW, now=NOW
    )
    short, every = (galette.get(f"/en/projects/galette{tail}").text for tail in ("", "/license"))
    assert short.index("No known licence was found") < short.index("Use it, study it")
    assert every.index("No known licence was found") < every.index("Use it, study it")


def test_a_page_takes_what_its_record_leaves_open_from_the_code(client):
    html = client.get("/en/projects/galette").text
    assert "https://doc.galette.eu" in html and "https://galette.eu" in html
    assert "galette.example.org" not in html  # the record's own word is stronger
    assert "Install it with:" in html and "YunoHost" in html and "Security policy" in html
    record = a_project(languages=())
    shown = record_shown(record, choose_facts([a_fact("languages", [{"term": "ar", "percent": 60}, {"term": "fr"}])]))
    assert [(language.term, language.percent) for language in shown.languages] == [("fr", None), ("ar", 60)]
    listed = record_shown(record, choose_facts([a_fact("features", {"en": [f"line {n}" for n in range(9)]})]))
    assert listed.feature_lines["en"][6:] == ("line 6",)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "  https://x", ["https://x"], 7, None])
def test_only_web_addresses_of_strangers_become_links(address):
    record = a_project(homepage=None)
    assert record_shown(record, choose_facts([a_fact("homepage", address)])).homepage is None


def test_the_guide_nearest_to_the_top_is_shown():
    facts = [
        a_fact("policies", {"security": True}, file=path, commit=HEAD) for path in ("a/b/SECURITY.md", "SECURITY.md")
    ]
    assert [guide.origin.file for guide in beside_record(facts, choose_facts(facts), "galette", True).guides] == [
        "SECURITY.md"
    ]


def test_who_says_the_same_stands_together_and_lists_are_cut():
    facts = [a_fact("license.file", {"license": "MIT", "confidence": 1.0}, file=f"{n}/LICENSE") for n in range(30)]
    (group,) = fact_groups(facts, "galette", False)
    assert (len(group.statements), len(group.statements[0].sources), group.left_out) == (1, 20, 10)


def test_code_that_is_not_served_is_named_and_not_linked_to():
    source = {"file": "LICENSE", "commit": HEAD}
    assert origin_of(a_fact("name", "x", **source), "galette", False).address == ""
    assert origin_of(a_fact("name", "x", **source), "galette", True).address.endswith(f"/code/blob/{HEAD}/LICENSE")
    assert origin_of(a_fact("name", "x", file="a", commit="../../x"), "galette", True).address == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "license",
    "stated",
    "folder",
    "term",
    "percent",
    "version",
    "date",
    "names",
    "count",
    "languages",
    "organization",
)
SHAPED = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4)


@given(st.sampled_from([*FIELDS, "newer"]), JSON | SHAPED | st.lists(SHAPED, max_size=3))
@example("releases", [{"version": "1", "date": "²-²"}])
@example("license.history", [{"license": "MIT", "at": "9" * 5_000}])
@example("runs", {"self_hosted": {}})
def test_no_value_breaks_a_page(field, value):
    html = PARTS.value(draw_value(field, value), {})
    html.encode()
    assert "\u202e" not in html and len(html) < 2_000_000
    record = record_shown(a_project(), choose_facts([a_fact(field, value)]))
    assert replace(record) == record
    notice = license_notice(choose_facts([a_fact("license.history", value)]), None, "galette", NOW)
    assert notice is None or notice.at.tzinfo


def test_what_has_no_shape_is_cut():
    assert len(draw_value("newer", {"x": "y" * 10_000}).value) == OTHER_CHARACTERS + 1


@pytest.mark.parametrize("path", ["facts", "history"])
def test_programs_of_any_site_get_json_with_a_tag(client, path):
    address = f"/api/v1/projects/galette/{path}"
    answer = client.get(address)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*" and "etag" in answer.headers
    assert client.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    asked = client.options(address)
    assert asked.status_code == 204 and "If-None-Match" in asked.headers["access-control-allow-headers"]
    assert client.post(address).status_code == 405


def test_programs_learn_which_fact_is_shown_and_which_are_disputed(client):
    told = client.get("/api/v1/projects/galette/facts").json()
    assert (told["slug"], told["id"], told["license"]) == ("galette", str(identity("galette")), "CC0-1.0")
    homepages = {fact["origin"]: fact for fact in told["facts"] if fact["field"] == "homepage"}
    assert homepages["curated"]["shown"] and homepages["curated"]["disputed"]
    assert not homepages["observed"]["shown"]
    assert homepages["observed"]["source"] == {"file": "composer.json", "oid": "0" * 40, "commit": OLD}
    assert homepages["observed"]["first_seen_at"] == "2026-09-25T12:30:00Z"


def test_programs_page_through_history_by_the_address_they_are_given(client):
    address, numbers = "/api/v1/projects/galette/history?limit=2", []
    while address:
        answer = client.get(address)
        told = answer.json()
        numbers += [line["number"] for line in told["lines"]]
        address = told["next"]
        assert (f'<{address}>; rel="next"' in answer.headers["link"]) is (address is not None)
    assert numbers == sorted(set(numbers), reverse=True) and len(numbers) == 5


@pytest.mark.parametrize(("slug", "status"), [("nothing", 404), ("blocked", 410)])
def test_programs_get_problems_as_json(client, slug, status):
    for path in ("facts", "history"):
        answer = client.get(f"/api/v1/projects/{slug}/{path}")
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_former_slug_leads_programs_and_readers_on(client):
    for address, status in (("/api/v1/projects/{}/facts", 308), ("/en/projects/{}/history", 301),
                            ("/feeds/projects/{}.atom", 301)):  # fmt: skip
        answer = client.get(address.format("galette-old"))
        assert (answer.status_code, answer.headers["location"]) == (status, address.format("galette"))


def test_the_feed_is_valid_atom_with_the_project_as_author(client):
    answer = client.get("/feeds/projects/galette.atom?language=fr")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}author/{ATOM}name") == "Galette"
    assert [feed.findtext(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == [True] * 3
    entries = feed.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "La licence a changé"
    ids = [element.findtext(f"{ATOM}id") for element in (feed, *entries)]
    assert len(set(ids)) == len(ids) and all(key.startswith("urn:uuid:") for key in ids)
    assert all(element.find(f"{ATOM}link").get("href").startswith("http") for element in entries)
    assert all(element.find(f"{ATOM}content").get("type") in ("html", "text") for element in entries)
    assert "AGPL-3.0" in entries[0].findtext(f"{ATOM}content")
    assert client.get(answer.url, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_a_feed_bears_whatever_a_repository_says(galette):
    read(galette, Statement("name", "a", {"commit": OLD}), commit=OLD)
    hostile = "\x00\x0b\ud800\ufffe]]><b>&\u202e"
    read(galette, Statement("name", hostile, {"commit": HEAD, "file": hostile}), days=1)
    for path in (FACTS, HISTORY, "/en/projects/galette", "/api/v1/projects/galette/facts"):
        assert galette.get(path).status_code == 200
    feed = ElementTree.fromstring(galette.get("/feeds/projects/galette.atom").content)
    assert "]]&gt;&lt;b&gt;&amp;</bdi>" in feed.findtext(f"{ATOM}entry/{ATOM}content")


def test_a_feed_in_a_language_that_is_none_of_ours_is_in_the_first(client):
    feed = ElementTree.fromstring(client.get("/feeds/projects/galette.atom?language=xx").content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


def test_the_page_says_whose_people_made_most_changes_and_leads_to_proposing_the_organization(
    sqlite_store: Store, tmp_path: Path
):
    beet = an_organization(slug="beet", name="Beet Cooperative", homepage="https://www.beet.coop/")
    load(sqlite_store, a_catalog(a_project(), beet))
    value = {"domains": ["beet.coop", "kale.example"], "others": 4, "since": "2025-03-01", "until": "2026-10-30"}
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        assert "Most changes" not in client.get("/en/projects/galette").text
        read(client, Statement("developers", value, {"commit": HEAD}))
        pages = {tag: client.get(f"/{tag}/projects/galette").text for tag in ("en", "fr")}
        facts = client.get(FACTS).text
    text = " ".join(re.sub("<[^>]*>", "", pages["en"]).split())
    assert "Most changes from 1 March 2025 to 30 October 2026 are by people of Beet Cooperative" in text
    assert "kale.example (read from the changes). 4 other people changed it." in text
    for html in pages.values():
        assert "/organizations/beet" in html
        assert "/projects/galette/help?organization=beet" in html and "<bdi>kale.example</bdi>" in html
    assert "viennent de personnes de" in pages["fr"]
    assert "<bdi>beet.coop</bdi>" in facts and "Most changes by people of" in facts
