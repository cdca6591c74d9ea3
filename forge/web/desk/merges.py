"""The desk's pages of two records that may be the same: beside each other, to be merged, or marked as "not the same";
and of two that a person merged, or evidence joined, to be separated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, CatalogError, Invalid, NotFound
from catalog.moderation import MergeChoice
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import APART, JOIN, reasons_for
from catalog.sentences import mark
from catalog.store.merges.merge_rows import ComparedRecord
from catalog.submissions import Row
from forge.web.core.form import Form, clean
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import submissions

SHAPES: Mapping[str, tuple[tuple[str, str], ...]] = {  # what is shown of both, and how its values are read
    PROJECT: (("name", "text"), ("summary", "words"), ("homepage", "url"), ("repository", "url"), ("license", "text")),
    ORGANIZATION: (
        ("name", "text"),
        ("kind", "term:organization-kind"),
        ("country", "country"),
        ("homepage", "url"),
    ),
}
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
    if record is None or other is None or form.problems:
        return case_pages.drawn(request, "desk/choose-merge.html", 422, form=form)
    return _page(request, RecordPair(kind, record, other), Form())


def chosen(request: Request) -> Response:
    form = request.state.form
    kind = form.line("kind")
    sides = [_compared_record(request, kind, form.line(name)) for name in ("one", "other")]
    if sides[0] is None or sides[1] is None:
        raise NotFound(kind, form.line("one")[:100])
    return _decide(request, RecordPair(kind, sides[0], sides[1]))


def separate_page(request: Request) -> Response:
    """What a person merged, or evidence joined, and the form that separates it again."""
    return _separate_page(request, Form())


def separate(request: Request) -> Response:
    form, store, tag = request.state.form, request.app.state.store, request.state.page_language.tag
    kind, key = _kind_and_id(request)
    try:
        number = moderation.separate(
            store, signed_in_person(request), kind, key, form.text("words"), now=now_of(request)
        )
    except Invalid as error:
        case_pages.note(form, error)
        return _separate_page(request, form, 422)
    except NotFound:  # a second press, or somebody was quicker
        return RedirectResponse(f"/{tag}/desk", 303)
    return RedirectResponse(address(f"/{tag}/desk", [("done", str(number))]), 303)


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
        rows=_rows(two.kind, two.first.record, two.other.record),
        stays=stays,
        goes=None if stays is None else two.other if stays == two.first else two.first,
        own=own,
        over=hidden or two.done or status == 409,
        reasons=reasons_for((JOIN, APART)),
        next=case_pages.following(request, two.number),
        done=case_pages.line_of(request),
        here=here,
    )


def _separate_page(request: Request, form: Form, status: int = 200) -> Response:
    store = request.app.state.store
    kind, key = _kind_and_id(request)
    merge = store.merges.get(kind, key)
    other: Any = store.merges.side(kind, key) if merge else store.received_records.joined(kind, key)
    side = store.merges.side(kind, merge.into_id if merge else other.row_id)
    return case_pages.drawn(
        request,
        "desk/separate.html",
        status,
        kind=kind,
        side=side,
        other=other,
        catalogue=None if merge else other.catalogue(),
        line=store.decisions.get(merge.number) if merge else None,
        rows=_rows(kind, side.record, other.record),
        own=moderation.own_records(store, signed_in_person(request), key, side.id),
        form=form,
    )


def _kind_and_id(request: Request) -> tuple[str, UUID]:
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


def _rows(kind: str, record: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[submissions.SubmissionRow, ...]:
    """A row for each field that one of the two records has."""
    lines = [Row(name, record.get(name), other.get(name), shape) for name, shape in SHAPES[kind]]
    return submissions.submission_rows([row for row in lines if row.before or row.after])
