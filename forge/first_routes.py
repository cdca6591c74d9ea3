"""The addresses that are answered before all others are read: the first page with its style sheet, and whether the
service lives. `forge.routes` has every other.

A start is waited for: handlers and what they stand on are eleven hundred modules, and the first page needs half of
them.
"""

from starlette.routing import Route

from forge.web.core import assets, health
from forge.web.site import home

# fmt: off
FIRST = [  # below /{language}
    ("/",                            home.show,                  "home"),
]
FIRST_FACES = [
    Route("/",                       home.unprefixed,            name="root"),
    Route("/static/{name}",          assets.show,                name="static"),
    Route("/favicon.svg",            assets.icon,                name="icon"),
    Route("/healthz",                health.alive,               name="healthz"),
    Route("/livez",                  health.alive,               name="livez"),
    Route("/readyz",                 health.ready,               name="readyz"),
]
# fmt: on
