"""One database of a catalogue: its parts, a class for each subject, and what all of them share."""

from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError as DatabaseError

from catalog.document import from_record
from catalog.document.own_terms import own_terms as lists_with
from catalog.model import Manifest
from catalog.store.adoptions.experiences import Experiences
from catalog.store.adoptions.questions import Questions
from catalog.store.adoptions.reconfirmation import Reconfirmations
from catalog.store.adoptions.restricted import RestrictedAdoptions
from catalog.store.backup.restore import DatabaseCopies
from catalog.store.calls.queries import Calls, has_open_calls
from catalog.store.contributors.account_erasure import AccountErasure
from catalog.store.contributors.contributor_rows import Contributors
from catalog.store.contributors.help_offers import HelpOffers
from catalog.store.core.change_counter import ChangeCounter
from catalog.store.core.clock_watch import ClockWatch
from catalog.store.core.engine import (
    get_meta,
    one_view,
    open_engine,
    reading,
    reading_once,
    set_meta,
    writing,
)
from catalog.store.core.jobs import Jobs
from catalog.store.core.metrics import Metrics
from catalog.store.core.migrate import migrate, revision
from catalog.store.core.public_changes import PUBLISHER
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.rate_limits import RateLimits
from catalog.store.documents.collections import Collections
from catalog.store.documents.curation import Curation
from catalog.store.documents.imported_lists import ImportedLists
from catalog.store.documents.load import CuratedDocument
from catalog.store.exchange.outgoing import OutgoingRecords
from catalog.store.exchange.published import PublishedExchange
from catalog.store.exports.api_lists import ApiLists
from catalog.store.exports.records import ExportedRecords
from catalog.store.exports.sitemap import SitemapPages
from catalog.store.exports.statistics import Statistics
from catalog.store.federation.matching.record_origins import RecordOrigins
from catalog.store.federation.peers import Peers
from catalog.store.federation.received.records import ReceivedRecords
from catalog.store.follows.follow_rows import Follows
from catalog.store.merges.merge_rows import Merges
from catalog.store.mirrors.erasures import Erasures
from catalog.store.mirrors.host_turns import RemoteHosts
from catalog.store.mirrors.mirror_rows import Mirrors
from catalog.store.moderation.findings import Findings
from catalog.store.moderation.log import ModerationDecisions
from catalog.store.moderation.queue import ModerationQueue
from catalog.store.observations.observation_rows import Observations
from catalog.store.observations.screenshots import Screenshots
from catalog.store.obstacles.obstacle_rows import Obstacles
from catalog.store.opencatalog import Opencatalog
from catalog.store.organizations.countries import Countries
from catalog.store.organizations.organization_rows import Organizations
from catalog.store.ownership.inbox import MaintainerInboxes
from catalog.store.ownership.memberships import Memberships
from catalog.store.ownership.unlisted import UnlistedRecords
from catalog.store.ownership.uploads import Uploads
from catalog.store.ownership.verifications import Verifications
from catalog.store.people.accounts import People
from catalog.store.people.api_tokens import ApiTokens
from catalog.store.people.mail_queue import MailQueue
from catalog.store.people.roles import Roles
from catalog.store.projects.name_lookup import NameLookup
from catalog.store.projects.snippets import Snippets
from catalog.store.projects.takedowns import Takedowns
from catalog.store.public_pages.facts import Facts
from catalog.store.public_pages.home_page import HomePage
from catalog.store.public_pages.records import RecordPages
from catalog.store.public_pages.similar import SimilarProjects
from catalog.store.public_records.public_record_rows import PublicRecords
from catalog.store.public_records.publish import publish
from catalog.store.public_records.upkeep import PublicRecordUpkeep
from catalog.store.search_index.index_rows import IndexRows
from catalog.store.submissions.maintainer_replies import MaintainerReplies
from catalog.store.submissions.repository_previews import RepositoryPreviews
from catalog.store.submissions.submission_rows import Submissions
from catalog.vocabulary import OwnTerms, use_own_terms


