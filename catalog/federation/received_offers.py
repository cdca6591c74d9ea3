"""Takes over the file of offers of a catalogue that we follow: what it offers for our records, and what it answered to
our offers. An offer waits for a moderator as a correction; one that its catalogue takes back waits no more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.exchange.statements import OfferAnswer, TranslationOffer, text_digest
from catalog.federation.offered_translations import fault
from catalog.federation.translation_methods import METHODS
from catalog.record_kind import PROJECT
from catalog.rules import translation_offer as offer_rules
from catalog.rules.contact_details import contact_in
from catalog.rules.peer import CO_EDIT, FOLLOWING, TAKEN_DECISIONS
from catalog.rules.submission import CORRECT, WAITING
from catalog.store.core.engine import Connection, reading, writing
from catalog.store.federation import peers, translation_offers
from catalog.store.store import Store
from catalog.store.submissions import rows as submission_rows
from catalog.text_rules import language as language_rule


def take_over_offers(
    store: Store,
    peer_id: UUID,
    offers: Iterable[TranslationOffer],
    answers: Iterable[OfferAnswer],
    *,
    now: datetime,
) -> int:
    """Store what a catalogue offers for our records, each offer once; returns how many came to the desk.

    They come to the desk only from a catalogue with which projects are edited together. Those of other catalogues that
    are followed are set aside until that is decided; those of a catalogue whose projects are not taken are not kept."""
    manifest = store.manifest()
    if manifest is None:
        return 0
    with reading(store.engine) as connection:
        home = peers.held(connection, peer_id)
        before = translation_offers.received_offers(connection, home.instance_id)
    given = [offer for offer in offers if offer.home == manifest.id]
    gone = {key for key, row in before.items() if row.submission_id} - {offer.id for offer in given}
    edited = home.decision(PROJECT) == CO_EDIT
    again = {key for key, row in before.items() if edited and row.why == offer_rules.NOT_EDITED}
    fresh = [offer for offer in given if offer.id not in before or offer.id in again]
    if home.state != FOLLOWING or home.decision(PROJECT) not in TAKEN_DECISIONS:
        fresh = []
    came = 0
    with writing(store.engine) as connection:
        translation_offers.withdraw(connection, sorted(gone, key=str), now=now)
        translation_offers.drop(connection, home.instance_id, again & {offer.id for offer in fresh})
        waits = translation_offers.waiting(connection, home.instance_id)
        for offer in sorted(fresh, key=lambda offer: (offer.at, str(offer.id)))[: offer_rules.MOST_KEPT]:
            out = (
                offer_rules.NOT_EDITED
                if not edited
                else offer_rules.MANY
                if waits + came >= offer_rules.MOST_WAITING
                else None
            )
            came += _receive(connection, home.instance_id, offer, out, manifest.languages[0], now=now) is None
        translation_offers.forget_ended(connection, home.instance_id)
        for answer in answers:
            if answer.instance == manifest.id:
                translation_offers.record_answer(
                    connection, home.instance_id, answer.offer, answer.state, answer.reason
                )
        translation_offers.hear(connection, home.instance_id)
    return came


def _receive(
    connection: Connection, home_id: UUID, offer: TranslationOffer, out: str | None, spoken: str, *, now: datetime
) -> str | None:
    """Keep an offer, as a correction that waits or as kept out, `out` or for a fault of its own; why the latter. One
    that borrows the identity of another's is passed over. `spoken`: our language."""
    if translation_offers.is_passed_over(connection, offer.id, offer.record):
        return offer_rules.NO_RECORD
    subject = translation_offers.subject_of(connection, offer.record) if offer.kind == PROJECT else None
    texts = offer_rules.texts_of(subject.record if subject else {}, offer.field)
    why = out or _why(offer, subject is not None, texts)
    original = texts.get(offer.original_language)
    same = original is not None and text_digest(original) == offer.original
    value = offer_rules.as_stored(offer.field, offer.text)
    values: dict[str, Any] = {
        "id": offer.id,
        "home_id": home_id,
        "kind": offer.kind[:16],
        "record_id": offer.record,
        "field": offer.field[:64],
        "language": offer.language[:35],
        "text": "" if why else offer_rules.as_sent(offer.field, value),
        "translator": None if why else offer.translator,
        "method": offer.method[:32],
        "at": now,
        "state": offer_rules.KEPT_OUT if why else offer_rules.WAITING,
        "why": why,
        "original": {offer.original_language: original} if same and not why else None,
        "original_language": offer.original_language[:35],
        "original_digest": offer.original,
    }
    if not why:
        answers = {"field": offer.field, "language": offer.language, "value": value, "source": ""}
        _, begun = submission_rows.begin(
            connection, CORRECT, offer.language or spoken, project_id=offer.record, answers=answers, now=now
        )
        submission_rows.change(connection, begun.id, state=WAITING, sent_at=now, changed_at=now, expires_at=None)
        values["submission_id"] = begun.id
    translation_offers.receive(connection, values)
    return why


def _why(offer: TranslationOffer, here: bool, texts: Mapping[str, str]) -> str | None:
    """Why an offer is kept out; None: it waits."""
    if not here:
        return offer_rules.NO_RECORD
    if offer.field not in offer_rules.FIELDS:
        return offer_rules.NO_FIELD
    if len(offer.language) > 35 or language_rule(offer.language) is not None:
        return offer_rules.NO_LANGUAGE
    name = offer.translator
    if not 0 < len(name) <= offer_rules.MOST_TRANSLATOR or len(name.splitlines()) != 1 or contact_in(name):
        return offer_rules.PERSONAL
    if offer.method not in METHODS or fault(offer.field, offer.language, offer.text):
        return offer_rules.NO_TEXT
    is_same = texts.get(offer.language) == offer_rules.as_sent(
        offer.field, offer_rules.as_stored(offer.field, offer.text)
    )
    return offer_rules.SAME if is_same else None
