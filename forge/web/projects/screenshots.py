"""Serve the screenshots and the logo of a project, as bytes encoded anew here; never a file of its repository."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forge.web.core.record_pictures import picture_address
from forge.web.projects.screenshot_list import screenshots_of

HEADERS = {
    # Its bytes never change, but the project may be blocked or lose its license: as `forge.web.code.raw` says of files.
    "Cache-Control": "private, max-age=3600, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_NAME = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})-([1-9]\d{0,3})\.webp")


def screenshot_image(request: Request) -> Response:
    """One picture that the project's page shows. Raises HTTPException 404 for any other."""
    found = request.app.state.store.public_records.source(request.path_params["slug"])
    name = _NAME.fullmatch(request.path_params["name"])
    shown = {
        address for screen in screenshots_of(found.mirror, found.record) for address in (screen.small, screen.large)
    }
    if found.mirror and (logo := found.mirror.logo):
        shown.add(picture_address(found.record.slug, logo.object_id, logo.width))
    if name is None or request.url.path not in shown:
        raise HTTPException(404)
    picture = request.app.state.store.screenshots.picture(found.id, name[1], int(name[2]))
    if picture is None:
        raise HTTPException(404)
    headers = HEADERS | {"ETag": f'"{picture.object_id}-{picture.width}-{picture.renderer}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(picture.webp, headers=headers, media_type="image/webp")
