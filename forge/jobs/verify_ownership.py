"""The errand `prove`: looks whether a proof is in its place, and has `catalog.ownership.verify` say what follows.

A file of a repository is read from our own copy, so that what proves is what readers see; a domain's record through
`forge.security.dns`; a site by one guarded request. What a page holds is a stranger's: only the tag around our own line
is read, and no page is parsed.
"""

import logging
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from catalog.errors import NotFound
from catalog.ownership import verify
from catalog.rules import registrable_domain
from catalog.rules.verification import (
    ABSENT,
    ADDRESS,
    AWAY,
    DNS,
    FILE,
    FILES,
    FOUND,
    PREFIX,
    PROJECT,
    Proof,
    holds,
)
from catalog.store import Store
from catalog.store.core.jobs import Job
from catalog.store.ownership.verifications import Kept
from forge.git import read
from forge.security.dns import Names, Unanswered
from forge.security.safe_http import Addresses, Refused, Unreachable

PAUSE = timedelta(seconds=2)  # while a visit that was asked for is under way
VISIT_WITHIN = timedelta(seconds=60)
PAGE_BYTES, FILE_BYTES = 1 << 20, 64 << 10
SECONDS = 10.0
TAG_BYTES = 2_000  # of one tag; a longer one is none of ours
_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
MENTIONS = 20  # of the nonce in a page

log = logging.getLogger("forge.jobs.verify_ownership")


@dataclass(frozen=True)
class Seen:
    """What a look found: an outcome of catalog.rules.verification, where it was seen, and why it was not (REASONS of
    the page).
    """

    outcome: str
    detail: dict[str, str]
    reason: str | None = None


@dataclass(frozen=True)
class Proving:
    """What the errand needs. `base_url` is where links back must lead; `clock` gives aware UTC."""

    store: Store
    mirrors: Path
    addresses: Addresses
    names: Names
    base_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, job: Job) -> None:
        """Look once; the job comes back when there is something to look at again."""
        try:
            one = self.store.keeping.one(UUID(job.argument["proof"]))
            about = self.store.keeping.about(one)
        except NotFound:  # it was given up, or the record left the catalogue
            self.store.jobs.done(job)
            return
        seen = self.look(one, about)
        now = self.clock()
        if seen.outcome != FOUND and self._visit_under_way(one, now):
            self.store.jobs.again(job, at=now + PAUSE)
            return
        try:
            at = verify.settle(self.store, one.id, seen.outcome, detail=seen.detail, reason=seen.reason, now=now)
        except NotFound:
            at = None
        log.info("proof by %s of %s %s: %s", one.way, one.kind, about.slug, seen.reason or seen.outcome)
        if at is None:
            self.store.jobs.done(job)
        else:
            self.store.jobs.again(job, at=at)

    def look(self, one: Proof, about: Kept) -> Seen:
        """Whether the proof is in its place now."""
        place = next((each.where for each in verify.places(about) if each.way == one.way), None)
        if place is None:
            return Seen(ABSENT, {}, "no-place")
        if one.way == ADDRESS:
            return self._address(one, about, place)
        if one.way == DNS:
            return self._record(one, place)
        if one.way == FILE and one.kind == PROJECT:
            return self._file(one)
        return self._page(one, about, place)

    def _visit_under_way(self, one: Proof, now: datetime) -> bool:
        """Whether the person waits for a visit that was asked for and did not end yet."""
        if one.way != FILE or one.kind != PROJECT or one.asked_at is None or now - one.asked_at > VISIT_WITHIN:
            return False
        try:
            visited = self.store.mirrors.mirror(one.record_id).last_visit_at
        except NotFound:
            return False
        return visited is None or visited <= one.asked_at

    def _address(self, one: Proof, about: Kept, place: str) -> Seen:
        fine = verify.judged(self.store.keeping.email(one.person_id), about)
        return Seen(FOUND, {"host": place}) if fine else Seen(ABSENT, {}, "no-place")

    def _record(self, one: Proof, domain: str) -> Seen:
        try:
            found = self.names.texts(domain)
        except Unanswered:
            return Seen(AWAY, {}, "no-answer")
        return Seen(FOUND, {"host": domain}) if holds(found, one.nonce) else Seen(ABSENT, {}, "no-record")

    def _file(self, one: Proof) -> Seen:
        folder = self.mirrors / f"{one.record_id}.git"
        commit = read.tip(folder) if read.is_mirror(folder) else ""
        if not commit:
            return Seen(AWAY, {}, "no-copy")
        there = False
        try:
            with closing(read.Objects(folder)) as objects:
                for path in FILES:
                    try:
                        entry = read.find(objects, commit, path.encode())
                        content = read.blob(objects, entry.oid, FILE_BYTES) if entry.kind == "blob" else None
                    except read.Missing:
                        continue
                    there = True
                    if content is not None and holds(content.decode("utf-8", "replace").splitlines(), one.nonce):
                        return Seen(FOUND, {"file": path, "commit": commit})
        except read.Unreadable:
            return Seen(AWAY, {}, "no-copy")
        return Seen(ABSENT, {}, "no-line" if there else "no-file")

    def _page(self, one: Proof, about: Kept, url: str) -> Seen:
        """A file at an organization's site, or a homepage that links back."""
        most = FILE_BYTES if one.way == FILE else PAGE_BYTES
        try:
            answer = self.addresses.follow(url, max_bytes=most, timeout_seconds=SECONDS)
        except Refused:
            return Seen(ABSENT, {}, "refused")
        except Unreachable:
            return Seen(AWAY, {}, "no-answer")
        if not _same_site(url, answer.url):
            return Seen(ABSENT, {}, "elsewhere")
        if answer.status in (404, 410):
            return Seen(ABSENT, {}, "no-file" if one.way == FILE else "no-page")
        if answer.status != 200:
            return Seen(AWAY, {}, "no-answer")
        if one.way == FILE:
            fine = holds(answer.body.decode("utf-8", "replace").splitlines(), one.nonce)
            return Seen(FOUND, {"page": answer.url}) if fine else Seen(ABSENT, {}, "no-line")
        # With the person's own line behind the "#": sites link to their page here anyway, and such a link alone would
        # prove it for everybody.
        wanted = f"/{about.kind}s/{about.slug}#{one.line}"
        fine = any(_leads(link, self.base_url, wanted) for link in _links(answer.body, one.nonce))
        return Seen(FOUND, {"page": answer.url}) if fine else Seen(ABSENT, {}, "no-link")


