"""What `forge serve` does with the site's modules read: it prepares the data folder, the schema and the document, in a
process that ends; then it answers, keeps the index, and works behind the pages.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.applications import Starlette

from catalog.search import Finder
from catalog.store.store import Store
from forge.app import create_app
from forge.backup import withdrawal_journal_file
from forge.backup.withdrawal_journal_file import WithdrawalWriter
from forge.config.checkup_report import GOOD
from forge.config.settings import Settings
from forge.server import load_document, preflight
from forge.server.connections import BoundedProtocol
from forge.server.index_follower import IndexFollower
from forge.server.polling_thread import PollingThread
from forge.server.preflight import CannotStart
from forge.server.work import WorkerThread

STOP_SECONDS = 15.0  # for answers under way


def prepare(settings: Settings) -> None:
    """Prepare the data folder and the database, load the document if it changed, and make the first keys.

    Raises CannotStart when there is nothing that could be served.
    """
    from forge.server.doctor import examine_machine

    folder, *others = examine_machine(settings)
    if folder.severity != GOOD:
        raise CannotStart(folder.sentence)
    store = preflight.open_store(settings)
    with contextlib.closing(store):
        for remark in (
            *(finding.sentence for finding in others if finding.severity != GOOD),
            *_load_document(settings, store),
        ):
            print(remark, file=sys.stderr)
        if not store.published_exchange.roots():
            from forge.exchange.publish import make_keys  # python-tuf is read where there are none yet

            make_keys(store, settings.data, settings.here, now=datetime.now(UTC))


def _load_document(settings: Settings, store: Store) -> Iterator[str]:
    served = store.manifest() is not None
    if not settings.catalog.is_file():
        if not served:
            raise preflight.no_document(settings)
        yield f"There is no document {settings.catalog}: what was loaded last is served."
        return
    outcome = load_document.load(store, settings.catalog, now=datetime.now(UTC))
    if outcome.problems:
        first = [str(problem) for problem in outcome.problems[:5]]
        if not served:
            raise CannotStart(f"{settings.catalog} cannot be loaded:", *first, "`forge check` lists every problem.")
        yield f"{settings.catalog} has {len(outcome.problems)} problems: what was loaded last is served. {first[0]}"
    for slug in outcome.loaded.skipped if outcome.loaded else ():
        sentence = f"{slug} is blocked or joined with another record here: the document's record is not shown."
        yield f"{sentence} `forge unblock {slug}`, or parting them at the desk, takes that back."
    for slug in outcome.loaded.locked if outcome.loaded else ():
        yield f"{slug} is locked by a moderator: what the document says of it is not loaded. The desk unlocks it."


def serve_pages(
    settings: Settings,
    sockets: Sequence[socket.socket],
    when_ready: Callable[[], None],
    *,
    worker: bool,
) -> None:
    """Answer until a signal ends it. `worker`: do the work behind the pages too, in threads; without one what people
    withdraw is still told to other catalogues.
    """
    store = Store(settings.database_url)
    behind = WorkerThread(settings) if worker else _publishing(store, settings)
    with contextlib.ExitStack() as ending:
        ending.callback(store.close)
        # The search index is kept at the store's change, and withdrawals are copied outside of the database.
        ending.enter_context(running(IndexFollower(store, settings.search)))
        ending.enter_context(running(_writing_down_withdrawals(store, settings)))
        ending.enter_context(running(behind))
        server = _Server(_web_options(settings, make_site(settings, store)), when_ready)
        with contextlib.suppress(KeyboardInterrupt, SystemExit):  # the signal, which uvicorn gives back
            server.run(list(sockets))
    if isinstance(behind, WorkerThread) and behind.left_behind:
        os._exit(0)  # threads that wait for a silent host would be waited for


def make_site(settings: Settings, store: Store) -> Starlette:
    return create_app(settings, store, Finder(settings.search))


def _web_options(settings: Settings, site: Starlette) -> uvicorn.Config:
    proxies = [str(network) for network in settings.proxies]
    return uvicorn.Config(
        site,
        log_level="warning",
        access_log=False,  # no tracking: who read which page is nobody's business
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        server_header=False,
        http=BoundedProtocol,
        ws="none",  # nothing here speaks it, and its protocol would be bounded by nothing
        timeout_graceful_shutdown=int(STOP_SECONDS),
    )


class _Server(uvicorn.Server):
    """One that calls `when_ready` once it listens."""

    def __init__(self, options: uvicorn.Config, when_ready: Callable[[], None]):
        super().__init__(options)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()


@contextlib.contextmanager
def running(follower: IndexFollower | PollingThread | WorkerThread) -> Iterator[None]:
    """Let a thread that follows the store run from now to the end."""
    follower.start()
    try:
        yield
    finally:
        follower.stop()


def _writing_down_withdrawals(store: Store, settings: Settings) -> PollingThread:
    writer = WithdrawalWriter(store, settings.withdrawals_folder)
    every, rest = withdrawal_journal_file.POLL_SECONDS, withdrawal_journal_file.REST
    return PollingThread("withdrawals", writer.look, every, rest, look_last=True)


def _publishing(store: Store, settings: Settings) -> PollingThread:
    # Imported here: python-tuf and what it needs take 9 MB, and the web signs nothing where a worker runs.
    from forge.exchange.follow.own_copy import followers_of
    from forge.exchange.publisher import EVERY, REST, Publisher
    from forge.server.publish_in_own_interpreter import publish_in_own_interpreter

    pause, followers = timedelta(seconds=settings.exchange_seconds), followers_of(store, settings)
    write = publish_in_own_interpreter(settings)
    publisher = Publisher(store, settings.data, settings.here, lambda: datetime.now(UTC), pause, followers, write)
    return PollingThread("publishing", publisher.look_and_log, EVERY.total_seconds(), REST)
