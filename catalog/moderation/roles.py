"""Taking a role away from a moderator or administrator: the log says that it ended, and not whose it was."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from catalog.errors import Invalid
from catalog.moderation.acting_role import given_by
from catalog.moderation.outcomes.decision_form import reason_problems
from catalog.rules import permissions
from catalog.rules.decision import CATALOG, ROLE_END
from catalog.rules.person import Person
from catalog.store import Store
from catalog.store.core.public_changes import changing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject
from catalog.store.people import accounts

_NAMELESS = uuid5(NAMESPACE_URL, "forge:catalog")  # of a catalogue whose document was never loaded


def end_role(store: Store, email: str, words: str, *, person: Person | None = None, now: datetime) -> tuple[str, int]:
    """Take the role of the person with this address away, for these words, which everybody can read; the role that it
    was, and the number of the line that says so. `person`: the administrator who does; None: the operator at the
    command line.

    Raises NotAllowed; NotFound for who has no role; Invalid("role") for the last administrator, Invalid("words").
    """
    if person is not None:
        permissions.demand(person, "desk-people-change")
    manifest = store.manifest()
    if wrong := reason_problems(ROLE_END, "other", words.strip()):
        raise Invalid(wrong)
    with changing(store.engine) as (connection, change):
        change()
        role = accounts.end_role(connection, email)
        number = moderation_log.append(
            connection,
            ROLE_END,
            Subject(manifest.id if manifest else _NAMELESS, "", "", NOTHING, kind=CATALOG),
            given_by(person, "other", words.strip()),
            now=now,
        )
    return role, number