def _same_site(url: str, last: str) -> bool:
    """Whether redirects stayed at the same site: what stands elsewhere is somebody else's."""
    mine, theirs = urlsplit(url), urlsplit(last)
    if mine.hostname == theirs.hostname:
        return mine.port == theirs.port or {mine.port, theirs.port} <= {None, 80, 443}
    domain = registrable_domain.registrable(url)
    return domain is not None and domain == registrable_domain.registrable(last)


def _links(page: bytes, nonce: str) -> list[str]:
    """The addresses of those links of a page that hold the nonce; what users of the site wrote is left out.

    Each mention is looked at by itself: from the "<" before it to the ">" that ends the tag, which none in quotes does:
    "nofollow" may stand behind one.
    """
    found, at, wanted = [], -1, (PREFIX + nonce).encode()
    for _ in range(MENTIONS):
        at = page.find(wanted, at + 1)
        if at < 0:
            break
        start = page.rfind(b"<", max(0, at - TAG_BYTES), at)
        tag = _TAG.match(page, start, at + TAG_BYTES) if start >= 0 else None
        if tag is None or tag.end() <= at:
            continue
        attributes = _attributes(tag[0][:-1].decode("utf-8", "replace"))
        marks = attributes.get("rel", "").lower().split()
        if "href" in attributes and "ugc" not in marks and "nofollow" not in marks:
            found.append(attributes["href"])
    return found


def _attributes(tag: str) -> dict[str, str]:
    """The attributes of a start tag of a link; empty for any other tag."""
    name, _, rest = tag[1:].replace("\t", " ").replace("\n", " ").replace("\r", " ").partition(" ")
    if name.lower() not in ("a", "link"):
        return {}
    found: dict[str, str] = {}
    while rest := rest.lstrip(" /"):
        key, equals, after = rest.partition("=")
        if not equals:
            break
        key, after = key.split()[-1].lower() if key.split() else "", after.lstrip()
        if after[:1] in ("'", '"'):
            value, _, rest = after[1:].partition(after[0])
        else:
            value, _, rest = after.partition(" ")
        found.setdefault(key, unescape(value).strip())
    return found


def _leads(link: str, base_url: str, wanted: str) -> bool:
    """Whether a link leads to our page of the record, in any language, with the line behind the #."""
    home = base_url.rstrip("/")
    if not link.startswith(f"{home}/"):
        return False
    path = link.removeprefix(home)
    language, slash, rest = path[1:].partition("/")
    return path == wanted or (bool(slash) and len(language) <= 35 and f"/{rest}" == wanted)
