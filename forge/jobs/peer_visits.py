"""Visits of other catalogues: the jobs of the worker."""

from dataclasses import dataclass
from threading import Event

from catalog.errors import AlreadyExists
from catalog.rules.peer import ALREADY_KNOWN, REFUSAL_SENTENCES
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow import adding
from forge.exchange.follow.repository import VisitRefused
from forge.exchange.follow.visit_job import PeerVisitor, peer_visitor


@dataclass(frozen=True)
class PeerVisits:
    store: Store
    visitor: PeerVisitor

    def plan(self) -> None:
        self.visitor.plan()

    def run(self, job: Job) -> None:
        self.visitor.run(job)

    def look(self, job: Job) -> None:
        self.visitor.look(job)

    def introduce(self, job: Job) -> None:
        """Read a catalogue that somebody at the desk asked to get to know: once, whatever it ends with."""
        visitor, address, introductions = self.visitor, job.argument["address"], self.store.introductions
        try:
            introduction = adding.meet(visitor, address)
            now = visitor.clock()
            coming = adding.preview(visitor, introduction, now=now)
            adding.add(visitor, introduction, coming, compared=False, now=now)
            introductions.ended(address)
        except adding.NotAdded as no:
            introductions.ended(address, no.sentence)
        except VisitRefused as no:
            introductions.ended(address, REFUSAL_SENTENCES[no.code], no.subject)
        except AlreadyExists as no:
            introductions.ended(address, ALREADY_KNOWN, str(no.key))
        self.store.jobs.done(job)


def peer_visits(store: Store, settings: Settings, stopping: Event | None = None) -> PeerVisits:
    """The jobs as the worker does them."""
    return PeerVisits(store, peer_visitor(store, settings, stopping))
