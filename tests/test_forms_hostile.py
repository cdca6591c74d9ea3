"""Every form that a person can reach, filled with what nobody should send: an answer in the reader's language, nothing
executed, nothing of what was typed lost, never a failure of ours.

The forms are found by walking through the site as each sort of person; a form that nobody finds must be named here.
"""

from collections import Counter
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urlsplit

import pytest
from forms_found import Sendable, route_of, walk
from test_web_desk import LEVELS, a_finding
from world import a_site, fill

from catalog import rights
from forge import app as site

MARK = "zq7hostile"
STARTS = (
    *("/", "/projects", "/projects/galette", "/organizations/coop-des-halles", "/sign-in", "/me", "/desk"),
    *("/projects?q=qqqqqqqq", "/log"),
)
TYPED = ("text", "search", "email", "url", "tel", "textarea", "number", "date")
LEAVE = frozenset({"sign-out", "me-deleted", "me-change", "sign-in-use"})
# Forms that no walk reaches, and where they are tried instead.
ELSEWHERE = {
    "register-answer": "test_register: a draft that was looked at is reached by its secret link",
    "sign-in-use": "test_web_people: the link stands in a message",
    "declaration-change": "test_web_declarations: a draft is reached by its secret link",
    "desk-undo-decide": "test_web_desk: a decision must have been made",
}
HOSTILE = {
    "markup": f'"><script>{MARK}()</script><img src=x onerror={MARK}()>',
    "template": "{{ 7 * 7 }}{% raw %}${7*7}" + MARK,
    "statement": f"'; DROP TABLE project; -- {MARK}",
    "controls": f"{MARK}\x00\x01\x08\x1b[31m\x7f\x85",
    "bidi": f"{MARK}\u202e\u2066gnp.exe\u2069\u200f",
    "emoji": f"{MARK}👩🏽‍🌾🏴󠁧󠁢󠁳󠁣󠁴󠁿" * 3,
    "script": f"{MARK} جمعية تعاونية 合作社 กขค " + "e\u0301" * 50,
    "private": f"{MARK}\ue000\ue001\ufffe\U0010ffff",
    "lines": f"{MARK}\r\nBcc: everybody@example.org\r\n\r\nHello",
    "long": MARK + "a" * 9_000,
    "blank": "   \t\n  ",
    "path": f"../../../etc/passwd?{MARK}#x",
    "number": "99999999999999999999999999999999",
    "minus": "-1",
}


@pytest.fixture(scope="module")
def reached(sqlite_template, tmp_path_factory):
    """The forms of each level of rights, found once."""
    found: dict[str, dict] = {}
    for level in rights.LEVELS:
        with _world(sqlite_template, tmp_path_factory.mktemp(level)) as (app, store):
            client = LEVELS[level](app, store)
            starts = [
                "/en/",
                "/en/projects",
                "/en/projects/galette",
                "/en/organizations/coop-des-halles",
                "/en/sign-in",
            ]
            starts += ["/en/me", "/en/desk", "/en/projects?q=qqqqqqqq", "/en/log"]
            found[level] = walk(app, client, starts, leave=LEAVE).forms
    return found


class _world:
    """A filled site of its own."""

    def __init__(self, template, folder):
        self._template, self._folder = template, folder

    def __enter__(self):
        from catalog.store import Store

        (self._folder / "catalog.db").write_bytes(self._template.read_bytes())
        self._store = Store(f"sqlite:///{self._folder / 'catalog.db'}")
        fill(self._store)
        a_finding(self._store)
        self._site = a_site(self._store, self._folder / "data")
        return self._site.__enter__(), self._store

    def __exit__(self, *error):
        self._site.__exit__(*error)
        self._store.close()


def test_every_form_of_the_site_is_met_by_somebody_or_tried_elsewhere(reached):
    met = {name for forms in reached.values() for name, _ in forms}
    missing = {name for _, _, name in site.FORMS} - met - set(ELSEWHERE)
    assert missing == set()
    assert set(ELSEWHERE) <= {name for _, _, name in site.FORMS}


