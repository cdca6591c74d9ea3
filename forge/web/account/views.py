"""A person's own page: what they sent, whom they represent, what they follow, what waits for them, where they are
signed in, their language, their data, deleting the account. What waits for moderators is in `forge.web.desk`.
"""

import json
from collections.abc import Iterable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, PUBLISHED, REGISTER, Submission
from catalog.rules.verification import VERIFIED
from forge.mail import outbox
from forge.web.core.form import Form
from forge.web.core.render import now_of, offered_languages, page
from forge.web.core.session import PRIVATE, end_session, make_private, person_of, signed_in_person
from forge.web.organizations.represented import represented_by


def account_page(request: Request) -> Response:
    someone, store = signed_in_person(request), request.app.state.store
    own_submissions = store.submissions.of_person(someone.id)
    return make_private(
        page(
            request,
            "account/my-page.html",
            person=someone,
            present=request.state.session,
            speaks=represented_by(request),
            sessions=store.people.sessions(someone.id, now=now_of(request)),
            sent=own_submissions,
            maintained=store.follows.names_of(someone.maintained_projects),
            follows=store.follows.of_person(someone.id),
            verifications=[
                (entry, store.verifications.name(entry.kind, entry.record_id))
                for entry in store.verifications.of_person(someone.id)
                if entry.state != VERIFIED
            ],
            unverified=_unverified(request, someone, own_submissions),
            again=store.reconfirmations.due_of(someone.id),
            noindex=True,
        )
    )


def _unverified(request: Request, someone: Person, submissions: Iterable[Submission]) -> list[tuple[str, str, str]]:
    """Return kind, slug and name of what they sent, and a moderator accepted, without being verified for it: the
    organizations that they spoke for, and the projects that they registered."""
    store = request.app.state.store
    begun = {entry.record_id for entry in store.verifications.of_person(someone.id)} | {
        *someone.maintained_projects,
        *someone.represented_organizations,
    }
    accepted = [submission for submission in submissions if submission.state == PUBLISHED]
    uses = {submission.organization_id for submission in accepted if submission.kind == ADOPT} - {None} - begun
    registered = {submission.project_id for submission in accepted if submission.kind == REGISTER} - {None} - begun
    return [
        *(
            (ORGANIZATION, organization.slug, organization.name)
            for organization in store.organizations.spoken_for(list(uses))
        ),
        *((PROJECT, slug, name) for slug, name in store.follows.names_of(registered)),
    ]


def change_account(request: Request) -> Response:
    """Make one change: another language, a session or a follow that ends."""
    someone = signed_in_person(request)
    form: Form = request.state.form
    people, tag = request.app.state.store.people, request.state.page_language.tag
    if (language := form.line("language")) in offered_languages(request):
        people.speak(someone.id, language)
        tag = language
    _change_messages(request, someone, form)
    if ended := form.line("session"):
        people.end_session(someone.id, None if ended == "all" else ended)
        if ended in ("all", request.state.session.id):
            return end_session(request, f"/{tag}/sign-in")
    return RedirectResponse(f"/{tag}/me", 303)


def _change_messages(request: Request, someone: Person, form: Form) -> None:
    """Change what the person is told by mail. Raises NotFound for what is not theirs."""
    store = request.app.state.store
    if (ended := form.line("unfollow")) == "all":
        store.follows.end_all(someone.id)
    elif ended:
        store.follows.delete(_key_of(ended), someone.id)


def _key_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("page", "") from None


def download_data(request: Request) -> Response:
    """Return all that is stored about the person, as a file."""
    someone = person_of(request)
    assert someone is not None  # the table of permissions lets nobody else in
    everything = request.app.state.store.people.everything(someone.id)
    headers = PRIVATE | {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(
        json.dumps(everything, ensure_ascii=False, indent=1), headers=headers, media_type="application/json"
    )


def delete_page(request: Request) -> Response:
    """Show the page that says what goes and what stays, with the button."""
    signed_in_person(request)
    return make_private(page(request, "account/delete.html", problem="", noindex=True))


def delete_account(request: Request) -> Response:
    someone = signed_in_person(request)
    try:
        request.app.state.store.account_erasure.delete(someone.id, now=now_of(request))
    except Invalid as error:
        return make_private(page(request, "account/delete.html", 422, problem=error.errors["account"], noindex=True))
    outbox.erase(request.app.state.outbox, someone.email)
    return end_session(request, f"/{request.state.page_language.tag}/sign-in?deleted=yes")
