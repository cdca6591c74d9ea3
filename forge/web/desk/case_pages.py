"""What all pages of the moderators share: how they are drawn, which case comes next.

Who may open them stands in `catalog.rules.permissions` and is checked before a handler runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from catalog import moderation
from catalog.errors import CatalogError, Invalid, NotFound
from catalog.rules.decision import UNDO_WITHIN
from catalog.store.moderation.queue import FINDING, LIKENESS, Case
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, signed_in_person

AHEAD = 20  # of what waits, looked through for the next one


@dataclass(frozen=True)
class MessagePreview:
    """Subject and paragraphs in `language`; HTML, with all that was typed escaped."""

    language: str
    direction: str
    subject: Markup
    paragraphs: tuple[Markup, ...]


@dataclass(frozen=True)
class OfferedDecision:
    """What the moderator may decide on a page: nothing in a conflict of interest (`own`). `seen`: a stamp of what the
    page shows; `next`: the path of the next case; `quick`: what one press decides, and `letter`: what its sender gets
    then."""

    own: bool
    choices: Sequence[str]
    reasons: Sequence[str]
    seen: str
    next: str | None
    quick: str | None = None
    letter: MessagePreview | None = None
    late: timedelta = UNDO_WITHIN


def drawn(request: Request, name: str, status: int = 200, **context: Any) -> Response:
    """A page that depends on who asks."""
    canonical = address(request.url.path)
    answer = make_private(page(request, name, status, canonical=canonical, noindex=True, **context))
    if request.method == "POST":  # the browser may show it again after going back, in place of an error of its own
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def path_of(case: Case) -> str:
    """The path of the page of a case, below the language."""
    if case.source == FINDING:
        return f"/desk/{case.number}"
    return f"/desk/joins/{case.number}" if case.source == LIKENESS else f"/desk/declarations/{case.key}"


def following(request: Request, but: object = None) -> str | None:
    """The path of the next case that the moderator may decide on; None where none is left. `but`:
    the number of a case, or the reference of a submission."""
    return next((path_of(case) for case in free(request) if str(but) not in (case.key, str(case.number))), None)


def free(request: Request, kind: str = "", language: str = "") -> Iterator[Case]:
    """The first waiting cases in which this moderator has no conflict of interest."""
    someone, store = signed_in_person(request), request.app.state.store
    waiting = store.moderation_queue.queue(now=now_of(request), limit=AHEAD, kind=kind, language=language)
    own = moderation.own_cases(store, someone, waiting)
    return (case for case in waiting if case.number not in own)


def number(request: Request, kind: str) -> int:
    """The number in the address. Raises NotFound."""
    written = request.path_params["number"]
    number_written = line_number(written)
    if number_written is None:
        raise NotFound(kind, written[:20])
    return number_written


def line_of(request: Request) -> Any:
    """The line of the log that `done` names: what was decided a moment ago; None without one."""
    number_done = line_number(request.query_params.get("done"))
    if number_done is None:
        return None
    try:
        return request.app.state.store.decisions.get(number_done)
    except CatalogError:
        return None


def note(form: Form, error: Invalid) -> None:
    for field, sentence in error.errors.items():
        form.wrong(field, sentence)
