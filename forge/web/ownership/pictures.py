"""Where maintainers and representatives upload a logo or a screenshot, and remove one; it is private."""

from hashlib import sha256
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.ownership import upload
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.permissions import demand
from catalog.store.ownership.uploads import LOGO, DrawnPicture
from forge.render.pictures import small_logo, small_pictures
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import now_of, offered_languages, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.wording.uploads import NO_FILE, NO_PICTURE, REASONS, USES

FILE = "picture"  # the field


def project_pictures(request: Request) -> Response:
    return _page(request, PROJECT, Form())


def organization_pictures(request: Request) -> Response:
    return _page(request, ORGANIZATION, Form())


def change_project(request: Request) -> Response:
    return _change(request, PROJECT)


def change_organization(request: Request) -> Response:
    return _change(request, ORGANIZATION)


def _change(request: Request, kind: str) -> Response:
    key, form = _record(request, kind, f"{kind}-pictures-change"), request.state.form
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    if form.line("step") == "remove":
        upload.take_away(store, someone, kind, key, line_number(form.line("number")) or 0, now=now)
    else:
        tag = form.line("language")
        language = tag if tag in offered_languages(request) else request.state.page_language.tag
        description = upload.PictureDescription(form.line("use"), language, form.line("alt"))
        drawn = _drawn(form, description.use)
        try:
            upload.check_description(description, kind)
            if drawn is not None:
                upload.add(store, someone, kind, key, description, drawn, now=now)
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
        if form.problems:
            return _page(request, kind, form, 422)
    return RedirectResponse(request.url.path, 303)


def _drawn(form: Form, use: str) -> DrawnPicture | None:
    """The picture that was sent, drawn anew in the limited child process; what is wrong with it is noted."""
    data = form.files.get(FILE)
    if not data:
        form.wrong(FILE, NO_FILE)
        return None
    pictures = small_logo(data) if use == LOGO else small_pictures(data)
    if isinstance(pictures, str):
        form.wrong(FILE, REASONS.get(pictures, NO_PICTURE))
        return None
    large = pictures[-1].webp if len(pictures) > 1 else None
    sizes = tuple((picture.width, picture.height) for picture in pictures)
    return DrawnPicture(sha256(pictures[-1].webp).hexdigest(), sizes, pictures[0].webp, large)


def _record(request: Request, kind: str, action: str) -> UUID:
    """Raises NotFound, Moved, Removed; NotAllowed for members of another record only."""
    store, slug = request.app.state.store, request.path_params["slug"]
    key: UUID = store.verifications.verifiable_record(kind, slug).id
    demand(signed_in_person(request), action, **{kind: key})
    return key


def _page(request: Request, kind: str, form: Form, status: int = 200) -> Response:
    key, store = _record(request, kind, f"{kind}-pictures"), request.app.state.store
    return make_private(
        page(
            request,
            "ownership/pictures.html",
            status,
            about=store.verifications.verifiable_record(kind, request.path_params["slug"]),
            records=f"{kind}s",
            uses=[choice for choice in USES if choice[0] in upload.USES[kind]],
            pictures=store.uploads.of_record(kind, key),
            page_languages=offered_languages(request),
            form=form,
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
        )
    )
