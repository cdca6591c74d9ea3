"""The desk's page that takes a decision back within a day. The line itself is written by `catalog.moderation`."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, CatalogError, Invalid
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import UNDO, Decision, reasons_for
from forge.web.core.form import Form
from forge.web.core.render import now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages


def undoing(request: Request) -> Response:
    """The page that says what is taken back, with the reason to be given."""
    return _undo_page(request, _line(request), Form())


def undo(request: Request) -> Response:
    line, form, store = _line(request), request.state.form, request.app.state.store
    reason, words = form.line("reason"), form.text("words")
    try:
        moderation.undo(store, signed_in_person(request), line.number, reason, words, now=now_of(request))
    except Invalid as error:
        case_pages.note(form, error)
        return _undo_page(request, line, form, 422)
    except AlreadyExists:
        return _undo_page(request, _line(request), form, 409)
    return _redirect_to_record(request, line)


def _undo_page(request: Request, line: Decision, form: Form, status: int = 200) -> Response:
    latest = moderation.latest(request.app.state.store, line.number)
    why_not = moderation.why_not(line, latest, now_of(request))
    return case_pages.drawn(
        request,
        "desk/undo.html",
        status,
        line=line,
        form=form,
        why_not="" if line.undone_by else why_not,
        own=not (line.undone_by or why_not)
        and moderation.is_own_line(request.app.state.store, signed_in_person(request), line.number),
        reasons=reasons_for((UNDO,)),
    )


def _redirect_to_record(request: Request, line: Decision) -> Response:
    """Redirect to the record that the line is about; to the desk where there is none."""
    tag = request.state.page_language.tag
    if line.slug and line.subject_kind in (PROJECT, ORGANIZATION):
        try:
            about = request.app.state.store.decisions.subject(line.slug, line.subject_kind)
        except CatalogError:
            return RedirectResponse(f"/{tag}/desk", 303)
        return RedirectResponse(f"/{tag}/desk/{line.subject_kind}s/{about.slug}", 303)
    return RedirectResponse(f"/{tag}/desk", 303)


def _line(request: Request) -> Decision:
    decision: Decision = request.app.state.store.decisions.get(case_pages.number(request, "decision"))
    return decision
