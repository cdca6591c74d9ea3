"""Reads what our followers still have of our own exchange, before anything is signed after a restore: so that what was
withdrawn since the backup stays withdrawn, and our numbers continue above theirs.
"""

import logging
from collections.abc import Callable

from catalog.exchange import names
from catalog.exchange.reading import InvalidExchangeFile, read_withdrawn
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow.addresses import MIRROR, base_of
from forge.exchange.follow.fetching import RemoteFeed
from forge.exchange.follow.repository import Pin, Repository, VisitRefused, held
from forge.exchange.follow.visit_job import PeerVisitor, peer_visitor

OWN = "own"  # below the folder of what was fetched

log = logging.getLogger("forge.exchange.follow")


def learn_from_followers(visitor: PeerVisitor) -> int:
    """Ask each catalogue that we know for its copy of our exchange, and keep what that says was withdrawn; how many
    copies were read. One that cannot be read, or is not signed by us, is passed over."""
    store, number = visitor.store, 0
    manifest, roots = store.manifest(), store.published_exchange.roots()
    if manifest is None or not roots:
        return 0
    for peer in store.peers.all():
        if not peer.address:
            continue
        folder = visitor.folder / OWN / str(peer.instance_id)
        feed = RemoteFeed(visitor.addresses, f"{base_of(peer.address)}{MIRROR}{manifest.id}/")
        try:
            with held(folder):
                repository = Repository(folder, feed, Pin(roots[-1], manifest.id), visitor.clock())
                metadata = repository.visit()
                withdrawn = [
                    withdrawal
                    for path, target_file in metadata.targets.items()
                    if path.startswith(f"{names.WITHDRAWN}/")
                    for withdrawal in read_withdrawn(path, repository.read(target_file)).entries
                ]
        except (VisitRefused, InvalidExchangeFile, OSError) as no:
            log.info("%s has no copy of our exchange that can be used: %s", peer.slug, no)
            continue
        learned = store.published_exchange.learn(withdrawn)
        store.published_exchange.go_on_from(max(metadata.version, store.published_exchange.state().version))
        log.info("Learned from %s that %s records were withdrawn", peer.slug, learned)
        number += 1
    return number


def followers_of(store: Store, settings: Settings) -> Callable[[], int]:
    """What asks them, of an instance with these settings."""
    return lambda: learn_from_followers(peer_visitor(store, settings))
