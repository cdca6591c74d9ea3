"""Kinds of what happens to an origin that readers and followers are told. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from catalog.sentences import mark

MOVED, BRANCH, EMPTIED, REPLACED, GONE, BACK = "moved", "branch-renamed", "emptied", "replaced", "gone", "back"
MOST_EVENTS = 20  # kept of one mirror
NAMED = (MOVED, BRANCH)  # of these it is told what was before and what is now
SENTENCES = {
    MOVED: mark("The code has moved to another address."),
    BRANCH: mark("The main branch of the code has another name."),
    EMPTIED: mark("The code was removed at its address. We keep our copy."),
    REPLACED: mark("Other code took the place of this code at its address. We keep the earlier one."),
    GONE: mark("The code is no longer at its address. We keep our copy."),
    BACK: mark("The code is at its address again."),
}


class OriginEvent(NamedTuple):
    """An event as it is told: a msgid, when, and what was before and is now where that is told."""

    sentence: str
    at: datetime
    before: str
    after: str


def public_events(events: Iterable[Mapping[str, Any]]) -> tuple[OriginEvent, ...]:
    """The events of a mirror as they are told, in their order."""
    return tuple(
        OriginEvent(
            SENTENCES[event["kind"]],
            datetime.fromisoformat(event["at"]),
            event["before"] if event["kind"] in NAMED else "",
            event["after"] if event["kind"] in NAMED else "",
        )
        for event in events
        if event["kind"] in SENTENCES
    )
