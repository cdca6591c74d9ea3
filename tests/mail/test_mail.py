"""Messages: worded in the reader's language, sent by a real SMTP server or laid into the outbox, then forgotten."""

import re
import stat
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select
from starlette.routing import Match
from support.factories.core import NOW, a_catalog, a_project, later, load
from support.waiting_rows import jobs_by_kind

from catalog.store.core.engine import reading
from catalog.store.people.mail_queue import GIVE_UP, MAIL, MESSAGES_KEPT
from catalog.tables.people import message
from forge import TEMPLATES
from forge.app import create_app
from forge.config.mail_server import sender_address
from forge.config.settings import Settings
from forge.mail.deliver import LINK_OVER, Delivery
from forge.mail.send import Outbox, smtp_server

LEASE = timedelta(minutes=2)


def a_delivery(store, send, now=NOW):
    return Delivery(store, "https://forge.example", "no-reply@forge.example", send, clock=lambda: now)


def deliver(store, send, now=NOW):
    """What is due goes out; how many jobs there were."""
    jobs = store.jobs.lease("test", now=now, lease=LEASE, kinds=[MAIL], limit=10)
    for job in jobs:
        a_delivery(store, send, now).run(job)
    return len(jobs)


def rows(store):
    with reading(store.engine) as connection:
        return connection.execute(select(message)).all()


def test_a_message_is_sent_in_the_persons_language_as_text_and_html(store, box):
    load(store, a_catalog(a_project()))
    store.people.send_sign_in("ana@example.org", "fr", {"next": ""}, now=NOW)
    assert deliver(store, smtp_server(box.url)) == 1
    (mail,) = box.messages
    assert (mail["To"], mail["Auto-Submitted"]) == ("ana@example.org", "auto-generated")
    assert mail["Subject"].startswith("Se connecter à")
    assert mail["From"].addresses[0].addr_spec == "no-reply@forge.example"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    link = box.link()
    assert link.startswith("/fr/sign-in/") and f'href="https://forge.example{link}"' in html
    assert "30 minutes" in text and '<html lang="fr" dir="ltr">' in html


def test_what_was_sent_is_forgotten_but_that_it_was(store, box):
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    deliver(store, smtp_server(box.url))
    (row,) = rows(store)
    assert (row.email, row.argument, row.sent_at) == (None, {}, NOW)
    assert deliver(store, smtp_server(box.url), later(days=1)) == 0 and len(box.messages) == 1


def test_after_an_outage_no_message_goes_out_whose_link_is_over_and_its_row_says_so(store, box):
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    store.people.send_sign_in("bo@example.org", "en", {}, now=later(minutes=5))
    store.people.invite("eva@example.org", "moderator", "en", now=NOW)
    nobody, back = smtp_server("smtp://127.0.0.1:9"), later(minutes=31)
    assert deliver(store, nobody, later(minutes=5)) == 3
    assert deliver(store, smtp_server(box.url), back) == 3
    assert {mail["To"] for mail in box.messages} == {"bo@example.org", "eva@example.org"}
    (unsent,) = [row for row in rows(store) if row.sent_at is None]
    assert (unsent.email, unsent.argument, unsent.error) == (None, {}, LINK_OVER)
    assert jobs_by_kind(store) == {}


def test_a_server_that_is_down_is_tried_again_until_we_give_up(store):
    store.people.invite("ana@example.org", "moderator", "en", now=NOW)
    nobody = smtp_server("smtp://127.0.0.1:9")
    assert deliver(store, nobody) == 1
    assert deliver(store, nobody) == 0
    assert deliver(store, nobody, later(minutes=2)) == 1
    assert rows(store)[0].email == "ana@example.org"
    assert deliver(store, nobody, NOW + GIVE_UP + timedelta(hours=1)) == 1
    assert rows(store)[0].email is None and rows(store)[0].error
    assert jobs_by_kind(store) == {}


@pytest.mark.parametrize(("answer", "waits"), [("550 no such mailbox", 0), ("451 come back later", 1)])
def test_a_refusal_for_good_ends_and_one_for_now_waits(store, box, answer, waits):
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    box.answer = answer
    deliver(store, smtp_server(box.url))
    assert jobs_by_kind(store).get(MAIL, 0) == waits
    assert box.messages == []


