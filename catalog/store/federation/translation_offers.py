"""Offers of translations as rows, in either direction, with what became of them.

An offer of ours is open until the catalogue of the record states this text, or another one, as its own. One of another
catalogue waits for a moderator as a correction: what is decided of that correction is decided of the offer, also when
it is taken back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, delete, func, or_, select, update

from catalog.model import Project, Translated
from catalog.record_kind import PROJECT
from catalog.rules import translation_offer as offer_rules
from catalog.rules.person import SELF_EMPLOYED, Person
from catalog.rules.submission import OPEN_STATES, PUBLISHED, REFUSED, WITHDRAWN
from catalog.rules.translation_offer import TranslationOffer
from catalog.store.core.engine import batches, reading
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.submissions import rows as submission_rows
from catalog.tables.core import organization, project
from catalog.tables.federation import peer, received_record, translation_offer
from catalog.tables.submissions import submission

SHOWN = "shown"
_ENDED = (REFUSED, WITHDRAWN)
_STATES = {PUBLISHED: offer_rules.ACCEPTED, REFUSED: offer_rules.REFUSED, WITHDRAWN: offer_rules.TAKEN_BACK}


class TranslationOffers:
    def __init__(self, engine: Engine):
        self._engine = engine

    def all(self, *, outgoing: bool, limit: int = 100) -> tuple[TranslationOffer, ...]:
        """Offers of ours, or of others, the newest first."""
        with reading(self._engine) as connection:
            wanted = _select_offers(translation_offer.c.outgoing if outgoing else ~translation_offer.c.outgoing).limit(
                limit
            )
            return tuple(map(_offer_of, connection.execute(wanted)))

    def of_submission(self, key: UUID) -> TranslationOffer | None:
        """The offer that waits, or waited, as this submission."""
        with reading(self._engine) as connection:
            row = connection.execute(_select_offers(translation_offer.c.submission_id == key).limit(1)).first()
            return _offer_of(row) if row else None

    def shown(self, project_id: UUID) -> tuple[TranslationOffer, ...]:
        """The accepted translations of others that stand on a project's page now, by field and language."""
        with reading(self._engine) as connection:
            return tuple(current_offers(connection, [project_id]))

    def translated(self, project_id: UUID, record: Project) -> tuple[Translated, ...]:
        """Who translated what of a project's page: as its record says, and whose offers stand here."""
        with reading(self._engine) as connection:
            return (*record.translated, *credits(connection, [project_id]).get(project_id, ()))

    def home_of(self, project_id: UUID) -> Any:
        """The record that a project's row was made of, as its home told it: `home_id`, `record_id`, `texts`;
        None for a row of ours."""
        with reading(self._engine) as connection:
            return home_of(connection, project_id)

    def ours(self, project_id: UUID) -> dict[tuple[str, str], str]:
        """What was offered to a foreign project's home: by field and language, in which state."""
        with reading(self._engine) as connection:
            record = home_of(connection, project_id)
            if record is None:
                return {}
            mine = (
                translation_offer.c.outgoing
                & (translation_offer.c.kind == PROJECT)
                & (translation_offer.c.record_id == record.record_id)
            )
            rows = connection.execute(
                select(translation_offer.c.field, translation_offer.c.language, translation_offer.c.state).where(mine)
            )
            return {(row.field, row.language): row.state for row in rows}

    def translators(self, someone: Person) -> dict[UUID, str]:
        """The organizations in whose name somebody may translate, by name: those that they represent and everybody
        sees."""
        if not someone.represented_organizations:
            return {}
        said = or_(organization.c.kind.is_(None), organization.c.kind != SELF_EMPLOYED)
        wanted = select(organization.c.id, organization.c.name).where(
            organization.c.id.in_(someone.represented_organizations), VISIBLE, said
        )
        with reading(self._engine) as connection:
            return {row.id: row.name for row in connection.execute(wanted.order_by(organization.c.folded))}


def current_offers(connection: Connection, keys: Collection[UUID] | None = None) -> list[TranslationOffer]:
    """In the caller's transaction: accepted offers of others whose text is their record's now, of these projects or of
    all, by field and language."""
    if keys is None:
        rows = connection.execute(_standing()).all()
    else:
        rows = [row for some in batches(keys) for row in connection.execute(_standing(of_some=True), {"keys": some})]
    found = [offer for offer in map(_offer_of, rows) if offer.is_current]
    return sorted(found, key=lambda offer: (offer_rules.FIELDS.index(offer.field), offer.language))


def credits(connection: Connection, keys: Collection[UUID] | None = None) -> dict[UUID, tuple[Translated, ...]]:
    """In the caller's transaction: who translated texts that stand, by project."""
    found: dict[UUID, tuple[Translated, ...]] = {}
    for applied in current_offers(connection, keys):
        line = Translated(applied.field, applied.language, applied.translator or "", applied.method, applied.stale)
        found[applied.record_id] = (*found.get(applied.record_id, ()), line)
    return found


