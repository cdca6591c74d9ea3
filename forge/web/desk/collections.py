"""The desk's pages of curated lists: all of them, and the form that changes one or adds one, in one language at a time.
The other languages of its texts stay as they are.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog import text_rules as rules
from catalog.errors import CatalogError, Invalid, Moved, NotFound
from catalog.moderation import CuratedList
from catalog.record_kind import PROJECT
from catalog.rules.contact_details import AN_ADDRESS
from catalog.rules.decision import COLLECTION, EDIT_RECORD, LOCK, REMOVE, UNLOCK, USUAL_REASONS
from catalog.sentences import mark
from catalog.store.documents.curation import collection_id
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, offered_languages
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages

NEW = "new"  # in place of a slug
SPARE, MOST = 3, 60  # empty rows of the form; projects of a list
MAX_TITLE, MAX_TEXT, MAX_REASON = 100, 2_000, 300  # characters
NO_TITLE = mark("Write a title")
LONG_TITLE = mark("Use 100 characters or fewer")
LONG_TEXT = mark("Use 2,000 characters or fewer")
LONG_REASON = mark("Use 300 characters or fewer")
NO_PROJECT = mark("Enter the address of the page, or its last part, like galette")
TWICE = mark("This is there twice")
NO_SLUG = mark("Use small letters, digits and hyphens, like member-management")
TAKEN = mark("There is a selection with this address already")


def overview(request: Request) -> Response:
    """All lists, also removed ones, with whether they are locked."""
    store = request.app.state.store
    return case_pages.drawn(
        request,
        "desk/editing/collections.html",
        done=case_pages.line_of(request),
        lists=[
            {
                "slug": curated.slug,
                "title": curated.title,
                "count": len(curated.projects),
                "removed": removed,
                "locked": store.curation.is_locked(COLLECTION, collection_id(curated.slug)),
            }
            for curated, removed in store.collections.all()
        ],
    )


def collection_page(request: Request) -> Response:
    record, language = _record(request), _language(request, request.query_params.get("language", ""))
    query: dict[str, list[str]] = {"language": [language]}
    for name in ("title", "text"):
        query[name] = [(record.get(name) or {}).get(language, "")]
    for row, chosen in enumerate(record.get("projects", ())):
        query[f"project-{row}"] = [_present(request, chosen["project"])]
        query[f"reason-{row}"] = [(chosen.get("reason") or {}).get(language, "")]
    return _page(request, record, Form(query), language)


def change(request: Request) -> Response:
    """One press: the list as it is typed, or removed, locked, unlocked."""
    form, store, someone = request.state.form, request.app.state.store, signed_in_person(request)
    record, language = _record(request), _language(request, request.state.form.line("language"))
    slug = request.path_params["slug"]
    try:
        step = form.line("step")
        if step in (REMOVE, LOCK, UNLOCK) and slug != NEW:
            number = moderation.decide_list(store, someone, slug, step, form.text("words"), now=now_of(request))
        else:
            values = _typed(request, form, record, language)
            usual = USUAL_REASONS[EDIT_RECORD]
            for field, sentence in moderation.reason_problems(EDIT_RECORD, usual, form.text("words")).items():
                form.wrong(field, sentence)
            if form.problems:
                return _page(request, record, form, language, 422)
            curated = CuratedList(values["slug"], values, form.line("seen"))
            number = moderation.edit_list(store, someone, curated, form.text("words"), now=now_of(request))
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, _record(request), form, language, 422)
    return RedirectResponse(
        address(f"/{request.state.page_language.tag}/desk/collections", [("done", str(number))]), 303
    )


def _typed(request: Request, form: Form, record: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The record of the list as it is typed; what is wrong is noted beside its field."""
    new = request.path_params["slug"] == NEW
    slug = form.line("slug") if new else record["slug"]
    if new:
        if rules.slug(slug) is not None or slug == NEW:
            form.wrong("slug", NO_SLUG)
        elif request.app.state.store.collections.get(slug) not in (None,) and not _is_removed(request, slug):
            form.wrong("slug", TAKEN)
    values: dict[str, Any] = {"slug": slug}
    bounds = {"title": (MAX_TITLE, LONG_TITLE), "text": (MAX_TEXT, LONG_TEXT)}
    for name, (most, sentence) in bounds.items():
        text = form.line(name) if name == "title" else form.text(name)
        _check_text(form, name, text, most, sentence)
        if texts := _with(record.get(name) or {}, language, text):
            values[name] = texts
    if "title" not in values:
        form.wrong("title", NO_TITLE)
    before = {_present(request, line["project"]): line.get("reason") or {} for line in record.get("projects", ())}
    chosen: dict[str, dict[str, Any]] = {}
    for row in range(MOST):
        typed, reason = form.line(f"project-{row}"), form.line(f"reason-{row}")
        if not (typed or reason):
            continue
        project_slug = _project(request, typed) if typed else None
        _check_text(form, f"reason-{row}", reason, MAX_REASON, LONG_REASON)
        if project_slug is None:
            form.wrong(f"project-{row}", NO_PROJECT)
        elif project_slug in chosen:
            form.wrong(f"project-{row}", TWICE)
        else:
            reasons = _with(before.get(project_slug, {}), language, reason)
            chosen[project_slug] = {"project": project_slug} | ({"reason": reasons} if reasons else {})
    if chosen:
        values["projects"] = list(chosen.values())
    return values


