"""What is kept how long, by the clock: digests of networks, messages, links, sessions; the legal page says so."""

from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW
from sqlalchemy import func, select

from catalog.schema_people import attempt, link, message, session
from catalog.store.database import reading
from catalog.store.messages import KEPT
from catalog.store.people import LINK_LIFETIME, SESSION_LIFETIME
from forge.retention import ATTEMPTS_KEPT, EVERY, FORGET, Retention

PAGES = Path(__file__).parents[1] / "forge" / "pages"


def rows(store):
    with reading(store.engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (attempt, message, link, session)
        ]


def forget(store, now):
    retention = Retention(store, lambda: now)
    retention.plan()
    for job in store.jobs.take("test", now=now, lease=timedelta(minutes=1), kinds=[FORGET]):
        retention.take(job)
    return rows(store)


def test_each_thing_goes_when_its_time_is_over_and_not_before(store):
    store.limits.take("sign-in", "a", most=1, per=timedelta(hours=1), now=NOW)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW)
    token = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    store.people.sign_in(token, "fr", now=NOW)
    assert forget(store, NOW + LINK_LIFETIME - timedelta(seconds=1)) == [1, 2, 2, 1]
    assert forget(store, NOW + timedelta(days=2)) == [1, 2, 0, 1]
    assert forget(store, NOW + ATTEMPTS_KEPT - timedelta(hours=1)) == [1, 2, 0, 1]
    assert forget(store, NOW + ATTEMPTS_KEPT + EVERY) == [0, 2, 0, 1]
    assert forget(store, NOW + KEPT + SESSION_LIFETIME + EVERY) == [0, 0, 0, 0]


def test_the_errand_waits_once_and_comes_back_every_day(store):
    for _ in range(3):
        Retention(store, lambda: NOW).plan()
    assert store.jobs.waiting() == {FORGET: 1}
    forget(store, NOW)
    assert store.jobs.next_at() == NOW + EVERY


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_legal_page_says_how_long(language):
    text = (PAGES / language / "legal.md").read_text(encoding="utf-8")
    for kept in (ATTEMPTS_KEPT, KEPT, SESSION_LIFETIME):
        assert f"{kept.days} " in text or f"{kept.days}\xa0" in text
    assert f"{int(LINK_LIFETIME.total_seconds()) // 60} minutes" in text
