"""Translations and corrections as offers: ours for records of other homes, theirs for ours. What is accepted stands by
a correction like any other, so that the desk's rules, the public log and an undo within the day hold for it; this
writes no page.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from catalog.document import as_record, from_record
from catalog.document.check_value import faults_of_value
from catalog.document.rules import language as language_rule
from catalog.document.rules import url
from catalog.errors import Invalid, NotFound
from catalog.exchange.statements import text_digest
from catalog.federation.delta import Delta
from catalog.federation.shapes import (
    CORRECTION,
    METHODS,
    OFFER,
    PERSON,
    PROJECT,
    REVISED,
    Correction,
    Offer,
)
from catalog.model import Project
from catalog.rules import permissions
from catalog.rules import translation_offer as what
from catalog.rules.call import contact_in
from catalog.rules.peer import CO_EDIT, FOLLOWING, TAKEN_DECISIONS
from catalog.rules.person import Person
from catalog.rules.submission import CORRECT, WAITING
from catalog.store import Store
from catalog.store.core.engine import Connection, reading, writing
from catalog.store.federation import peers, translation_offers
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.kinds.correction import MAX_NAME, NO_FIELD, NO_SOURCE_URL, SAME, WRONG

GIVEN_METHODS = (PERSON, REVISED)  # nobody here offers what no person read
SEND = "translation-offer-send"


@dataclass(frozen=True)
class Draft:
    """What a form offers: `texts` by field; `translator`: an organization, None: this catalogue."""

    language: str
    source: str  # the language that was translated from
    texts: Mapping[str, str]
    method: str
    translator: UUID | None


@dataclass(frozen=True)
class Proposal:
    """What a form proposes: `value` as the document writes it, of texts that of `language`; `by`: an organization,
    None: this catalogue."""

    field: str
    language: str
    value: Any
    source: str
    by: UUID | None


def give(store: Store, someone: Person, project_id: UUID, draft: Draft, *, now: datetime) -> tuple[UUID, ...]:
    """Offer translations of a foreign project to its home; the identities. Raises NotAllowed; NotFound for a project
    that is ours; Invalid with what is wrong by field."""
    permissions.demand(someone, SEND)
    record = store.translation_offers.home_of(project_id)
    if record is None:
        raise NotFound("translation", str(project_id))
    taken = store.translation_offers.ours(project_id)
    wrong: dict[str, str] = {}
    rows = []
    for field in what.FIELDS:
        text, told = draft.texts.get(field, "").strip(), translation_offers.texts_of_field(record.texts, field)
        if not text or not told.get(draft.source) or told.get(draft.language) or (field, draft.language) in taken:
            continue
        rows.append((field, text, told[draft.source]))
        if code := fault(field, draft.language, text):
            wrong[field] = code
    if not rows:
        wrong[next(iter(draft.texts), what.FIELDS[0])] = what.NOTHING_TYPED
    if draft.method not in GIVEN_METHODS:
        wrong["method"] = what.NO_METHOD
    name = translator_of(store, someone, draft)
    if not name:
        wrong["translator"] = what.NO_TRANSLATOR
    if wrong:
        raise Invalid(wrong)
    given = [
        {
            "id": uuid4(),
            "outgoing": True,
            "home_id": record.home_id,
            "kind": PROJECT,
            "record_id": record.record_id,
            "field": field,
            "language": draft.language,
            "text": what.as_sent(field, what.as_stored(field, text)),
            "of_revision": record.revision,
            "translator": name,
            "method": draft.method,
            "at": now,
            "state": what.WAITING,
            "original": {draft.source: original},
            "original_language": draft.source,
            "original_digest": text_digest(original),
        }
        for field, text, original in rows
    ]
    with writing(store.engine) as connection:
        translation_offers.give(connection, given)
    return tuple(row["id"] for row in given if isinstance(row["id"], UUID))


def propose(store: Store, someone: Person, project_id: UUID, wish: Proposal, *, now: datetime) -> UUID:
    """Propose a correction of a foreign project to its home, in the place of one of the same field that waits; its
    identity. Raises NotAllowed; NotFound for a project that is ours; Invalid with what is wrong: field, value, source,
    by."""
    permissions.demand(someone, SEND)
    record = store.translation_offers.home_of(project_id)
    if record is None:
        raise NotFound("correction", str(project_id))
    language = wish.language if wish.field in what.FIELDS else ""
    wrong: dict[str, str] = {}
    if wish.field not in what.CORRECTED:
        raise Invalid({"field": NO_FIELD})
    if code := _value_fault(wish.field, language, wish.value):
        wrong["value"] = code
    if wish.source and url(wish.source) is not None:
        wrong["source"] = NO_SOURCE_URL
    name = translator_of(store, someone, Draft(language, "", {}, "", wish.by))
    if not name:
        wrong["by"] = what.NO_PROPOSER
    before = what.present_value(record.stated or {}, wish.field, language)
    if not wrong and before == (value := _canonical(wish.field, language, wish.value)):
        wrong["value"] = SAME
    if wrong:
        raise Invalid(wrong)
    key = uuid4()
    given = {
        "id": key,
        "outgoing": True,
        "home_id": record.home_id,
        "kind": PROJECT,
        "record_id": record.record_id,
        "field": wish.field,
        "language": language,
        "text": what.packed_correction(value, wish.source or None),
        "of_revision": record.revision,
        "translator": name,
        "method": what.CORRECTION,
        "at": now,
        "state": what.WAITING,
        "original": {"value": before},
    }
    with writing(store.engine) as connection:
        translation_offers.give_instead(connection, given)
    return key


def translator_of(store: Store, someone: Person, draft: Draft) -> str | None:
    """The name that stands beside a translation: of an organization that somebody speaks for, or, for who decides here,
    of this catalogue. Never a person's."""
    if draft.translator is not None:
        return store.translation_offers.translators(someone).get(draft.translator)
    manifest = store.manifest()
    if manifest is None or someone.role is None:
        return None
    return manifest.called(draft.language)


