"""The forms that a person meets: read from pages, reached by links and by filling earlier ones. It judges nothing."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement, HTMLParser, document_fromstring
from starlette.applications import Starlette
from starlette.routing import Match
from starlette.testclient import TestClient

VOID_TYPES = ("submit", "button", "image", "reset")
SENT_AS = {"content-type": "application/x-www-form-urlencoded"}
PER_ROUTE = 3  # pages of a kind that are looked at
PAGES = 600  # answers that are looked at in all


@dataclass(frozen=True)
class Field:
    name: str
    type: str  # of an input; "textarea", "select" or "press" (a button with a value)
    value: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sendable:
    """A form that is sent by POST. `page` is where it stands."""

    page: str
    action: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(field.name for field in self.fields)

    def filled(self) -> list[tuple[str, str]]:
        """What a person who hurries would send: what stands there, the first choice, a plain word."""
        sent: dict[str, str] = {}
        for form_field in self.fields:
            if (form_field.type, form_field.value) == ("press", "search"):
                continue  # it helps to fill the form in, and does not send it
            if form_field.type in ("radio", "checkbox", "press"):
                sent.setdefault(form_field.name, CHOSEN.get(form_field.name) or form_field.value or "on")
            elif form_field.type == "select":
                sent[form_field.name] = next((option for option in form_field.options if option), "")
            else:
                sent[form_field.name] = form_field.value or PLAUSIBLE.get(
                    form_field.name, PLAUSIBLE.get(form_field.type, "Galette")
                )
        return list(sent.items())


CHOSEN = {"stage": "stopped"}  # what the end and the reasons that are filled in fit
PLAUSIBLE = {
    "email": "ana@coop.example.org",
    "url": "https://galette.example.org",
    "number": "3",
    "date": "2024-05-01",
    "since": "2024",
    "until": "2025",
    "project": "galette",
    "organization": "Coop des Halles",
    "country": "FR",
    "website": "https://coop.example.org",
    "repository": "https://code.example.org/group/tool",
    "address": "https://code.example.org/group/tool",
}


def read(page: str, html: str) -> tuple[list[str], list[Sendable]]:
    """The links and the POST forms of a page at this address."""
    tree = document_fromstring(html.encode() or b"<p>", parser=HTMLParser(encoding="utf-8"))
    links = [urljoin(page, record.get("href")) for record in tree.iter("a") if record.get("href")]
    sent = [form for form in tree.iter("form") if (form.get("method") or "").lower() == "post"]
    return links, [Sendable(page, urljoin(page, form.get("action") or page), tuple(_fields(form))) for form in sent]


def _fields(form: HtmlElement) -> Iterator[Field]:
    """What of a form is sent, in its order."""
    for control in form.iter("input", "button", "textarea", "select"):
        name, type, value = control.get("name"), control.get("type") or "text", control.get("value") or ""
        if not name and control.tag in ("input", "button"):
            continue
        if control.tag == "textarea":
            yield Field(name or "", "textarea", (control.text or "").strip())
        elif control.tag == "select":
            yield Field(name or "", "select", "", tuple(option.get("value") or "" for option in control.iter("option")))
        elif control.tag == "button" or type in VOID_TYPES:
            yield Field(name, "press", value)
        else:
            yield Field(name, type, value)


@dataclass
class Walk:
    """What a walk through the site met: each form once a route and set of fields."""

    forms: dict[tuple[str, frozenset[str]], Sendable] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)  # route name -> answers of 200


def route_of(app: Starlette, path: str, method: str = "GET") -> str:
    """The name of the route that answers a path; "" for none but the last resort."""
    scope = {"type": "http", "path": path, "method": method, "headers": []}
    for route in app.routes:
        match, _ = route.matches(scope)
        if match == Match.FULL:
            name = getattr(route, "name", "") or ""
            return "" if name == "unprefixed" else name
    return ""


def walk(
    app: Starlette,
    client: TestClient,
    starts: list[str],
    *,
    leave: frozenset[str] = frozenset(),
    per_route: int = PER_ROUTE,
) -> Walk:
    """Follow links from `starts`, send each new form once as a person in a hurry would, look at what comes, go on.

    `leave`: names of forms that are noted but not sent (they end a session or an account). `per_route`: how many pages
    of a kind are looked at.
    """
    found = Walk()
    waiting, seen = deque(starts), set(starts)
    while waiting and sum(found.pages.values()) < PAGES:
        address = waiting.popleft()
        path = urlsplit(address).path
        name = route_of(app, path)
        if not name or found.pages.get(name, 0) >= per_route:
            continue
        answer = client.get(address)
        for page, html in _pages(client, address, answer):
            found.pages[name] = found.pages.get(name, 0) + 1
            links, forms = read(page, html)
            for form in forms:
                target = route_of(app, urlsplit(form.action).path, "POST")
                key = (target, form.names)
                if key in found.forms:
                    continue
                found.forms[key] = form
                if target in leave:
                    continue
                # As browsers do: a form that holds nothing is a form all the same.
                sent = client.post(form.action, data=dict(form.filled()), headers=SENT_AS)
                if sent.status_code == 303:
                    links.append(urljoin(form.action, sent.headers["location"]))
                elif sent.headers.get("content-type", "").startswith("text/html"):
                    more_links, more_forms = read(form.action, sent.text)
                    links += more_links
                    for more in more_forms:
                        found.forms.setdefault((route_of(app, urlsplit(more.action).path, "POST"), more.names), more)
            for link in links:
                parts = urlsplit(link)
                plain = parts.path + (f"?{parts.query}" if parts.query else "")
                if parts.netloc in ("", "testserver") and plain not in seen:
                    seen.add(plain)
                    waiting.append(plain)
    return found


def _pages(client: TestClient, address: str, answer) -> Iterator[tuple[str, str]]:
    """The page behind an address, after its redirects."""
    for _ in range(3):
        if answer.status_code in (301, 302, 303) and "location" in answer.headers:
            address = urljoin(address, answer.headers["location"])
            answer = client.get(address)
    if answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/html"):
        yield urlsplit(address).path, answer.text
