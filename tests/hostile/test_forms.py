"""Every form that a person can reach, filled with what nobody should send: an answer in the reader's language, nothing
executed, nothing of what was typed lost, never a failure of ours.

The forms are found by walking through the site as each sort of person; a form that nobody finds must be named here.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from sqlalchemy import func, literal_column, select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.factories.calls import COOP, GALETTE, a_call, proven, somebody
from support.factories.core import NOW
from support.factories.peers import a_peer
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.form_crawler import Sendable, route_of, walk
from support.form_crawler import read as read_page
from support.html_structure import problems
from support.open_findings import open_findings
from support.visitors import LEVELS
from support.waiting_rows import waiting_submissions
from support.world import a_client, a_site, fill

from catalog import moderation, submissions
from catalog.errors import Invalid
from catalog.moderation import DecisionRequest
from catalog.ownership import replies
from catalog.rules import permissions
from catalog.rules.submission import EXPERIENCE, HELP, REPORT
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.people.mail_queue import Message
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.submissions import answering, expire_calls
from catalog.tables.adoptions import adoption
from catalog.tables.core import metadata, organization
from catalog.tables.people import message
from forge import app as site
from forge import routes
from forge.mail.compose import compose
from tests.desk.test_desk import a_finding

MARK = "zq7hostile"
LONG_AGO = NOW - timedelta(days=600)
STARTS = (
    *(
        "/",
        "/projects",
        "/projects/galette",
        "/organizations/coop-des-halles",
        "/sign-in",
        "/me",
        "/desk",
        "/log",
    ),
    *("/desk/organizations/coop-des-halles", "/desk/projects/galette", "/desk/declarations", "/desk?kind=declarations"),
    *("/projects?q=qqqqqqqq", "/register", "/calls", "/calls/new?kind=need", "/contact", "/me/questions"),
    *(
        f"/projects/galette/{page}"
        for page in (
            "declare",
            "correct",
            "keep",
            "hooks",
            "reported",
            "blocks",
            "users",
            "obstacles",
            "experiences",
            "help",
            "upload",
        )
    ),
    *(f"/organizations/coop-des-halles/{page}" for page in ("correct", "correct?field=name", "speakers", "upload")),
    "/projects/galette/correct?field=summary",
)
TYPED = ("text", "search", "email", "url", "tel", "textarea", "number", "date")
# Sent by a walk they take away what other forms hang on: a session, a person, the project.
LEAVE = frozenset({"sign-out", "account-deleted", "account-change", "unlisting-send"})
# Forms that no walk reaches, and where they are tried instead.
ELSEWHERE = {
    "desk-merge-chosen": "test_joins: two records are named",
    "desk-merge-decide": "test_joins: two records are named",
    "desk-separate-send": "test_joins: two records were joined",
    "desk-case-decide": "test_conflicts: what a machine found is decided by itself",
    "desk-group-decide": "test_groups: findings are decided together",
    "desk-draft-publish": "test_curation: a draft of a correction, by its secret",
    "obstacle-answer": "test_blocks: the makers answer what was reported",
}
# What grows at each press and is meant to: who is asked again by mail is written to again, within limits; a token is
# shown once, and one who lost the answer makes another.
TWICE = {
    "sign-in-send": ("message_link", "message", "job"),
    "follow-send": ("message_link", "message", "job"),
    "desk-people-change": ("message_link", "message", "job"),
    "account-api-tokens-change": ("api_token",),
}
# What is told of these before what is too long: nothing is chosen, it was answered meanwhile, and what describes
# another organization counts nothing where one is chosen.
FIRST_OTHERS = ("desk-peer-decide", "submission-status-change", "contributors-send")
COUNTING = ("rate_limit_count",)  # how often somebody pressed
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
HOSTILE_FIRST = ("markup", "controls", "lines", "long")
HOSTILE_TOO = tuple(kind for kind in HOSTILE if kind not in HOSTILE_FIRST)


@dataclass
class Reached:
    """What somebody of a level reaches, in a world of their own that stays open."""

    app: Starlette
    store: Store
    client: TestClient
    forms: dict[tuple[str, frozenset[str]], tuple[TestClient, Sendable]]
    others: frozenset[tuple[str, frozenset[str]]]  # that a lower level met: what it is asked is the same

    def tried(self) -> Iterator[tuple[str, TestClient, Sendable]]:
        """Each form of its own with the client that met it: behind a message's link there is no session."""
        for key, (client, form) in self.forms.items():
            if key[0] not in LEAVE and key not in self.others:
                yield key[0], client, form


