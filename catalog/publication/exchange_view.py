"""Makes the record that other catalogues may read: only what we are home of, without persons or ways to reach one.

Pure. Of several values it takes what was said here, and nothing of people who work for themselves. Every record that
leaves goes through `_record`. What does not fit the bounds of the format is left out of it,
so that nothing leaves that a follower would refuse.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from catalog.exchange.limits import ADOPTIONS, RECORD_BYTES
from catalog.exchange.names import ADOPTION, FOLDER_OF, ORGANIZATION, PROJECT
from catalog.exchange.records import ExchangeAdoption, ExchangeRecord, Reference, fitting, members
from catalog.exchange.scrubbing import scrubbed
from catalog.exchange.writing import as_json, canonical
from catalog.publication.model import PublicOrganization, PublicProject
from catalog.publication.own_project import own_project
from catalog.rules.caution import cautions_of
from catalog.rules.fact import CURATED, DECLARED, DETECTED_LICENSE, LICENSE, OBSERVED
from catalog.rules.person import SELF_EMPLOYED
from catalog.rules.submission import adoption_id
from catalog.rules.today import license_answer
from catalog.store.core.read_models import AdoptionLine, OrganizationCard
from catalog.validation import InvalidData, read

OWN_WORD = (CURATED, DECLARED)  # origins that are ours
# Of what a mirror shows, beside license and last change.
READ_FIELDS = ("description", "languages", "platforms", "programming_languages", "homepage", "documentation", "logo")
MACHINE = "machine"  # a translation that no person read is not sent


@dataclass(frozen=True)
class EarlierWithdrawal:
    """An earlier withdrawal of the record, with its number. `withheld`: nobody here decided to publish it again."""

    n: int
    withheld: bool


@dataclass(frozen=True)
class ProjectLines:
    """Values of a project that its public record does not hold: all its public adoptions, the surest first; ids of the
    projects that it names, by slug."""

    adoptions: Sequence[AdoptionLine] = ()
    projects: Mapping[str, UUID] = field(default_factory=dict)


def exchange_record(public: Any, curated: bool, lines: ProjectLines | None) -> ExchangeRecord | None:
    """The record as it is sent; None for one that is not. `curated`: editors wrote it; `lines` of a project."""
    return _organization(public, curated) if lines is None else _project(public, lines, curated)


def _organization(public: PublicOrganization, curated: bool) -> ExchangeRecord | None:
    if public.origin.home is not None or public.record.kind == SELF_EMPLOYED:
        return None
    return _record(ORGANIZATION, public, as_json(public.record), curated)


def line_of(record: ExchangeRecord) -> tuple[ExchangeRecord, bytes] | None:
    """A record with as many of its adoptions as the format lets be, of which the surest come first, and its line; None
    for one that is too large without any."""
    line = canonical(as_json(record))
    while len(line) > RECORD_BYTES:
        if not record.adoptions:
            return None
        record = replace(record, adoptions=record.adoptions[: len(record.adoptions) * 3 // 4])
        line = canonical(as_json(record))
    return record, line


def after_withdrawals(
    record: ExchangeRecord, before: Mapping[tuple[str, UUID], EarlierWithdrawal]
) -> ExchangeRecord | None:
    """The record as it is published after it, or something in it, was withdrawn: with the number of that withdrawal,
    without what is withheld; None where that is the record itself."""
    line: ExchangeRecord | None = _after(record.record_kind, record, before)
    if line is None:
        return None
    uses = (_after(ADOPTION, use, before) for use in line.adoptions)
    return replace(line, adoptions=tuple(use for use in uses if use is not None))


def _after(kind: str, line: Any, before: Mapping[tuple[str, UUID], EarlierWithdrawal]) -> Any:
    earlier = before.get((kind, line.id))
    if earlier is None:
        return line
    return None if earlier.withheld else replace(line, returns=earlier.n)


def _project(public: PublicProject, lines: ProjectLines, curated: bool) -> ExchangeRecord | None:
    """The project as it is sent; None for one that is not ours (`own_project`)."""
    own = own_project(public)
    if own is None:
        return None
    record = own.record
    body = as_json(record)
    body["relations"] = [
        {"type": line.type, "project": _reference(lines.projects[line.slug], line.slug, line.name)}
        for line in own.relations
        if line.slug in lines.projects
    ]
    if record.runs is not None:
        body["runs"]["hosted"] = [_organization_reference(card) for card in own.hosts]
    body["maintenance"] = [
        as_json(line.maintenance)
        | {"organization": _organization_reference(line.organization), "sources": list(line.maintenance.sources)}
        for line in own.maintenance
        if line.organization is not None
    ]
    body |= _read_in_code(public, own, body)
    translated = [as_json(line) for line in record.translated]
    body["translated"] = [line for line in translated if line.get("method") != MACHINE]
    for line in translated:
        if line.get("method") == MACHINE:
            _forget(body, line["field"], line["language"])
    body["evidence"] = {name: statement for name, statement in body.get("evidence", {}).items() if body.get(name)}
    made = _record(PROJECT, public, body, curated)
    return made and replace(made, adoptions=_adoptions(public, lines.adoptions))


def _read_in_code(public: PublicProject, own: PublicProject, body: Mapping[str, Any]) -> dict[str, Any]:
    """What our mirror shows and nobody here states, as members of the body, with the commit and its day as their
    evidence: a follower without a mirror has it by that. Of the license the files decide; one that they
    contradict is not sent."""
    mirror = public.mirror
    if mirror is None or not mirror.read_commit:
        return {}
    source, observation = _commit(mirror.repository, mirror.read_commit), mirror.observation or {}
    read_at = {"source": source, "seen_at": str(observation.get("committed_at"))[:10]}
    values: dict[str, Any] = {}
    evidence = dict(body.get("evidence", {}))
    facts = {key: choice.fact for key, choice in public.chosen.items() if choice.fact.origin == OBSERVED}
    for name in READ_FIELDS:
        if name in facts and not body.get(name):
            values[name] = facts[name].value
            evidence[name] = read_at
    values["cautions"] = [as_json(caution) for caution in cautions_of(own.record, own.chosen.get("cautions"))]
    detected = public.license_detected
    if license_answer(public.record.license, detected, public.record.context_only).unclear:
        values[LICENSE] = None
    elif len(detected) == 1 and DETECTED_LICENSE in facts:
        values[LICENSE] = detected[0]
        evidence[LICENSE] = read_at
    if mirror.last_commit_at and public.looked_at:
        release = observation.get("release") or {}
        values["last_change"] = {
            "seen_at": max(public.looked_at, mirror.last_commit_at).date().isoformat(),
            "source": source,
            "date": mirror.last_commit_at.date().isoformat(),
            "release": release.get("value"),
            "released": (release.get("date") or "")[:10] or None,
        }
    return values | {"evidence": evidence}


def _commit(repository: str, commit: str) -> str:
    """A commit as a source names it: owner/repository@commit; the address of a repository that is called otherwise."""
    path = urlsplit(repository).path.strip("/").removesuffix(".git")
    return f"{path}@{commit}" if path.count("/") == 1 else repository


def _record(
    kind: str, public: PublicProject | PublicOrganization, body: Mapping[str, Any], curated: bool
) -> ExchangeRecord | None:
    """The record, without what does not fit the format; None where its name does not."""
    head = scrubbed({"name": public.name}) | {"id": str(public.id), "slug": public.slug, "record_kind": kind}
    head |= {"page": f"/{FOLDER_OF[kind]}/{public.slug}", "updated_at": as_json(public.changed_at)}
    try:
        record: ExchangeRecord = read(ExchangeRecord, head | {"origin": CURATED if curated else DECLARED})
    except InvalidData:
        return None
    return replace(record, body=_fitting_members(kind, body))


def _adoptions(public: PublicProject, lines: Iterable[AdoptionLine]) -> tuple[ExchangeAdoption, ...]:
    """For each organization the best verified adoption."""
    adoptions: dict[UUID, ExchangeAdoption] = {}
    for line in lines:
        key = line.organization.id
        if line.origin not in OWN_WORD or not _is_exchangeable(line.organization) or key in adoptions:
            continue
        body = as_json(line.adoption) | {"verification": line.adoption.verification}
        body.pop("visibility", None)
        body.pop("provider", None)
        if line.provider is not None and _is_exchangeable(line.provider):
            body["provider"] = _organization_reference(line.provider)
        members = _fitting_members(ADOPTION, body)
        user = Reference(key, line.organization.slug, scrubbed(line.organization.name))
        adoptions[key] = ExchangeAdoption(adoption_id(public.id, key), user, line.origin, body=members)  # type: ignore[arg-type]
        if len(adoptions) == ADOPTIONS:
            break
    return tuple(adoptions.values())


def _is_exchangeable(card: OrganizationCard) -> bool:
    return card.kind != SELF_EMPLOYED


def _organization_reference(card: OrganizationCard) -> dict[str, Any]:
    return _reference(card.id, card.slug, card.name)


def _reference(key: UUID, slug: str, name: str) -> dict[str, Any]:
    return {"id": str(key), "slug": slug, "name": name}


def _forget(body: dict[str, Any], name: str, language: str) -> None:
    lines = body.get(name)
    if isinstance(lines, dict):
        body[name] = {tag: text for tag, text in lines.items() if tag != language}
    elif isinstance(lines, list):
        others = [
            {**line, "text": {tag: text for tag, text in line["text"].items() if tag != language}} for line in lines
        ]
        body[name] = [line for line in others if line["text"]]


def _fitting_members(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body is stated and fits the format."""
    fields: dict[str, Any] = {}
    for name, value in _without_nothing({name: body[name] for name in members(kind) if name in body}).items():
        with suppress(ValueError):  # it stays here
            fields |= fitting(scrubbed({name: value}))
    return fields


def _without_nothing(value: Any) -> Any:
    """Without members that are null or empty, as what nobody stated."""
    if isinstance(value, dict):
        return {name: _without_nothing(part) for name, part in value.items() if part not in (None, [], {})}
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value
