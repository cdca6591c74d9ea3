"""Visits of other catalogues, by the protocol that each speaks."""

from dataclasses import dataclass, replace
from threading import Event
from typing import Any
from uuid import UUID

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.peer import ALREADY_KNOWN, REFUSAL_SENTENCES, Peer, Refusal
from catalog.store import Store
from catalog.store.core.jobs import Job
from forge.config.settings import Settings
from forge.exchange.follow import adding
from forge.exchange.follow.repository import Refusal as NotRead
from forge.exchange.follow.visiting import Following, following
from forge.federation.pull.pulling import Pulling, pulling


@dataclass(frozen=True)
class PeerVisits:
    store: Store
    following: Following
    pulling: Pulling

    def plan(self) -> None:
        self.following.plan()

    def run(self, job: Job) -> None:
        self._of_job(job).run(job)

    def look(self, job: Job) -> None:
        self._of_job(job).look(job)

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
        except NotRead as no:
            introductions.ended(address, REFUSAL_SENTENCES[no.code], no.subject)
        except AlreadyExists as no:
            introductions.ended(address, ALREADY_KNOWN, str(no.key))
        self.store.jobs.done(job)

    def of(self, peer: Peer) -> Following | Pulling:
        """Whoever speaks its protocol."""
        return self.pulling if peer.root is None else self.following

    def told(self, peer: Peer, folder: str | None) -> tuple[Refusal | None, dict[str, Any], str]:
        """Visit a catalogue now, or read it from a folder: why that was refused, what it brought as JSON, and as a
        sentence."""
        if peer.root is None:
            first = self.pulling.pull(replace(peer, address=None, folder=folder, etag=None) if folder else peer)
            record = {"records": first.records, "withdrawn": first.tombstones, "whole": first.whole}
            return first.refusal, record, f"{first.records} records, {first.tombstones} withdrawn."
        outcome = self.following.visit(peer, folder)
        took = outcome.taken
        counts = {name: getattr(took, name) for name in ("added", "changed", "removed", "withdrawn")}
        notes = [{"code": note.code, "subject": note.subject} for note in outcome.notes]
        sentence = ", ".join(f"{number} {name}" for name, number in counts.items())
        return outcome.refusal, {**counts, "notes": notes}, f"{sentence}."

    def _of_job(self, job: Job) -> Following | Pulling:
        try:
            return self.of(self.store.peers.get(UUID(job.argument["peer"])))
        except NotFound:
            return self.following


def peer_visits(store: Store, settings: Settings, stopping: Event | None = None) -> PeerVisits:
    """The job as worker and command line do it."""
    return PeerVisits(store, following(store, settings, stopping), pulling(store, settings, stopping))
