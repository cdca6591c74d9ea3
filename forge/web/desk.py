"""The desk of moderators: what needs a person, one matter, one project, and taking back. It words nothing itself.

A decision is typed, checked on a page of its own, then sent; each step is a form, so that no script is needed. Who may
come here stands in `catalog.rights` and is asked for before a handler runs.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderate
from catalog.decisions import UNDO, Decision, basis, choices, reasons
from catalog.errors import AlreadyExists, CatalogError, Invalid, NotFound
from catalog.moderate import Wish
from catalog.store.decisions import Subject
from catalog.store.findings import Finding
from forge.languages import mark
from forge.web import decided
from forge.web.form import Form, clean
from forge.web.labels import LABELS, TECHNICAL
from forge.web.render import address, now_of, page
from forge.web.session import private, somebody
from forge.web.wish import number_beyond

PER_PAGE = 20
NEAR = 5  # decisions about a project, beside what is decided now
NOT_FOUND = mark("Enter the address of the project’s page, or its last part, like galette")


def show(request: Request) -> Response:
    """What waits, oldest first, behind the finding number `after`."""
    return _desk(request, Form())


def find(request: Request) -> Response:
    """From the name in an address to the project's page on the desk."""
    typed = clean(request.query_params.get("project", "")[:300])
    slug = typed.split("?")[0].rstrip("/").rpartition("/")[2]
    form = Form({"project": [typed]})
    try:
        about = request.app.state.store.decisions.subject(slug)
    except CatalogError:
        form.wrong("project", NOT_FOUND)
        return _desk(request, form, 422)
    return RedirectResponse(f"/{request.state.tongue.tag}/desk/projects/{about.slug}", 303)


def matter(request: Request) -> Response:
    finding = _finding(request)
    return _item(request, _about(request, finding.slug), finding, Form())


def decide_matter(request: Request) -> Response:
    finding = _finding(request)
    return _decide(request, _about(request, finding.slug), finding)


def project(request: Request) -> Response:
    return _item(request, _about(request, request.path_params["slug"]), None, Form())


def decide_project(request: Request) -> Response:
    return _decide(request, _about(request, request.path_params["slug"]), None)


def undoing(request: Request) -> Response:
    """The page that says what is taken back, with the reason to be given."""
    return _undo_page(request, _line(request), Form())


def undo(request: Request) -> Response:
    line, form, store = _line(request), request.state.form, request.app.state.store
    reason, words = form.line("reason"), form.text("words")
    try:
        moderate.undo(store, somebody(request), line.number, reason, words, now=now_of(request))
    except Invalid as error:
        _note(form, error)
        return _undo_page(request, line, form, 422)
    except AlreadyExists:
        return _undo_page(request, _line(request), form, 409)
    slug = _slug_of(request, line)
    return RedirectResponse(f"/{request.state.tongue.tag}/desk{f'/projects/{slug}' if slug else ''}", 303)


