"""Projects, organizations and adoptions as tables: the columns of each, and rows of texts and numbers, one after
another.

Each row names its origin and the licenses of its two layers. `delimited` writes tables. Lists are in one
cell, separated by spaces where they hold terms, else by " | ".
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.publication.model import PublicOrganization, PublicProject
from catalog.rules.country_rule import supported_rules
from catalog.rules.fact import CURATED, DECLARED, PEER, Fact, choose_facts
from catalog.store.core.read_models import AdoptionLine
from catalog.submissions.base.fields import TERMS, TEXT, FormField
from catalog.submissions.kinds.adoption_fields import PUBLISHED
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.export.software import Software, software
from forge.web.facts.values import cleaned

Cell = str | int | None
SEPARATOR = " | "  # names that may hold spaces


@dataclass(frozen=True)
class Table:
    """`columns` are keys in English, the same in every release; new ones come last. `rows` can be iterated once."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


_PROJECT_KEYS = (
    *("slug", "id", "name", "page", "summary_{}", "description_{}", "domains", "made_for", "license_declared"),
    *("license_detected", "free", "repository", "homepage", "documentation", "languages", "programming_languages"),
    *("status", "version", "last_change_of_code", "maintained_by", "hosted_by", "confirmed_uses", "countries"),
    *("declared_uses", "found_uses", "added_at", "changed_at", "origins", "sources", "rules"),
    *("platforms", "cautions"),
)
_ORGANIZATION_KEYS = (
    *("slug", "id", "name", "page", "kind", "kind_label", "country", "region", "homepage", "networks", "identifiers"),
    *("added_at", "changed_at", "origins", "sources"),
)
_CELLS_OF_ADOPTIONS = tuple(field for field in PUBLISHED if field.kind != TEXT)
_TEXTS_OF_ADOPTIONS = tuple(field for field in PUBLISHED if field.kind == TEXT)  # one column a language
_ADOPTION_KEYS = (
    *("project", "project_name", "organization", "organization_name", "country"),
    *(field.name for field in _CELLS_OF_ADOPTIONS),
    *(f"{field.name}_{{}}" for field in _TEXTS_OF_ADOPTIONS),
    *("confirmed_by_organization", "verification", "confirmed_at", "seen_at", "origins", "sources"),
)
_FACT_KEYS = ("project", "field", "value", "origin", "source", "first_seen_at", "seen_at", "shown")
_LICENSE_KEYS = ("facts_license", "texts_license", "from")


def projects(records: Iterable[PublicProject], home: CatalogueSite) -> Table:
    return Table(
        "projects",
        _columns(_PROJECT_KEYS, home),
        (_project_row(software(public), home) for public in records),
    )


def organizations(records: Iterable[PublicOrganization], home: CatalogueSite) -> Table:
    return Table(
        "organizations", _columns(_ORGANIZATION_KEYS, home), (_organization_row(exported, home) for exported in records)
    )


def adoptions(records: Iterable[AdoptionLine], home: CatalogueSite) -> Table:
    """Make the table of public adoptions alone. Totals count only those that the organization confirmed."""
    return Table("adoptions", _columns(_ADOPTION_KEYS, home), (_adoption_row(line, home) for line in records))


def facts(slug: str, own_facts: Iterable[Fact], home: CatalogueSite) -> Table:
    """Make the table of all that is stated of one project, a line for each origin, without other catalogues' word."""
    own = [fact for fact in own_facts if not fact.origin.startswith(PEER)]
    ids = {id(choice.fact) for choice in choose_facts(own).values()}
    rows = (_fact_row(slug, fact, id(fact) in ids, home) for fact in own)
    return Table("facts", _columns(_FACT_KEYS, home), rows)


def _columns(keys: Sequence[str], home: CatalogueSite) -> tuple[str, ...]:
    """Return the keys, those of texts once for each language of the catalogue."""
    spread = ([key.format(tag) for tag in home.languages] if "{}" in key else [key] for key in keys)
    return (*(key for column_keys in spread for key in column_keys), *_LICENSE_KEYS)


