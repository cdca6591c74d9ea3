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


def _dates(one: Any) -> dict[str, str]:
    return {"createdAt": time_of(one.created_at), "updatedAt": time_of(one.updated_at)}


def software(one: Software, whole: bool = False) -> dict[str, Any]:
    told = {"id": str(one.id)} | ({"catalogId": str(one.catalog_id)} if one.catalog_id else {})
    return told | {
        "url": one.url,
        "aliases": list(one.aliases),
        "publiccodeYml": one.publiccode if whole else one.shown,
        "active": one.active,
        "vitality": one.vitality,
        **_dates(one),
    }


def software_values(values: Mapping[str, Any]) -> SoftwareValues:
    """What is kept of members that were checked."""
    url = normalized_url(values["url"])
    others = {normalized_url(one) for one in values.get("aliases") or ()} - {url}
    file = values["publiccodeYml"]
    kept = values.get("active", True)
    return SoftwareValues(url, tuple(sorted(others)), file, without_persons(file), values.get("vitality"), kept)


def publisher(one: Publisher, whole: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(one.id)} | ({"catalogId": str(one.catalog_id)} if one.catalog_id else {})
    if one.email is not None and whole:
        told["email"] = one.email
    told |= {
        "description": one.description,
        "codeHosting": [{"url": code.url, "group": code.group, **_dates(code)} for code in one.code],
        "active": one.active,
    }
    return told | ({"alternativeId": one.alternative_id} if one.alternative_id else {}) | _dates(one)


def publisher_values(values: Mapping[str, Any]) -> PublisherValues:
    code = {normalized_url(one["url"]): one.get("group", True) for one in values["codeHosting"]}
    said = values.get("email")
    return PublisherValues(
        values["description"],
        said.strip().lower() if said is not None else None,
        values.get("alternativeId"),
        tuple(sorted(code.items())),
        values.get("active", True),
    )


def catalog(one: Catalog | Home) -> dict[str, Any]:
    if isinstance(one, Home):
        names = one.manifest.name
        name = next((names[tag] for tag in ("en", *one.manifest.languages) if tag in names), "Forge")[:SHORT]
        root = {"id": str(one.id), "name": name, "alternativeId": ROOT, "active": True, "sources": []}
        return root | _dates(one)
    optional = {
        "alternativeId": one.alternative_id,
        "publishersNamespace": one.publishers_namespace,
        "scopes": list(one.scopes) or None,
    }
    told = {"id": str(one.id), "name": one.name, "active": one.active, "sources": [dict(each) for each in one.sources]}
    return told | {key: value for key, value in optional.items() if value is not None} | _dates(one)


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
        kept["codeHosting"] = [_undated(one) for one in kept["codeHosting"]]
    return kept


def _undated(one: Any) -> Any:
    return {name: value for name, value in one.items() if name not in DATES} if isinstance(one, dict) else one
