"""Logs in the Open Catalog API: what crawlers tell of their runs, of software and of catalogs. They are kept and given
back, and change nothing.
"""

from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import CATALOGS, SOFTWARE
from catalog.store.opencatalog.logs import LOG, Log
from forge.web.opencatalog import shapes
from forge.web.opencatalog.lists import envelope, time_of, window
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.route import Answer, Ask, a_route
from forge.web.opencatalog.validation import checked

SOFTWARE_NAME = "Software"
ENTITY = "entity"  # what a log is about, which its address said when it was posted


def listing(ask: Ask) -> Answer:
    query = ask.request.query_params
    search, exactly = query.get("search", ""), query.get("filter", "")
    items, page = ask.store.logs.page(window(query, newest_first=True), search=search, exactly=exactly)
    return 200, envelope(query, items, page, shape)


def listing_of_software(ask: Ask) -> Answer:
    query, id = ask.request.query_params, _software(ask)
    items, page = ask.store.logs.page(window(query, newest_first=True), kind=SOFTWARE, record_id=id)
    return 200, envelope(query, items, page, shape)


def show_log(ask: Ask) -> Answer:
    return 200, shape(ask.store.logs.get(ask.id(LOG)))


def create(ask: Ask) -> Answer:
    return _kept(ask, None, None)


def create_of_software(ask: Ask) -> Answer:
    return _kept(ask, SOFTWARE, _software(ask))


def create_of_catalog(ask: Ask) -> Answer:
    id = ask.store.catalogs.place(ask.key("catalog"))
    return _kept(ask, CATALOGS if id else None, id)


def change(ask: Ask) -> Answer:
    id = ask.store.logs.get(ask.id(LOG)).id
    before = shape(ask.store.logs.get(id))
    result = ask.patched(before, lambda given: checked(given, shapes.LOG, partly=True))
    given = shapes.changeable(result)
    if given.pop(ENTITY, None) != before.get(ENTITY):
        raise Refused(422, f"{ENTITY} cannot be changed")
    message = checked(given, shapes.LOG)["message"]
    return 200, shape(ask.store.logs.change(id, message, now=ask.now))


def remove(ask: Ask) -> Answer:
    ask.store.logs.remove(ask.id(LOG))
    return 204, None


def shape(log: Log) -> dict[str, Any]:
    told = {"id": str(log.id), "message": log.message}
    about = {ENTITY: f"/{log.kind}/{log.record_id}"} if log.record_id else {}
    return told | about | {"createdAt": time_of(log.created_at), "updatedAt": time_of(log.updated_at)}


def _software(ask: Ask) -> UUID:
    return ask.store.software.get(ask.id(SOFTWARE_NAME)).id


def _kept(ask: Ask, kind: str | None, id: UUID | None) -> Answer:
    message = checked(ask.json(), shapes.LOG)["message"]
    return 200, shape(ask.store.logs.add(message, kind=kind, record_id=id, now=ask.now))


ROUTES = [
    a_route("/v1/logs", "v1-logs", LOG, get=listing, post=create),
    a_route("/v1/logs/{id}", "v1-log", LOG, get=show_log, patch=change, delete=remove),
    a_route("/v1/software/{id:entry}/logs", "v1-software-logs", LOG, get=listing_of_software, post=create_of_software),
    a_route("/v1/catalogs/{catalog}/logs", "v1-catalog-logs", LOG, post=create_of_catalog),
]
