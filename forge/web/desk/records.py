"""The desk's pages of findings, projects and organizations: what was found, what may be decided, and deciding it.

A decision is typed, checked on a page of its own, then sent; each step is a form, so that no script is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.moderation import DecisionRequest
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import Decision, reasons_for, serving_basis
from catalog.store.core.read_models import OtherCatalogue
from catalog.store.merges.merge_rows import Merge
from catalog.store.moderation.findings import Finding
from catalog.store.moderation.log import Subject
from catalog.store.submissions.maintainer_replies import MaintainerReply
from forge.web.core.form import Form
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.facts.fact_groups import field_label
from forge.web.wording import decisions

NEAR = 5  # decisions about a project, beside what is decided now
OTHERS = 20


@dataclass(frozen=True)
class Surroundings:
    """What there is about a record beside what is decided now: replies of its maintainers, records that were
    joined with it, other catalogues that tell of it, its last decisions, other cases."""

    answers: Sequence[tuple[str, str | None, MaintainerReply]]  # each with its field and the label of it
    joined: Sequence[Merge]
    told_by: Sequence[OtherCatalogue]
    decisions: Sequence[Decision]
    cases: Sequence[Finding]


def matter(request: Request) -> Response:
    finding = _finding(request)
    return _item(request, _about(request, finding.slug), finding, Form())


def decide_matter(request: Request) -> Response:
    finding = _finding(request)
    return _decide(request, _about(request, finding.slug), finding)


def project(request: Request) -> Response:
    return _item(request, _about(request, request.path_params["slug"], PROJECT), None, Form())


def decide_project(request: Request) -> Response:
    return _decide(request, _about(request, request.path_params["slug"], PROJECT), None)


def organization(request: Request) -> Response:
    return _item(request, _about(request, request.path_params["slug"], ORGANIZATION), None, Form())


def decide_organization(request: Request) -> Response:
    return _decide(request, _about(request, request.path_params["slug"], ORGANIZATION), None)


def _decide(request: Request, about: Subject, finding: Finding | None) -> Response:
    """One step of a decision: what was typed is checked, shown again to be read, then kept."""
    form: Form = request.state.form
    wish = DecisionRequest(form.line("choice"), form.line("reason"), form.text("words"), form.line("seen"))
    if form.line("step") == "change":
        return _item(request, about, finding, form)
    if finding and _done(finding, about):
        return _again(request, about, finding, wish)
    for field, sentence in moderation.problems(
        wish, moderation.offered(about, finding.kind if finding else None)
    ).items():
        form.wrong(field, sentence)
    if form.problems.get("choice") == moderation.NOT_NOW:
        return _again(request, about, finding, wish)
    if form.problems:
        return _item(request, about, finding, form, 422)
    if form.line("step") != "decide":
        return case_pages.drawn(
            request,
            "desk/check-decision.html",
            about=about,
            kind=about.kind,
            matter=_matter(finding, about),
            wish=wish,
        )
    try:
        number = finding.number if finding else None
        store, now = request.app.state.store, now_of(request)
        moderation.decide(store, signed_in_person(request), about.slug, wish, kind=about.kind, finding=number, now=now)
    except Invalid as error:
        case_pages.note(form, error)
        return _item(request, _about(request, about.slug, about.kind), finding, form, 422)
    except AlreadyExists:
        return _again(request, _about(request, about.slug, about.kind), _finding(request), wish)
    return _to_done(request)


def _again(request: Request, about: Subject, finding: Finding | None, wish: DecisionRequest) -> Response:
    """What was decided already: lead to it after a second press, tell it to a moderator who came second."""
    store, form = request.app.state.store, request.state.form
    decisions = store.decisions.about(about.id, 1)
    line = store.decisions.on(finding.number) if finding else decisions[0] if decisions else None
    if (
        line
        and (line.kind, line.words) == (wish.choice, wish.words)
        and store.decisions.is_by(line.number, signed_in_person(request).id)
    ):
        return _to_done(request)
    return _item(request, about, finding, form, 409 if finding and _done(finding, about) else 422)


def _to_done(request: Request) -> Response:
    return RedirectResponse(address(request.url.path) + "#decided", 303)


def _item(request: Request, about: Subject, finding: Finding | None, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    own = moderation.conflict(store, someone, about)
    done = finding is not None and _done(finding, about)
    possible = () if own or done else moderation.offered(about, finding.kind if finding else None)
    others = store.findings.about(about.id, OTHERS) if about.kind == PROJECT else ()
    return case_pages.drawn(
        request,
        "desk/record.html",
        status,
        about=about,
        matter=_matter(finding, about, own),
        form=form,
        done=done,
        line=store.decisions.on(finding.number) if finding and done else None,
        offer=case_pages.OfferedDecision(
            own=own,
            choices=possible,
            reasons=reasons_for(possible),
            seen=serving_basis(about.observation),
            next=case_pages.following(request, finding.number if finding and not own else None),
        ),
        around=Surroundings(
            answers=[
                (name, field_label(name), reply)
                for name, reply in store.maintainer_replies.of_project(about.id).items()
            ]
            if about.kind == PROJECT
            else [],
            joined=store.merges.merged_into(about.id),
            told_by=store.received_records.catalogues_stating(about.kind, about.id),
            decisions=store.decisions.about(about.id, NEAR),
            cases=[other for other in others if finding is None or other.number != finding.number],
        ),
        origin=_origin(request, about),
        just=case_pages.line_of(request),
        may_erase=about.kind == PROJECT and not own and permissions.may(someone, "desk-erase"),
    )


def _matter(finding: Finding | None, about: Subject, own: bool = False) -> decisions.FindingText | None:
    return decisions.matter(finding, own, about.observation) if finding else None


def _done(finding: Finding, about: Subject) -> bool:
    """Whether nobody is asked any more; what is hidden is asked again when it is shown."""
    return finding.done_at is not None or about.state.hidden


def _finding(request: Request) -> Finding:
    finding: Finding = request.app.state.store.findings.get(case_pages.number(request, "finding"))
    return finding


def _about(request: Request, slug: str, kind: str = PROJECT) -> Subject:
    subject: Subject = request.app.state.store.decisions.subject(slug, kind)
    return subject


def _origin(request: Request, about: Subject) -> str:
    """The address at which the makers keep the code, for a moderator who must read a licence that we do not show."""
    try:
        mirror = request.app.state.store.mirrors.mirror(about.id)
    except NotFound:
        return ""
    return str(mirror.canonical_url or mirror.repository)
