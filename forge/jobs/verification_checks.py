"""The checks of verifications, one for each method and kind of record: is the line in its place now?

A file of a repository is read from our own copy, so that what verifies is what readers see; a domain's record through
`forge.security.dns`; a site by one guarded request. What a page holds is a stranger's: only the tag around our own
line is read, and no page is parsed.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from catalog.ownership import methods
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import registrable_domain
from catalog.rules.verification import (
    ABSENT,
    ADDRESS,
    AWAY,
    DNS,
    FILE,
    FILES,
    FOUND,
    LINK,
    PREFIX,
    QUIET,
    Verification,
    has_line,
)
from catalog.store.ownership.subjects import VerifiedRecord
from catalog.store.store import Store
from forge.git import read
from forge.security.dns import DnsSilent, TxtLookup
from forge.security.safe_http import AddressRules, Refused, Response, Unreachable

PAGE_BYTES, FILE_BYTES = 1 << 20, 64 << 10
SECONDS = 10.0
TAG_BYTES = 2_000  # of one tag; a longer one is none of ours
_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
MAX_MENTIONS = 20  # of the nonce in a page


@dataclass(frozen=True)
class CheckResult:
    """What a check found: an outcome of catalog.rules.verification, where it was seen, and why it was not (REASONS of
    the page).
    """

    outcome: str
    detail: dict[str, str]
    reason: str | None = None


@dataclass(frozen=True)
class CheckContext:
    """Where checks look. `base_url` is where links back must lead."""

    store: Store
    mirrors: Path
    addresses: AddressRules
    names: TxtLookup
    base_url: str


def check(at: CheckContext, sought: Verification, about: VerifiedRecord) -> CheckResult:
    """Check whether a verification is in its place now."""
    place = methods.place_of(about, sought.method)
    if place is None:
        return CheckResult(ABSENT, {}, "no-place")
    return CHECKS[about.kind, sought.method](at, sought, about, place)


def _address(at: CheckContext, sought: Verification, about: VerifiedRecord, place: str) -> CheckResult:
    fine = methods.is_at_domain(at.store.verifications.email(sought.person_id), about)
    quiet = {QUIET: sought.detail[QUIET]} if QUIET in sought.detail else {}
    return CheckResult(FOUND, {"host": place} | quiet) if fine else CheckResult(ABSENT, {}, "no-place")


def _domain_record(at: CheckContext, sought: Verification, about: VerifiedRecord, place: str) -> CheckResult:
    try:
        records = at.names.texts(place)
    except DnsSilent:
        return CheckResult(AWAY, {}, "no-answer")
    there = has_line(records, sought.nonce)
    return CheckResult(FOUND, {"host": place}) if there else CheckResult(ABSENT, {}, "no-record")


def _repository_file(at: CheckContext, sought: Verification, about: VerifiedRecord, place: str) -> CheckResult:
    folder = at.mirrors / f"{sought.record_id}.git"
    commit = read.tip(folder) if read.is_mirror(folder) else ""
    if not commit:
        return CheckResult(AWAY, {}, "no-copy")
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
                if content is not None and has_line(content.decode("utf-8", "replace").splitlines(), sought.nonce):
                    return CheckResult(FOUND, {"file": path, "commit": commit})
    except read.MirrorUnreadable:
        return CheckResult(AWAY, {}, "no-copy")
    return CheckResult(ABSENT, {}, "no-line" if there else "no-file")


def _site_file(at: CheckContext, sought: Verification, about: VerifiedRecord, place: str) -> CheckResult:
    answer = _fetched(at, place, FILE_BYTES, "no-file")
    if isinstance(answer, CheckResult):
        return answer
    there = has_line(answer.body.decode("utf-8", "replace").splitlines(), sought.nonce)
    return CheckResult(FOUND, {"page": answer.url}) if there else CheckResult(ABSENT, {}, "no-line")


def _link_back(at: CheckContext, sought: Verification, about: VerifiedRecord, place: str) -> CheckResult:
    answer = _fetched(at, place, PAGE_BYTES, "no-page")
    if isinstance(answer, CheckResult):
        return answer
    # With the person's own line behind the "#": sites link to their page here anyway, and such a link alone would
    # verify everybody.
    path = f"/{about.kind}s/{about.slug}#{sought.line}"
    there = any(_is_link_to(link, at.base_url, path) for link in _links(answer.body, sought.nonce))
    return CheckResult(FOUND, {"page": answer.url}) if there else CheckResult(ABSENT, {}, "no-link")


Check = Callable[[CheckContext, Verification, VerifiedRecord, str], CheckResult]
CHECKS: Mapping[tuple[str, str], Check] = {
    (PROJECT, FILE): _repository_file,
    (ORGANIZATION, FILE): _site_file,
    (PROJECT, DNS): _domain_record,
    (ORGANIZATION, DNS): _domain_record,
    (PROJECT, LINK): _link_back,
    (PROJECT, ADDRESS): _address,
    (ORGANIZATION, ADDRESS): _address,
}


def _fetched(at: CheckContext, url: str, max_bytes: int, missing: str) -> Response | CheckResult:
    """The answer of a site, or why it tells nothing; `missing`: the reason where there is no such page."""
    try:
        answer = at.addresses.follow(url, max_bytes=max_bytes, timeout_seconds=SECONDS)
    except Refused:
        return CheckResult(ABSENT, {}, "refused")
    except Unreachable:
        return CheckResult(AWAY, {}, "no-answer")
    if not _same_site(url, answer.url):
        return CheckResult(ABSENT, {}, "elsewhere")
    if answer.status in (404, 410):
        return CheckResult(ABSENT, {}, missing)
    return answer if answer.status == 200 else CheckResult(AWAY, {}, "no-answer")


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
    addresses, at, token = [], -1, (PREFIX + nonce).encode()
    for _ in range(MAX_MENTIONS):
        at = page.find(token, at + 1)
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


def _is_link_to(link: str, base_url: str, target: str) -> bool:
    """Return whether a link leads to our page of the record, in any language, with the line behind the #."""
    home = base_url.rstrip("/")
    if not link.startswith(f"{home}/"):
        return False
    path = link.removeprefix(home)
    language, slash, rest = path[1:].partition("/")
    return path == target or (bool(slash) and len(language) <= 35 and f"/{rest}" == target)
