"""Lines that break: a form half sent leaves nothing, one sent whole is done once, and a mail server that is down loses
no declaration."""

import contextlib
import logging
import re
import socket
import time
from urllib.parse import urlencode, urlsplit

from aiosmtpd.controller import Controller
from sqlalchemy import func, select
from support.factories.core import NOW, later
from support.hosts.mail import Mailbox
from support.serving import listening
from support.visitors import BROWSER
from support.world import a_client, filled_store

from catalog.store.core.engine import reading
from catalog.store.people.mail_queue import MAIL
from catalog.tables.submissions import submission
from forge.mail.deliver import Delivery
from forge.mail.send import smtp_server

store = filled_store
PATH = "/en/projects/galette/blocks"


@contextlib.contextmanager
def watched(app):
    """The site behind a real socket: its port, and whether it has nothing to do."""
    with listening(app) as (base, server):
        state = server.server_state
        yield urlsplit(base).port, lambda: not (state.tasks or state.connections)


def sends(port, path, fields, *, share=1.0, waits=False):
    """Send a form, or a share of its body, and leave, or wait for the answer's first line."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {len(body)}"
    )
    head += "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.encode() + body[: int(len(body) * share)])
        return line.recv(200).decode().partition("\r\n")[0] if waits else ""


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def rows(store):
    with reading(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(submission)).scalar_one()


def test_half_a_form_leaves_nothing_and_a_whole_one_whose_answer_was_lost_is_done_once(app, store, caplog):
    page = a_client(app).get(PATH).text
    fields = {
        "draft": re.search(r'name="draft" value="([^"]+)"', page)[1],
        "audience": "seniors",
        "where": "The page of fees",
        "happened": "The button is grey on grey. " * 30,
        "language": "en",
    }
    with caplog.at_level(logging.WARNING), watched(app) as (port, idle):
        sends(port, PATH, fields, share=0.5)
        time.sleep(0.3)  # until it is met; nothing of it may be kept later either
        until(idle)
        assert rows(store) == 0
        sends(port, PATH, fields)
        until(lambda: rows(store) == 1)
        assert sends(port, PATH, fields, waits=True).startswith("HTTP/1.1 303")
        until(idle)
    assert rows(store) == 1
    assert [record for record in caplog.records if record.exc_info or "Traceback" in record.getMessage()] == []


class _Back(Controller):
    """The mail server, there again."""


def test_a_declaration_made_while_the_mail_server_is_down_is_confirmed_once_it_is_back(app, store):
    client = a_client(app)
    client.headers.update(BROWSER)
    box, held = Mailbox(), socket.socket()
    held.bind(("127.0.0.1", 0))  # who has it and does not listen refuses, and nobody else takes it meanwhile
    box.port = held.getsockname()[1]

    def delivered(now):
        jobs = store.jobs.lease("test", now=now, lease=later(minutes=2) - NOW, kinds=[MAIL], limit=10)
        for job in jobs:
            Delivery(store, "http://testserver", "x@example.org", smtp_server(box.url), clock=lambda: now).run(job)
        return len(jobs)

    at = client.post("/en/projects/galette/declare", data={"organization": "coop-des-halles"}).headers["location"]
    steps = {
        "how": {"stage": "in-production", "since": "2021"},
        "show": {"visibility": "public", "speaks": "yes", "email": "eva@mail.example.net"},
    }
    for step, fields in steps.items():
        answer = client.post(f"{at.rpartition('/')[0]}/{step}", data=fields)
        assert answer.status_code == 303, (step, answer.text)
    own = answer.headers["location"]
    assert delivered(NOW) == 1
    assert "Nothing is public until" in client.get(own).text  # it is kept, and the page says what is waited for
    assert delivered(later(hours=3)) == 1
    back = _Back(box, hostname="127.0.0.1", port=box.port, ready_timeout=60)
    held.close()
    back.start()
    try:
        assert delivered(later(days=1)) == 1 and len(box.messages) == 1
    finally:
        back.stop()
    pressed = client.post(box.link(), data={"go": ""})
    assert pressed.status_code == 303
    submission = store.submissions.by_reference(pressed.headers["location"].rpartition("/")[2])
    assert (submission.state, submission.email, rows(store)) == ("waiting", "eva@mail.example.net", 1)
    assert delivered(later(days=2)) == 0
