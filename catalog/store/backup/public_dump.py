"""The public dump: all public data as tables, what every page shows and nothing else. Loaded into an empty catalogue it
gives the same pages.

Each table has a list of the columns that are dumped; one that is added later is not, until somebody names it. Rows pass
the conditions that pages pass (`visibility.PUBLIC`, `OPEN`, visible organizations); names of what is not shown are
taken out of records and facts. Never in it: persons, also where they gave a display name (they withdraw it with one
click, which no copy knows), what was submitted without being shown, unnamed uses and supporters, records of other
catalogues that we follow (they are not ours to publish; imported layers are, with their licence), texts rendered from
repositories.

It is longer than 350 lines because what is public is checked more easily in one list.
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
from catalog.store.backup.table_copy import DescribedTable
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.engine import get_meta, reading, writing
from catalog.store.core.migrate import check_known, upgrade_to
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.visibility import CLOSED, OPEN, PUBLIC, UNBLOCKED, VISIBLE
from catalog.store.documents import collections as curated_lists
from catalog.store.federation import translation_offers
from catalog.store.mirrors.rows import want_mirrors
from catalog.store.moderation.log import HEAD
from catalog.store.ownership import unlisted
from catalog.store.projects.slugs import GONE, present_slugs
from catalog.tables.adoptions import adoption, unnamed_adopters
from catalog.tables.calls import call, call_support, experience, obstacle
from catalog.tables.core import (
    collection,
    fact,
    fact_change,
    former_slug,
    hosting,
    maintenance,
    meta,
    mirror,
    organization,
    project,
    project_term,
    relation,
    root_commit,
)
from catalog.tables.federation import imported_list, imported_record, translation_offer
from catalog.tables.moderation import decision
from catalog.tables.ownership import maintainer_reply
from catalog.tables.submissions import tombstone

_PUBLIC_NOTES = ("manifest", "change", HEAD)
_FIELDS_OF_UNLISTED = ("slug", "id", "former", "name", "repository", LICENSE)
Row = dict[str, Any]


@dataclass(frozen=True)
class _DumpedTable:
    """A table of the dump: which rows, which columns, constant values of columns that must not be empty and are not
    dumped, and a function that cleans a row (None: the row is left out)."""

    table: Table
    where: ColumnElement[bool]
    columns: str
    instead: Mapping[str, Any]
    clean: Callable[[Row], Row | None] | None = None


@dataclass(frozen=True)
class DumpCounts:
    """How many projects and organizations a dump holds."""

    projects: int
    organizations: int


class PublicDump:
    def __init__(self, engine: Engine):
        self._engine = engine

    @contextmanager
    def tables(self) -> Iterator[tuple[Iterator[tuple[DescribedTable, Iterator[str]]], Callable[[], Document]]]:
        """The tables with their lines, and the same data as a document; all read at one moment."""
        with reading(self._engine) as connection:
            public_data = _PublicData(connection)
            yield (
                ((_described_table(table), public_data.lines(table)) for table in public_data.tables()),
                public_data.document,
            )

    def import_tables(
        self, revision: str, tables: Iterable[tuple[DescribedTable, Iterable[str]]], *, now: datetime
    ) -> DumpCounts:
        """Fill an empty catalogue from a dump, in one transaction, and have its repositories visited.

        It may be a stranger's file: a table or a column that no dump has, such as people and their sessions, is
        refused. Raises AlreadyExists where the catalogue is not empty, ValueError for such a file and for a schema that
        this Forge does not know.
        """
        check_known(revision, "it")
        with writing(self._engine) as connection:
            if (
                get_meta(connection, "manifest") is not None
                or connection.execute(select(project.c.id).limit(1)).first()
            ):
                raise AlreadyExists("catalogue", "")
            columns_by_table = {
                dumped.table.name: _described_table(dumped).columns for dumped in _PublicData(connection).tables()
            }
            table_copy.drop_tables(connection)
            upgrade_to(connection, revision)
            for table, lines in tables:
                if not table.columns.items() <= columns_by_table.get(table.name, {}).items():
                    raise ValueError(f"its table {table.name} holds more than a catalogue publishes")
                table_copy.fill_table(
                    connection, table, _check_notes(table, lines) if table.name == meta.name else lines
                )
            table_copy.continue_numbering(connection)
            upgrade_to(connection, "head")
            mirrored = connection.execute(
                select(mirror.c.project_id, mirror.c.repository).where(mirror.c.state != GONE)
            )
            want_mirrors(connection, {key: (address, 0) for key, address in mirrored.all()}, now=now)
            change = PublicChange(connection)
            for kind in (project, organization):
                change.touch(kind.name, *connection.execute(select(kind.c.id)).scalars())
            change.publish(counting=False)
            projects, organizations = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (project, organization)
            )
            return DumpCounts(projects, organizations)


def _described_table(dumped: _DumpedTable) -> DescribedTable:
    kinds = table_copy.column_kinds(dumped.table)
    return DescribedTable(dumped.table.name, {name: kinds[name] for name in (*dumped.columns.split(), *dumped.instead)})


def _check_notes(table: DescribedTable, lines: Iterable[str]) -> Iterator[str]:
    """The lines of `meta` if a dump may bring them; other notes say who signs for a catalogue. Raises ValueError."""
    place = list(table.columns).index(meta.c.key.name) if meta.c.key.name in table.columns else -1
    for line in lines:
        try:
            values = json.loads(line)
        except RecursionError:
            values = None
        if (
            place < 0
            or not isinstance(values, list)
            or values[place : place + 1] not in [[key] for key in _PUBLIC_NOTES]
        ):
            raise ValueError(f"its table {table.name} holds more than a catalogue publishes")
        yield line


class _PublicData:
    """Reads what is public; it holds the ids and slugs of what is shown."""

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
        for row in connection.execute(select(adoption.c.project_id, adoption.c.organization_id).where(_PUBLIC_USES)):
            if row.organization_id in self.visible:
                self.uses.add((row.project_id, self.visible[row.organization_id]))
        self.translated = {
            translation.id: translation
            for translation in translation_offers.current_offers(connection)
            if translation.record_id in self.open
        }
        self.language = str((get_meta(connection, "manifest") or {"languages": ["en"]})["languages"][0])

    def tables(self) -> tuple[_DumpedTable, ...]:
        """The tables, in an order in which no row refers to a later table."""
        of_open = {
            table: table.c.project_id.in_(_OPEN_IDS) for table in (fact, mirror, maintenance, hosting, project_term)
        }
        two = select(imported_record.c.layer).where(imported_record.c.project_id.in_(_OPEN_IDS))
        facts = select(fact.c.id).where(self._public_facts())
        return (
            _DumpedTable(meta, meta.c.key.in_(_PUBLIC_NOTES), "key value", {}),
            _DumpedTable(
                organization,
                and_(VISIBLE, organization.c.peer_id.is_(None)),
                "id slug name folded kind country region homepage curated record document declared change added_at"
                " changed_at",
                {},
                self._clean_organization,
            ),
            _DumpedTable(
                project,
                or_(project.c.id.in_(_OPEN_IDS), project.c.id.in_(self.little)),
                "id slug name folded repository license context_only curated record document change added_at changed_at"
                " opted_out_at",
                {},
                self._clean_project,
            ),
            _DumpedTable(former_slug, true(), "kind slug record_id", {}, self._clean_former_slug),
            _DumpedTable(
                maintenance,
                and_(of_open[maintenance], maintenance.c.person.is_(None), not_(maintenance.c.origin.startswith(PEER))),
                "id project_id organization_id role origin position record stated_by stated_at",
                {},
                self._if_organization_visible,
            ),
            _DumpedTable(
                adoption,
                _PUBLIC_USES,
                "id project_id organization_id stage visibility verification confirmed stands confirmed_at origin"
                " position record",
                {},
                self._clean_use,
            ),
            _DumpedTable(
                hosting, of_open[hosting], "project_id organization_id position", {}, self._if_organization_visible
            ),
            _DumpedTable(
                relation,
                and_(relation.c.project_id.in_(_OPEN_IDS), relation.c.target_id.in_(_OPEN_IDS)),
                "project_id type target_id position",
                {},
            ),
            _DumpedTable(project_term, of_open[project_term], "project_id vocabulary term position", {}),
            _DumpedTable(collection, true(), "slug position record", {}, self._clean_collection),
            _DumpedTable(
                mirror,
                or_(of_open[mirror], mirror.c.project_id.in_(self.little)),
                "project_id repository canonical_url state head branch size_bytes first_mirrored_at last_visit_at"
                " last_success_at last_change_at last_commit_at events"
                " free free_commit decided observed_at observation",
                {"failures": 0, "interval_seconds": 21_600, "erasing": False, "damaged": False},
                self._clean_mirror,
            ),
            _DumpedTable(root_commit, root_commit.c.project_id.in_(_OPEN_IDS), "project_id oid position", {}),
            _DumpedTable(
                fact,
                self._public_facts(),
                "id project_id field value origin source first_seen_at seen_at until public",
                {},
                self._clean_fact,
            ),
            _DumpedTable(
                fact_change,
                and_(
                    fact_change.c.project_id.in_(_OPEN_IDS),
                    _has_own_origin(fact_change.c.origin, fact_change.c.project_id),
                    or_(fact_change.c.before_id.is_(None), fact_change.c.before_id.in_(facts)),
                    or_(fact_change.c.after_id.is_(None), fact_change.c.after_id.in_(facts)),
                ),
                "id project_id at kind field origin before_id after_id facts news",
                {},
            ),
            _DumpedTable(
                decision,
                true(),
                "number at kind subject_kind subject_id slug name about reason words role concerns salt text_digest"
                " previous digest",
                {"before": {}},
            ),
            _DumpedTable(
                tombstone,
                and_(tombstone.c.ground == unlisted.OPTED_OUT, tombstone.c.record_id.in_(self.little)),
                "id kind record_id project_id ground reason language at change",
                {},
            ),
            _DumpedTable(
                call,
                SHOWN_CALLS,
                "id reference kind state project_id organization_id language country folded record opened_at"
                " ends_at ended_at change",
                {},
                self._clean_call,
            ),
            _DumpedTable(
                call_support,
                and_(call_support.c.named, call_support.c.call_id.in_(select(call.c.id).where(SHOWN_CALLS))),
                "id call_id organization_id language variation named at",
                {},
                self._if_organization_visible,
            ),
            _DumpedTable(
                obstacle,
                and_(obstacle.c.public, obstacle.c.project_id.in_(_OPEN_IDS)),
                "id reference project_id audience language record public state answer at changed_at",
                {},
            ),
            _DumpedTable(
                experience,
                true(),
                "id reference project_id organization_id language record answer at",
                {},
                self._if_use_public,
            ),
            _DumpedTable(
                maintainer_reply,
                and_(maintainer_reply.c.ended_at.is_(None), maintainer_reply.c.project_id.in_(_OPEN_IDS)),
                "id project_id field language text at",
                {},
            ),
            _DumpedTable(unnamed_adopters, unnamed_adopters.c.project_id.in_(_OPEN_IDS), "project_id least at", {}),
            _DumpedTable(
                translation_offer,
                not_(translation_offer.c.outgoing),
                "id outgoing home_id kind record_id field language text translator method at state original",
                {},
                self._clean_translation,
            ),
            _DumpedTable(
                imported_list, imported_list.c.name.in_(two), "name form address license added_at read_at", {}
            ),
            _DumpedTable(
                imported_record, imported_record.c.project_id.in_(_OPEN_IDS), "layer key project_id record", {}
            ),
        )

    def _public_facts(self) -> ColumnElement[bool]:
        """Public facts of origins that are ours to publish; of unlisted projects only those of fields that are
        shown."""
        little = and_(fact.c.project_id.in_(self.little), fact.c.field.in_(("name", "repository", LICENSE)))
        ours = _has_own_origin(fact.c.origin, fact.c.project_id)
        return and_(fact.c.public, ours, or_(fact.c.project_id.in_(_OPEN_IDS), and_(little, fact.c.until.is_(None))))

    def lines(self, dumped: _DumpedTable) -> Iterator[str]:
        names = dumped.columns.split()
        wanted = select(*(dumped.table.c[name] for name in names)).where(dumped.where)
        wanted = wanted.order_by(*dumped.table.primary_key.columns)
        kinds = table_copy.column_kinds(dumped.table)
        for result in self.connection.execute(wanted, execution_options={"yield_per": table_copy.BATCH_ROWS}):
            row: Row | None = dict(result._mapping)
            if dumped.clean is not None and row is not None:
                row = dumped.clean(row)
            if row is not None:
                yield table_copy.row_as_line(
                    row | dict(dumped.instead), {name: kinds[name] for name in (*names, *dumped.instead)}
                )

    def document(self) -> Document:
        """All that is listed, as a document: records as pages show them, with every public use."""
        uses: dict[UUID, list[Adoption]] = {}
        public_uses = (
            select(adoption).where(_PUBLIC_USES).order_by(adoption.c.project_id, adoption.c.position, adoption.c.id)
        )
        done: set[tuple[UUID, UUID]] = set()
        for row in self.connection.execute(public_uses).all():
            pair = (row.project_id, row.organization_id)
            cleaned = self._clean_use(dict(row._mapping))
            if cleaned is not None and pair not in done:
                done.add(pair)
                record = dict(cleaned["record"]) | {"organization": self.visible[row.organization_id]}
                uses.setdefault(row.project_id, []).append(
                    from_record(Adoption, record | {"visibility": row.visibility, "verification": row.verification})
                )
        collections = self.connection.execute(
            select(collection.c.record).where(~collection.c.hidden).order_by(collection.c.position)
        ).scalars()
        projects = select(project.c.id, project.c.record).where(project.c.id.in_(_OPEN_IDS)).order_by(project.c.slug)
        bodies = select(organization.c.id, organization.c.record).where(VISIBLE).order_by(organization.c.slug)
        credits = translation_offers.credits(self.connection)
        return Document(
            manifest=from_record(Manifest, get_meta(self.connection, "manifest")),
            collections=tuple(
                from_record(Collection, self._with_listed_projects(dict(record))) for record in collections
            ),
            projects=tuple(
                from_record(
                    Project,
                    self._clean_record(key, record)
                    | {"adoptions": list(map(as_record, uses.get(key, ())))}
                    | {"translated": [*record.get("translated", ()), *map(as_record, credits.get(key, ()))]},
                )
                for key, record in self.connection.execute(projects).all()
                if key in self.open
            ),
            organizations=tuple(
                from_record(Organization, record)
                for key, record in self.connection.execute(bodies).all()
                if key in self.visible
            ),
        )

    def _clean_organization(self, row: Row) -> Row:
        statements = {name: _without_reference(statement) for name, statement in row["declared"].items()}
        return row | {"declared": statements}

    def _clean_project(self, row: Row) -> Row | None:
        if row["id"] in self.little:
            record = {name: row["record"][name] for name in _FIELDS_OF_UNLISTED if name in row["record"]}
            return row | {"record": record | {"summary": {self.language: row["name"]}}, "document": None}
        if row["id"] not in self.open:
            return None
        document = self._clean_record(row["id"], row["document"]) if row["document"] else None
        return row | {"record": self._clean_record(row["id"], row["record"]), "document": document}

    def _clean_record(self, key: UUID, record: Mapping[str, Any]) -> Row:
        """A project's record without what it states of what is not shown."""
        visible = self.slugs["organization"]
        cleaned = dict(record)
        cleaned["adoptions"] = [
            _with_visible_provider(use, visible)
            for use in record.get("adoptions", ())
            if use.get("visibility", "public") == "public" and (key, use["organization"]) in self.uses
        ]
        cleaned["maintenance"] = [line for line in record.get("maintenance", ()) if line.get("organization") in visible]
        cleaned["relations"] = [
            line for line in record.get("relations", ()) if line["project"] in self.slugs["project"]
        ]
        if "runs" in record:
            cleaned["runs"] = _with_visible_hosts(record["runs"], visible)
        return {name: value for name, value in cleaned.items() if value not in ([], {}) or name not in _CLEANED_FIELDS}

    def _clean_translation(self, row: Row) -> Row | None:
        """An accepted translation with its present text, whatever state its row is in."""
        translation = self.translated.get(row["id"])
        return row | {"state": ACCEPTED, "text": translation.text} if translation else None

    def _clean_former_slug(self, row: Row) -> Row | None:
        shown = self.open if row["kind"] == "project" else self.visible
        return row if row["record_id"] in shown else None

    def _if_organization_visible(self, row: Row) -> Row | None:
        return row if row["organization_id"] in self.visible else None

    def _clean_use(self, row: Row) -> Row | None:
        if row["organization_id"] not in self.visible or row["project_id"] not in self.open:
            return None
        return row | {"record": _with_visible_provider(row["record"], self.slugs["organization"])}

    def _if_use_public(self, row: Row) -> Row | None:
        pair = (row["project_id"], self.visible.get(row["organization_id"], ""))
        return row if row["project_id"] in self.open and pair in self.uses else None

    def _clean_collection(self, row: Row) -> Row:
        return row | {"record": self._with_listed_projects(row["record"])}

    def _with_listed_projects(self, record: Mapping[str, Any]) -> Row:
        present = present_slugs(self.connection, curated_lists.projects_of([record]))
        return curated_lists.with_projects(
            record, {named: slug for named, slug in present.items() if slug in self.slugs["project"]}
        )

    def _clean_mirror(self, row: Row) -> Row | None:
        if row["project_id"] in self.little:
            observation = row["observation"]
            public_part = (
                {name: observation[name] for name in unlisted.OF_OBSERVATION if name in observation}
                if observation
                else None
            )
            return row | {"observation": public_part, "events": []}
        return row if row["project_id"] in self.open else None

    def _clean_fact(self, row: Row) -> Row | None:
        if row["project_id"] not in self.open and row["project_id"] not in self.little:
            return None
        value = row["value"]
        if row["field"] == "maintenance" and isinstance(value, list):
            value = [line for line in value if _value_of(line, "organization") in (None, *self.slugs["organization"])]
        elif row["field"] == "relations" and isinstance(value, list):
            value = [line for line in value if _value_of(line, "project") in (None, *self.slugs["project"])]
        elif row["field"] == "runs" and isinstance(value, dict):
            value = _with_visible_hosts(value, self.slugs["organization"])
        if value in ([], {}) and row["value"] not in ([], {}):
            return None
        return row | {"value": value, "source": _without_reference(row["source"])}

    def _clean_call(self, row: Row) -> Row:
        hidden = row["organization_id"] is not None and row["organization_id"] not in self.visible
        return row | ({"organization_id": None} if hidden else {})


