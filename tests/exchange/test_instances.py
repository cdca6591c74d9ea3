"""Catalogues on loopback that follow each other, each with its own data and site: what one says, changes and takes back
is found, renewed and gone at the others. The parts have tests of their own; here they meet.
"""

import gzip
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.exchange_reader import ExchangeReader
from support.factories.core import a_project, load
from support.factories.people import a_person
from support.hosts.instances_cast import COOP, days, galette, identity_of
from support.paths import ROOT

from catalog import moderation
from catalog.document import parse
from catalog.exchange.names import PROJECT
from catalog.exchange.writing import as_json
from catalog.model import Caution, RuleSupport
from catalog.rules.fact import OBSERVED, Statement
from catalog.store.core.public_changes import changing
from catalog.store.projects.fact_history import replace_facts
from catalog.tables.core import mirror
from forge.exchange.card import missing
from forge.server.starter_document import starter_text

SHIPPED = ROOT / "catalog.yaml"


def filled_in(text):
    """The starter as somebody fills it in: what it says to do and no more."""
    rows = [line for line in text.splitlines() if "# FILL IN: " not in line]
    head = [line for line in rows if line.startswith("# ")]
    return "\n".join(line.replace("  # ", "  ", 1) for line in rows if line not in head) + "\n"


@pytest.mark.parametrize("which", ["shipped", "starter"])
def test_the_shipped_catalogue_and_a_starter_that_was_filled_in_are_followed_by_others(begin, spanish, which) -> None:
    text = SHIPPED.read_text() if which == "shipped" else filled_in(starter_text())
    document, problems = parse(text.encode())
    assert problems == [] and document is not None
    ours = begin("ours", "en")
    ours.manifest = document.manifest
    load(ours.store, document, now=ours.clock())
    peer = spanish.follows(ours)
    assert peer.refusal is None and spanish.store.received_records.held(peer.id)["project"] == len(document.projects)
    with ExchangeReader(ours.folder, ours.clock()) as reader:
        card = as_json(reader.card)
    own = "https://your-organization.example" if which == "starter" else None
    assert not missing(document.manifest)
    assert card["contact"] == (f"contact@{own[8:]}" if own else f"{ours.address}/help")
    assert "/contact?page=" in ours.page("/help") or own
    spanish.index()
    assert ours.address in spanish.page("/es/projects/galette")


def test_nothing_enters_before_people_decided_and_then_all_does(french, spanish) -> None:
    french.write()
    peer = spanish.meets(french.address, french.fingerprint())
    days(3, french, spanish)
    assert spanish.store.received_records.held(peer.id) == {} and spanish.get("/es/projects/galette")[0] == 404
    assert "annuaire" not in spanish.page("/es/about/peers")
    spanish.decides(peer)
    spanish.day()
    page = spanish.page("/es/projects/galette")
    assert french.address in page and "annuaire (en)" in page
    assert "Coop des Halles" in spanish.page("/es/projects/galette/users")
    assert "galette" in spanish.page("/es/projects?q=galette")
    assert "annuaire (en)" in spanish.page("/es/about/peers")
    spanish.write()
    assert spanish.get("/exchange/metadata/timestamp.json")[0] == 200
    assert b"galette" not in b"".join(gzip.decompress(path.read_bytes()) for path in spanish.folder.rglob("*.gz"))


def test_what_evidence_joined_is_parted_by_a_person_and_stays_so(begin, french, clock) -> None:
    spanish = begin(
        "catalogo",
        "es",
        "en",
        records=(galette("galeta", name="Galeta", repository="https://github.com/Example/Galette"),),
    )
    peer = spanish.follows(french)
    page = spanish.page("/es/projects/galeta")
    assert french.address in page and spanish.get("/es/projects/galette")[0] == 404
    assert "Coop des Halles" in spanish.page("/es/projects/galeta/users")
    ana = a_person(spanish.store, "ana@otra.example")
    moderation.separate(spanish.store, ana, PROJECT, identity_of(french, "galette"), "A fork.", now=clock())
    for _ in range(2):
        assert french.address not in spanish.page("/es/projects/galeta")
        assert french.address in spanish.page("/es/projects/galette")
        assert "Coop des Halles" not in spanish.page("/es/projects/galeta/users")
        french.load(galette(name="Galette 2"), a_project("paheko"), COOP)
        days(1, french, spanish)
    assert spanish.store.received_records.held(peer.id)[PROJECT] == 2


