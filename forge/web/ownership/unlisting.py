"""Taking a project off the list: what stays and what goes, one press for its maintainers, a form for everybody else.

Maintainers put it back at one press too. The page of such a project is drawn in `forge.web.projects`.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.ownership import unlist
from catalog.record_kind import PROJECT
from catalog.rules.submission import WITHDRAW
from catalog.store.ownership.subjects import VerifiedRecord
from catalog.submissions.kinds.unlisting import LISTING
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import drafts


def unlisting_page(request: Request) -> Response:
    """Raises NotFound, Moved, Removed, OptedOut."""
    about = _about(request)
    return _page(request, about, Form({"draft": [drafts.fresh()]}))


def send(request: Request) -> Response:
    """Take a project off the list or put it back, by a maintainer; a request for it, by others. Raises as
    `unlisting_page`; NotAllowed."""
    store, form, someone, now = request.app.state.store, request.state.form, person_of(request), now_of(request)
    about = _about(request)
    tag = request.state.page_language.tag
    reason = form.text("reason")
    if someone is None or about.id not in someone.maintained_projects:
        answers = {"what": LISTING, "reason": reason, "words": form.text("words")}
        token, _ = drafts.send_form(request, WITHDRAW, answers, project_id=about.id)
        return _page(request, about, form, 422) if form.problems else drafts.to_own_page(request, token)
    try:
        if form.line("step") == "list":
            unlist.list_again(store, someone, about.id, now=now)
        else:
            unlist.opt_out(store, someone, about.id, reason, tag, now=now)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, about, form, 422)
    return RedirectResponse(f"/{tag}/projects/{about.slug}/listing", 303)


def _about(request: Request) -> VerifiedRecord:
    store, someone, slug = request.app.state.store, person_of(request), request.path_params["slug"]
    is_maintainer = (
        someone is not None and store.record_pages.project_id(slug, unlisted=True) in someone.maintained_projects
    )
    record: VerifiedRecord = store.verifications.verifiable_record(PROJECT, slug, gone=is_maintainer)
    return record


def _page(request: Request, about: VerifiedRecord, form: Form, status: int = 200) -> Response:
    someone = person_of(request)
    return make_private(
        page(
            request,
            "ownership/unlisting.html",
            status,
            about=about,
            opted_out=request.app.state.store.unlisted.opt_out_of(about.id),
            is_maintainer=someone is not None and about.id in someone.maintained_projects,
            person=someone,
            form=form,
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
        )
    )