def _desk(request: Request, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, somebody(request)
    after = number_beyond(request.query_params.get("after")) or 0
    waiting = store.findings.queue(after, PER_PAGE + 1)
    subjects = {one.slug: store.decisions.subject(one.slug) for one in waiting}
    matters = [decided.matter(one, moderate.conflict(store, someone, subjects[one.slug])) for one in waiting]
    answer = page(
        request,
        "desk.html",
        status,
        form=form,
        words=decided,
        matters=matters[:PER_PAGE],
        first=next((one.finding.number for one in matters if not one.own), None),
        behind=waiting[PER_PAGE - 1].number if len(waiting) > PER_PAGE else None,
        after=after,
        count=store.findings.count(),
        hidden=store.mirrors.hidden(),
        alone=_alone(request),
        noindex=True,
    )
    return private(answer)


def _decide(request: Request, about: Subject, finding: Finding | None) -> Response:
    """One step of a decision: what was typed is checked, shown again to be read, then kept."""
    form: Form = request.state.form
    wish = Wish(form.line("choice"), form.line("reason"), form.text("words"), form.line("seen"))
    if form.line("step") == "change":
        return _item(request, about, finding, form)
    if finding and _done(finding, about):
        return _again(request, about, finding, wish)
    for field, sentence in moderate.problems(wish, choices(about.state, finding is not None)).items():
        form.wrong(field, sentence)
    if form.problems.get("choice") == moderate.NOT_NOW:
        return _again(request, about, finding, wish)
    if not form:
        return _item(request, about, finding, form, 422)
    if form.line("step") != "decide":
        return _page(request, "desk-check.html", about=about, matter=_matter(finding), wish=wish, here=request.url.path)
    try:
        number = finding.number if finding else None
        store, now = request.app.state.store, now_of(request)
        moderate.decide(store, somebody(request), about.slug, wish, finding=number, now=now)
    except Invalid as error:
        _note(form, error)
        return _item(request, _about(request, about.slug), finding, form, 422)
    except AlreadyExists:
        return _again(request, _about(request, about.slug), _finding(request), wish)
    return _to_done(request)


def _again(request: Request, about: Subject, finding: Finding | None, wish: Wish) -> Response:
    """What was decided already: on to it for whoever pressed twice, told to whoever came second."""
    store, form = request.app.state.store, request.state.form
    found = store.decisions.of_project(about.id, 1)
    line = store.decisions.on(finding.number) if finding else found[0] if found else None
    if (
        line
        and (line.kind, line.words) == (wish.choice, wish.words)
        and store.decisions.by(line.number, somebody(request).id)
    ):
        return _to_done(request)
    return _item(request, about, finding, form, 409 if finding and _done(finding, about) else 422)


def _to_done(request: Request) -> Response:
    return RedirectResponse(address(request.url.path) + "#decided", 303)


def _item(request: Request, about: Subject, finding: Finding | None, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, somebody(request)
    own = moderate.conflict(store, someone, about)
    done = finding is not None and _done(finding, about)
    possible = () if own or done else choices(about.state, finding is not None)
    waiting = store.findings.queue(0, PER_PAGE)
    if not own:
        waiting = [one for one in waiting if finding is None or one.number != finding.number]
    return _page(
        request,
        "desk-item.html",
        status,
        about=about,
        matter=_matter(finding, own),
        form=form,
        done=done,
        line=store.decisions.on(finding.number) if finding and done else None,
        own=own,
        choices=possible,
        reasons=reasons(possible),
        seen=basis(about.observation),
        answers=store.makers.of_project(about.id),
        labels={**LABELS, **TECHNICAL},
        near=store.decisions.of_project(about.id, NEAR),
        others=[one for one in waiting if one.project_id == about.id],
        next=_next(request, waiting),
        origin=_origin(request, about),
        late=moderate.UNDO_WITHIN,
        here=request.url.path,
    )


def _next(request: Request, waiting: Any) -> int | None:
    """The oldest matter that whoever asks may decide on."""
    store, someone = request.app.state.store, somebody(request)
    for one in waiting:
        if not moderate.conflict(store, someone, store.decisions.subject(one.slug)):
            return int(one.number)
    return None


def _undo_page(request: Request, line: Decision, form: Form, status: int = 200) -> Response:
    latest = request.app.state.store.decisions.of_project(line.subject_id, 1)
    why_not = moderate.why_not(line, latest[0].number if latest else None, now_of(request))
    return _page(
        request,
        "desk-undo.html",
        status,
        line=line,
        form=form,
        why_not="" if line.undone_by else why_not,
        reasons=reasons((UNDO,)),
        here=request.url.path,
    )


def _page(request: Request, name: str, status: int = 200, **context: Any) -> Response:
    canonical = address(request.url.path)
    answer = private(page(request, name, status, words=decided, canonical=canonical, noindex=True, **context))
    if request.method == "POST":  # the browser may show it again to whoever goes back, in place of an error of its own
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _matter(finding: Finding | None, own: bool = False) -> decided.Matter | None:
    return decided.matter(finding, own) if finding else None


def _done(finding: Finding, about: Subject) -> bool:
    """Whether nobody is asked any more; what is hidden is asked again when it is shown."""
    return finding.done_at is not None or about.state.hidden


def _finding(request: Request) -> Finding:
    found: Finding = request.app.state.store.findings.one(_number(request, "finding"))
    return found


def _line(request: Request) -> Decision:
    found: Decision = request.app.state.store.decisions.one(_number(request, "decision"))
    return found


def _number(request: Request, kind: str) -> int:
    written = request.path_params["number"]
    number = number_beyond(written)
    if number is None:
        raise NotFound(kind, written[:20])
    return number


def _about(request: Request, slug: str) -> Subject:
    found: Subject = request.app.state.store.decisions.subject(slug)
    return found


def _slug_of(request: Request, line: Decision) -> str | None:
    try:
        return _about(request, line.slug).slug if line.slug else None
    except CatalogError:
        return None


def _origin(request: Request, about: Subject) -> str:
    """Where its makers keep the code, for whoever must read a licence that we do not show."""
    try:
        kept = request.app.state.store.mirrors.mirror(about.id)
    except NotFound:
        return ""
    return str(kept.canonical_url or kept.repository)


def _alone(request: Request) -> bool:
    """Whether nobody could be asked to look at a decision again."""
    return sum(request.app.state.store.people.roles().values()) < 2


def _note(form: Form, error: Invalid) -> None:
    for field, sentence in error.errors.items():
        form.wrong(field, sentence)
