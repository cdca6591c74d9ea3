"""What moderators do: decide on findings, records and submissions; take back, confirm, reopen, merge.

Each is one transaction: what is decided, the record that changes, the line of the public log and the change counter are
kept together or not at all. Sentences for fields are msgids; pages are worded in `forge.web`.
"""

from catalog.moderation.conflict_of_interest import (
    CONFLICT,
    conflict,
    own_cases,
    own_records,
)
from catalog.moderation.curation import (
    CuratedList,
    add_organization,
    decide_list,
    edit_list,
    list_stamp,
    publish_draft,
)
from catalog.moderation.decisions import blank, decide, offered
from catalog.moderation.erasing import ask as ask_erasure
from catalog.moderation.erasing import erase
from catalog.moderation.merge import NO_STAY, THE_SAME, MergeChoice, find_likenesses, pair, separate
from catalog.moderation.outcomes.decision_form import (
    NO_CHOICE,
    NO_QUESTION,
    NO_REASON,
    NO_WORDS,
    NOT_LAST,
    NOT_NOW,
    NOTHING_CORRECTED,
    OTHER_REASON,
    SENTENCES,
    TOO_LATE,
    TOO_LONG,
    DecisionRequest,
    problems,
    reason_problems,
    stamp,
)
from catalog.moderation.outcomes.sender import corrected
from catalog.moderation.peer_events import rooted, visited
from catalog.moderation.peers import (
    allow_peer,
    decide_peer,
    remove_peer,
)
from catalog.moderation.revert import is_own_line, latest, undo, why_not
from catalog.moderation.review import answer, possible, preview
from catalog.moderation.roles import end_role
from catalog.moderation.warnings import doubts
from catalog.rules.decision import UNDO_WITHIN

__all__ = [
    "CONFLICT",
    "NOTHING_CORRECTED",
    "NOT_LAST",
    "NOT_NOW",
    "NO_CHOICE",
    "NO_QUESTION",
    "NO_REASON",
    "NO_STAY",
    "NO_WORDS",
    "OTHER_REASON",
    "SENTENCES",
    "THE_SAME",
    "TOO_LATE",
    "TOO_LONG",
    "UNDO_WITHIN",
    "CuratedList",
    "DecisionRequest",
    "MergeChoice",
    "add_organization",
    "allow_peer",
    "answer",
    "ask_erasure",
    "blank",
    "conflict",
    "corrected",
    "decide",
    "decide_list",
    "decide_peer",
    "doubts",
    "edit_list",
    "end_role",
    "erase",
    "find_likenesses",
    "is_own_line",
    "latest",
    "list_stamp",
    "offered",
    "own_cases",
    "own_records",
    "pair",
    "possible",
    "preview",
    "problems",
    "publish_draft",
    "reason_problems",
    "remove_peer",
    "rooted",
    "separate",
    "stamp",
    "undo",
    "visited",
    "why_not",
]
