"""A decision as it was typed, and what is wrong with it: a msgid by field. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.rules.contact_details import AN_ADDRESS, has_email
from catalog.rules.decision import ASK, MAX_WORDS, REASONS, USUAL_REASONS, WORDS_NEEDED
from catalog.rules.submission import Submission

NO_CHOICE = "Choose what you decide"
NOT_NOW = "This cannot be decided now. Something changed meanwhile: look again"
NO_REASON = "Choose a reason"
OTHER_REASON = "Choose a reason that fits what you decide"
NO_WORDS = "Explain your decision: this text is public"
NO_QUESTION = "Write your question: only the sender reads it"
TOO_LONG = "Use 1,000 characters or fewer"
TOO_LATE = "This was decided more than 24 hours ago. Make a new decision"
NOT_LAST = "There has been another decision since. Undo that one first"
FOR_EVER = "This decision cannot be undone"
NOTHING_CORRECTED = "Correct something, or publish it unchanged"
SENTENCES = (
    *(NO_CHOICE, NOT_NOW, NO_REASON, OTHER_REASON, NO_WORDS, NO_QUESTION, TOO_LONG, AN_ADDRESS),
    *(TOO_LATE, NOT_LAST, FOR_EVER, NOTHING_CORRECTED),
)


@dataclass(frozen=True)
class DecisionRequest:
    """What somebody wants to decide, as typed. `seen`: the `basis`, or the `stamp`, of what they looked at. `edits`:
    texts of a submission as a moderator corrected them, by their place in its answers."""

    choice: str
    reason: str
    words: str
    seen: str
    edits: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def given(self) -> str:
        """The reason that was chosen, or the one that is meant where none was."""
        return self.reason or USUAL_REASONS.get(self.choice, "")


def stamp(submission: Submission) -> str:
    """What tells whether a submission is as somebody saw it."""
    state = (
        submission.state,
        submission.changed_at.isoformat(),
        len(submission.remarks),
        submission.reviewed_at is None,
    )
    return hashlib.sha256(repr(state).encode()).hexdigest()[:32]


def problems(wish: DecisionRequest, possible: tuple[str, ...]) -> dict[str, str]:
    """What is wrong with a wish, a msgid by field: choice, reason, words."""
    problems_by_field = {}
    if not wish.choice:
        problems_by_field["choice"] = NO_CHOICE
    elif wish.choice not in possible:
        problems_by_field["choice"] = NOT_NOW
    if wish.choice == ASK:
        return problems_by_field | ({} if wish.words else {"words": NO_QUESTION}) | _length(wish.words)
    return problems_by_field | reason_problems(wish.choice, wish.given, wish.words)


def reason_problems(choice: str, reason: str, words: str) -> dict[str, str]:
    """What is wrong with the reason that is given for what is decided, and with its words: everybody reads both."""
    problems = {}
    if not reason:
        problems["reason"] = NO_REASON
    elif reason not in REASONS or (choice and choice not in REASONS[reason]):
        problems["reason"] = OTHER_REASON
    if not words and (choice in WORDS_NEEDED or reason == "other"):
        problems["words"] = NO_WORDS
    elif len(words) <= MAX_WORDS and has_email(words):
        problems["words"] = AN_ADDRESS
    return problems | _length(words)


def _length(words: str) -> dict[str, str]:
    return {"words": TOO_LONG} if len(words) > MAX_WORDS else {}
