"""How often: each form has its limit, which holds across processes and restarts, keeps what was typed, locks nobody out
of their own address, and believes no forwarded header of whom FORGE_PROXIES does not name."""

import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.client import Client
from support.factories.core import NOW, later
from support.factories.submissions import begin_draft
from support.visitors import BROWSER
from support.world import a_client, a_site, fill

from catalog.errors import NotFound
from catalog.store.core.engine import reading
from catalog.store.people.accounts import LINK_LIFETIME, MAILBOX_AN_HOUR, PAUSES, UNPROVEN_AN_HOUR
from catalog.store.store import Store
from catalog.tables.people import message, message_link, rate_limit_count
from forge.config.checkup_report import GOOD, SOON
from forge.config.checkup_report import NOW as AT_ONCE
from forge.config.settings import Settings, from_environment
from forge.jobs.retention import OVERDUE_AFTER
from forge.routes import FORMS
from forge.server.checks.catalogue import check_retention
from forge.server.checks.context import DoctorContext
from forge.server.checks.environment import check_proxy
from forge.web.core import rate_limits

HOSTILE = '"><script>alert(1)</script>' + "x" * 60


@pytest.fixture
def app(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as site:
        a_client(site)  # leaves out what would be kept
        yield site


def at(app, host="testclient"):
    return Client(app, follow_redirects=False, client=(host, 50_000))


def links(store, email="ana@example.org"):
    with reading(store.engine) as connection:
        asked = select(message.c.argument).where(message.c.email == email).order_by(message.c.created_at)
        return [record["token"] for record in connection.execute(asked).scalars()]


@pytest.mark.parametrize("name", sorted({name for _, _, name in FORMS}))
def test_each_form_has_a_limit_of_its_own(name):
    limit = rate_limits.LIMITS[name]
    assert limit.action == name and limit.most > 0 and len(name) <= 32


def test_beyond_a_limit_what_was_typed_is_kept_in_the_readers_language(app, sqlite_store, monkeypatch):
    few = replace(rate_limits.LIMITS["sign-in-send"], most=2)
    monkeypatch.setattr(rate_limits, "LIMITS", dict(rate_limits.LIMITS) | {"sign-in-send": few})
    client, typed = at(app), {"email": "ana@example.org", "next": "/fr/me", "words": HOSTILE}
    answers = [client.post("/fr/sign-in", data=typed, headers=BROWSER) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    last = answers[-1]
    assert last.headers["retry-after"] == "3600" and last.headers["cache-control"] == "private, no-store"
    assert '<html lang="fr"' in last.text and 'action="/fr/sign-in"' in last.text
    assert 'name="email" value="ana@example.org"' in last.text and "<script>" not in last.text
    assert "&lt;script&gt;" in re.search(r'<textarea[^>]*name="words"[^>]*>(.*?)</textarea>', last.text, re.S)[1]


def test_a_limit_holds_across_processes_and_after_a_restart(store):
    second = Store(str(store.engine.url.render_as_string(hide_password=False)))
    try:
        wanted = {"most": 3, "per": timedelta(hours=1), "now": NOW}
        took = [process.rate_limits.allow("x", "a" * 64, **wanted) for process in (store, second, store, second)]
    finally:
        second.close()
    assert took == [True, True, True, False]


def test_who_signed_in_counts_for_themselves_and_not_for_their_network(app, sqlite_store, monkeypatch):
    few = replace(rate_limits.LIMITS["account-change"], most=2)
    monkeypatch.setattr(rate_limits, "LIMITS", dict(rate_limits.LIMITS) | {"account-change": few})
    clients = []
    for email in ("ana@example.org", "bo@example.org"):
        client = at(app)
        client.post("/fr/sign-in", data={"email": email}, headers=BROWSER)
        client.post(f"/fr/sign-in/{links(sqlite_store, email)[-1]}", data={"go": ""}, headers=BROWSER)
        clients.append(client)
    ana, bo = clients
    assert [ana.post("/fr/me", data={"language": "fr"}, headers=BROWSER).status_code for _ in range(3)] == [
        303, 303, 429,
    ]  # fmt: skip
    assert bo.post("/fr/me", data={"language": "fr"}, headers=BROWSER).status_code == 303


def test_nobody_keeps_somebody_else_from_signing_in(store):
    """Somebody asks for another's address all day: there is always a link that works, and few messages."""
    sent = 0
    for minute in range(24 * 60):
        now = NOW + timedelta(minutes=minute)
        store.people.send_sign_in("ana@example.org", "fr", {}, now=now)
        if minute % 60 == 0:
            with reading(store.engine) as connection:
                newest = connection.execute(
                    select(message_link.c.expires_at).order_by(message_link.c.created_at.desc())
                ).scalar()
            assert newest > now + timedelta(minutes=9)
        sent = len(links(store))
    assert 24 <= sent <= 24 * 4
    someone, _, _ = store.people.sign_in(links(store)[-1], "fr", now=now)
    assert someone.email == "ana@example.org"
    store.people.send_sign_in("ana@example.org", "fr", {}, now=now)
    assert len(links(store)) <= sent + 1


def test_what_is_made_up_behind_a_plus_does_not_fill_somebodys_mailbox(store):
    token = store.people.invite("ana+f@example.org", "moderator", "fr", now=NOW)  # the first of the hour
    known = store.people.sign_in(token, "fr", now=NOW)[0].email
    made_up = [f"ana+{number}@example.org" for number in range(MAILBOX_AN_HOUR + 5)]
    for email in made_up:
        store.people.send_sign_in(email, "fr", {}, now=later(minutes=5))
    assert sum(len(links(store, email)) for email in made_up) == MAILBOX_AN_HOUR - 1
    others = ("ana@example.org", "anna+1@example.org", "ana+1@other.example.org")
    for email in (known, *others):
        store.people.send_sign_in(email, "fr", {}, now=later(minutes=5))
    assert [len(links(store, email)) for email in (known, *others)] == [2, 1, 1, 1]
    store.people.send_sign_in(made_up[-1], "fr", {}, now=later(minutes=70))
    assert len(links(store, made_up[-1])) == 1


def test_earlier_links_stay_good_while_another_is_sent(store):
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=later(seconds=30))
    assert len(links(store)) == 1
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW + PAUSES[0])
    assert len(links(store)) == 2 and max(PAUSES) < LINK_LIFETIME
    first, _ = links(store)
    assert store.people.sign_in(first, "fr", now=later(minutes=20))[0].email == "ana@example.org"
    with pytest.raises(NotFound):
        store.people.sign_in(first, "fr", now=later(minutes=20))


