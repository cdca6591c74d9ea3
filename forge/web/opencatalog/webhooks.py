"""Webhooks in the Open Catalog API: whom to call when software or publishers change. A secret is sealed as it comes and
never told again. It calls nobody: `forge.jobs.opencatalog_webhooks` does, in the worker.
"""

import secrets
from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import PUBLISHERS, SOFTWARE, normalized_url
from catalog.store.opencatalog.webhooks import Webhook
from forge.security.sealed_secrets import FORMATS, seal
from forge.web.opencatalog import shapes
from forge.web.opencatalog.lists import envelope, time_of, window
from forge.web.opencatalog.problems import Fault, invalid
from forge.web.opencatalog.route import Answer, Ask, Handler, a_route
from forge.web.opencatalog.validation import checked

NAME = "Webhook"


def show_webhook(ask: Ask) -> Answer:
    return 200, shape(ask.store.telling.webhook(ask.id(NAME)))


def change(ask: Ask) -> Answer:
    """A secret is never told: for a patch something else stands in its place, which nobody can know."""
    found = ask.store.telling.webhook(ask.id(NAME))
    kept = secrets.token_hex()
    before = shape(found) | ({"secret": kept} if found.sealed else {})
    result = shapes.changeable(ask.patched(before, lambda given: checked(given, shapes.WEBHOOK, partly=True)))
    values = _values(ask, result)
    if result.get("secret") == kept:
        values.pop("sealed")
    return 200, shape(ask.store.telling.change_webhook(found.id, now=ask.now, **values))


def remove(ask: Ask) -> Answer:
    ask.store.telling.remove_webhook(ask.id(NAME))
    return 204, None


def shape(webhook: Webhook) -> dict[str, Any]:
    told = {"id": str(webhook.id), "url": webhook.url}
    if webhook.format != FORMATS[0]:
        told["format"] = webhook.format
    return told | {"createdAt": time_of(webhook.created_at), "updatedAt": time_of(webhook.updated_at)}


def _values(ask: Ask, given: Any) -> dict[str, str | None]:
    values = checked(given, shapes.WEBHOOK)
    format, secret = values.get("format", FORMATS[0]), values.get("secret")
    if format not in FORMATS:
        raise invalid([Fault("format", "oneof", format)])
    key = ask.request.app.state.secret
    return {"url": normalized_url(values["url"]), "sealed": seal(key, secret) if secret else None, "format": format}


def _record(ask: Ask, kind: str) -> UUID:
    if kind == SOFTWARE:
        return ask.store.software.get(ask.id("Software")).id
    return ask.store.publishers.get(ask.key()).id


def _about(kind: str, every: bool) -> dict[str, Handler]:
    """What answers for the webhooks of all records of a kind, or of one."""

    def listing(ask: Ask) -> Answer:
        query, id = ask.request.query_params, None if every else _record(ask, kind)
        items, page = ask.store.telling.webhooks(window(query), kind, id)
        return 200, envelope(query, items, page, shape)

    def create(ask: Ask) -> Answer:
        id = None if every else _record(ask, kind)
        values: dict[str, Any] = _values(ask, ask.json())
        return 200, shape(ask.store.telling.add_webhook(kind, id, now=ask.now, **values))

    return {"get": listing, "post": create}


ROUTES = [
    *(
        a_route(f"/v1/{kind}{part}/webhooks", f"v1-{kind}{name}-webhooks", NAME, private=True, **_about(kind, every))
        for kind in (SOFTWARE, PUBLISHERS)
        for part, name, every in (("", "", True), ("/{id:entry}", "-one", False))
    ),
    a_route("/v1/webhooks/{id}", "v1-webhook", NAME, private=True, get=show_webhook, patch=change, delete=remove),
]
