"""What lists show of a record, as JSON beside its body and back: a list reads twenty of them, and no body."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from catalog.model import HELPER_ROLES, lines_of_features
from catalog.publication.dataclass_json import References, as_json, from_json
from catalog.publication.model import PublicProject, PublicRecord
from catalog.store.core.read_models import NO_USES, Card, Logo, OrganizationCard, QuotedTexts, UseNumbers

MAX_DEVELOPERS = 2
_NOTHING = References()


def card_as_json(record: PublicRecord) -> dict[str, Any]:
    """Empty for a project whose makers asked not to be listed."""
    card: dict[str, Any]
    if isinstance(record, PublicProject) and record.opted_out is not None:
        return {}
    if isinstance(record, PublicProject):
        card = as_json(project_card(record), References())
        return card
    fields = record.card
    card = {
        "id": str(fields.id),
        "slug": fields.slug,
        "name": fields.name,
        "kind": fields.kind,
        "country": fields.country,
    }
    uses = fields.uses
    card |= {"uses": [uses.confirmed, uses.declared, uses.found], "maintains": fields.maintains}
    card |= {name: list(names) for name in ("programs", "contributions") if (names := getattr(fields, name))}
    return card | ({"logo": as_json(fields.logo, References())} if fields.logo else {})


def project_card(record: PublicProject) -> Card:
    """The card of a project: what its record leaves open of languages and groups is filled from facts, as on its
    page. Uses of software that is not free are counted on its own page alone."""
    project, runs, uses = record.record, record.record.runs, record.uses
    counted = not project.context_only
    license, detected = record.license_answer, sorted(set(record.license_detected))
    filled = {name: choice.value for name, choice in record.chosen.items() if name in ("languages", "made_for")}
    return Card(
        id=record.id,
        slug=project.slug,
        name=project.name,
        summary=project.summary,
        domains=project.domains,
        languages=record.languages(),
        several_languages=bool(record.uncounted_languages),
        license=record.license_declared or (detected[0] if len(detected) == 1 else None),
        free=license.free,
        license_unclear=license.unclear,
        license_differs=license.differs,
        context_only=project.context_only,
        runs_online=bool(runs and runs.online),
        runs_hosted=bool(runs and runs.hosted),
        self_hosted=runs.self_hosted if runs else None,
        confirmed_uses=uses.confirmed if counted else 0,
        declared_uses=uses.declared if counted else 0,
        found_uses=uses.found if counted else 0,
        countries=uses.countries if counted else 0,
        mirror_state=record.mirror.state if record.mirror else None,
        activity=record.activity,
        logo=record.logo,
        developers=_developers(record),
        hosts=len(record.hosts),
        status=project.status,
        made_for=project.made_for or tuple(str(term) for term in filled.get("made_for") or ()),
        added_at=record.added_at,
        changed_at=record.changed_at,
        origin=record.origin,
        quoted_texts=QuotedTexts(project.description, lines_of_features(project.features), project.replaces),
    )


def _developers(record: PublicProject) -> tuple[str, ...]:
    lines = (line for line in record.maintenance if line.maintenance.role not in HELPER_ROLES)
    names = (line.organization.name if line.organization else line.maintenance.person for line in lines)
    return tuple(name for name in names if name)[:MAX_DEVELOPERS]


def card_of(card: Mapping[str, Any], *, quoted: bool) -> Card:
    return from_json(Card, card if quoted else {name: card[name] for name in card if name != "quoted_texts"}, _NOTHING)


def organization_card_of(card: Mapping[str, Any]) -> OrganizationCard:
    uses = UseNumbers(*card["uses"]) if any(card["uses"]) else NO_USES
    fields = (card["slug"], card["name"], card["kind"], card["country"])
    logo = from_json(Logo, card["logo"], _NOTHING) if "logo" in card else None
    names = (tuple(card.get("programs", ())), tuple(card.get("contributions", ())))
    return OrganizationCard(UUID(card["id"]), *fields, uses, card["maintains"], logo, *names)
