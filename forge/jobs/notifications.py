"""The contents of messages that were queued without them, read when they go out (news of what somebody follows,
changed licenses), and the jobs that queue these messages.

What is read is what every reader may see then: who took something back meanwhile is named to nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.errors import CatalogError, NotFound
from catalog.store.core.jobs import Job
from catalog.store.follows.rows import DIGEST
from catalog.store.people.alert_subscriptions import LICENSE_ALERT_JOB, LICENSE_CHANGED
from catalog.store.people.mail_queue import Message
from catalog.store.store import Store
from forge.mail.deliver import FreshContent, ReadFreshContent
from forge.security import unsubscribe_tokens

DIGEST_CHECK_INTERVAL = timedelta(hours=6)  # how often the job looks for whom a message is due
MAX_SIMILAR = 3  # similar projects named beside a changed license
PERSONS = 200


@dataclass(frozen=True)
class Notifications:
    """The jobs and what they need; `secret` signs the links that stop each message."""

    store: Store
    secret: bytes
    clock: Callable[[], datetime]

    @property
    def handlers(self) -> dict[str, Callable[[Job], None]]:
        return {DIGEST: self.digests, LICENSE_ALERT_JOB: self.licenses}

    @property
    def fresh(self) -> dict[str, ReadFreshContent]:
        return {DIGEST: self.digest, LICENSE_CHANGED: self.license_changed}

    def plan(self) -> None:
        """Queue the job of the digests, once for all workers."""
        self.store.jobs.add(DIGEST, DIGEST, {}, run_at=self.clock())

    def digests(self, job: Job) -> None:
        """Queue a message for each person of whose follows there is news, and queue the job again."""
        now, after = self.clock(), None
        while persons := self.store.follows.due(now=now, after=after, limit=PERSONS):
            for person in persons:
                follows = (followed.follow for followed in self.store.follows.of_person(person))
                keys = [follow.id for follow in follows if self.store.follows.news(follow)]
                if keys:
                    self.store.follows.enqueue_digest(person, keys, now=now)
            after = persons[-1]
        self.store.jobs.requeue(job, at=now + DIGEST_CHECK_INTERVAL)

    def licenses(self, job: Job) -> None:
        """Write to the adopters who agreed that a license changed."""
        self.store.alert_subscriptions.announce_license_change(int(job.argument["finding"]), now=self.clock())
        self.store.jobs.done(job)

    def digest(self, message: Message, now: datetime) -> FreshContent | None:
        person = UUID(message.argument["person"])
        with_news = [
            (followed, news)
            for followed in self.store.follows.of_person(person)
            if (news := self.store.follows.news(followed.follow))
        ]
        if not with_news:
            return None
        shown_news = {followed.follow.id: news for followed, news in with_news}
        argument = {
            "news": [
                (followed.name, followed.path, self._off(followed.follow.id), news) for followed, news in with_news
            ],
            "off": unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.FOLLOWS, person),
        }
        return FreshContent(argument, lambda: self.store.follows.mark_sent(shown_news, now=now))

    def license_changed(self, message: Message, now: datetime) -> FreshContent | None:
        """Read the change, the last free version, and similar free projects (which stay the same on the page)."""
        agreement = self._of_agreement(message)
        if agreement is None:
            return None
        argument, slug = agreement
        try:
            page = self.store.public_records.project(slug)
        except CatalogError:
            return None
        lost = message.argument["free"] != "yes"
        last = page.mirror.free_commit if page.mirror and lost else None
        near = (
            self.store.record_pages.domain_cards(page.record.domains, MAX_SIMILAR * 4)
            if lost and page.record.domains
            else ()
        )
        like = [(card.name, f"/projects/{card.slug}") for card in near if card.id != page.id and not card.context_only]
        more = {
            "last_free": last,
            "code": f"/projects/{slug}/code/tree/{last}" if last else "",
            "like": like[:MAX_SIMILAR],
        }
        return FreshContent({**message.argument, **argument, **more}, _nothing_to_note)

    def _of_agreement(self, message: Message) -> tuple[dict[str, Any], str] | None:
        """Return what each message to adopters holds, and the project's slug; None where they no longer agree."""
        key = UUID(message.argument["agreement"])
        try:
            _, _, name, slug = self.store.alert_subscriptions.get(key)
        except NotFound:
            return None
        argument = {
            "name": name,
            "path": f"/projects/{slug}",
            "off": unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.AGREEMENT, key),
        }
        return argument, slug

    def _off(self, key: UUID) -> str:
        return unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.FOLLOW, key)


def _nothing_to_note() -> None:
    """Note nothing: a license change that was sent leaves nothing to write down."""
