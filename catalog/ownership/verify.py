"""Who keeps a project or speaks for an organization, as verbs: where a proof may stand, what a look makes of it, whom
maintainers let in, what they answer. Each is one transaction; messages are rows, and looking itself is another room's.

A lost proof is said, not punished: rights stay for `catalog.rules.verification.GRACE`, then they end, and what was
declared with them counts as a declaration like any other.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.ownership import invitations
from catalog.ownership.invitations import Circle
from catalog.rules import permissions, registrable_domain
from catalog.rules.person import Person
from catalog.rules.verification import (
    ABSENT,
    ADDRESS,
    BY_DESK,
    DNS,
    FILE,
    FILES,
    FOUND,
    INVITED,
    LINK,
    PROJECT,
    VERIFICATION,
    WAYS,
    Proof,
    VerificationPlace,
    gives_rights,
    outcome_of_check,
)
from catalog.store import Store
from catalog.store.core.engine import Connection, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.documents import overrides
from catalog.store.moderation import findings
from catalog.store.ownership import verifications
from catalog.store.ownership.verifications import KEEP, VerifiedRecord
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.submissions import maintainer_replies

PROOF = "verification-result"  # kind of the message about a proof
ANSWERED = "makers-answer"  # the finding that asks a moderator to look at an answer
MAX_ANSWER = 500  # characters

NO_WAY = "Choose how you prove it"
NOT_THIS_WAY = "It cannot be proven this way here. Choose another way"
OTHER_DOMAIN = "Your address is not at the domain of its website. Choose another way"
ALREADY_IN = "This address already manages the project"
NO_FIELD = "Choose what you answer to"
NO_TEXT = "Write your answer"
TOO_LONG = "Use 500 characters or fewer"
AN_ADDRESS = "Leave out the e-mail address: this text is public"
SENTENCES = (
    *(NO_WAY, NOT_THIS_WAY, OTHER_DOMAIN, ALREADY_IN, *invitations.SENTENCES),
    *(NO_FIELD, NO_TEXT, TOO_LONG, AN_ADDRESS),
)
KEEPERS = Circle(PROJECT, "maintainer-page-change", KEEP, ALREADY_IN)

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def places(about: VerifiedRecord) -> tuple[VerificationPlace, ...]:
    """Where each way may be taken for this record, in their order; a way that is not among them proves nothing here.

    Of homepages only one at a domain of its own counts, and never one that a declaration states.
    """
    home = next((url for url in about.homepages if _own_site(url)), None)
    domain = registrable_domain.registrable_domain(home) if home else None
    where: dict[str, str | None] = {
        FILE: about.repository if about.kind == PROJECT else _file_of(home),
        DNS: domain,
        LINK: home,
        ADDRESS: domain,
    }
    return tuple(VerificationPlace(way, found) for way in WAYS[about.kind] if (found := where[way]))


def unproven(about: VerifiedRecord, record: Mapping[str, Any]) -> str | None:
    """The domain of a website that its page shows, but that somebody only declared: no way leads over it."""
    home = record.get("homepage")
    return (
        registrable_domain.registrable_domain(home)
        if home and home not in about.homepages and _own_site(home)
        else None
    )


def begin(store: Store, person: Person, kind: str, slug: str, way: str, language: str, *, now: datetime) -> Proof:
    """The proof that somebody begins, or began, for this record in this way; an address is judged at once.

    Raises NotFound, Moved, Removed; Invalid("way").
    """
    about = store.verifications.kept(kind, slug)
    place = next((place for place in places(about) if place.way == way), None)
    if place is None:
        raise Invalid({"way": NOT_THIS_WAY if way else NO_WAY})
    if way == ADDRESS and not _at(person.email, place.where):
        raise Invalid({"way": OTHER_DOMAIN})
    with changing(store.engine) as (connection, change):
        if way == ADDRESS:
            change()
        verification = verifications.begin(connection, person.id, kind, about.id, way, language, now)
        if way == ADDRESS:
            settle_held(connection, verification, FOUND, change, detail={"host": place.where}, reason=None, now=now)
            return verifications.held(connection, verification.id)
    return verification


def look(store: Store, key: UUID, *, now: datetime) -> None:
    """Somebody says that it is in its place: look now. Raises NotFound."""
    with writing(store.engine) as connection:
        verifications.ask(connection, verifications.held(connection, key), now=now)


def settle(
    store: Store, key: UUID, outcome: str, *, detail: Mapping[str, Any], reason: str | None, now: datetime
) -> datetime | None:
    """Keep what a look found, let in or out accordingly, and tell the person; when to look again, None: not any more.

    Raises NotFound when it was given up meanwhile.
    """
    with changing(store.engine) as (connection, change):
        change()
        return settle_held(
            connection, verifications.held(connection, key), outcome, change, detail=detail, reason=reason, now=now
        )


def give_up(store: Store, person: Person, key: UUID, *, now: datetime) -> None:
    """Its person takes a proof back, and with it what it gave. Raises NotFound, also for somebody else's."""
    with changing(store.engine) as (connection, change):
        change()
        verification = verifications.held(connection, key)
        if verification.person_id != person.id:
            raise NotFound("proof", "")
        verifications.forget(connection, key)
        _fall(connection, verification.kind, verification.record_id, person.id, change, now=now)
        change.touch(verification.kind, verification.record_id)


def judged(email: str, about: VerifiedRecord) -> bool:
    """Whether this proven address says by itself that its owner belongs to the record."""
    place = next((place for place in places(about) if place.way == ADDRESS), None)
    return place is not None and _at(email, place.where)