def test_the_answer_is_the_same_whether_a_message_went_out_or_not(app, sqlite_store):
    answers = [at(app).post("/fr/sign-in", data={"email": "ana@example.org"}, headers=BROWSER) for _ in range(3)]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len(links(sqlite_store)) == 1


def test_an_address_that_nobody_proved_gets_few_messages_of_forms(store):
    from catalog import submissions
    from catalog.rules.submission import CORRECT, SENT

    from support.factories.core import a_catalog, a_project, identity, load  # isort: skip

    load(store, a_catalog(a_project()))
    for _ in range(UNPROVEN_AN_HOUR + 5):
        answers = {"field": "homepage", "value": "https://example.org/new"}
        _, submission = begin_draft(store, CORRECT, "fr", project_id=identity("galette"), answers=answers, now=NOW)
        assert submissions.send(store, submission.id, email="ana@example.org", now=NOW)[0].state == SENT
    assert len(links(store)) == UNPROVEN_AN_HOUR
    submissions.send(store, submission.id, email="ana@example.org", again=True, now=later(hours=2))
    assert len(links(store)) == UNPROVEN_AN_HOUR + 1


@pytest.mark.parametrize(
    ("host", "headers", "noted"),
    [
        ("127.0.0.1", {"x-forwarded-for": "9.9.9.9"}, True),
        ("10.1.2.3", {"forwarded": "for=9.9.9.9"}, True),
        ("192.168.1.7", {"x-real-ip": "9.9.9.9"}, True),
        ("127.0.0.1", {}, False),
        ("9.9.9.9", {"x-forwarded-for": "10.0.0.1"}, False),
    ],
)
def test_a_forwarded_header_of_a_proxy_that_nobody_named_is_told_and_raises_no_limit(
    app, sqlite_store, monkeypatch, caplog, host, headers, noted
):
    monkeypatch.setattr(
        rate_limits, "LIMITS", {"sign-in-send": rate_limits.AttemptLimit("sign-in-send", 1, rate_limits.HOUR)}
    )
    client, form = at(app, host), {"email": "ana@example.org"}
    with caplog.at_level(logging.WARNING, "forge.limits"):
        answers = [client.post("/fr/sign-in", data=form, headers=BROWSER | headers).status_code for _ in range(3)]
        asked = [client.get("/api/v1/projects", headers=headers).headers["ratelimit-policy"] for _ in range(2)]
    assert answers == [200, 429, 429]
    assert set(asked) == {client.get("/api/v1/projects").headers["ratelimit-policy"]}
    assert len([message for message in caplog.messages if "FORGE_PROXIES" in message]) == noted
    found = list(check_proxy(DoctorContext(Settings(), sqlite_store, NOW)))
    assert [severity for severity, _ in found] == [SOON] * noted
    assert all(f"FORGE_PROXIES={host}" in sentence for _, sentence in found)
    named = from_environment({"FORGE_PROXIES": "127.0.0.1"})
    assert (
        list(check_proxy(DoctorContext(named, sqlite_store, NOW)))
        == []
        == list(check_proxy(DoctorContext(Settings(), sqlite_store, later(days=8))))
    )


def test_a_named_proxy_is_believed_and_raises_nothing(app, monkeypatch):
    monkeypatch.setattr(
        rate_limits, "LIMITS", {"sign-in-send": rate_limits.AttemptLimit("sign-in-send", 1, rate_limits.HOUR)}
    )
    app.state.proxies = from_environment({"FORGE_PROXIES": "127.0.0.1"}).proxies
    client, headers = at(app, "127.0.0.1"), BROWSER | {"x-forwarded-for": "9.9.9.9"}
    answers = [client.post("/fr/sign-in", data={"email": "a@example.org"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_what_is_counted_tells_no_address_and_no_network(app, sqlite_store):
    at(app, "10.1.2.3").post("/fr/sign-in", data={"email": "ana@example.org"}, headers=BROWSER)
    with reading(sqlite_store.engine) as connection:
        rows = connection.execute(select(rate_limit_count)).all()
    assert rows and all(re.fullmatch("[0-9a-f]{64}", row.subject) for row in rows)


def test_doctor_says_when_nothing_was_deleted_for_two_days(store):
    assert next(iter(check_retention(DoctorContext(Settings(), store, NOW))))[0] == GOOD
    store.note_forgotten(now=NOW)
    assert next(iter(check_retention(DoctorContext(Settings(), store, NOW + OVERDUE_AFTER))))[0] == GOOD
    severity, sentence = next(
        iter(check_retention(DoctorContext(Settings(), store, NOW + OVERDUE_AFTER + timedelta(hours=1))))
    )
    assert severity == AT_ONCE and "2 days" in sentence
