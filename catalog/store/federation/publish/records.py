"""What may travel to other catalogues, read from the rows: only what everybody may read here, and only what we are home
of. It remembers nothing of what went out, which `publish.state` does.

Records come as JSON with the document's keys. References are {"id", "slug", "name"}, and lead only to what may be seen.
No natural person travels: neither maintenance under a person's name, nor organizations of one person ("self-employed"),
nor what such an organization says; an address of mail in a text is cut out of it, whoever let it in.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, and_, or_, select

from catalog.document import from_record
from catalog.model import Manifest
from catalog.rules.call import MAX_WORDS, REMOVED_MARK, contact_in, without_phones
from catalog.rules.fact import NAMING_FIELDS
from catalog.rules.submission import adoption_id
from catalog.rules.translation_offer import CORRECTION
from catalog.store.adoptions.experiences import DECLARED_USE
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.cases import DECIDED_APART
from catalog.store.core.engine import get_meta, reading
from catalog.store.core.visibility import OPEN, PUBLIC, SORT, VISIBLE
from catalog.store.federation import translation_offers
from catalog.store.merges import reasons, successors
from catalog.store.merges.same_as_claims import NOT_THE_SAME, SAME
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, experience
from catalog.tables.core import fact, maintenance, organization, project
from catalog.tables.federation import acknowledgement, offer
from catalog.tables.moderation import case, joined

SELF_EMPLOYED = "self-employed"
CURATED, DECLARED = "curated", "declared"
_TRAVELS = and_(VISIBLE, or_(organization.c.kind.is_(None), organization.c.kind != SELF_EMPLOYED))
_OWN_WORD = ("curated", "declared")  # origins that are ours
_EMAIL = re.compile(r"[^\s@<>()\[\]/:;,\"]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_LENT = "peer:%"
_BATCH = 500
MOST_REASON = MAX_WORDS  # characters: as many as are written

Ref = dict[str, str]


@dataclass(frozen=True)
class TravellingRecord:
    """One record as it may travel. `words`: language -> field -> text, of records whose texts stand in one language;
    those of documents stand in `body` still."""

    kind: str
    id: UUID
    page: str
    origin: str
    body: Mapping[str, Any]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    changed_at: datetime | None = None


class PublishedRecords:
    def __init__(self, engine: Engine):
        self._engine = engine

    @contextmanager
    def view(self) -> Iterator["View"]:
        """One consistent view of all that may travel; whatever is read from it fits together."""
        with reading(self._engine) as connection:
            yield View(connection)


class View:
    """What may travel, at one moment. Each kind comes in the order of identities; the whole is never held."""

    def __init__(self, connection: Connection):
        self.connection = connection
        kept = get_meta(connection, "manifest")
        self.manifest: Manifest | None = from_record(Manifest, kept) if kept else None
        self.change = int(get_meta(connection, "change") or 0)
        self._projects = _names(connection, project, OPEN)
        self._organizations = _names(connection, organization, _TRAVELS)
        self._project_of = {reference["slug"]: reference for reference in self._projects.values()}
        self._organization_of = {reference["slug"]: reference for reference in self._organizations.values()}

    def projects(self) -> Iterator[TravellingRecord]:
        """Of a project that is in no document, only what was declared here: what others tell of it, and an imported
        list, stand in its record too, under licences of their own. One whose very name or sentence is theirs is not
        ours to tell."""
        cared = self._maintenance()
        declared, lent = self._fields(DECLARED), self._fields(_LENT)
        wanted = select(project.c.id, project.c.slug, project.c.record, project.c.curated, project.c.changed_at)
        for row in self._rows(wanted.where(OPEN, project.c.peer_id.is_(None)).order_by(project.c.id)):
            if not row.curated and lent.get(row.id, frozenset()) & NAMING_FIELDS - declared.get(row.id, frozenset()):
                continue
            said = "relations" in declared.get(row.id, frozenset())
            body = _without(row.record, "id", "adoptions", "maintenance", "relations")
            if not row.curated:
                body = _kept(body, "slug", "former", *sorted(NAMING_FIELDS | declared.get(row.id, frozenset())))
            relations = [
                {"type": relation["type"], "project": self._project_of[relation["project"]]}
                for relation in (row.record.get("relations", ()) if row.curated or said else ())
                if relation["project"] in self._project_of
            ]
            runs = dict(body.get("runs") or {})
            hosts = [self._organization_of[slug] for slug in runs.pop("hosted", ()) if slug in self._organization_of]
            for key, value in (
                ("relations", relations),
                ("maintenance", cared.get(row.id)),
                ("runs", {**runs, **({"hosted": hosts} if hosts else {})}),
            ):
                body.pop(key, None)
                if value:
                    body[key] = value
            origin = CURATED if row.curated else DECLARED
            page = f"/projects/{row.slug}"
            yield TravellingRecord("project", row.id, page, origin, _scrubbed(body), changed_at=row.changed_at)

    def organizations(self) -> Iterator[TravellingRecord]:
        columns = (organization.c.id, organization.c.slug, organization.c.record, organization.c.curated)
        wanted = select(*columns, organization.c.changed_at).where(_TRAVELS, organization.c.peer_id.is_(None))
        for row in self._rows(wanted.order_by(organization.c.id)):
            origin = CURATED if row.curated else DECLARED
            page = f"/organizations/{row.slug}"
            body = _scrubbed(_without(row.record, "id"))
            yield TravellingRecord("organization", row.id, page, origin, body, changed_at=row.changed_at)

    def adoptions(self) -> Iterator[TravellingRecord]:
        """One a pair: the strongest of what is told of it."""
        wanted = (
            select(
                adoption.c.project_id,
                adoption.c.organization_id,
                adoption.c.record,
                adoption.c.origin,
                adoption.c.confirmed_at,
            )
            .join(project, project.c.id == adoption.c.project_id)
            .where(PUBLIC, OPEN, adoption.c.origin.in_(_OWN_WORD))
            .order_by(SORT, adoption.c.id.desc())
        )
        first: dict[UUID, Any] = {}
        for row in self._rows(wanted):
            if row.organization_id in self._organizations:
                first.setdefault(adoption_id(row.project_id, row.organization_id), row)
        for key in sorted(first):
            row = first[key]
            about, by = self._projects[row.project_id], self._organizations[row.organization_id]
            body = _without(row.record, "organization", "visibility", "provider")
            body |= {"project": about, "organization": by}
            if (provider := self._organization_of.get(row.record.get("provider"))) is not None:
                body["provider"] = provider
            if row.confirmed_at is not None:
                body["confirmed_at"] = row.confirmed_at.date().isoformat()
            yield TravellingRecord("adoption", key, f"/projects/{about['slug']}/users", row.origin, _scrubbed(body))

    def experiences(self) -> Iterator[TravellingRecord]:
        """What organizations tell of a use that they said themselves, publicly."""
        use = select(adoption.c.id).where(
            adoption.c.project_id == experience.c.project_id,
            adoption.c.organization_id == experience.c.organization_id,
            DECLARED_USE,
            adoption.c.origin.in_(_OWN_WORD),
        )
        columns = (
            *(experience.c.id, experience.c.reference, experience.c.project_id, experience.c.organization_id),
            experience.c.language,
        )
        wanted = (
            select(*columns, experience.c.record, experience.c.answer, experience.c.at)
            .join(project, project.c.id == experience.c.project_id)
            .where(OPEN, use.exists())
            .order_by(experience.c.id)
        )
        for row in self._rows(wanted):
            by, about = self._organizations.get(row.organization_id), self._projects[row.project_id]
            if by is None:
                continue
            body = _kept(row.record, "replaced", "effort_days", "cost_band", "again")
            body |= {"project": about, "organization": by, "at": row.at.date().isoformat()}
            words = {row.language: _free(row.record, "context", "hurt", "advice")}
            if row.answer and row.answer.get("text"):
                answer = _free({"answer": row.answer["text"]}, "answer")
                words[row.answer["language"]] = {**words.get(row.answer["language"], {}), **answer}
            page = f"/projects/{about['slug']}/experiences#e-{row.reference}"
            yield TravellingRecord("experience", row.id, page, DECLARED, _scrubbed(body), words)

    def calls(self) -> Iterator[TravellingRecord]:
        """What people ask for, unless by an organization that may not be seen or is a person; one that was joined with
        another is told by that one."""
        wanted = select(call).where(SHOWN_CALLS, call.c.joined_to.is_(None)).order_by(call.c.id)
        for row in self._rows(wanted):
            if row.organization_id is not None and row.organization_id not in self._organizations:
                continue
            body = _kept(row.record, "group", "words", "tag", "handed", "looked_for")
            body |= {"kind": row.kind, "state": row.state, "language": row.language, "country": row.country}
            body |= {"project": self._projects.get(row.project_id)}
            body |= {"organization": self._organizations.get(row.organization_id)}
            for name in ("opened_at", "ends_at", "ended_at"):
                body[name] = getattr(row, name) and getattr(row, name).date().isoformat()
            words = {row.language: _free(row.record, "text", "today", "who", "effort")}
            body = {key: value for key, value in _scrubbed(body).items() if value is not None}
            yield TravellingRecord("call", row.id, f"/calls/{row.reference}", DECLARED, body, words)

    def joins(self) -> Iterator[tuple[UUID, str, UUID, UUID, str, datetime, str]]:
        """Statements of moderators here: identity, kind, both records, what is said of them, when, and why: in their
        words that the log tells, else what made the two alike. Both lead to what may be seen, or led there before they
        were joined."""
        away = select(joined.c.kind, joined.c.record_id, joined.c.into_id, joined.c.at)
        same = {
            (kind, first, other): at
            for kind, first, other, at in self.connection.execute(away)
            if self._known(kind, other)
        }
        said = select(case.c.kind, case.c.subject_id, case.c.other_id, case.c.closed_at)
        said = said.where(*DECIDED_APART)
        apart = {
            (kind, first, other): at
            for kind, first, other, at in self.connection.execute(said)
            if self._known(kind, first) and self._known(kind, other)
        }
        told = []
        for says, found, why in (
            (SAME, same, reasons.reasons_for_same(self.connection, same)),
            (NOT_THE_SAME, apart, reasons.reasons_for_different(self.connection, apart)),
        ):
            for (kind, record_id, other), at in found.items():
                because = why[kind, record_id, other]
                text = (because.words or ", ".join(because.alike))[:MOST_REASON]
                told.append((uuid5(record_id, f"join:{kind}:{other}"), kind, record_id, other, says, at, text))
        for line in successors.ties_of_moderators(self.connection):
            if self._known(line.kind, line.first) and self._known(line.kind, line.other):
                key = uuid5(line.first, f"{line.says}:{line.kind}:{line.other}")
                told.append((key, line.kind, line.first, line.other, line.says, line.at, line.words))
        return iter(sorted(told))

    def offers(self) -> Iterator[Mapping[str, Any]]:
        """Translations of ours that wait at their homes."""
        return self._offered(offer.c.method != CORRECTION)

    def corrections(self) -> Iterator[Mapping[str, Any]]:
        """Corrections of ours that wait at their homes."""
        return self._offered(offer.c.method == CORRECTION)

    def _offered(self, which: Any) -> Iterator[Mapping[str, Any]]:
        wanted = select(offer).where(offer.c.outgoing, offer.c.state == "waiting", which).order_by(offer.c.id)
        return (dict(row._mapping) for row in self._rows(wanted))

    def accepted(self) -> Mapping[tuple[str, UUID], tuple[Mapping[str, Any], ...]]:
        """Translations of others that were accepted here, by kind and record."""
        return translation_offers.accepted(self.connection)

    def acknowledgements(self) -> Iterator[tuple[str, UUID, UUID, datetime]]:
        """What homes took back and we erased: kind, record, home, when."""
        columns = (acknowledgement.c.kind, acknowledgement.c.record_id, acknowledgement.c.home_id, acknowledgement.c.at)
        order = (acknowledgement.c.home_id, acknowledgement.c.kind, acknowledgement.c.record_id)
        return (tuple(row) for row in self._rows(select(*columns).order_by(*order)))

    def _fields(self, origin: str) -> dict[UUID, frozenset[str]]:
        """What somebody says now of projects that are in no document; `origin` may end with "%"."""
        wanted = (
            select(fact.c.project_id, fact.c.field)
            .join(project, project.c.id == fact.c.project_id)
            .where(~project.c.curated, fact.c.origin.like(origin), fact.c.until.is_(None), fact.c.public)
            .order_by(fact.c.project_id)
        )
        found: dict[UUID, frozenset[str]] = {}
        for row in self._rows(wanted):
            found[row.project_id] = found.get(row.project_id, frozenset()) | {row.field}
        return found

    def _known(self, kind: str, key: UUID) -> bool:
        return key in (self._projects if kind == "project" else self._organizations)

    def _maintenance(self) -> dict[UUID, list[dict[str, Any]]]:
        """Who keeps each project: organizations that may be seen, in order."""
        wanted = select(
            maintenance.c.project_id, maintenance.c.organization_id, maintenance.c.role, maintenance.c.record
        ).where(maintenance.c.organization_id.is_not(None), maintenance.c.origin.in_(_OWN_WORD))
        found: dict[UUID, list[dict[str, Any]]] = {}
        for row in self._rows(wanted.order_by(maintenance.c.position, maintenance.c.id)):
            if (by := self._organizations.get(row.organization_id)) is not None:
                said = {**_without(row.record, "person"), "organization": by, "role": row.role}
                found.setdefault(row.project_id, []).append(said)
        return found

    def _rows(self, wanted: Any) -> Iterator[Any]:
        return iter(self.connection.execute(wanted, execution_options={"yield_per": _BATCH}))


def _names(connection: Connection, table: Any, condition: Any) -> dict[UUID, Ref]:
    rows = connection.execute(select(table.c.id, table.c.slug, table.c.name).where(condition))
    return {key: {"id": str(key), "slug": slug, "name": name} for key, slug, name in rows}


def _without(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}


def _kept(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: record[key] for key in keys if record.get(key)}


def _free(record: Mapping[str, Any], *keys: str) -> dict[str, str]:
    """Texts that people typed, without those that hold a way to reach a person."""
    return {key: text for key, text in _kept(record, *keys).items() if isinstance(text, str) and not contact_in(text)}


def _scrubbed(value: Any) -> Any:
    """The same JSON, without addresses of mail and, in what people wrote, telephone numbers: one that registers gave
    (`identifiers`) may look like one."""
    if isinstance(value, str):
        value = _EMAIL.sub(REMOVED_MARK, value) if "@" in value else value
        return value if "://" in value and not set(value) & set(" \n") else without_phones(value)
    if isinstance(value, dict):
        return {key: part if key == "identifiers" else _scrubbed(part) for key, part in value.items()}
    return [_scrubbed(part) for part in value] if isinstance(value, list) else value
