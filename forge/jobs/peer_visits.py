"""Visits of other catalogues: the jobs of the worker."""

from dataclasses import dataclass
from threading import Event

from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow.visit_job import PeerVisitor, peer_visitor


@dataclass(frozen=True)
class PeerVisits:
    store: Store
    visitor: PeerVisitor

    def plan(self) -> None:
        self.visitor.plan()

    def run(self, job: Job) -> None:
        self.visitor.run(job)


def peer_visits(store: Store, settings: Settings, stopping: Event | None = None) -> PeerVisits:
    """The jobs as the worker does them."""
    return PeerVisits(store, peer_visitor(store, settings, stopping))
