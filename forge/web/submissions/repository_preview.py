"""The preview of a proposed repository: its address as it was meant, what is known of it, and requesting the preview.
The same for the pages and the interface.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request

from catalog.rules.submission import PREVIEW, UNREAD, Submission, preview_result
from catalog.sentences import mark
from catalog.store.submissions.repository_previews import FULL, HISTORY, OFTEN, KnownRepository
from catalog.submissions.kinds import registration_form
from forge.security.safe_http import AddressRules, Refused
from forge.security.secret import keyed_digest
from forge.web.core import rate_limits
from forge.web.core.render import now_of
from forge.web.core.session import person_of
from forge.web.submissions.repository_url import pasted

WAIT = timedelta(seconds=20)
SEVERAL = mark("Enter one address here")
NOT_NOW: Mapping[str, str] = {
    OFTEN: mark("Several were looked up from your network in the last hour. Try again in an hour."),
    FULL: mark("Many were looked up today. Try again tomorrow."),
}


def address_of(request: Request, typed: str) -> tuple[str | None, str]:
    """The canonical address of what was pasted, and ""; or None and a sentence, a msgid, where it is none."""
    networks = request.app.state.allow_networks
    url = pasted(typed, upgrade=not networks)
    if not url:
        return None, registration_form.NO_ADDRESS
    try:
        return AddressRules(networks).canonical(url), ""
    except Refused as no:
        return None, no.reason


def known_of(request: Request, submission: Submission) -> KnownRepository | None:
    """What is here of it already, by its address or its history."""
    preview = preview_result(submission.found)
    other = ((preview.get("values") or {}).get("publiccode.other_repository") or {}).get("value")
    places = [submission.answers.get("address"), preview.get("url"), preview.get("moved_from")]
    repository: KnownRepository | None = request.app.state.store.repository_previews.find_known(
        [place for place in places if place],
        commit=preview.get("commit") or "",
        but=submission.id,
    )
    if repository is None and isinstance(other, str):  # a changed copy that still describes the original
        repository = request.app.state.store.repository_previews.find_known([other], but=submission.id)
        repository = (
            KnownRepository(repository.kind, HISTORY, repository.slug, repository.name, repository.at)
            if repository
            else None
        )
    return repository


def want_preview(request: Request, submission: Submission, url: str) -> None:
    """Request the preview, unless the address is known already. Where it is refused for now, that is its result."""
    store, now = request.app.state.store, now_of(request)
    if store.repository_previews.find_known([url], but=submission.id) is not None:
        return
    is_known = person_of(request) is not None
    if why := store.repository_previews.want(submission.id, url, network(request), is_known=is_known, now=now):
        refused: dict[str, Any] = {"state": UNREAD, "outcome": why, "reason": NOT_NOW[why], "asked": url}
        store.submissions.keep_found(submission.id, {PREVIEW: refused}, now=now)


def network(request: Request) -> str:
    """Where a draft came from, as a keyed digest: a person whose address is proven, else a network."""
    someone = person_of(request)
    sender = f"person {someone.id}" if someone else rate_limits.network_of(request)
    return keyed_digest(request.app.state.secret, f"draft {sender}")
