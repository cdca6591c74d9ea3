"""Records as the API gives them, and their schemas: cards, adoptions, mirrors, calls, and whose each is. Only what
pages show is in them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request

from catalog.document import as_record, keys
from catalog.model import DataLicense
from catalog.rules.call import STATES as CALL_STATES
from catalog.rules.call import Wanted
from catalog.rules.fact import PEER, Chosen
from catalog.store.calls.read_models import Line
from catalog.store.core.read_models import AdoptionLine, Card, Mirror, OrganizationCard, UseCounts
from catalog.store.core.visibility import CONFIRMED, DECLARED, FOUND_ONLY, PAST, sort_of
from catalog.store.exports.api_lists import Attempt
from catalog.store.federation.matching.record_origins import OURS, Telling
from catalog.store.federation.received.records import Voice
from forge.export.json_records import a_time
from forge.web.api.response import base, said, spoken, wants
from forge.web.api.schemas import COUNTRY, ID, TEXT, TIME, TRUTH, URI, WHOLE, WORDS, array, nullable, of_noun, record
from forge.web.core.mirror_copies import here, state_here
from forge.web.core.render import manifest_of, now_of
from forge.web.projects.profile import card_vitality

SORTS = {CONFIRMED: "confirmed", DECLARED: "declared", FOUND_ONLY: "found", PAST: "past"}
NAMED = record(slug=TEXT, name=TEXT, url=URI)
ORGANIZATION_NAMED = record(id=ID, slug=TEXT, name=TEXT, url=URI, kind=nullable(TEXT), country=nullable(COUNTRY))
COUNTS = record(
    confirmed=WHOLE, declared=WHOLE, found=WHOLE, past=WHOLE, countries=WHOLE, unnamed_at_least=nullable(WHOLE)
)
FACT = record(
    field=TEXT,
    value={},
    origin=TEXT,
    source={"type": "object"},
    first_seen_at=TIME,
    seen_at=TIME,
    until=TIME,
    shown=TRUTH,
    disputed=TRUTH,
)
VOICE = record(
    kind={"type": "string", "enum": ["catalog", "list"]},
    host=nullable(TEXT),
    name=WORDS,
    page=nullable(URI),
    updated_at=TIME,
    license=TEXT,
    texts_license=nullable(TEXT),
)
WHOSE = {
    "home": nullable(VOICE)
    | {"description": "The catalogue whose record this is, or the imported list; null: this one's."},
    "told_by": array(VOICE) | {"description": "Others that tell of the same, each under its own license."},
    "data_license": record(facts=TEXT, texts=nullable(TEXT))
    | {"description": "SPDX: under which licenses what is told here stands, those of its home."},
}
LENT = array(record(field=TEXT, origin=TEXT, license=nullable(TEXT))) | {
    "description": "The fields whose value here is the word of another catalogue or list, and under which license."
}
CARD = record(
    id=ID,
    slug=TEXT,
    name=TEXT,
    url=URI,
    summary=WORDS,
    domains=array(TEXT),
    made_for=array(TEXT),
    languages=array(TEXT),
    declared_license=nullable(TEXT),
    context_only=TRUTH,
    runs=record(online=TRUTH, hosted=TRUTH, self_hosted=nullable(TEXT)),
    uses=record(confirmed=WHOLE, declared=WHOLE, found=WHOLE, countries=WHOLE),
    alive=nullable(TEXT),
    mirror_state=nullable(TEXT),
    last_commit_at=nullable(TIME),
    added_at=TIME,
    changed_at=TIME,
    **WHOSE,
)
ORGANIZATION_CARD = record(**ORGANIZATION_NAMED["properties"], uses=WHOLE, maintains=WHOLE, **WHOSE)
_ADOPTION_FIELDS = of_noun(keys.ADOPTION, "organization", "provider", "visibility")["properties"]
ADOPTION = record(
    project=NAMED,
    organization=ORGANIZATION_NAMED,
    provider=nullable(NAMED),
    standing={"type": "string", "enum": list(SORTS.values())},
    confirmed_at=nullable(TIME),
    origin=TEXT,
    **_ADOPTION_FIELDS,
    **WHOSE,
)
MIRROR = record(
    project=NAMED,
    state=TEXT,
    reason=nullable(TEXT),
    repository=TEXT,
    canonical_url=nullable(TEXT),
    head=nullable(TEXT),
    branch=nullable(TEXT),
    size_bytes=nullable(WHOLE),
    free=nullable(TRUTH),
    served=TRUTH,
    clone_url=nullable(URI),
    first_mirrored_at=nullable(TIME),
    last_visit_at=nullable(TIME),
    last_success_at=nullable(TIME),
    last_change_at=nullable(TIME),
    last_commit_at=nullable(TIME),
)
VISIT = record(
    started_at=TIME,
    ended_at=nullable(TIME),
    outcome=TEXT,
    reason=nullable(TEXT),
    changes=WHOLE,
    size_bytes=nullable(WHOLE),
)
CALL = record(
    reference=TEXT,
    url=URI,
    kind=TEXT,
    state={"type": "string", "enum": list(CALL_STATES)},
    title=TEXT,
    language=TEXT,
    country=nullable(TEXT),
    project=nullable(NAMED),
    organization=nullable(NAMED),
    opened_at=TIME,
    ends_at=TIME,
    ended_at=nullable(TIME),
    supporters=record(named=WHOLE, unnamed_at_least=WHOLE),
    asked={"type": "object", "additionalProperties": {"type": ["string", "array"], "items": TEXT}},
)
_CALL_FIELDS = ("text", "group", "today", "words", "who", "effort", "tag", "handed", "looked_for", "country")


def cards(request: Request, cards_found: Sequence[Card]) -> list[dict[str, Any]]:
    """Describe cards of projects, each with whose record it is."""
    whose = _tellings_of(request, "project", [card.id for card in cards_found])
    return [_card_record(request, card) | of_whom(request, whose.get(card.id, OURS)) for card in cards_found]


def organization_cards(request: Request, cards_found: Sequence[OrganizationCard]) -> list[dict[str, Any]]:
    whose = _tellings_of(request, "organization", [card.id for card in cards_found])
    return [
        of_organization(request, card)
        | {"uses": card.uses, "maintains": card.maintains}
        | of_whom(request, whose.get(card.id, OURS))
        for card in cards_found
    ]


def uses(request: Request, lines: Sequence[AdoptionLine]) -> list[dict[str, Any]]:
    """Describe adoptions, each with whose statement it is, and who says so too."""
    homes = request.app.state.store.homes
    whose = homes.uses(lines) if wants(request, *WHOSE) else [OURS] * len(lines)
    return [
        _adoption_record(request, line) | of_whom(request, telling) for line, telling in zip(lines, whose, strict=True)
    ]


def of_whom(request: Request, telling: Telling) -> dict[str, Any]:
    manifest, home = manifest_of(request), telling.home
    ours = manifest.data_license if manifest else DataLicense()
    return {
        "home": _voice_record(request, home) if home else None,
        "told_by": [_voice_record(request, voice) for voice in telling.told_by],
        "data_license": {
            "facts": home.license if home else ours.facts,
            "texts": home.texts_license if home else ours.texts,
        },
    }


def lent(chosen: Mapping[str, Chosen]) -> list[dict[str, Any]]:
    """List the fields that a record shows as the word of others."""
    return [
        {"field": name, "origin": choice.fact.origin, "license": choice.fact.source.get("license")}
        for name, choice in chosen.items()
        if choice.fact.origin.startswith(PEER)
    ]


def _tellings_of(request: Request, kind: str, ids: Collection[UUID]) -> Mapping[UUID, Telling]:
    homes = request.app.state.store.homes
    if not wants(request, *WHOSE):
        return {}
    tellings: Mapping[UUID, Telling] = homes.projects(ids) if kind == "project" else homes.organizations(ids)
    return tellings


def _voice_record(request: Request, voice: Voice) -> dict[str, Any]:
    is_list = voice.peer_id is None
    return {
        "kind": "list" if is_list else "catalog",
        "host": None if is_list else voice.host,
        "name": said(request, voice.names or {"und": voice.host}),
        "page": voice.address,
        "updated_at": a_time(voice.updated_at),
        "license": voice.license,
        "texts_license": voice.texts_license,
    }


def _card_record(request: Request, card: Card) -> dict[str, Any]:
    return {
        "id": str(card.id),
        "slug": card.slug,
        "name": card.name,
        "url": address(request, "projects", card.slug),
        "summary": said(request, card.summary),
        "domains": list(card.domains),
        "made_for": list(card.made_for),
        "languages": list(card.languages),
        "declared_license": card.license,
        "context_only": card.context_only,
        "runs": {"online": card.runs_online, "hosted": card.runs_hosted, "self_hosted": card.self_hosted},
        "uses": {
            "confirmed": card.confirmed_uses,
            "declared": card.declared_uses,
            "found": card.found_uses,
            "countries": card.countries,
        },
        "alive": card_vitality(card, now_of(request)),
        "mirror_state": state_here(request, card.id, card.mirror_state),
        "last_commit_at": maybe(card.last_commit_at),
        "added_at": a_time(card.added_at),
        "changed_at": a_time(card.changed_at),
    }


def of_organization(request: Request, card: OrganizationCard) -> dict[str, Any]:
    named = a_named(request, "organizations", card.slug, card.name)
    return {"id": str(card.id), **named, "kind": card.kind, "country": card.country}


def _adoption_record(request: Request, line: AdoptionLine) -> dict[str, Any]:
    """Describe a public adoption: who says it is in `standing`, `verification`, `origin` and `sources`."""
    stated = as_record(line.adoption)
    own_fields = {name: value for name, value in stated.items() if name in _ADOPTION_FIELDS}
    provider = line.provider
    return {
        "project": a_named(request, "projects", line.project_slug, line.project_name),
        "organization": of_organization(request, line.organization),
        "provider": a_named(request, "organizations", provider.slug, provider.name) if provider else None,
        "standing": SORTS[sort_of(line)],
        "confirmed_at": maybe(line.confirmed_at),
        "origin": line.origin,
        **spoken(request, keys.ADOPTION, own_fields),
    }


def counts(uses: UseCounts) -> dict[str, Any]:
    return {
        "confirmed": uses.confirmed,
        "declared": uses.declared,
        "found": uses.found,
        "past": uses.past,
        "countries": uses.countries,
        "unnamed_at_least": uses.unnamed,
    }


def a_mirror(request: Request, slug: str, name: str, mirror: Mirror) -> dict[str, Any]:
    mirror = here(request, mirror)
    served = mirror.state == "mirrored" and bool(mirror.may_serve)
    return {
        "project": a_named(request, "projects", slug, name),
        "state": mirror.state,
        "reason": mirror.reason,
        "repository": mirror.repository,
        "canonical_url": mirror.canonical_url,
        "head": mirror.head,
        "branch": mirror.branch,
        "size_bytes": mirror.size_bytes,
        "free": mirror.free,
        "served": served,
        "clone_url": f"{base(request)}/git/{slug}.git" if served else None,
    } | {
        name: maybe(getattr(mirror, name))
        for name in ("first_mirrored_at", "last_visit_at", "last_success_at", "last_change_at", "last_commit_at")
    }


def a_visit(attempt: Attempt) -> dict[str, Any]:
    return {
        "started_at": a_time(attempt.started_at),
        "ended_at": maybe(attempt.ended_at),
        "outcome": attempt.outcome,
        "reason": attempt.reason,
        "changes": attempt.changes,
        "size_bytes": attempt.size_bytes,
    }


def wanted_calls(asked: Mapping[str, Any]) -> Wanted:
    """Return which calls the parameters of a list ask for, ours or those of other catalogues."""
    kind, language, country, slug = (asked.get(name) for name in ("kind", "language", "country", "project"))
    return Wanted(kind, language, country, slug, asked.get("state") == "ended")


def a_call(request: Request, line: Line) -> dict[str, Any]:
    call, owner = line.call, line.organization
    slug, name = line.project_slug, line.project_name
    return {
        "reference": call.reference,
        "url": address(request, "calls", call.reference),
        "kind": call.kind,
        "state": call.state,
        "title": call.title,
        "language": call.language,
        "country": call.country,
        "project": a_named(request, "projects", slug, name or slug) if slug else None,
        "organization": a_named(request, "organizations", owner.slug, owner.name) if owner else None,
        "opened_at": a_time(call.opened_at),
        "ends_at": a_time(call.ends_at),
        "ended_at": maybe(call.ended_at),
        "supporters": {"named": line.named, "unnamed_at_least": line.unnamed},
        "asked": {name: call.record[name] for name in _CALL_FIELDS if call.record.get(name)},
    }


def a_named(request: Request, kind: str, slug: str, name: str) -> dict[str, Any]:
    return {"slug": slug, "name": name, "url": address(request, kind, slug)}


def address(request: Request, *parts: str) -> str:
    return f"{base(request)}/api/v1/{'/'.join(parts)}"


def maybe(at: Any) -> str | None:
    return a_time(at) if at is not None else None


def stated(request: Request, noun: keys.Noun, value: Any, *without: str) -> Mapping[str, Any]:
    """Return a noun as the document writes it, without these keys, in the language that was asked for."""
    members = {name: member for name, member in as_record(value).items() if name not in without}
    texts_chosen: Mapping[str, Any] = spoken(request, noun, members)
    return texts_chosen
