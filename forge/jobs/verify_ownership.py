"""The job `prove`: checks whether a proof is in its place, and has `catalog.ownership.verify` decide what follows.

A file of a repository is read from our own copy, so that what proves is what readers see; a domain's record through
`forge.security.dns`; a site by one guarded request. What a page holds is a stranger's: only the tag around our own
line is read, and no page is parsed.
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
    has_proof_line,
)
from catalog.store import Store
from catalog.store.core.jobs import Job
from catalog.store.ownership.verifications import Kept
from forge.git import read
from forge.security.dns import DnsSilent, NameLookup
from forge.security.safe_http import Addresses, Refused, Unreachable

PAUSE = timedelta(seconds=2)  # while a visit that was asked for is under way
VISIT_WITHIN = timedelta(seconds=60)
PAGE_BYTES, FILE_BYTES = 1 << 20, 64 << 10
SECONDS = 10.0
TAG_BYTES = 2_000  # of one tag; a longer one is none of ours
_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
MAX_MENTIONS = 20  # of the nonce in a page

log = logging.getLogger("forge.jobs.verify_ownership")


@dataclass(frozen=True)
class ProofCheck:
    """What a check found: an outcome of catalog.rules.verification, where the proof was seen, and why it was not
    (REASONS of the page).
    """

    outcome: str
    detail: dict[str, str]
    reason: str | None = None


@dataclass(frozen=True)
class VerifyOwnership:
    """What the job needs. `base_url` is where links back must lead; `clock` gives aware UTC."""

    store: Store
    mirrors: Path
    addresses: Addresses
    names: NameLookup
    base_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, job: Job) -> None:
        """Check once; the job is queued again when there is something to check again."""
        try:
            proof = self.store.verifications.one(UUID(job.argument["proof"]))
            about = self.store.verifications.about(proof)
        except NotFound:  # it was given up, or the record left the catalogue
            self.store.jobs.done(job)
            return
        check = self.look(proof, about)
        now = self.clock()
        if check.outcome != FOUND and self._visit_under_way(proof, now):
            self.store.jobs.again(job, at=now + PAUSE)
            return
        try:
            at = verify.settle(self.store, proof.id, check.outcome, detail=check.detail, reason=check.reason, now=now)
        except NotFound:
            at = None
        log.info("proof by %s of %s %s: %s", proof.way, proof.kind, about.slug, check.reason or check.outcome)
        if at is None:
            self.store.jobs.done(job)
        else:
            self.store.jobs.again(job, at=at)

    def look(self, proof: Proof, about: Kept) -> ProofCheck:
        """Check whether the proof is in its place now."""
        place = next((candidate.where for candidate in verify.places(about) if candidate.way == proof.way), None)
        if place is None:
            return ProofCheck(ABSENT, {}, "no-place")
        if proof.way == ADDRESS:
            return self._address(proof, about, place)
        if proof.way == DNS:
            return self._record(proof, place)
        if proof.way == FILE and proof.kind == PROJECT:
            return self._file(proof)
        return self._page(proof, about, place)

    def _visit_under_way(self, proof: Proof, now: datetime) -> bool:
        """Return whether the person waits for a visit that was asked for and did not end yet."""
        if proof.way != FILE or proof.kind != PROJECT or proof.asked_at is None or now - proof.asked_at > VISIT_WITHIN:
            return False
        try:
            visited = self.store.mirrors.mirror(proof.record_id).last_visit_at
        except NotFound:
            return False
        return visited is None or visited <= proof.asked_at

    def _address(self, proof: Proof, about: Kept, place: str) -> ProofCheck:
        fine = verify.judged(self.store.verifications.email(proof.person_id), about)
        return ProofCheck(FOUND, {"host": place}) if fine else ProofCheck(ABSENT, {}, "no-place")

    def _record(self, proof: Proof, domain: str) -> ProofCheck:
        try:
            records = self.names.texts(domain)
        except DnsSilent:
            return ProofCheck(AWAY, {}, "no-answer")
        return (
            ProofCheck(FOUND, {"host": domain})
            if has_proof_line(records, proof.nonce)
            else ProofCheck(ABSENT, {}, "no-record")
        )

    def _file(self, proof: Proof) -> ProofCheck:
        folder = self.mirrors / f"{proof.record_id}.git"
        commit = read.tip(folder) if read.is_mirror(folder) else ""
        if not commit:
            return ProofCheck(AWAY, {}, "no-copy")
        there = False
        try:
            with closing(read.ObjectReader(folder)) as objects:
                for path in FILES:
                    try:
                        entry = read.find(objects, commit, path.encode())
                        content = read.blob(objects, entry.oid, FILE_BYTES) if entry.kind == "blob" else None
                    except read.ObjectMissing:
                        continue
                    there = True
                    if content is not None and has_proof_line(
                        content.decode("utf-8", "replace").splitlines(), proof.nonce
                    ):
                        return ProofCheck(FOUND, {"file": path, "commit": commit})
        except read.MirrorUnreadable:
            return ProofCheck(AWAY, {}, "no-copy")
        return ProofCheck(ABSENT, {}, "no-line" if there else "no-file")

    def _page(self, proof: Proof, about: Kept, url: str) -> ProofCheck:
        """Check a file at an organization's site, or a homepage that links back."""
        most = FILE_BYTES if proof.way == FILE else PAGE_BYTES
        try:
            answer = self.addresses.follow(url, max_bytes=most, timeout_seconds=SECONDS)
        except Refused:
            return ProofCheck(ABSENT, {}, "refused")
        except Unreachable:
            return ProofCheck(AWAY, {}, "no-answer")
        if not _same_site(url, answer.url):
            return ProofCheck(ABSENT, {}, "elsewhere")
        if answer.status in (404, 410):
            return ProofCheck(ABSENT, {}, "no-file" if proof.way == FILE else "no-page")
        if answer.status != 200:
            return ProofCheck(AWAY, {}, "no-answer")
        if proof.way == FILE:
            fine = has_proof_line(answer.body.decode("utf-8", "replace").splitlines(), proof.nonce)
            return ProofCheck(FOUND, {"page": answer.url}) if fine else ProofCheck(ABSENT, {}, "no-line")
        # With the person's own line behind the "#": sites link to their page here anyway, and such a link alone would
        # prove it for everybody.
        wanted = f"/{about.kind}s/{about.slug}#{proof.line}"
        fine = any(_is_link_to(link, self.base_url, wanted) for link in _links(answer.body, proof.nonce))
        return ProofCheck(FOUND, {"page": answer.url}) if fine else ProofCheck(ABSENT, {}, "no-link")