def read_in_code(instance, license_id, last_commit_at):
    """What a visit of Galette's repository leaves, read at one commit."""
    key, source = identity_of(instance, "galette"), {"commit": "a" * 40}
    needs = [{"kind": "not-free-service", "name": "Oracle"}]
    seen = {
        "license": license_id,
        "platforms": ["web", "android"],
        "cautions": needs,
        "logo": "art/logo.svg",
        "languages": [{"term": "fr"}, {"term": "ar", "percent": 70}],
    }
    observation = {
        "commit": "a" * 40,
        "committed_at": "2026-02-28T23:00:00Z",
        "license": {"value": license_id},
        "release": {"value": "1.2", "date": "2026-03-01T00:00:00Z"},
    }
    with changing(instance.store.engine) as (connection, change):
        facts = [Statement(name, value, source) for name, value in seen.items() if name != "cautions"]
        facts.append(Statement("cautions", needs, source | {"file": "publiccode.yml"}))
        replace_facts(connection, OBSERVED, {key: facts}, now=instance.clock())
        values = {"observation": observation, "last_commit_at": last_commit_at, "last_success_at": instance.clock()}
        connection.execute(update(mirror).where(mirror.c.project_id == key).values(**values))
        change.touch(PROJECT, key)


def test_a_follower_without_mirrors_knows_what_was_read_in_the_code_and_when(begin, spanish, clock) -> None:
    french = begin("annuaire", "fr", "en", records=(galette(license=None), a_project("paheko")))
    read_in_code(french, "AGPL-3.0-or-later", clock() - timedelta(days=30))
    spanish.follows(french)
    shown = spanish.store.public_records.project("galette")
    assert shown.license_declared == "AGPL-3.0-or-later" and shown.languages() == ("fr", "ar")
    assert shown.activity.is_maintained(clock() + timedelta(days=100))
    assert not shown.activity.is_maintained(clock() + timedelta(days=200))  # nobody looked since
    page = spanish.page("/en/projects/galette/facts")
    assert f"example/galette@{'a' * 10}" in page and "1.2" in page and "art/logo.svg" in page


def test_a_follower_shows_on_what_a_program_works_and_what_to_know_before_choosing_it(begin, spanish, clock) -> None:
    open_core = Caution("open-core", "https://example.org/editions", "2026-11-02", name="Galette Plus")
    french = begin("annuaire", "fr", "en", records=(galette(cautions=(open_core,)), a_project("paheko")))
    read_in_code(french, "AGPL-3.0-or-later", clock())
    spanish.follows(french)
    page = spanish.page("/en/projects/galette")
    assert (
        "Works on:" in page and "Android" in page and "Galette Plus" in page and "https://example.org/editions" in page
    )
    assert "Oracle" in page and f"https://github.com/example/galette/blob/{'a' * 40}/publiccode.yml" in page
    assert spanish.get("/api/v1/projects?platform=android")[1].count("galette") and page.count("Galette Plus") == 1


def test_a_follower_shows_what_a_program_has_for_the_rules_of_a_country_and_where_that_was_read(begin, spanish) -> None:
    chart = RuleSupport("ohada-syscohada", "file", "https://example.org/chart.xml", "2026-11-02", "2024-10-24")
    spanish.follows(begin("annuaire", "fr", "en", records=(galette(rules=(chart,)), a_project("paheko"))))
    page = spanish.page("/en/projects/galette?country=SN")
    assert "SYSCOHADA" in page.partition("Not known for")[0] and "https://example.org/chart.xml" in page
    assert "last seen in the version of 24 October 2024" in page
    assert "https://example.org/chart.xml" not in spanish.page("/en/projects/galette?country=PE")


def test_a_license_that_the_files_contradict_is_told_to_nobody(begin, spanish, clock) -> None:
    french = begin("annuaire", "fr", "en", records=(galette(license="MIT"), a_project("paheko")))
    read_in_code(french, "BUSL-1.1", clock())
    spanish.follows(french)
    assert spanish.store.public_records.project("galette").license_declared is None
