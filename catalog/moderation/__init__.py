"""What moderators do: decide on findings, records and submissions; take back, confirm, answer appeals, merge.

Each is one transaction: what is decided, the record that changes, the line of the public log and the change counter are
kept together or not at all. Sentences for fields are msgids; pages are worded in `forge.web`.
"""

from catalog.moderation.appeals import may_appeal, outcomes, settle
from catalog.moderation.conflict_of_interest import (
    CONFLICT,
    DECIDED_BEFORE,
    appealed,
    conflict,
    own_cases,
    own_records,
    standings,
)
from catalog.moderation.curation import (
    CuratedList,
    add_organization,
    add_term,
    edit_list,
    list_stamp,
    publish_draft,
    remove_list,
    set_lock,
)
from catalog.moderation.decisions import UNSURE, blank, decide, decide_here, offered
from catalog.moderation.erasing import ask as ask_erasure
from catalog.moderation.erasing import erase
from catalog.moderation.merge import NO_STAY, THE_SAME, MergeChoice, find_likenesses, pair, unjoin
from catalog.moderation.merge_calls import NOT_OPEN, SAME_CALL, join_call, part_call
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
    PeerDecisionRequest,
    allow_peer,
    decide_peer,
    introduce_peer,
    remove_peer,
    take_back_peer,
)
from catalog.moderation.revert import is_own_line, latest, undo, why_not
from catalog.moderation.review import answer, possible, preview, remark
from catalog.moderation.roles import end_role
from catalog.moderation.second_approval import confirm, due, lapse
from catalog.moderation.succession import SuccessionStatement, tie, untie
from catalog.moderation.unmatch import tell_apart
from catalog.moderation.warnings import doubts
from catalog.rules.decision import UNDO_WITHIN

__all__ = [
    "CONFLICT",
    "DECIDED_BEFORE",
    "NOTHING_CORRECTED",
    "NOT_LAST",
    "NOT_NOW",
    "NOT_OPEN",
    "NO_CHOICE",
    "NO_QUESTION",
    "NO_REASON",
    "NO_STAY",
    "NO_WORDS",
    "OTHER_REASON",
    "SAME_CALL",
    "SENTENCES",
    "THE_SAME",
    "TOO_LATE",
    "TOO_LONG",
    "UNDO_WITHIN",
    "UNSURE",
    "CuratedList",
    "DecisionRequest",
    "MergeChoice",
    "PeerDecisionRequest",
    "SuccessionStatement",
    "add_organization",
    "add_term",
    "allow_peer",
    "answer",
    "appealed",
    "ask_erasure",
    "blank",
    "confirm",
    "conflict",
    "corrected",
    "decide",
    "decide_here",
    "decide_peer",
    "doubts",
    "due",
    "edit_list",
    "end_role",
    "erase",
    "find_likenesses",
    "introduce_peer",
    "is_own_line",
    "join_call",
    "lapse",
    "latest",
    "list_stamp",
    "may_appeal",
    "offered",
    "outcomes",
    "own_cases",
    "own_records",
    "pair",
    "part_call",
    "possible",
    "preview",
    "problems",
    "publish_draft",
    "reason_problems",
    "remark",
    "remove_list",
    "remove_peer",
    "rooted",
    "set_lock",
    "settle",
    "stamp",
    "standings",
    "take_back_peer",
    "tell_apart",
    "tie",
    "undo",
    "unjoin",
    "untie",
    "visited",
    "why_not",
]
