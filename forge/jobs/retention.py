"""The daily job that deletes what was kept long enough, and the one table of how long everything is kept.

The legal page takes its periods from this table, by the name of each row; a test holds both together, and another
moves the clock. What has no row is kept until its person deletes it or, for what is public, takes it back.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.ownership import recheck
from catalog.rules.api_token import KEPT_AFTER as TOKENS_KEPT
from catalog.rules.call import TEXTS_KEPT
from catalog.rules.submission import DRAFT_LIFETIME, NETWORK_KEPT, SENT_LIFETIME
from catalog.store.people.accounts import INVITE_LIFETIME, LINK_LIFETIME, SESSION_LIFETIME
from catalog.store.people.mail_queue import MESSAGES_KEPT
from catalog.store.store import Store
from catalog.store.submissions.submission_rows import ENDED_KEPT
from forge.git.fetch.preview_fetch import remove_leftovers
from forge.jobs.recurring import RecurringJob
from forge.mail import outbox

RETENTION = "retention"
OVERDUE_AFTER = timedelta(days=2)  # without the job: `forge doctor` says so
ATTEMPTS_KEPT = timedelta(days=14)  # digests of networks and addresses, for limits

log = logging.getLogger("forge.jobs.retention")

DeleteDue = Callable[[Store, datetime], int]  # deletes what is due at this time; how many rows


@dataclass(frozen=True)
class RetentionPeriod:
    """A row of the table: its name on the legal page, how long, and what deletes. Several rows may share a function."""

    name: str
    period: timedelta
    forget: DeleteDue


def _forget_attempts(store: Store, now: datetime) -> int:
    return store.rate_limits.forget(now - ATTEMPTS_KEPT)


def _forget_messages(store: Store, now: datetime) -> int:
    return store.mail_queue.forget(now - MESSAGES_KEPT)


def _forget_links_and_sessions(store: Store, now: datetime) -> int:
    return store.people.forget(now)


def _forget_submissions(store: Store, now: datetime) -> int:
    return store.submissions.forget(now)


def _forget_questions(store: Store, now: datetime) -> int:
    return store.questions.forget(now)


def _forget_tokens(store: Store, now: datetime) -> int:
    return store.api_tokens.forget(now)


PERIODS: tuple[RetentionPeriod, ...] = (
    RetentionPeriod("session", SESSION_LIFETIME, _forget_links_and_sessions),
    RetentionPeriod("link", LINK_LIFETIME, _forget_links_and_sessions),
    RetentionPeriod("invitation", INVITE_LIFETIME, _forget_links_and_sessions),
    RetentionPeriod("message", MESSAGES_KEPT, _forget_messages),
    RetentionPeriod("outbox", MESSAGES_KEPT, _forget_messages),  # the files are swept beside
    RetentionPeriod("network", ATTEMPTS_KEPT, _forget_attempts),
    RetentionPeriod("form-network", NETWORK_KEPT, _forget_submissions),
    RetentionPeriod("draft", DRAFT_LIFETIME, _forget_submissions),
    RetentionPeriod("unopened", SENT_LIFETIME, _forget_submissions),
    RetentionPeriod("ended", ENDED_KEPT, _forget_submissions),
    RetentionPeriod("question", TEXTS_KEPT, _forget_questions),
    RetentionPeriod("token", TOKENS_KEPT, _forget_tokens),
)


@dataclass(frozen=True)
class Retention(RecurringJob):
    drafts: Path | None = None  # where previews of repositories lie; what is left of them is deleted
    outbox: Path | None = None  # where messages lie as files, without a mail server
    kind = RETENTION

    def due(self, now: datetime) -> None:
        """Delete what was kept long enough."""
        gone = sum(forget(self.store, now) for forget in dict.fromkeys(row.forget for row in PERIODS))
        if self.drafts is not None:
            gone += remove_leftovers(self.drafts, self.store.repository_previews.drafts())
        if self.outbox is not None:
            gone += outbox.sweep(self.outbox, now - MESSAGES_KEPT)
        recheck.tend(self.store, now=now)
        if gone:
            log.info("%s rows that were kept long enough are deleted.", gone)
        self.store.note_forgotten(now=now)
