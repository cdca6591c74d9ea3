"""Submissions for pages: names of kinds and states, and each row of a submission before and after. Pure.

What strangers typed is cleaned and cut. `templates/submissions/macros.html` draws it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.rules.submission import ASK, REFUSED, WITHDRAW, Declaration
from catalog.submissions import KINDS as KINDS_OF
from catalog.submissions import Row
from forge.i18n.languages import mark
from forge.web.facts.facts import field_label
from forge.web.facts.values import cleaned, draw_value
from forge.web.wording import adoption_form
from forge.web.wording.calls import CODES

KINDS: Mapping[str, str] = {
    "register": mark("A project that is not here yet"),
    "claim": mark("You look after it"),
    "adopt": mark("Your organization uses it"),
    "correct": mark("A correction"),
    "withdraw": mark("Something is to be shown no more"),
    "call": mark("Somebody asks for something"),
    "report": mark("Something is wrong"),
    "support": mark("Your organization lacks it too"),
    "experience": mark("What your organization learned"),
    "ask": mark("A question"),
    "appeal": mark("Another person is to look at a decision again"),
    "help": mark("Who helps with a project"),
}
STATES: Mapping[str, str] = {
    "draft": mark("Not sent yet"),
    "sent": mark("It waits for you: open the link in the message that we sent you"),
    "waiting": mark("A person reads it within 7 days"),
    "asked": mark("There is a question for you"),
    "published": mark("It is published"),
    "refused": mark("It was not accepted"),
    "withdrawn": mark("You took it back"),
    "expired": mark("It was never finished, and is deleted soon"),
}
STATES_AT_DESK: Mapping[str, str] = {  # as those who decide read them
    "waiting": mark("It waits for a person"),
    "asked": mark("It waits for its sender’s answer"),
    "published": mark("It is published"),
    "refused": mark("It was not accepted"),
    "withdrawn": mark("Its sender took it back"),
}
# A question goes from one side to another and is never public, and what is withdrawn is public no more.
OWN_STATES: Mapping[str, Mapping[str, str]] = {
    ASK: {"published": mark("It was sent, and is not public"), "refused": mark("It was not passed on")},
    WITHDRAW: {"published": mark("It is done")},
}
QUESTION_REMOVED = mark("A moderator removed it, after a report")
# Fields of submissions that are not fields of facts.
FIELDS: Mapping[str, str] = {
    "license.detected": mark("Licence that its files show"),
    "readme": mark("How its README begins"),
    "need_words": mark("What it is for, in other words"),
    "host_words": mark("Who hosts it"),
    "need_terms": mark("What it is for, by terms of the list"),
    "hosts": mark("Who hosts it, by names of organizations here"),
    "maker": mark("Its makers sent this"),
    "online": mark("Where it can be used"),
    "report": mark("Report of the check"),
    "source": mark("Where one can check it"),
    "call": mark("What you ask for"),
    "project": mark("For the project"),
    "need": mark("What you need to do"),
    "text": mark("What is needed and why"),
    "group": mark("Which kind of group"),
    "country": mark("Country"),
    "today": mark("What you do today"),
    "words": mark("What you searched for"),
    "who": mark("Who can do it"),
    "effort": mark("How much time or money"),
    "tag": mark("Into or in which language"),
    "handed": mark("What is handed over"),
    "looked_for": mark("What your collective looks for"),
    "ends": mark("Until when"),
    "audience": mark("Who is blocked"),
    "where": mark("Where"),
    "happened": mark("What happened"),
    "device": mark("With which device or aid"),
    "page": mark("On the page"),
    "context": mark("For what, and by whom"),
    "replaced": mark("In place of"),
    "effort_days": mark("Days until it was in use"),
    "cost_band": mark("Cost in a year"),
    "hurt": mark("What hurt"),
    "advice": mark("What you would tell others"),
    "again": mark("Would you choose it again?"),
    "asked": mark("To the organization"),
    "question": mark("Your question"),
    "question.text": mark("The question"),
    "passed": mark("What came of it"),
    "report.asker": mark("Reported by whoever asked, because"),
    "report.addressee": mark("Reported by whoever was asked, because"),
    "answer": mark("The answer"),
    "supports": mark("The call that you join"),
    "about-call": mark("About the call"),
    "organization": mark("Your organization"),
    "new-organization": mark("Your organization, which is not here yet"),
    "kind": mark("Kind of group"),
    "variation": mark("What is different for you"),
    "named": mark("Your organization is named"),
    "decision": mark("The decision"),
    "why": mark("In their words"),
    **adoption_form.LABELS,
    "help.organization": mark("Organization"),
    "help.person": mark("Your name, as everybody reads it"),
    "help.role": mark("What it does for the project"),
    "unlist.name": mark("The project that is to be listed no more"),
    "unlist.reason": mark("The reason, which everybody can read"),
    "known-by": mark("How one can know it"),
}
# Fields of organizations that projects do not have.
ORGANIZATION_FIELDS: Mapping[str, str] = {
    "about": mark("What it does"),
    "kind": mark("Kind of organization"),
    "family": mark("Family of organization"),
    "function": mark("Role"),
    "country": mark("Country"),
    "region": mark("Region"),
    "networks": mark("Networks that it belongs to"),
    "identifiers": mark("Its numbers in registers"),
}
DOUBTS: Mapping[str, str] = {  # reasons of catalog.submissions.Doubt
    "not-read": mark("Its code could not be read"),
    "license-not-free": mark("Its licence is not free"),
    "license-unsure": mark("Its files do not show for sure that it is free"),
    "license-differs": mark("The licence that is named is not the one that its files show"),
    "same-name": mark("A project of the same name is here"),
    "same-address": mark("A project with this address is here, or was proposed"),
    "same-history": mark("It shares its history with a project that is here"),
    "sender-before": mark("Its sender has sent something before"),
    "long-summary": mark("Its sentence has more than 120 characters"),
    "no-summary": mark("Nobody says in a sentence what it lets people do"),
    "no-source": mark("No source is named"),
    "alike": mark("There are calls that say about the same"),
    "also-open": mark("Something else waits about the same"),
    "sender-refused": mark("What this sender sent before was not accepted, so often:"),
    "sender-published": mark("What this sender sent before was published, so often:"),
    "address-dead": mark("The address of its code did not answer at our last visit"),
    "not-its-sender": mark("Somebody else asks than who sent what was not accepted"),
    "unproven": mark("Nothing proves that the sender speaks for this organization"),
    "not-proven-keeper": mark("Nothing proves that the sender is of its makers"),
    **adoption_form.DOUBTS,
}
DRAFTS: Mapping[str, str] = {  # address where a draft is continued, without its secret
    "register": "/register/",
    "call": "/calls/drafts/",
    "experience": "/experiences/drafts/",
}
LONG = 80  # characters: a longer text has a field of several lines
CHANGED = mark("Some of it changed meanwhile: look again")
CORRECTED = mark("Corrected: %(fields)s.")


@dataclass(frozen=True)
class SubmissionRow:
    """A row as it is shown: `label` is a msgid, None for a field without one; `before` and `after` as drawn."""

    field: str
    label: str | None
    shape: str
    before: Any
    after: Any
    differs: bool


def submission_rows(rows: Iterable[Row]) -> tuple[SubmissionRow, ...]:
    return tuple(
        SubmissionRow(
            row.field,
            _label(row.field),
            row.shape,
            _drawn_value(row, row.before),
            _drawn_value(row, row.after),
            row.differs,
        )
        for row in rows
    )


def editable_rows(submission: Declaration) -> tuple[SubmissionRow, ...]:
    """The texts that a moderator may correct: `field` is the place in the answers, with dots."""
    return tuple(
        SubmissionRow(
            ".".join(text.path),
            _label(text.field),
            _text_shape(text.value),
            None,
            text.value,
            True,
        )
        for text in KINDS_OF[submission.kind].editable(submission)
    )


def moderator_changes(submission: Declaration, edits: Mapping[tuple[str, ...], str]) -> tuple[SubmissionRow, ...]:
    """What a moderator corrected, before and after."""
    editable = {text.path: text for text in KINDS_OF[submission.kind].editable(submission)}
    return tuple(
        SubmissionRow(
            ".".join(path), _label(text.field), "text", text.value or None, cleaned(edits[path]) or None, True
        )
        for path, text in editable.items()
        if path in edits and edits[path] != text.value
    )


def correction_sentence(
    submission: Declaration, edits: Mapping[tuple[str, ...], str], gettext: Callable[[str], str]
) -> str:
    """Which texts a moderator corrected, as a sentence of the log."""
    named = dict.fromkeys(
        gettext(line.label) if line.label else line.field for line in moderator_changes(submission, edits)
    )
    return gettext(CORRECTED) % {"fields": "; ".join(named)}


def _text_shape(text: str) -> str:
    return "long" if len(text) > LONG or "\n" in text else "text"


def _label(field: str) -> str | None:
    return FIELDS.get(field) or ORGANIZATION_FIELDS.get(field) or field_label(field)


def kind_of(submission: Declaration) -> str:
    """The label of its kind, as a msgid."""
    return KINDS[submission.kind]


def state_of(submission: Declaration) -> str:
    """How its sender reads its state, as a msgid."""
    return _own_state(submission) or STATES[submission.state]


def state_at_desk(submission: Declaration) -> str:
    """How those who decide read its state, as a msgid."""
    return _own_state(submission) or STATES_AT_DESK[submission.state]


def _own_state(submission: Declaration) -> str | None:
    if submission.kind == ASK and submission.state == REFUSED and submission.reported_at:
        return QUESTION_REMOVED
    return OWN_STATES.get(submission.kind, {}).get(submission.state)


def _drawn_value(row: Row, value: Any) -> Any:
    if value in (None, "", [], {}):
        return None
    if row.shape.startswith("code:"):
        known = CODES[row.shape[5:]]
        return tuple(known[code] for code in ([value] if isinstance(value, str) else value) if code in known) or None
    return draw_value(row.field, value) if row.shape == "fact" else cleaned(value)
