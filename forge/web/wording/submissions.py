"""Submissions for pages: names of kinds and states, and each row of a submission before and after. Pure.

What strangers typed is cleaned and cut. `templates/submissions/macros.html` draws it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as field_of_dataclass
from typing import Any

from catalog.rules.submission import ASK, CLAIM, PUBLISHED, REFUSED, REPORT, WITHDRAW, Submission
from catalog.sentences import mark
from catalog.submissions import KINDS as KINDS_OF
from catalog.submissions import Row
from forge.web.facts.fact_groups import field_label
from forge.web.facts.values import cleaned, draw_value
from forge.web.wording import adoption_form
from forge.web.wording.calls import CODES

KINDS: Mapping[str, str] = {
    "register": mark("New software"),
    "claim": mark("You maintain it"),
    "adopt": mark("Your organization uses it"),
    "correct": mark("A correction"),
    "withdraw": mark("Removal request"),
    "call": mark("A published need"),
    "report": mark("Message to the team"),
    "experience": mark("Your organization’s experience"),
    "ask": mark("A question"),
    "help": mark("Support offered for a project"),
}
OBSTACLE = mark("An obstacle")  # a report about a project
STATES: Mapping[str, str] = {
    "draft": mark("Not sent yet"),
    "sent": mark("To be confirmed: open the link in the message that we sent you"),
    "waiting": mark("To be reviewed within 7 days"),
    "asked": mark("We have a question for you"),
    "published": mark("Published"),
    "refused": mark("Not accepted"),
    "withdrawn": mark("Withdrawn by you"),
    "expired": mark("Never completed: it will be deleted soon"),
}
STATES_AT_DESK: Mapping[str, str] = {  # as those who decide read them
    "waiting": mark("To review"),
    "asked": mark("Waiting for the sender’s answer"),
    "published": mark("Published"),
    "refused": mark("Not accepted"),
    "withdrawn": mark("Withdrawn by the sender"),
}
# A question goes from one side to another and is never public, what is withdrawn is public no more, and evidence is for
# those who decide.
OWN_STATES: Mapping[str, Mapping[str, str]] = {
    ASK: {"published": mark("Sent, not public"), "refused": mark("Not sent on")},
    WITHDRAW: {"published": mark("Done")},
    CLAIM: {"published": mark("Accepted")},
}
QUESTION_REMOVED = mark("Removed by a moderator after a report")
# Fields of submissions that are not fields of facts.
FIELDS: Mapping[str, str] = {
    "license.detected": mark("Licence detected in its files"),
    "readme": mark("Beginning of its README"),
    "need_words": mark("Purpose, in other words"),
    "host_words": mark("Hosting provider"),
    "need_terms": mark("Purpose, by categories"),
    "hosts": mark("Hosting provider, among organizations here"),
    "maker": mark("Sent by the maintainers"),
    "online": mark("Where it can be used"),
    "report": mark("Test report"),
    "call": mark("Your request"),
    "project": mark("Software concerned"),
    "country": mark("Country"),
    "asked": mark("To the organization"),
    "to-maintainers": mark("To the maintainers"),
    "question.text": mark("The question"),
    "passed": mark("Outcome"),
    "report.asker": mark("Reported by the person who asked, because"),
    "report.addressee": mark("Reported by the organization that was asked, because"),
    "answer": mark("The answer"),
    "about-call": mark("About the need"),
    "organization": mark("Your organization"),
    "kind": mark("Kind of organization"),
    "decision": mark("The decision"),
    **adoption_form.LABELS,
    "help.organization": mark("Organization"),
    "unlist.name": mark("Project to be removed from the list"),
}
# Fields of organizations that projects do not have.
ORGANIZATION_FIELDS: Mapping[str, str] = {
    "about": mark("What it does"),
    "kind": mark("Kind of organization"),
    "family": mark("Main kind of organization"),
    "function": mark("Role"),
    "country": mark("Country"),
    "region": mark("Region"),
    "networks": mark("Member of networks"),
    "identifiers": mark("Registration numbers"),
}
DOUBTS: Mapping[str, str] = {  # reasons of catalog.submissions.Doubt
    "not-read": mark("Its code could not be read"),
    "license-not-free": mark("Its licence is not free"),
    "license-unsure": mark("Its files do not clearly show a free licence"),
    "license-differs": mark("The stated licence differs from the one in its files"),
    "same-name": mark("A project with the same name is already listed"),
    "same-address": mark("A project with this address is already listed or proposed"),
    "same-history": mark("It shares its history with a listed project"),
    "sender-before": mark("The sender has sent something before"),
    "long-summary": mark("Its summary has more than 120 characters"),
    "no-summary": mark("It has no summary"),
    "no-source": mark("No source given"),
    "alike": mark("There are similar needs"),
    "also-open": mark("Another case on the same subject is waiting"),
    "sender-refused": mark("Earlier submissions by this sender, not accepted:"),
    "sender-published": mark("Earlier submissions by this sender, published:"),
    "address-dead": mark("The address of its code did not answer at our last visit"),
    "address-at-website": mark("The sender’s e-mail domain matches the website:"),
    "address-elsewhere": mark("The sender’s address is not at the domain of the website:"),
    "unproven": mark("No evidence that the sender represents this organization"),
    "not-proven-keeper": mark("No evidence that the sender is a maintainer"),
    **adoption_form.DOUBTS,
}
LONG = 80  # characters: a longer text has a field of several lines
CORRECTED = mark("Corrected: %(fields)s.")


@dataclass(frozen=True)
class SubmissionRow:
    """A row as it is shown: `label` is a msgid, None for a field without one; `before` and `after` as drawn; `names` of
    the records whose slugs they are."""

    field: str
    label: str | None
    shape: str
    before: Any
    after: Any
    differs: bool
    names: Mapping[str, str] = field_of_dataclass(default_factory=dict)


def submission_rows(rows: Iterable[Row]) -> tuple[SubmissionRow, ...]:
    return tuple(
        SubmissionRow(
            row.field,
            row.label or _label(row.field),
            row.shape,
            _drawn_value(row, row.before),
            _drawn_value(row, row.after),
            row.differs,
            row.names,
        )
        for row in rows
    )


def editable_rows(submission: Submission) -> tuple[SubmissionRow, ...]:
    """The texts that a moderator may correct: `field` is the place in the answers, with dots."""
    return tuple(
        SubmissionRow(
            ".".join(text.path),
            text.label or _label(text.field),
            _text_shape(text.value),
            None,
            text.value,
            True,
        )
        for text in KINDS_OF[submission.kind].editable(submission)
    )


def moderator_changes(submission: Submission, edits: Mapping[tuple[str, ...], str]) -> tuple[SubmissionRow, ...]:
    """What a moderator corrected, before and after."""
    editable = {text.path: text for text in KINDS_OF[submission.kind].editable(submission)}
    return tuple(
        SubmissionRow(
            ".".join(path),
            text.label or _label(text.field),
            "text",
            text.value or None,
            cleaned(edits[path]) or None,
            True,
        )
        for path, text in editable.items()
        if path in edits and edits[path] != text.value
    )


def correction_sentence(
    submission: Submission, edits: Mapping[tuple[str, ...], str], gettext: Callable[[str], str]
) -> str:
    """Which texts a moderator corrected, as a sentence of the log."""
    fields = dict.fromkeys(
        gettext(line.label) if line.label else line.field for line in moderator_changes(submission, edits)
    )
    return gettext(CORRECTED) % {"fields": "; ".join(fields)}


def _text_shape(text: str) -> str:
    return "long" if len(text) > LONG or "\n" in text else "text"


def label_of_field(field: str) -> str | None:
    """What a field of a project or an organization is called, as a msgid."""
    return _label(field)


def _label(field: str) -> str | None:
    return FIELDS.get(field) or ORGANIZATION_FIELDS.get(field) or field_label(field)


def kind_of(submission: Submission) -> str:
    """The label of its kind, as a msgid."""
    return OBSTACLE if submission.kind == REPORT and submission.project_id else KINDS[submission.kind]


def state_of(submission: Submission) -> str:
    """How its sender reads its state, as a msgid."""
    return _own_state(submission) or STATES[submission.state]


def state_at_desk(submission: Submission) -> str:
    """How those who decide read its state, as a msgid."""
    return _own_state(submission) or STATES_AT_DESK[submission.state]


def _own_state(submission: Submission) -> str | None:
    if submission.kind == ASK and submission.state == REFUSED and submission.reported_at:
        return QUESTION_REMOVED
    if submission.kind == REPORT and submission.project_id is None and submission.state == PUBLISHED:
        return OWN_STATES[WITHDRAW][PUBLISHED]  # a message to those who run the catalogue is never public
    return OWN_STATES.get(submission.kind, {}).get(submission.state)


def _drawn_value(row: Row, value: Any) -> Any:
    if value in (None, "", [], {}):
        return None
    if row.shape.startswith("code:"):
        codes = row.codes or CODES[row.shape[5:]]
        return tuple(codes[code] for code in ([value] if isinstance(value, str) else value) if code in codes) or None
    return draw_value(row.field, value) if row.shape == "fact" else cleaned(value)
