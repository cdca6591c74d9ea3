"""What we state to other catalogues beside our records: whom we follow, which translations we offer, and what became of
those that were offered to us. Read from the rows of peers and offers; the publisher writes it.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, or_, select

from catalog.exchange.names import OFFER_BITS, shard_of
from catalog.exchange.statements import FollowedInstance, OfferAnswer, Offers, TranslationOffer
from catalog.rules import translation_offer as offer_rules
from catalog.rules.peer import VISITED_STATES
from catalog.rules.submission import PUBLISHED, REFUSED
from catalog.tables.federation import peer, translation_offer
from catalog.tables.submissions import submission

ACCEPTED_OFFER, REFUSED_OFFER = "accepted", "refused"
REASON_CHARACTERS = 500


def followed(connection: Connection) -> tuple[FollowedInstance, ...]:
    """In the caller's transaction: the catalogues that are followed here, by identity, and the number up to which all
    that each withdrew is erased here."""
    wanted = select(peer.c.instance_id, peer.c.erased_through).where(
        peer.c.state.in_(VISITED_STATES), peer.c.root.is_not(None)
    )
    rows = connection.execute(wanted).all()
    return tuple(
        FollowedInstance(row.instance_id, row.erased_through)
        for row in sorted(rows, key=lambda row: str(row.instance_id))
    )


def offers(connection: Connection, ours: UUID) -> dict[str, Offers]:
    """In the caller's transaction: offers and answers, by the shard of the instance that each is for. `ours`: the
    identity of this catalogue."""
    found: dict[str, tuple[list[TranslationOffer], list[OfferAnswer]]] = {}
    for given in _waiting_offers(connection):
        found.setdefault(shard_of(given.home, OFFER_BITS), ([], []))[0].append(given)
    for answer in _answers(connection):
        found.setdefault(shard_of(answer.instance, OFFER_BITS), ([], []))[1].append(answer)
    return {shard: Offers(tuple(given), tuple(said)) for shard, (given, said) in sorted(found.items())}


def _waiting_offers(connection: Connection) -> Iterable[TranslationOffer]:
    """What of ours waits for its home's answer."""
    mine = (
        translation_offer.c.outgoing
        & (translation_offer.c.state == offer_rules.WAITING)
        & (translation_offer.c.original_digest != "")
    )
    for row in connection.execute(select(translation_offer).where(mine).order_by(translation_offer.c.id)):
        yield TranslationOffer(
            id=row.id,
            home=row.home_id,
            kind=row.kind,
            record=row.record_id,
            field=row.field,
            language=row.language,
            text=row.text,
            original_language=row.original_language,
            original=row.original_digest,
            translator=row.translator or "",
            method=row.method,
            at=row.at.replace(microsecond=0),
        )


def _answers(connection: Connection) -> Iterable[OfferAnswer]:
    """What was decided of those that came, and those that broke a rule."""
    wanted = (
        select(
            *(translation_offer.c[name] for name in ("id", "home_id", "state", "at", "why")),
            submission.c.state.label("decided"),
            submission.c.changed_at,
        )
        .outerjoin(submission, submission.c.id == translation_offer.c.submission_id)
        .where(~translation_offer.c.outgoing, translation_offer.c.original_digest != "")
        .where(or_(submission.c.state.in_((PUBLISHED, REFUSED)), translation_offer.c.state == offer_rules.KEPT_OUT))
        .order_by(translation_offer.c.id)
    )
    for row in connection.execute(wanted):
        state = ACCEPTED_OFFER if row.decided == PUBLISHED else REFUSED_OFFER
        reason = offer_rules.REFUSAL_SENTENCES.get(row.why) if row.why else None
        at = (row.changed_at or row.at).replace(microsecond=0)
        yield OfferAnswer(row.id, row.home_id, state, at, reason[:REASON_CHARACTERS] if reason else None)
