"""The desk's page of projects whose license files leave open whether their code may be shown: each with the sentences
that cause the doubt, and one decision, with its reason, for all that are marked.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation import UNSURE, Wish
from catalog.rules.decision import CLOSE, SERVE, reasons_for, serving_basis
from catalog.sentences import mark
from catalog.store.moderation.queue import Entry
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import common as desk_common
from forge.web.wording import decisions

SHOWN = 20
MARKED = "marked"
CHOICES = (SERVE, CLOSE)
NONE_MARKED = mark("Mark at least one project")
CHANGED = mark("These projects have changed in the meantime. Nothing was decided about them. Check them again")


def show(request: Request) -> Response:
    """Those that wait, oldest first."""
    return _drawn(request, Form())


def decide(request: Request) -> Response:
    """The same decision for each that is marked, as it was seen; each has its line in the log."""
    form: Form = request.state.form
    store, someone = request.app.state.store, signed_in_person(request)
    choice, reason, words = form.line("choice"), form.line("reason"), form.text("words")
    marked = form.chosen(MARKED)[:SHOWN]
    if not marked:
        form.wrong(MARKED, NONE_MARKED)
    for field, sentence in moderation.problems(Wish(choice, reason, words, ""), CHOICES).items():
        form.wrong(field, sentence)
    if not form:
        return _drawn(request, form, 422)
    for given in marked:
        number, _, seen = given.partition(" ")
        try:
            finding = store.findings.get(line_number(number) or 0)
            if finding.kind != UNSURE:
                raise NotFound("finding", number[:20])
            wish = Wish(choice, reason, words, seen)
            moderation.decide(store, someone, finding.slug, wish, finding=finding.number, now=now_of(request))
        except (AlreadyExists, Invalid, NotAllowed, NotFound):
            form.wrong(MARKED, CHANGED)  # somebody was quicker, its files changed, or it is one's own
    if form.problems:
        return _drawn(request, form, 409)
    return RedirectResponse(address(f"/{request.state.tongue.tag}/desk/licenses") + "#decided", 303)


def _drawn(request: Request, form: Form, status: int = 200) -> Response:
    store, now = request.app.state.store, now_of(request)
    waiting = store.moderation_queue.queue(now=now, limit=SHOWN + 1, kind=UNSURE)
    shown = [_entry(request, entry) for entry in waiting[:SHOWN]]
    return desk_common.drawn(
        request,
        "desk/licenses.html",
        status,
        form=form,
        shown=[entry for entry in shown if entry],
        more=len(waiting) > SHOWN,
        choices=CHOICES,
        reasons=reasons_for(CHOICES),
    )


def _entry(request: Request, entry: Entry) -> dict[str, Any] | None:
    """One project with what its files say; None for one's own, for another's at the moment, and where nothing is to be
    decided."""
    store, someone = request.app.state.store, signed_in_person(request)
    if entry.held_by not in (None, someone.id) or desk_common.own(request, entry):
        return None
    finding = store.findings.get(int(entry.key))
    about = store.decisions.subject(finding.slug)
    if not set(CHOICES) <= set(moderation.offered(about, finding.kind)):
        return None
    matter = decisions.matter(finding, observation=about.observation)
    return {"at": entry, "about": about, "matter": matter, "seen": serving_basis(about.observation)}


PAGES = [("/desk/licenses", show, "desk-licenses")]  # below /{language}
FORMS = [("/desk/licenses", decide, "desk-licenses-decide")]