class Met(dict[str, Reached]):
    """What each level of rights reaches, found when it is asked for by walking twice: what was sent is published in
    between. A walk takes 25 seconds of a processor."""

    def __init__(self, stack: ExitStack, template: Path, folders: pytest.TempPathFactory):
        super().__init__()
        self._stack, self._template, self._folders = stack, template, folders

    def __missing__(self, level: str) -> Reached:
        folder = self._folders.mktemp(level)
        shutil.copyfile(self._template, folder / "catalog.db")
        store = Store(f"sqlite:///{folder / 'catalog.db'}")
        self._stack.callback(store.close)
        _furnish(store)
        app = self._stack.enter_context(a_site(store, folder / "data"))
        client = LEVELS[level](app, store)
        forms = {}
        for _ in range(2):
            for who, starts in ((client, [f"/en{path}" for path in STARTS]), (a_client(app), _links(store))):
                met = walk(app, who, starts, leave=LEAVE).forms
                forms = {key: (who, form) for key, form in met.items()} | forms
            _publish(store)
        others = frozenset(key for page in self.values() for key in page.forms)
        self[level] = Reached(app, store, client, forms, others)
        return self[level]

    def every(self) -> list[Reached]:
        return [self[level] for level in permissions.LEVELS]


@pytest.fixture(scope="module")
def reached(sqlite_template, tmp_path_factory):
    with ExitStack() as stack:
        yield Met(stack, sqlite_template, tmp_path_factory)


# It meets most forms; `make test-all` walks as each of the six.
USUAL = (permissions.ADMINISTRATOR,)
each_level = pytest.mark.parametrize(
    "level", [level if level in USUAL else pytest.param(level, marks=pytest.mark.full) for level in permissions.LEVELS]
)


def _furnish(store, languages=("en", "fr")):
    """The world with what forms hang on: a network, who answers questions, calls, obstacles, decisions, reports."""
    fill(store, languages)
    a_finding(store)
    a_peer(store)
    with rewriting(store.engine) as connection:
        halles = organization.c.id == COOP
        record = connection.execute(select(organization.c.record).where(halles)).scalar_one()
        network = dict(record) | {"function": "network-federation"}
        connection.execute(update(organization).where(halles).values(record=network))
    eva = somebody(store, "eva@halles.example.org", represented_organizations=(COOP,))
    answering.allow(store, eva, GALETTE, COOP, languages=["en", "fr"], monthly="", now=NOW)
    a_call(store)
    a_call(store, "dora@example.org", text="Lend tools to neighbours, and know who has which.")
    a_call(store, "dora@example.org", project=GALETTE, call="translate")
    obstacle = {"audience": "seniors", "where": "The list", "happened": "The letters are too small.", "language": "en"}
    _, report = begin_draft(store, REPORT, "en", project_id=GALETTE, answers=obstacle, now=NOW)
    submissions.send(store, report.id, email=None, now=NOW)
    told = {"context": "Members.", "advice": "Clean your list.", "again": "yes", "language": "en"}
    _, experience = begin_draft(
        store, EXPERIENCE, "en", project_id=GALETTE, organization_id=COOP, answers=told, now=NOW
    )
    proven(store, experience)
    hosts = {"organization": str(COOP), "role": ["host"]}
    _, helps = begin_draft(store, HELP, "en", project_id=GALETTE, answers=hosts, now=NOW)
    submissions.send(store, helps.id, email=None, person=eva, now=NOW)
    _publish(store)
    with rewriting(store.engine) as connection:
        connection.execute(update(adoption).where(adoption.c.organization_id == COOP).values(confirmed_at=LONG_AGO))
    store.reconfirmations.age(now=NOW)
    expire_calls.calls_due(store, now=NOW + timedelta(days=160))
    ana = somebody(store, "ana@keeps.example.org", maintained_projects=(GALETTE,))
    replies.reply(store, ana, GALETTE, "summary", "It does more than that.", "en", now=NOW)
    bruno = somebody(store, "bruno@desk.example.org", role="moderator")
    wish = DecisionRequest("looked-at", "as-it-should-be", "All is well.", "")
    finding = open_findings(store)[0]
    moderation.decide(store, bruno, finding.slug, wish, finding=finding.number, now=NOW)
    hidden = DecisionRequest("hide", "harm", "It put people at risk.", "")
    moderation.decide(store, bruno, "asleep", hidden, now=NOW)
    a_finding(store, key="c2")


