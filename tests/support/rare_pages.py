"""Kinds of page that no walk meets: each is made to be drawn, in a furnished site, in one language. It judges nothing.

A walk fills forms in a hurry and follows links. These take more: code that is really there, an answer to each of
several questions, another catalogue, what somebody is about to decide, a limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from starlette.applications import Starlette
from support.factories.calls import GALETTE, proven, somebody
from support.factories.code import a_full_repository, mirrored
from support.factories.core import NOW, identity
from support.factories.received import a_catalogue, key, receive, theirs
from support.factories.registration import SAID
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.form_crawler import PLAUSIBLE, read
from support.world import HEAD, an_observation, put_copy

from catalog import submissions
from catalog.ownership import unlist
from catalog.rules.decision import serving_basis
from catalog.rules.permissions import ADMINISTRATOR
from catalog.rules.submission import CORRECT, PREVIEW, REGISTER
from catalog.search import Finder
from catalog.store.organizations.organization_rows import UNNAMED
from catalog.store.store import Store
from catalog.tables.core import organization
from catalog.tables.ownership import membership
from catalog.tables.people import person
from forge.security.oidc import SignIn, parse_provider
from forge.security.safe_http import AddressRules
from forge.web.core import rate_limits

KINDS = (
    "code/overview.html",
    "code/blob.html",
    "code/commit.html",
    "code/too-large.html",
    "code/log.html",
    "code/missing.html",
    "code/refs.html",
    "code/tree.html",
    "code/blame.html",
    "code/cite.html",
    "code/compare.html",
    "compare/sheet-compared.html",
    "code/search.html",
    "code/unreadable.html",
    "submissions/registration/expired-link.html",
    "submissions/registration/already-known.html",
    "submissions/registration/not-free.html",
    "submissions/registration/question.html",
    "submissions/adoption/show.html",
    "desk/merge.html",
    "desk/separate.html",
    "desk/group.html",
    "desk/editing/publish-draft.html",
    "calls/expired-link.html",
    "submissions/correction/summary.html",
    "desk/check-submission.html",
    "desk/check-decision.html",
    "search/preparing.html",
    "account/follow.html",
    "account/provider-refused.html",
    "submissions/contribution/summary.html",
    "projects/unlisted.html",
    "base/too-often.html",
    "organizations/own.html",
)
ADDRESS = "ana@example.org"
WEBSITE = "https://galette.example.net"
UNFREE = {"values": {"license.detected": {"value": "SSPL-1.0", "file": "LICENSE"}}}
# What the code and the other catalogue say: no sentences of ours.
DOUBT = "A fee is due before it may run."
THEIRS = (DOUBT, "Payroll", "Quiet workshop", "main", "line.txt", "src/inner.c", "int x;", "next", "Second <b>")
HIDDEN, BROKEN, CODED, DOUBTED = "tool-5", "tool-6", "tool-7", "tool-8"


class Client(Protocol):
    def get(self, address: str, **given: Any) -> Any: ...

    def post(self, address: str, **given: Any) -> Any: ...


@dataclass(frozen=True)
class Furnished:
    """A site, its store and data folder, and a client each of a reader and of who decides."""

    app: Starlette
    store: Store
    data: Path
    tag: str
    reader: Client
    desk: Client

    def get(self, path: str, **given: Any) -> Any:
        return self.reader.get(f"/{self.tag}{path}", **given)

    def post(self, path: str, **data: Any) -> Any:
        return self.reader.post(f"/{self.tag}{path}", data=data)


def beyond(site: Furnished) -> None:
    """Draw each of KINDS, by whoever sees it. What is done is not undone: it comes after all else."""
    _code(site)
    _registration(site)
    _use(site)
    _another_catalogue(site)
    _desk(site)
    _alone(site)
    with _closed(site.app, site.data):
        site.get("/projects")
    for _ in range(rate_limits.LIMITS["follow-send"].most + 1):
        site.post("/projects/galette/follow", email="nobody")


def _code(site: Furnished) -> None:
    folder, code = site.data / "mirrors" / f"{identity(CODED)}.git", f"/projects/{CODED}/code"
    if not folder.exists():
        a_full_repository(folder)
        put_copy(site.data / "mirrors", identity(BROKEN))
        mirrored(site.store, BROKEN, head="1" * 40)
    head = (folder / "packed-refs").read_text().partition(" refs/heads/main")[0].split("\n")[-1]
    mirrored(site.store, CODED, head=head)
    for path in ("", "/tree/main", "/blob/main/src/inner.c", "/blob/main/line.txt", f"/commit/{head}", "/refs"):
        site.get(f"{code}{path}")
    for path in ("/log/main", "/blob/main/gone.txt"):
        site.get(f"{code}{path}")
    for path in ("/blame/main/src/inner.c", "/cite/v2/src/inner.c", "/compare/v1...main"):
        site.get(f"{code}{path}")
    for path in ("/search?q=inner",):
        site.get(f"{code}{path}")
    site.get(f"/projects/{BROKEN}/code")
    site.get(f"/compare/sheet?p=galette&p={CODED}")
    site.reader.get(f"/projects/{CODED}/raw/main/huge.txt", headers={"accept-language": site.tag})


def _registration(site: Furnished) -> None:
    galette = site.store.public_records.project("galette").record.repository or ""
    site.get("/register/over")
    site.get(f"/register/{_draft(site, {'address': galette})[0]}")
    site.get(f"/register/{_draft(site, SAID, UNFREE)[0]}")
    token, key = _draft(site, SAID, {"free": True})
    for step in ("right", "needs"):
        site.get(f"/register/{token}/{step}")
    site.get(f"/register/{_draft(site, SAID, {'state': 'unread', 'outcome': 'not_found'})[0]}")
    submissions.send(site.store, key, email=ADDRESS, now=NOW)
    site.get(f"/register/{token}")


def _draft(site: Furnished, said: dict[str, Any], found: dict[str, Any] | None = None) -> tuple[str, UUID]:
    token, submission = begin_draft(site.store, REGISTER, site.tag, answers=said, network="n", now=NOW)
    look = {"state": "read", "url": said["address"]} | (found or {})
    site.store.submissions.keep_found(submission.id, {PREVIEW: look}, now=NOW)
    return token, submission.id


def _use(site: Furnished) -> None:
    begun = site.post("/projects/galette/declare", organization="org-60").headers["location"]
    at = begun.removesuffix("/how").removeprefix(f"/{site.tag}")
    site.get(f"{at}/how")
    site.post(f"{at}/how", stage="in-production", since="2021")
    site.get(f"{at}/show")
    site.post(f"{at}/show", visibility="public", speaks="yes")


def _another_catalogue(site: Furnished) -> None:
    galette = site.store.public_records.project("galette").record.repository
    if not site.store.received_records.catalogues_stating("project", key("payroll")):
        texts = {"payroll": {"it": {"summary": "Calcola le paghe"}}}
        told = theirs("payroll"), theirs("galette-es", repository=galette)
        receive(site.store, a_catalogue(site.store, "c.example.org"), *told, texts=texts)
    site.desk.get(f"/{site.tag}/desk/separate/project/{key('galette-es')}")


def _desk(site: Furnished) -> None:
    joins = f"/{site.tag}/desk/joins"
    site.desk.get(f"{joins}?kind=project&one=tool-1&other=tool-2")
    part = f"/{site.tag}/desk/separate/project/{identity('tool-4')}"
    if site.desk.get(part).status_code == 404:
        both = {"kind": "project", "one": "tool-3", "other": "tool-4", "choice": str(identity("tool-3"))}
        site.desk.post(joins, data=both | {"words": "", "step": "decide"})
        site.desk.get(part)
    said = {"field": "homepage", "value": WEBSITE, "source": "https://example.org/page"}
    token, submission = begin_draft(site.store, CORRECT, "en", project_id=GALETTE, answers=said, now=NOW)
    site.desk.get(f"/{site.tag}/desk/drafts/{token}")
    proven(site.store, submission)
    path = f"/{site.tag}/desk/declarations/{submission.reference}"
    forms = read(path, site.desk.get(path).text)[1]
    typed = next(dict(form.filled()) for form in forms if {"choice", "seen"} <= form.names)
    site.desk.post(path, data=typed | {"choice": "publish", "step": ""})
    path = f"/{site.tag}/desk/projects/tool-5"
    forms = read(path, site.desk.get(path).text)[1]
    typed = next(dict(form.filled()) for form in forms if {"choice", "seen"} <= form.names)
    site.desk.post(
        path, data=typed | {"choice": "hide", "reason": "law", "words": PLAUSIBLE["organization"], "step": ""}
    )
    doubted = {"value": "MIT", "confidence": 0.5, "file": "LICENSE", "oid": "0" * 40, "doubts": [DOUBT]}
    seen = an_observation("MIT") | {"free": None, "license_files": [doubted]}
    mirrored(site.store, DOUBTED, free=None, observation=seen)
    detail = {"files": ["LICENSE"], "license": None, "doubts": ["LICENSE"], "commit": HEAD}
    site.store.findings.add(identity(DOUBTED), "license-unsure", serving_basis(seen), detail, now=NOW)
    site.desk.get(f"/{site.tag}/desk/groups/license-unsure")


def _alone(site: Furnished) -> None:
    site.post("/projects/galette/correct", field="homepage", value=WEBSITE, draft="d" * 43)
    site.get("/projects/galette/follow")
    site.post("/projects/galette/help", organization="coop-des-halles", role="funder")
    if site.store.unlisted.opt_out_of(identity(HIDDEN)) is None:
        keeps = somebody(site.store, "keeps@example.org", maintained_projects=(identity(HIDDEN),))
        unlist.opt_out(site.store, keeps, identity(HIDDEN), "", "en", now=NOW)
    site.get(f"/projects/{HIDDEN}")
    site.desk.get(f"/{site.tag}/organizations/{_own_organization(site.store)}")
    provided, site.app.state.oidc = site.app.state.oidc, _provider()
    site.reader.get("/sign-in/back?state=x", headers={"accept-language": site.tag})
    site.app.state.oidc = provided


def _own_organization(store: Store) -> str:
    """The slug of an organization of which nothing is public, and which the administrators represent."""
    slug = "quiet-workshop"
    values = {"id": identity(slug, "organization"), "slug": slug, "name": "Quiet workshop", "folded": "quiet workshop"}
    record = {"slug": slug, "name": values["name"]}
    with rewriting(store.engine) as connection:
        if connection.execute(select(organization.c.id).where(organization.c.slug == slug)).first() is None:
            kept = values | {"record": record, "declared": {}, "curated": False, "hidden": UNNAMED, "change": 0}
            connection.execute(organization.insert().values(**kept, added_at=NOW, changed_at=NOW))
            for key in connection.execute(select(person.c.id).where(person.c.role == ADMINISTRATOR)).scalars():
                row = {"person_id": key, "kind": "organization", "record_id": values["id"], "role": "verified"}
                connection.execute(membership.insert().values(**row, since=NOW))
    return slug


def _provider() -> SignIn:
    return SignIn(parse_provider("https://client:secret@sign.example.org"), AddressRules(()), b"secret")


@contextmanager
def _closed(app: Starlette, data: Path) -> Iterator[None]:
    """While the index is being built."""
    searcher, app.state.searcher = app.state.searcher, Finder(data / "no-index")
    try:
        yield
    finally:
        app.state.searcher = searcher
