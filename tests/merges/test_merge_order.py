"""Whatever order deltas come in, the end is that of taking the last whole copies at once; and forgetting is whole."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from support.example_counts import examples
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.factories.deltas import Record, apply_delta
from support.factories.received import a_catalogue, a_delta, gone, key, kind_of, theirs, use
from support.factories.rewriting import rewriting

from catalog.federation import received_rows
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.peer import Peer
from catalog.store.core.public_changes import changing
from catalog.store.core.visibility import OPEN, PUBLIC, VISIBLE
from catalog.store.federation import peers
from catalog.store.merges import merge_rows
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, organization, project, project_term
from catalog.tables.federation import received_record
from catalog.tables.moderation import case

HOMES = ("b.example.org", "c.example.org")
SHARED = "https://git.example.org/galette"  # ours too

OURS = a_catalog(
    a_project(repository=SHARED, adoptions=(an_adoption("halles"),)),
    an_organization("halles", identifiers={"siren": "1"}),
)


def records(home: str) -> dict[str, list[Record]]:
    """What a home may tell: each record in several wordings, some of which are evidence of who it is."""
    letter = home[0]

    def a(name: str, at: int, kind: str = PROJECT, **body: Any) -> Record:
        return theirs(f"{name}-{letter}", kind, home=letter, **body)

    payroll = [None, "https://git.example.org/payroll", SHARED]
    maintainer = [{"organization": {"id": str(key(f"coop-{letter}")), "slug": "x", "name": "x"}, "role": "lead"}]
    ends = f"galette-{letter}", f"payroll-{letter}", f"coop-{letter}"
    return {
        "galette": [a("galette", at, repository=url) for at, url in enumerate((SHARED, f"https://{home}/galette"))],
        "payroll": [a("payroll", at, repository=url, maintenance=maintainer) for at, url in enumerate(payroll)],
        "coop": [
            a("coop", at, ORGANIZATION, identifiers=numbers)
            for at, numbers in enumerate(({"wikidata": "Q1"}, {}, {"siren": "1"}, {"siren": "2", "wikidata": "Q1"}))
        ],
        "uses galette": [use(ends[0], ends[2], letter, version=str(at)) for at in (0, 1)],
        "uses payroll": [use(ends[1], ends[2], letter) for _ in (0, 1)],
    }


STEPS = st.lists(
    st.tuples(
        st.sampled_from(HOMES),
        st.lists(st.tuples(st.sampled_from(sorted(records(HOMES[0]))), st.none() | st.integers(0, 3)), max_size=4),
        st.booleans(),
    ),
    max_size=6,
)
APART = st.lists(st.sampled_from([("galette", h) for h in HOMES] + [("coop", h) for h in HOMES]), max_size=2)


@settings(max_examples=examples(10, 25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, apart=APART, at=st.integers(0, 6))
def test_any_sequence_ends_as_the_last_whole_copies_do(
    store: Store, steps: list[Any], apart: list[Any], at: int
) -> None:
    forgotten(store)  # what an example that failed left
    homes = prepared(store)
    told: dict[str, dict[str, Record]] = {home: {} for home in HOMES}
    for number, (home, changes, whole) in enumerate(steps):
        if number == at:
            say_apart(store, apart)
        new, gone_now = {}, []
        for name, variant in changes:
            choices = records(home)[name]
            project = name.removeprefix("uses ")
            if project != name and project not in told[home]:
                continue  # a use stands in the line of its project
            if variant is None:
                if (was := new.pop(name, None) or told[home].get(name)) is not None:
                    gone_now.append(gone(was))
                for kept in (name, f"uses {name}"):  # a use goes with its project
                    new.pop(kept, None)
                    told[home].pop(kept, None)
            else:
                record = choices[variant % len(choices)]
                gone_now = [other for other in gone_now if other.id != record.id]
                told[home][name] = new[name] = record
        given = told[home].values() if whole else new.values()
        apply_delta(store, homes[home].id, a_delta(*given, whole=whole, tombstones=gone_now), now=NOW)
    if at >= len(steps):
        say_apart(store, apart)
        received_rows.settle(store, now=NOW)
    found = state(store)

    forgotten(store)
    say_apart(store, apart)
    homes = prepared(store)
    for home in HOMES:
        apply_delta(store, homes[home].id, a_delta(*told[home].values(), whole=True), now=NOW)
    assert state(store) == found
    forgotten(store)
    assert state(store) == own_alone(store)


def prepared(store: Store) -> dict[str, Peer]:
    load(store, OURS)
    return {home: a_catalogue(store, home) for home in HOMES}


def forgotten(store: Store) -> None:
    with changing(store.engine) as (connection, change):
        for peer in store.peers.all():
            received_rows.forget(connection, peer.id, change=change, now=NOW)
            peers.remove(connection, peer, now=NOW)
        connection.execute(delete(case))


def say_apart(store: Store, pairs: list[Any]) -> None:
    ours = {"galette": (PROJECT, identity("galette")), "coop": (ORGANIZATION, identity("halles", "organization"))}
    with rewriting(store.engine) as connection:
        for name, home in pairs:
            kind, row = ours[name]
            merge_rows.set_answer(connection, kind, (key(f"{name}-{home[0]}"), row), True, now=NOW)


def state(store: Store) -> Any:
    """What readers see, with each row named by all who speak of it: the same whichever of them came first."""
    with store.engine.connect() as connection:
        told: dict[UUID, set[str]] = {}
        for row in connection.execute(select(received_record).where(received_record.c.local_id.is_not(None))):
            told.setdefault(row.local_id, set()).add(row.body["page"])
        names = {}
        for table, shown in ((project, OPEN), (organization, VISIBLE)):
            for row in connection.execute(select(table).where(shown)):
                ours = {row.slug} if row.peer_id is None else set()
                names[row.id] = (table.name, frozenset(told.get(row.id, set()) | ours))
        uses = {
            (names[row.project_id], names[row.organization_id], row.origin, row.stands)
            for row in connection.execute(select(adoption))
        }
        standing = [(row.project_id, row.organization_id) for row in connection.execute(select(adoption).where(PUBLIC))]
        assert len(standing) == len(set(standing)), "a pair counts twice"
        kept = {
            (names[row.project_id], names[row.organization_id], row.role)
            for row in connection.execute(select(maintenance))
            if row.organization_id
        }
        terms = {names[row.project_id] for row in connection.execute(select(project_term))}
        slugs = connection.execute(select(project.c.slug).where(OPEN)).scalars().all()
    facts = set()
    for slug in slugs:
        page = store.public_records.project(slug)
        # A row that only others tell of takes its record from one of them: its facts name them all.
        facts |= {
            (names[page.id], fact.field, str(fact.value), fact.origin)
            for fact in store.facts.page(page.slug).facts
            if fact.field != "slug"
        }
    return sorted(names.values(), key=str), uses, kept, terms, facts


def own_alone(store: Store) -> Any:
    load(store, OURS)
    return state(store)


def test_the_kinds_of_the_records_of_these_tests_are_told_apart() -> None:
    told = records(HOMES[0])
    assert [kind_of(told[name][0]) for name in ("galette", "coop", "uses galette")] == [
        PROJECT,
        ORGANIZATION,
        "adoption",
    ]
