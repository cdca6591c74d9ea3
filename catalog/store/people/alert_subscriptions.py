"""Adopters' subscriptions to a project's license changes, as rows. Nobody else learns who subscribed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Engine, delete, select

from catalog.errors import NotFound
from catalog.rules.person import Person
from catalog.store.core.engine import insert, reading, writing
from catalog.store.core.jobs import enqueue
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.ownership.memberships import REPRESENTS
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from catalog.tables.follows import alert_subscription
from catalog.tables.moderation import case
from catalog.tables.ownership import membership
from catalog.tables.people import person

LICENSE_CHANGED = "license-changed"  # the kind of the finding, and of the message
TO_RECONFIRM = "to-reconfirm"  # the verification of an adoption that was not reconfirmed for long
LICENSE_ALERT_JOB = "license-alert"  # the job that writes to subscribers

_BY_REPRESENTATIVE = alert_subscription.c.organization_id.in_(
    select(membership.c.record_id).where(membership.c.person_id == alert_subscription.c.person_id, REPRESENTS)
)
_ADOPTION_STANDS = (
    select(adoption.c.id)
    .where(
        adoption.c.project_id == alert_subscription.c.project_id,
        adoption.c.organization_id == alert_subscription.c.organization_id,
        adoption.c.stands,
    )
    .exists()
)


@dataclass(frozen=True)
class SubscribableUse:
    """A use of an organization, for a representative of it; `subscription`: their subscription, None without one."""

    project_id: UUID
    project: str
    slug: str
    organization_id: UUID
    organization: str
    subscription: UUID | None


class AlertSubscriptions:
    def __init__(self, engine: Engine):
        self._engine = engine

    def of_person(self, person_id: UUID) -> tuple[SubscribableUse, ...]:
        """What the organizations use that a person represents, by name, of any visibility."""
        mine = (
            (alert_subscription.c.project_id == project.c.id)
            & (alert_subscription.c.organization_id == organization.c.id)
            & (alert_subscription.c.person_id == person_id)
        )
        wanted = (
            select(
                project.c.id,
                project.c.name,
                project.c.slug,
                organization.c.id,
                organization.c.name,
                alert_subscription.c.id,
            )
            .join_from(membership, adoption, adoption.c.organization_id == membership.c.record_id)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .join(project, project.c.id == adoption.c.project_id)
            .outerjoin(alert_subscription, mine)
            .where(membership.c.person_id == person_id, REPRESENTS, adoption.c.stands, OPEN, VISIBLE)
            .distinct()
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(organization.c.name, project.c.name, project.c.id)).all()
        return tuple(SubscribableUse(*row) for row in rows)

    def to_reconfirm(self, person_id: UUID) -> tuple[tuple[str, str, str], ...]:
        """Project's slug and name, and the organization's name, of uses that a representative is to reconfirm."""
        wanted = (
            select(project.c.slug, project.c.name, organization.c.name)
            .join_from(membership, adoption, adoption.c.organization_id == membership.c.record_id)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .join(project, project.c.id == adoption.c.project_id)
            .where(membership.c.person_id == person_id, REPRESENTS, adoption.c.stands)
            .where(adoption.c.verification == TO_RECONFIRM, OPEN, VISIBLE)
            .order_by(organization.c.folded, project.c.folded)
        )
        with reading(self._engine) as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(wanted))

    def agree(self, someone: Person, project_id: UUID, organization_id: UUID, *, now: datetime) -> None:
        """Subscribe; a second time changes nothing. Raises NotFound where their organization does not use it."""
        if not any((use.project_id, use.organization_id) == (project_id, organization_id)
                   for use in self.of_person(someone.id)):  # fmt: skip
            raise NotFound("use", str(project_id))
        with writing(self._engine) as connection:
            subscribe(connection, someone.id, project_id, organization_id, now=now)

    def agreed(self, person_id: UUID, project_id: UUID, organization_id: UUID) -> bool:
        """Whether a person is subscribed to a use of this organization."""
        uses = self.of_person(person_id)
        return any(
            use.subscription for use in uses if (use.project_id, use.organization_id) == (project_id, organization_id)
        )

    def delete(self, key: UUID, person_id: UUID | None = None) -> None:
        """End a subscription; with `person_id`: only where it is this person's."""
        wanted = delete(alert_subscription).where(alert_subscription.c.id == key)
        with writing(self._engine) as connection:
            connection.execute(
                wanted if person_id is None else wanted.where(alert_subscription.c.person_id == person_id)
            )

    def end_all(self, person_id: UUID) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(alert_subscription).where(alert_subscription.c.person_id == person_id))

    def get(self, key: UUID) -> tuple[UUID, UUID, str, str]:
        """Person, project, its name and slug of a subscription that holds: the person still represents an organization
        that uses the project. Raises NotFound."""
        wanted = select(alert_subscription.c.person_id, project.c.id, project.c.name, project.c.slug)
        holding = wanted.join(project, project.c.id == alert_subscription.c.project_id).where(
            OPEN, _BY_REPRESENTATIVE, _ADOPTION_STANDS
        )
        with reading(self._engine) as connection:
            row = connection.execute(holding.where(alert_subscription.c.id == key)).first()
        if row is None:
            raise NotFound("agreement", str(key))
        return row[0], row[1], row[2], row[3]

    def announce_license_change(self, number: int, *, now: datetime) -> int:
        """Write to all subscribers that a license changed, as the finding of this number says; how many."""
        with writing(self._engine) as connection:
            row = connection.execute(select(case).where(case.c.id == number)).first()
            if row is None or row.kind != LICENSE_CHANGED:
                return 0
            data = {name: str(row.payload.get(name) or "") for name in ("before", "after")}
            free = {True: "yes", False: "no"}
            data |= {name: free.get(row.payload.get(name), "") for name in ("free", "free_before")}
            return _enqueue_alerts(connection, LICENSE_CHANGED, row.subject_id, data, now=now)


