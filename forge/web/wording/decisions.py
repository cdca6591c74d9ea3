"""What is decided, and what is to be decided, as pages say it: labels of the log, and findings in plain words. Pure.

What a finding holds comes from a repository or a document: it is cut and cleaned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.rules import submission
from catalog.rules.decision import CLOSE, SERVE, Decision
from catalog.sentences import mark
from catalog.store.core.read_models import Mirror
from catalog.store.moderation.findings import LICENSE_UNSURE, Finding
from forge.git.objects import is_oid
from forge.web.code.access import address_of
from forge.web.facts.values import cleaned
from forge.web.wording.license_quotes import Quote, license_quotes

VALUE_CHARACTERS = 300

LABELS: Mapping[str, str] = {  # of decisions, as the log tells them
    "looked-at": mark("Reviewed: no action needed"),
    "accept": mark("Deletion at the origin accepted here too"),
    "serve": mark("Its code may be shown"),
    "close": mark("Its code may not be shown"),
    "hide": mark("Hidden from the catalogue"),
    "show": mark("Shown in the catalogue again"),
    "publish": mark("Published"),
    "publish-edited": mark("Published with corrections"),
    "refuse": mark("Not accepted"),
    "take-away": mark("Removed after publication"),
    "join": mark("Merged with a duplicate"),
    "unjoin": mark("Separated again: not duplicates"),
    "apart": mark("Reviewed: not a duplicate"),
    "reopen": mark("Reopened: it will be decided again"),
    "undo": mark("Decision reversed"),
    "blank": mark("Text removed from the log"),
    "peer-follow": mark("Records from this catalogue are now imported"),
    "peer-pause": mark("Imports from this catalogue are paused"),
    "peer-leave": mark("This catalogue is no longer imported, and its records were removed"),
    "peer-key": mark("This catalogue has a new key"),
    "erase": mark("Something was removed from our copy of its code, for ever"),
    "role-end": mark("A moderator’s role has ended"),
    "edit": mark("Edited by a moderator"),
    "add": mark("Added by a moderator"),
    "remove": mark("Removed by a moderator"),
    "lock": mark("Locked: only moderators can change it"),
    "unlock": mark("Unlocked"),
}
ACCEPTED = mark("Accepted")  # of what publishes nothing by itself
OWN_LABELS: Mapping[str, Mapping[str, str]] = {
    submission.WITHDRAW: {"publish": ACCEPTED},
    submission.CLAIM: {"publish": ACCEPTED},
}
CHOICES: Mapping[str, tuple[str, str]] = {  # as the desk offers them: what it is, what it does
    "looked-at": (mark("Reviewed: no action needed"), mark("Nothing changes. The case is closed.")),
    "accept": (
        mark("Accept the deletion here too"),
        mark("The next visit removes these branches and tags. All their commits are kept here."),
    ),
    "serve": (
        mark("Its code may be shown"),
        mark("Public here until its licence files change. You will then be asked again."),
    ),
    "close": (
        mark("Its code may not be shown"),
        mark("Not public here until its licence files change. You will then be asked again."),
    ),
    "hide": (
        mark("Hide now"),
        mark("Its page says that it was removed, with your explanation. Our copy of the code stays."),
    ),
    "show": (mark("Show again"), mark("Everything is public as before.")),
    "lock": (
        mark("Lock it"),
        mark(
            "While it is locked, loading the document leaves it as it is. Every correction waits for a moderator. "
            "Moderators can still edit it."
        ),
    ),
    "unlock": (
        mark("Unlock it"),
        mark(
            "It is locked now. Once unlocked, it follows the document again, and its maintainers or representatives "
            "can publish corrections themselves."
        ),
    ),
}
ANSWERS: Mapping[str, tuple[str, str]] = {  # to what people submitted
    "publish": (
        mark("Publish"),
        mark("It becomes visible to its audience. The sender is notified if they left an address."),
    ),
    "publish-edited": (mark("Publish with my corrections"), mark("The sender is told what was corrected.")),
    "ask": (mark("Ask the sender"), mark("The case waits for the answer. The question does not appear in the log.")),
    "refuse": (mark("Reject"), mark("Nothing is published. The sender receives the reason and your message.")),
    "looked-at": (mark("Reviewed: no action needed"), mark("It stays published.")),
    "take-away": (
        mark("Remove now"),
        mark("The previous state returns at once. The sender receives the reason and your message."),
    ),
    "reopen": (mark("Reopen it"), mark("It returns to moderation. The sender receives your message.")),
}
# Of what is not public: a question that one of its two sides reported, and what is shown no more.
OWN_ANSWERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    submission.ASK: {
        "looked-at": CHOICES["looked-at"],
        "take-away": (
            ANSWERS["take-away"][0],
            mark("Neither side can see or answer it from now on."),
        ),
    },
    submission.WITHDRAW: {
        "looked-at": CHOICES["looked-at"],
        "publish": (
            mark("Do what they ask"),
            mark("Done at once, here and in other catalogues. The sender is notified if they left an address."),
        ),
        "refuse": (
            ANSWERS["refuse"][0],
            mark("Everything stays as it is. The sender receives the reason and your message."),
        ),
    },
    submission.CLAIM: {
        "publish": (
            mark("Accept it as evidence"),
            mark("From now on, what they say of it is verified and public at once. The sender is notified."),
        ),
    },
}
REASONS: Mapping[str, str] = {
    "fits": mark("It follows the rules of this catalogue"),
    "outdated": mark("It was out of date or incomplete"),
    "protected": mark("It is disputed, or was changed wrongly"),
    "as-it-should-be": mark("Everything is in order"),
    "read": mark("A person read the licence"),
    "stated-elsewhere": mark("The licence is stated elsewhere"),
    "not-free": mark("Its licence is not a free software licence"),
    "no-license": mark("It has no licence that allows us to publish it"),
    "not-for-here": mark("It is outside the scope of this catalogue"),
    "here-already": mark("It is already in the catalogue"),
    "not-checkable": mark("We could not verify it"),
    "not-theirs": mark("The sender may not speak for it"),
    "advertising": mark("It is advertising"),
    "no-answer": mark("We received no answer to our question"),
    "asked": mark("Requested by the maintainers"),
    "harm": mark("It puts people at risk"),
    "law": mark("The law requires it"),
    "court": mark("A court ordered it"),
    "same": mark("They are duplicates"),
    "different": mark("They are not duplicates"),
    "unsure": mark("Someone wants to review it again"),
    "signed": mark("Announced by the catalogue itself, signed with its known key"),
    "over": mark("The reason no longer applies"),
    "mistake": mark("There was a mistake"),
    "new-facts": mark("New information is available"),
    "other": mark("Another reason"),
}
ROLES: Mapping[str, str] = {
    "moderator": mark("Decided by a moderator."),
    "administrator": mark("Decided by an administrator."),
    "operator": mark("Decided by the team that runs this catalogue."),
    "itself": mark("Automatic, under the rules of this catalogue."),
}
MATTERS: Mapping[str, str] = {
    "license-changed": mark("Its licence changed"),
    "license-unsure": mark("The files do not say clearly whether the code may be shown"),
    "erasure-asked": mark("Its maintainers ask to remove something from our copy of its code"),
    "code-gone": mark("The code is no longer reachable"),
    "deletions-withheld": mark("Most of its branches and tags vanished at their origin"),
}
SUBMITTED: Mapping[str, str] = {  # what people submit, as the log tells it
    "register": mark("A project was proposed"),
    "claim": mark("Someone says that they maintain it"),
    "adopt": mark("An organization declared its use"),
    "correct": mark("A correction"),
    "withdraw": mark("Removal request"),
    "call": mark("A need"),
    "report": mark("Message to the team"),
    "experience": mark("A user review"),
    "ask": mark("A question between organizations"),
    "help": mark("Support offered for a project"),
}
WAITING: Mapping[str, str] = {  # what the desk can be narrowed to
    **SUBMITTED,
    "finding": mark("Findings from the code"),
    "look": mark("Automatically published or reported"),
    "likeness": mark("Possible duplicates"),
}
SOMETHING = mark("To check")
OBSTACLE = mark("An obstacle")  # a report about a project
IN_DOUBT = mark("Its licence is no longer certain")  # nobody can tell what it changed to, if it did
FREE: Mapping[bool | None, str] = {
    True: mark("a free licence"),
    False: mark("not a free licence"),
    None: mark("not known to be free"),
}
MAY: Mapping[bool, str] = {True: mark("Its code may be shown"), False: mark("Its code may not be shown")}
NO_NAME = mark("an unknown licence")
NO_FILES = mark("no licence file")


@dataclass(frozen=True)
class FindingRow:
    """One line of what a finding tells: a label and a value. `code`: written as it stands in files; `said`: a msgid."""

    label: str
    code: str = ""
    said: str = ""
    address: str = ""  # of ours, below the language
    beside: bool = False  # where it was found, not what


@dataclass(frozen=True)
class FindingText:
    """A finding as the desk tells it: two rows where something is before and after (`steps`), or here and there;
    `quotes` are the sentences of its license files that cause the doubt, as they were read last."""

    finding: Finding
    title: str
    rows: tuple[FindingRow, ...]
    own: bool = False  # the reader has a conflict of interest and does not decide
    quotes: tuple[Quote, ...] = ()

    @property
    def steps(self) -> bool:
        return self.finding.kind == "license-changed"


def title_of(kind: str | None, *, of_project: bool = False) -> str:
    """What a kind of finding, or of what people submit, is called, as a msgid; `of_project`: it is about one."""
    if kind == submission.REPORT and of_project:
        return OBSTACLE
    return MATTERS.get(kind or "") or SUBMITTED.get(kind or "", SOMETHING)


def label_of(line: Decision) -> str:
    """What a decision is called in the log, as a msgid."""
    return OWN_LABELS.get(line.about or "", {}).get(line.kind) or LABELS[line.kind]


def answer_of(choice: str, kind: str) -> tuple[str, str]:
    """What an answer to something of this kind is called and what it does, as msgids."""
    return OWN_ANSWERS.get(kind, {}).get(choice) or ANSWERS[choice]


def standing(lines: Sequence[Decision], mirror: Mirror | None) -> tuple[Decision, ...]:
    """Of what was decided about a project and not taken back, newest first, what still holds: of decisions about
    serving the last one, as long as the license files are those that it was made on."""
    serving = [decision.number for decision in lines if decision.kind in (SERVE, CLOSE)]
    holds = serving[:1] if mirror is not None and mirror.decided is not None else []
    return tuple(decision for decision in lines if decision.number not in serving or decision.number in holds)


def matter(finding: Finding, own: bool = False, observation: Mapping[str, Any] | None = None) -> FindingText:
    shape = _SHAPES.get(finding.kind)
    doubted = finding.kind == "license-changed" and finding.detail.get("free") is None
    title = IN_DOUBT if doubted else title_of(finding.kind)
    quotes = license_quotes(observation, doubted=True) if doubted or finding.kind == LICENSE_UNSURE else ()
    return FindingText(finding, title, shape(finding) if shape else (), own, quotes)


def _changed(finding: Finding) -> tuple[FindingRow, ...]:
    detail = finding.detail
    return (
        _license(mark("Before"), detail.get("before"), detail.get("free_before")),
        _license(
            mark("Uncertain since then") if detail.get("free") is None else mark("Since then"),
            detail.get("after"),
            detail.get("free"),
        ),
        *_version(finding),
    )


def _unsure(finding: Finding) -> tuple[FindingRow, ...]:
    files, doubts = _texts(finding.detail.get("files")), _texts(finding.detail.get("doubts"))
    license = _text(finding.detail.get("license"))
    return (
        FindingRow(mark("Licence files"), code=", ".join(files), said="" if files else NO_FILES, beside=True),
        *((FindingRow(mark("Detected in the files"), code=license, beside=True),) if license else ()),
        *((FindingRow(mark("Open questions"), code=", ".join(doubts), beside=True),) if doubts else ()),
        *_version(finding),
    )


def _gone_rows(finding: Finding) -> tuple[FindingRow, ...]:
    marker, reason = _text(finding.detail.get("seen")), _text(finding.detail.get("reason"))
    return (
        FindingRow(mark("Its address"), code=_text(finding.detail.get("url"))),
        FindingRow(mark("Last answer"), code=marker, said="" if marker else mark("never")),
        *((FindingRow(mark("Result of our last visit"), said=reason, beside=True),) if reason else ()),
    )


def _withheld(finding: Finding) -> tuple[FindingRow, ...]:
    return (
        FindingRow(mark("Number deleted at the origin"), code=str(int(finding.detail.get("number") or 0))),
        FindingRow(mark("Here"), said=mark("All is shown as it was before.")),
    )


def _erasure_asked(finding: Finding) -> tuple[FindingRow, ...]:
    return (
        FindingRow(mark("To be removed"), code=", ".join(_texts(finding.detail.get("objects")))),
        FindingRow(mark("Their reason"), code=_text(finding.detail.get("words"))),
    )


_SHAPES: Mapping[str, Callable[[Finding], tuple[FindingRow, ...]]] = {
    "license-changed": _changed,
    "license-unsure": _unsure,
    "code-gone": _gone_rows,
    "deletions-withheld": _withheld,
    "erasure-asked": _erasure_asked,
}


def _license(label: str, value: Any, free: Any) -> FindingRow:
    name = _text(value)
    return FindingRow(label, code=name, said=FREE[free if isinstance(free, bool) else None] if name else NO_NAME)


def _version(finding: Finding) -> tuple[FindingRow, ...]:
    commit = finding.detail.get("commit")
    if not isinstance(commit, str) or not is_oid(commit):
        return ()
    address = address_of(finding.slug, "commit", commit)
    return (FindingRow(mark("In the version"), code=commit[:10], address=address, beside=True),)


def _texts(value: Any) -> list[str]:
    return [_text(part) for part in value[:20]] if isinstance(value, list) else []


def _text(value: Any) -> str:
    text = str(cleaned(value)) if isinstance(value, str) else ""
    return f"{text[:VALUE_CHARACTERS]}…" if len(text) > VALUE_CHARACTERS else text
