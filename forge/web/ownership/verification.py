"""Verifying that one maintains a project or represents an organization: by which method, what to place where, and
whether it is there.

Nothing is checked here: a press writes a row, and the worker checks. The page of a verification may be kept and passed
on to the person who can place the line: it names nobody.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.ownership import methods, verify
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.submission import CLAIM
from catalog.rules.verification import PLACED, Verification
from forge.web.core.form import Form
from forge.web.core.render import address, base_url, now_of, page
from forge.web.core.session import make_private, person_of, signed_in_person
from forge.web.submissions import drafts
from forge.web.wording import verification

WORD = "word"  # the choice of people who can place nothing: a moderator decides
REFRESH_SECONDS = 2


def project(request: Request) -> Response:
    return _page(request, PROJECT, Form({"way": [request.query_params.get("way", "")[:20]]}))


def organization(request: Request) -> Response:
    return _page(request, ORGANIZATION, Form({"way": [request.query_params.get("way", "")[:20]]}))


def begin_project(request: Request) -> Response:
    return _begin(request, PROJECT)


def begin_organization(request: Request) -> Response:
    return _begin(request, ORGANIZATION)


def verification_page(request: Request) -> Response:
    """What is to be put where, and whether it is there; while we look, the page asks again by itself."""
    opened, now = _opened(request), now_of(request)
    about = request.app.state.store.verifications.about(opened)
    someone = person_of(request)
    state = verification.state_of(opened, now)
    answer = make_private(
        page(
            request,
            "ownership/verification.html",
            opened=opened,
            about=about,
            state=state,
            place=methods.place_of(about, opened.method),
            placed=PLACED,
            managed=verification.management_path(about.kind, about.slug),
            own_proof=someone is not None and someone.id == opened.person_id,
            link=_link(request, about.kind, about.slug, opened),
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
        )
    )
    if state == "looking":
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def look(request: Request) -> Response:
    """One press: check now, or give the verification up."""
    opened, form, now = _opened(request), request.state.form, now_of(request)
    store, tag = request.app.state.store, request.state.page_language.tag
    if form.line("step") == "give-up":
        about = store.verifications.about(opened)
        verify.give_up(store, signed_in_person(request), opened.id, now=now)
        return RedirectResponse(f"/{tag}/{about.kind}s/{about.slug}/claim", 303)
    verify.ask_for_check(store, opened.id, now=now)
    # Without a fragment: with one, a page that is to ask again by itself stays as it is.
    return RedirectResponse(address(request.url.path), 303)


def _begin(request: Request, kind: str) -> Response:
    someone, form, store, now = signed_in_person(request), request.state.form, request.app.state.store, now_of(request)
    slug, tag, method = request.path_params["slug"], request.state.page_language.tag, form.line("way")
    try:
        if method == WORD:
            return _ask(request, kind, form)
        begun = verify.begin(store, someone, kind, slug, method, tag, now=now)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, kind, form, 422)
    return RedirectResponse(f"/{tag}/proofs/{begun.nonce}", 303)


def _ask(request: Request, kind: str, form: Form) -> Response:
    """A claim that a person decides on."""
    store, someone = request.app.state.store, signed_in_person(request)
    about = store.verifications.verifiable_record(kind, request.path_params["slug"], person_id=someone.id)
    mine = {"project_id": about.id} if kind == PROJECT else {"organization_id": about.id}
    token, _ = drafts.send_form(request, CLAIM, {"words": form.text("words")}, **mine)
    return _page(request, kind, form, 422) if form.problems else drafts.to_own_page(request, token)


def _page(request: Request, kind: str, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, person_of(request)
    about = store.verifications.verifiable_record(
        kind, request.path_params["slug"], person_id=someone.id if someone else None
    )
    places = methods.places(about)
    answer = page(
        request,
        "ownership/start-verification.html",
        status,
        about=about,
        places=places,
        unproven=methods.unproven_domain(about, store.verifications.record(kind, about.id)),
        options=[(method, *verification.METHODS[method]) for method in (*(place.method for place in places), WORD)],
        managed=verification.management_path(kind, about.slug),
        verifications=store.verifications.of_person(someone.id, about.id) if someone else (),
        member=someone is not None and about.id in (*someone.maintained_projects, *someone.represented_organizations),
        form=form,
        draft=drafts.given(form) or drafts.fresh(),
        noindex=True,
    )
    return make_private(answer)


def _opened(request: Request) -> Verification:
    nonce = request.path_params["nonce"]
    if len(nonce) > 64 or not nonce.isalnum() or not nonce.isascii():
        raise NotFound("verification", "")
    verification: Verification = request.app.state.store.verifications.by_nonce(nonce)
    return verification


def _link(request: Request, kind: str, slug: str, opened: Verification) -> str:
    """The address that a link back leads to: our page, with the line behind the #."""
    base = base_url(request)
    return f"{base}/{request.state.page_language.tag}/{kind}s/{slug}#{opened.line}"