def subscribe(
    connection: Connection, person_id: UUID, project_id: UUID, organization_id: UUID, *, now: datetime
) -> bool:
    """`AlertSubscriptions.agree` in the caller's transaction, which has checked that they may; False if they were
    subscribed."""
    statement = insert(connection, alert_subscription).values(
        id=uuid4(), person_id=person_id, project_id=project_id, organization_id=organization_id, since=now
    )
    return bool(connection.execute(statement.on_conflict_do_nothing()).rowcount)


def unsubscribe(connection: Connection, person_id: UUID, project_id: UUID, organization_id: UUID) -> None:
    """In the caller's transaction: end the subscription to this use."""
    mine = (alert_subscription.c.person_id == person_id, alert_subscription.c.project_id == project_id)
    connection.execute(delete(alert_subscription).where(*mine, alert_subscription.c.organization_id == organization_id))


def enqueue_alert_job(connection: Connection, number: int, *, now: datetime) -> None:
    """In the caller's transaction: queue the job that writes to adopters about this finding."""
    enqueue(connection, LICENSE_ALERT_JOB, f"{LICENSE_ALERT_JOB}:{number}", {"finding": number}, run_at=now)


def _subscribed_to(project_id: UUID) -> ColumnElement[bool]:
    return (alert_subscription.c.project_id == project_id) & _BY_REPRESENTATIVE & _ADOPTION_STANDS


def _enqueue_alerts(
    connection: Connection, kind: str, project_id: UUID, argument: Mapping[str, str], *, now: datetime
) -> int:
    """Queue a message for each person who subscribed, once whatever number of organizations they represent; how
    many."""
    wanted = (
        select(person.c.email, person.c.language, alert_subscription.c.id, alert_subscription.c.person_id)
        .join(person, person.c.id == alert_subscription.c.person_id)
        .where(_subscribed_to(project_id))
        .order_by(alert_subscription.c.since, alert_subscription.c.id)
    )
    done: set[UUID] = set()
    for email, language, key, person_id in connection.execute(wanted).all():
        if person_id not in done:
            done.add(person_id)
            enqueue_message(connection, kind, email, language, {**argument, "agreement": str(key)}, now=now)
    return len(done)
