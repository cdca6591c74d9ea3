"""Following a project by mail: limits, and what is news about it. Pure: values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

DIGEST_INTERVAL = timedelta(days=7)  # at least, between two messages to one person about all that they follow
MOST = 100  # of one person
MOST_REMEMBERED = 2_000  # ids remembered of one follow; what is beyond is not told as new
MOST_IN_A_MESSAGE = 20  # names of one sort in a message; the page has all


@dataclass(frozen=True)
class Follow:
    id: UUID
    person_id: UUID
    project_id: UUID
    seen: Sequence[str]
    line: int  # the last one of the project's history that was told
    since: datetime  # what happened later was not told yet


@dataclass(frozen=True)
class Followed:
    """A follow as its person sees it: the name of the project, and its page's path without the language; both empty
    where it is not shown."""

    follow: Follow
    name: str
    path: str


@dataclass(frozen=True)
class News:
    """What happened since the last message, of what every reader may see. Pairs are a name and a path without the
    language."""

    versions: tuple[str, ...] = ()
    licenses: tuple[tuple[str | None, str | None], ...] = ()  # before, after
    users: tuple[tuple[str, str], ...] = ()  # organizations that since then state themselves that they use it
    calls: tuple[tuple[str, str], ...] = ()  # that are open and began since
    others: int = 0  # further lines of the history
    seen: tuple[str, ...] = ()  # what is there now
    line: int = 0  # the last one read

    def __bool__(self) -> bool:
        return any((self.versions, self.licenses, self.users, self.calls)) or self.others > 0
