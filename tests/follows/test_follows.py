"""Following by mail, whole: an address, a link, a digest a week at most, off at one press; nothing that readers may not
see, and nothing when nothing happened."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from support.factories.calls import a_call
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.fact import Statement
from catalog.rules.follow import DIGEST_INTERVAL, MOST
from catalog.store.core.engine import reading
from catalog.store.follows.follow_rows import DIGEST
from catalog.store.people.mail_queue import MAIL
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import project
from catalog.tables.follows import follow
from forge.jobs.notifications import DIGEST_CHECK_INTERVAL, Notifications
from forge.mail.deliver import Delivery
from forge.mail.send import smtp_server
from forge.security import unsubscribe_tokens

SECRET = b"s" * 32
LEASE = timedelta(minutes=2)


class Post:
    """The worker's jobs and the mail server, at the times that a test says."""

    def __init__(self, store, box, secret=SECRET):
        self.store, self.box, self.secret = store, box, secret
        self._telling(NOW).plan()

    def _telling(self, now):
        return Notifications(self.store, self.secret, lambda: now)

    def stops(self, message):
        """What is behind the link that stops a follow."""
        return unsubscribe_tokens.make_token(self.secret, unsubscribe_tokens.FOLLOW, message.id)

    def goes_out(self, now):
        """Everything that is due; the texts of what arrived."""
        telling, before = self._telling(now), len(self.box.messages)
        send = smtp_server(self.box.url)
        delivery = Delivery(
            self.store, "https://forge.example", "x@forge.example", send, clock=lambda: now, fresh=telling.fresh
        )
        handlers = {**telling.handlers, MAIL: delivery.run}
        for _ in range(10):
            jobs = self.store.jobs.lease("test", now=now, lease=LEASE, kinds=list(handlers), limit=50)
            for job in jobs:
                handlers[job.kind](job)
        return [
            message.get_body(("plain",)).get_content().replace("\r\n", "\n") for message in self.box.messages[before:]
        ]


@pytest.fixture
def post(store, box):
    others = (a_project("poll", name="Poll"), an_organization(name="Coop des Halles"))
    load(store, a_catalog(a_project(domains=("accounting",)), *others))
    return Post(store, box)


def follows(store, of="galette", email="ana@example.org", language="en", now=NOW):
    """Somebody asked, got the link and pressed its button."""
    token = store.people.invite(email, "moderator", language, now=now)
    someone, _, _ = store.people.sign_in(token, language, now=now)
    return store.follows.begin(someone.id, identity(of), now=now)


def observes(store, facts, now, commit="2" * 40):
    store.observations.observe(
        identity("galette"), commit, {"commit": commit}, facts=facts, free=True, last_commit_at=now, now=now
    )


def releases(*names):
    return Statement("releases", [{"version": name, "date": "2026-05-04"} for name in names], {"commit": "1" * 40})


def licensed(name):
    return Statement("license", name, {"commit": "1" * 40, "file": "LICENSE"})


def buttons(mail):
    """Address and label of each button of a message."""
    return re.findall(r'<a href="([^"]+)" style="[^"]+">([^<]+)</a>', mail.get_body(("html",)).get_content())


def test_an_address_a_link_a_digest_and_off(store, post, box):
    store.follows.ask("ana@example.org", "en", identity("galette"), now=NOW)
    (text,) = post.goes_out(NOW)
    token = re.search(r"/en/follow/(\S+)", text)[1]
    with pytest.raises(NotFound):
        store.people.sign_in(token, "en", now=NOW)  # it signs nobody in
    someone, follow = store.follows.open_link(token, "en", now=NOW)
    with pytest.raises(NotFound):
        store.follows.open_link(token, "en", now=NOW)
    assert store.people.sessions(someone.id, now=NOW) == ()
    observes(store, [licensed("GPL-3.0"), releases("1.0")], later(hours=1))
    observes(store, [licensed("AGPL-3.0"), releases("1.1", "1.0")], later(hours=2), "3" * 40)
    (text,) = post.goes_out(later(hours=6))
    assert "\nGalette\n" in text and "\nhttps://forge.example/en/projects/galette\n" in text
    assert "- New version: 1.1" in text and "Licence changed from GPL-3.0 to AGPL-3.0" in text
    mail = box.messages[-1]
    assert mail["Subject"] == "News about Galette" and "You follow this on A catalogue." in text
    assert "If you do nothing, we write again when there is news, once a week at most." in text
    assert buttons(mail) == [("https://forge.example/en/projects/galette", "See what is new")]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = re.fullmatch(r"<https://forge\.example/off/(\w+)>", mail["List-Unsubscribe"])[1]
    assert unsubscribe_tokens.read_token(SECRET, stop) == (unsubscribe_tokens.FOLLOWS, someone.id)
    assert (
        f"https://forge.example/en/off/{unsubscribe_tokens.make_token(SECRET, unsubscribe_tokens.FOLLOW, follow.id)}"
        in text
    )
    store.follows.delete(follow.id)
    observes(store, [licensed("MIT")], later(days=20), "4" * 40)
    assert post.goes_out(later(days=30)) == []