class Store:
    """One database: `sqlite:///path` or `postgresql://…`, or one whose engine is open already.

    Every method is safe to call from several threads. Raises ValueError for another kind of database.
    """

    def __init__(self, database: str | Engine):
        self.engine = open_engine(database) if isinstance(database, str) else database
        self.engine.update_execution_options(**{PUBLISHER: publish})
        self.counter = ChangeCounter(self.engine)
        self._remembered = QueryCache(self.engine)
        self.account_erasure = AccountErasure(self.engine)
        self.api_lists = ApiLists(self.engine)
        self.api_tokens = ApiTokens(self.engine)
        self.calls = Calls(self.engine)
        self.clock_watch = ClockWatch(self.engine)
        self.contributors = Contributors(self.engine)
        self.countries = Countries(self.engine)
        self.curated_document = CuratedDocument(self.engine)
        self.curation = Curation(self.engine)
        self.collections = Collections(self.engine)
        self.roles = Roles(self.engine)
        self.database_copies = DatabaseCopies(self.engine)
        self.decisions = ModerationDecisions(self.engine)
        self.erasures = Erasures(self.engine)
        self.experiences = Experiences(self.engine)
        self.exported_records = ExportedRecords(self.engine)
        self.facts = Facts(self.engine)
        self.findings = Findings(self.engine)
        self.follows = Follows(self.engine)
        self.help_offers = HelpOffers(self.engine)
        self.home_page = HomePage(self.engine)
        self.imported_lists = ImportedLists(self.engine)
        self.index_rows = IndexRows(self.engine)
        self.jobs = Jobs(self.engine)
        self.mail_queue = MailQueue(self.engine)
        self.maintainer_replies = MaintainerReplies(self.engine)
        self.merges = Merges(self.engine)
        self.metrics = Metrics(self.engine)
        self.mirrors = Mirrors(self.engine)
        self.moderation_queue = ModerationQueue(self.engine)
        self.name_lookup = NameLookup(self.engine)
        self.observations = Observations(self.engine)
        self.obstacles = Obstacles(self.engine)
        self.opencatalog = Opencatalog(self.engine)
        self.organizations = Organizations(self.engine)
        self.outgoing_records = OutgoingRecords(self.engine)
        self.peers = Peers(self.engine)
        self.people = People(self.engine)
        self.public_record_upkeep = PublicRecordUpkeep(self.engine)
        self.public_records = PublicRecords(self.engine)
        self.published_exchange = PublishedExchange(self.engine)
        self.questions = Questions(self.engine)
        self.rate_limits = RateLimits(self.engine)
        self.received_records = ReceivedRecords(self.engine)
        self.reconfirmations = Reconfirmations(self.engine)
        self.record_origins = RecordOrigins(self.engine)
        self.record_pages = RecordPages(self.engine)
        self.remote_hosts = RemoteHosts(self.engine)
        self.repository_previews = RepositoryPreviews(self.engine)
        self.restricted_adoptions = RestrictedAdoptions(self.engine)
        self.screenshots = Screenshots(self.engine)
        self.similar_projects = SimilarProjects(self.engine)
        self.sitemap = SitemapPages(self.engine)
        self.snippets = Snippets(self.engine)
        self.statistics = Statistics(self.engine)
        self.submissions = Submissions(self.engine)
        self.takedowns = Takedowns(self.engine)
        self.unlisted = UnlistedRecords(self.engine)
        self.maintainer_inboxes = MaintainerInboxes(self.engine)
        self.memberships = Memberships(self.engine)
        self.verifications = Verifications(self.engine)
        self.uploads = Uploads(self.engine)

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

    def frame(self) -> tuple[Manifest | None, bool]:
        """What all pages show: the manifest, and whether any call is open. Cached until the next public change: a page
        only reads its number."""
        manifest, has_calls, own_terms = self._remembered("frame", _frame)
        use_own_terms(own_terms)  # pages are drawn with these lists
        return manifest, has_calls

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
            value = get_meta(connection, "proxy")
        return (value["address"], datetime.fromisoformat(value["at"])) if value else None

    def note_forgotten(self, *, now: datetime) -> None:
        """Store when expired data were last deleted."""
        with writing(self.engine) as connection:
            set_meta(connection, "forgotten", now.isoformat())

    def forgotten_at(self) -> datetime | None:
        """When expired data were last deleted; None: never."""
        with reading(self.engine) as connection:
            value = get_meta(connection, "forgotten")
        return datetime.fromisoformat(value) if value else None


def _frame(connection: Connection) -> tuple[Manifest | None, bool, OwnTerms | None]:
    text = get_meta(connection, "manifest")
    manifest = None if text is None else from_record(Manifest, text)
    return manifest, has_open_calls(connection), lists_with(manifest.terms if manifest else ())


__all__ = ["DatabaseError", "Store"]