@pytest.mark.parametrize("level", rights.LEVELS)
def test_hostile_values_are_answered_escaped_and_never_a_failure(reached, level, sqlite_template, tmp_path):
    with _world(sqlite_template, tmp_path) as (app, store):
        client = LEVELS[level](app, store)
        tried = Counter()
        for (name, _), form in reached[level].items():
            if name in LEAVE:
                continue
            for kind, value in HOSTILE.items():
                answer = client.post(form.action, content=_body(form, value), headers=_FORM)
                told = (name, kind, answer.status_code)
                assert answer.status_code < 500, told
                assert not _active(answer.text), told
                assert "49" + MARK not in answer.text, told
                assert not any(sign in answer.text for sign in ("\x00", "\x1b", "\u202e", "\u2066")), told
                assert "\n" not in answer.headers.get("location", ""), told
                tried[answer.status_code] += 1
        assert store.answers() and (tried or {name for name, _ in reached[level]} <= LEAVE)


@pytest.mark.parametrize("level", rights.LEVELS)
def test_what_is_typed_comes_back_when_something_else_is_wrong(reached, level, sqlite_template, tmp_path):
    """Each text field holds its own word, all choices are missing: whatever is refused shows all the words again."""
    with _world(sqlite_template, tmp_path) as (app, store):
        client = LEVELS[level](app, store)
        for (name, _), form in reached[level].items():
            words = {one.name: f"{MARK}{number}" for number, one in enumerate(form.fields) if one.type in TYPED}
            if name in LEAVE or not words:
                continue
            kept = {one.name: one.value for one in form.fields if one.type in ("hidden", "press")}
            answer = client.post(form.action, data=kept | words)
            if answer.status_code == 422:
                lost = [field for field, word in words.items() if word not in answer.text]
                assert lost == [], (name, lost)


@pytest.mark.parametrize("level", rights.LEVELS)
def test_odd_bodies_are_refused_or_answered_and_never_a_failure(reached, level, sqlite_template, tmp_path):
    with _world(sqlite_template, tmp_path) as (app, store):
        client = LEVELS[level](app, store)
        for (name, _), form in reached[level].items():
            if name in LEAVE:
                continue
            plain = urlencode(form.filled())
            bodies = {
                "empty": (b"", _FORM),
                "no form": (b"{}", {"content-type": "application/json"}),
                "broken text": (b"%ff%fe=%c3%28&" + plain.encode() + b"=%ed%a0%80", _FORM),
                "many": (urlencode([(f"f{number}", "x") for number in range(400)]).encode(), _FORM),
                "repeated": ((plain + "&" + plain + "&" + plain).encode(), _FORM),
                "huge": (b"x=" + b"a" * 300_000, _FORM),
                "strange": (quote("words[]=1&words.a=2").encode() + b"&__proto__=1", _FORM),
            }
            for kind, (body, headers) in bodies.items():
                answer = client.post(form.action, content=body, headers=headers)
                assert answer.status_code < 500, (name, kind, answer.status_code)
                if kind in ("huge", "no form", "many"):
                    assert 400 <= answer.status_code < 500, (name, kind, answer.status_code)


def test_another_site_sends_no_form(reached, sqlite_template, tmp_path):
    with _world(sqlite_template, tmp_path) as (app, store):
        client = LEVELS[rights.ADMINISTRATOR](app, store)
        for _, path, name in [("POST", path, name) for path, _, name in site.FORMS]:
            filled = path.replace("{slug}", "galette").replace("{number}", "1").replace("{token}", "x")
            answer = client.post(f"/en{filled}", data={"a": "b"}, headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403, name


_FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def _body(form: Sendable, value: str) -> bytes:
    """The value in every field that takes text, also where a choice was offered."""
    pairs = [(one.name, value if one.type != "hidden" else one.value) for one in form.fields]
    return urlencode(pairs, errors="surrogatepass").encode()


class _Active(HTMLParser):
    """What would run: script elements, and attributes that hold script."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "script" or any(name.startswith("on") for name, _ in attributes):
            self.found.append((tag, attributes))


def _active(html: str) -> list:
    reader = _Active()
    reader.feed(html)
    return reader.found


def test_a_walk_tells_routes_apart():
    app = site.Starlette(routes=[site.Route("/{path:path}", lambda request: None, name="unprefixed")])
    assert route_of(app, urlsplit("/x?y").path) == ""