_CLEANED_FIELDS = frozenset({"adoptions", "maintenance", "relations", "runs"})
_OPEN_IDS = select(project.c.id).where(project.c.id.not_in(CLOSED), project.c.peer_id.is_(None))
_PUBLIC_USES = and_(PUBLIC, adoption.c.project_id.in_(_OPEN_IDS), not_(adoption.c.origin.startswith(PEER)))


def _has_own_origin(origin: Any, project_id: Any) -> ColumnElement[bool]:
    of_layers = select(imported_record.c.project_id).where((PEER + imported_record.c.layer) == origin)
    return or_(origin.in_((CURATED, DECLARED, OBSERVED)), project_id.in_(of_layers))


def _without_reference(source: Mapping[str, Any]) -> Row:
    """The source without the reference of the submission, by which its sender's page is found."""
    return {name: value for name, value in source.items() if name != "declaration"}


def _with_visible_provider(record: Mapping[str, Any], visible: set[str]) -> Row:
    return {name: value for name, value in record.items() if name != "provider" or value in visible}


def _with_visible_hosts(runs: Mapping[str, Any], visible: set[str]) -> Row:
    hosts = [slug for slug in runs.get("hosted", ()) if slug in visible]
    return {name: value for name, value in runs.items() if name != "hosted"} | ({"hosted": hosts} if hosts else {})


def _value_of(line: Any, kind: str) -> str | None:
    return line.get(kind) if isinstance(line, dict) else None
