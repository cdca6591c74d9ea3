"""Bundles in the Open Catalog API: software that a crawler named together. No project of ours changes by one."""

from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import parse_id
from catalog.store.opencatalog.logs import BUNDLE, Bundle, BundleValues
from forge.web.opencatalog import shapes
from forge.web.opencatalog.lists import envelope, time_of, window
from forge.web.opencatalog.problems import Fault, invalid
from forge.web.opencatalog.route import Answer, Ask, a_route
from forge.web.opencatalog.validation import checked

_IDS = "softwareIds"


def listing(ask: Ask) -> Answer:
    query = ask.request.query_params
    items, page = ask.store.bundles.page(window(query))
    return 200, envelope(query, items, page, shape)


def show_bundle(ask: Ask) -> Answer:
    return 200, shape(ask.store.bundles.get(ask.id(BUNDLE)))


def create(ask: Ask) -> Answer:
    values = _values(checked(ask.json(), shapes.BUNDLE))
    return 200, shape(ask.store.bundles.add(values, actor=ask.actor, now=ask.now))


def change(ask: Ask) -> Answer:
    id = ask.store.bundles.get(ask.id(BUNDLE)).id

    def changed(before: Bundle) -> BundleValues:
        told = shape(before)
        result = ask.patched(told, lambda given: checked(given, shapes.BUNDLE, partly=True))
        given = shapes.changeable(result)
        if given.get(_IDS) != told[_IDS]:
            return _values(checked(given, shapes.BUNDLE))
        rest = {name: member for name, member in shapes.BUNDLE.items() if name != _IDS}  # none at all may be left
        kept = checked({name: value for name, value in given.items() if name != _IDS}, rest)
        return _values(kept | {_IDS: told[_IDS]})

    return 200, shape(ask.store.bundles.change(id, changed, actor=ask.actor, now=ask.now))


def remove(ask: Ask) -> Answer:
    ask.store.bundles.remove(ask.id(BUNDLE), actor=ask.actor, now=ask.now)
    return 204, None


def shape(bundle: Bundle) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(bundle.id), "name": bundle.name}
    told |= {"description": bundle.description} if bundle.description is not None else {}
    told |= {"active": bundle.active, _IDS: [str(id) for id in bundle.software_ids]}
    return told | {"createdAt": time_of(bundle.created_at), "updatedAt": time_of(bundle.updated_at)}


def _values(given: dict[str, Any]) -> BundleValues:
    ids = [(text, parse_id(text)) for text in given[_IDS]]
    wrong = [Fault(f"{_IDS}[{number}]", "uuid", text) for number, (text, id) in enumerate(ids) if id is None]
    if wrong:
        raise invalid(wrong)
    known: tuple[UUID, ...] = tuple(id for _, id in ids if id)
    return BundleValues(given["name"], given.get("description"), known, given.get("active", True))


ROUTES = [
    a_route("/v1/bundles", "v1-bundles", BUNDLE, get=listing, post=create),
    a_route("/v1/bundles/{id}", "v1-bundle", BUNDLE, get=show_bundle, patch=change, delete=remove),
]
