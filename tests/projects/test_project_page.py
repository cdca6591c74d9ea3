"""A project's page as a reader meets it: its parts in their order, what groups say it costs, who is like the reader,
how one leaves it, and what its head warns of."""

import re
from dataclasses import replace
from datetime import timedelta

from support.factories.core import (
    NOW,
    a_catalog,
    a_maintenance,
    a_manifest,
    a_project,
    a_visit,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.world import HEAD, an_observation

from catalog import model
from catalog.store.core.read_models import PreferredOrganizations, UseTallies
from catalog.store.store import Store
from forge.i18n import languages
from forge.web.projects.exit_options import software_heritage_url
from forge.web.projects.reader_context import Reader, reader_choices

SAID = "domain-confirmed"
# ux: what a page says, in this order; each by the id of its heading.
PARTS = ("looks", "glance", "does", "users", "blocks", "helpers", "needs", "costs", "leave", "last", "license",
         "access", "alike", "about")  # fmt: skip


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def _unknown(html: str) -> list[str]:
    """What the page says it does not know."""
    line = html[html.index('id="unknown"') :].partition("</p>")[0]
    return re.findall("<span>(.*?)</span>", line)


def _part(html: str, name: str) -> str:
    start = html.index(f'<section aria-labelledby="{name}"')
    return html[start : html.index("</section>", start)]


def test_the_parts_stand_in_their_order_and_what_nobody_told_of_is_in_none_of_them(client):
    html = client.get("/en/projects/galette").text
    found = re.findall(r'<h2 id="([a-z]+)"', html)
    assert [part for part in PARTS if part in found and part != "needs"] == [part for part in found if part in PARTS]
    assert (
        html.index("<h1>") < html.index('class="lead"') < html.index('class="parts key"') < html.index('class="next"')
    )
    assert html.index('class="next"') < html.index('id="glance"') < html.index('id="unknown"') < html.index('id="does"')
    lone = re.findall(r'<h2 id="([a-z]+)"', client.get("/en/projects/unknown").text)
    assert {"costs", "access", "leave", "last", "does"} & set(lone) == set()
    assert [part for part in PARTS if part in lone] == ["glance", "users", "helpers", "license", "about"]


def test_a_table_of_contents_leads_to_the_parts_that_are_there(client):
    for slug in ("galette", "unknown"):
        html = client.get(f"/en/projects/{slug}").text
        contents = html.partition('<nav class="toc"')[2].partition("</nav>")[0]
        led = re.findall(r'href="#([a-z]+)"', contents)
        assert {"users", "helpers", "license", "about"} <= set(led) and all(f'<h2 id="{part}"' in html for part in led)
        assert led == [part for part in PARTS if part in led]


def test_costs_are_ranges_of_what_public_uses_said_themselves(store: Store) -> None:
    banded = {"cost_band": "c101-1000", "effort_days": "d2-5"}
    uses = (
        *(an_adoption(f"own-{n}", verification=SAID, **banded) for n in range(3)),
        an_adoption("free", verification=SAID, cost_band="c0"),
        an_adoption("found", **banded),
        *(an_adoption(f"unshown-{n}", verification=SAID, visibility=visibility, **banded)
          for n, visibility in enumerate(("counted",) * 3)),
    )  # fmt: skip
    organizations = [
        an_organization(adoption.organization, country="FR" if n else "ES") for n, adoption in enumerate(uses)
    ]
    load(store, a_catalog(a_project(adoptions=uses), *organizations))
    told = store.public_records.project("galette").tallies
    assert dict(told.costs) == {"c101-1000": 3, "c0": 1} and dict(told.efforts) == {"d2-5": 3}
    assert told.countries == (("FR", 4), ("ES", 1)) and told.kinds == (("cooperative", 5),)


def test_a_page_says_them_in_words_the_cheapest_first(client_of):
    uses = tuple(
        an_adoption(f"own-{n}", verification=SAID, cost_band=band)
        for n, band in enumerate(("c101-1000", "c0", "c101-1000"))
    )
    named = (an_organization(adoption.organization) for adoption in uses)
    client = client_of(a_project(adoptions=uses), *named)
    told = _words(_part(client.get("/en/projects/galette").text, "costs"))
    assert "1 organization reports: Nothing" in told and "2 organizations report: 101 to 1,000 a year" in told
    assert told.index("1 organization reports") < told.index("2 organizations report")


def test_uses_of_the_reader_s_country_and_kind_come_first_within_their_sort(store: Store) -> None:
    made = {
        "a-coop-es": ("cooperative", "ES"),
        "b-coop-fr": ("cooperative", "FR"),
        "c-assoc-es": ("association", "ES"),
        "d-assoc-fr": ("association", "FR"),
    }
    organizations = [an_organization(slug, kind=kind, country=code) for slug, (kind, code) in made.items()]
    uses = (*map(an_adoption, made), an_adoption("z", verification=SAID))
    load(store, a_catalog(a_project(adoptions=uses), *organizations, an_organization("z", country="DE")))

    def order(like: PreferredOrganizations) -> list[str]:
        lines = store.record_pages.first_adoptions(identity("galette"), like)
        return [line.organization.slug[0] for line in lines]

    lines = store.public_records.project("galette").adoptions
    assert [line.organization.slug[0] for line in lines] == ["z", "a", "b", "c", "d"]
    assert order(PreferredOrganizations("FR", ("association",))) == ["z", "d", "b", "c", "a"]
    assert order(PreferredOrganizations("", ("association",))) == ["z", "c", "d", "a", "b"]
    on_page = store.record_pages.users("galette", 1, 50, PreferredOrganizations("FR")).adoptions
    assert [line.organization.slug[0] for line in on_page] == ["z", "b", "d", "a", "c"]


def test_who_says_where_they_are_sees_how_many_are_near_and_nobody_indexes_it(client):
    answer = client.get("/en/projects/galette?country=ES&kind=cooperative")
    assert "61 unconfirmed users in your country (Spain)" in _words(answer.text) and "noindex" in answer.text
    assert '<option value="ES" selected>' in answer.text and '<option value="cooperative" selected>' in answer.text
    assert 'href="/en/projects/galette/users?country=ES&amp;kind=cooperative"' in answer.text
    odd = client.get("/en/projects/galette?country=%3Cb%3E&kind=x")
    assert odd.status_code == 200 and "in your country" not in odd.text and "noindex" not in odd.text
    assert Reader("", "").like is None and Reader("FR", "").like == PreferredOrganizations("FR")


def test_how_to_leave_it_is_told_of_hosts_and_copies_whatever_its_makers_stated(client):
    told = _part(client.get("/en/projects/galette").text, "leave")
    assert "One known organization hosts it for others" in told and "Ana &lt;maintains&gt;" in told
    assert "We keep a backup copy of the code." in told and "Last copied on" in told
    assert "https://archive.softwareheritage.org/browse/origin/directory/?origin_url=https://" in told
    assert software_heritage_url("https://gitlab.com/a/b.git").endswith("=https://gitlab.com/a/b.git")
    assert software_heritage_url("git://example.org/a") is None and software_heritage_url(None) is None


def test_who_can_help_says_where_they_are_where_to_ask_and_which_manual_is_in_which_language(client_of):
    project = a_project(
        maintenance=(a_maintenance(),),
        documentation="https://doc.example.org",
        manuals={"fr": "https://doc.example.org/fr", "ar": "https://doc.example.org/ar"},
        support=model.Support("https://forum.example.org", ("fr", "en")),
        roadmap="https://example.org/plans",
        security_contact="https://example.org/security",
        inclusion=(model.AudienceClaim("offline"),),
    )
    helper = an_organization("ana-maintains", kind="tech-collective", country="FR")
    client = client_of(project, helper)
    html = client.get("/en/projects/galette").text
    helpers, access, last = (_part(html, name) for name in ("helpers", "access", "last"))
    assert "France" in helpers and 'href="https://forum.example.org"' in helpers
    assert '<a href="https://doc.example.org/fr" hreflang="fr">French</a>' in helpers
    assert "Works offline" in access and "Support" in access and "Arabic" in access
    assert 'href="https://example.org/plans"' in last and "https://example.org/security" in last


def test_who_makes_it_is_told_apart_from_who_helps_and_nobody_known_is_said(client_of):
    made = a_project(maintenance=(a_maintenance(),), issues="https://example.org/issues")
    helped = a_project("helped", maintenance=(a_maintenance(), a_maintenance("teacher", role="integrator")))
    asked = a_project("asked", maintenance=(a_maintenance(),), support=model.Support("https://forum.example.org", ()))
    bodies = an_organization("ana-maintains"), an_organization("teacher")
    client = client_of(made, helped, asked, *bodies)
    pages = {slug: client.get(f"/en/projects/{slug}").text for slug in ("galette", "helped", "asked")}
    parts = {slug: _part(html, "helpers") for slug, html in pages.items()}
    nobody, apart = "No organization has told us yet that it installs", '<h3 id="makers">Developed by</h3>'
    told = parts["galette"].index(nobody), parts["galette"].index("issues"), parts["galette"].index(apart)
    assert sorted(told) == list(told) and parts["galette"].index("ana-maintains") > told[-1]
    teacher, maker = parts["helped"].index("/teacher"), parts["helped"].index("/ana-maintains")
    assert nobody not in parts["helped"] and teacher < parts["helped"].index(apart) < maker
    assert nobody in parts["asked"]
    assert all('href="/en/calls/new?project=' in part for part in parts.values())
    assert not any("<span>Who can help</span>" in html for html in pages.values())  # it is said in its own place


def test_what_is_not_known_stands_once(client_of):
    """In one line at the end of the box; that nobody offers help has a line of its own."""
    some = a_project(summary={"en": "x"}, issues="https://example.org/issues", cost={"en": "Free of charge."})
    bare = a_project("bare", license=None, repository=None, domains=(), sources=())
    told = a_project(
        "told", maintenance=(a_maintenance(),), runs=model.Runs(online="https://example.org/"),
        adoptions=(an_adoption(verification="domain-confirmed", effort_days="d2-5"),),
    )  # fmt: skip
    bodies = an_organization(), an_organization("ana-maintains")
    client = client_of(some, bare, told, *bodies)
    pages = {slug: client.get(f"/en/projects/{slug}").text for slug in ("galette", "bare", "told")}
    for html in pages.values():
        assert re.findall("Not known yet", html) == ["Not known yet"] and html.count('class="unknown" id=') == 1
        listed = _unknown(html)
        assert len(listed) == len(set(listed)) and {"Screenshots", "Is it maintained?"} <= set(listed)
        assert "<dt>Is it maintained?" not in html and "Who can help" not in listed
    open_costs = ["Cost of hosting", "Cost of support", "Time to learn and migrate"]
    listed = {slug: _unknown(html) for slug, html in pages.items()}
    assert [key for key in listed["galette"] if key in open_costs] == open_costs
    assert not set(open_costs) & set(listed["told"])
    costs = _part(pages["galette"], "costs")
    assert "Free of charge." in costs and "Hosting" not in costs and "Time to learn" not in costs
    costs = _part(pages["told"], "costs")
    assert all(word in costs for word in ("Online service", "Ask about paid support", "Time to learn"))
    assert "Online service</a>: check there whether it is paid." in costs  # nobody told us of a price


def test_where_its_cost_is_told_the_page_does_not_send_for_it_elsewhere(client_of):
    told = a_project(cost={"en": "5 euros a month."}, runs=model.Runs(online="https://example.org/"))
    client = client_of(told)
    costs = _part(client.get("/en/projects/galette").text, "costs")
    assert "5 euros a month." in costs and '<a href="https://example.org/">Use it online</a>' in costs
    assert "whether it costs" not in costs


def test_nobody_is_said_to_sell_help_or_to_take_questions_who_did_not_say_so(client_of):
    sources = tuple(f"https://example.org/{number}" for number in range(3))
    project = a_project(
        maintenance=(a_maintenance(),), adoptions=(an_adoption(sources=sources),), homepage="https://galette.eu/"
    )
    client = client_of(project, an_organization("ana-maintains"), an_organization())
    html = client.get("/en/projects/galette").text
    sheet = client.get("/en/compare/sheet?p=galette").text
    every = client.get("/en/projects/galette/users").text
    costs, users = _words(_part(html, "costs")), _part(html, "users")
    assert "Ask about paid support:" in costs and "Ask them for an offer" not in costs
    assert "/en/calls/new?project=galette" in html
    assert sources[0] not in users and 'href="/en/projects/galette/users">' in users
    assert all(source in every for source in sources)
    assert "Website: https://galette.eu/" in _words(sheet) and '<p class="printed">' in html


def test_names_in_a_sentence_stand_each_in_their_own_direction_and_a_colon_as_the_language_sets_it(client_of):
    leaving = model.Leaving(exports=("CSV", "vCard"), standards=("CalDAV",))
    loads = a_project("one", replaces=("Google Drive", "Dropbox"), leaving=leaving, domains=("website", "chat"))
    like = a_project("two", name="Two", domains=("website", "chat"), summary={"fr": "Garde des listes"})
    client = client_of(loads, like, manifest=a_manifest(languages=("fr", "ar")))
    html = client.get("/ar/projects/one").text
    assert "<bdi>Google Drive</bdi>، <bdi>Dropbox</bdi>" in html
    assert "<bdi>CSV</bdi>، <bdi>vCard</bdi>" in html and "<bdi>CalDAV</bdi>" in html
    assert re.search(r"<bdi>Two</bdi></a>\s*<p>Garde des listes", client.get("/fr/projects/one").text)
    assert "<bdi>Two</bdi></a>\u00a0: Garde des listes" in client.get("/fr/compare?p=one&p=two").text


def test_a_button_promises_what_is_behind_it_and_the_part_on_leaving_holds_more_than_the_archive(client_of):
    shown = a_project("shown", demo="https://demo.example.org/", screenshots=(model.Screenshot("docs/a.png"),))
    online = a_project("online", runs=model.Runs(online="https://example.org/", self_hosted="easy"))
    client = client_of(shown, online)
    pages = {slug: client.get(f"/en/projects/{slug}").text for slug in ("shown", "online")}
    assert ">Try the demo</a>" in pages["shown"] and ">Try it</a>" in pages["online"]
    assert 'id="leave"' not in pages["shown"]  # that the archive may have a copy is true of any project
    assert "Software Heritage" in _part(pages["online"], "leave") and "copy of the code" not in _part(
        pages["online"], "leave"
    )
    assert "Screenshots" not in _unknown(pages["shown"])  # its facts name them
    assert "Screenshots" in _unknown(pages["online"])


def test_what_a_reader_may_say_of_themselves_stands_in_the_order_of_their_language():
    tallies = UseTallies(countries=(("XX", 1), ("FR", 2), ("EG", 1)))
    chosen = reader_choices(tallies, Reader(), languages.page_language("ar"))
    assert [code for code, _ in chosen.countries] == ["FR", "EG", "XX"]  # a name without Arabic letters comes last


def test_the_head_warns_of_sleep_and_names_what_is_kept_up(sqlite_store, client_of):
    projects = (
        a_project("old", domains=("accounting",)),
        a_project("fresh", name="Fresh", domains=("accounting",)),
        a_project(
            "heir", name="Heir", domains=("loan-portfolio",), relations=(model.Relation("successor-of", "over"),)
        ),
        a_project("over", status="ended"),
    )
    client = client_of(*projects)
    for slug, days in (("old", 900), ("fresh", 10)):
        key = identity(slug)
        sqlite_store.observations.observe(
            key, HEAD, an_observation(), facts=[], free=True, last_commit_at=NOW - timedelta(days=days), now=NOW
        )
        kept = sqlite_store.mirrors.mirror(key)
        mirrored = replace(kept, state="mirrored", head=HEAD, last_visit_at=NOW, last_success_at=NOW)
        sqlite_store.mirrors.end_visit(a_visit(key, outcome="changed", ended_at=NOW), mirrored, None, at=NOW)
    asleep, fresh, over = (_words(client.get(f"/en/projects/{slug}").text) for slug in ("old", "fresh", "over"))
    assert "Its code has not changed since" in asleep and "Similar and maintained: Fresh" in asleep
    assert "Its code has not changed" not in fresh
    assert "Its maintainers announced the end of the project." in over and "Replacement: Heir" in over