def test_one_message_a_week_with_all_and_none_when_nothing_happened(store, post, box):
    follows(store)
    follows(store, "poll")
    post.goes_out(NOW)
    assert post.goes_out(later(days=30)) == []
    observes(store, [licensed("GPL-3.0")], later(days=30, hours=1))
    observes(store, [licensed("AGPL-3.0")], later(days=30, hours=2), "3" * 40)
    for slug in ("galette", "poll"):
        a_declared_adoption(store, project=slug, stage="in-production")
    (text,) = post.goes_out(later(days=31))
    assert "AGPL-3.0" in text and text.count("New user: Coop des Halles") == 2
    assert re.match(r"News about (Galette|Poll) and 1 more", box.messages[-1]["Subject"])
    assert buttons(box.messages[-1]) == [("https://forge.example/en/me", "See what you follow")]
    assert "\nhttps://forge.example/en/projects/galette\n" in text and text.count("To stop following this:") == 2
    observes(store, [licensed("MIT")], later(days=32), "4" * 40)
    for days in (33, 35, 37):
        assert post.goes_out(later(days=days)) == []
    (text,) = post.goes_out(later(days=38, hours=1))
    assert "from AGPL-3.0 to MIT" in text and "to AGPL-3.0" not in text
    assert "Coop des Halles" not in text and timedelta(days=7) == DIGEST_INTERVAL
    assert post.goes_out(later(days=60)) == []


def test_a_user_is_named_only_where_everybody_may_read_it(store, post):
    load(
        store,
        a_catalog(
            a_project(domains=("accounting",), adoptions=(an_adoption("found"),)),
            *(an_organization(slug, name=f"Name of {slug}") for slug in ("found", "network", "hidden", "open", "past")),
        ),
    )
    follows(store)
    post.goes_out(NOW)
    a_declared_adoption(store, organization="network", visibility="counted")
    a_declared_adoption(store, organization="hidden", visibility="counted")
    a_declared_adoption(store, organization="past", stage="stopped")
    a_declared_adoption(store, organization="open", stage="in-production")
    (text,) = post.goes_out(later(days=1))
    assert re.findall(r"Name of (\w+)", text) == ["open"]


def test_what_is_taken_back_before_the_message_goes_out_is_named_to_nobody(store, post):
    follow = follows(store)
    post.goes_out(NOW)
    a_declared_adoption(store, stage="in-production")
    telling = post._telling(later(days=1))
    for job in store.jobs.lease("test", now=later(days=1), lease=LEASE, kinds=[DIGEST]):
        telling.digests(job)
    with rewriting(store.engine) as connection:
        connection.execute(update(adoption).values(stands=False))
    assert post.goes_out(later(days=1)) == []
    store.takedowns.block("galette", "Requested by the maintainers.", now=later(days=2))
    assert post.goes_out(later(days=30)) == []
    assert store.follows.get(follow.id).name == "" and store.follows.get(follow.id).path == ""