def _same_site(url: str, last: str) -> bool:
    """Return whether redirects stayed at the same site: what is elsewhere is somebody else's."""
    mine, theirs = urlsplit(url), urlsplit(last)
    if mine.hostname == theirs.hostname:
        return mine.port == theirs.port or {mine.port, theirs.port} <= {None, 80, 443}
    domain = registrable_domain.registrable_domain(url)
    return domain is not None and domain == registrable_domain.registrable_domain(last)


def _links(page: bytes, nonce: str) -> list[str]:
    """Return the addresses of those links of a page that hold the nonce; what users of the site wrote is left out.

    Each mention is checked by itself: from the "<" before it to the ">" that ends the tag, which none in quotes does:
    "nofollow" may stand behind one.
    """
    addresses, at, wanted = [], -1, (PREFIX + nonce).encode()
    for _ in range(MAX_MENTIONS):
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
            addresses.append(attributes["href"])
    return addresses


def _attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a start tag of a link; empty for any other tag."""
    name, _, rest = tag[1:].replace("\t", " ").replace("\n", " ").replace("\r", " ").partition(" ")
    if name.lower() not in ("a", "link"):
        return {}
    attributes: dict[str, str] = {}
    while rest := rest.lstrip(" /"):
        key, equals, after = rest.partition("=")
        if not equals:
            break
        key, after = key.split()[-1].lower() if key.split() else "", after.lstrip()
        if after[:1] in ("'", '"'):
            value, _, rest = after[1:].partition(after[0])
        else:
            value, _, rest = after.partition(" ")
        attributes.setdefault(key, unescape(value).strip())
    return attributes


def _is_link_to(link: str, base_url: str, wanted: str) -> bool:
    """Return whether a link leads to our page of the record, in any language, with the line behind the #."""
    home = base_url.rstrip("/")
    if not link.startswith(f"{home}/"):
        return False
    path = link.removeprefix(home)
    language, slash, rest = path[1:].partition("/")
    return path == wanted or (bool(slash) and len(language) <= 35 and f"/{rest}" == wanted)
