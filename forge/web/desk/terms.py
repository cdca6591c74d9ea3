"""The desk's page of terms of this catalogue's own: those that there are, and the form that adds one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.model import OwnTerm
from catalog.sentences import mark
from catalog.store.documents.curation import term_id
from catalog.vocabulary import EXTENDABLE, LANGUAGES, vocabulary
from forge.web.core.form import Form
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages

NAMES = {
    "domain": mark("Categories"),
    "audience": mark("For whom"),
    "organization-function": mark("What an organization does"),
}


def terms_page(request: Request) -> Response:
    return _page(request, Form({"vocabulary": [EXTENDABLE[0]]}))


def add(request: Request) -> Response:
    form, store = request.state.form, request.app.state.store
    labels = {tag: text for tag in LANGUAGES if (text := form.line(f"label-{tag}"))}
    parent = form.line("parent").partition(":")[2] or None
    added = OwnTerm(form.line("vocabulary"), form.line("slug"), labels, parent)
    try:
        number = moderation.add_term(store, signed_in_person(request), added, form.text("words"), now=now_of(request))
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(f"label-{LANGUAGES[0]}" if field == "label" else field.replace(".", "-"), sentence)
        return _page(request, form, 422)
    return RedirectResponse(address(request.url.path, [("done", str(number))]), 303)


def _page(request: Request, form: Form, status: int = 200) -> Response:
    locked = request.app.state.store.terms.locked()
    return case_pages.drawn(
        request,
        "desk/editing/terms.html",
        status,
        form=form,
        done=case_pages.line_of(request),
        own=[(own, term_id(own.vocabulary, own.slug) in locked) for own in request.app.state.store.terms.all()],
        names=NAMES,
        parents=[(name, slug) for name in EXTENDABLE for slug in vocabulary(name).top],
        tags=LANGUAGES,
        here=request.url.path,
    )