def test_an_open_call_is_told_once_and_a_joined_ended_or_blocked_one_never(store, post):
    load(
        store,
        a_catalog(
            a_project(domains=("accounting",)),
            a_project("poll", domains=("accounting",)),
            an_organization(name="Coop des Halles"),
        ),
    )
    follows(store)
    follows(store, "poll")
    post.goes_out(NOW)
    texts = ("Translate it into Arabic.", "Translate it into Arabic, too.", "Look at its colours.", "Read it aloud.")
    first, twin, over, _ = (
        a_call(store, "dora@example.org", project=key, call=kind, text=text, now=later(hours=1))
        for kind, text, key in zip(
            ("translate", "translate", "accessibility", "test"), texts, [identity("galette")] * 3 + [identity("poll")],
            strict=True,
        )
    )  # fmt: skip
    with rewriting(store.engine) as connection:
        connection.execute(update(call).where(call.c.reference == twin.reference).values(state="withdrawn"))
        connection.execute(update(call).where(call.c.reference == over.reference).values(state="ended"))
    store.takedowns.block("poll", "Requested by the maintainers.", now=later(hours=2))
    told = [text for text in post.goes_out(later(days=1)) if "New need:" in text]
    assert len(told) == 1
    assert sum(text.count("New need: Translate it into Arabic.\n") for text in told) == 1
    assert sum(text.count(f"https://forge.example/en/calls/{first.reference}\n") for text in told) == 1
    assert not any(word in text for text in told for word in ("too.", "colours", "aloud"))
    assert not [text for text in post.goes_out(later(days=20)) if "New need:" in text]


def test_a_server_that_is_down_loses_no_news(store, post, box):
    follows(store)
    post.goes_out(NOW)
    a_declared_adoption(store, stage="in-production")
    box.answer = "451 come back later"
    assert post.goes_out(later(days=1)) == []
    box.answer = ""
    (text,) = post.goes_out(later(days=1, hours=1))
    assert "Coop des Halles" in text
    assert post.goes_out(later(days=20)) == []


def test_two_workers_write_one_message(store, post):
    follow = follows(store)
    post.goes_out(NOW)
    a_declared_adoption(store, stage="in-production")
    assert store.follows.enqueue_digest(follow.person_id, [follow.id], now=later(days=1))
    assert not store.follows.enqueue_digest(follow.person_id, [follow.id], now=later(days=1, minutes=1))
    assert len(post.goes_out(later(days=1, hours=1))) == 1


def test_the_job_comes_back_and_asks_for_many_persons(store, post, monkeypatch):
    monkeypatch.setattr("forge.jobs.notifications.PERSONS", 2)
    for number in range(5):
        follows(store, email=f"p{number}@example.org")
    post.goes_out(NOW)
    a_declared_adoption(store, stage="in-production")
    assert len(post.goes_out(later(days=1))) == 5
    (job,) = store.jobs.lease("test", now=later(days=1) + DIGEST_CHECK_INTERVAL, lease=LEASE, kinds=[DIGEST])
    assert store.jobs.lease("test", now=later(days=9), lease=LEASE * 99999, kinds=[DIGEST])[0].key == job.key


def test_following_twice_is_once_and_there_is_an_end(store, post):
    first, again = follows(store), follows(store)
    assert first.id == again.id
    for _ in range(MOST - 1):
        store.follows.begin(first.person_id, uuid4(), now=NOW)
    with pytest.raises(AlreadyExists):
        store.follows.begin(first.person_id, uuid4(), now=NOW)


def test_an_account_that_goes_takes_its_follows(store, post):
    begun_follow = follows(store)
    follows(store, email="bo@example.org")
    store.account_erasure.delete(begun_follow.person_id, now=NOW)
    with reading(store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(follow)).scalar_one() == 1


def test_a_name_of_many_lines_makes_no_line_of_its_own(store, post):
    with rewriting(store.engine) as connection:
        connection.execute(update(project).values(name="Evil\u202e\nhttps://evil.example <b>"))
    follows(store)
    post.goes_out(NOW)
    a_declared_adoption(store, stage="in-production")
    (text,) = post.goes_out(later(days=1))
    assert "\u202e" not in text and "\nhttps://evil.example" not in text


@given(st.text(max_size=90))
def test_only_our_own_tokens_stop_anything(text):
    assert unsubscribe_tokens.read_token(SECRET, text) is None


def test_a_token_stops_what_it_names_and_nothing_else():
    key = uuid4()
    mine = unsubscribe_tokens.make_token(SECRET, unsubscribe_tokens.FOLLOW, key)
    assert unsubscribe_tokens.read_token(SECRET, mine) == (unsubscribe_tokens.FOLLOW, key)
    for other in (mine[:-1], mine + "0", "p" + mine[1:], mine.upper(), mine[:-1] + ("0" if mine[-1] != "0" else "1")):
        assert unsubscribe_tokens.read_token(SECRET, other) is None
    assert unsubscribe_tokens.read_token(b"t" * 32, mine) is None