def test_a_person_who_left_gets_no_message(store, box):
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    deliver(store, smtp_server(box.url))
    ana, _, _ = store.people.sign_in(box.link().rpartition("/")[2], "en", now=NOW)
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    store.account_erasure.delete(ana.id, now=NOW)
    assert deliver(store, smtp_server(box.url)) == 1 and len(box.messages) == 1


def test_without_a_server_messages_lie_in_the_outbox_for_nobody_else_to_read(sqlite_store, tmp_path):
    told = []
    sqlite_store.people.invite("ana@example.org", "administrator", "en", now=NOW)
    deliver(sqlite_store, Outbox(tmp_path / "outbox", told.append))
    (file,) = (tmp_path / "outbox").iterdir()
    assert told == [file] and file.suffix == ".eml"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert "administrator" in mail.get_body(("plain",)).get_content()


def test_what_a_stranger_typed_makes_no_header_and_no_markup(sqlite_store, box):
    sqlite_store.people.send_sign_in("a&b@example.org", "en", {"next": "/<b>\r\nBcc: x@example.org"}, now=NOW)
    deliver(sqlite_store, smtp_server(box.url))
    (mail,) = box.messages
    assert mail["Bcc"] is None and "<b>" not in mail.get_body(("html",)).get_content()


def test_old_rows_are_deleted(store, box):
    store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    deliver(store, smtp_server(box.url))
    assert store.mail_queue.forget(NOW + MESSAGES_KEPT - MESSAGES_KEPT) == 0
    assert store.mail_queue.forget(NOW + MESSAGES_KEPT) == 1 and rows(store) == []


@pytest.mark.parametrize(
    ("url", "host", "port", "secure", "user"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, None),
        ("smtps://ana:p%40ss@mail.example.org", "mail.example.org", 465, True, "ana"),
        ("smtp://u:p@mail.example.org:587?from=a@example.org", "mail.example.org", 587, False, "u"),
    ],
)
def test_the_address_of_a_server_is_read(url, host, port, secure, user):
    found = smtp_server(url)
    assert (found.host, found.port, found.secure, found.user) == (host, port, secure, user)


def test_a_password_goes_only_over_tls(sqlite_store, box):
    sqlite_store.people.send_sign_in("ana@example.org", "en", {}, now=NOW)
    deliver(sqlite_store, smtp_server(box.url.replace("//", "//ana:secret@")))
    assert box.messages == [] and jobs_by_kind(sqlite_store) == {MAIL: 1}


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h/x", "smtp://h?from=x"]
)
def test_what_is_no_server_is_refused_with_what_to_write(url):
    with pytest.raises(ValueError, match="write"):
        smtp_server(url)


def test_the_sender_can_be_named():
    assert sender_address("smtp://h?from=Forge@Example.org") == "forge@example.org"
    assert sender_address("smtp://h") is None


def test_every_address_in_a_message_is_one_of_the_site(sqlite_store, tmp_path):
    site = create_app(Settings(data=tmp_path, secret="test"), sqlite_store, None)
    found = set()
    for file in (TEMPLATES / "mail").glob("*.txt"):
        text = file.read_text()
        for parts in re.findall(r"{{ button\(.*, base ~ (.*)\) }}", text):  # "/sign-in/" ~ token
            text += "\n{{ base }}" + "".join(
                part.strip('"') if part.startswith('"') else f"{{{{ {part} }}}}" for part in parts.split(" ~ ")
            )
        for words in re.findall(r"{{ base }}((?:{{ \w+ }}|[^\s{])+)", text):
            found.add(
                re.sub(r"{{ (\w+) }}", lambda match: "/projects/x" if match[1] in ("path", "code") else "x", words)
            )
    assert {"/off/x", "/follow/x", "/sign-in/x"} < found

    def shown(address):
        scope = {"type": "http", "method": "GET", "path": f"/en{address}", "root_path": "", "headers": []}
        return any(route.matches(scope)[0] is Match.FULL and route.name != "unprefixed" for route in site.routes)

    assert not shown("/projects/x/tree/x") and shown("/projects/x/code/tree/x")
    assert [address for address in sorted(found) if not shown(address)] == []
