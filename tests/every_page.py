"""Every kind of page: what a walk through a furnished site draws for readers, who opened a link, and who decides.

A kind is a template that draws a whole page. It judges nothing. `ELSEWHERE`: kinds that no walk meets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from forms_found import walk
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_forms_hostile import LEAVE, STARTS, _furnish, _links, _publish
from test_web_desk import LEVELS
from world import a_client, a_site

from catalog import rights
from catalog.store import Store
from forge.web.session import NAME

TEMPLATES = Path(__file__).parent.parent / "templates"
READ = (
    "/projects?q=adh%C3%A9rents&language=fr", "/projects?q=zzzqqq", "/projects/filters", "/projects/unknown",
    "/projects/coopcycle", "/projects/asleep", "/projects/blocked", "/projects/galette/users",
    "/projects/galette/facts", "/projects/galette/history", "/projects/galette/code", "/projects/galette/sheet",
    "/projects/galette/asked",
    "/domains", "/domains/accounting", "/collections/suite", "/places", "/places/FR", "/places/MT", "/places/FR/BRE",
    "/organizations", "/organizations/org-60", "/organizations/org-60/uses", "/organizations/ana-maintains",
    "/organizations/ana-maintains/projects", "/about", "/about/components", "/legal", "/accessibility", "/help",
    "/help/use", "/help/words", "/help/licenses", "/help/licenses/AGPL-3.0", "/help/ready", "/compare",
    "/compare?p=galette&p=asleep&p=coopcycle&p=unknown", "/compare/sheet?p=galette&p=asleep", "/nothing", "/sign-in/x",
    "/follow/x", "/calls/x",
)  # fmt: skip
# Kinds of page that the walk does not meet, and the tests that draw them.
ELSEWHERE = {
    **dict.fromkeys(
        ("code.html", "code-blob.html", "code-commit.html", "code-large.html", "code-log.html", "code-missing.html",
         "code-refs.html", "code-tree.html", "code-unreadable.html"), "test_web_code: it takes a copy of real code"),
    **dict.fromkeys(
        ("register-gone.html", "register-known.html", "register-unfree.html"),
        "test_register: it takes a look at a real repository"),
    **dict.fromkeys(
        ("register-check.html", "register-question.html", "register-sent.html"),
        "test_register_questions: it takes a look at a real repository"),
    **dict.fromkeys(("use-check.html", "use-email.html", "use-show.html"), "test_web_using: it takes every answer"),
    **dict.fromkeys(("desk-join.html", "desk-part.html"), "test_joins: it takes two records that are alike"),
    "desk-voice.html": "test_web_voices: it takes another catalogue's record",
    **dict.fromkeys(
        ("calls-elsewhere.html", "call-elsewhere.html"), "test_web_their_words: it takes another catalogue's call"),
    "offer.html": "test_web_offers: it takes another catalogue's record",
    "blocks-find.html": "test_blocks: it takes a project that many are like",
    "call-link-old.html": "test_questions: it takes a link that was used",
    "correct-check.html": "test_web_correct: it takes a value that is right",
    "desk-check-declaration.html": "test_web_desk_declarations: it takes a choice",
    "find-closed.html": "test_web: it takes an index that is being built",
    "follow.html": "test_web_follows: it takes something to follow",
    "help-check.html": "test_web_helping: it takes an organization and what it does",
    "invitation.html": "test_reporting: it takes a name read in a file",
    "network-refused.html": "test_oidc: it takes a network's own sign-in",
    "project-unlisted.html": "test_listing: it takes makers who asked not to be listed",
    "too-often.html": "test_limits: it takes a hundred forms",
}  # fmt: skip
MOST = 3  # pages of a kind that are kept


@dataclass(frozen=True)
class Page:
    """One page as it was drawn. `who`: "" for a reader, else the level of rights whose session it needs."""

    template: str
    address: str
    html: str
    status: int
    method: str
    who: str


@dataclass
class Drawn:
    """What a walk drew, by template, and the sessions it had."""

    app: Starlette
    pages: dict[str, list[Page]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def every(self) -> Iterator[Page]:
        for several in self.pages.values():
            yield from several

    def opened(self) -> Iterator[Page]:
        """One page of each kind that an address alone brings."""
        for several in self.pages.values():
            yield from [one for one in several if one.method == "GET"][:1]


class Watching:
    """A client that keeps what it is answered."""

    def __init__(self, drawn: Drawn, client: TestClient, who: str):
        self._drawn, self._client, self._who = drawn, client, who

    def get(self, address: str):
        return self._kept("GET", address, self._client.get(address))

    def post(self, address: str, **given):
        return self._kept("POST", address, self._client.post(address, **given))

    def _kept(self, method, address, answer):
        name = getattr(getattr(answer, "template", None), "name", "")
        if name.endswith(".html"):
            kept = self._drawn.pages.setdefault(name, [])
            # Addresses before what a press brings; a refusal as well as what was asked for.
            alike = sum(one.method == method and one.status == answer.status_code for one in kept)
            if alike < MOST:
                page = Page(name, address, answer.text, answer.status_code, method, self._who)
                kept.insert(0 if method == "GET" else len(kept), page)
        return answer


def kinds() -> set[str]:
    """The templates that draw a whole page."""
    files = {file.relative_to(TEMPLATES).as_posix(): file.read_text() for file in TEMPLATES.rglob("*.html")}
    return {name for name, text in files.items() if "{% extends" in text}


@contextmanager
def every_page(template: Path, folder: Path, tag: str, languages: tuple[str, ...]) -> Iterator[Drawn]:
    """The furnished site, walked through in a language by readers, by who opens mailed links, and by who decides."""
    (folder / "catalog.db").write_bytes(template.read_bytes())
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    try:
        _furnish(store, languages)
        with a_site(store, folder / "data") as app:
            drawn = Drawn(app)
            starts = [f"/{tag}{path}" for path in (*READ, *STARTS)]
            people = {level: LEVELS[level](app, store) for level in rights.LEVELS}
            drawn.sessions = {level: one.cookies.get(NAME) or "" for level, one in people.items()}
            for level in (rights.ANYONE, rights.KEEPER, rights.SPEAKER, rights.ADMINISTRATOR):
                watching = Watching(drawn, people[level], "" if level == rights.ANYONE else level)
                for path in starts if level == rights.ANYONE else ():
                    watching.get(path)
                walk(app, watching, starts, leave=LEAVE)
                mailed = [link.replace("/en/", f"/{tag}/", 1) for link in _links(store)]
                walk(app, Watching(drawn, a_client(app), ""), mailed, leave=LEAVE)
                _publish(store)
            yield drawn
    finally:
        store.close()
