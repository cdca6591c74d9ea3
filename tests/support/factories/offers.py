"""What tests of offered texts are made of: an offer and a correction as they travel, a catalogue that sends them, and
who answers at the desk.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from support.factories.core import NOW, a_catalog, a_project, identity, later, load
from support.factories.peers import a_peer, followed
from support.factories.people import a_person
from support.factories.received import WANTED, a_catalogue
from support.factories.rewriting import rewriting

from catalog import moderation
from catalog.federation import merge, shapes, signing
from catalog.moderation import Peering, Wish
from catalog.rules.decision import PUBLISH
from catalog.rules.peer import FOLLOWING, KINDS, Peer
from catalog.rules.submission import CORRECT, WAITING
from catalog.store import Store
from catalog.store.submissions import rows as submission_rows
from forge.federation.publish.folder import write
from forge.federation.pull import reading
from forge.federation.pull.source import Folder

GALETTE = identity("galette")
LATER = later(hours=1)
TEXTS = {"summary": "Llevar la lista de miembros"}


def an_offer(**changes: object) -> shapes.Offer:
    values: dict[str, object] = {
        "id": uuid4(),
        "kind": "project",
        "record": GALETTE,
        "field": "summary",
        "language": "es",
        "text": "Llevar la lista de miembros",
        "of_revision": 1,
        "translator": "Red de Redes",
        "method": "person",
        "at": NOW,
    }
    return shapes.Offer(**values | changes)  # type: ignore[arg-type]


def edited(store: Store) -> Peer:
    """Another catalogue with which projects are edited together."""
    return a_catalogue(store, **dict.fromkeys(WANTED, "follow") | {"project": "co_edit"})


def write_feed(store: Store, tmp_path: Path) -> None:
    """Its feed goes out once, so that revisions are known."""
    write(store, tmp_path, tmp_path / "exchange", "https://forge.example", now=NOW)


def a_home(store: Store, tmp_path: Path) -> Store:
    """A store whose project was told to others as revision 1."""
    load(store, a_catalog(a_project()))
    write_feed(store, tmp_path)
    return store


def answer(
    store: Store, number: int = 0, choice: str = PUBLISH, reason: str = "", when: datetime = LATER
) -> int | None:
    """A moderator answers what waits."""
    someone = a_person(store)
    submission = store.submissions.queue()[number]
    return moderation.answer(
        store, someone, submission.id, Wish(choice, reason, "", moderation.stamp(submission)), now=when
    )


class Catalogue:
    """A store with its folder, which another one follows."""

    def __init__(self, store: Store, data: Path, host: str):
        self.store, self.data, self.host = store, data, host

    def tell(self, now: datetime) -> None:
        write(self.store, self.data, self.data / "exchange", f"https://{self.host}", now=now)

    def follow(self, other: "Catalogue") -> Peer:
        card = reading.introduced(Folder(other.data / "exchange"))
        peer = a_peer(
            self.store,
            address=f"https://{other.host}/exchange",
            instance_id=card.id,
            card=shapes.plain(card),
            public_key=card.key.public,
            fingerprint=card.key.fingerprint,
        )
        return followed(self.store, peer, project="co_edit")

    def hear(self, other: "Catalogue", peer: Peer, now: datetime) -> None:
        """What a verified visit hands over."""
        source = Folder(other.data / "exchange")
        public = signing.public_bytes(peer.public_key)
        assert public is not None
        seen = reading.visited(source, reading.Pinned(public, peer.instance_id), now=now)
        assert seen is not None
        delta = reading.whole(source, seen.entry, KINDS, ("en", "es", "fr"))
        merge.apply_delta(self.store, peer.id, delta, now=now)


def met(home: Catalogue, other: Catalogue) -> tuple[Peer, Peer]:
    """Both follow each other from now on, and `other` has heard what `home` tells: `home` there, and `other` here."""
    home.tell(NOW)
    other.tell(NOW)
    at_other, at_home = other.follow(home), home.follow(other)
    other.hear(home, at_other, NOW)
    return at_other, at_home


def correct(store: Store, language: str, text: str, now: datetime, key: UUID = GALETTE) -> None:
    """Somebody corrects the sentence of the project, and a moderator publishes it."""
    with rewriting(store.engine) as connection:
        answers = {"field": "summary", "language": language, "value": text}
        _, submission = submission_rows.begin(connection, CORRECT, "fr", project_id=key, answers=answers, now=now)
        submission_rows.change(connection, submission.id, state=WAITING, sent_at=now, expires_at=None)
    answer(store, [waiting.id for waiting in store.submissions.queue()].index(submission.id), when=now)


def decide(store: Store, peer: Peer, choice: str) -> None:
    moderation.decide_peer(store, None, peer.id, Peering(FOLLOWING, {"project": choice}, "We know them."), now=LATER)


def a_correction(**changes: object) -> shapes.Correction:
    values: dict[str, object] = {
        "id": uuid4(),
        "kind": "project",
        "record": GALETTE,
        "field": "homepage",
        "language": None,
        "value": "https://galette.example",
        "of_revision": 1,
        "by": "Red de Redes",
        "source": "https://galette.example/about",
        "at": NOW,
    }
    return shapes.Correction(**values | changes)  # type: ignore[arg-type]
