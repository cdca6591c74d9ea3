"""Statistics: what the catalogue holds in numbers, by the rules of what everybody may see; its page, and its table."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_declared_adoption, a_visit, identity, later, load
from support.factories.document import a_project, an_adoption, an_organization
from support.factories.rewriting import rewriting
from support.world import MANY

from catalog.rules.adoption import VISIBILITIES
from catalog.store.store import Store
from catalog.tables.core import organization
from catalog.vocabulary import vocabulary

ABOVE = vocabulary("domain").above


def test_projects_organizations_and_present_uses_are_counted_by_their_terms(store: Store) -> None:
    found = an_adoption("two", stage=None)
    project = a_project(domains=("member-management", "voting"), adoptions=(found, an_adoption("ex", stage="stopped")))
    other = a_project("other", domains=("voting",), license="MIT", context_only=True)
    records = [an_organization(slug, country="FR" if slug == "one" else None) for slug in ("one", "two", "ex")]
    load(store, a_catalog(project, other, a_project("third", domains=(), license=None), *records))
    a_declared_adoption(store, organization="one", stage="in-production")
    held = store.statistics.held({"member-management": "governance", "voting": "governance"})
    assert held.domains == {"member-management": 1, "voting": 1, "governance": 1}
    assert held.licenses == {project.license: 1, None: 1}
    assert held.kinds == {"cooperative": 3} and held.countries == {"FR": 1, None: 2}
    assert held.stages == {"in-production": (1, 0, 0), None: (0, 0, 1)}
    assert held.verifications == {"domain-confirmed": 1, "found-in-public-source": 1}
    assert held.shared == 0
    a_declared_adoption(store, organization="two", stage="piloting")
    assert store.statistics.held({}).shared == 1


def test_what_is_not_public_moves_no_number_however_many_there_are(store: Store) -> None:
    slugs = [f"{visibility}-{number}" for visibility in VISIBILITIES[1:] for number in range(6)]
    records = [an_organization(slug) for slug in ("hid", *slugs)]
    project, blocked = a_project(), a_project("blocked", adoptions=(an_adoption("hid"),))
    load(store, a_catalog(project, blocked, *records))
    store.takedowns.block("blocked", "Requested by the maintainers.", now=NOW)
    before = store.statistics.held(ABOVE)
    for slug in slugs:
        a_declared_adoption(store, organization=slug, visibility=slug.rpartition("-")[0])
    a_declared_adoption(store, organization="hid")
    with rewriting(store.engine) as connection:
        connection.execute(update(organization).where(organization.c.slug == "hid").values(hidden="hidden"))
    store.restricted_adoptions.count_unnamed(now=NOW)
    load(store, a_catalog(replace(project, homepage="https://example.org/new"), blocked, *records), digest="2")
    after = store.statistics.held(ABOVE)
    assert sum(before.domains.values()) == sum(after.domains.values())
    assert after.stages == after.verifications == {} and after.shared == 0
    assert after.kinds == {"cooperative": len(slugs)} and before.kinds == {"cooperative": len(slugs) + 1}


def test_copies_of_code_are_told_by_how_old_they_are(store: Store) -> None:
    ages = {
        "new": timedelta(hours=2),
        "days": timedelta(days=3),
        "weeks": timedelta(days=20),
        "old": timedelta(days=90),
    }
    load(store, a_catalog(*map(a_project, (*ages, "never", "blocked"))))
    store.takedowns.block("blocked", "Requested by the maintainers.", now=NOW)
    for slug, age in ages.items():
        kept = replace(store.mirrors.mirror(identity(slug)), state="mirrored", last_success_at=NOW - age)
        store.mirrors.end_visit(a_visit(identity(slug), outcome="changed", ended_at=NOW), kept, None, at=NOW)
    assert store.statistics.copies(NOW) == {"day": 1, "week": 1, "month": 1, "older": 1, "never": 1}
    assert store.statistics.copies(later(days=2))["week"] == 2


def test_the_page_says_in_tables_what_is_held_dated_and_every_page_leads_to_it(client):
    assert 'href="/en/statistics"' in client.get("/en/help").text.partition("<footer")[2]
    answer = client.get("/en/statistics")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))
    assert "As of 24 November 2026." in text
    lines = dict(re.findall(r'<tr><th scope="row">(?:<a[^>]*>)?([^<]*)(?:</a>)?</th><td>([^<]*)</td>', answer.text))
    assert lines["Not free software, listed for information"] == "1"
    assert lines["A free licence was detected in its code"] == "2" and lines["Less than a day ago"] == "2"
    assert int(lines["Read from the source code"]) >= 15
    stages = answer.context["tables"]["stages"]
    assert dict(stages.rows)["piloting"] == (0, 0, 1) and stages.sums == (1, 0, MANY + 1)
    assert answer.text.count("<table") == answer.text.count("<caption") == 10
    assert answer.headers["link"] == '</export/statistics.csv>; rel="alternate"; type="text/csv"'


def test_the_table_for_programs_holds_each_number_of_the_page_with_its_day_and_its_license(client):
    tables = client.get("/en/statistics").context["tables"]
    answer = client.get("/export/statistics.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(lines) == sum(len(table.measures) * len(table.rows) for table in tables.values())
    (spain,) = [line for line in lines if (line["term"], line["measure"]) == ("ES", "organizations")]
    assert (spain["table"], spain["number"], spain["counted_at"]) == ("countries", str(MANY + 2), "2026-11-24")
    assert {line["facts_license"] for line in lines} == {"CC0-1.0"}
    assert client.get("/export/statistics.csv", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert any(record["url"].endswith("/export/statistics.csv") for record in client.get("/export").json()["whole"])
