"""The desk's page of what somebody submitted, to be read and answered. An answer itself is given by
`catalog.moderation`.

Publishing as it stands takes one press, since it can be taken back for a day; every other answer is typed, checked on a
page of its own with the message that its sender gets, then sent.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation, submissions
from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.moderation import DecisionRequest
from catalog.rules.decision import ASK, EDIT, LOOKED_AT, PUBLISH, reasons_for
from catalog.rules.submission import Submission, normalized_reference
from catalog.sentences import mark
from catalog.submissions.about import name_at_desk
from forge.i18n import languages
from forge.web.core.form import MAX_TEXT, Form
from forge.web.core.render import address, base_url, manifest_of, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import submissions as wording_submissions

PLACE = "edit."  # of a corrected text: "edit.summary.fr"
TOO_LONG = mark("Use 10,000 characters or fewer")


def submission_page(request: Request) -> Response:
    return _item(request, _requested_submission(request), Form())


def decide(request: Request) -> Response:
    """One step: a decision to be checked, changed or made."""
    submission, form = _requested_submission(request), request.state.form
    step = form.line("step")
    wish = _wish(form, submission)
    if step == "change":
        return _item(request, submission, form)
    possible = moderation.possible(submission)
    if not possible:
        return _again(request, submission, wish)
    for field, sentence in moderation.problems(wish, possible).items():
        form.wrong(field, sentence)
    if form.problems.get("choice") == moderation.NOT_NOW:
        return _again(request, submission, wish)
    if wish.choice == EDIT and not moderation.corrected(submission, wish.edits)[1]:
        form.wrong("choice", moderation.NOTHING_CORRECTED)
    for path, text in wish.edits.items():
        if len(text) > MAX_TEXT:
            form.wrong(PLACE + ".".join(path), TOO_LONG)
    if form.problems:
        return _item(request, submission, form, 422)
    # Publishing as it stands is decided by the first press, since it can be taken back within a day; of every other
    # answer the message to its sender is shown first, in the sender's language.
    if step != "decide":
        return _check(request, submission, wish)
    return _decided(request, submission, form, wish)


def _decided(request: Request, submission: Submission, form: Form, wish: DecisionRequest) -> Response:
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    try:
        public = _with_public_words(request, submission, wish)
        number = moderation.answer(store, someone, submission.id, public, now=now)
    except Invalid as error:
        _note_problems(form, submission, error)
        return _item(request, store.submissions.get(submission.id), form, 422)
    except AlreadyExists:
        return _again(request, store.submissions.get(submission.id), wish)
    return _next(request, number)


def _next(request: Request, number: int | None = None) -> Response:
    """Redirect to the next case, where a line says what was decided."""
    done = [("done", str(number))] if number else []
    return RedirectResponse(address(f"/{request.state.page_language.tag}/desk/next", done), 303)


def _again(request: Request, submission: Submission, wish: DecisionRequest) -> Response:
    """What was answered already: go on after a second press, tell it to a moderator who came second."""
    store = request.app.state.store
    line = next(iter(store.decisions.of_submission(submission.id, 1)), None)
    if line and line.kind == wish.choice and store.decisions.is_by(line.number, signed_in_person(request).id):
        return _next(request, line.number)
    return _item(request, submission, request.state.form, 422 if submission.is_open else 409)


def _note_problems(form: Form, submission: Submission, error: Invalid) -> None:
    """Note what is wrong, beside the text that was corrected where it is that."""
    places = {text.path[0]: PLACE + ".".join(text.path) for text in _texts(submission)}
    for field, sentence in error.errors.items():
        place = places.get(field, field)
        form.wrong(place if place in form.values else field, sentence)


def _check(request: Request, submission: Submission, wish: DecisionRequest) -> Response:
    message = moderation.preview(request.app.state.store, submission, _with_public_words(request, submission, wish))
    return case_pages.drawn(
        request,
        "desk/check-submission.html",
        submission=submission,
        wish=wish,
        changes=wording_submissions.moderator_changes(submission, wish.edits) if wish.choice == EDIT else (),
        edits=_typed(wish),
        letter=preview(request, submission.language, *message) if message else None,
    )


def _item(request: Request, submission: Submission, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    own = moderation.conflict(store, someone, submission)
    possible = () if own else moderation.possible(submission)
    lines = store.decisions.of_submission(submission.id)
    message = (
        moderation.preview(store, submission, DecisionRequest(PUBLISH, "", "", "")) if PUBLISH in possible else None
    )
    others = [choice for choice in possible if choice not in (PUBLISH, EDIT)]
    return case_pages.drawn(
        request,
        "desk/submission.html",
        status,
        submission=submission,
        named=name_at_desk(store, submission),
        form=form,
        offer=case_pages.OfferedDecision(
            own=own,
            choices=[choice for choice in others if choice != LOOKED_AT],
            reasons=reasons_for([choice for choice in others if choice not in (LOOKED_AT, ASK)], submission.kind),
            seen=moderation.stamp(submission),
            next=case_pages.following(request, None if own else submission.reference),
            quick=next((choice for choice in possible if choice in (PUBLISH, LOOKED_AT)), None),
            letter=preview(request, submission.language, *message) if message else None,
        ),
        texts=_texts_to_edit(submission, form) if EDIT in possible else {},
        lines=lines,
        done=case_pages.line_of(request),
        confidential=isinstance(submissions.KINDS[submission.kind], submissions.Confidential)
        and submission.reported_at is None,
        **_submission_context(request, submission),
    )


def _texts_to_edit(submission: Submission, form: Form) -> dict[str, wording_submissions.SubmissionRow]:
    """The texts that a moderator may correct, as they read now, by the field of the form."""
    rows = {PLACE + row.field: row for row in wording_submissions.editable_rows(submission)}
    return {
        name: replace(row, after=form.text(name) if name in form.values else row.after) for name, row in rows.items()
    }


def _submission_context(request: Request, submission: Submission) -> dict[str, Any]:
    """What it says, line by line, and what is doubted of it."""
    store = request.app.state.store
    return {
        "lines_of": wording_submissions.submission_rows(submissions.rows_at_desk(store, submission)),
        "doubts": moderation.doubts(store, submission),
    }


def _texts(submission: Submission) -> tuple[submissions.EditableText, ...]:
    return submissions.KINDS[submission.kind].editable(submission)


def _typed(wish: DecisionRequest) -> list[tuple[str, str]]:
    """The corrections as fields of their form."""
    return [(PLACE + ".".join(path), text) for path, text in wish.edits.items()]


def _wish(form: Form, submission: Submission) -> DecisionRequest:
    typed = {text.path: PLACE + ".".join(text.path) for text in _texts(submission)}
    edits = {path: form.text(name) for path, name in typed.items() if name in form.values}
    choice = form.line("choice")
    wish = DecisionRequest(
        choice, form.line("reason"), form.text("words"), form.line("seen"), edits if choice == EDIT else {}
    )
    return replace(wish, reason="") if choice in (PUBLISH, EDIT, ASK) else wish


def _with_public_words(request: Request, submission: Submission, wish: DecisionRequest) -> DecisionRequest:
    """The wish with the words that everybody reads: which texts a moderator corrected is among them."""
    if wish.choice != EDIT:
        return wish
    sentence = wording_submissions.correction_sentence(submission, wish.edits, request.state.page_language.gettext)
    return replace(wish, words="\n".join(filter(None, (wish.words, sentence))))


def _requested_submission(request: Request) -> Submission:
    """Raises NotFound, also for what was never sent: a draft is its sender's alone."""
    reference = request.path_params["reference"]
    submission: Submission = request.app.state.store.submissions.by_reference(normalized_reference(reference[:20]))
    if submission.sent_at is None or submission.state in ("draft", "sent", "expired"):
        raise NotFound("declaration", reference[:20])
    return submission


TOKEN = "…"


def preview(request: Request, language: str, kind: str, argument: Mapping[str, str]) -> case_pages.MessagePreview:
    """The message of this kind in the language of its reader."""
    site = request.app.state.site
    page_language = languages.page_language(language if languages.is_supported(language) else languages.SOURCE)
    manifest = manifest_of(request)
    body = page_language.text_of(manifest.name) if manifest else None
    base = base_url(request)
    drawn = (
        site.environment(page_language)
        .get_template(f"mail/{kind}.txt")
        .render(
            base=f"{base}/{page_language.tag}",
            site=languages.plain(body.text) if body else "Forge",
            language=page_language.tag,
            token=TOKEN,
            **argument,
        )
    )
    subject, _, text = languages.without_marks(drawn).strip().partition("\n")
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    # What was typed was escaped when the template was filled: it is drawn by the pages' own environment.
    return case_pages.MessagePreview(
        page_language.tag, page_language.direction, Markup(subject), tuple(Markup(part) for part in parts)
    )
