"""Every kind of page: what a walk through a furnished site draws for readers, who opened a link, and who decides; and
what `beyond` draws, which no walk meets. A kind is a template that draws a whole page. It judges nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.form_crawler import PER_ROUTE, walk
from support.paths import ROOT
from support.rare_pages import KINDS, Furnished, beyond
from support.visitors import LEVELS
from support.world import a_client, a_site

from catalog.rules import permissions
from catalog.store.store import Store
from forge.web.core.session import NAME
from tests.hostile.test_forms import LEAVE, STARTS, _furnish, _links, _publish

TEMPLATES = ROOT / "templates"
READ = (
    "/projects?q=adh%C3%A9rents&language=fr", "/projects?q=zzzqqq", "/projects/filters", "/projects/unknown",
    "/projects/coopcycle", "/projects/asleep", "/projects/blocked", "/projects/galette/users",
    "/projects/galette/facts", "/projects/galette/license",
    "/projects/galette/history", "/projects/galette/code", "/compare/sheet?p=galette",
    "/domains", "/domains/accounting", "/collections/suite", "/places", "/places/FR", "/places/MT", "/places/FR/BRE",
    "/organizations", "/organizations/org-60", "/organizations/org-60/uses", "/organizations/ana-maintains",
    "/organizations/ana-maintains/projects", "/statistics", "/about", "/legal", "/accessibility",
    "/help", "/help/use", "/help/words", "/help/licenses", "/help/ready", "/compare", "/list?p=galette",
    "/compare?p=galette&p=asleep&p=coopcycle&p=unknown", "/nothing", "/sign-in/x",
    "/follow/x", "/calls/x", "/calls/new",
)  # fmt: skip
MOST = 3  # pages of a kind that are kept
WALKERS = (permissions.ANYONE, permissions.MAINTAINER, permissions.REPRESENTATIVE, permissions.ADMINISTRATOR)


@dataclass(frozen=True)
class Page:
    """One page as it was drawn. `who`: "" for a reader, else the level of rights whose session it needs; `again`: it is
    drawn anew by whoever asks for its address."""

    template: str
    address: str
    html: str
    status: int
    method: str
    who: str
    again: bool


@dataclass
class Drawn:
    """What a walk drew, by template, and the sessions it had."""

    app: Starlette
    pages: dict[str, list[Page]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def every(self) -> Iterator[Page]:
        for several in self.pages.values():
            yield from several

    def kinds(self) -> Iterator[Page]:
        """One page of each kind, what an address alone brings before what a press does."""
        for several in self.pages.values():
            yield several[0]


class Watching:
    """A client that keeps what it is answered."""

    def __init__(self, drawn: Drawn, client: TestClient, who: str, again: bool = True):
        self._drawn, self._client, self._who, self._again = drawn, client, who, again

    def get(self, address: str, **given):
        return self._kept("GET", address, self._client.get(address, **given))

    def post(self, address: str, **given):
        return self._kept("POST", address, self._client.post(address, **given))

    def _kept(self, method, address, answer):
        name = getattr(getattr(answer, "template", None), "name", "")
        if name.endswith(".html"):
            kept = self._drawn.pages.setdefault(name, [])
            # Addresses before what a press brings; a refusal as well as what was asked for.
            alike = sum(page.method == method and page.status == answer.status_code for page in kept)
            if alike < MOST:
                again = self._again and method == "GET"
                page = Page(name, address, answer.text, answer.status_code, method, self._who, again)
                kept.insert(0 if method == "GET" else len(kept), page)
        return answer


def kinds() -> set[str]:
    """The templates that draw a whole page."""
    files = {file.relative_to(TEMPLATES).as_posix(): file.read_text() for file in TEMPLATES.rglob("*.html")}
    return {name for name, text in files.items() if "{% extends" in text}


@contextmanager
def every_page(
    template: Path,
    folder: Path,
    tag: str,
    languages: tuple[str, ...],
    *,
    per_route: int = PER_ROUTE,
    walkers: tuple[str, ...] = WALKERS,
) -> Iterator[Drawn]:
    """The furnished site, walked through in a language by readers, by who opens mailed links, and by who decides: each
    of the `walkers` looks at so many pages of a kind."""
    (folder / "catalog.db").write_bytes(template.read_bytes())
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    try:
        _furnish(store, languages)
        with a_site(store, folder / "data") as app:
            drawn = Drawn(app)
            starts = [f"/{tag}{path}" for path in (*READ, *STARTS)]
            people = {level: LEVELS[level](app, store) for level in permissions.LEVELS}
            drawn.sessions = {level: person.cookies.get(NAME) or "" for level, person in people.items()}
            for level in walkers:
                watching = Watching(drawn, people[level], "" if level == permissions.ANYONE else level)
                for path in starts if level == permissions.ANYONE else ():
                    watching.get(path)
                walk(app, watching, starts, leave=LEAVE, per_route=per_route)
                mailed = [link.replace("/en/", f"/{tag}/", 1) for link in _links(store)]
                walk(app, Watching(drawn, a_client(app), ""), mailed, leave=LEAVE, per_route=per_route)
                _publish(store)
            _beyond(drawn, store, folder, tag, people)
            yield drawn
    finally:
        store.close()


@contextmanager
def pages_beyond(
    template: Path, folder: Path, tags: tuple[str, ...], languages: tuple[str, ...]
) -> Iterator[dict[str, Drawn]]:
    """What no walk meets alone, in each of these languages, over one furnished site."""
    (folder / "catalog.db").write_bytes(template.read_bytes())
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    try:
        _furnish(store, languages)
        with a_site(store, folder / "data") as app:
            people = {level: LEVELS[level](app, store) for level in (permissions.ANYONE, permissions.ADMINISTRATOR)}
            every = {tag: Drawn(app) for tag in tags}
            for tag, drawn in every.items():
                _beyond(drawn, store, folder, tag, people)
                drawn.pages = {name: several for name, several in drawn.pages.items() if name in KINDS}
            yield every
    finally:
        store.close()


def _beyond(drawn: Drawn, store: Store, folder: Path, tag: str, people: dict[str, TestClient]) -> None:
    reader = Watching(drawn, people[permissions.ANYONE], "", again=False)
    desk = Watching(drawn, people[permissions.ADMINISTRATOR], permissions.ADMINISTRATOR, again=False)
    beyond(Furnished(drawn.app, store, folder / "data", tag, reader, desk))
