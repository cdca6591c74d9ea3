"""All SQL of the catalogue. `Store` gives access to its parts, one for each subject."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError as DatabaseError

from catalog.document import from_record
from catalog.model import Manifest
from catalog.store.calls.queries import has_open_calls
from catalog.store.core.change_counter import ChangeCounter
from catalog.store.core.engine import (
    get_meta,
    one_view,
    open_engine,
    reading,
    reading_once,
    set_meta,
    writing,
)
from catalog.store.core.migrate import migrate, revision
from catalog.store.core.public_changes import PUBLISHER
from catalog.store.core.query_cache import QueryCache
from catalog.store.federation.publish.state import moved

if TYPE_CHECKING:
    from catalog.store.adoptions.experiences import Experiences
    from catalog.store.adoptions.network_vouching import NetworkVouching
    from catalog.store.adoptions.questions import Questions
    from catalog.store.adoptions.reconfirmation import Reconfirmations
    from catalog.store.adoptions.reported import ReportedAdoptions
    from catalog.store.adoptions.restricted import RestrictedAdoptions
    from catalog.store.backup.public_dump import PublicDump
    from catalog.store.backup.restore import DatabaseCopies
    from catalog.store.calls.queries import Calls
    from catalog.store.contributors.account_erasure import AccountErasure
    from catalog.store.contributors.rows import Contributors
    from catalog.store.core.jobs import Jobs
    from catalog.store.core.metrics import Metrics
    from catalog.store.core.rate_limits import RateLimits
    from catalog.store.documents.imported_lists import ImportedLists
    from catalog.store.documents.load import CuratedDocument
    from catalog.store.exports.api_lists import ApiLists
    from catalog.store.exports.experience_lists import ExperienceLists
    from catalog.store.exports.records import ExportedRecords
    from catalog.store.exports.sitemap import SitemapPages
    from catalog.store.exports.statistics import Statistics
    from catalog.store.federation.matching.record_origins import RecordOrigins
    from catalog.store.federation.peers import Peers
    from catalog.store.federation.publish.deletion_receipts import DeletionReceipts
    from catalog.store.federation.publish.records import PublishedRecords
    from catalog.store.federation.publish.state import ExchangeState
    from catalog.store.federation.received.calls import ReceivedCalls
    from catalog.store.federation.received.experiences import ReceivedExperiences
    from catalog.store.federation.received.records import ReceivedRecords
    from catalog.store.federation.translation_offers import TranslationOffers
    from catalog.store.follows.rows import Follows
    from catalog.store.merges.rows import Merges
    from catalog.store.merges.same_as_claims import PeerStatements
    from catalog.store.merges.successors import Successors
    from catalog.store.mirrors.push_webhooks import PushWebhooks
    from catalog.store.mirrors.rows import Mirrors
    from catalog.store.moderation.findings import Findings
    from catalog.store.moderation.log import ModerationDecisions
    from catalog.store.moderation.queue import ModerationQueue
    from catalog.store.observations.rows import Observations
    from catalog.store.observations.screenshots import Screenshots
    from catalog.store.obstacles.rows import Obstacles
    from catalog.store.opencatalog import Opencatalog
    from catalog.store.organizations.countries import Countries
    from catalog.store.organizations.rows import Organizations
    from catalog.store.ownership.unlisted import UnlistedRecords
    from catalog.store.ownership.verifications import Verifications
    from catalog.store.people.accounts import People
    from catalog.store.people.alert_subscriptions import AlertSubscriptions
    from catalog.store.people.api_tokens import ApiTokens
    from catalog.store.people.mail_queue import MailQueue
    from catalog.store.projects.forks import Forks
    from catalog.store.projects.name_lookup import NameLookup
    from catalog.store.projects.snippets import Snippets
    from catalog.store.public_pages.facts import Facts
    from catalog.store.public_pages.home_page import HomePage
    from catalog.store.public_pages.records import RecordPages
    from catalog.store.public_pages.similar import SimilarProjects
    from catalog.store.public_records.rows import PublicRecords
    from catalog.store.public_records.upkeep import PublicRecordUpkeep
    from catalog.store.search_index.rows import IndexRows
    from catalog.store.submissions.maintainer_replies import MaintainerReplies
    from catalog.store.submissions.repository_previews import RepositoryPreviews
    from catalog.store.submissions.rows import Submissions


# The module of each part of the store. It is imported when the part is first used: importing all of them took four
# tenths of a second at each start.
_MODULES = {
    "account_erasure": "contributors.account_erasure",
    "alert_subscriptions": "people.alert_subscriptions",
    "api_lists": "exports.api_lists",
    "api_tokens": "people.api_tokens",
    "calls": "calls.queries",
    "contributors": "contributors.rows",
    "countries": "organizations.countries",
    "curated_document": "documents.load",
    "database_copies": "backup.restore",
    "decisions": "moderation.log",
    "deletion_receipts": "federation.publish.deletion_receipts",
    "exchange_state": "federation.publish.state",
    "experience_lists": "exports.experience_lists",
    "experiences": "adoptions.experiences",
    "exported_records": "exports.records",
    "facts": "public_pages.facts",
    "findings": "moderation.findings",
    "follows": "follows.rows",
    "forks": "projects.forks",
    "home_page": "public_pages.home_page",
    "imported_lists": "documents.imported_lists",
    "index_rows": "search_index.rows",
    "jobs": "core.jobs",
    "mail_queue": "people.mail_queue",
    "maintainer_replies": "submissions.maintainer_replies",
    "merges": "merges.rows",
    "metrics": "core.metrics",
    "mirrors": "mirrors.rows",
    "moderation_queue": "moderation.queue",
    "name_lookup": "projects.name_lookup",
    "network_vouching": "adoptions.network_vouching",
    "observations": "observations.rows",
    "obstacles": "obstacles.rows",
    "opencatalog": "opencatalog",
    "organizations": "organizations.rows",
    "peer_statements": "merges.same_as_claims",
    "peers": "federation.peers",
    "people": "people.accounts",
    "public_dump": "backup.public_dump",
    "public_record_upkeep": "public_records.upkeep",
    "public_records": "public_records.rows",
    "published_records": "federation.publish.records",
    "push_webhooks": "mirrors.push_webhooks",
    "questions": "adoptions.questions",
    "rate_limits": "core.rate_limits",
    "received_calls": "federation.received.calls",
    "received_experiences": "federation.received.experiences",
    "received_records": "federation.received.records",
    "reconfirmations": "adoptions.reconfirmation",
    "record_origins": "federation.matching.record_origins",
    "record_pages": "public_pages.records",
    "reported_adoptions": "adoptions.reported",
    "repository_previews": "submissions.repository_previews",
    "restricted_adoptions": "adoptions.restricted",
    "screenshots": "observations.screenshots",
    "similar_projects": "public_pages.similar",
    "sitemap": "exports.sitemap",
    "snippets": "projects.snippets",
    "statistics": "exports.statistics",
    "submissions": "submissions.rows",
    "successors": "merges.successors",
    "translation_offers": "federation.translation_offers",
    "unlisted": "ownership.unlisted",
    "verifications": "ownership.verifications",
}


class Store:
    """One database: `sqlite:///path` or `postgresql://…`.

    Every method is safe to call from several threads. Raises ValueError for another kind of database.
    """

    home_page: "HomePage"
    record_pages: "RecordPages"
    countries: "Countries"
    statistics: "Statistics"
    similar_projects: "SimilarProjects"
    contributors: "Contributors"
    name_lookup: "NameLookup"
    restricted_adoptions: "RestrictedAdoptions"
    organizations: "Organizations"
    curated_document: "CuratedDocument"
    mirrors: "Mirrors"
    observations: "Observations"
    screenshots: "Screenshots"
    facts: "Facts"
    exported_records: "ExportedRecords"
    sitemap: "SitemapPages"
    forks: "Forks"
    findings: "Findings"
    decisions: "ModerationDecisions"
    submissions: "Submissions"
    calls: "Calls"
    obstacles: "Obstacles"
    repository_previews: "RepositoryPreviews"
    questions: "Questions"
    experiences: "Experiences"
    jobs: "Jobs"
    verifications: "Verifications"
    maintainer_replies: "MaintainerReplies"
    index_rows: "IndexRows"
    snippets: "Snippets"
    people: "People"
    account_erasure: "AccountErasure"
    peers: "Peers"
    follows: "Follows"
    alert_subscriptions: "AlertSubscriptions"
    push_webhooks: "PushWebhooks"
    reported_adoptions: "ReportedAdoptions"
    network_vouching: "NetworkVouching"
    reconfirmations: "Reconfirmations"
    mail_queue: "MailQueue"
    rate_limits: "RateLimits"
    moderation_queue: "ModerationQueue"
    metrics: "Metrics"
    merges: "Merges"
    imported_lists: "ImportedLists"
    database_copies: "DatabaseCopies"
    public_dump: "PublicDump"
    unlisted: "UnlistedRecords"
    public_records: "PublicRecords"
    public_record_upkeep: "PublicRecordUpkeep"
    published_records: "PublishedRecords"
    exchange_state: "ExchangeState"
    translation_offers: "TranslationOffers"
    peer_statements: "PeerStatements"
    successors: "Successors"
    received_records: "ReceivedRecords"
    record_origins: "RecordOrigins"
    received_experiences: "ReceivedExperiences"
    received_calls: "ReceivedCalls"
    deletion_receipts: "DeletionReceipts"
    api_lists: "ApiLists"
    experience_lists: "ExperienceLists"
    api_tokens: "ApiTokens"
    opencatalog: "Opencatalog"

    def __init__(self, url: str):
        self.engine = open_engine(url)
        self.engine.update_execution_options(**{PUBLISHER: _publish})
        self.counter = ChangeCounter(self.engine)
        self._remembered = QueryCache(self.engine)

    def __getattr__(self, name: str) -> Any:
        """The part of that name, made when it is first used: the first page needs few parts, and a start should be fast
        (`forge.first_routes`)."""
        if name not in _MODULES:
            raise AttributeError(name)
        part = getattr(import_module(f"catalog.store.{_MODULES[name]}"), Store.__annotations__[name])
        return self.__dict__.setdefault(name, part(self.engine))  # the same object, whichever thread was first

    def migrate(self) -> None:
        """Bring the schema to this version; does nothing when it is current."""
        migrate(self.engine)

    def schema_is_present(self) -> bool:
        """Whether `migrate` was ever run on this database."""
        return revision(self.engine) is not None

    def answers(self) -> bool:
        """Whether the database can be read now."""
        try:
            self.change()
        except DatabaseError:
            return False
        return True

    def one_view(self) -> AbstractContextManager[None]:
        """Let all reads of this thread inside see one snapshot of the database, until it writes."""
        return one_view(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def change(self) -> int:
        """The number of the last public change; 0 before the first. Idle visits do not count."""
        with reading_once(self.engine) as connection:
            return int(get_meta(connection, "change") or 0)

    def manifest(self) -> Manifest | None:
        """The manifest of the document that was loaded last; None before the first load."""
        return self.frame()[0]

    def frame(self) -> tuple[Manifest | None, Mapping[str, Any] | None, bool]:
        """What all pages show: the manifest, where this catalogue was handed over to, as `Sent.moved` gives it, and
        whether any call is open. Cached until the next public change: a page only reads its number."""
        return self._remembered("frame", _frame)

    def digest(self) -> str | None:
        """The digest of the document's files when they were last loaded without errors."""
        with reading(self.engine) as connection:
            digest: str | None = get_meta(connection, "digest")
        return digest

    def problem(self) -> str | None:
        """Why the last load of the document failed, as a sentence; None when it succeeded."""
        with reading(self.engine) as connection:
            problem: str | None = get_meta(connection, "problem")
        return problem

    def note_problem(self, sentence: str, *, now: datetime) -> None:
        """Store why a load failed; the last good state stays."""
        with writing(self.engine) as connection:
            set_meta(connection, "problem", f"{now.isoformat(timespec='seconds')} {sentence}")

    def note_proxy(self, address: str, *, now: datetime) -> None:
        """Store that a proxy forwards requests although it is not configured as trusted."""
        with writing(self.engine) as connection:
            set_meta(connection, "proxy", {"address": address, "at": now.isoformat()})

    def unbelieved_proxy(self) -> tuple[str, datetime] | None:
        """The address of the untrusted proxy that was noted last, and when."""
        with reading(self.engine) as connection:
            kept = get_meta(connection, "proxy")
        return (kept["address"], datetime.fromisoformat(kept["at"])) if kept else None

    def note_forgotten(self, *, now: datetime) -> None:
        """Store when expired data were last deleted."""
        with writing(self.engine) as connection:
            set_meta(connection, "forgotten", now.isoformat())

    def forgotten_at(self) -> datetime | None:
        """When expired data were last deleted; None: never."""
        with reading(self.engine) as connection:
            kept = get_meta(connection, "forgotten")
        return datetime.fromisoformat(kept) if kept else None


def _publish(connection: Connection, touched: Mapping[str, set[UUID]], number: Callable[[], int] | None) -> int:
    """Imported at the first change: it needs most of the store."""
    differing: int = import_module("catalog.store.public_records.publish").publish(connection, touched, number)
    return differing


def _frame(connection: Connection) -> tuple[Manifest | None, Mapping[str, Any] | None, bool]:
    kept = get_meta(connection, "manifest")
    return None if kept is None else from_record(Manifest, kept), moved(connection), has_open_calls(connection)


__all__ = ["DatabaseError", "Store"]