def apply_offers(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> int:
    """Take what a catalogue offers for our records, once; how many came to the desk. What it took back waits no more.

    Only of one with which projects are edited together: of others that are followed it is kept out, and comes again
    when that is decided; of one whose projects are not taken, nothing is kept."""
    manifest = store.manifest()
    with reading(store.engine) as connection:
        home = peers.held(connection, peer_id)
        before = translation_offers.received_offers(connection, home.instance_id)
    given: tuple[Offer | Correction, ...] = (*delta.offers, *delta.corrections)
    gone = {tombstone.id for tombstone in delta.tombstones if tombstone.kind in (OFFER, CORRECTION)} & before.keys()
    if delta.whole:
        gone |= {key for key, of in before.items() if of.declaration_id} - {offer.id for offer in given}
    edited = home.decision(PROJECT) == CO_EDIT
    again = {key for key, of in before.items() if edited and of.why == what.NOT_EDITED}
    fresh = [offer for offer in given if offer.id not in before or offer.id in again]
    if manifest is None or home.state != FOLLOWING or home.decision(PROJECT) not in TAKEN_DECISIONS:
        fresh = []
    came = 0
    with writing(store.engine) as connection:
        translation_offers.withdraw(connection, sorted(gone, key=str), now=now)
        translation_offers.drop(connection, home.instance_id, again & {offer.id for offer in fresh})
        waits = translation_offers.waiting(connection, home.instance_id)
        for offer in sorted(fresh, key=lambda offer: (offer.at, str(offer.id)))[: what.MOST_KEPT]:
            out = what.NOT_EDITED if not edited else what.MANY if waits + came >= what.MOST_WAITING else None
            spoken = manifest.languages[0] if manifest else ""
            why = _receive(connection, home.instance_id, offer, out, spoken, now=now)
            came += why is None
        translation_offers.forget_ended(connection, home.instance_id)
        translation_offers.hear(connection, home.instance_id)
    return came


def forget(connection: Connection, home_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: nothing that a catalogue offered waits any more; what was accepted is ours."""
    translation_offers.withdraw(connection, translation_offers.received_offers(connection, home_id), now=now)


def _receive(
    connection: Connection, home_id: UUID, offer: Offer | Correction, out: str | None, spoken: str, *, now: datetime
) -> str | None:
    """Keep an offer, as a correction that waits or as kept out, `out` or for a fault of its own; why the latter. One
    for another home is passed over, and so is one that borrows the identity of another's. `spoken`: our language."""
    if translation_offers.is_passed_over(connection, offer.id, offer.record):
        return what.NO_RECORD
    subject = translation_offers.subject_of(connection, offer.record) if offer.kind == PROJECT else None
    record = subject.record if subject else {}
    texts, language = what.texts_of(record, offer.field), offer.language or ""
    original: Any
    if isinstance(offer, Correction):
        why = out or _why_not(offer, subject is not None, record)
        value, source, text = offer.value, offer.source or "", what.packed_correction(offer.value, offer.source)
        name, method, original = offer.by, what.CORRECTION, {"value": what.present_value(record, offer.field, language)}
    else:
        why = out or _why(offer, subject is not None, texts)
        value, source, text = (
            what.as_stored(offer.field, offer.text),
            "",
            what.as_sent(offer.field, what.as_stored(offer.field, offer.text)),
        )
        name, method = offer.translator, offer.method
        original = {tag: said for tag, said in texts.items() if tag != language}
    fresh = subject is not None and subject.sequence is not None and subject.sequence <= offer.of_revision
    if fresh and subject is not None:
        fresh = subject.changed_at is None or subject.changed_at <= subject.updated_at
    values: dict[str, Any] = {
        "id": offer.id,
        "home_id": home_id,
        "kind": offer.kind[:16],
        "record_id": offer.record,
        "field": offer.field[:64],
        "language": language[:35],
        "text": "" if why else text,
        "of_revision": offer.of_revision,
        "translator": None if why else name,
        "method": method,
        "at": now,
        "state": what.KEPT_OUT if why else what.WAITING,
        "why": why,
        "original": original if fresh and not why else None,
    }
    if not why:
        answers = {"field": offer.field, "language": language, "value": value, "source": source}
        _, begun = submission_rows.begin(
            connection, CORRECT, language or spoken, project_id=offer.record, answers=answers, now=now
        )
        submission_rows.change(connection, begun.id, state=WAITING, sent_at=now, changed_at=now, expires_at=None)
        values["declaration_id"] = begun.id
    translation_offers.receive(connection, values)
    return why


def _why(offer: Offer, here: bool, texts: Mapping[str, str]) -> str | None:
    """Why an offer is kept out; None: it waits."""
    if not here:
        return what.NO_RECORD
    if offer.field not in what.FIELDS:
        return what.NO_FIELD
    if len(offer.language) > 35 or language_rule(offer.language) is not None:
        return what.NO_LANGUAGE
    if not _is_name(offer.translator):
        return what.PERSONAL
    if offer.method not in METHODS or fault(offer.field, offer.language, offer.text):
        return what.NO_TEXT
    return (
        what.SAME
        if texts.get(offer.language) == what.as_sent(offer.field, what.as_stored(offer.field, offer.text))
        else None
    )


def _why_not(correction: Correction, here: bool, record: Mapping[str, Any]) -> str | None:
    """Why a correction is kept out; None: it waits."""
    if not here:
        return what.NO_RECORD
    if correction.field not in what.CORRECTED:
        return what.NO_FIELD
    language = correction.language or ""
    if (correction.field in what.FIELDS) != bool(language) or len(language) > 35:
        return what.NO_LANGUAGE
    if language and language_rule(language) is not None:
        return what.NO_LANGUAGE
    if not _is_name(correction.by):
        return what.PERSONAL
    if (correction.source and url(correction.source) is not None) or _value_fault(
        correction.field, language, correction.value
    ):
        return what.NO_TEXT
    return what.SAME if what.present_value(record, correction.field, language) == correction.value else None


def _is_name(name: str | None) -> bool:
    """Whether it can be an organization's name; never a way to reach somebody."""
    return (
        name is not None
        and 0 < len(name) <= what.MOST_TRANSLATOR
        and len(name.splitlines()) == 1
        and not contact_in(name)
    )


def _value_fault(field: str, language: str, value: Any) -> str | None:
    """What is wrong with a value, as a sentence for a form."""
    if len(json.dumps(value, ensure_ascii=False)) > what.MOST_TEXT:
        return WRONG["long"]
    found = faults_of_value(Project, field, {language: value} if language else value, lambda kind, slug: False)
    if not found and field == "name" and len(value) > MAX_NAME:
        return WRONG["long"]
    return WRONG[next(iter(found.values()))] if found else None


def _canonical(field: str, language: str, value: Any) -> Any:
    """A value without fault as records hold it, so that two that mean the same are the same."""
    whole = {"slug": "x", "name": "x", "summary": {}} | {field: {language: value} if language else value}
    return what.present_value(as_record(from_record(Project, whole)), field, language)


def fault(field: str, language: str, text: str) -> str | None:
    """What is wrong with a text of a project, by the document's own rules, as a sentence for a form."""
    if len(text) > what.MOST_TEXT:
        return WRONG["long"]
    found = faults_of_value(Project, field, {language: what.as_stored(field, text)}, lambda kind, slug: False)
    return WRONG[next(iter(found.values()))] if found else None
