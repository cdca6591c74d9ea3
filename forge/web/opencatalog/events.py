"""Events in the Open Catalog API: who changed what, for the bearers of tokens; and its status. They are told by what
changed, and none is written here.
"""

from typing import Any

from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from catalog.rules.open_catalog import parse_id
from catalog.store.opencatalog.webhooks import Event
from forge.web.opencatalog.lists import empty, envelope, time_of, window
from forge.web.opencatalog.problems import elsewhere
from forge.web.opencatalog.route import Answer, Ask, a_route

NAME = "Event"


def listing(ask: Ask) -> Answer:
    query = ask.request.query_params
    wanted, about = window(query, newest_first=True), query.get("entityId", "")
    id = parse_id(about)
    if about and id is None:
        return 200, empty()
    given = {
        name: query.get(said) or None for name, said in (("kind", "entityType"), ("type", "type"), ("actor", "actor"))
    }
    items, page = ask.store.telling.events(wanted, record_id=id, **given)
    return 200, envelope(query, items, page, shape)


def show_event(ask: Ask) -> Answer:
    return 200, shape(ask.store.telling.event(ask.id(NAME)))


def shape(event: Event) -> dict[str, Any]:
    told = {"id": str(event.id), "type": event.type, "entityType": event.kind, "entityId": str(event.record_id)}
    told |= {"actor": event.actor} if event.actor else {}
    return told | {"createdAt": time_of(event.created_at), "updatedAt": time_of(event.created_at)}


def status(ask: Ask) -> Answer:
    return 204, None


class Unknown:
    """What answers where no resource does: an address without one, or a method that it does not have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = [
            route
            for route in scope["app"].routes
            if isinstance(route, Route) and route.matches(scope)[0] is Match.PARTIAL
        ]
        answer = elsewhere(scope["method"], scope["path"], 405 if known else 404)
        if known:
            answer.headers["Allow"] = ", ".join(sorted(known[0].methods or ()))
        await answer(scope, receive, send)


ROUTES = [
    a_route("/v1/events", "v1-events", NAME, private=True, get=listing),
    a_route("/v1/events/{id}", "v1-event", NAME, private=True, get=show_event),
    a_route("/v1/status", "v1-status", "status", get=status),
]
UNKNOWN = [Route("/v1/{path:path}", Unknown(), name="v1")]
