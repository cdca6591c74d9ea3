"""The resources of the Open Catalog API, each with what is special to it: what is kept of what was posted, how its
lists can be filtered, what a patch may not change.
"""

import hashlib
from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import CATALOGS, PUBLISHERS, ROOT, SOFTWARE, normalized_url
from catalog.store.opencatalog.bundles import Bundle
from catalog.store.opencatalog.logs import Log, LogValues
from catalog.store.opencatalog.records import PostedRecords
from catalog.store.opencatalog.webhooks import Webhook, WebhookValues
from forge.security.sealed_secrets import seal
from forge.web.opencatalog import read_only_entries, records
from forge.web.opencatalog.bodies import (
    BundleBody,
    BundleText,
    CatalogBody,
    LogBody,
    PublisherBody,
    SoftwareBody,
    WebhookBody,
    checked,
)
from forge.web.opencatalog.patches import changeable
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.publiccode_fallback import with_files
from forge.web.opencatalog.resource_base import ENTRY, LIST, Resource
from forge.web.opencatalog.route import ApiRequest

ENTITY = "entity"  # what a log is about, which its address said when it was posted


class SoftwareResource(Resource):
    noun, body = "Software", SoftwareBody

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.software

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.software(record, ask.whole)

    def completed(self, ask: ApiRequest, records: tuple[Any, ...]) -> tuple[Any, ...]:
        return with_files(ask, records)

    def wanted(self, ask: ApiRequest) -> dict[str, Any]:
        url = normalized_url(ask.request.query_params.get("url", ""))
        return super().wanted(ask) | ({"url": url} if url else {})

    def after_patch(self, ask: ApiRequest, before: Any, document: dict[str, Any], result: Any) -> Any:
        if before.own and not ask.operates:
            result = read_only_entries.without_crawled_values(document, ask.json(), result)
        return super().after_patch(ask, before, document, result)


class PublisherResource(Resource):
    noun, body = "Publisher", PublisherBody

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.publishers

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.publisher(record, ask.whole)


class CatalogResource(Resource):
    """This instance is the root; a catalog that is posted beside it does not become one that is followed."""

    noun, body = "Catalog", CatalogBody

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.catalogs

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.catalog(record)

    def values(self, ask: ApiRequest, body: CatalogBody, before: Any) -> Any:
        values = body.values()
        if before is not None and values.alternative_id == ROOT:
            raise Refused(409, "alternativeId already exists")
        return values


class BundleResource(Resource):
    """Software that a crawler named together. No project of ours changes by one."""

    noun, body = "Bundle", BundleBody

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.bundles

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.bundle(record)

    def values(self, ask: ApiRequest, body: BundleBody, before: Any) -> Any:
        return body.values(tuple(map(UUID, body.software_ids)))

    def after_patch(self, ask: ApiRequest, before: Bundle, document: dict[str, Any], result: Any) -> Any:
        """Software that is not named stays, also where none of it may be shown."""
        given = changeable(result)
        if given.get("softwareIds") != document["softwareIds"]:
            return super().after_patch(ask, before, document, result)
        text = checked(BundleText, {name: value for name, value in given.items() if name != "softwareIds"})
        return text.values(before.software_ids)


class LogResource(Resource):
    """What crawlers tell of their runs, `about` a kind of records or nothing. Logs change nothing."""

    noun, body, newest_first = "Log", LogBody, True

    def __init__(self, about: str | None = None):
        self.about = about

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.logs

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.log(record)

    def wanted(self, ask: ApiRequest) -> dict[str, Any]:
        if self.about is not None:
            return {"kind": self.about, "record_id": _record_id(ask, self.about)}
        query = ask.request.query_params
        return {"search": query.get("search", ""), "exactly": query.get("filter", "")}

    def values(self, ask: ApiRequest, body: LogBody, before: Log | None) -> Any:
        if before is not None:
            return LogValues(body.message, before.kind, before.record_id)
        id = None if self.about is None else _record_id(ask, self.about)
        return LogValues(body.message, self.about if id else None, id)

    def after_patch(self, ask: ApiRequest, before: Log, document: dict[str, Any], result: Any) -> Any:
        if result.pop(ENTITY, None) != document.get(ENTITY):
            raise Refused(422, f"{ENTITY} cannot be changed")
        return super().after_patch(ask, before, document, result)


