"""Groups of which others say that they use a project: a list for its maintainers, invitations, and the page that an
invitation opens.

Readers see no name before its organization stated it by the form. So it is no kind of submission: what somebody else
says of an organization is never published by a decision.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.rules.permissions import demand
from catalog.rules.person import normalized_address as email_address
from catalog.sentences import mark
from catalog.store.adoptions.reported import MAX_NAME, ReportedUse
from forge.web.core import rate_limits
from forge.web.core.form import Form
from forge.web.core.render import address, base_url, now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.projects.project_identity import project_id_of

MAX_LINES = 100
NO_NAMES = mark("Write the names of organizations, one on each line")
TOO_MANY = mark("Write 100 names or fewer at once")
LONG_NAME = mark("Each name must have 200 characters or fewer")
NO_ADDRESS = mark(
    "Enter an e-mail address like name@example.org, or leave it empty for a link that you pass on yourself"
)


def detected_adoptions_page(request: Request) -> Response:
    return _page(request, Form())


def add(request: Request) -> Response:
    """Names that maintainers of the project, or moderators, know."""
    key, form = _project(request), request.state.form
    names = list(dict.fromkeys(line.strip() for line in form.text("names").splitlines() if line.strip()))
    if not names:
        form.wrong("names", NO_NAMES)
    elif len(names) > MAX_LINES:
        form.wrong("names", TOO_MANY)
    elif any(len(name) > MAX_NAME for name in names):
        form.wrong("names", LONG_NAME)
    if not form:
        return _page(request, form, 422)
    by = "maintainer" if key in signed_in_person(request).maintained_projects else "moderator"
    request.app.state.store.reported_adoptions.add(key, names, {"by": by}, now=now_of(request))
    return RedirectResponse(request.url.path, 303)


def invite(request: Request) -> Response:
    """An invitation by mail, or a link to be passed on; each has its own link, which is shown this once."""
    key, form = _project(request), request.state.form
    typed, number = form.line("email"), request.path_params["number"]
    if not number.isdecimal() or len(number) > 9:
        raise NotFound("report", number)
    email = email_address(typed) if typed else None
    if typed and email is None:
        form.wrong(f"email-{int(number)}", NO_ADDRESS)
        return _page(request, form, 422)
    rate_limits.count_network(request, rate_limits.INVITATION_NETWORK)
    tag = request.state.page_language.tag
    try:
        token = request.app.state.store.reported_adoptions.invite(int(number), key, email, tag, now=now_of(request))
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(f"email-{int(number)}" if field == "email" else field, sentence)
        return _page(request, form, 422)
    base = base_url(request)
    link = "" if email else f"{base}/{tag}/invitations/{token}"
    return _page(request, Form(), link=link, sent=bool(email))


def invitation(request: Request) -> Response:
    found = _invited(request)
    status = 200 if found else 410
    return make_private(
        page(request, "ownership/invitation.html", status, found=found, here=request.url.path, noindex=True)
    )


def answer(request: Request) -> Response:
    """Yes leads to the form by which the organization says so; no is remembered, and nobody asks again."""
    found, form = _invited(request), request.state.form
    tag = request.state.page_language.tag
    if found is None:
        return page(request, "ownership/invitation.html", 410, found=None, here=request.url.path, noindex=True)
    if form.line("answer") == "no":
        request.app.state.store.reported_adoptions.refuse(request.path_params["token"], now=now_of(request))
        return page(request, "ownership/invitation.html", found=None, refused=True, here=request.url.path, noindex=True)
    return RedirectResponse(address(f"/{tag}/projects/{found.slug}/declare", [("q", found.name)]), 303)


def _invited(request: Request) -> ReportedUse | None:
    try:
        kept: ReportedUse = request.app.state.store.reported_adoptions.invited(request.path_params["token"])
    except NotFound:
        return None
    return kept


def _project(request: Request) -> UUID:
    """The project's identity, for those who maintain it and for moderators. Raises NotFound, NotAllowed."""
    key = project_id_of(request)
    demand(signed_in_person(request), "detected-adoptions", project=key)
    return key


def _page(request: Request, form: Form, status: int = 200, link: str = "", sent: bool = False) -> Response:
    key = _project(request)
    return make_private(
        page(
            request,
            "submissions/adoption/reported-users.html",
            status,
            form=form,
            slug=request.path_params["slug"],
            project_name=request.app.state.store.follows.name("project", str(key)),
            names=request.app.state.store.reported_adoptions.of_project(key),
            link=link,
            sent=sent,
            here=f"/{request.state.page_language.tag}/projects/{request.path_params['slug']}/reported",
            noindex=True,
        )
    )