def invite(store: Store, person: Person, project_id: UUID, email: str | None, *, now: datetime) -> None:
    """As `inviting.invite`."""
    invitations.invite(store, KEEPERS, person, project_id, email, now=now)


def accept(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, str]:
    """As `inviting.accept`."""
    return invitations.accept(store, KEEPERS, token, language, now=now)


def uninvite(store: Store, person: Person, project_id: UUID, email: str, *, now: datetime) -> None:
    """As `inviting.uninvite`."""
    invitations.uninvite(store, KEEPERS, person, project_id, email, now=now)


def remove(store: Store, person: Person, project_id: UUID, who: UUID, *, now: datetime) -> None:
    """As `inviting.remove`. When the last goes who proved it, the project has no voice of its own any more."""

    def left(connection: Connection, _were: frozenset[UUID], change: PublicChange) -> None:
        _leave_alone(connection, project_id, change, now=now)

    invitations.remove(store, KEEPERS, person, project_id, who, left=left)


def answer(
    store: Store, person: Person, project_id: UUID, field: str, text: str, language: str, *, now: datetime
) -> None:
    """What the makers say beside a fact, public at once and looked at after; it takes the place of the one before.

    Raises NotAllowed; Invalid("field", "text").
    """
    permissions.demand(person, "maintainer-page-change", project=project_id)
    wrong = {}
    if not field:
        wrong["field"] = NO_FIELD
    if not text.strip():
        wrong["text"] = NO_TEXT
    elif len(text) > MAX_ANSWER:
        wrong["text"] = TOO_LONG
    elif _EMAIL.search(text):
        wrong["text"] = AN_ADDRESS
    if wrong:
        raise Invalid(wrong)
    with changing(store.engine) as (connection, change):
        change()
        number = maintainer_replies.add_reply(connection, project_id, person.id, field, language, text, now)
        told = {"field": field, "text": text}
        findings.add(connection, project_id, ANSWERED, str(number), told, now=now)
        change.touch(PROJECT, project_id)


def unsay(store: Store, person: Person, project_id: UUID, field: str, *, now: datetime) -> None:
    """Take an answer back, as its makers or as a moderator. Raises NotAllowed."""
    permissions.demand(person, "maintainer-reply-end", project=project_id)
    with changing(store.engine) as (connection, change):
        change()
        if maintainer_replies.unsay(connection, project_id, field, now):
            change.touch(PROJECT, project_id)


def settle_held(
    connection: Connection,
    verification: Proof,
    outcome: str,
    change: PublicChange,
    *,
    detail: Mapping[str, Any],
    reason: str | None,
    now: datetime,
) -> datetime | None:
    """In the caller's transaction, of a proof that is held: as `settle`."""
    become = outcome_of_check(verification, outcome, now=now)
    verifications.note(
        connection, verification, become, detail=detail, reason=None if outcome == FOUND else reason or ABSENT, now=now
    )
    if outcome == FOUND:
        verifications.grant(
            connection,
            verification.kind,
            verification.record_id,
            verification.person_id,
            VERIFICATION[verification.way],
            change,
            now,
        )
    elif become.lapsed:
        _fall(connection, verification.kind, verification.record_id, verification.person_id, change, now=now)
    if become.state != verification.state or become.lapsed:
        change.touch(verification.kind, verification.record_id)
    if become.told:
        email, language = verifications.email_of(connection, verification.person_id)
        about = verifications.subject(connection, verification.kind, verification.record_id)
        told = {"told": become.told, "name": about.name, "nonce": verification.nonce, "way": verification.way}
        enqueue_message(connection, PROOF, email, language, told, now=now)
    return become.at


def _fall(
    connection: Connection, kind: str, record_id: UUID, person_id: UUID, change: PublicChange, *, now: datetime
) -> None:
    """Somebody's rights end, unless something else gives them."""
    others = verifications.proofs_of(connection, person_id, kind, record_id)
    if any(gives_rights(verification.state, verification.lost_at, now) for verification in others):
        return
    if verifications.title(connection, kind, record_id, person_id) in (None, INVITED, BY_DESK):
        return
    email, _ = verifications.email_of(connection, person_id)
    if kind != PROJECT and judged(email, verifications.subject(connection, kind, record_id)):
        return
    verifications.expel(connection, kind, record_id, person_id, change)
    if kind == PROJECT:
        overrides.demote_own_values(connection, record_id, person_id, change=change, now=now)
        _leave_alone(connection, record_id, change, now=now)
    else:
        overrides.demote_own_organization_values(connection, record_id, person_id, change=change, now=now)
        verifications.alone(connection, kind, record_id)


def _leave_alone(connection: Connection, project_id: UUID, change: PublicChange, *, now: datetime) -> None:
    """Who was invited goes with the last who proved it, and the project has no voice of its own any more."""
    titles = verifications.inside(connection, project_id)
    if all(title == INVITED for title in titles.values()):
        for person_id in titles:
            verifications.expel(connection, PROJECT, project_id, person_id, change)
        overrides.demote_own_values(connection, project_id, None, change=change, now=now)


def _at(email: str, domain: str) -> bool:
    found = registrable_domain.registrable_domain(email)
    return found is not None and found == domain and registrable_domain.is_confirming(found)


def _own_site(url: str) -> bool:
    """Whether a homepage stands at a domain of its own; a bare address is for `forge.security.safe_http` to judge."""
    found = registrable_domain.registrable_domain(url)
    if found is not None:
        return registrable_domain.is_confirming(found)
    try:
        ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True


def _file_of(home: str | None) -> str | None:
    if home is None:
        return None
    parts = urlsplit(home)
    return f"{parts.scheme}://{parts.netloc}/{FILES[0]}"
