"""The records of the Open Catalog API as JSON, one function a kind. No person is named in them."""

from datetime import UTC, datetime
from typing import Any

from catalog.rules.open_catalog import ROOT
from catalog.store.opencatalog.own_entries import OwnCatalog, PublisherEntry, SoftwareEntry

MAX_NAME = 255


def time_of(moment: datetime) -> str:
    """A time as it is sent: RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def software(software: SoftwareEntry) -> dict[str, Any]:
    addresses = {"url": software.url, "aliases": list(software.aliases)}
    file = {"publiccodeYml": software.publiccode, "active": True, "vitality": None}
    return {"id": str(software.id), **addresses, **file, **_dates(software)}


def publisher(publisher: PublisherEntry) -> dict[str, Any]:
    code = [{"url": code.url, "group": False, **_dates(code)} for code in publisher.code]
    names = {"description": publisher.description, "alternativeId": publisher.alternative_id}
    return {"id": str(publisher.id), **names, "codeHosting": code, "active": True, **_dates(publisher)}


def catalog(catalog: OwnCatalog) -> dict[str, Any]:
    names = catalog.manifest.name
    name = next((names[tag] for tag in ("en", *catalog.manifest.languages) if tag in names), "Forge")[:MAX_NAME]
    root = {"id": str(catalog.id), "name": name, "alternativeId": ROOT, "active": True, "sources": []}
    return root | _dates(catalog)


def _dates(record: Any) -> dict[str, str]:
    return {"createdAt": time_of(record.created_at), "updatedAt": time_of(record.updated_at)}
