"""The JSON of the Open Catalog API's resources, and which members may be posted. It reads no request and no row.

What may name a person is for the bearers of tokens alone: the e-mail address of a publisher, and a publiccode.yml as it
was posted. Everybody else gets the file without persons.
"""

from collections.abc import Mapping
from typing import Any

from catalog.rules.open_catalog import MAX_URL, ROOT, normalized_url
from catalog.store.opencatalog.catalogs import Catalog, CatalogValues
from catalog.store.opencatalog.own_entries import Home, Publisher, Software
from catalog.store.opencatalog.publishers import PublisherValues
from catalog.store.opencatalog.software import SoftwareValues
from forge.observe.publiccode.shareable import without_persons
from forge.web.opencatalog.lists import time_of
from forge.web.opencatalog.patches import DATES, IMMUTABLE
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.validation import (
    FLAG,
    code_address,
    email,
    holding,
    listed,
    text,
    web_address,
)

LONG, MANY, SHORT = 99_999, 255, 255
SOFTWARE = {
    "url": text(MAX_URL, required=True, rule=web_address),
    "aliases": listed(text(MAX_URL, rule=web_address), MANY),
    "publiccodeYml": text(LONG, required=True),
    "active": FLAG,
    "vitality": text(LONG, least=1),
}
PUBLISHER = {
    "codeHosting": listed(
        holding(url=text(MAX_URL, required=True, rule=code_address), group=FLAG), MANY, least=1, required=True
    ),
    "description": text(SHORT, required=True),
    "email": text(SHORT, rule=email),
    "active": FLAG,
    "alternativeId": text(SHORT, least=1),
}
CATALOG = {
    "name": text(SHORT, required=True),
    "alternativeId": text(SHORT, least=1),
    "active": FLAG,
    "publishersNamespace": text(SHORT),
    "scopes": listed(text(64, least=1), 20),
    "sources": listed(
        holding(
            url=text(2048, required=True, rule=web_address),
            driver=text(64, least=1),
            args=listed(text(2048, least=1), 20, least=1),
        ),
        100,
    ),
}
BUNDLE = {
    "name": text(SHORT, required=True),
    "description": text(2048),
    "active": FLAG,
    "softwareIds": listed(text(36), MANY, least=1, required=True),
}
LOG = {"message": text(2048, least=2, required=True)}
WEBHOOK = {"url": text(MAX_URL, required=True, rule=web_address), "secret": text(256, least=16), "format": text(24)}


def _dates(row: Any) -> dict[str, str]:
    return {"createdAt": time_of(row.created_at), "updatedAt": time_of(row.updated_at)}


def software(software: Software, whole: bool = False) -> dict[str, Any]:
    told = {"id": str(software.id)} | ({"catalogId": str(software.catalog_id)} if software.catalog_id else {})
    return told | {
        "url": software.url,
        "aliases": list(software.aliases),
        "publiccodeYml": software.publiccode if whole else software.shown,
        "active": software.active,
        "vitality": software.vitality,
        **_dates(software),
    }


def software_values(values: Mapping[str, Any]) -> SoftwareValues:
    """What is kept of members that were checked."""
    url = normalized_url(values["url"])
    others = {normalized_url(alias) for alias in values.get("aliases") or ()} - {url}
    file = values["publiccodeYml"]
    kept = values.get("active", True)
    return SoftwareValues(url, tuple(sorted(others)), file, without_persons(file), values.get("vitality"), kept)


def publisher(publisher: Publisher, whole: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(publisher.id)} | (
        {"catalogId": str(publisher.catalog_id)} if publisher.catalog_id else {}
    )
    if publisher.email is not None and whole:
        told["email"] = publisher.email
    told |= {
        "description": publisher.description,
        "codeHosting": [{"url": code.url, "group": code.group, **_dates(code)} for code in publisher.code],
        "active": publisher.active,
    }
    return told | ({"alternativeId": publisher.alternative_id} if publisher.alternative_id else {}) | _dates(publisher)


def publisher_values(values: Mapping[str, Any]) -> PublisherValues:
    code = {
        normalized_url(code_hosting["url"]): code_hosting.get("group", True) for code_hosting in values["codeHosting"]
    }
    said = values.get("email")
    return PublisherValues(
        values["description"],
        said.strip().lower() if said is not None else None,
        values.get("alternativeId"),
        tuple(sorted(code.items())),
        values.get("active", True),
    )


def catalog(catalog: Catalog | Home) -> dict[str, Any]:
    if isinstance(catalog, Home):
        names = catalog.manifest.name
        name = next((names[tag] for tag in ("en", *catalog.manifest.languages) if tag in names), "Forge")[:SHORT]
        root = {"id": str(catalog.id), "name": name, "alternativeId": ROOT, "active": True, "sources": []}
        return root | _dates(catalog)
    optional = {
        "alternativeId": catalog.alternative_id,
        "publishersNamespace": catalog.publishers_namespace,
        "scopes": list(catalog.scopes) or None,
    }
    told = {
        "id": str(catalog.id),
        "name": catalog.name,
        "active": catalog.active,
        "sources": [dict(source) for source in catalog.sources],
    }
    return told | {key: value for key, value in optional.items() if value is not None} | _dates(catalog)


def catalog_values(values: Mapping[str, Any]) -> CatalogValues:
    """Raises Refused, 422, for a catalog without sources, and for a root with some."""
    sources, other = values.get("sources") or [], values.get("alternativeId")
    if other == ROOT and sources:
        raise Refused(422, "sources are not allowed on the root catalog")
    if other != ROOT and not sources:
        raise Refused(422, "sources is required")
    return CatalogValues(
        values["name"],
        other,
        values.get("publishersNamespace"),
        tuple(values.get("scopes") or ()),
        tuple(sources),
        values.get("active", True),
    )


def changeable(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape without what nobody changes: what may be posted as it is."""
    kept = {name: value for name, value in shape.items() if name not in IMMUTABLE}
    if isinstance(kept.get("codeHosting"), list):
        kept["codeHosting"] = [_undated(code_hosting) for code_hosting in kept["codeHosting"]]
    return kept


def _undated(hosting: Any) -> Any:
    return (
        {name: value for name, value in hosting.items() if name not in DATES} if isinstance(hosting, dict) else hosting
    )
