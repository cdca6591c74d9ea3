"""The content of the messages about followed projects, read when they go out, and the job that queues these messages.

What is read is what every reader may see then: who took something back meanwhile is named to nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from catalog.store.core.jobs import Job
from catalog.store.follows.follow_rows import DIGEST
from catalog.store.people.mail_queue import Message
from catalog.store.store import Store
from forge.mail.deliver import FreshContent, ReadFreshContent
from forge.security import unsubscribe_tokens

DIGEST_CHECK_INTERVAL = timedelta(hours=6)  # how often the job looks for whom a message is due
PERSONS = 200


@dataclass(frozen=True)
class Notifications:
    """The jobs and what they need; `secret` signs the links that stop each message."""

    store: Store
    secret: bytes
    clock: Callable[[], datetime]

    @property
    def handlers(self) -> dict[str, Callable[[Job], None]]:
        return {DIGEST: self.digests}

    @property
    def fresh(self) -> dict[str, ReadFreshContent]:
        return {DIGEST: self.digest}

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

    def _off(self, key: UUID) -> str:
        return unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.FOLLOW, key)
