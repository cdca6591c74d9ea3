"""The page of the nine steps from software of one's own to free software that others reuse. What one's own repository
lacks, `forge ready` says: nothing is read here.
"""

from starlette.requests import Request
from starlette.responses import Response

from forge.readiness.steps import LINES, STEPS
from forge.web.core.render import page


def steps(request: Request) -> Response:
    return page(request, "site/readiness.html", steps=[(step, [LINES[name] for name in step.lines]) for step in STEPS])
