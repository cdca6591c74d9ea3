"""The moderators' queue: open cases, submissions before findings, and the way to the next case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import CatalogError
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.permissions import may
from catalog.sentences import mark
from catalog.store.moderation.queue import LOOK, Case, Place
from forge.web.core.form import Form, clean
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import submissions

PER_PAGE = 20
NOT_FOUND = mark("Enter the address of the page, or its last part, like galette")


def queue_page(request: Request) -> Response:
    """What waits, behind the place `after`, narrowed by `kind` and `language`. `project` leads to the desk's page of
    any project or organization."""
    return _find(request) if "project" in request.query_params else _desk(request, Form())


def following(request: Request) -> Response:
    """Redirect to the first case, within what was chosen; back to the desk where none is left."""
    kind, language, tag = _kind(request), _language(request), request.state.page_language.tag
    done = [("done", request.query_params.get("done", "")[:12])]
    case = next(case_pages.free(request, kind, language), None)
    if case is None:
        return RedirectResponse(address(f"/{tag}/desk", done), 303)
    return RedirectResponse(address(f"/{tag}{case_pages.path_of(case)}", done), 303)


def _find(request: Request) -> Response:
    """Redirect from the name in an address to the desk's page of a project or an organization."""
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
    return RedirectResponse(f"/{request.state.page_language.tag}/desk/{kind}s/{about.slug}", 303)


def _desk(request: Request, form: Form, status: int = 200) -> Response:
    store, now, someone = request.app.state.store, now_of(request), signed_in_person(request)
    kind, language, after = _kind(request), _language(request), _place(request.query_params.get("after", ""))
    waiting = store.moderation_queue.queue(
        now=now, after=after, limit=PER_PAGE + 1, kind=kind, language=language, people=True
    )
    cases = waiting[:PER_PAGE]
    counts = store.moderation_queue.counts(now=now)
    query = [("kind", kind), ("language", language)]
    return case_pages.drawn(
        request,
        "desk/queue.html",
        status,
        form=form,
        queue=Queue(
            entries=_entries(request, cases),
            groups=[] if after or kind or language else _groups(request),
            first=next(case_pages.free(request, kind, language), None) is not None,
            behind=[*query, ("after", _written(cases[-1].place))] if len(waiting) > PER_PAGE else None,
            after=bool(after),
            query=query,
            kind=kind,
            language=language,
            counts={name: number for name, number in counts.items() if _is_kind(name)},
            count=sum(counts.values()) if not (kind or language) else None,
            spoken=store.moderation_queue.languages(now=now),
        ),
        hidden=_hidden(request),
        answered=store.decisions.answered_share(now=now),
        done=case_pages.line_of(request),
        health=may(someone, "desk-health"),
        keys_changed=[peer for peer in store.peers.all() if peer.waits_until(now)],
        # Told again each month, for a day; the checkup tells it each time.
        root_key_here=now.day == 1 and request.app.state.root_key.is_file(),
        mail_is_sent=request.app.state.mail_is_sent,
    )


@dataclass(frozen=True)
class Queue:
    """What waits, a page of it, narrowed to `kind` and `language`, and what was found, by kind. `first`: there is a
    case that this moderator may decide on; `behind`: the parameters of the next page; `counts` and `spoken`: how many
    wait, by kind and by language; `count`: all of them, where nothing narrows it."""

    entries: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    first: bool
    behind: Sequence[tuple[str, str]] | None
    after: bool
    query: Sequence[tuple[str, str]]
    kind: str
    language: str
    counts: Mapping[str, int]
    count: int | None
    spoken: Mapping[str, int]


def _entries(request: Request, cases: tuple[Case, ...]) -> list[dict[str, Any]]:
    """Each case with where it is opened, and whether it is one's own."""
    store = request.app.state.store
    own = moderation.own_cases(store, signed_in_person(request), cases)
    return [{"at": case, "path": case_pages.path_of(case), "own": case.number in own} for case in cases]


def _groups(request: Request) -> list[dict[str, Any]]:
    """What was found, by kind, each of its first cases with where it is opened and whether it is one's own."""
    store = request.app.state.store
    groups = store.moderation_queue.groups(now=now_of(request))
    own = moderation.own_cases(store, signed_in_person(request), [case for group in groups for case in group.first])
    return [
        {
            "all": group,
            "first": [(case, case_pages.path_of(case), case.number in own) for case in group.first],
        }
        for group in groups
    ]


def _hidden(request: Request) -> list[dict[str, Any]]:
    """What is hidden now, the newest first: where it is decided about, and since when and why it is."""
    store = request.app.state.store
    hidden = [
        {"path": f"projects/{mirror.slug}", "name": mirror.name, "reason": mirror.reason, "at": mirror.at}
        for mirror in store.takedowns.hidden()
    ]
    for about in store.decisions.hidden_organizations():
        reason, at = about.takedown
        hidden.append({"path": f"organizations/{about.slug}", "name": about.name, "reason": reason, "at": at})
    return sorted(hidden, key=lambda entry: entry["at"], reverse=True)


def _is_kind(name: str) -> bool:
    """Whether the queue can be narrowed to it: a kind of submissions, or what was published without a moderator."""
    return name in submissions.KINDS or name == LOOK


def _kind(request: Request) -> str:
    kind = request.query_params.get("kind", "")
    return kind if _is_kind(kind) else ""


def _language(request: Request) -> str:
    language = request.query_params.get("language", "")
    return language if 0 < len(language) <= 35 and language.replace("-", "").isalnum() else ""


def _written(place: Place) -> str:
    machine, at, number = place
    return f"{at.isoformat()}~{int(machine)}~{number}"


def _place(text: str) -> Place | None:
    """A place as `_written` wrote it; None for anything else: the queue from its start."""
    at, _, rest = text[:80].partition("~")
    machine, _, number = rest.partition("~")
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    fine = time.tzinfo is not None and machine in ("0", "1") and number.isascii() and number.isdigit()
    return (machine == "1", time, int(number)) if fine and len(number) <= 18 else None
