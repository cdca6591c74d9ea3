"""Records as the API gives them: cards, adoptions, mirrors, calls, each with its origin; nothing that no page shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request

from catalog.document import as_record, keys
from catalog.model import DataLicense
from catalog.rules.fact import PEER, ChosenFact
from catalog.store.calls.read_models import CallLine
from catalog.store.core.read_models import AdoptionLine, Card, Mirror, OrganizationCard, UseCounts, UseNumbers
from catalog.store.federation.matching.record_origins import OURS, RecordOrigin
from catalog.store.federation.received.records import OtherCatalogue
from forge.export.json_records import utc_text
from forge.web.api.resources.record_types import (
    ADOPTION_MEMBERS,
    ADOPTION_SORTS,
    CallRecord,
    Counts,
    Link,
    MirrorRecord,
    OrganizationLink,
    OrganizationListEntry,
    ProjectCard,
    ProjectListEntry,
    Provenance,
    RecordSource,
    TakenOverField,
    UsesBySayer,
)
from forge.web.api.response import record_in_language, texts_in_language, wants_field
from forge.web.api.types import members_of
from forge.web.core.mirror_copies import state_here
from forge.web.core.render import base_url, manifest_of, now_of

_PROVENANCE_NAMES = tuple(members_of(Provenance))
_CALL_FIELDS = ("text", "group", "today", "words", "who", "effort", "tag", "handed", "looked_for", "country")


def card_records(request: Request, cards_found: Sequence[Card]) -> list[ProjectListEntry]:
    """Describe cards of projects, each with whose record it is."""
    whose = _tellings_of(request, "project", [card.id for card in cards_found])
    return [
        {**_card_record(request, card), **provenance_record(request, whose.get(card.id, OURS))} for card in cards_found
    ]


def organization_card_records(request: Request, cards_found: Sequence[OrganizationCard]) -> list[OrganizationListEntry]:
    whose = _tellings_of(request, "organization", [card.id for card in cards_found])
    return [
        {
            **organization_record(request, card),
            "uses": use_numbers(card.uses),
            "maintains": card.maintains,
            **provenance_record(request, whose.get(card.id, OURS)),
        }
        for card in cards_found
    ]


def adoption_records(request: Request, lines: Sequence[AdoptionLine]) -> list[dict[str, Any]]:
    """Describe adoptions, each with its origin, and others that state the same."""
    homes = request.app.state.store.record_origins
    whose = homes.uses(lines) if wants_field(request, *_PROVENANCE_NAMES) else [OURS] * len(lines)
    return [
        {**_adoption_record(request, line), **provenance_record(request, telling)}
        for line, telling in zip(lines, whose, strict=True)
    ]


def provenance_record(request: Request, telling: RecordOrigin) -> Provenance:
    manifest, home = manifest_of(request), telling.home
    ours = manifest.data_license if manifest else DataLicense()
    return {
        "home": _source_record(request, home) if home else None,
        "told_by": [_source_record(request, catalogue) for catalogue in telling.told_by],
        "data_license": {
            "facts": home.license if home else ours.facts,
            "texts": home.texts_license if home else ours.texts,
        },
    }


def taken_over_fields(chosen: Mapping[str, ChosenFact]) -> list[TakenOverField]:
    """List the fields that a record shows as the word of others."""
    return [
        {"field": name, "origin": choice.fact.origin, "license": choice.fact.source.get("license")}
        for name, choice in chosen.items()
        if choice.fact.origin.startswith(PEER)
    ]


def _tellings_of(request: Request, kind: str, ids: Collection[UUID]) -> Mapping[UUID, RecordOrigin]:
    homes = request.app.state.store.record_origins
    if not wants_field(request, *_PROVENANCE_NAMES):
        return {}
    tellings: Mapping[UUID, RecordOrigin] = homes.projects(ids) if kind == "project" else homes.organizations(ids)
    return tellings


def _source_record(request: Request, catalogue: OtherCatalogue) -> RecordSource:
    is_list = catalogue.peer_id is None
    return {
        "kind": "list" if is_list else "catalog",
        "host": None if is_list else catalogue.host,
        "name": texts_in_language(request, catalogue.names or {"und": catalogue.host}),
        "page": catalogue.address,
        "updated_at": utc_text(catalogue.updated_at),
        "license": catalogue.license,
        "texts_license": catalogue.texts_license,
    }


def _card_record(request: Request, card: Card) -> ProjectCard:
    return {
        "id": str(card.id),
        "slug": card.slug,
        "name": card.name,
        "url": api_address(request, "projects", card.slug),
        "summary": texts_in_language(request, card.summary),
        "domains": list(card.domains),
        "made_for": list(card.made_for),
        "languages": list(card.languages),
        "license": card.license,
        "context_only": card.context_only,
        "runs": {"online": card.runs_online, "hosted": card.runs_hosted, "self_hosted": card.self_hosted},
        "uses": None
        if card.context_only
        else {
            "confirmed": card.confirmed_uses,
            "declared": card.declared_uses,
            "found": card.found_uses,
            "countries": card.countries,
        },
        "free": card.free,
        "alive": card.activity.state(now_of(request)),
        "mirror_state": state_here(request, card.id, card.mirror_state),
        "last_change_at": time_or_none(card.activity.changed_at),
        "added_at": utc_text(card.added_at),
        "changed_at": utc_text(card.changed_at),
    }


def organization_record(request: Request, card: OrganizationCard) -> OrganizationLink:
    named = link_record(request, "organizations", card.slug, card.name)
    return {"id": str(card.id), **named, "kind": card.kind, "country": card.country}


def _adoption_record(request: Request, line: AdoptionLine) -> dict[str, Any]:
    """Describe a public adoption: who says it is in `standing`, `verification`, `origin` and `sources`."""
    stated = as_record(line.adoption)
    own_fields = {name: value for name, value in stated.items() if name in ADOPTION_MEMBERS}
    provider = line.provider
    return {
        "project": link_record(request, "projects", line.project_slug, line.project_name),
        "organization": organization_record(request, line.organization),
        "provider": link_record(request, "organizations", provider.slug, provider.name) if provider else None,
        "standing": ADOPTION_SORTS[line.sort],
        "confirmed_at": time_or_none(line.confirmed_at),
        "origin": line.origin,
        **record_in_language(request, keys.ADOPTION, own_fields),
    }


def use_numbers(uses: UseNumbers) -> UsesBySayer:
    return {"confirmed": uses.confirmed, "declared": uses.declared, "found": uses.found}


def count_record(uses: UseCounts) -> Counts:
    return {
        "confirmed": uses.confirmed,
        "declared": uses.declared,
        "found": uses.found,
        "past": uses.past,
        "countries": uses.countries,
        "unnamed_at_least": uses.unnamed,
    }


def mirror_record(request: Request, slug: str, mirror: Mirror) -> MirrorRecord:
    served = mirror.state == "mirrored" and bool(mirror.may_serve)
    return {
        "state": mirror.state,
        "reason": mirror.reason,
        "repository": mirror.repository,
        "canonical_url": mirror.canonical_url,
        "head": mirror.head,
        "branch": mirror.branch,
        "size_bytes": mirror.size_bytes,
        "free": mirror.free,
        "served": served,
        "clone_url": f"{base_url(request)}/git/{slug}.git" if served else None,
        "first_mirrored_at": time_or_none(mirror.first_mirrored_at),
        "last_visit_at": time_or_none(mirror.last_visit_at),
        "last_success_at": time_or_none(mirror.last_success_at),
        "last_change_at": time_or_none(mirror.last_change_at),
        "last_commit_at": time_or_none(mirror.last_commit_at),
    }


def call_record(request: Request, line: CallLine) -> CallRecord:
    call, owner = line.call, line.organization
    slug, name = line.project_slug, line.project_name
    return {
        "reference": call.reference,
        "url": api_address(request, "calls", call.reference),
        "kind": call.kind,
        "state": call.state,
        "title": call.title,
        "language": call.language,
        "country": call.country,
        "project": link_record(request, "projects", slug, name or slug) if slug else None,
        "organization": link_record(request, "organizations", owner.slug, owner.name) if owner else None,
        "opened_at": utc_text(call.opened_at),
        "ends_at": utc_text(call.ends_at),
        "ended_at": time_or_none(call.ended_at),
        "asked": {name: call.record[name] for name in _CALL_FIELDS if call.record.get(name)},
    }


def link_record(request: Request, kind: str, slug: str, name: str) -> Link:
    return {"slug": slug, "name": name, "url": api_address(request, kind, slug)}


def api_address(request: Request, *parts: str) -> str:
    return f"{base_url(request)}/api/v1/{'/'.join(parts)}"


def time_or_none(at: Any) -> str | None:
    return utc_text(at) if at is not None else None


def noun_record(request: Request, noun: keys.RecordKeys, value: Any, *without: str) -> Mapping[str, Any]:
    """Return a record as the document writes it, without these keys, in the language that was asked for."""
    members = {name: member for name, member in as_record(value).items() if name not in without}
    texts_chosen: Mapping[str, Any] = record_in_language(request, noun, members)
    return texts_chosen
