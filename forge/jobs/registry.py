"""The table of jobs: which class handles each kind but visits, made with what it needs; recurring ones are queued
here.

`forge.mirroring.worker` takes the jobs and calls the handlers. See docs/decisions/040-processes-and-jobs.md.
"""

from datetime import timedelta

from catalog.rules.submission import LOOK
from catalog.store.federation.introductions import INTRODUCE
from catalog.store.federation.peers import LOOK_AGAIN, PULL
from catalog.store.follows.rows import DIGEST
from catalog.store.mirrors.erasures import ERASE_JOB
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB
from catalog.store.observations.screenshots import PICTURE
from catalog.store.people.mail_queue import MAIL
from catalog.store.projects.forks import KINSHIP
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow.own_copy import followers_of
from forge.exchange.publisher import PUBLISH, Publisher
from forge.jobs.calls_daily import CALLS_DAILY, CallsDaily
from forge.jobs.count_unnamed_adoptions import COUNT_UNNAMED_ADOPTIONS, CountUnnamedAdoptions
from forge.jobs.moderation_daily import MODERATION_DAILY, ModerationDaily
from forge.jobs.notifications import Notifications
from forge.jobs.opencatalog_webhooks import WebhookJobs
from forge.jobs.peers import peer_visits
from forge.jobs.public_records import PUBLIC_RECORDS, PublicRecordsDaily
from forge.jobs.reconfirm_adoptions import RECONFIRM_ADOPTIONS, ReconfirmAdoptions
from forge.jobs.retention import FORGET, Retention
from forge.jobs.verification_checks import Places
from forge.jobs.verify_ownership import VerifyOwnership
from forge.mail import outbox
from forge.mail.deliver import delivery_of
from forge.mirroring.check_job import MIRROR_CHECK, MirrorCheck
from forge.mirroring.compare_forks import ForkComparison
from forge.mirroring.erase_job import EraseJob
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.preview import TASK_SECONDS, PreviewJob
from forge.mirroring.screenshot_job import ScreenshotJob
from forge.mirroring.visit import VisitRunner
from forge.mirroring.worker import JobHandlers
from forge.security.dns import NameLookup
from forge.security.secret import instance_secret

# They delete, remind or let something lapse because a date has come, whatever that date is compared with.
CALENDAR = frozenset(
    (FORGET, CALLS_DAILY, MODERATION_DAILY, RECONFIRM_ADOPTIONS, COUNT_UNNAMED_ADOPTIONS, PUBLIC_RECORDS, DIGEST)
)


def job_handlers(store: Store, settings: Settings, refresh: VisitRunner) -> JobHandlers:
    """Make all handlers of an instance, with the clock and addresses of `refresh`, and queue the recurring jobs."""
    clock, addresses = refresh.clock, refresh.addresses
    key = instance_secret(settings.secret, settings.data)
    retention = Retention(store, clock, settings.drafts, settings.data / outbox.FOLDER)
    calling, ageing, unnamed, deciding, publishing = (
        handler_class(store, clock)
        for handler_class in (
            CallsDaily,
            ReconfirmAdoptions,
            CountUnnamedAdoptions,
            ModerationDaily,
            PublicRecordsDaily,
        )
    )
    telling = Notifications(store, settings.search, key, clock)
    pause = timedelta(seconds=settings.exchange_seconds)
    publisher = Publisher(store, settings.data, settings.here, clock, pause, followers_of(store, settings))
    calling_out = WebhookJobs(store, addresses, key, clock)
    peers = peer_visits(store, settings, refresh.stopping)
    checking = MirrorCheck(store, settings.mirrors, clock)
    daily = (retention, calling, telling, ageing, unnamed, deciding, publishing)
    for recurring in (*daily, checking, publisher, calling_out, peers):
        recurring.plan()
    observers = ObserverProcess(task_seconds=TASK_SECONDS)  # of their own: a long visit holds up nobody who waits
    looking = PreviewJob(store, settings.drafts, addresses, observers, clock, refresh.stopping)
    places = Places(store, settings.mirrors, addresses, NameLookup(addresses), settings.here)
    verifying = VerifyOwnership(places, clock)
    erasing = EraseJob(store, settings.mirrors, settings.mirror_max_bytes, clock)
    return JobHandlers(
        usual={
            MAIL: delivery_of(store, settings, telling.fresh).run,
            KINSHIP: ForkComparison(store, settings.mirrors, clock, refresh.stopping).run,
            FORGET: retention.run,
            CALLS_DAILY: calling.run,
            MODERATION_DAILY: deciding.run,
            **telling.handlers,
            **calling_out.handlers,
            RECONFIRM_ADOPTIONS: ageing.run,
            COUNT_UNNAMED_ADOPTIONS: unnamed.run,
            PUBLIC_RECORDS: publishing.run,
            PICTURE: ScreenshotJob(store, settings.mirrors, observers, refresh.stopping).run,
            PUBLISH: publisher.run,
            MIRROR_CHECK: checking.run,
        },
        prompt={LOOK: looking.run, VERIFICATION_JOB: verifying.run},
        apart={PULL: peers.run, LOOK_AGAIN: peers.look, INTRODUCE: peers.introduce},
        urgent={ERASE_JOB: erasing.run},
        calendar=CALENDAR,
    )
