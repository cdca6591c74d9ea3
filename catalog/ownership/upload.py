"""Pictures that maintainers and representatives upload for the page of a project or an organization: public at once.

The picture was drawn anew before it comes here (`forge.render.pictures`); the file itself is not kept.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.person import Person
from catalog.rules.record_values.screenshot import MOST_PICTURES
from catalog.sentences import mark
from catalog.store.core.public_changes import changing
from catalog.store.ownership.uploads import LOGO, SCREENSHOT, DrawnPicture, add_upload, end_uploads, shown_uploads
from catalog.store.store import Store

USES = {PROJECT: (LOGO, SCREENSHOT), ORGANIZATION: (LOGO,)}
MAX_ALT = 300  # characters
NO_USE = mark("Choose what the picture is")
NO_ALT = mark("Describe what can be seen in the screenshot")
LONG_ALT = mark("Describe it in 300 characters or fewer")
FULL = mark("Three screenshots are shown already: remove one first")
SENTENCES = (NO_USE, NO_ALT, LONG_ALT, FULL)


@dataclass(frozen=True)
class PictureDescription:
    """What somebody says of a picture: what it is, and in which language what is to be seen on it."""

    use: str
    language: str
    alt: str


def may_change(person: Person | None, kind: str, key: UUID) -> None:
    """Raises NotAllowed for all but members of this record and moderators."""
    permissions.demand(person, f"{kind}-pictures-change", **{kind: key})


def check_description(description: PictureDescription, kind: str) -> None:
    """Raises Invalid("use", "alt")."""
    wrong = {}
    if description.use not in USES[kind]:
        wrong["use"] = NO_USE
    if description.use == SCREENSHOT and not description.alt:
        wrong["alt"] = NO_ALT
    elif len(description.alt) > MAX_ALT:
        wrong["alt"] = LONG_ALT
    if wrong:
        raise Invalid(wrong)


def add(
    store: Store,
    person: Person,
    kind: str,
    key: UUID,
    description: PictureDescription,
    drawn: DrawnPicture,
    *,
    now: datetime,
) -> None:
    """Keep a picture; a new logo replaces the one before. Raises NotAllowed, Invalid("use", "alt")."""
    may_change(person, kind, key)
    check_description(description, kind)
    with changing(store.engine) as (connection, change):
        change()  # others wait: two that are sent at once are counted
        before = [picture for picture in shown_uploads(connection, kind, key) if picture.use == description.use]
        if description.use == LOGO:
            end_uploads(connection, kind, key, [picture.number for picture in before], now)
        elif len(before) >= MOST_PICTURES:
            raise Invalid({"use": FULL})
        add_upload(connection, kind, key, description.use, drawn, (description.language, description.alt), now=now)
        change.touch(kind, key)


def take_away(store: Store, person: Person, kind: str, key: UUID, number: int, *, now: datetime) -> None:
    """Raises NotAllowed. One that is not there, or not of this record, is no fault."""
    may_change(person, kind, key)
    with changing(store.engine) as (connection, change):
        if end_uploads(connection, kind, key, [number], now):
            change.touch(kind, key)
