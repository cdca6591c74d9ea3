"""The desk's pages of two records that may be the same: beside each other, to be merged, separated, or marked as "not
the same".
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, CatalogError, Invalid, NotFound
from catalog.moderation import MergeChoice
from catalog.record_kind import PROJECT
from catalog.rules.decision import APART, JOIN, UNJOIN, reasons_for
from catalog.sentences import mark
from catalog.store.merges.rows import ComparedRecord
from forge.web.core.form import Form, clean
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.desk.side_by_side import SHAPES, rows
from forge.web.wording import submissions

NOT_FOUND = mark("Enter the address of the page, or its last part, like galette")


@dataclass(frozen=True)
class RecordPair:
    """Two records, and the number of what said that they resemble each other."""

    kind: str
    first: ComparedRecord
    other: ComparedRecord
    number: int | None = None
    done: bool = False


def merge_page(request: Request) -> Response:
    """What may be the same, as the daily job found it."""
    return _page(request, _likeness(request), Form())


def decide(request: Request) -> Response:
    return _decide(request, _likeness(request))


def choose(request: Request) -> Response:
    """Any two records, by the last parts of their addresses; without both a form that asks for them."""
    kind = request.query_params.get("kind", PROJECT)
    typed = {name: clean(request.query_params.get(name, "")[:300]) for name in ("one", "other")}
    form = Form({"kind": [kind], **{name: [text] for name, text in typed.items()}})
    if not typed.keys() & request.query_params.keys():
        return case_pages.drawn(request, "desk/choose-merge.html", form=form)
    records = {name: _compared_record(request, kind, text) for name, text in typed.items()}
    for name, side in records.items():
        if side is None:
            form.wrong(name, NOT_FOUND)
    record, other = records["one"], records["other"]
    if record is not None and other is not None and record.id == other.id:
        form.wrong("other", moderation.THE_SAME)
    if record is None or other is None or not form:
        return case_pages.drawn(request, "desk/choose-merge.html", 422, form=form)
    return _page(request, RecordPair(kind, record, other), Form())


def chosen(request: Request) -> Response:
    form = request.state.form
    kind = form.line("kind")
    sides = [_compared_record(request, kind, form.line(name)) for name in ("one", "other")]
    if sides[0] is None or sides[1] is None:
        raise NotFound(kind, form.line("one")[:100])
    return _decide(request, RecordPair(kind, sides[0], sides[1]))


def parting(request: Request) -> Response:
    """What was joined, and the form that parts it again."""
    return _part_page(request, Form())


def part(request: Request) -> Response:
    form, store, tag = request.state.form, request.app.state.store, request.state.page_language.tag
    kind, key = _joined(request)
    reason, words = form.line("reason"), form.text("words")
    try:
        side = store.merges.side(kind, store.merges.get(kind, key).into_id)
        moderation.unjoin(store, signed_in_person(request), kind, key, reason, words, now=now_of(request))
    except Invalid as error:
        case_pages.note(form, error)
        return _part_page(request, form, 422)
    except NotFound:  # a second press, or somebody was quicker: the record has a page of its own again
        side = store.merges.side(kind, key)
    return RedirectResponse(f"/{tag}/desk/{kind}s/{side.slug}", 303)


def _decide(request: Request, two: RecordPair) -> Response:
    """One step: which stays is chosen, shown to be read, then done. That two are not the same takes one press."""
    form: Form = request.state.form
    answer = form.line("choice")
    stays = next((side for side in (two.first, two.other) if str(side.id) == answer), None)
    choice = APART if answer == APART else JOIN
    if answer == "":
        form.wrong("choice", moderation.NO_STAY)
        return _page(request, two, form, 422)
    if form.line("step") == "change":
        return _page(request, two, form)
    if choice == JOIN and stays is not None and form.line("step") != "decide":
        return _page(request, two, form, stays=stays)
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    wish = MergeChoice(
        two.kind,
        two.first.id,
        two.other.id,
        choice,
        stays.id if stays else None,
        form.line("reason"),
        form.text("words"),
    )
    try:
        number = moderation.pair(store, someone, wish, now=now)
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, two, form, 422)
    except AlreadyExists:
        return _page(request, two, form, 409)
    return RedirectResponse(address(f"/{request.state.page_language.tag}/desk/next", [("done", str(number))]), 303)


def _page(
    request: Request,
    two: RecordPair,
    form: Form,
    status: int = 200,
    *,
    stays: ComparedRecord | None = None,
) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    own = moderation.own_records(store, someone, two.first.id, two.other.id)
    hidden = two.first.hidden or two.other.hidden
    here = request.url.path if two.number is not None else f"/{request.state.page_language.tag}/desk/joins"
    return case_pages.drawn(
        request,
        "desk/merge.html",
        status,
        two=two,
        form=form,
        rows=submissions.submission_rows(rows(two.kind, two.first.record, two.other.record)),
        stays=stays,
        goes=None if stays is None else two.other if stays == two.first else two.first,
        own=own,
        over=hidden or two.done or status == 409,
        reasons=reasons_for((JOIN, APART)),
        next=case_pages.following(request, two.number),
        done=case_pages.line_of(request),
        here=here,
    )


def _part_page(request: Request, form: Form, status: int = 200) -> Response:
    store = request.app.state.store
    kind, key = _joined(request)
    merge = store.merges.get(kind, key)
    return case_pages.drawn(
        request,
        "desk/unmerge.html",
        status,
        kind=kind,
        gone=store.merges.side(kind, key),
        into=store.merges.side(kind, merge.into_id),
        line=store.decisions.get(merge.number),
        own=moderation.own_records(store, signed_in_person(request), key, merge.into_id),
        form=form,
        reasons=reasons_for((UNJOIN,)),
        here=request.url.path,
    )


def _joined(request: Request) -> tuple[str, UUID]:
    kind, key = request.path_params["kind"], request.path_params["key"]
    try:
        return (kind if kind in SHAPES else PROJECT), UUID(key)
    except ValueError:
        raise NotFound("join", key[:40]) from None


def _likeness(request: Request) -> RecordPair:
    store = request.app.state.store
    likeness = store.merges.likeness(case_pages.number(request, "likeness"))
    sides = [store.merges.side(likeness.kind, key) for key in (likeness.one_id, likeness.other_id)]
    return RecordPair(likeness.kind, sides[0], sides[1], likeness.number, likeness.done_at is not None)


def _compared_record(request: Request, kind: str, typed: str) -> ComparedRecord | None:
    slug = typed.split("?")[0].rstrip("/").rpartition("/")[2]
    store: Any = request.app.state.store
    try:
        record: ComparedRecord | None = (
            store.merges.side(kind, store.decisions.subject(slug, kind).id) if kind in SHAPES else None
        )
    except CatalogError:
        return None
    return record
