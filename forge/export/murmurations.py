"""Organizations as Murmurations profiles, which maps and directories of the solidarity economy gather.

Nothing is sent to an index: an organization that wants to be in one gives it the address. Schema
organizations_schema-v1.0.0 of https://library.murmurations.network/v2/schemas
"""

import json
from typing import Any

from catalog.store.exports.records import ExportedOrganization
from catalog.text_rules import countries
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.i18n.languages import plain
from forge.observe.publiccode import rules

SCHEMA = "organizations_schema-v1.0.0"
MAX_NAME, MAX_ADDRESS, MAX_TAG = 200, 2_000, 100  # characters of the schema


def murmurations(organization: ExportedOrganization, home: CatalogueSite) -> str:
    """Return the profile as JSON text."""
    record, page = organization.record, home.organization(organization.record.slug)
    kinds = vocabulary("organization-kind")
    labels = kinds.terms[record.kind].label if record.kind and record.kind in kinds.terms else {}
    tags = [labels[tag][:MAX_TAG] for tag in home.languages if tag in labels]
    site = record.homepage if record.homepage and rules.web(record.homepage) is None else None
    profile: dict[str, Any] = {
        "linked_schemas": [SCHEMA],
        "name": plain(record.name)[:MAX_NAME],
        "primary_url": site if site and len(site) <= MAX_ADDRESS else page,
        "tags": list(dict.fromkeys(tags)),
        "urls": [{"name": home.name, "url": page}],
        "country_iso_3166": record.country if record.country in countries() else None,
        "unique_id": str(organization.id),
        "license": home.license.facts,
        "origin": organization.origin,
        "sources": list(record.sources),
    }
    known_values = {key: value for key, value in profile.items() if value}
    return json.dumps(known_values, indent=2, ensure_ascii=False) + "\n"
