"""The desk's page on which an administrator removes objects from our copy of a project's code, for ever.

It is decided here and done by the worker within seconds; until then nothing of the code is given out.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.moderation.erasing import ASKED
from catalog.record_kind import PROJECT
from catalog.rules.decision import ERASE, reasons_for
from catalog.sentences import mark
from catalog.store.moderation.log import Subject
from forge.git.named_objects import object_ids
from forge.git.objects import MirrorUnreadable
from forge.web.core.form import Form
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages

NOT_NAMED = mark("This is neither a full id nor a file of a commit that is here")
SURE = mark("Yes, remove it for ever")
NOT_SURE = mark("Confirm it: what is removed does not come back")


def erase_page(request: Request) -> Response:
    return _page(request, _about(request), Form())


def erase(request: Request) -> Response:
    """Raises NotFound, Moved; NotAllowed."""
    about, form = _about(request), request.state.form
    oids, unknown = _named_objects(request, about, form.text("objects").split("\n"))
    if unknown:
        form.wrong("objects", NOT_NAMED)
    for field, sentence in moderation.reason_problems(ERASE, form.line("reason"), form.text("words")).items():
        form.wrong(field, sentence)
    if form.line("sure") != "yes":
        form.wrong("sure", NOT_SURE)
    if not form.problems:
        store, now = request.app.state.store, now_of(request)
        try:
            moderation.erase(
                store, signed_in_person(request), about.slug, oids, form.line("reason"), form.text("words"), now=now
            )
        except Invalid as error:
            case_pages.note(form, error)
    if form.problems:
        return _page(request, about, form, 422)
    return RedirectResponse(address(f"/{request.state.page_language.tag}/desk/projects/{about.slug}") + "#decided", 303)


def _named_objects(request: Request, about: Subject, lines: list[str]) -> tuple[list[str], list[str]]:
    mirrors: Path = request.app.state.code_readers.mirrors
    names = [line.strip() for line in lines if line.strip()]
    try:
        return object_ids(mirrors / f"{about.id}.git", names)
    except MirrorUnreadable:
        return [], names


def _page(request: Request, about: Subject, form: Form, status: int = 200) -> Response:
    requests = [finding for finding in request.app.state.store.findings.about(about.id) if finding.kind == ASKED]
    if not form.values and requests:
        form = Form({"objects": ["\n".join(map(str, requests[0].detail.get("objects") or ()))]})
    return case_pages.drawn(
        request,
        "desk/erase.html",
        status,
        about=about,
        form=form,
        asked=requests,
        sure=SURE,
        reasons=reasons_for([ERASE]),
        own=moderation.conflict(request.app.state.store, signed_in_person(request), about),
    )


def _about(request: Request) -> Subject:
    subject: Subject = request.app.state.store.decisions.subject(request.path_params["slug"], PROJECT)
    return subject
