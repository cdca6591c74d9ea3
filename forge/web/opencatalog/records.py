"""The records of the Open Catalog API as JSON, one function a kind.

What may name a person is for clients with a token alone (`whole`): the e-mail address of a publisher, and a
publiccode.yml as it was posted. Everybody else gets the file without persons.
"""

from datetime import UTC, datetime
from typing import Any

from catalog.rules.open_catalog import ROOT
from catalog.store.opencatalog.bundles import Bundle
from catalog.store.opencatalog.catalogs import Catalog
from catalog.store.opencatalog.events import Event
from catalog.store.opencatalog.logs import Log
from catalog.store.opencatalog.own_entries import OwnCatalog, Publisher, Software
from catalog.store.opencatalog.webhooks import Webhook

MAX_NAME = 255


def time_of(moment: datetime) -> str:
    """A time as it is sent: RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def software(software: Software, whole: bool) -> dict[str, Any]:
    file = software.publiccode if whole else software.shown
    told = {"id": str(software.id), **_without_empty(catalogId=_text(software.catalog_id)), "url": software.url}
    told |= {"aliases": list(software.aliases), "publiccodeYml": file, "active": software.active}
    return told | {"vitality": software.vitality, **_dates(software)}


def publisher(publisher: Publisher, whole: bool) -> dict[str, Any]:
    email = publisher.email if whole else None
    told = {"id": str(publisher.id), **_without_empty(catalogId=_text(publisher.catalog_id), email=email)}
    code = [{"url": code.url, "group": code.group, **_dates(code)} for code in publisher.code]
    told |= {"description": publisher.description, "codeHosting": code, "active": publisher.active}
    return told | _without_empty(alternativeId=publisher.alternative_id) | _dates(publisher)


def catalog(catalog: Catalog | OwnCatalog) -> dict[str, Any]:
    if isinstance(catalog, OwnCatalog):
        names = catalog.manifest.name
        name = next((names[tag] for tag in ("en", *catalog.manifest.languages) if tag in names), "Forge")[:MAX_NAME]
        root = {"id": str(catalog.id), "name": name, "alternativeId": ROOT, "active": True, "sources": []}
        return root | _dates(catalog)
    told = {"id": str(catalog.id), "name": catalog.name, "active": catalog.active}
    told |= {"sources": [dict(source) for source in catalog.sources]}
    return told | {
        **_without_empty(alternativeId=catalog.alternative_id, publishersNamespace=catalog.publishers_namespace),
        **_without_empty(scopes=list(catalog.scopes) or None),
        **_dates(catalog),
    }


def bundle(bundle: Bundle) -> dict[str, Any]:
    told = {"id": str(bundle.id), "name": bundle.name, **_without_empty(description=bundle.description)}
    return told | {"active": bundle.active, "softwareIds": [str(id) for id in bundle.software_ids], **_dates(bundle)}


def log(log: Log) -> dict[str, Any]:
    about = f"/{log.kind}/{log.record_id}" if log.record_id else None
    return {"id": str(log.id), "message": log.message, **_without_empty(entity=about), **_dates(log)}


def webhook(webhook: Webhook) -> dict[str, Any]:
    """A secret is never told."""
    return {"id": str(webhook.id), "url": webhook.url, "format": webhook.format, **_dates(webhook)}


def event(event: Event) -> dict[str, Any]:
    told = {"id": str(event.id), "type": event.type, "entityType": event.kind, "entityId": str(event.record_id)}
    at = time_of(event.created_at)
    return told | {**_without_empty(actor=event.actor or None), "createdAt": at, "updatedAt": at}


def _dates(record: Any) -> dict[str, str]:
    return {"createdAt": time_of(record.created_at), "updatedAt": time_of(record.updated_at)}


def _without_empty(**members: Any) -> dict[str, Any]:
    """Members that are left out where there is nothing to say."""
    return {name: value for name, value in members.items() if value is not None}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