def _publish(store):
    """All that waits, as moderators do."""
    for case in waiting_submissions(store):
        with suppress(Invalid), changing(store.engine) as (connection, change):
            held = submission_rows.by_id(connection, case.id, hold=True)
            submissions.publish(connection, held, None, change, now=NOW)


def _links(store):
    """The paths that messages lead to, in English, as they were written: tokens are drawn, and a walk by them would be
    another each time."""
    written = message.c.created_at, literal_column("rowid")
    with reading(store.engine) as connection:
        rows = connection.execute(select(message).where(message.c.email.is_not(None)).order_by(*written)).all()
    told = [Message(*row) for row in rows]
    mails = [compose(message, None, base_url="http://testserver", sender="a@example.org") for message in told]
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]
    links = [link for text in texts for link in re.findall(r"http://testserver(/\S+)", text)]
    return list(dict.fromkeys(re.sub(r"^/[a-z]{2}/", "/en/", link) for link in links))


@pytest.mark.full
def test_every_form_of_the_site_is_met_by_somebody_or_tried_elsewhere(reached):
    met = {name for page in reached.every() for name, _ in page.forms}
    missing = {name for _, _, name in routes.FORMS} - met - set(ELSEWHERE)
    assert missing == set()
    assert set(ELSEWHERE) <= {name for _, _, name in routes.FORMS}


@each_level
def test_what_is_typed_comes_back_when_something_else_is_wrong(reached, level):
    """Each text field holds its own word, all choices are missing: whatever is refused shows all the words again, on a
    page that is well built and tells what is wrong in the order of its fields."""
    here, lost, built = reached[level], {}, {}
    for name, client, form in here.tried():
        words = {field.name: f"{MARK}{number}" for number, field in enumerate(form.fields) if field.type in TYPED}
        if not words:
            continue
        kept = {field.name: field.value for field in form.fields if field.type in ("hidden", "press")}
        answer = client.post(form.action, data=kept | words)
        if answer.status_code == 422:
            missing = [field for field, word in words.items() if word not in answer.text]
            lost |= {name: missing} if missing else {}
            built |= {name: wrong} if (wrong := problems(answer.text)) else {}
    assert (lost, built) == ({}, {})


@pytest.mark.full
def test_what_is_typed_after_the_session_is_over_is_given_back_whole(reached):
    """Every form that readers may not send, as somebody sends it whose session ended while they wrote."""
    closed = {name for _, _, name in routes.FORMS if permissions.ANYONE not in permissions.RULES[name]}
    reader = a_client(reached[permissions.ADMINISTRATOR].app)
    for path, _, name in routes.FORMS:
        if name in closed:
            answer = reader.post(f"/en{re.sub('{[^}]*}', 'x', path)}", data={"step": "a", "anything": MARK})
            assert answer.status_code == 403 and MARK in answer.text, name
    tried = set()
    for here in reached.every():
        for (name, _), (_, form) in here.forms.items():
            words = {field.name: f"{MARK}\n{field.name}" if field.type == "textarea" else f"{MARK} {field.name}"
                     for field in form.fields if field.type in TYPED}  # fmt: skip
            if name not in closed or not words:
                continue
            sent = dict(form.filled()) | words
            answer = a_client(here.app).post(form.action, data=sent)
            again = next(
                next_form
                for next_form in read_page("", answer.text)[1]
                if next_form.action == urlsplit(form.action).path
            )
            assert answer.status_code == 403, name
            assert {field.name: field.value for field in again.fields} == sent, name
            tried.add(name)
    assert {
        "project-manage-change",
        "experience-answer",
        "call-manage-change",
    } <= tried


