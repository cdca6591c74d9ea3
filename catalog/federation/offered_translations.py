"""Offers translations to other catalogues for their records, and says what is wrong with a text that is offered.

Offers that come from others are in `received_offers`. Offering a translation is no kind of submission: it is decided at
another catalogue, its fields are the texts that its record lacks, and it is never a draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from catalog.document.check_value import faults_of_value
from catalog.errors import Invalid, NotFound
from catalog.exchange.statements import text_digest
from catalog.federation.translation_methods import PERSON, REVISED
from catalog.model import Project
from catalog.record_kind import PROJECT
from catalog.rules import permissions
from catalog.rules import translation_offer as offer_rules
from catalog.rules.person import Person
from catalog.store.core.engine import Connection, writing
from catalog.store.federation import translation_offers
from catalog.store.store import Store
from catalog.submissions.kinds.correction import WRONG

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


def offer(store: Store, someone: Person, project_id: UUID, draft: Draft, *, now: datetime) -> tuple[UUID, ...]:
    """Offer translations of a foreign project to its home; the identities. Raises NotAllowed; NotFound for a project
    that is ours; Invalid with what is wrong by field."""
    permissions.demand(someone, SEND)
    record = store.translation_offers.home_of(project_id)
    if record is None:
        raise NotFound("translation", str(project_id))
    taken = store.translation_offers.ours(project_id)
    wrong: dict[str, str] = {}
    rows = []
    for field in offer_rules.FIELDS:
        text, told = draft.texts.get(field, "").strip(), translation_offers.texts_of_field(record.texts, field)
        if not text or not told.get(draft.source) or told.get(draft.language) or (field, draft.language) in taken:
            continue
        rows.append((field, text, told[draft.source]))
        if code := fault(field, draft.language, text):
            wrong[field] = code
    if not rows:
        wrong[next(iter(draft.texts), offer_rules.FIELDS[0])] = offer_rules.NOTHING_TYPED
    if draft.method not in GIVEN_METHODS:
        wrong["method"] = offer_rules.NO_METHOD
    name = translator_of(store, someone, draft)
    if not name:
        wrong["translator"] = offer_rules.NO_TRANSLATOR
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
            "text": offer_rules.as_sent(field, offer_rules.as_stored(field, text)),
            "translator": name,
            "method": draft.method,
            "at": now,
            "state": offer_rules.WAITING,
            "original": {draft.source: original},
            "original_language": draft.source,
            "original_digest": text_digest(original),
        }
        for field, text, original in rows
    ]
    with writing(store.engine) as connection:
        translation_offers.add_offers(connection, given)
    return tuple(row["id"] for row in given if isinstance(row["id"], UUID))


def translator_of(store: Store, someone: Person, draft: Draft) -> str | None:
    """The name that stands beside a translation: of an organization that somebody represents, or, for a moderator,
    of this catalogue. Never a person's."""
    if draft.translator is not None:
        return store.translation_offers.translators(someone).get(draft.translator)
    manifest = store.manifest()
    if manifest is None or someone.role is None:
        return None
    return manifest.called(draft.language)


def forget(connection: Connection, home_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: close all open offers of a catalogue; what was accepted is ours."""
    translation_offers.withdraw(connection, translation_offers.received_offers(connection, home_id), now=now)


def fault(field: str, language: str, text: str) -> str | None:
    """What is wrong with a text of a project, by the document's own rules, as a sentence for a form."""
    if len(text) > offer_rules.MOST_TEXT:
        return WRONG["long"]
    found = faults_of_value(Project, field, {language: offer_rules.as_stored(field, text)}, lambda kind, slug: False)
    return WRONG[next(iter(found.values()))] if found else None
