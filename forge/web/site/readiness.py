"""The page of what others need before they can reuse software; `forge ready` looks into a repository for it."""

from starlette.requests import Request
from starlette.responses import Response

from forge.readiness.lines import FOR_PEOPLE, IN_FILES
from forge.web.core.render import page


def readiness_page(request: Request) -> Response:
    return page(request, "site/readiness.html", in_files=IN_FILES.values(), for_people=FOR_PEOPLE)
