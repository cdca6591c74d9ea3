"""Visits of other catalogues: the jobs of the worker."""

from dataclasses import dataclass
from threading import Event

from catalog.errors import AlreadyExists
from catalog.rules.peer import ALREADY_KNOWN, REFUSAL_SENTENCES
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow import adding
from forge.exchange.follow.repository import Refusal
from forge.exchange.follow.visiting import Following, following


@dataclass(frozen=True)
class PeerVisits:
    store: Store
    following: Following

    def plan(self) -> None:
        self.following.plan()

    def run(self, job: Job) -> None:
        self.following.run(job)

    def look(self, job: Job) -> None:
        self.following.look(job)

    def introduce(self, job: Job) -> None:
        """Read a catalogue that somebody at the desk asked to get to know: once, whatever it ends with."""
        following, address, introductions = self.following, job.argument["address"], self.store.introductions
        try:
            introduction = adding.meet(following, address)
            now = following.clock()
            coming = adding.preview(following, introduction, now=now)
            adding.add(following, introduction, coming, compared=False, now=now)
            introductions.ended(address)
        except adding.NotAdded as no:
            introductions.ended(address, no.sentence)
        except Refusal as no:
            introductions.ended(address, REFUSAL_SENTENCES[no.code], no.subject)
        except AlreadyExists as no:
            introductions.ended(address, ALREADY_KNOWN, str(no.key))
        self.store.jobs.done(job)


def peer_visits(store: Store, settings: Settings, stopping: Event | None = None) -> PeerVisits:
    """The jobs as the worker does them."""
    return PeerVisits(store, following(store, settings, stopping))
