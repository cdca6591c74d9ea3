"""Lists of adoptions in the API: all of them, those of a project, those of an organization."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.web.api.answers import ListedAdoption, listed_adoptions
from forge.web.api.cursor import BY_TEXTS
from forge.web.api.paginator import Paginator

ADOPTIONS = Paginator("adoptions", ListedAdoption, BY_TEXTS)


def adoptions_part(request: Request, lines: Sequence[Any], **more: Any) -> Response:
    """A part of it. All lines of one project and organization stand together, so that it may hold a few too many."""
    following = lines[-1][0] if len(lines) >= ADOPTIONS.size(request) else None
    return ADOPTIONS.whole(request, listed_adoptions(request, [line for _, line in lines]), following, **more)
