"""Translations as offers: what another catalogue offers for a record of ours waits at the desk beside the original,
what its home decided of ours is told, and a change of the original is seen; on both databases."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from support.factories.core import NOW, identity, later
from support.factories.following import EVERYTHING, followed, visit
from support.factories.offers import answer, correct
from support.factories.people import a_person
from support.hosts.exchange import Home, an_id
from support.hosts.static import Served

from catalog.exchange.names import OFFER_BITS, shard_of
from catalog.exchange.statements import OfferAnswer, Offers, TranslationOffer, text_digest
from catalog.federation import offered_translations
from catalog.federation.offered_translations import Draft
from catalog.rules import translation_offer
from catalog.rules.decision import REFUSE
from catalog.store.core.engine import reading
from catalog.store.federation import statements
from forge.exchange.follow.visit_job import PeerVisitor

GALETTE = identity("galette")
CO_EDITED = EVERYTHING | {"project": "co-edit"}


def speaks(
    home: Home, following: PeerVisitor, *offers: TranslationOffer, answers: tuple[OfferAnswer, ...] = ()
) -> None:
    """The home publishes these offers, and these answers, to us."""
    ours = following.store.manifest()
    assert ours is not None
    home.offers = {shard_of(ours.id, OFFER_BITS): Offers(offers, answers)} if offers or answers else {}
    home.publish()


def an_offer(following: PeerVisitor, **changes: Any) -> TranslationOffer:
    ours = following.store.manifest()
    assert ours is not None
    original = following.store.public_records.project("galette").record.summary["fr"]
    values: dict[str, Any] = {
        "id": uuid4(),
        "home": ours.id,
        "kind": "project",
        "record": GALETTE,
        "field": "summary",
        "language": "es",
        "text": "Llevar la lista de miembros",
        "original_language": "fr",
        "original": text_digest(original),
        "translator": "Red de Redes",
        "method": "person",
        "at": NOW,
    }
    return TranslationOffer(**values | changes)


def told(following: PeerVisitor) -> dict[str, Offers]:
    """What we publish of offers."""
    ours = following.store.manifest()
    assert ours is not None
    with reading(following.store.engine) as connection:
        return statements.offers(connection, ours.id)


def test_an_offer_waits_once_is_published_with_its_translator_and_answered(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url, **CO_EDITED)
    given = an_offer(following)
    speaks(home, following, given)
    visit(following, peer)
    home.publish()
    visit(following, peer)
    (waits,) = following.store.submissions.queue()
    offer = following.store.translation_offers.of_submission(waits.id)
    assert offer is not None and not offer.stale and offer.original == {"fr": offer.original["fr"]}
    assert told(following) == {}
    answer(following.store)
    page = following.store.public_records.project("galette")
    assert page.record.summary["es"] == given.text and page.record.summary["fr"]
    (shown,) = following.store.translation_offers.shown(GALETTE)
    assert (shown.translator, shown.language, shown.stale) == ("Red de Redes", "es", False)
    (said,) = told(following)[shard_of(peer.instance_id, OFFER_BITS)].answers
    assert (said.offer, said.instance, said.state) == (given.id, peer.instance_id, "accepted")

    correct(following.store, "fr", "Tenir les adhésions et les dons", later(hours=5))
    (shown,) = following.store.translation_offers.shown(GALETTE)
    assert shown.stale  # it stays, and says that the original changed


def test_a_refusal_is_told_and_stays_one(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url, **CO_EDITED)
    given = an_offer(following)
    speaks(home, following, given, an_offer(following, language="zz"))
    visit(following, peer)
    answer(following.store, choice=REFUSE, reason="not-checkable")
    home.publish()
    visit(following, peer)
    assert following.store.submissions.queue() == ()
    answers = told(following)[shard_of(peer.instance_id, OFFER_BITS)].answers
    assert {said.state for said in answers} == {"refused"} and len(answers) == 2
    assert [said.reason for said in answers if said.reason] == ["It names no language that we know."]


def test_what_is_offered_no_more_waits_no_more(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url, **CO_EDITED)
    speaks(home, following, an_offer(following))
    visit(following, peer)
    assert len(following.store.submissions.queue()) == 1
    speaks(home, following)
    visit(following, peer)
    assert following.store.submissions.queue() == ()


def test_an_offer_of_another_original_says_that_it_changed(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url, **CO_EDITED)
    speaks(home, following, an_offer(following, original=text_digest("Une phrase d'avant")))
    visit(following, peer)
    (offer,) = following.store.translation_offers.all(outgoing=False)
    assert offer.stale and offer.original is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"record": identity("nothing")}, translation_offer.NO_RECORD),
        ({"field": "license"}, translation_offer.NO_FIELD),
        ({"text": "x" * 121}, translation_offer.NO_TEXT),
        ({"text": "Write to ana@example.org"}, translation_offer.NO_TEXT),
        ({"translator": "ana@example.org"}, translation_offer.PERSONAL),
    ],
)
def test_what_keeps_no_rule_is_kept_out(
    on_sqlite: PeerVisitor, home: Home, host: Served, changes: dict[str, Any], why: str
) -> None:
    peer = followed(on_sqlite, host.url, **CO_EDITED)
    speaks(home, on_sqlite, an_offer(on_sqlite, **changes))
    visit(on_sqlite, peer)
    assert on_sqlite.store.submissions.queue() == ()
    assert [
        (offer.state, offer.why, offer.text) for offer in on_sqlite.store.translation_offers.all(outgoing=False)
    ] == [(translation_offer.KEPT_OUT, why, "")]


def test_only_of_a_catalogue_with_which_projects_are_edited_together(
    on_sqlite: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(on_sqlite, host.url)
    speaks(home, on_sqlite, an_offer(on_sqlite))
    visit(on_sqlite, peer)
    (offer,) = on_sqlite.store.translation_offers.all(outgoing=False)
    assert offer.why == translation_offer.NOT_EDITED


@pytest.mark.parametrize("state", ["accepted", "refused"])
def test_what_we_offer_travels_with_a_digest_of_the_original_until_its_home_answers(
    following: PeerVisitor, home: Home, host: Served, state: str
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    here = following.store.public_records.project("contarapido").record
    someone = a_person(following.store)
    draft = Draft("pt", "es", {"summary": "Fazer contas"}, "person", None)
    (key,) = offered_translations.offer(following.store, someone, here.id, draft, now=NOW)
    (sent,) = told(following)[shard_of(peer.instance_id, OFFER_BITS)].offers
    assert (sent.id, sent.home, sent.record, sent.language) == (key, home.id, an_id(1), "pt")
    assert sent.original == text_digest("Llevar cuentas: Contarapido") and sent.original_language == "es"
    ours = following.store.manifest()
    assert ours is not None
    said = OfferAnswer(key, ours.id, state, NOW, "We say it otherwise")
    other = replace(said, instance=an_id(88), offer=key)
    speaks(home, following, answers=(other, said))
    visit(following, peer)
    (offer,) = following.store.translation_offers.all(outgoing=True)
    assert offer.state == state and told(following) == {}
