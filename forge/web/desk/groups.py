"""The desk's page of findings of one kind, listed together and decided together: one decision, with its reason, for all
that are marked. Each has its line in the public log, and each is taken back by itself.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation import DecisionRequest, MergeChoice
from catalog.rules.decision import APART, CHOICES, HIDE, JOIN, SERVE, reasons_for, serving_basis
from catalog.sentences import mark
from catalog.store.merges.merge_rows import ComparedRecord, PossibleDuplicate
from catalog.store.moderation.queue import FINDING, LIKENESS, Case
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import decisions

SHOWN = 20
MARKED = "marked"
NONE_MARKED = mark("Mark at least one")
CHANGED = mark("These have changed in the meantime. Nothing was decided about them. Check them again")


def show(request: Request) -> Response:
    """The page of the waiting findings of one kind, oldest first."""
    return _drawn(request, Form())


def decide(request: Request) -> Response:
    """The same decision for each that is marked, as it was seen."""
    form: Form = request.state.form
    kind, tag = _kind(request), request.state.page_language.tag
    marked = form.chosen(MARKED)[:SHOWN]
    if not marked:
        form.wrong(MARKED, NONE_MARKED)
    wish = DecisionRequest(form.line("choice"), form.line("reason"), form.text("words"), "")
    possible = (JOIN, APART) if kind == LIKENESS else tuple(choice for choice in CHOICES if choice != HIDE)
    for field, sentence in moderation.problems(wish, possible).items():
        form.wrong(field, sentence)
    if form.problems:
        return _drawn(request, form, 422)
    for case in marked:
        number, _, stamp = case.partition(" ")
        try:
            _decide_one(request, kind, line_number(number) or 0, wish, stamp)
        except (AlreadyExists, Invalid, NotAllowed, NotFound):
            form.wrong(MARKED, CHANGED)  # somebody was quicker, its files changed, or it is one's own
    if form.problems:
        return _drawn(request, form, 409)
    return RedirectResponse(address(f"/{tag}/desk/groups/{request.path_params['kind']}") + "#decided", 303)


def _decide_one(request: Request, kind: str, number: int, wish: DecisionRequest, stamp: str) -> None:
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    if kind == LIKENESS:
        alike = store.merges.likeness(number)
        if alike.done_at is not None:
            raise AlreadyExists("decision", "")
        stays, goes = _sides(request, alike)
        if wish.choice == JOIN and (stays.hidden or goes.hidden):
            return  # one of three or more of a name: another of these pairs joined it
        pair = MergeChoice(alike.kind, alike.one_id, alike.other_id, wish.choice, stays.id, wish.reason, wish.words)
        moderation.pair(store, someone, pair, now=now)
        return
    finding = store.findings.get(number)
    if finding.kind != kind:
        raise NotFound("finding", str(number))
    as_seen = DecisionRequest(wish.choice, wish.reason, wish.words, stamp)
    moderation.decide(store, someone, finding.slug, as_seen, finding=number, now=now)


def _drawn(request: Request, form: Form, status: int = 200) -> Response:
    store, now, kind = request.app.state.store, now_of(request), _kind(request)
    waiting = store.moderation_queue.queue(now=now, limit=SHOWN + 1, kind=kind, people=False)
    entries = _entries(request, waiting[:SHOWN])
    status = 409 if status == 422 and not entries else status  # somebody was quicker: there is no form any more
    if kind == LIKENESS:
        choices: tuple[str, ...] = (JOIN, APART)
    else:
        offered = {choice for entry in entries for choice in entry["offered"]}
        choices = tuple(choice for choice in CHOICES if choice in offered and choice != HIDE)
    return case_pages.drawn(
        request,
        "desk/group.html",
        status,
        form=form,
        kind=kind,
        title=decisions.title_of(kind),
        shown=entries,
        more=len(waiting) > SHOWN,
        choices=choices,
        reasons=reasons_for(choices),
        ticked=form.chosen(MARKED) if status != 200 else None,
        marked_already=SERVE not in choices,  # what needs reading one by one is marked by hand
    )


def _entries(request: Request, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Each case with what was found; without one's own, and those about which nothing is to be decided."""
    store, someone = request.app.state.store, signed_in_person(request)
    own = moderation.own_cases(store, someone, cases)
    entries = []
    for case in cases:
        if case.number in own:
            continue
        if case.source == LIKENESS:
            alike = store.merges.likeness(case.number)
            stays, goes = _sides(request, alike)
            two = {"stays": stays, "goes": goes, "matter": None}
            entries.append({"at": case, "path": case_pages.path_of(case), "value": str(case.number)} | two)
            continue
        finding = store.findings.get(case.number)
        about = store.decisions.subject(finding.slug)
        if offered := moderation.offered(about, finding.kind):
            entries.append(
                {
                    "at": case,
                    "path": case_pages.path_of(case),
                    "value": f"{case.number} {serving_basis(about.observation)}",
                    "matter": decisions.matter(finding, observation=about.observation),
                    "offered": offered,
                    "marked": False,
                }
            )
    return entries


def _sides(request: Request, alike: PossibleDuplicate) -> list[ComparedRecord]:
    """The record that stays where the two are joined, and the one that goes: ours before one of another catalogue,
    then the one with more uses."""
    merges = request.app.state.store.merges
    sides = [merges.side(alike.kind, key) for key in (alike.one_id, alike.other_id)]
    return sorted(sides, key=lambda side: (not side.ours, -side.uses))


def _kind(request: Request) -> str:
    """A kind of finding, or LIKENESS. Raises NotFound."""
    kind: str = request.path_params["kind"]
    if kind != LIKENESS and kind not in decisions.MATTERS:
        raise NotFound(FINDING, kind[:40])
    return kind
