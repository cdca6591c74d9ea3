"""The desk's page of another catalogue's record that evidence joined with ours: both beside each other, and separating
them. The evidence is in `catalog.federation`.
"""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from forge.web.core.form import Form
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.desk.side_by_side import rows
from forge.web.wording import submissions


def matched_records_page(request: Request) -> Response:
    return _page(request, Form())


def decide(request: Request) -> Response:
    """Separate another catalogue's record from ours: they are not the same."""
    form, store = request.state.form, request.app.state.store
    kind, key = _kind_and_id(request)
    try:
        number = moderation.tell_apart(
            store, signed_in_person(request), kind, key, form.text("words"), now=now_of(request)
        )
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, form, 422)
    return RedirectResponse(address(f"/{request.state.page_language.tag}/desk", [("done", str(number))]), 303)


def _page(request: Request, form: Form, status: int = 200) -> Response:
    store: Any = request.app.state.store
    kind, key = _kind_and_id(request)
    joined = store.received_records.joined(kind, key)
    side = store.merges.side(kind, joined.row_id)
    return case_pages.drawn(
        request,
        "desk/matched-record.html",
        status,
        kind=kind,
        side=side,
        joined=joined,
        rows=submissions.submission_rows(rows(kind, side.record, joined.record)),
        own=moderation.own_records(store, signed_in_person(request), joined.row_id),
        form=form,
        here=request.url.path,
    )


def _kind_and_id(request: Request) -> tuple[str, UUID]:
    kind, key = request.path_params["kind"], request.path_params["key"]
    try:
        return (kind if kind in (PROJECT, ORGANIZATION) else PROJECT), UUID(key)
    except ValueError:
        raise NotFound("join", key[:40]) from None
