"""The table of jobs: which class handles each kind but visits, made with what it needs; recurring ones are queued
here.

`forge.mirroring.worker` takes the jobs and calls the handlers. See docs/decisions/040-processes-and-jobs.md.
"""

from datetime import timedelta

from catalog.rules.submission import LOOK
from catalog.store import Store
from catalog.store.federation.peers import LOOK_AGAIN, PULL
from catalog.store.mirrors.verification_jobs import PROVE
from catalog.store.observations.screenshots import PICTURE
from catalog.store.people.mail_queue import MAIL
from catalog.store.projects.forks import KINSHIP
from forge.config.settings import Settings
from forge.federation.publish.errand import EXCHANGE, Exchange
from forge.federation.pull.pulling import pulling
from forge.jobs.calls_daily import CALLING, Calling
from forge.jobs.count_unnamed_adoptions import UNNAMED, Unnamed
from forge.jobs.moderation_daily import DECIDING, Deciding
from forge.jobs.notifications import Telling
from forge.jobs.opencatalog_webhooks import CallingOut
from forge.jobs.reconfirm_adoptions import AGE, Ageing
from forge.jobs.retention import FORGET, Retention
from forge.jobs.verify_ownership import Proving
from forge.mail import outbox
from forge.mail.deliver import delivery
from forge.mirroring.compare_forks import Kinship
from forge.mirroring.observer_process import Observers
from forge.mirroring.preview import TASK_SECONDS, Looking
from forge.mirroring.screenshot_job import Screenshots
from forge.mirroring.visit import Refresh
from forge.mirroring.worker import Errands
from forge.security.dns import Names
from forge.security.secret import secret


def errands_of(store: Store, settings: Settings, refresh: Refresh) -> Errands:
    """Make all handlers of an instance, with the clock and addresses of `refresh`, and queue the recurring jobs."""
    clock, addresses = refresh.clock, refresh.addresses
    key = secret(settings.secret, settings.data)
    retention = Retention(store, clock, settings.drafts, settings.data / outbox.FOLDER)
    calling, ageing, unnamed, deciding = (
        handler_class(store, clock) for handler_class in (Calling, Ageing, Unnamed, Deciding)
    )
    telling = Telling(store, settings.search, key, clock)
    exchange = Exchange(store, settings.data, settings.here, clock, timedelta(seconds=settings.exchange_seconds))
    calling_out = CallingOut(store, addresses, key, clock)
    peers = pulling(store, settings, refresh.stopping)
    for recurring in (retention, calling, telling, ageing, unnamed, deciding, exchange, calling_out, peers):
        recurring.plan()
    observers = Observers(task_seconds=TASK_SECONDS)  # of their own: a long visit holds up nobody who waits
    looking = Looking(store, settings.drafts, addresses, observers, clock, refresh.stopping)
    proving = Proving(store, settings.mirrors, addresses, Names(addresses), settings.here, clock)
    return Errands(
        usual={
            MAIL: delivery(store, settings, telling.fresh).take,
            KINSHIP: Kinship(store, settings.mirrors, clock, refresh.stopping).take,
            FORGET: retention.take,
            CALLING: calling.take,
            DECIDING: deciding.take,
            **telling.errands,
            **calling_out.errands,
            AGE: ageing.take,
            UNNAMED: unnamed.take,
            PICTURE: Screenshots(store, settings.mirrors, observers, refresh.stopping).take,
            EXCHANGE: exchange.take,
        },
        prompt={LOOK: looking.take, PROVE: proving.take},
        apart={PULL: peers.take, LOOK_AGAIN: peers.look},
    )
