"""The table of jobs: which class handles each kind but visits, made with what it needs; recurring ones are queued
here, and those that are one call stand here.

`forge.mirroring.worker` takes the jobs and calls the handlers. See docs/decisions/040-processes-and-jobs.md.
"""

import logging
from datetime import datetime, timedelta

from catalog import moderation
from catalog.rules.submission import PREVIEW
from catalog.store.federation.peers import PEER_VISIT
from catalog.store.follows.follow_rows import DIGEST
from catalog.store.mirrors.erasures import ERASE_JOB
from catalog.store.mirrors.mirror_rows import LOOK
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB
from catalog.store.people.mail_queue import MAIL
from catalog.store.store import Store
from catalog.submissions import answering, expire_calls
from forge.config.settings import Settings
from forge.exchange.follow.own_copy import followers_of
from forge.exchange.follow.visit_job import peer_visitor
from forge.exchange.publisher import PUBLISH, Publisher, Write, write_here
from forge.jobs.notifications import Notifications
from forge.jobs.recurring import WEEKLY, RecurringJob
from forge.jobs.retention import RETENTION, Retention
from forge.jobs.verification_checks import CheckContext
from forge.jobs.verify_ownership import VerifyOwnership
from forge.mail import outbox
from forge.mail.deliver import delivery_of
from forge.mirroring.check_job import MIRROR_CHECK, MirrorCheck
from forge.mirroring.erase_job import EraseJob
from forge.mirroring.look_job import LookJob
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.preview import TASK_SECONDS, PreviewJob
from forge.mirroring.visit import VisitRunner
from forge.mirroring.worker import JobHandlers
from forge.security.dns import TxtLookup
from forge.security.secret import instance_secret

log = logging.getLogger("forge.jobs")


class CallsDaily(RecurringJob):
    """Reminders and ends of calls, and questions that wait."""

    kind = "calls-daily"

    def due(self, now: datetime) -> None:
        done, moved = expire_calls.calls_due(self.store, now=now), answering.questions_due(self.store, now=now)
        if done or moved:
            log.info("%s calls ended or end soon; %s questions went on, ended or were forgotten.", done, moved)


class ReconfirmAdoptions(RecurringJob):
    """Lowers uses that nobody reconfirmed, and asks about them."""

    kind = "reconfirm-adoptions"

    def due(self, now: datetime) -> None:
        aged = self.store.reconfirmations.age(now=now)
        if aged.lowered or aged.uncounted or aged.asked:
            log.info(
                "%s uses to be confirmed again, %s no longer counted, %s questions on their way.",
                aged.lowered,
                aged.uncounted,
                aged.asked,
            )


class CountUnnamedAdoptions(RecurringJob):
    """Counts the groups that use each project without being named: so seldom, and only in steps, so that nobody can
    tell from the sentence who came or went."""

    kind, every = "count-unnamed-adoptions", WEEKLY

    def due(self, now: datetime) -> None:
        self.store.restricted_adoptions.count_unnamed(now=now)


class ModerationDaily(RecurringJob):
    """Notes pairs of records that may be the same, for the desk."""

    kind = "moderation-daily"

    def due(self, now: datetime) -> None:
        if pairs := moderation.find_likenesses(self.store, now=now):
            log.info("%s pairs of records may be the same: they wait at the desk.", pairs)


class PublicRecordsDaily(RecurringJob):
    """Writes public records of an older shape, which an upgrade leaves to be built on reading."""

    kind = "public-records"

    def due(self, now: datetime) -> None:
        self.store.public_record_upkeep.write_outdated()


RECURRING = (CallsDaily, ReconfirmAdoptions, CountUnnamedAdoptions, ModerationDaily, PublicRecordsDaily)
# They delete, remind or let something lapse because a date has come, whatever that date is compared with.
CALENDAR = frozenset((RETENTION, DIGEST, *(job.kind for job in RECURRING)))


def job_handlers(store: Store, settings: Settings, refresh: VisitRunner, publish: Write = write_here) -> JobHandlers:
    """Make all handlers of an instance, with the clock and addresses of `refresh`, and queue the recurring jobs.
    `publish`: writes what other catalogues read."""
    clock, addresses = refresh.clock, refresh.addresses
    key = instance_secret(settings.secret, settings.data)
    recurring = (
        Retention(store, clock, settings.drafts, settings.data / outbox.FOLDER),
        *(job(store, clock) for job in RECURRING),
    )
    notifications = Notifications(store, key, clock)
    pause = timedelta(seconds=settings.exchange_seconds)
    followers = followers_of(store, settings)
    publisher = Publisher(store, settings.data, settings.here, clock, pause, followers, publish)
    peers = peer_visitor(store, settings, refresh.stopping)
    checks = MirrorCheck(store, settings.mirrors, clock)
    for planned in (*recurring, notifications, checks, publisher, peers):
        planned.plan()
    observers = ObserverProcess(task_seconds=TASK_SECONDS)  # of their own: a long visit holds up nobody who waits
    previews = PreviewJob(store, settings.drafts, addresses, observers, clock, refresh.stopping)
    places = CheckContext(store, settings.mirrors, addresses, TxtLookup(addresses), settings.here)
    verifications = VerifyOwnership(places, clock)
    erasures = EraseJob(store, settings.mirrors, settings.mirror_max_bytes, clock)
    return JobHandlers(
        usual={
            **{job.kind: job.run for job in recurring},
            **notifications.handlers,
            MAIL: delivery_of(store, settings, notifications.fresh).run,
            PUBLISH: publisher.run,
            MIRROR_CHECK: checks.run,
        },
        prompt={PREVIEW: previews.run, VERIFICATION_JOB: verifications.run},
        apart={PEER_VISIT: peers.run, LOOK: LookJob(refresh).run},
        urgent={ERASE_JOB: erasures.run},
        calendar=CALENDAR,
    )
