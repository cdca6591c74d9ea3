"""Events in the Open Catalog API, for clients with a token: who changed what; and the status of the API. The modules
that change something write the events.
"""

from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from catalog.errors import NotFound
from catalog.rules.open_catalog import EVENT_TYPES, parse_id
from forge.web.opencatalog import records
from forge.web.opencatalog.lists import empty, envelope, window
from forge.web.opencatalog.problems import BrokenRule, elsewhere, invalid
from forge.web.opencatalog.route import Answer, ApiRequest, a_route

NAME = "Event"
_NARROWED = (("kind", "entityType"), ("type", "type"), ("actor", "actor"))


def listing(ask: ApiRequest) -> Answer:
    query = ask.request.query_params
    wanted, about = window(query, newest_first=True), query.get("entityId", "")
    type, id = query.get("type", ""), parse_id(about)
    if type and type not in EVENT_TYPES:
        raise invalid([BrokenRule("type", "oneof", type)])
    if about and id is None:
        return 200, empty()
    given = {name: query.get(said) or None for name, said in _NARROWED}
    found, page = ask.store.events.page(wanted, record_id=id, **given)
    return 200, envelope(query, found, page, records.event)


def show_event(ask: ApiRequest) -> Answer:
    id = parse_id(ask.key())
    if id is None:
        raise NotFound(NAME, ask.key())
    return 200, records.event(ask.store.events.get(id))


def status(ask: ApiRequest) -> Answer:
    return 204, None


class Unknown:
    """What answers where no resource does: an address without one, or a method that it does not have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = [
            route
            for route in scope["app"].routes
            if isinstance(route, Route) and route.path.startswith("/v1/") and route.matches(scope)[0] is Match.PARTIAL
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
