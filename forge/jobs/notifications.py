"""What messages that were queued without their words tell, read when they go out: news of what somebody follows,
changed licenses, advisories. And the errands that queue them. It words and sends nothing.

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
from catalog.rules.follow import DOMAIN, SEARCH, TOLD, Follow, Followed, News
from catalog.store import Store
from catalog.store.core.jobs import Job
from catalog.store.follows.rows import DIGEST
from catalog.store.mirrors.push_webhooks import AGAIN, HOOK
from catalog.store.people.alert_subscriptions import ADVISORY, LICENSE_CHANGED, TELL
from catalog.store.people.mail_queue import Message
from forge.mail.deliver import Fresh, Told
from forge.security import unsubscribe_tokens

EVERY = timedelta(hours=6)
PAGES, PER_PAGE = 20, 100  # of a search, looked through for new projects
LIKE = 3  # similar projects named beside a changed license
PERSONS = 200


@dataclass(frozen=True)
class Telling:
    """`secret` makes the links that stop each message."""

    store: Store
    index: Path
    secret: bytes
    clock: Callable[[], datetime]

    @property
    def errands(self) -> dict[str, Callable[[Job], None]]:
        return {DIGEST: self.digests, TELL: self.licenses, HOOK: self.pushed}

    @property
    def fresh(self) -> dict[str, Fresh]:
        return {DIGEST: self.digest, LICENSE_CHANGED: self.license_changed, ADVISORY: self.advisory}

    def plan(self) -> None:
        """Let the errand wait in the queue, once for all workers."""
        self.store.jobs.add(DIGEST, DIGEST, {}, run_at=self.clock())

    def digests(self, job: Job) -> None:
        """Queue a message for each person of whose follows there is news, and come back."""
        now, after = self.clock(), None
        while persons := self.store.follows.due(now=now, after=after, limit=PERSONS):
            for person in persons:
                keys = [one.id for one in self.store.follows.rows(person) if self.news(one, now)]
                if keys:
                    self.store.follows.enqueue_digest(person, keys, now=now)
            after = persons[-1]
        self.store.jobs.again(job, at=now + EVERY)

    def licenses(self, job: Job) -> None:
        """Write to the adopters who agreed that a license changed."""
        self.store.agreements.tell(int(job.argument["finding"]), now=self.clock())
        self.store.jobs.done(job)

    def pushed(self, job: Job) -> None:
        """A push came while a visit was under way: the next visit is due when that one is over."""
        now = self.clock()
        if self.store.hooks.again(UUID(job.argument["project"]), now=now):
            self.store.jobs.done(job)
        else:
            self.store.jobs.again(job, at=now + AGAIN)

    def news(self, one: Follow, now: datetime) -> News:
        """What happened since this was told last."""
        if one.kind == SEARCH:
            return self._found(one, now)
        terms: list[str] = []
        if one.kind == DOMAIN and one.key in (known := vocabulary.vocabulary("domain")).terms:
            terms = [one.key, *known.children(one.key)]
        return self.store.follows.news(one, terms)

    def digest(self, message: Message, now: datetime) -> Told | None:
        person = UUID(message.argument["person"])
        found = [(one, news) for one in self.store.follows.of_person(person) if (news := self.news(one.follow, now))]
        if not found:
            return None
        every = {one.follow.id: news for one, news in found}
        told = _once(found)
        argument = {
            "news": [(_named(one, message.language), one.path, self._off(one.follow), news) for one, news in told],
            "off": unsubscribe_tokens.token(self.secret, unsubscribe_tokens.FOLLOWS, person),
        }
        return Told(argument, lambda: self.store.follows.told(every, now=now))

    def license_changed(self, message: Message, now: datetime) -> Told | None:
        """The change, the last free version, and similar free projects (which stay the same on the page)."""
        shown = self._of_agreement(message)
        if shown is None:
            return None
        argument, slug = shown
        try:
            found = self.store.pages.project(slug)
        except CatalogError:
            return None
        lost = message.argument["free"] != "yes"
        last = found.mirror.free_commit if found.mirror and lost else None
        near = self.store.pages.domain_cards(found.record.domains, LIKE * 4) if lost and found.record.domains else ()
        like = [(one.name, f"/projects/{one.slug}") for one in near if one.id != found.id and not one.context_only]
        more = {"last_free": last, "code": f"/projects/{slug}/code/tree/{last}" if last else "", "like": like[:LIKE]}
        return Told({**message.argument, **argument, **more}, _nothing)

    def advisory(self, message: Message, now: datetime) -> Told | None:
        shown = self._of_agreement(message)
        if shown is None:
            return None
        try:
            told = self.store.agreements.advisory(UUID(message.argument["advisory"]))
        except NotFound:
            return None
        return Told({**shown[0], "advisory": told}, _nothing)

    def _of_agreement(self, message: Message) -> tuple[dict[str, Any], str] | None:
        """What each message to adopters holds, and the project's slug; None where they agree no more."""
        key = UUID(message.argument["agreement"])
        try:
            _, _, name, slug = self.store.agreements.one(key)
        except NotFound:
            return None
        argument = {
            "name": name,
            "path": f"/projects/{slug}",
            "off": unsubscribe_tokens.token(self.secret, unsubscribe_tokens.AGREEMENT, key),
        }
        return argument, slug

    def _off(self, one: Follow) -> str:
        return unsubscribe_tokens.token(self.secret, unsubscribe_tokens.FOLLOW, one.id)

    def _found(self, one: Follow, now: datetime) -> News:
        """News of projects that a search finds; none while its index is away."""
        since = self.store.follows.since(one)
        if not (since.added or since.changed or since.asking):
            return News()
        from catalog.search import Finder, IndexMissing, Query  # the engine: a worker that looks for nothing needs none

        finder, (text, filters) = Finder(self.index), asked(one.query or "")
        found: list[UUID] = []
        for page in range(1, PAGES + 1):
            try:
                answer = finder.find(Query(text, filters, "recent", page, PER_PAGE), now)
            except (IndexMissing, ValueError):  # or a filter that a newer Forge no longer has
                return News()
            found += [] if answer.approximate else answer.ids
            if page * PER_PAGE >= answer.total:
                break
        return News(
            projects=tuple(since.added[key] for key in found if key in since.added)[:TOLD],
            changed=tuple(since.changed[key] for key in found if key in since.changed)[:TOLD],
            calls=self.store.follows.calls(one.since, since.asking.intersection(found)),
            line=since.line,
        )


def _once(told: Sequence[tuple[Followed, News]]) -> list[tuple[Followed, News]]:
    """A call that several follows tell of is told with the first of them."""
    seen: set[str] = set()
    found = []
    for one, news in told:
        calls = tuple(each for each in news.calls if each[1] not in seen)
        seen.update(path for _, path in calls)
        if left := replace(news, calls=calls):
            found.append((one, left))
    return found


def asked(query: str) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """The words and the filters of a search, as its address says them."""
    text = ""
    filters: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(query):
        if name == "q":
            text = value
        elif name not in ("sort", "page"):
            filters[name] = (*filters.get(name, ()), value)
    return text, filters


def _named(one: Followed, language: str) -> str:
    """What a message calls it; for a search its words, empty where it has none."""
    if one.follow.kind == DOMAIN:
        known = vocabulary.vocabulary("domain")
        return known.label(one.follow.key, language) if one.follow.key in known.terms else one.follow.key
    return asked(one.follow.query or "")[0] if one.follow.kind == SEARCH else one.name or ""


def _nothing() -> None:
    """An advisory or a change that was sent leaves nothing to be written down."""
