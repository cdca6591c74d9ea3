"""What is decided, and what is to be decided, as pages say it: labels of the log, and findings in plain words. Pure.

What a finding holds comes from a repository or a document: it is cut and cleaned. It is longer than 350 lines, since it
is one table of words after the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.moderation import UNSURE
from catalog.rules import submission
from catalog.rules.decision import CLOSE, SERVE, TIES, UNTIE, Decision
from catalog.store.core.read_models import Mirror
from catalog.store.moderation.findings import Finding
from forge.git.objects import is_oid
from forge.i18n.languages import mark
from forge.web.code.access import address_of
from forge.web.facts.values import cleaned
from forge.web.wording.license_quotes import Quote, license_quotes

VALUE_CHARACTERS = 300

LABELS: Mapping[str, str] = {  # of decisions, as the log tells them
    "looked-at": mark("Looked at: nothing to do"),
    "accept": mark("What vanished at its origin is let go here, too"),
    "serve": mark("Its code may be shown"),
    "close": mark("Its code may not be shown"),
    "hide": mark("Hidden from the catalogue"),
    "show": mark("Shown in the catalogue again"),
    "publish": mark("Published"),
    "publish-edited": mark("Published with corrections"),
    "refuse": mark("Not accepted"),
    "take-away": mark("Taken away again"),
    "join": mark("Joined with another one that is the same"),
    "unjoin": mark("Parted again: they are not the same"),
    "apart": mark("Looked at: not the same as another one"),
    "part-of": mark("Said to be part of another one"),
    "successor-of": mark("Said to have taken over from another one"),
    "untie": mark("Said no more to belong to another one"),
    "uphold": mark("Another person looked at a decision again: it stands"),
    "overturn": mark("Another person looked at a decision again: it was taken back"),
    "confirm": mark("A second person confirmed a decision"),
    "lapse": mark("A decision was taken back, since nobody confirmed it within 7 days"),
    "undo": mark("A decision was taken back"),
    "blank": mark("A text was taken out of the log"),
    "peer-follow": mark("Records of this catalogue are read here"),
    "peer-pause": mark("Nothing new of this catalogue is read here for now"),
    "peer-block": mark("This catalogue is not read here, and what came from it is gone"),
    "peer-leave": mark("This catalogue is no longer read here, and what came from it is gone"),
    "peer-key": mark("This catalogue has a new key"),
    "peer-moved": mark("Another catalogue keeps the records of this one now"),
    "role-end": mark("Somebody who decided here decides no more"),
}
CHOICES: Mapping[str, tuple[str, str]] = {  # as the desk offers them: what it is, what it does
    "looked-at": (mark("Looked at: nothing to do"), mark("Nothing changes. The matter is done.")),
    "accept": (
        mark("Let it go here, too"),
        mark("The next visit takes these branches and tags away. All their commits stay kept here."),
    ),
    "serve": (
        mark("Its code may be shown"),
        mark("Everybody can read and copy it here, until its licence files change. Then you are asked again."),
    ),
    "close": (
        mark("Its code may not be shown"),
        mark("Nobody can read or copy it here, until its licence files change. Then you are asked again."),
    ),
    "hide": (
        mark("Hide it now"),
        mark("Its page says that it was taken away, with the words you write. Our copy of its code stays."),
    ),
    "show": (mark("Show it again"), mark("Everything about it is public as before.")),
}
ANSWERS: Mapping[str, tuple[str, str]] = {  # to what people submitted
    "publish": (
        mark("Publish it"),
        mark("Everybody who may see it does. Its sender is told, where they left an address."),
    ),
    "publish-edited": (mark("Publish it with my corrections"), mark("Its sender is told what was corrected.")),
    "ask": (mark("Ask its sender"), mark("It waits for their answer. The question is not in the log.")),
    "refuse": (mark("Do not accept it"), mark("Nothing is published. Its sender gets the reason and your words.")),
    "looked-at": (mark("Looked at: nothing to do"), mark("It stays published.")),
    "take-away": (
        mark("Take it away now"),
        mark("All is as it was before, at once. A second person confirms it within 7 days, or it comes back."),
    ),
    "uphold": (mark("The decision stands"), mark("Whoever asked gets your words.")),
    "overturn": (
        mark("The decision is taken back"),
        mark("What was hidden is shown again. What was not accepted waits at the desk again."),
    ),
}
# Of what is not public: a question that one of its two sides reported, and what is shown no more.
OWN_ANSWERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    submission.ASK: {
        "looked-at": CHOICES["looked-at"],
        "take-away": (
            ANSWERS["take-away"][0],
            mark(
                "Neither side sees or answers it any more, at once. "
                "A second person confirms it within 7 days, or it comes back."
            ),
        ),
    },
    submission.WITHDRAW: {"looked-at": CHOICES["looked-at"]},
}
REASONS: Mapping[str, str] = {
    "fits": mark("It fits the rules of this catalogue"),
    "as-it-should-be": mark("Everything is as it should be"),
    "read": mark("A person read the licence"),
    "stated-elsewhere": mark("The licence is stated in another place"),
    "not-free": mark("The licence is not a free one"),
    "no-license": mark("No licence allows it"),
    "not-for-here": mark("It is not what this catalogue is for"),
    "here-already": mark("It is here already"),
    "not-checkable": mark("Nothing that can be checked says so"),
    "not-theirs": mark("It was not for its sender to say"),
    "advertising": mark("It is advertising"),
    "no-answer": mark("Our question had no answer"),
    "asked": mark("Its makers asked for it"),
    "harm": mark("It puts people at risk"),
    "law": mark("The law asks for it"),
    "court": mark("A court ordered it"),
    "same": mark("They are the same"),
    "different": mark("They are not the same"),
    "belongs": mark("That is how the two belong together"),
    "unsure": mark("Somebody wants to look at it again"),
    "signed": mark("It says so itself, signed with the key that was known here"),
    "over": mark("The reason for it is over"),
    "mistake": mark("There was a mistake"),
    "new-facts": mark("Something new is known"),
    "agreed": mark("A second person sees it the same way"),
    "not-confirmed": mark("Nobody confirmed it within 7 days"),
    "other": mark("Another reason"),
}
ROLES: Mapping[str, str] = {
    "moderator": mark("Decided by a moderator."),
    "administrator": mark("Decided by an administrator."),
    "operator": mark("Decided by those who run this catalogue."),
    "itself": mark("Done by itself, as the rules of this catalogue say."),
}
MATTERS: Mapping[str, str] = {
    "license-changed": mark("Its licence changed"),
    "license-differs": mark("What is declared and what the files show are not the same"),
    "license-unsure": mark("The files leave open whether its code may be shown"),
    "repository-moved": mark("Its code moved to another address"),
    "decision-lapsed": mark("Its licence files changed after a moderator decided"),
    "makers-answer": mark("Its makers answered beside a fact: it is public already"),
    "opted-out": mark("Its makers asked not to be listed: it is so already"),
    "use-stale": mark("For two years nobody said that it is still used"),
    "code-gone": mark("Its code cannot be reached any more"),
    "deletions-withheld": mark("Most of its branches and tags vanished at their origin"),
}
SUBMITTED: Mapping[str, str] = {  # what people submit, as the log tells it
    "register": mark("A project was proposed"),
    "claim": mark("Somebody says that they look after it"),
    "adopt": mark("An organization says that it uses a project"),
    "correct": mark("A correction"),
    "withdraw": mark("Something was to be shown no more"),
    "call": mark("A call for help"),
    "report": mark("A report that something is wrong"),
    "support": mark("An organization lacks the same as a call says"),
    "experience": mark("What an organization learned"),
    "ask": mark("A question that one group asked another"),
    "appeal": mark("Another person was asked to look at a decision again"),
    "help": mark("Who helps with a project"),
}
WAITING: Mapping[str, str] = {  # what the desk can be narrowed to
    **SUBMITTED,
    "finding": mark("What visits of the code found"),
    "look": mark("What was published by itself, or reported"),
    "likeness": mark("Two that may be the same"),
}
LIKE: Mapping[str, str] = {  # why two records may be the same
    "name": mark("They have the same name."),
    "repository": mark("Their code is at the same address."),
    "homepage": mark("They have the same website."),
    "domain": mark("Their websites are at the same domain."),
    "stated": mark("Another catalogue says so."),
}
SOMETHING = mark("Something to look at")
IN_DOUBT = mark("Its licence is no longer sure")  # nobody can tell what it changed to, if it did
FREE: Mapping[bool | None, str] = {
    True: mark("a free licence"),
    False: mark("not a free licence"),
    None: mark("not known whether it is free"),
}
MAY: Mapping[bool, str] = {True: mark("Its code may be shown"), False: mark("Its code may not be shown")}
NO_NAME = mark("a licence that we cannot name")
NO_FILES = mark("no licence file")


@dataclass(frozen=True)
class Row:
    """One line of what a finding tells: a label and a value. `code`: written as it stands in files; `said`: a msgid."""

    label: str
    code: str = ""
    said: str = ""
    address: str = ""  # of ours, below the language
    beside: bool = False  # where it was found, not what


@dataclass(frozen=True)
class Matter:
    """A finding as the desk tells it: two rows where something is before and after (`steps`), or here and there;
    `quotes` are the sentences of its license files that cause the doubt, as they were read last."""

    finding: Finding
    title: str
    rows: tuple[Row, ...]
    own: bool = False  # a matter of whoever looks at it: they do not decide
    quotes: tuple[Quote, ...] = ()

    @property
    def steps(self) -> bool:
        return self.finding.kind in ("license-changed", "repository-moved", "decision-lapsed")


def title_of(kind: str | None) -> str:
    """What a kind of finding, or of what people submit, is called, as a msgid."""
    return MATTERS.get(kind or "") or SUBMITTED.get(kind or "", SOMETHING)


def answer_of(choice: str, kind: str) -> tuple[str, str]:
    """What an answer to something of this kind is called and what it does, as msgids."""
    return OWN_ANSWERS.get(kind, {}).get(choice) or ANSWERS[choice]


def standing(lines: Sequence[Decision], mirror: Mirror | None) -> tuple[Decision, ...]:
    """Of what was decided about a project and not taken back, newest first, what still holds: of decisions about
    serving the last one, as long as the license files are those that it was made on."""
    serving = [decision.number for decision in lines if decision.kind in (SERVE, CLOSE)]
    holds = serving[:1] if mirror is not None and mirror.decided is not None else []
    # What belongs to what has a place of its own.
    lines = [decision for decision in lines if decision.kind not in (*TIES, UNTIE)]
    return tuple(decision for decision in lines if decision.number not in serving or decision.number in holds)


def matter(finding: Finding, own: bool = False, observation: Mapping[str, Any] | None = None) -> Matter:
    shape = _SHAPES.get(finding.kind)
    doubted = finding.kind == "license-changed" and finding.detail.get("free") is None
    title = IN_DOUBT if doubted else title_of(finding.kind)
    quotes = license_quotes(observation, doubted=True) if doubted or finding.kind == UNSURE else ()
    return Matter(finding, title, shape(finding) if shape else (), own, quotes)


def _changed(finding: Finding) -> tuple[Row, ...]:
    detail = finding.detail
    return (
        _license(mark("Before"), detail.get("before"), detail.get("free_before")),
        _license(
            mark("Not sure since then") if detail.get("free") is None else mark("Since then"),
            detail.get("after"),
            detail.get("free"),
        ),
        *_version(finding),
    )


def _differs(finding: Finding) -> tuple[Row, ...]:
    file = _text(finding.detail.get("file"))
    return (
        Row(mark("Declared"), code=_text(finding.detail.get("declared"))),
        Row(mark("Seen in the files"), code=_text(finding.detail.get("detected"))),
        *((Row(mark("In the file"), code=file, beside=True),) if file else ()),
        *_version(finding),
    )


def _unsure(finding: Finding) -> tuple[Row, ...]:
    named, doubts = _texts(finding.detail.get("files")), _texts(finding.detail.get("doubts"))
    license = _text(finding.detail.get("license"))
    return (
        Row(mark("Licence files"), code=", ".join(named), said="" if named else NO_FILES, beside=True),
        *((Row(mark("Seen in the files"), code=license, beside=True),) if license else ()),
        *((Row(mark("What leaves a doubt"), code=", ".join(doubts), beside=True),) if doubts else ()),
        *_version(finding),
    )


def _moved(finding: Finding) -> tuple[Row, ...]:
    return (
        Row(mark("Before"), code=_text(finding.detail.get("before"))),
        Row(mark("Since then"), code=_text(finding.detail.get("after"))),
    )


def _lapsed(finding: Finding) -> tuple[Row, ...]:
    decided, free = finding.detail.get("decided"), finding.detail.get("free")
    return (
        Row(mark("Decided before"), said=MAY[decided is True]),
        Row(mark("What the files show now"), said=FREE[free if isinstance(free, bool) else None]),
        *_version(finding),
    )


def _answered(finding: Finding) -> tuple[Row, ...]:
    return (Row(mark("Their answer"), code=_text(finding.detail.get("text"))),)


def _opted_out(finding: Finding) -> tuple[Row, ...]:
    reason = _text(finding.detail.get("reason"))
    return (Row(mark("Their reason"), code=reason),) if reason else ()


def _stale(finding: Finding) -> tuple[Row, ...]:
    """Whom a moderator may ask another way comes first: nobody could ask them."""
    uses = [use for use in finding.detail["uses"] if isinstance(use, dict)]
    labels = {False: mark("We can ask nobody there"), True: mark("We asked, and nobody answered")}
    return tuple(
        Row(labels[bool(use["askable"])], code=_text(use["name"]), address=f"/organizations/{use['slug']}")
        for use in sorted(uses, key=lambda use: bool(use["askable"]))
    )


def _gone(finding: Finding) -> tuple[Row, ...]:
    seen, reason = _text(finding.detail.get("seen")), _text(finding.detail.get("reason"))
    return (
        Row(mark("Its address"), code=_text(finding.detail.get("url"))),
        Row(mark("It answered last"), code=seen, said="" if seen else mark("never")),
        *((Row(mark("What our last visit met"), said=reason, beside=True),) if reason else ()),
    )


def _withheld(finding: Finding) -> tuple[Row, ...]:
    return (
        Row(mark("How many vanished there"), code=str(int(finding.detail.get("number") or 0))),
        Row(mark("Here"), said=mark("All is shown as it was before.")),
    )


_SHAPES: Mapping[str, Callable[[Finding], tuple[Row, ...]]] = {
    "license-changed": _changed,
    "license-differs": _differs,
    "license-unsure": _unsure,
    "repository-moved": _moved,
    "decision-lapsed": _lapsed,
    "makers-answer": _answered,
    "opted-out": _opted_out,
    "use-stale": _stale,
    "code-gone": _gone,
    "deletions-withheld": _withheld,
}


def _license(label: str, value: Any, free: Any) -> Row:
    name = _text(value)
    return Row(label, code=name, said=FREE[free if isinstance(free, bool) else None] if name else NO_NAME)


def _version(finding: Finding) -> tuple[Row, ...]:
    commit = finding.detail.get("commit")
    if not isinstance(commit, str) or not is_oid(commit):
        return ()
    address = address_of(finding.slug, "commit", commit)
    return (Row(mark("In the version"), code=commit[:10], address=address, beside=True),)


def _texts(value: Any) -> list[str]:
    return [_text(part) for part in value[:20]] if isinstance(value, list) else []


def _text(value: Any) -> str:
    text = str(cleaned(value)) if isinstance(value, str) else ""
    return f"{text[:VALUE_CHARACTERS]}…" if len(text) > VALUE_CHARACTERS else text
