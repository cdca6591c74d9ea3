"""The desk of moderators: what needs a person, from all sources in one order, and the way to the next one.

It words nothing itself, and decides nothing.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import CatalogError
from catalog.rules.decision import ORGANIZATION, PROJECT
from catalog.rules.permissions import may
from catalog.sentences import mark
from catalog.store.moderation.queue import FINDING, LICENSE_UNSURE, SOURCES, Entry, Place
from forge.web.core.form import Form, clean
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import common as desk_common
from forge.web.wording import calls, decisions, submissions

PER_PAGE = 20
SEVERAL = 2  # licenses in doubt, from which on a page decides about them together
NOT_FOUND = mark("Enter the address of the page, or its last part, like galette")


def queue_page(request: Request) -> Response:
    """What waits, oldest first, behind the place `after`; `kind` and `language` narrow it."""
    return _desk(request, Form())


def following(request: Request) -> Response:
    """On to the oldest one that nobody holds, within what was chosen; back to the desk where none is left."""
    kind, language, tag = _kind(request), _language(request), request.state.tongue.tag
    done = [("done", request.query_params.get("done", "")[:12])]
    case = next(desk_common.free(request, kind, language), None)
    if case is None:
        return RedirectResponse(address(f"/{tag}/desk", done), 303)
    return RedirectResponse(address(f"/{tag}{desk_common.path_of(case)}", done), 303)


def find(request: Request) -> Response:
    """From the name in an address to the page of a project or an organization on the desk."""
    typed = clean(request.query_params.get("project", "")[:300])
    path = typed.split("?")[0].rstrip("/")
    slug = path.rpartition("/")[2]
    kind = ORGANIZATION if path.rpartition("/")[0].endswith("/organizations") else PROJECT
    form = Form({"project": [typed]})
    try:
        about = request.app.state.store.decisions.subject(slug, kind)
    except CatalogError:
        form.wrong("project", NOT_FOUND)
        return _desk(request, form, 422)
    return RedirectResponse(f"/{request.state.tongue.tag}/desk/{kind}s/{about.slug}", 303)


def _desk(request: Request, form: Form, status: int = 200) -> Response:
    store, now, someone = request.app.state.store, now_of(request), signed_in_person(request)
    kind, language, after = _kind(request), _language(request), _place(request.query_params.get("after", ""))
    waiting = store.moderation_queue.queue(now=now, after=after, limit=PER_PAGE + 1, kind=kind, language=language)
    shown = waiting[:PER_PAGE]
    counts = store.moderation_queue.counts(now=now)
    query = [("kind", kind), ("language", language)]
    people = desk_common.people(request)
    return desk_common.drawn(
        request,
        "desk/queue.html",
        status,
        form=form,
        submitted=submissions,
        entries=[_entry(request, case) for case in shown],
        me=someone.id,
        first=next(desk_common.free(request, kind, language), None) is not None,
        behind=[*query, ("after", _written(shown[-1].place))] if len(waiting) > PER_PAGE else None,
        after=after,
        query=query,
        kind=kind,
        language=language,
        counts=counts,
        count=sum(counts.values()) if not (kind or language) else None,
        spoken=store.moderation_queue.languages(now=now),
        hidden=store.mirrors.hidden(),
        answered=store.decisions.answered(now=now),
        late=store.withdrawal_receipts.late(now=now),
        unconfirmed=[
            (line, moderation.due(line, people), store.decisions.by(line.number, someone.id))
            for line in store.decisions.unconfirmed()
        ],
        alone=people < 2,
        questions=store.questions.newest(),
        passed=calls.QUESTIONS,
        done=desk_common.line_of(request),
        others=may(someone, "desk-peers"),
        health=may(someone, "desk-health"),
        mail_is_sent=request.app.state.mail_is_sent,
        licenses=len(store.moderation_queue.queue(now=now, limit=SEVERAL, kind=LICENSE_UNSURE)) == SEVERAL,
    )


def _entry(request: Request, case: Entry) -> dict[str, Any]:
    """An entry, with what its finding tells."""
    told = None
    if case.source == FINDING:
        store = request.app.state.store
        finding = store.findings.get(int(case.key))
        told = decisions.matter(finding, observation=store.decisions.subject(finding.slug).observation)
    return {"at": case, "path": desk_common.path_of(case), "own": desk_common.own(request, case), "matter": told}


def _kind(request: Request) -> str:
    wanted = request.query_params.get("kind", "")
    return wanted if wanted in submissions.KINDS or wanted in SOURCES else ""


def _language(request: Request) -> str:
    wanted = request.query_params.get("language", "")
    return wanted if 0 < len(wanted) <= 35 and wanted.replace("-", "").isalnum() else ""


def _written(place: Place) -> str:
    at, rank, key = place
    return f"{at.isoformat()}~{rank}~{key}"


def _place(text: str) -> Place | None:
    """A place as `_written` wrote it; None for anything else: the queue from its start."""
    at, _, rest = text[:80].partition("~")
    rank, _, key = rest.partition("~")
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    fine = time.tzinfo is not None and rank in ("0", "1", "2", "3") and key.replace("-", "").isalnum()
    textual = SOURCES[int(rank)] in ("declaration", "look") if fine else False
    return (time, int(rank), key) if fine and (textual or (key.isascii() and key.isdigit())) else None
