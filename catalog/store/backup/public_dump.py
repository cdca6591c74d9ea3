"""The whole public data as tables: what every page shows, and nothing else. Into an empty catalogue they give the same
pages.

Each table has a list of the columns that leave; one that is added later stays here until somebody names it. Rows pass
the conditions that pages pass (`lines.PUBLIC`, `OPEN`, visible organizations); names of what is not shown are taken out
of records and facts. Never in it: persons, also where they gave a display name (they take it back at one press, which
no copy knows), what was declared without being shown, unnamed uses and supporters, records of other catalogues that we
follow (they are not ours to publish; imported layers are, with their licence), texts rendered from repositories.

It is longer than 350 lines because what leaves is judged more easily in one list.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, func, not_, or_, select, true

from catalog.document import as_record, from_record
from catalog.errors import AlreadyExists
from catalog.model import Adoption, Collection, Document, Manifest, Organization, Project
from catalog.rules.fact import CURATED, DECLARED, LICENSE, OBSERVED, PEER
from catalog.rules.translation_offer import ACCEPTED
from catalog.store.backup import table_copy
from catalog.store.backup.table_copy import Described
from catalog.store.calls.queries import SHOWN
from catalog.store.core.engine import noted, reading, writing
from catalog.store.core.migrate import check_known, step
from catalog.store.core.visibility import CLOSED, OPEN, PUBLIC, UNBLOCKED, VISIBLE
from catalog.store.federation import translation_offers
from catalog.store.mirrors.rows import want_mirrors
from catalog.store.moderation.log import HEAD
from catalog.store.ownership import unlisted
from catalog.store.projects.slugs import GONE
from catalog.tables.adoptions import unnamed, vouch
from catalog.tables.calls import call, experience, obstacle, support
from catalog.tables.core import (
    adoption,
    collection,
    fact,
    fact_change,
    former,
    hosting,
    kinship,
    maintenance,
    meta,
    mirror,
    organization,
    project,
    project_term,
    relation,
    root,
)
from catalog.tables.federation import layer, layer_record, offer
from catalog.tables.moderation import decision
from catalog.tables.ownership import answer
from catalog.tables.submissions import tombstone

_META = ("manifest", "change", HEAD)
_MINIMAL = ("slug", "id", "former", "name", "repository", LICENSE)
Row = dict[str, Any]


@dataclass(frozen=True)
class _Given:
    """A table of the whole: which rows, which columns, what stands in columns that must not be empty and do not leave,
    and what is cleaned of a row (None: it does not leave)."""

    table: Table
    where: ColumnElement[bool]
    columns: str
    instead: Mapping[str, Any]
    clean: Callable[[Row], Row | None] | None = None


@dataclass(frozen=True)
class Counted:
    """What a whole holds, for whoever reads about it."""

    projects: int
    organizations: int


class Whole:
    def __init__(self, engine: Engine):
        self._engine = engine

    @contextmanager
    def tables(self) -> Iterator[tuple[Iterator[tuple[Described, Iterator[str]]], Callable[[], Document]]]:
        """The tables with their lines, and the same as a document; all of one moment."""
        with reading(self._engine) as connection:
            whole = _Reading(connection)
            yield ((_described(one), whole.lines(one)) for one in whole.given()), whole.document

    def take(self, revision: str, tables: Iterable[tuple[Described, Iterable[str]]], *, now: datetime) -> Counted:
        """Fill an empty catalogue with a whole, in one transaction, and have its repositories visited.

        It may be a stranger's file: a table or a column that no whole has, such as people and what opens their doors,
        is refused. Raises AlreadyExists where something is here, ValueError for such a file and for a schema that this
        Forge does not know.
        """
        check_known(revision, "it")
        with writing(self._engine) as connection:
            if noted(connection, "manifest") is not None or connection.execute(select(project.c.id).limit(1)).first():
                raise AlreadyExists("catalogue", "")
            given = {one.table.name: _described(one).columns for one in _Reading(connection).given()}
            table_copy.emptied(connection)
            step(connection, revision)
            for one, lines in tables:
                if not one.columns.items() <= given.get(one.name, {}).items():
                    raise ValueError(f"its table {one.name} holds more than a catalogue publishes")
                table_copy.fill(connection, one, _public_notes(one, lines) if one.name == meta.name else lines)
            table_copy.count_on(connection)
            step(connection, "head")
            kept = connection.execute(select(mirror.c.project_id, mirror.c.repository).where(mirror.c.state != GONE))
            want_mirrors(connection, {key: (address, 0) for key, address in kept.all()}, now=now)
            projects, organizations = (
                connection.execute(select(func.count()).select_from(one)).scalar_one()
                for one in (project, organization)
            )
            return Counted(projects, organizations)


def _described(one: _Given) -> Described:
    kinds = table_copy.kinds(one.table)
    return Described(one.table.name, {name: kinds[name] for name in (*one.columns.split(), *one.instead)})


def _public_notes(one: Described, lines: Iterable[str]) -> Iterator[str]:
    """The notes that a whole may bring; others say who signs for a catalogue. Raises ValueError."""
    at = list(one.columns).index(meta.c.key.name) if meta.c.key.name in one.columns else -1
    for line in lines:
        try:
            values = json.loads(line)
        except RecursionError:
            values = None
        if at < 0 or not isinstance(values, list) or values[at : at + 1] not in [[key] for key in _META]:
            raise ValueError(f"its table {one.name} holds more than a catalogue publishes")
        yield line


class _Reading:
    """One reading of what is public; it holds the identities and slugs of what is shown."""

    def __init__(self, connection: Connection):
        self.connection = connection
        own = project.c.peer_id.is_(None)
        listed = select(project.c.id, project.c.slug).where(OPEN, own)
        self.open: dict[UUID, str] = {key: slug for key, slug in connection.execute(listed)}
        gone = select(mirror.c.project_id).where(mirror.c.state == GONE)
        little = select(project.c.id).where(project.c.opted_out_at.is_not(None), UNBLOCKED, own)
        self.little = set(connection.execute(little.where(project.c.id.not_in(gone))).scalars())
        shown = select(organization.c.id, organization.c.slug).where(VISIBLE, organization.c.peer_id.is_(None))
        self.visible: dict[UUID, str] = {key: slug for key, slug in connection.execute(shown)}
        self.slugs = {"project": set(self.open.values()), "organization": set(self.visible.values())}
        self.uses: set[tuple[UUID, str]] = set()
        for row in connection.execute(select(adoption.c.project_id, adoption.c.organization_id).where(_USES)):
            if row.organization_id in self.visible:
                self.uses.add((row.project_id, self.visible[row.organization_id]))
        self.translated = {one.id: one for one in translation_offers.standing(connection) if one.record_id in self.open}
        self.language = str((noted(connection, "manifest") or {"languages": ["en"]})["languages"][0])

    def given(self) -> tuple[_Given, ...]:
        """The tables, those that others name first."""
        of_open = {one: one.c.project_id.in_(_OPEN_IDS) for one in (fact, mirror, maintenance, hosting, project_term)}
        two = select(layer_record.c.layer).where(layer_record.c.project_id.in_(_OPEN_IDS))
        facts = select(fact.c.id).where(self._facts())
        return (
            _Given(meta, meta.c.key.in_(_META), "key value", {}),
            _Given(
                organization,
                and_(VISIBLE, organization.c.peer_id.is_(None)),
                "id slug name folded kind country homepage curated record document declared change added_at changed_at",
                {},
                self._organization,
            ),
            _Given(
                project,
                or_(project.c.id.in_(_OPEN_IDS), project.c.id.in_(self.little)),
                "id slug name folded repository license context_only curated record document change added_at changed_at"
                " opted_out_at",
                {},
                self._project,
            ),
            _Given(former, true(), "kind slug record_id", {}, self._former),
            _Given(
                maintenance,
                and_(of_open[maintenance], maintenance.c.person.is_(None), not_(maintenance.c.origin.startswith(PEER))),
                "id project_id organization_id role origin position record said_by said_at",
                {},
                self._of_visible,
            ),
            _Given(
                adoption,
                _USES,
                "id project_id organization_id stage visibility verification confirmed stands confirmed_at origin"
                " position record",
                {},
                self._use,
            ),
            _Given(hosting, of_open[hosting], "project_id organization_id position", {}, self._of_visible),
            _Given(
                relation,
                and_(relation.c.project_id.in_(_OPEN_IDS), relation.c.target_id.in_(_OPEN_IDS)),
                "project_id type target_id position",
                {},
            ),
            _Given(project_term, of_open[project_term], "project_id vocabulary term", {}),
            _Given(collection, true(), "slug position record", {}, self._collection),
            _Given(
                mirror,
                or_(of_open[mirror], mirror.c.project_id.in_(self.little)),
                "project_id repository canonical_url state head branch size_bytes first_mirrored_at last_visit_at"
                " last_success_at last_change_at last_commit_at free free_commit decided observed_at observation",
                {"failures": 0, "interval_seconds": 21_600},
                self._mirror,
            ),
            _Given(root, root.c.project_id.in_(_OPEN_IDS), "project_id oid position", {}),
            _Given(
                kinship,
                and_(kinship.c.project_id.in_(_OPEN_IDS), kinship.c.other_id.in_(_OPEN_IDS)),
                "project_id other_id kind own_commits other_commits shared_commits merge_base since head other_head at",
                {},
            ),
            _Given(
                fact,
                self._facts(),
                "id project_id field value origin source first_seen_at seen_at until public",
                {},
                self._fact,
            ),
            _Given(
                fact_change,
                and_(
                    fact_change.c.project_id.in_(_OPEN_IDS),
                    _ours(fact_change.c.origin, fact_change.c.project_id),
                    or_(fact_change.c.before_id.is_(None), fact_change.c.before_id.in_(facts)),
                    or_(fact_change.c.after_id.is_(None), fact_change.c.after_id.in_(facts)),
                ),
                "id project_id at kind field origin before_id after_id facts news",
                {},
            ),
            _Given(
                decision,
                true(),
                "number at kind subject_kind subject_id slug name about reason words role concerns salt text_digest"
                " previous digest",
                {"before": {}},
            ),
            _Given(
                tombstone,
                and_(tombstone.c.ground == unlisted.OPTED_OUT, tombstone.c.record_id.in_(self.little)),
                "id kind record_id project_id ground reason language at change",
                {},
            ),
            _Given(
                call,
                SHOWN,
                "id reference kind state project_id organization_id joined_to language country folded record opened_at"
                " ends_at ended_at change",
                {},
                self._call,
            ),
            _Given(
                support,
                and_(support.c.named, support.c.call_id.in_(select(call.c.id).where(SHOWN))),
                "id call_id organization_id language variation named at",
                {},
                self._of_visible,
            ),
            _Given(
                obstacle,
                and_(obstacle.c.public, obstacle.c.project_id.in_(_OPEN_IDS)),
                "id reference project_id audience language record public state answer at changed_at",
                {},
            ),
            _Given(
                experience,
                true(),
                "id reference project_id organization_id language record answer at",
                {},
                self._of_use,
            ),
            _Given(
                answer,
                and_(answer.c.ended_at.is_(None), answer.c.project_id.in_(_OPEN_IDS)),
                "id project_id field language text at",
                {},
            ),
            _Given(unnamed, unnamed.c.project_id.in_(_OPEN_IDS), "project_id least at", {}),
            _Given(
                offer,
                not_(offer.c.outgoing),
                "id outgoing home_id kind record_id field language text of_revision translator method at state"
                " original",
                {},
                self._translated,
            ),
            _Given(vouch, true(), "network_id project_id organization_id at", {}, self._vouch),
            _Given(layer, layer.c.name.in_(two), "name form address license added_at read_at", {}),
            _Given(layer_record, layer_record.c.project_id.in_(_OPEN_IDS), "layer key project_id record", {}),
        )

    def _facts(self) -> ColumnElement[bool]:
        """Public ones, of origins that are ours to publish; of what shows little, what is shown of it."""
        little = and_(fact.c.project_id.in_(self.little), fact.c.field.in_(("name", "repository", LICENSE)))
        ours = _ours(fact.c.origin, fact.c.project_id)
        return and_(fact.c.public, ours, or_(fact.c.project_id.in_(_OPEN_IDS), and_(little, fact.c.until.is_(None))))

    def lines(self, one: _Given) -> Iterator[str]:
        names = one.columns.split()
        wanted = select(*(one.table.c[name] for name in names)).where(one.where)
        wanted = wanted.order_by(*one.table.primary_key.columns)
        kinds = table_copy.kinds(one.table)
        for found in self.connection.execute(wanted, execution_options={"yield_per": table_copy.ROWS}):
            row: Row | None = dict(found._mapping)
            if one.clean is not None and row is not None:
                row = one.clean(row)
            if row is not None:
                yield table_copy.line(row | dict(one.instead), {name: kinds[name] for name in (*names, *one.instead)})

    def document(self) -> Document:
        """All that is listed, as a document of ours: records as pages show them, with every public use."""
        uses: dict[UUID, list[Adoption]] = {}
        spoken = select(adoption).where(_USES).order_by(adoption.c.project_id, adoption.c.position, adoption.c.id)
        told: set[tuple[UUID, UUID]] = set()
        for row in self.connection.execute(spoken).all():
            pair = (row.project_id, row.organization_id)
            kept = self._use(dict(row._mapping))
            if kept is not None and pair not in told:
                told.add(pair)
                said = dict(kept["record"]) | {"organization": self.visible[row.organization_id]}
                uses.setdefault(row.project_id, []).append(
                    from_record(Adoption, said | {"visibility": row.visibility, "verification": row.verification})
                )
        collections = self.connection.execute(select(collection.c.record).order_by(collection.c.position)).scalars()
        projects = select(project.c.id, project.c.record).where(project.c.id.in_(_OPEN_IDS)).order_by(project.c.slug)
        bodies = select(organization.c.id, organization.c.record).where(VISIBLE).order_by(organization.c.slug)
        credits = translation_offers.credits(self.connection)
        return Document(
            manifest=from_record(Manifest, noted(self.connection, "manifest")),
            collections=tuple(from_record(Collection, self._listed(dict(one))) for one in collections),
            projects=tuple(
                from_record(
                    Project,
                    self._cleaned(key, one)
                    | {"adoptions": list(map(as_record, uses.get(key, ())))}
                    | {"translated": [*one.get("translated", ()), *map(as_record, credits.get(key, ()))]},
                )
                for key, one in self.connection.execute(projects).all()
                if key in self.open
            ),
            organizations=tuple(
                from_record(Organization, one)
                for key, one in self.connection.execute(bodies).all()
                if key in self.visible
            ),
        )

    def _organization(self, row: Row) -> Row:
        said = {name: _unreferenced(one) for name, one in row["declared"].items()}
        return row | {"declared": said}

    def _project(self, row: Row) -> Row | None:
        if row["id"] in self.little:
            kept = {name: row["record"][name] for name in _MINIMAL if name in row["record"]}
            return row | {"record": kept | {"summary": {self.language: row["name"]}}, "document": None}
        if row["id"] not in self.open:
            return None
        document = self._cleaned(row["id"], row["document"]) if row["document"] else None
        return row | {"record": self._cleaned(row["id"], row["record"]), "document": document}

    def _cleaned(self, key: UUID, record: Mapping[str, Any]) -> Row:
        """A project's record without what it says of what is not shown."""
        seen = self.slugs["organization"]
        left = dict(record)
        left["adoptions"] = [
            _provided(one, seen)
            for one in record.get("adoptions", ())
            if one.get("visibility", "public") == "public" and (key, one["organization"]) in self.uses
        ]
        left["maintenance"] = [one for one in record.get("maintenance", ()) if one.get("organization") in seen]
        left["relations"] = [one for one in record.get("relations", ()) if one["project"] in self.slugs["project"]]
        if "runs" in record:
            left["runs"] = _hosted(record["runs"], seen)
        return {name: value for name, value in left.items() if value not in ([], {}) or name not in _MADE_ANEW}

    def _translated(self, row: Row) -> Row | None:
        """An accepted translation as it stands, whatever it waited as."""
        one = self.translated.get(row["id"])
        return row | {"state": ACCEPTED, "text": one.text} if one else None

    def _former(self, row: Row) -> Row | None:
        shown = self.open if row["kind"] == "project" else self.visible
        return row if row["record_id"] in shown else None

    def _of_visible(self, row: Row) -> Row | None:
        return row if row["organization_id"] in self.visible else None

    def _use(self, row: Row) -> Row | None:
        if row["organization_id"] not in self.visible or row["project_id"] not in self.open:
            return None
        return row | {"record": _provided(row["record"], self.slugs["organization"])}

    def _of_use(self, row: Row) -> Row | None:
        pair = (row["project_id"], self.visible.get(row["organization_id"], ""))
        return row if row["project_id"] in self.open and pair in self.uses else None

    def _vouch(self, row: Row) -> Row | None:
        return self._of_use(row) if row["network_id"] in self.visible else None

    def _collection(self, row: Row) -> Row:
        return row | {"record": self._listed(row["record"])}

    def _listed(self, record: Mapping[str, Any]) -> Row:
        named = [one for one in record.get("projects", ()) if _project_of(one) in self.slugs["project"]]
        return {name: value for name, value in record.items() if name != "projects"} | (
            {"projects": named} if named else {}
        )

    def _mirror(self, row: Row) -> Row | None:
        if row["project_id"] in self.little:
            seen = row["observation"]
            kept = {name: seen[name] for name in unlisted.OF_OBSERVATION if name in seen} if seen else None
            return row | {"observation": kept}
        return row if row["project_id"] in self.open else None

    def _fact(self, row: Row) -> Row | None:
        if row["project_id"] not in self.open and row["project_id"] not in self.little:
            return None
        value = row["value"]
        if row["field"] == "maintenance" and isinstance(value, list):
            value = [one for one in value if _named(one, "organization") in (None, *self.slugs["organization"])]
        elif row["field"] == "relations" and isinstance(value, list):
            value = [one for one in value if _named(one, "project") in (None, *self.slugs["project"])]
        elif row["field"] == "runs" and isinstance(value, dict):
            value = _hosted(value, self.slugs["organization"])
        if value in ([], {}) and row["value"] not in ([], {}):
            return None
        return row | {"value": value, "source": _unreferenced(row["source"])}

    def _call(self, row: Row) -> Row:
        hidden = row["organization_id"] is not None and row["organization_id"] not in self.visible
        return row | ({"organization_id": None} if hidden else {})


