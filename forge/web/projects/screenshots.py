"""Serve the screenshots and the logo of a project, and the logo of an organization, as bytes encoded anew here; never a
file of its repository or one that was sent."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from catalog.publication.model import PublicRecord
from catalog.record_kind import ORGANIZATION, PROJECT
from forge.web.core.etag import not_modified
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
    project = request.app.state.store.public_records.source(request.path_params["slug"])
    object_id, width = _object_and_width(request)
    if project.opted_out is None and (uploaded := _uploaded(request, PROJECT, project, object_id, width)):
        return uploaded
    oids = {
        address for screen in screenshots_of(project.mirror, project.record) for address in (screen.small, screen.large)
    }
    if project.mirror and (logo := project.mirror.logo):
        oids.add(picture_address(project.record.slug, logo.object_id, logo.width))
    if request.url.path not in oids:
        raise HTTPException(404)
    picture = request.app.state.store.screenshots.picture(project.id, object_id, width)
    if picture is None:
        raise HTTPException(404)
    return _answer(request, f'"{picture.object_id}-{picture.width}-{picture.renderer}"', picture.webp)


def organization_image(request: Request) -> Response:
    """The logo that an organization's page shows. Raises HTTPException 404 for any other."""
    organization = request.app.state.store.public_records.organization(request.path_params["slug"])
    answer = _uploaded(request, ORGANIZATION, organization, *_object_and_width(request))
    if answer is None:
        raise HTTPException(404)
    return answer


def _object_and_width(request: Request) -> tuple[str, int]:
    """The object and the width that an address names."""
    name = _NAME.fullmatch(request.path_params["name"])
    if name is None:
        raise HTTPException(404)
    return name[1], int(name[2])


def _uploaded(request: Request, kind: str, public_record: PublicRecord, object_id: str, width: int) -> Response | None:
    """A picture that was uploaded for this record."""
    if not any(picture.object_id == object_id for picture in public_record.uploads):
        return None
    webp = request.app.state.store.uploads.picture(kind, public_record.id, object_id, width)
    return None if webp is None else _answer(request, f'"{object_id}-{width}"', webp)


def _answer(request: Request, tag: str, webp: bytes) -> Response:
    headers = HEADERS | {"ETag": tag}
    if not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(webp, headers=headers, media_type="image/webp")
