"""Which room does which errand: jobs of every kind but visits, each made with what it needs, and planned where it comes
back by itself. It does none of them: `worker` takes jobs and hands them over.
"""

from datetime import timedelta

from catalog.declarations import LOOK
from catalog.store import Store
from catalog.store.families import KINSHIP
from catalog.store.messages import MAIL
from catalog.store.peers import LOOK_AGAIN, PULL
from catalog.store.pictures import PICTURE
from catalog.store.rechecks import PROVE
from forge import outbox
from forge.ageing import AGE, Ageing
from forge.calling import CALLING, Calling
from forge.calling_out import CallingOut
from forge.deciding import DECIDING, Deciding
from forge.exchange.errand import EXCHANGE, Exchange
from forge.kinship import Kinship
from forge.looking import TASK_SECONDS, Looking
from forge.mail.deliver import delivery
from forge.names import Names
from forge.observers import Observers
from forge.peers.pulling import pulling
from forge.proving import Proving
from forge.refresh import Refresh
from forge.retention import FORGET, Retention
from forge.screenshots import Screenshots
from forge.secret import secret
from forge.settings import Settings
from forge.telling import Telling
from forge.unnamed import UNNAMED, Unnamed
from forge.worker import Errands


def errands_of(store: Store, settings: Settings, refresh: Refresh) -> Errands:
    """All of an instance, by the clock and addresses of `refresh`; those that come back by themselves are queued."""
    clock, addresses = refresh.clock, refresh.addresses
    key = secret(settings.secret, settings.data)
    retention = Retention(store, clock, settings.drafts, settings.data / outbox.FOLDER)
    calling, ageing, unnamed, deciding = (one(store, clock) for one in (Calling, Ageing, Unnamed, Deciding))
    telling = Telling(store, settings.search, key, clock)
    exchange = Exchange(store, settings.data, settings.here, clock, timedelta(seconds=settings.exchange_seconds))
    calling_out = CallingOut(store, addresses, key, clock)
    peers = pulling(store, settings, refresh.stopping)
    for one in (retention, calling, telling, ageing, unnamed, deciding, exchange, calling_out, peers):
        one.plan()
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