_MADE_ANEW = frozenset({"adoptions", "maintenance", "relations", "runs"})
_OPEN_IDS = select(project.c.id).where(project.c.id.not_in(CLOSED), project.c.peer_id.is_(None))
_USES = and_(PUBLIC, adoption.c.project_id.in_(_OPEN_IDS), not_(adoption.c.origin.startswith(PEER)))


def _ours(origin: Any, project_id: Any) -> ColumnElement[bool]:
    lent = select(layer_record.c.project_id).where((PEER + layer_record.c.layer) == origin)
    return or_(origin.in_((CURATED, DECLARED, OBSERVED)), project_id.in_(lent))


def _unreferenced(said: Mapping[str, Any]) -> Row:
    """Without the code of the declaration, by which its sender's page is found."""
    return {name: value for name, value in said.items() if name != "declaration"}


def _provided(said: Mapping[str, Any], seen: set[str]) -> Row:
    return {name: value for name, value in said.items() if name != "provider" or value in seen}


def _hosted(runs: Mapping[str, Any], seen: set[str]) -> Row:
    hosts = [slug for slug in runs.get("hosted", ()) if slug in seen]
    return {name: value for name, value in runs.items() if name != "hosted"} | ({"hosted": hosts} if hosts else {})


def _named(one: Any, kind: str) -> str | None:
    return one.get(kind) if isinstance(one, dict) else None


def _project_of(one: Any) -> str:
    return str(one["project"] if isinstance(one, dict) else one)
