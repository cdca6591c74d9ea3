"""Makes the record that other catalogues may read: only what we are home of, without persons or ways to reach one.

Pure. Of several values it takes what was said here, and nothing of people who work for themselves. Every record that
leaves goes through `exchange_record`. What does not fit the bounds of the format is left out of it,
so that nothing leaves that a follower would refuse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.exchange.limits import ADOPTIONS, RECORD_BYTES
from catalog.exchange.names import ADOPTION, ORGANIZATION, PROJECT
from catalog.exchange.records import ExchangeRecord, OrganizationRecord, ProjectRecord
from catalog.exchange.scrubbing import scrubbed
from catalog.exchange.writing import as_json, canonical
from catalog.model import Project
from catalog.publication.model import PublicOrganization, PublicProject
from catalog.rules.fact import CURATED, DECLARED, NAMING_FIELDS
from catalog.rules.person import SELF_EMPLOYED
from catalog.rules.submission import adoption_id
from catalog.store.core.read_models import AdoptionLine, OrganizationCard
from catalog.validation import MISSING, InvalidData, read

OWN_WORD = (CURATED, DECLARED)  # origins that are ours
MACHINE = "machine"  # a translation that no person read is not sent
_LINES = ("relations", "maintenance", "adoptions", "translated", "runs", "id")  # of a project: made of lines below
_PASSES = 20  # a record of which so many fields do not fit is left out
_SLACK = 1_024  # bytes: what comes to a record after it was measured


@dataclass(frozen=True)
class EarlierWithdrawal:
    """An earlier withdrawal of the record, with its number. `withheld`: nobody here decided to publish it again."""

    n: int
    withheld: bool


@dataclass(frozen=True)
class ProjectLines:
    """Values of a project that its public record does not hold: whether editors wrote it, which fields were declared
    here, and which others state; all its public adoptions, the surest first; ids of the projects that it names, by
    slug."""

    curated: bool
    declared: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()
    adoptions: Sequence[AdoptionLine] = ()
    projects: Mapping[str, UUID] = field(default_factory=dict)


def exchange_record(
    public: PublicProject | PublicOrganization, lines: ProjectLines | None = None, curated: bool = True
) -> ExchangeRecord | None:
    """The record as it is sent; None for one that is not. `lines` of a project, `curated` of an organization."""
    if public.origin.home is not None:
        return None
    if isinstance(public, PublicOrganization):
        if public.record.kind == SELF_EMPLOYED:
            return None
        body = {**as_json(public.record), **_head(public, "organizations", curated)}
        organization: OrganizationRecord | None = _fitting(OrganizationRecord, body)
        return organization
    if public.opted_out is not None or lines is None:
        return None
    return _project(public, lines)


def after_withdrawals(
    record: ExchangeRecord, before: Mapping[tuple[str, UUID], EarlierWithdrawal]
) -> ExchangeRecord | None:
    """The record as it is published after it, or something in it, was withdrawn: with the number of that withdrawal,
    without what is withheld; None where that is the record itself."""
    made = _after(kind_of(record), record, before)
    if made is None or not isinstance(made, ProjectRecord):
        return made
    uses = (_after(ADOPTION, use, before) for use in made.adoptions)
    return replace(made, adoptions=tuple(use for use in uses if use is not None))


def kind_of(record: ExchangeRecord) -> str:
    return PROJECT if isinstance(record, ProjectRecord) else ORGANIZATION


def _after(kind: str, line: Any, before: Mapping[tuple[str, UUID], EarlierWithdrawal]) -> Any:
    known = before.get((kind, line.id))
    if known is None:
        return line
    return None if known.withheld else replace(line, returns=known.n)


def _project(public: PublicProject, lines: ProjectLines) -> ExchangeRecord | None:
    """The project as it is sent; where no document has it, only what was declared here: what others state of it, and an
    imported list, stands in its record too, under licenses of their own. One whose very name or sentence is theirs is
    not ours."""
    if not lines.curated and lines.lent & NAMING_FIELDS - lines.declared:
        return None
    ours = None if lines.curated else NAMING_FIELDS | lines.declared | {"slug", "former"}
    stated = {
        name: as_json(getattr(public.record, name))
        for name in _PROJECT_FIELDS
        if name not in _LINES and (ours is None or name in ours)
    }
    body: dict[str, Any] = {**stated, **_head(public, "projects", lines.curated)}
    if ours is None or "relations" in ours:
        body["relations"] = [
            {"type": line.type, "project": _reference(lines.projects[line.slug], line.slug, line.name)}
            for line in public.relations
            if not line.inverse and line.slug in lines.projects
        ]
    if public.record.runs is not None and (ours is None or "runs" in ours):
        runs = as_json(public.record.runs)
        body["runs"] = {**runs, "hosted": [_organization_reference(card) for card in _exchangeable(public.hosts)]}
    body["maintenance"] = [
        {
            "role": line.maintenance.role,
            "organization": _organization_reference(line.organization),
            "sources": list(line.maintenance.sources),
        }
        for line in public.maintenance
        if line.organization is not None and _is_exchangeable(line.organization) and line.origin in OWN_WORD
    ]
    body["adoptions"] = _adoptions(public.id, lines.adoptions)
    translated = [as_json(line) for line in public.record.translated]
    body["translated"] = [line for line in translated if line.get("method") != MACHINE]
    for line in translated:
        if line.get("method") == MACHINE:
            _forget(body, line["field"], line["language"])
    body["evidence"] = {name: said for name, said in body.get("evidence", {}).items() if body.get(name)}
    found: ProjectRecord | None = _within(_fitting(ProjectRecord, body))
    return found


def _head(public: PublicProject | PublicOrganization, folder: str, curated: bool) -> dict[str, Any]:
    return {
        "id": str(public.id),
        "page": f"/{folder}/{public.slug}",
        "origin": CURATED if curated else DECLARED,
        "updated_at": as_json(public.changed_at),
    }


def _adoptions(project: UUID, lines: Iterable[AdoptionLine]) -> list[dict[str, Any]]:
    """For each organization the best verified adoption."""
    found: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        if line.origin not in OWN_WORD or not _is_exchangeable(line.organization) or line.organization.id in found:
            continue
        told = as_json(line.adoption)
        for name in ("organization", "visibility", "provider"):
            told.pop(name, None)
        told |= {
            "id": str(adoption_id(project, line.organization.id)),
            "organization": _organization_reference(line.organization),
            "origin": line.origin,
            "verification": line.adoption.verification,
            "confirmed_at": _day(line.confirmed_at),
        }
        if line.provider is not None and _is_exchangeable(line.provider):
            told["provider"] = _organization_reference(line.provider)
        found[line.organization.id] = told
        if len(found) == ADOPTIONS:
            break
    return list(found.values())


def _is_exchangeable(card: OrganizationCard) -> bool:
    return card.kind != SELF_EMPLOYED


def _exchangeable(cards: Iterable[OrganizationCard]) -> list[OrganizationCard]:
    return [card for card in cards if _is_exchangeable(card)]


def _organization_reference(card: OrganizationCard) -> dict[str, Any]:
    return _reference(card.id, card.slug, card.name)


def _reference(key: UUID, slug: str, name: str) -> dict[str, Any]:
    return {"id": str(key), "slug": slug, "name": name}


def _day(time: datetime | None) -> str | None:
    return time.date().isoformat() if time else None


def _forget(body: dict[str, Any], name: str, language: str) -> None:
    said = body.get(name)
    if isinstance(said, dict):
        body[name] = {tag: text for tag, text in said.items() if tag != language}
    elif isinstance(said, list):
        kept = [{**line, "text": {tag: text for tag, text in line["text"].items() if tag != language}} for line in said]
        body[name] = [line for line in kept if line["text"]]


def _fitting(described: Any, body: dict[str, Any]) -> Any:
    """The record, without what does not fit the format: a line of a list, else a whole field. None where what it needs
    does not fit."""
    given = _without_nothing(scrubbed(body))
    for _ in range(_PASSES):
        try:
            return read(described, given)
        except InvalidData as wrong:
            if any(fault.sort == MISSING and len(fault.path) == 1 for fault in wrong.faults):
                return None
            lines = {fault.path[:2] for fault in wrong.faults if isinstance(given.get(fault.path[0]), list)}
            whole = {fault.path[0] for fault in wrong.faults} - {path[0] for path in lines if len(path) == 2}
            given = {
                name: [part for place, part in enumerate(value) if (name, place) not in lines]
                if isinstance(value, list)
                else value
                for name, value in given.items()
                if name not in whole
            }
    return None


def _within(record: Any) -> Any:
    """A record with as many of its adoptions as the format lets be; the surest come first."""
    while record is not None and len(canonical(as_json(record))) > RECORD_BYTES - _SLACK:
        if not record.adoptions:
            return None
        kept = record.adoptions[: len(record.adoptions) * 3 // 4]
        record = ProjectRecord(**{**vars(record), "adoptions": kept})
    return record


def _without_nothing(value: Any) -> Any:
    """Without members that are null or empty, as what nobody stated."""
    if isinstance(value, dict):
        return {name: _without_nothing(part) for name, part in value.items() if part not in (None, [], {})}
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value


_PROJECT_FIELDS = tuple(part.name for part in fields(Project))
