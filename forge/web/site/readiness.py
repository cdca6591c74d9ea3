"""The page of the nine steps from one's own software to free software that others reuse. `forge ready` checks a
repository.
"""

from starlette.requests import Request
from starlette.responses import Response

from forge.readiness.steps import LINES, STEPS
from forge.web.core.render import page


def readiness_page(request: Request) -> Response:
    return page(request, "site/readiness.html", steps=[(step, [LINES[name] for name in step.lines]) for step in STEPS])