@each_level
def test_the_same_form_sent_twice_is_done_once(reached, level):
    """Each form as its page shows it now, filled in a hurry and pressed twice: the second press adds no row."""
    here, added = reached[level], {}
    for name, client, form in here.tried():
        shown = client.get(form.page)
        now = [
            sent_form
            for sent_form in read_page(form.page, shown.text)[1]
            if (sent_form.action, sent_form.names) == (form.action, form.names)
        ]
        sent = (now[0] if now else form).filled()
        client.post(form.action, data=dict(sent))
        before = _counted(here.store)
        client.post(form.action, data=dict(sent))
        more = {table: number - before[table] for table, number in _counted(here.store).items()}
        more = {table: number for table, number in more.items() if number > 0 and table not in TWICE.get(name, ())}
        added |= {name: more} if more else {}
    assert added == {}


@pytest.mark.parametrize("kinds", [HOSTILE_FIRST, pytest.param(HOSTILE_TOO, marks=pytest.mark.full)])
@each_level
def test_hostile_values_are_answered_escaped_and_never_a_failure(reached, level, kinds):
    here = reached[level]
    for name, client, form in here.tried():
        for kind in kinds:
            answer = client.post(form.action, content=_body(form, HOSTILE[kind]), headers=_FORM)
            told = (name, kind, answer.status_code)
            assert answer.status_code < 500, told
            assert not _active(answer.text), told
            assert "49" + MARK not in answer.text, told
            assert not any(sign in answer.text for sign in ("\x00", "\x1b", "\u202e", "\u2066")), told
            assert "\n" not in answer.headers.get("location", ""), told
    assert here.store.answers()


@each_level
def test_odd_bodies_are_refused_or_answered_and_never_a_failure(reached, level):
    here = reached[level]
    for name, client, form in here.tried():
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


@each_level
def test_what_is_too_long_is_told_beside_its_field_and_comes_back_whole(reached, level):
    """Each text field on its own, far beyond what any takes: nothing is cut. Searches within forms are no answers."""
    here, wrong, told = reached[level], {}, 0
    bruno = somebody(here.store, "late@desk.example.org", role="moderator")
    for kind, slug in (("project", "galette"), ("organization", "coop-des-halles")):
        if "show" in moderation.offered(here.store.decisions.subject(slug, kind), None):  # other tests hid it
            moderation.decide(
                here.store, bruno, slug, DecisionRequest("show", "other", "Again.", ""), kind=kind, now=NOW
            )
    for name, client, form in here.tried():
        for field in form.fields:
            if field.type not in TYPED or field.name == "q":
                continue
            with rewriting(here.store.engine) as connection:  # limits have a test of their own
                connection.execute(metadata.tables["rate_limit_count"].delete())
            long = "begin " + "a" * 30_000 + " end"
            answer = client.post(form.action, data=dict(form.filled()) | {field.name: long}, headers=_FORM)
            beside = f'id="{field.name}-problem"' in answer.text
            told += beside
            whole = long in answer.text and (beside or answer.status_code != 422 or name in FIRST_OTHERS)
            closed = answer.status_code == 409 and field.type == "email"  # an address for what is over
            if not (whole or closed or answer.status_code == 303):  # sent before: on to what it became
                wrong[name, field.name] = answer.status_code
    assert wrong == {} and told >= (0 if here.others else 40)  # whoever is looked at first has most forms


def test_another_site_sends_no_form(reached):
    for path, _, name in routes.FORMS:
        filled = re.sub(r"\{\w+\}", "galette", path)
        headers = {"sec-fetch-site": "cross-site"}
        answer = reached[permissions.ADMINISTRATOR].client.post(f"/en{filled}", data={"a": "b"}, headers=headers)
        assert answer.status_code == 403, name


def _counted(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with reading(store.engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in COUNTING
        }


_FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def _body(form: Sendable, value: str) -> bytes:
    """The value in every field that takes text, also where a choice was offered."""
    pairs = [(field.name, value if field.type != "hidden" else field.value) for field in form.fields]
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
