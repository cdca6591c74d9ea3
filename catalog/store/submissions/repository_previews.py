"""Previews of proposed repositories as rows: who may have one now, and whether the repository is known already.

A preview is a job of the kind PREVIEW, so that it starts at once; its result is in the submission's `found`. Nothing is
fetched here, and a network is kept as a keyed digest only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Text, cast, delete, func, or_, select

from catalog.document import repository_key
from catalog.errors import NotFound
from catalog.rules.submission import DRAFT, OPEN_STATES, PREVIEW, READING, REGISTER
from catalog.store.core.engine import DatabasePart, reading, writing
from catalog.store.core.jobs import enqueue
from catalog.store.core.rate_limits import count_attempt
from catalog.store.submissions import submission_rows
from catalog.tables.core import job, mirror, project, takedown
from catalog.tables.submissions import submission

PER_NETWORK, PER_PERSON, IN_ALL = (5, timedelta(hours=1)), (40, timedelta(hours=1)), (200, timedelta(days=1))
APART = timedelta(seconds=20)  # between looks that a person or network asked for together: one may take as long
UNDER_WAY = timedelta(seconds=60)  # a preview that was asked for longer ago delays nobody
OFTEN, FULL = "often", "full"  # why none is taken now: too many of this network, or of all
PROJECT, CLOSED, PROPOSED = "project", "closed", "proposed"  # what is known of a repository
ADDRESS, HISTORY = "address", "history"  # how it is known
SUBJECT_CHARACTERS = 300


@dataclass(frozen=True)
class KnownRepository:
    """What is here already of a repository: a project, one that was taken down, or what somebody proposed `at`.

    `how`: by its address, or by its history, which a changed copy shares.
    """

    kind: str
    how: str
    slug: str = ""
    name: str = ""
    at: datetime | None = None


class _NotNow(Exception):
    """A preview is refused: the reason."""


class RepositoryPreviews(DatabasePart):
    def want(self, key: UUID, address: str, network: str, *, is_known: bool = False, now: datetime) -> str:
        """Have the repository at `address` looked at for a draft; "" when that is queued, else OFTEN or FULL.

        Looks of one `network` follow one another; of one address the last draft's alone is done. `is_known`: `network`
        is a person whose address is proven, who has more of them. Raises NotFound when there is no such draft.
        """
        try:
            with writing(self._engine) as connection:
                most, per = IN_ALL  # first: others that ask at the same time wait here
                if not count_attempt(connection, "look-all", "all", most=most, per=per, now=now):
                    raise _NotNow(FULL)
                most, per = PER_PERSON if is_known else PER_NETWORK
                if not count_attempt(connection, "look-network", network, most=most, per=per, now=now):
                    raise _NotNow(OFTEN)
                last = _last_of_others(connection, key, address, network, now)
                _queue(connection, key, address, network, max(now, last + APART) if last else now, now)
        except _NotNow as no:
            return str(no)
        return ""

    def find_known(
        self, addresses: Iterable[str], *, commit: str = "", but: UUID | None = None
    ) -> KnownRepository | None:
        """What is known of a repository by any of its addresses, else by the `commit` that it stands at; `but`: the
        draft that asks.

        What somebody proposed counts from when their address is proven: else one message that nobody opens would keep
        everybody else away for a month.
        """
        with reading(self._engine) as connection:
            return find_known_repository(connection, addresses, commit=commit, but=but)

    def drafts(self) -> frozenset[str]:
        """The names of the folders that a preview may still use."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(job.c.argument).where(job.c.kind == PREVIEW)).scalars()
            return frozenset(str(argument.get("declaration")) for argument in rows)


def subject_of(address: str) -> str:
    """What tells two proposals of one repository to be the same."""
    return repository_key(address)[:SUBJECT_CHARACTERS]


