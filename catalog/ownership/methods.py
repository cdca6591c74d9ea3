"""The methods of verification, a row each: at which place of a record it may be used. The checks, one for each, are in
`forge.jobs.verification_checks`.

Of homepages only one at a domain of its own counts, and never one that a submission states which nobody decided.
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from catalog.record_kind import PROJECT
from catalog.rules.registrable_domain import is_confirming, registrable_domain
from catalog.rules.verification import ADDRESS, DNS, FILE, FILES, LINK, METHODS, VerificationPlace
from catalog.store.ownership.subjects import VerifiedRecord


def _own_homepage(about: VerifiedRecord) -> str | None:
    return next((url for url in about.homepages if _is_own_site(url)), None)


def _domain(about: VerifiedRecord) -> str | None:
    home = _own_homepage(about)
    return registrable_domain(home) if home else None


def _file(about: VerifiedRecord) -> str | None:
    """A project's repository, or the address of the file on an organization's website."""
    if about.kind == PROJECT:
        return about.repository
    home = _own_homepage(about)
    if home is None:
        return None
    parts = urlsplit(home)
    return f"{parts.scheme}://{parts.netloc}/{FILES[0]}"


# By method: where it may be used for a record; None: nowhere.
PLACES: Mapping[str, Callable[[VerifiedRecord], str | None]] = {
    FILE: _file,
    DNS: _domain,
    LINK: _own_homepage,
    ADDRESS: _domain,
}


def places(about: VerifiedRecord) -> tuple[VerificationPlace, ...]:
    """Where each method may be used for this record, in their order; one that is not among them verifies nothing."""
    found_places = ((method, PLACES[method](about)) for method in METHODS[about.kind])
    return tuple(VerificationPlace(method, where) for method, where in found_places if where)


def place_of(about: VerifiedRecord, method: str) -> str | None:
    """Where this method may be used for this record; None: nowhere."""
    return next((place.where for place in places(about) if place.method == method), None)


def unproven_domain(about: VerifiedRecord, record: Mapping[str, Any]) -> str | None:
    """The domain of a website that a record's page shows, but that somebody only declared: it verifies nobody."""
    home = record.get("homepage")
    return registrable_domain(home) if home and home not in about.homepages and _is_own_site(home) else None


def is_at_domain(email: str, about: VerifiedRecord) -> bool:
    """Whether this confirmed address says by itself that its owner belongs to the record."""
    domain = place_of(about, ADDRESS)
    registrable = registrable_domain(email)
    return domain is not None and registrable == domain and is_confirming(registrable)


def _is_own_site(url: str) -> bool:
    """Whether a homepage stands at a domain of its own; a bare address is for `forge.security.safe_http` to judge."""
    domain = registrable_domain(url)
    if domain is not None:
        return is_confirming(domain)
    try:
        ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
