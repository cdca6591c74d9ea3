"""The contents of messages that were queued without them, read when they go out (news of what somebody follows,
changed licenses), and the jobs that queue these messages.

What is read is what every reader may see then: who took something back meanwhile is named to nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from catalog import vocabulary
from catalog.errors import CatalogError, NotFound
from catalog.rules.follow import DOMAIN, MOST_IN_A_MESSAGE, SEARCH, Follow, Followed, News
from catalog.store.core.jobs import Job
from catalog.store.follows.rows import DIGEST
from catalog.store.people.alert_subscriptions import LICENSE_ALERT_JOB, LICENSE_CHANGED
from catalog.store.people.mail_queue import Message
from catalog.store.store import Store
from forge.mail.deliver import FreshContent, ReadFreshContent
from forge.security import unsubscribe_tokens

DIGEST_CHECK_INTERVAL = timedelta(hours=6)  # how often the job looks for whom a message is due
PAGES, PER_PAGE = 20, 100  # of a search, searched for new projects
MAX_SIMILAR = 3  # similar projects named beside a changed license
PERSONS = 200


@dataclass(frozen=True)
class Notifications:
    """The jobs and what they need; `secret` signs the links that stop each message."""

    store: Store
    index: Path
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
                keys = [follow.id for follow in self.store.follows.rows(person) if self.news(follow, now)]
                if keys:
                    self.store.follows.enqueue_digest(person, keys, now=now)
            after = persons[-1]
        self.store.jobs.requeue(job, at=now + DIGEST_CHECK_INTERVAL)

    def licenses(self, job: Job) -> None:
        """Write to the adopters who agreed that a license changed."""
        self.store.alert_subscriptions.announce_license_change(int(job.argument["finding"]), now=self.clock())
        self.store.jobs.done(job)

    def news(self, follow: Follow, now: datetime) -> News:
        """Return what happened since the person was told last."""
        if follow.kind == SEARCH:
            return self._search_news(follow, now)
        terms: list[str] = []
        if follow.kind == DOMAIN and follow.key in (known := vocabulary.vocabulary("domain")).terms:
            terms = [follow.key, *known.children(follow.key)]
        return self.store.follows.news(follow, terms)

    def digest(self, message: Message, now: datetime) -> FreshContent | None:
        person = UUID(message.argument["person"])
        with_news = [
            (followed, news)
            for followed in self.store.follows.of_person(person)
            if (news := self.news(followed.follow, now))
        ]
        if not with_news:
            return None
        shown_news = {followed.follow.id: news for followed, news in with_news}
        shown = _without_repeated_calls(with_news)
        argument = {
            "news": [
                (_name_in_message(followed, message.language), followed.path, self._off(followed.follow), news)
                for followed, news in shown
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

    def _off(self, follow: Follow) -> str:
        return unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.FOLLOW, follow.id)

    def _search_news(self, follow: Follow, now: datetime) -> News:
        """Read news of projects that a search finds; none while its index is missing."""
        since = self.store.follows.search_news(follow)
        if not (since.added or since.changed or since.asking):
            return News()
        from catalog.search import Finder, IndexMissing, SearchQuery  # the engine: a worker without searches needs none

        finder, (text, filters, literal) = Finder(self.index), words_and_filters(follow.query or "")
        project_ids: list[UUID] = []
        for page in range(1, PAGES + 1):
            try:
                answer = finder.find(SearchQuery(text, filters, "recent", page, PER_PAGE, literal=literal), now)
            except (IndexMissing, ValueError):  # or a filter that a newer Forge no longer has
                return News()
            project_ids += [] if answer.approximate else answer.ids
            if page * PER_PAGE >= answer.total:
                break
        return News(
            projects=tuple(since.added[key] for key in project_ids if key in since.added)[:MOST_IN_A_MESSAGE],
            changed=tuple(since.changed[key] for key in project_ids if key in since.changed)[:MOST_IN_A_MESSAGE],
            calls=self.store.follows.calls(follow.since, since.asking.intersection(project_ids)),
            line=since.line,
        )


def _without_repeated_calls(followed_news: Sequence[tuple[Followed, News]]) -> list[tuple[Followed, News]]:
    """Keep a call that several follows tell of only with the first of them."""
    seen_paths: set[str] = set()
    remaining = []
    for followed, news in followed_news:
        calls = tuple(call for call in news.calls if call[1] not in seen_paths)
        seen_paths.update(path for _, path in calls)
        if rest := replace(news, calls=calls):
            remaining.append((followed, rest))
    return remaining


def words_and_filters(query: str) -> tuple[str, Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the words and the filters of a search, as its address names them, and the words that name no country."""
    text = ""
    literal: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(query):
        if name == "q":
            text = value
        elif name == "literal":
            literal += (value,)
        elif name not in ("sort", "page"):
            filters[name] = (*filters.get(name, ()), value)
    return text, filters, literal


def _name_in_message(followed: Followed, language: str) -> str:
    """Return what a message calls a followed thing; for a search its words, empty where it has none."""
    if followed.follow.kind == DOMAIN:
        domains = vocabulary.vocabulary("domain")
        return (
            domains.label(followed.follow.key, language)
            if followed.follow.key in domains.terms
            else followed.follow.key
        )
    return words_and_filters(followed.follow.query or "")[0] if followed.follow.kind == SEARCH else followed.name or ""


def _nothing_to_note() -> None:
    """Note nothing: a license change that was sent leaves nothing to write down."""