def find_known_repository(
    connection: Connection,
    addresses: Iterable[str],
    *,
    commit: str = "",
    but: UUID | None = None,
) -> KnownRepository | None:
    """`RepositoryPreviews.find_known` in the caller's transaction."""
    keys = list(dict.fromkeys(repository_key(address) for address in addresses if address))
    if keys and (row := _at(connection, keys)) is not None:
        return _known_repository(row, ADDRESS)
    if keys:
        query = select(submission.c.sent_at, submission.c.created_at).where(
            submission.c.kind == REGISTER,
            submission.c.subject.in_([key[:SUBJECT_CHARACTERS] for key in keys]),
            submission.c.state.in_(OPEN_STATES),
        )
        if but is not None:
            query = query.where(submission.c.id != but)
        if first := connection.execute(query.order_by(submission.c.created_at).limit(1)).first():
            return KnownRepository(PROPOSED, ADDRESS, at=first.sent_at or first.created_at)
    if not commit:
        return None
    row = connection.execute(_PROJECTS.where(mirror.c.head == commit).order_by(project.c.added_at)).first()
    return _known_repository(row, HISTORY) if row is not None else None


def _queue(connection: Connection, key: UUID, address: str, network: str, run_at: datetime, now: datetime) -> None:
    submission = submission_rows.by_id(connection, key, hold=True)
    if submission.kind != REGISTER or submission.state != DRAFT:
        raise NotFound("draft", submission.reference)
    connection.execute(delete(job).where(job.c.key == f"{PREVIEW}:{key}"))
    enqueue(
        connection,
        PREVIEW,
        f"{PREVIEW}:{key}",
        {"declaration": str(key), "address": address, "network": network},
        run_at=run_at,
    )
    preview = {"state": READING, "asked": address, "since": run_at.isoformat()}
    submission_rows.change(
        connection, key, found={**submission.found, PREVIEW: preview}, changed_at=now, subject=subject_of(address)
    )


def _last_of_others(connection: Connection, key: UUID, address: str, network: str, now: datetime) -> datetime | None:
    """When the last preview of this network that is not over begins; None where there is none. One of the same address
    is taken out: whoever begins again with it has lost the page of the first.
    """
    query = select(job.c.key, job.c.argument, job.c.run_at).where(job.c.kind == PREVIEW, job.c.run_at > now - UNDER_WAY)
    others = [
        row
        for row in connection.execute(query)
        if row.argument.get("network") == network and row.argument.get("declaration") != str(key)
    ]
    lost = [row.key for row in others if row.argument.get("address") == address]
    connection.execute(delete(job).where(job.c.key.in_(lost)))
    return max((row.run_at for row in others if row.key not in lost), default=None)


def _at(connection: Connection, keys: Sequence[str]) -> Any:
    """The project that has one of these addresses, as its own, as its mirror's or among its other ones."""
    spelled = [f"{scheme}://{www}{key}{end}" for key in keys for scheme in ("https", "http")
               for www in ("", "www.") for end in ("", "/", ".git", ".git/")]  # fmt: skip
    stated_address = cast(project.c.record, Text)
    conditions: list[ColumnElement[bool]] = [stated_address.icontains(key, autoescape=True) for key in keys]
    own = (project.c.repository, mirror.c.canonical_url, mirror.c.repository)
    query = _PROJECTS.where(
        or_(
            *(func.lower(column).in_(spelled) for column in own),
            stated_address.contains("other_repositories") & or_(*conditions),
        )
    )
    for row in connection.execute(query.order_by(project.c.added_at, project.c.slug)):
        others = row.record.get("other_repositories") or ()
        if any(
            repository_key(address or "") in keys
            for address in (row.repository, row.canonical_url, row.copied, *others)
        ):
            return row
    return None


_PROJECTS = select(
    project.c.slug,
    project.c.name,
    project.c.record,
    project.c.repository,
    mirror.c.canonical_url,
    mirror.c.repository.label("copied"),
    takedown.c.at.label("closed_at"),
).select_from(
    project.outerjoin(mirror, mirror.c.project_id == project.c.id).outerjoin(
        takedown, takedown.c.project_id == project.c.id
    )
)


def _known_repository(row: Any, how: str) -> KnownRepository:
    if row.closed_at is not None:
        return KnownRepository(CLOSED, how, row.slug)
    return KnownRepository(PROJECT, how, row.slug, row.name)
