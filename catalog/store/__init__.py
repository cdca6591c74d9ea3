"""All SQL of the catalogue: what is kept and how it is read. It decides nothing about trust and fetches nothing."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError as DatabaseError

from catalog.document import from_record
from catalog.model import Manifest
from catalog.store.counter import Counter
from catalog.store.database import glancing, note, noted, one_view, open_engine, reading, writing
from catalog.store.migrate import migrate, revision
from catalog.store.remembered import Remembered
from catalog.store.sent import moved

if TYPE_CHECKING:
    from catalog.store.account_erasure import AccountErasure
    from catalog.store.agreements import Agreements
    from catalog.store.alike import Alike
    from catalog.store.answers import Answers
    from catalog.store.calls import Calls
    from catalog.store.copies import Copies
    from catalog.store.curated import Curated
    from catalog.store.decisions import Decisions
    from catalog.store.declarations import Declarations
    from catalog.store.experiences import Experiences
    from catalog.store.exporting import Exporting
    from catalog.store.facts import Facts
    from catalog.store.families import Families
    from catalog.store.figures import Figures
    from catalog.store.findings import Findings
    from catalog.store.following import Following
    from catalog.store.follows import Follows
    from catalog.store.foreign import Foreign
    from catalog.store.front import Front
    from catalog.store.helping import Helping
    from catalog.store.homes import Homes
    from catalog.store.hooks import Hooks
    from catalog.store.jobs import Jobs
    from catalog.store.joins import Joins
    from catalog.store.keeping import Keeping
    from catalog.store.layers import Layers
    from catalog.store.limits import Limits
    from catalog.store.listed import Listed
    from catalog.store.listing import Listing
    from catalog.store.looks import Looks
    from catalog.store.messages import Messages
    from catalog.store.mirrors import Mirrors
    from catalog.store.naming import Naming
    from catalog.store.observing import Observing
    from catalog.store.obstacles import Obstacles
    from catalog.store.offers import Offers
    from catalog.store.opencatalog import Opencatalog
    from catalog.store.organizations import Organizations
    from catalog.store.own_pages import OwnPages
    from catalog.store.pages import Pages
    from catalog.store.peers import Peers
    from catalog.store.people import People
    from catalog.store.pictures import Pictures
    from catalog.store.places import Places
    from catalog.store.published import Published
    from catalog.store.questions import Questions
    from catalog.store.quoting import Quoting
    from catalog.store.receipts import Receipts
    from catalog.store.reconfirming import Reconfirming
    from catalog.store.reporting import Reporting
    from catalog.store.sayings import Sayings
    from catalog.store.sent import Sent
    from catalog.store.statistics import Statistics
    from catalog.store.their_calls import TheirCalls
    from catalog.store.their_experiences import TheirExperiences
    from catalog.store.ties import Ties
    from catalog.store.tokens import Tokens
    from catalog.store.told import Told
    from catalog.store.uses import Uses
    from catalog.store.vouching import Vouching
    from catalog.store.waiting import Waiting
    from catalog.store.whole import Whole


_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Store:
    """One database: `sqlite:///path` or `postgresql://…`.

    Every method is safe to call from several threads. Raises ValueError for another kind of database.
    """

    front: "Front"
    pages: "Pages"
    places: "Places"
    statistics: "Statistics"
    alike: "Alike"
    helping: "Helping"
    naming: "Naming"
    uses: "Uses"
    organizations: "Organizations"
    curated: "Curated"
    mirrors: "Mirrors"
    observing: "Observing"
    pictures: "Pictures"
    facts: "Facts"
    exporting: "Exporting"
    own_pages: "OwnPages"
    families: "Families"
    findings: "Findings"
    decisions: "Decisions"
    declarations: "Declarations"
    calls: "Calls"
    obstacles: "Obstacles"
    looks: "Looks"
    questions: "Questions"
    experiences: "Experiences"
    jobs: "Jobs"
    keeping: "Keeping"
    makers: "Answers"
    following: "Following"
    quoting: "Quoting"
    people: "People"
    account_erasure: "AccountErasure"
    peers: "Peers"
    follows: "Follows"
    agreements: "Agreements"
    hooks: "Hooks"
    reporting: "Reporting"
    vouching: "Vouching"
    reconfirming: "Reconfirming"
    messages: "Messages"
    limits: "Limits"
    waiting: "Waiting"
    figures: "Figures"
    joins: "Joins"
    layers: "Layers"
    copies: "Copies"
    whole: "Whole"
    listing: "Listing"
    published: "Published"
    sent: "Sent"
    offers: "Offers"
    sayings: "Sayings"
    ties: "Ties"
    foreign: "Foreign"
    homes: "Homes"
    their_experiences: "TheirExperiences"
    their_calls: "TheirCalls"
    receipts: "Receipts"
    listed: "Listed"
    told: "Told"
    tokens: "Tokens"
    opencatalog: "Opencatalog"

    def __init__(self, url: str):
        self.engine = open_engine(url)
        self.counter = Counter(self.engine)
        self._remembered = Remembered(self.engine)

    def __getattr__(self, name: str) -> Any:
        """The room of that name, opened when it is first asked for: its module is named as its class."""
        kind = Store.__annotations__.get(name)
        if kind is None:
            raise AttributeError(name)
        module = import_module(f"{__name__}.{_WORD.sub('_', kind).lower()}")
        return self.__dict__.setdefault(name, getattr(module, kind)(self.engine))  # one, whichever thread was first

    def migrate(self) -> None:
        """Bring the schema to this version; does nothing when it is there already."""
        migrate(self.engine)

    def schema_is_present(self) -> bool:
        """Whether `migrate` has ever been here; it writes nothing."""
        return revision(self.engine) is not None

    def answers(self) -> bool:
        """Whether the database can be read now."""
        try:
            self.change()
        except DatabaseError:
            return False
        return True

    def one_view(self) -> AbstractContextManager[None]:
        """Whatever this thread reads inside sees one moment of the database, until it writes."""
        return one_view(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def change(self) -> int:
        """The number of the last public change; 0 before the first. Idle visits do not count."""
        with glancing(self.engine) as connection:
            return int(noted(connection, "change") or 0)

    def manifest(self) -> Manifest | None:
        """The manifest of the document that was loaded last; None before the first load."""
        return self.manifest_and_move()[0]

    def manifest_and_move(self) -> tuple[Manifest | None, Mapping[str, Any] | None]:
        """With whom this home was handed over to, as `Sent.moved` gives it. Neither changes without a public change: a
        page asks for its number alone."""
        return self._remembered("manifest and move", _manifest_and_move)

    def digest(self) -> str | None:
        """The digest of the document's files when they were last loaded without fault."""
        with reading(self.engine) as connection:
            kept: str | None = noted(connection, "digest")
        return kept

    def problem(self) -> str | None:
        """What kept the last load of the document from being taken over, as a sentence; None when it was."""
        with reading(self.engine) as connection:
            kept: str | None = noted(connection, "problem")
        return kept

    def note_problem(self, sentence: str, *, now: datetime) -> None:
        """Remember that a load failed; the last good state stays."""
        with writing(self.engine) as connection:
            note(connection, "problem", f"{now.isoformat(timespec='seconds')} {sentence}")

    def note_proxy(self, address: str, *, now: datetime) -> None:
        """Remember that a proxy forwards requests whose word nobody told us to believe."""
        with writing(self.engine) as connection:
            note(connection, "proxy", {"address": address, "at": now.isoformat()})

    def unbelieved_proxy(self) -> tuple[str, datetime] | None:
        """The proxy that was noted last, and when."""
        with reading(self.engine) as connection:
            kept = noted(connection, "proxy")
        return (kept["address"], datetime.fromisoformat(kept["at"])) if kept else None

    def note_forgotten(self, *, now: datetime) -> None:
        """Remember when what was kept long enough was last deleted."""
        with writing(self.engine) as connection:
            note(connection, "forgotten", now.isoformat())

    def forgotten_at(self) -> datetime | None:
        """When what was kept long enough was last deleted; None: never."""
        with reading(self.engine) as connection:
            kept = noted(connection, "forgotten")
        return datetime.fromisoformat(kept) if kept else None


def _manifest_and_move(connection: Connection) -> tuple[Manifest | None, Mapping[str, Any] | None]:
    kept = noted(connection, "manifest")
    return None if kept is None else from_record(Manifest, kept), moved(connection)


__all__ = ["DatabaseError", "Store"]
