"""The addresses that are answered before all other modules are read: the first page with its style sheet, and whether
the service lives. `forge.routes` has every other.

A start is waited for: handlers and what they import are 1,134 modules, and the first page needs 652 of them (29
November 2026; of uvicorn and the standard library too). All else is read, or begins, after the first answer, or after
two seconds without one: the other routes (`forge.web.core.fast_router`), parts of the store (`Store.__getattr__`),
the index and the worker (`forge.server.serve`). `tests/server/test_start.py` names what may not be read before.
"""

from starlette.routing import Route

from forge.web.core import assets, health
from forge.web.site import home

# fmt: off
FIRST_PAGES = [  # below /{language}
    ("/",                            home.home_page,                  "home"),
]
FIRST_ROUTES = [
    Route("/",                       home.redirect_to_language,            name="root"),
    Route("/static/{name}",          assets.asset_file,                name="static"),
    Route("/favicon.svg",            assets.icon,                name="icon"),
    Route("/healthz",                health.alive,               name="healthz"),
    Route("/livez",                  health.alive,               name="livez"),
    Route("/readyz",                 health.ready,               name="readyz"),
]
# fmt: on
