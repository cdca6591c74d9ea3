"""What other catalogues must not read is in no byte of the folder. Worlds are drawn, and each thing that is planted has
a word of its own.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from support.example_counts import examples
from support.exchange_reader import ExchangeReader, all_bytes
from support.factories.core import (
    NOW,
    a_catalog,
    a_maintenance,
    a_project,
    a_store,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting

from catalog.model import Maintenance, Relation, Runs, Translated
from catalog.rules.fact import Statement
from catalog.store.projects.fact_history import replace_facts
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, experience
from catalog.tables.core import fact, organization, project
from catalog.tables.people import person
from catalog.tables.submissions import submission
from forge.exchange.publish import write
from tests.hostile.test_visibility_everywhere import World, worlds

HERE = "https://forge.example"
QUICK = settings(
    max_examples=examples(6, 12),
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def a_passing_store(template: Path) -> Iterator[tuple[Store, Path]]:
    with tempfile.TemporaryDirectory() as name, a_store(template, Path(name)) as store:
        yield store, Path(name)


@QUICK
@given(drawn=worlds())
def test_whatever_organizations_say_hide_and_take_back_only_what_is_public_leaves(sqlite_template, drawn) -> None:
    curated, said, more, hidden = drawn
    with a_passing_store(sqlite_template) as (store, folder):
        world = World(store, curated)
        write(store, folder, HERE, now=later())
        for number, statement in enumerate(said):
            world.say(statement)
            write(store, folder, HERE, now=later(hours=1, seconds=number))
        world.hide(hidden)
        write(store, folder, HERE, now=later(days=1))
        raw = all_bytes(folder / "exchange")
        told = {own for own in world.all if own.encode() in raw}
        assert {*world.words.values()} <= told <= world.readable()
        assert not [slug for slug in hidden if slug.encode() in raw]
        assert b"mailbox.example" not in raw
        with ExchangeReader(folder / "exchange", later(days=1)) as reader:
            assert set(reader.adoptions()) == {" ".join(pair) for pair in _by_slug(store, world)}
            withdrawn = {key for kind, key in reader.withdrawn if kind == "adoption"}
            assert not withdrawn & {use.id for use in reader.adoptions().values()}
        world.desk = None  # a line of the log is something that changes
        taken = {*world.words, *((statement.project, statement.organization) for statement in said)}
        for pair in more:
            if (pair.project, pair.organization) not in taken and pair.organization not in hidden:
                world.say(pair)
        done = write(store, folder, HERE, now=later(days=1))
        assert not done.wrote and all_bytes(folder / "exchange") == raw


def _by_slug(store: Store, world: World) -> set[tuple[str, str]]:
    """The public pairs, with organizations by the slug that they were given."""
    slugs = {slug.replace("-", ""): slug for kind, slug in store.record_pages.slugs() if kind == "organization"}
    return {(about, slugs.get(by.replace("-", ""), by)) for about, by in world.words}


PHONES = {"phone": "06 12 34 56 78", "phone-of-user": "514-555-0123"}
PLANTS = (
    *("hidden", "self-employed", "unnamed", "opted", "blocked", "foreign-project", "foreign-use", "lent", "lent-field"),
    *("person", "mail", "draft", "peer-fact", "experience", "call"),
    *PHONES,
)


class Planted:
    """A world in which everything of PLANTS can be planted, each with a word that must not leave."""

    def __init__(self, store: Store):
        self.store, self.words = store, dict[str, str]()
        self.clean = a_catalog(
            a_project("open", adoptions=(an_adoption("coop", lesson={"fr": "zqopen"}),), relations=()),
            a_project("galette"),
            an_organization("coop"),
            an_organization("other"),
        )
        load(store, self.clean)

    def word(self, name: str) -> str:
        return self.words.setdefault(name, PHONES.get(name) or f"zq{name.replace('-', '')}q")

    def plant(self, wanted: frozenset[str]) -> None:
        """The document with what it may hold, then the rows."""
        mine = [plant for plant in PLANTS if plant in wanted]
        slugs = {plant: self.word(plant) for plant in mine}
        uses = [an_adoption("coop", lesson={"fr": f"zqopen {slugs.get('phone-of-user', '')}"})]
        maintained, related, hosts, organizations, projects = [], [], [], [], []
        for plant in ("hidden", "self-employed", "unnamed"):
            if plant in slugs:
                kind = "self-employed" if plant == "self-employed" else "cooperative"
                organizations.append(an_organization(slugs[plant], name=slugs[plant], kind=kind))
                uses.append(an_adoption(slugs[plant], lesson={"fr": slugs[plant]}))
                uses[0] = replace(uses[0], provider=slugs[plant])
                maintained.append(a_maintenance(slugs[plant]))
                hosts.append(slugs[plant])
        for plant in ("opted", "blocked"):
            if plant in slugs:
                said = {"fr": slugs[plant]}
                used = (an_adoption("other", purpose=said),)
                projects.append(a_project(slugs[plant], name=slugs[plant], summary=said, adoptions=used))
                related.append(Relation("works-with", slugs[plant]))
        if "person" in slugs:
            maintained.append(Maintenance("lead", person=slugs["person"]))
        if "foreign-project" in slugs:
            projects.append(a_project("theirs", summary={"fr": slugs["foreign-project"]}))
        if "foreign-use" in slugs:
            uses.append(an_adoption("other", lesson={"fr": slugs["foreign-use"]}))
        told = {"fr": f"Écrire à {slugs['mail']}@april.example"} if "mail" in slugs else {}
        if "phone" in slugs:
            told = {"fr": f"{told.get('fr', '')} Appelez le {slugs['phone']}."}
        host = Runs(hosted=tuple(hosts), self_hosted="easy")
        self.document = a_catalog(
            a_project(
                "open", adoptions=tuple(uses), relations=tuple(related), maintenance=tuple(maintained), runs=host
            ),
            a_project("galette", description=told),
            *projects,
            an_organization("coop"),
            an_organization("other"),
            *organizations,
        )
        load(self.store, self.document, now=later(minutes=1))
        with rewriting(self.store.engine) as connection:
            self._rows(connection, slugs)
        if "blocked" in slugs:
            self.store.takedowns.block(slugs["blocked"], "asked for", now=NOW)

    def _rows(self, connection, slugs) -> None:
        for plant in ("hidden", "unnamed"):
            if plant in slugs:
                connection.execute(update(organization).where(organization.c.slug == slugs[plant]).values(hidden=plant))
        if "opted" in slugs:
            connection.execute(update(project).where(project.c.slug == slugs["opted"]).values(opted_out_at=NOW))
        if "foreign-project" in slugs:
            connection.execute(update(project).where(project.c.slug == "theirs").values(peer_id=uuid4()))
        if "foreign-use" in slugs:
            theirs = adoption.c.organization_id == identity("other", "organization")
            connection.execute(
                update(adoption)
                .where(theirs, adoption.c.project_id == identity("open"))
                .values(origin="peer:x.example")
            )
        at = {"first_seen_at": NOW, "seen_at": NOW}
        if "peer-fact" in slugs:
            row = {"project_id": identity("galette"), "field": "homepage"}
            row |= {"value": f"https://{slugs['peer-fact']}.example"}
            connection.execute(fact.insert().values(**row, **at, origin="peer:x.example", source={}))
        if "call" in slugs:
            row = {"id": uuid4(), "reference": uuid4().hex[:9], "kind": "need", "state": "open", "language": "fr"}
            row |= {"folded": "", "record": {"text": slugs["call"]}, "opened_at": NOW, "ends_at": later(days=100)}
            sender = {"id": uuid4(), "email": "call@mailbox.example", "language": "fr"}
            connection.execute(person.insert().values(**sender, created_at=NOW, signed_in_at=NOW))
            row |= {"person_id": sender["id"]}
            connection.execute(call.insert().values(**row, change=1))
        if "experience" in slugs:
            row = {"project_id": identity("galette"), "organization_id": identity("other", "organization")}
            row |= {"id": uuid4(), "reference": uuid4().hex[:9], "language": "fr", "at": NOW}
            connection.execute(experience.insert().values(**row, record={"advice": slugs["experience"]}))
        if "draft" in slugs:
            row = {"id": uuid4(), "token": uuid4().hex, "reference": uuid4().hex[:9], "kind": "adopt", "state": "draft"}
            row |= {"language": "fr", "email": f"{slugs['draft']}@x.example", "found": {}, "created_at": NOW}
            row |= {"answers": {"purpose": slugs["draft"]}, "changed_at": NOW}
            connection.execute(submission.insert().values(**row))
        self._lent(connection, slugs)

    def _lent(self, connection, slugs) -> None:
        """A project that an imported list told of, and one that was registered here of which a list tells more."""
        for plant, own in (("lent", "peer:awesome"), ("lent-field", "declared")):
            if plant not in slugs:
                continue
            key, name = uuid4(), slugs[plant] if plant == "lent" else "registered"
            record = {"slug": f"slug-{plant}", "id": str(key), "name": name, "summary": {"fr": name}}
            more = {"homepage": f"https://{slugs[plant]}.example"}
            row = {"id": key, "slug": record["slug"], "name": name, "folded": name, "record": record | more}
            row |= {"context_only": False, "curated": False, "change": 1, "added_at": NOW, "changed_at": NOW}
            connection.execute(project.insert().values(**row))
            naming = [Statement("name", name, {}), Statement("summary", {"fr": name}, {})]
            replace_facts(connection, own, {key: naming}, now=NOW)
            if own == "declared":
                replace_facts(connection, "peer:awesome", {key: [Statement("homepage", more["homepage"], {})]}, now=NOW)


def check(store: Store, folder: Path, wanted: frozenset[str], seen_before: bool) -> None:
    world = Planted(store)
    if seen_before:  # the organizations and projects were public once, and went out
        write(store, folder, HERE, now=NOW)
    world.plant(wanted)
    if seen_before:
        with rewriting(store.engine) as connection:
            connection.execute(update(organization).values(hidden=None))
        write(store, folder, HERE, now=later(minutes=2))
        with rewriting(store.engine) as connection:
            for plant in {"hidden", "unnamed"} & wanted:
                mine = organization.c.slug == world.word(plant)
                connection.execute(update(organization).where(mine).values(hidden=plant))
    done = write(store, folder, HERE, now=later(minutes=3))
    raw = all_bytes(folder / "exchange")
    assert [name for name, own in world.words.items() if own.encode() in raw] == []
    assert b"zqopen" in raw and done is not None
    with ExchangeReader(folder / "exchange", later(minutes=3)) as reader:
        expected = {"open", "galette"} | ({"slug-lent-field"} if "lent-field" in wanted else set())
        assert set(reader.records("projects")) == expected
        assert set(reader.adoptions()) == {"open coop"}


@QUICK
@given(wanted=st.frozensets(st.sampled_from(PLANTS), min_size=1), seen_before=st.booleans())
def test_nothing_that_is_planted_leaves(sqlite_template, wanted, seen_before) -> None:
    with a_passing_store(sqlite_template) as (store, folder):
        check(store, folder, wanted, seen_before)


@pytest.mark.parametrize("seen_before", [False, True])
def test_nothing_of_all_that_is_planted_leaves_on_either_database(database_url, tmp_path, seen_before) -> None:
    with closing(Store(database_url)) as store:
        check(store, tmp_path, frozenset(PLANTS), seen_before)


def test_a_machine_s_translation_that_nobody_read_stays_here(database_url, tmp_path) -> None:
    with closing(Store(database_url)) as store:
        texts = {"en": "Keep the list", "pt": "Guardar a lista", "es": "Guardar la lista"}
        translated = (Translated("summary", "pt", "Fiare", "machine"), Translated("summary", "es", "Fiare"))
        load(store, a_catalog(a_project(summary=texts, translated=translated)))
        write(store, tmp_path, HERE, now=NOW)
        with ExchangeReader(tmp_path / "exchange", NOW) as reader:
            told = reader.records("projects")["galette"]
            assert set(told.body["summary"]) == {"en", "es"}
            assert [(line["language"], line["by"]) for line in told.body["translated"]] == [("es", "Fiare")]
