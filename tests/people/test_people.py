"""Persons, links and sessions in the store: what signs in once, for how long, and what a deletion leaves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from support.factories.core import NOW, later

from catalog import moderation
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.person import MAX_EMAIL, normalized_address
from catalog.store.core.engine import reading
from catalog.store.people.accounts import MOST_SESSIONS, SESSION_LIFETIME
from catalog.tables.people import message, message_link, person, rate_limit_count, session


def token_of(store, email="ana@example.org", now=NOW):
    """What the last message to this address holds."""
    with reading(store.engine) as connection:
        rows = connection.execute(select(message.c.argument).where(message.c.email == email)).scalars().all()
    return rows[-1]["token"]


def signed_in(store, email="ana@example.org", now=NOW):
    store.people.send_sign_in(email, "fr", {"next": "/fr/me"}, now=now)
    return store.people.sign_in(token_of(store, email), "fr", now=now)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana.Silva@Exemplo.PT ", "ana.silva@exemplo.pt"),
        ("tresor+forge@coopé.example", "tresor+forge@xn--coop-epa.example"),
        ("a@b.example.", "a@b.example"),
        ("a@Cafe\u0301.example", "a@xn--caf-dma.example"),  # an accent typed apart, as some keyboards do
        ("A@\u00c9CONOMIE.fr", "a@xn--conomie-9xa.fr"),
        ("a@\u03a3.example", "a@xn--4xa.example"),
        ("a@xn--strae-oqa.org", "a@xn--strae-oqa.org"),
        ("a@ex\u0131t.org", "a@xn--ext-kua.org"),  # dotless i: a letter of its own
    ],
)
def test_an_address_is_kept_in_one_form(typed, kept):
    assert normalized_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "ana", "ana@", "@example.org", "ana@example", "ana@127.0.0.1", "ana@[127.0.0.1]", "a b@example.org",
        "ana@@example.org", "ana@exam ple.org", "ana\n@example.org", "ana@-x.org", f"{'a' * 65}@example.org",
        f"a@{'b' * 64}.org", "ana@example.org\nBcc: all@example.org", '"ana"@example.org', "a..b@example.org",
        "eva%evil.example@example.org", "evil.example!eva@example.org", "=?utf-8?q?eva=40evil.example=2c?=@example.org",
        "a@ex\u200dample.org", "a@ex\u00adample.org", "a@ex\u2060ample.org", "a@stra\u00dfe.org", "a@STRA\u1e9eE.org",
        "a@\u03c3\u03c2.example", "a@\uff45xample.org", "a@example\u3002org", "a@\u212aasse.org", "a@\u212a\u00e9.org",
        "a@ka\u017fse.org", "a@\u24d0.org", "a@\u2603.org", "a\uff20example.org", "a@b\uff20example.org",
        "\uff41@example.org",
        "\u212a@example.org", "\u0131@example.org", "a\u200b@example.org", "a@\u202eexample.org", "a@example.org..",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    assert normalized_address(typed) is None


@given(st.text(max_size=400))
def test_an_address_that_is_kept_is_short_plain_and_the_same_again(text):
    kept = normalized_address(text)
    assert kept is None or (kept.isascii() and len(kept) <= MAX_EMAIL and kept == normalized_address(kept))


def test_neither_link_nor_cookie_is_kept_as_it_is(store):
    _, cookie, _ = signed_in(store)
    with reading(store.engine) as connection:
        links = connection.execute(select(message_link.c.id)).scalars().all()
        sessions = connection.execute(select(session.c.id)).scalars().all()
    assert token_of(store) not in links and cookie not in sessions
    assert {len(secret) for secret in links + sessions} == {64}


def test_a_session_ends_after_a_month_without_use_and_lives_on_with_use(store):
    _, cookie, _ = signed_in(store)
    used = NOW + SESSION_LIFETIME - timedelta(days=1)
    assert store.people.of_session(cookie, now=used)
    assert store.people.of_session(cookie, now=used + timedelta(days=10))
    assert store.people.of_session(cookie, now=used + timedelta(days=10) + SESSION_LIFETIME) is None


def test_one_session_or_all_can_be_ended_and_only_ones_own(store):
    ana, session, _ = signed_in(store)
    _, two, _ = signed_in(store)
    bruno, other, _ = signed_in(store, "bruno@example.org")
    key = store.people.of_session(session, now=NOW)[1].id
    store.people.end_session(bruno.id, key)
    assert store.people.of_session(session, now=NOW)
    store.people.end_session(ana.id, key)
    assert store.people.of_session(session, now=NOW) is None and store.people.of_session(two, now=NOW)
    store.people.end_session(ana.id)
    assert store.people.of_session(two, now=NOW) is None and store.people.of_session(other, now=NOW)


def test_a_person_has_a_bounded_number_of_sessions(store):
    cookies = [signed_in(store, now=later(minutes=number))[1] for number in range(MOST_SESSIONS + 2)]
    alive = [store.people.of_session(cookie, now=later(hours=1)) is not None for cookie in cookies]
    assert sum(alive) == MOST_SESSIONS and not any(alive[:2])


def test_an_invitation_gives_its_role(store):
    token = store.people.invite("bruno@example.org", "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=later(days=6))
    assert someone.role == "moderator" and store.people.roles() == {"moderator": 1}


def test_deleting_takes_the_address_and_every_door(store):
    ana, cookie, _ = signed_in(store)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW)
    waiting = token_of(store)
    store.account_erasure.delete(ana.id, now=NOW)
    assert store.people.of_session(cookie, now=NOW) is None
    with pytest.raises(NotFound):
        store.people.link(waiting, now=NOW)
    with reading(store.engine) as connection:
        for table in (person, session, message_link, message):
            assert connection.execute(select(table)).all() == []


def test_the_last_administrator_stays(store):
    token = store.people.invite("ana@example.org", "administrator", "fr", now=NOW)
    ana, _, _ = store.people.sign_in(token, "fr", now=NOW)
    with pytest.raises(Invalid):
        store.account_erasure.delete(ana.id, now=NOW)
    store.people.sign_in(store.people.invite("bo@example.org", "administrator", "fr", now=NOW), "fr", now=NOW)
    store.account_erasure.delete(ana.id, now=NOW)
    assert store.people.roles() == {"administrator": 1}


def test_no_invitation_leaves_the_catalogue_without_an_administrator(store):
    early = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    store.people.sign_in(store.people.invite("ana@example.org", "administrator", "fr", now=NOW), "fr", now=NOW)
    with pytest.raises(Invalid, match="Nobody else is an administrator"):
        store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(early, "fr", now=NOW)
    assert someone.role == "administrator" and store.people.roles() == {"administrator": 1}


def test_a_role_is_taken_away_with_a_line_of_the_log_that_names_nobody(store):
    for email, role in (("ana@example.org", "administrator"), ("bo@example.org", "moderator")):
        _, cookie, _ = store.people.sign_in(store.people.invite(email, role, "fr", now=NOW), "fr", now=NOW)
    waiting = store.people.invite("bo@example.org", "administrator", "fr", now=NOW)
    moderator, _ = store.people.of_session(cookie, now=NOW)
    with pytest.raises(NotAllowed):
        moderation.end_role(store, "ana@example.org", "In my way.", person=moderator, now=NOW)
    assert moderation.end_role(store, "bo@example.org", "Left at the end of the year.", now=NOW) == ("moderator", 1)
    someone, _ = store.people.of_session(cookie, now=NOW)
    assert someone.role is None and store.people.roles() == {"administrator": 1}
    with pytest.raises(NotFound):
        store.people.sign_in(waiting, "fr", now=NOW)
    (line,) = store.decisions.lines()
    assert (line.kind, line.role, line.words) == ("role-end", "operator", "Left at the end of the year.")
    assert str(someone.id) not in repr(line) and "bo@" not in repr(line) and store.decisions.faults() == ()
    with pytest.raises(NotFound):
        moderation.end_role(store, "bo@example.org", "Again.", now=NOW)
    with pytest.raises(Invalid, match="Nobody else is an administrator"):
        moderation.end_role(store, "ana@example.org", "Me too.", now=NOW)
    with pytest.raises(Invalid):
        moderation.end_role(store, "ana@example.org", "", now=NOW)
    assert len(store.decisions.lines()) == 1


def test_what_opens_no_door_any_more_is_forgotten(store):
    signed_in(store)
    store.people.send_sign_in("bo@example.org", "fr", {}, now=NOW)
    assert store.people.forget(later(minutes=10)) == 0
    assert store.people.forget(later(days=60)) == 3


def test_attempts_are_counted_in_windows_that_hold_across_processes(store):
    def take(minutes=0.0, subject="a"):
        now = later(minutes=minutes)
        return store.rate_limits.allow("sign-in", subject, most=2, per=timedelta(hours=1), now=now)

    assert [take(), take(), take(), take(subject="b")] == [True, True, False, True]
    assert take(minutes=60)
    assert store.rate_limits.forget(later(days=1)) == 3
    with reading(store.engine) as connection:
        assert connection.execute(select(rate_limit_count)).all() == []
