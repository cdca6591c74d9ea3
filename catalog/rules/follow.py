"""Following something by mail: kinds, limits, and what is news about it. Pure: values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from catalog.record_kind import ORGANIZATION, PROJECT

DOMAIN, SEARCH = "domain", "search"
KINDS = (PROJECT, ORGANIZATION, DOMAIN, SEARCH)

DIGEST_INTERVAL = timedelta(days=7)  # at least, between two messages to one person about all that they follow
MOST = 100  # of one person
MAX_QUERY = 4_096  # characters: whatever the address of a search may have
MOST_REMEMBERED = 2_000  # ids remembered of one follow; what is beyond is not told as new
MOST_IN_A_MESSAGE = 20  # names of one sort in a message; the page has all


@dataclass(frozen=True)
class Follow:
    """`record_id` of a project or organization; `key`: its id, a term, or the digest of `query`."""

    id: UUID
    person_id: UUID
    kind: str  # one of KINDS
    record_id: UUID | None
    key: str
    query: str | None
    seen: Sequence[str]
    line: int  # the last one of a project's history, or of all projects', that was told
    created_at: datetime
    since: datetime  # what happened later was not told yet
    notified_at: datetime | None


@dataclass(frozen=True)
class Followed:
    """A follow as its person sees it: the name of a project or an organization, None for other kinds; `path` without
    the language."""

    follow: Follow
    name: str | None
    path: str


@dataclass(frozen=True)
class News:
    """What happened since the last message, of what every reader may see. Pairs are a name and a path without the
    language."""

    versions: tuple[str, ...] = ()
    licenses: tuple[tuple[str | None, str | None], ...] = ()  # before, after
    origin: tuple[tuple[str, str, str], ...] = ()  # what happened at the address of its code: a msgid, before, after
    users: tuple[tuple[str, str], ...] = ()  # organizations that since then state themselves that they use it
    uses: tuple[tuple[str, str], ...] = ()  # projects that the organization uses or maintains since then
    projects: tuple[tuple[str, str], ...] = ()  # that are new here
    changed: tuple[tuple[str, str], ...] = ()  # of a domain or a search: projects of which something is news
    calls: tuple[tuple[str, str], ...] = ()  # that are open and began since
    others: int = 0  # further lines of the history
    seen: tuple[str, ...] = ()  # what is there now
    line: int = 0  # the last one read

    def __bool__(self) -> bool:
        lists = (
            self.versions,
            self.licenses,
            self.origin,
            self.users,
            self.uses,
            self.projects,
            self.changed,
            self.calls,
        )
        return any(lists) or self.others > 0