class WebhookResource(Resource):
    """Webhooks: addresses that are called when records of a kind, or one of them, change. A secret is sealed as it
    comes and never told again. It calls nobody: `forge.jobs.opencatalog_webhooks` does, in the worker.
    """

    noun, body, private = "Webhook", WebhookBody, True

    def __init__(self, about: str = "", every: bool = False):
        self.about, self.every = about, every

    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        return ask.store.webhooks

    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        return records.webhook(record)

    def wanted(self, ask: ApiRequest) -> dict[str, Any]:
        return {"kind": self.about, "record_id": None if self.every else _record_id(ask, self.about)}

    def patchable(self, ask: ApiRequest, record: Webhook) -> dict[str, Any]:
        """The record as it is shown, with a value that nobody can know in the place of the secret."""
        return self.shape(ask, record) | ({"secret": _unknown(record.sealed)} if record.sealed else {})

    def values(self, ask: ApiRequest, body: WebhookBody, before: Webhook | None) -> Any:
        key, secret = ask.request.app.state.secret, body.secret
        if before is None:
            kind, id = self.about, None if self.every else _record_id(ask, self.about)
        else:
            kind, id = before.kind, before.record_id
        kept = before is not None and before.sealed and secret == _unknown(before.sealed)
        sealed = before.sealed if before is not None and kept else seal(key, secret) if secret else None
        return WebhookValues(kind, id, body.url, sealed, body.format)


def _unknown(sealed: str) -> str:
    return hashlib.sha256(sealed.encode()).hexdigest()


def _record_id(ask: ApiRequest, kind: str) -> UUID | None:
    """The record that an address names; None for the root catalog."""
    if kind == CATALOGS:
        return ask.store.catalogs.place(ask.key("catalog"))
    store: PostedRecords[Any, Any] = getattr(ask.store, kind)
    id: UUID = store.get(ask.key()).id
    return id


_SOFTWARE, _PUBLISHERS, _CATALOGS, _BUNDLES = (
    SoftwareResource(),
    PublisherResource(),
    CatalogResource(),
    BundleResource(),
)
_LOGS, _HOOKS = LogResource(), WebhookResource()
ROUTES = [
    *(  # before what else an address of software and publishers may name
        WebhookResource(kind, every).route(f"/v1/{kind}{part}/webhooks", f"v1-{kind}{name}-webhooks", *LIST)
        for kind in (SOFTWARE, PUBLISHERS)
        for part, name, every in (("", "", True), ("/{id:entry}", "-one", False))
    ),
    _HOOKS.route("/v1/webhooks/{id}", "v1-webhook", *ENTRY),
    _SOFTWARE.route("/v1/software", "v1-software", *LIST),
    _SOFTWARE.route("/v1/software/{id:entry}", "v1-software-one", *ENTRY),
    _SOFTWARE.route("/v1/catalogs/{catalog}/software", "v1-catalog-software", *LIST),
    _SOFTWARE.route("/v1/catalogs/{catalog}/software/{id}", "v1-catalog-software-one", "change"),
    _PUBLISHERS.route("/v1/publishers", "v1-publishers", *LIST),
    _PUBLISHERS.route("/v1/publishers/{id:entry}", "v1-publisher", *ENTRY),
    _PUBLISHERS.route("/v1/catalogs/{catalog}/publishers", "v1-catalog-publishers", *LIST),
    _PUBLISHERS.route("/v1/catalogs/{catalog}/publishers/{id}", "v1-catalog-publisher", "change"),
    _CATALOGS.route("/v1/catalogs", "v1-catalogs", *LIST),
    _CATALOGS.route("/v1/catalogs/{id}", "v1-catalog", *ENTRY),
    _BUNDLES.route("/v1/bundles", "v1-bundles", *LIST),
    _BUNDLES.route("/v1/bundles/{id}", "v1-bundle", *ENTRY),
    _LOGS.route("/v1/logs", "v1-logs", *LIST),
    _LOGS.route("/v1/logs/{id}", "v1-log", *ENTRY),
    LogResource(SOFTWARE).route("/v1/software/{id:entry}/logs", "v1-software-logs", *LIST),
    LogResource(CATALOGS).route("/v1/catalogs/{catalog}/logs", "v1-catalog-logs", "create"),
]
