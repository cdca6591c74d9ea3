"""Projects, organizations and uses as tables: the columns of each, and rows of texts and numbers, one after another.

Each row names its origin and the licenses of its two layers. How a table is written down is `delimited`'s and `ods`'s
matter. Lists stand in one cell, parted by spaces where they hold terms, else by " | ".
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.rules.fact import Fact
from catalog.store.core.read_models import AdoptionLine
from catalog.store.exports.records import Exported, ExportedOrganization
from catalog.vocabulary import vocabulary
from forge.export.home import Home
from forge.export.software import Software, software
from forge.web.facts.values import clean

Cell = str | int | None
BETWEEN = " | "  # names that may hold spaces


@dataclass(frozen=True)
class Table:
    """`columns` are keys in English, the same in every release; new ones come last. `rows` can be gone through once."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


_PROJECT = (
    *("slug", "id", "name", "page", "summary_{}", "description_{}", "domains", "made_for", "license_declared"),
    *("license_detected", "free", "repository", "homepage", "documentation", "languages", "programming_languages"),
    *("status", "version", "last_change_of_code", "maintained_by", "hosted_by", "confirmed_uses", "countries"),
    *("declared_uses", "found_uses", "added_at", "changed_at", "origins", "sources"),
)
_ORGANIZATION = (
    *("slug", "id", "name", "page", "kind", "kind_label", "country", "region", "homepage", "networks", "identifiers"),
    *("added_at", "changed_at", "origins", "sources"),
)
_ADOPTION = (
    *("project", "project_name", "organization", "organization_name", "country", "stage", "since", "until", "version"),
    *("deployment", "provider", "replaced", "reasons", "people", "effort_days", "cost_band", "again", "purpose_{}"),
    *("lesson_{}", "confirmed_by_organization", "verification", "confirmed_at", "seen_at", "origins", "sources"),
)
_FACT = ("project", "field", "value", "origin", "source", "first_seen_at", "seen_at", "shown")
_LAYERS = ("facts_license", "texts_license", "from")


def projects(found: Iterable[Exported], home: Home) -> Table:
    return Table("projects", _columns(_PROJECT, home), (_project(one, software(one), home) for one in found))


def organizations(found: Iterable[ExportedOrganization], home: Home) -> Table:
    return Table("organizations", _columns(_ORGANIZATION, home), (_organization(one, home) for one in found))


def adoptions(found: Iterable[AdoptionLine], home: Home) -> Table:
    """Public uses alone. Whoever counts them counts those that the organization confirmed."""
    return Table("adoptions", _columns(_ADOPTION, home), (_adoption(one, home) for one in found))


def facts(found: Exported, told: Software, home: Home) -> Table:
    """All that is said of one project, a line for each who says it."""
    shown = {id(one.fact) for one in told.chosen.values()}
    rows = (_fact(told.slug, one, id(one) in shown, home) for one in found.facts)
    return Table("facts", _columns(_FACT, home), rows)


def about(tables: Iterable[Table], home: Home) -> Table:
    """What a person must know who opens the tables: where they come from, under which licenses, what each holds."""
    rows: list[tuple[str, str]] = [
        ("catalog", home.name),
        ("address", f"{home.base}/"),
        ("facts_license", home.license.facts),
        ("texts_license", home.license.texts),
        ("texts", "Columns whose name begins with summary, description, purpose or lesson."),
        ("uses", "Only public ones. Those that an organization confirmed count; others were declared or found."),
        *((f"sheet {one.name}", ", ".join(one.columns)) for one in tables),
    ]
    return Table("about", ("key", "value"), rows)


def _columns(keys: Sequence[str], home: Home) -> tuple[str, ...]:
    """The keys, those of words once for each language of the catalogue."""
    spread = ([key.format(tag) for tag in home.languages] if "{}" in key else [key] for key in keys)
    return (*(key for each in spread for key in each), *_LAYERS)


def _layers(home: Home) -> tuple[str, str, str]:
    return home.license.facts, home.license.texts, f"{home.base}/"


def _project(found: Exported, told: Software, home: Home) -> list[Cell]:
    record, (version, _) = told.record, told.release
    return [
        *(told.slug, str(found.id), record.name, home.project(told.slug)),
        *(record.summary.get(tag) for tag in home.languages),
        *(record.description.get(tag) for tag in home.languages),
        *(" ".join(record.domains), " ".join(record.made_for), told.license_declared, told.license_detected),
        {True: "yes", False: "no", None: "unknown"}[told.free],
        *(told.repository, record.homepage, record.documentation, " ".join(told.languages)),
        *(BETWEEN.join(told.written), told.status, version, _day(found.last_commit_at)),
        BETWEEN.join(dict.fromkeys(one.name for one in told.makers)),
        BETWEEN.join(one.name for one in found.hosts),
        *(found.confirmed_uses, found.countries, found.declared_uses, found.found_uses),
        *(_day(found.added_at), _day(found.changed_at), " ".join(told.origins), BETWEEN.join(record.sources)),
        *_layers(home),
    ]


def _organization(found: ExportedOrganization, home: Home) -> list[Cell]:
    record = found.record
    kinds = vocabulary("organization-kind")
    return [
        *(record.slug, str(found.id), record.name, home.organization(record.slug), record.kind),
        kinds.label(record.kind, home.languages[0]) if record.kind and record.kind in kinds.terms else None,
        *(record.country, record.region, record.homepage, BETWEEN.join(record.networks)),
        BETWEEN.join(f"{scheme}:{number}" for scheme, number in sorted(record.identifiers.items())),
        *(_day(found.added_at), _day(found.changed_at), found.origin, BETWEEN.join(record.sources)),
        *_layers(home),
    ]


def _adoption(line: AdoptionLine, home: Home) -> list[Cell]:
    said = line.adoption
    return [
        *(line.project_slug, line.project_name, line.organization.slug, line.organization.name),
        *(line.organization.country, said.stage, said.since, said.until, said.version, said.deployment),
        *(line.provider.slug if line.provider else None, BETWEEN.join(said.replaced), " ".join(said.reasons)),
        *(said.people, said.effort_days, said.cost_band, said.again),
        *(said.purpose.get(tag) for tag in home.languages),
        *(said.lesson.get(tag) for tag in home.languages),
        *("yes" if line.confirmed else "no", said.verification, _day(line.confirmed_at), said.seen_at),
        *(line.origin, BETWEEN.join(said.sources)),
        *_layers(home),
    ]


def _fact(slug: str, one: Fact, shown: bool, home: Home) -> list[Cell]:
    return [
        *(slug, one.field, _written(clean(one.value)), one.origin, _written(clean(dict(one.source)))),
        *(one.first_seen_at.isoformat(timespec="seconds"), one.seen_at.isoformat(timespec="seconds")),
        *("yes" if shown else "no", *_layers(home)),
    ]


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