def home_of(connection: Connection, project_id: UUID) -> Any:
    """In the caller's transaction: as `TranslationOffers.home_of`."""
    wanted = (
        select(
            peer.c.instance_id.label("home_id"),
            received_record.c.record_id,
            received_record.c.texts,
        )
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(
            received_record.c.kind == PROJECT,
            received_record.c.local_id == project_id,
            received_record.c.state == SHOWN,
        )
    )
    return connection.execute(wanted.order_by(received_record.c.id).limit(1)).first()


def add_offers(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """In the caller's transaction: these are offered by our next feed; each has the columns of the table."""
    connection.execute(translation_offer.insert(), list(rows))


def received_offers(connection: Connection, home_id: UUID) -> dict[UUID, Any]:
    """In the caller's transaction: the offers of a catalogue that were received, each with its `submission_id` and
    `why` it is kept out."""
    mine = select(translation_offer.c.id, translation_offer.c.submission_id, translation_offer.c.why).where(
        ~translation_offer.c.outgoing, translation_offer.c.home_id == home_id
    )
    return {row.id: row for row in connection.execute(mine)}


def drop(connection: Connection, home_id: UUID, keys: Collection[UUID]) -> None:
    """In the caller's transaction: these received offers were never here."""
    mine = (~translation_offer.c.outgoing, translation_offer.c.home_id == home_id)
    for batch in batches(keys):
        connection.execute(delete(translation_offer).where(*mine, translation_offer.c.id.in_(batch)))


def set_aside(connection: Connection, home_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: records are edited together with a catalogue no more: what of it waits at the desk
    is kept out, and comes again when they are."""
    waits = select(translation_offer.c.id, translation_offer.c.submission_id).join(
        submission, submission.c.id == translation_offer.c.submission_id
    )
    waits = waits.where(
        ~translation_offer.c.outgoing, translation_offer.c.home_id == home_id, submission.c.state.in_(OPEN_STATES)
    )
    out = {
        "state": offer_rules.KEPT_OUT,
        "why": offer_rules.NOT_EDITED,
        "text": "",
        "translator": None,
        "submission_id": None,
    }
    for row in connection.execute(waits).all():
        withdraw(connection, [row.id], now=now)
        connection.execute(update(translation_offer).where(translation_offer.c.id == row.id).values(out))


def is_passed_over(connection: Connection, key: UUID, record_id: UUID) -> bool:
    """In the caller's transaction: whether an offer of this identity is kept, of whatever origin, or its record is
    another catalogue's."""
    kept = select(translation_offer.c.id).where(translation_offer.c.id == key)
    theirs = select(project.c.id).where(project.c.id == record_id, project.c.peer_id.is_not(None))
    return any(connection.execute(wanted).first() is not None for wanted in (kept, theirs))


def waiting(connection: Connection, home_id: UUID) -> int:
    """In the caller's transaction: how many offers of a catalogue the desk has before it."""
    mine = (~translation_offer.c.outgoing, translation_offer.c.home_id == home_id, submission.c.state.in_(OPEN_STATES))
    joined = (
        select(func.count())
        .select_from(translation_offer)
        .join(submission, submission.c.id == translation_offer.c.submission_id)
    )
    return int(connection.execute(joined.where(*mine)).scalar_one())


def receive(connection: Connection, values: Mapping[str, Any]) -> None:
    """In the caller's transaction: an offer of another catalogue, with the columns of the table."""
    connection.execute(translation_offer.insert().values(outgoing=False, **values))


def forget_ended(connection: Connection, home_id: UUID) -> None:
    """In the caller's transaction: delete the oldest refused offers of a catalogue beyond MOST_KEPT."""
    mine = (~translation_offer.c.outgoing, translation_offer.c.home_id == home_id)
    surplus = int(connection.execute(select(func.count()).where(*mine)).scalar_one()) - offer_rules.MOST_KEPT
    if surplus <= 0:
        return
    over = or_(translation_offer.c.submission_id.is_(None), submission.c.state.in_(_ENDED))
    eldest = (
        select(translation_offer.c.id)
        .outerjoin(submission, submission.c.id == translation_offer.c.submission_id)
        .where(*mine, over)
    )
    gone = list(
        connection.execute(eldest.order_by(translation_offer.c.at, translation_offer.c.id).limit(surplus)).scalars()
    )
    connection.execute(delete(translation_offer).where(translation_offer.c.id.in_(gone)))


def withdraw(connection: Connection, keys: Iterable[UUID], *, now: datetime) -> None:
    """In the caller's transaction: who offered these takes them back, of those that wait; what was accepted stays."""
    for key in keys:
        submission_id = connection.execute(
            select(translation_offer.c.submission_id).where(
                translation_offer.c.id == key, ~translation_offer.c.outgoing
            )
        ).scalar()
        if (
            submission_id is not None
            and submission_rows.by_id(connection, submission_id, hold=True).state in OPEN_STATES
        ):
            submission_rows.change(connection, submission_id, state=WITHDRAWN, changed_at=now)


def subject_of(connection: Connection, record_id: UUID) -> Any:
    """In the caller's transaction: the `record` of a project of ours that readers see."""
    wanted = select(project.c.record).where(project.c.id == record_id, project.c.peer_id.is_(None), OPEN)
    return connection.execute(wanted).first()


def hear(connection: Connection, home_id: UUID) -> None:
    """In the caller's transaction: what a home tells now of the records that we offered texts for: the same text is
    accepted, another one in its place is another."""
    mine = (
        translation_offer.c.outgoing,
        translation_offer.c.home_id == home_id,
        translation_offer.c.state == offer_rules.WAITING,
    )
    wanted = (
        select(*(translation_offer.c[name] for name in ("id", "field", "language", "text")), received_record.c.texts)
        .join(peer, peer.c.instance_id == translation_offer.c.home_id)
        .join(
            received_record,
            and_(
                received_record.c.peer_id == peer.c.id,
                received_record.c.kind == translation_offer.c.kind,
                received_record.c.record_id == translation_offer.c.record_id,
            ),
        )
        .where(*mine)
    )
    for row in connection.execute(wanted).all():
        said = texts_of_field(row.texts, row.field).get(row.language)
        if said is not None:
            state = offer_rules.ACCEPTED if said == row.text else offer_rules.OTHERWISE
            connection.execute(update(translation_offer).where(translation_offer.c.id == row.id).values(state=state))


def record_answer(connection: Connection, home_id: UUID, key: UUID, state: str, reason: str | None) -> None:
    """In the caller's transaction: a home accepted one of ours that waits, or refused it."""
    known = {"accepted": offer_rules.ACCEPTED, "refused": offer_rules.REFUSED}
    mine = (
        translation_offer.c.outgoing,
        translation_offer.c.home_id == home_id,
        translation_offer.c.id == key,
        translation_offer.c.state == offer_rules.WAITING,
    )
    if state in known:
        values = {"state": known[state], "reason": reason}
        connection.execute(update(translation_offer).where(*mine).values(values))


def texts_of_field(texts: Mapping[str, Any], field: str) -> dict[str, str]:
    """The texts of a field by language, of a foreign record's layers as they came."""
    found = {tag: (layer.get("texts") or {}).get(field) for tag, layer in texts.items()}
    return {tag: text["text"] for tag, text in found.items() if text}


@cache
def _standing(*, of_some: bool = False) -> Select[Any]:
    """The statement that reads accepted offers of all projects, or of those of `keys`. Cached: making it takes longer
    than running it."""
    mine = ~translation_offer.c.outgoing & (translation_offer.c.kind == PROJECT)
    return _select_offers(
        mine & translation_offer.c.record_id.in_(bindparam("keys", expanding=True)) if of_some else mine
    )


def _select_offers(which: Any) -> Select[Any]:
    theirs = and_(
        received_record.c.kind == PROJECT,
        received_record.c.record_id == translation_offer.c.record_id,
        received_record.c.peer_id == peer.c.id,
    )
    row_id = func.coalesce(received_record.c.local_id, translation_offer.c.record_id)
    return (
        select(
            translation_offer,
            peer.c.card,
            received_record.c.texts,
            project.c.record,
            project.c.slug,
            project.c.name,
            submission.c.answers,
            submission.c.state.label("decided"),
            submission.c.reference,
        )
        .outerjoin(peer, peer.c.instance_id == translation_offer.c.home_id)
        .outerjoin(received_record, and_(translation_offer.c.outgoing, theirs))
        .outerjoin(project, and_(project.c.id == row_id, OPEN))
        .outerjoin(submission, submission.c.id == translation_offer.c.submission_id)
        .where(which)
        .order_by(translation_offer.c.at.desc(), translation_offer.c.id)
    )


def _offer_of(row: Row[Any]) -> TranslationOffer:
    names = (row.card or {}).get("name")
    home = names.get("en") or next(iter(names.values()), "") if isinstance(names, Mapping) else ""
    present = (
        texts_of_field(row.texts or {}, row.field)
        if row.outgoing
        else offer_rules.texts_of(row.record or {}, row.field)
    )
    found = TranslationOffer(
        **{name: getattr(row, name) for name in ("id", "outgoing", "record_id", "name", "slug", "field", "language")},
        **{name: getattr(row, name) for name in ("translator", "method", "at", "why", "reference")},
        home=str(home)[:200] or str(row.home_id),
        text=_text(row),
        state=_STATES.get(row.decided, row.state),
        stale=False,
        original=row.original,
        is_current=False,
    )
    is_current = found.state == offer_rules.ACCEPTED and not row.outgoing and present.get(row.language) == found.text
    found = replace(found, is_current=is_current)
    moot = found.state not in (offer_rules.WAITING, offer_rules.ACCEPTED) or (row.outgoing and row.texts is None)
    return found if moot else replace(found, stale=offer_rules.original_changed(row.original, present))


def _text(row: Row[Any]) -> str:
    """The text as it stands now: a moderator may have corrected it before it was published."""
    value = (row.answers or {}).get("value")
    return offer_rules.as_sent(row.field, value) if value else str(row.text)