def _license_cells(home: CatalogueSite) -> tuple[str, str, str]:
    return home.license.facts, home.license.texts, f"{home.base}/"


def _project_row(project: Software, home: CatalogueSite) -> list[Cell]:
    record, public, (version, _) = project.record, project.public, project.release
    uses = (public.uses.confirmed, public.uses.countries, public.uses.declared, public.uses.found)
    return [
        *(project.slug, str(public.id), record.name, home.project(project.slug)),
        *(record.summary.get(tag) for tag in home.languages),
        *(record.description.get(tag) for tag in home.languages),
        *(" ".join(record.domains), " ".join(record.made_for), project.license_declared, project.license_detected),
        {True: "yes", False: "no", None: "unknown"}[public.license_answer.free],
        *(project.repository, record.homepage, record.documentation, " ".join(project.languages)),
        *(SEPARATOR.join(project.written), project.status, version, _day(public.activity.changed_at)),
        SEPARATOR.join(dict.fromkeys(maker.name for maker in project.makers)),
        SEPARATOR.join(host.name for host in public.hosts),
        *((None,) * len(uses) if record.context_only else uses),
        *(
            _day(public.added_at),
            _day(public.changed_at),
            " ".join(project.origins),
            SEPARATOR.join(record.sources),
            " ".join(supported_rules(record.rules)),
            " ".join(record.platforms),
            " ".join(dict.fromkeys(line.kind for line in record.cautions)),
        ),
        *_license_cells(home),
    ]


def _organization_row(exported: PublicOrganization, home: CatalogueSite) -> list[Cell]:
    record = exported.record
    kinds = vocabulary("organization-kind")
    return [
        *(record.slug, str(exported.id), record.name, home.organization(record.slug), record.kind),
        kinds.label(record.kind, home.languages[0]) if record.kind and record.kind in kinds.terms else None,
        *(record.country, record.region, record.homepage, SEPARATOR.join(record.networks)),
        SEPARATOR.join(f"{scheme}:{number}" for scheme, number in sorted(record.identifiers.items())),
        *(
            _day(exported.added_at),
            _day(exported.changed_at),
            CURATED if exported.curated else DECLARED,
            SEPARATOR.join(record.sources),
        ),
        *_license_cells(home),
    ]


def _adoption_row(line: AdoptionLine, home: CatalogueSite) -> list[Cell]:
    adoption = line.adoption
    return [
        *(line.project_slug, line.project_name, line.organization.slug, line.organization.name),
        line.organization.country,
        *(_adoption_cell(line, field) for field in _CELLS_OF_ADOPTIONS),
        *(getattr(adoption, field.name).get(tag) for field in _TEXTS_OF_ADOPTIONS for tag in home.languages),
        *("yes" if line.confirmed else "no", adoption.verification, _day(line.confirmed_at), adoption.seen_at),
        *(line.origin, SEPARATOR.join(adoption.sources)),
        *_license_cells(home),
    ]


def _adoption_cell(line: AdoptionLine, field: FormField) -> Cell:
    if field.name == "provider":
        return line.provider.slug if line.provider else None
    value = getattr(line.adoption, field.name)
    if isinstance(value, tuple):
        return (" " if field.kind == TERMS else SEPARATOR).join(value)
    return None if value is None else str(value)


def _fact_row(slug: str, fact: Fact, is_shown: bool, home: CatalogueSite) -> list[Cell]:
    return [
        *(slug, fact.field, _as_text(cleaned(fact.value)), fact.origin, _as_text(cleaned(dict(fact.source)))),
        *(fact.first_seen_at.isoformat(timespec="seconds"), fact.seen_at.isoformat(timespec="seconds")),
        *("yes" if is_shown else "no", *_license_cells(home)),
    ]


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
