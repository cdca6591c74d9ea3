"""Erasing objects of a project's code: an administrator, or the operator at the command line, decides it; a maintainer
asks for it. It is a line of the public log, and nothing of the code is given out until a job has removed them.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotAllowed
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes.decision_form import reason_problems
from catalog.record_kind import PROJECT
from catalog.rules import permissions
from catalog.rules.decision import ERASE
from catalog.rules.person import Person
from catalog.sentences import mark
from catalog.store.core.public_changes import changing
from catalog.store.mirrors import erasures
from catalog.store.moderation import findings
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store

ASKED = "erasure-asked"  # the finding of a maintainer's request
MOST_ASKED = 20
MAX_ASKED = 500  # characters of what a maintainer says
NOTHING_NAMED = mark("Name at least one object: the full id of a file, commit or tag, or COMMIT:PATH")
SAY_WHY = mark("Write why, in 500 characters or fewer")


def erase(
    store: Store, person: Person | None, slug: str, oids: Sequence[str], reason: str, words: str, *, now: datetime
) -> int:
    """Erase these objects (full ids) from the mirror of a project; the number of the line in the public log.

    `person` None: the operator at the command line. Raises NotFound, Moved; NotAllowed where the person may not, or has
    a conflict of interest; Invalid.
    """
    if person is not None:
        permissions.demand(person, "desk-erase-send")
    wrong = reason_problems(ERASE, reason, words)
    if not oids:
        wrong["objects"] = NOTHING_NAMED
    if wrong:
        raise Invalid(wrong)
    with changing(store.engine) as (connection, change):
        key = moderation_log.subject(connection, PROJECT, slug=slug).id
        moderation_log.hold(connection, key)
        change()
        about = moderation_log.subject(connection, PROJECT, key=key)
        if person is not None and own(connection, person, key):
            raise NotAllowed(CONFLICT)
        erasures.erase(connection, key, oids, now=now)
        findings.withdraw(connection, key, ASKED, now=now)
        moderation_log.touch(about, change)
        return moderation_log.append(connection, ERASE, about, given_by(person, reason, words), now=now)


def ask(store: Store, project_id: UUID, objects: Sequence[str], words: str, *, now: datetime) -> None:
    """Ask moderators for it, as a maintainer; the caller checked that they are one. Raises Invalid."""
    wrong = {}
    if not objects:
        wrong["objects"] = NOTHING_NAMED
    if not words or len(words) > MAX_ASKED:
        wrong["why"] = SAY_WHY
    if wrong:
        raise Invalid(wrong)
    names = [name[:1_100] for name in objects[:MOST_ASKED]]
    key = hashlib.sha256("\n".join((*names, words)).encode("utf-8", "surrogateescape")).hexdigest()
    store.findings.add(project_id, ASKED, key, {"objects": names, "words": words}, now=now)