def _check_text(form: Form, name: str, text: str, most: int, sentence: str) -> None:
    if len(text) > most:
        form.wrong(name, sentence)
    elif text and rules.prose(text) is not None:
        form.wrong(name, AN_ADDRESS)


def _with(texts: Mapping[str, str], language: str, text: str) -> dict[str, str]:
    others = {tag: other_text for tag, other_text in texts.items() if tag != language}
    return others | ({language: text} if text else {})


def _project(request: Request, typed: str) -> str | None:
    slug = typed.split("?")[0].rstrip("/").rpartition("/")[2]
    try:
        slug_there: str = request.app.state.store.decisions.subject(slug, PROJECT).slug
    except Moved as error:
        return error.to
    except CatalogError:
        return None
    return slug_there


def _present(request: Request, slug: str) -> str:
    """The present slug of a project that a list names; the same where there is none any more."""
    return _project(request, slug) or slug


def _page(request: Request, record: Mapping[str, Any], form: Form, language: str, status: int = 200) -> Response:
    slug = request.path_params["slug"]
    changed = form.problems.get("choice") == moderation.NOT_NOW  # the next press is about what stands there now
    filled = [row for row in range(MOST) if form.line(f"project-{row}")]
    return case_pages.drawn(
        request,
        "desk/editing/collection.html",
        status,
        form=form,
        record=record,
        new=slug == NEW,
        stands=slug != NEW and not _is_removed(request, slug),
        locked=request.app.state.store.curation.is_locked(COLLECTION, collection_id(slug)),
        seen=(not changed and form.line("seen")) or (moderation.list_stamp(record) if record else ""),
        language=language,
        other_languages=[tag for tag in _languages(request, record) if tag != language],
        rows=min(max(filled, default=-1) + 1 + SPARE, MOST),
    )


def _record(request: Request) -> Mapping[str, Any]:
    """The record of the list in the address; empty for a new one. Raises NotFound."""
    slug = request.path_params["slug"]
    if slug == NEW:
        return {}
    collection = request.app.state.store.collections.get(slug)
    if collection is None:
        raise NotFound(COLLECTION, slug[:100])
    record: Mapping[str, Any] = collection[0]
    return record


def _is_removed(request: Request, slug: str) -> bool:
    collection = request.app.state.store.collections.get(slug)
    return collection is not None and collection[1]


def _languages(request: Request, record: Mapping[str, Any]) -> list[str]:
    """The languages of the pages, and those in which the list has a text already."""
    return list(dict.fromkeys([*offered_languages(request), *(record.get("title") or {})]))


def _language(request: Request, tag: str) -> str:
    return tag if tag in _languages(request, _record(request)) else str(request.state.page_language.tag)
