"""What is kept how long, by the clock on both databases: no day too early, none too late, over leap days and New Year;
the legal pages take their periods from the same table."""

import os
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from support.factories.core import NOW, identity
from support.factories.submissions import begin_draft
from support.paths import ROOT
from support.waiting_rows import jobs_by_kind, next_job_at

from catalog.rules.submission import CORRECT, PUBLISHED, REFUSED, WITHDRAWN
from catalog.store.core.engine import reading, writing
from catalog.store.people.accounts import LINK_LIFETIME, SESSION_LIFETIME
from catalog.store.people.mail_queue import MESSAGES_KEPT
from catalog.store.submissions import submission_rows
from catalog.store.submissions.submission_rows import ENDED_KEPT
from catalog.tables.people import message, message_link, rate_limit_count, session
from catalog.tables.submissions import remark, submission
from forge.jobs.recurring import DAILY
from forge.jobs.retention import ATTEMPTS_KEPT, PERIODS, RETENTION, Retention

PAGES = ROOT / "forge" / "i18n" / "pages"
SECOND = timedelta(seconds=1)
# A leap day within the period, the turn of a year, the day after a leap day that there is not, and any day.
STARTS = [datetime(2028, 2, 15, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
          datetime(2027, 2, 28, tzinfo=UTC), NOW]  # fmt: skip


def rows(store):
    with reading(store.engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (
                rate_limit_count,
                message,
                select(message_link).where(message_link.c.email != "").subquery(),
                session,
            )
        ]


def forget(store, now):
    retention = Retention(store, lambda: now)
    retention.plan()
    for job in store.jobs.lease("test", now=now, lease=timedelta(minutes=1), kinds=[RETENTION]):
        retention.run(job)
    return rows(store)


def one(store, key):
    with reading(store.engine) as connection:
        return connection.execute(select(submission).where(submission.c.id == key)).first()


def a_draft(store, now):
    _, begun = begin_draft(
        store, CORRECT, "fr", project_id=identity("galette"), email="ana@example.org", network="a" * 64, now=now
    )
    return begun.id


def test_each_thing_goes_when_its_time_is_over_and_not_before(store):
    store.rate_limits.allow("sign-in", "a", most=1, per=timedelta(hours=1), now=NOW)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW)
    token = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    store.people.sign_in(token, "fr", now=NOW)
    assert forget(store, NOW + LINK_LIFETIME - timedelta(seconds=1)) == [1, 2, 2, 1]
    assert forget(store, NOW + timedelta(days=2)) == [1, 2, 0, 1]
    assert forget(store, NOW + ATTEMPTS_KEPT - timedelta(hours=1)) == [1, 2, 0, 1]
    assert forget(store, NOW + ATTEMPTS_KEPT + DAILY) == [0, 2, 0, 1]
    assert forget(store, NOW + MESSAGES_KEPT + SESSION_LIFETIME + DAILY) == [0, 0, 0, 0]


@pytest.mark.parametrize("start", STARTS, ids=lambda day: day.date().isoformat())
def test_a_network_goes_after_14_days_and_a_draft_after_30(store, start):
    key = a_draft(store, start)
    store.submissions.forget(start + timedelta(days=14) - SECOND)
    assert one(store, key).network == "a" * 64
    store.submissions.forget(start + timedelta(days=14) + SECOND)
    assert one(store, key).network is None
    store.submissions.forget(start + timedelta(days=30) - SECOND)
    assert one(store, key) is not None
    store.submissions.forget(start + timedelta(days=30) + SECOND)
    assert one(store, key) is None


@pytest.mark.parametrize("start", STARTS, ids=lambda day: day.date().isoformat())
@pytest.mark.parametrize("state", [PUBLISHED, REFUSED, WITHDRAWN])
def test_of_what_ended_the_address_and_what_was_said_go_after_90_days(store, start, state):
    key = a_draft(store, start - timedelta(days=1))
    ana, _, _ = store.people.sign_in(
        store.people.invite("ana@example.org", "moderator", "fr", now=start), "fr", now=start
    )
    with writing(store.engine) as connection:
        submission_rows.add_remark(connection, key, "moderator", "A question about Ana?", now=start)
        submission_rows.change(connection, key, state=state, changed_at=start, expires_at=None, person_id=ana.id)
    store.submissions.forget(start + ENDED_KEPT - SECOND)
    kept = one(store, key)
    assert (kept.email, kept.person_id) == ("ana@example.org", ana.id)
    store.submissions.forget(start + ENDED_KEPT + SECOND)
    kept = one(store, key)
    assert kept is None if state == WITHDRAWN else kept.email is None
    assert kept is None or (kept.person_id == ana.id) is (state == PUBLISHED)
    with reading(store.engine) as connection:
        assert connection.execute(select(remark)).all() == []


@pytest.mark.parametrize("start", STARTS, ids=lambda day: day.date().isoformat())
def test_attempts_and_messages_keep_their_days_over_any_date(store, start):
    store.rate_limits.allow("sign-in", "a", most=1, per=timedelta(hours=1), now=start)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=start)
    for after, left in (
        (ATTEMPTS_KEPT - timedelta(hours=1), [1, 1]),
        (ATTEMPTS_KEPT + SECOND, [0, 1]),
        (MESSAGES_KEPT - SECOND, [0, 1]),
        (MESSAGES_KEPT + SECOND, [0, 0]),
    ):
        for row in PERIODS:
            row.forget(store, start + after)
        assert rows(store)[:2] == left


def test_what_is_open_is_never_forgotten(store):
    key = a_draft(store, NOW)
    with writing(store.engine) as connection:
        connection.execute(update(submission).values(state="waiting", expires_at=None))
    store.submissions.forget(NOW + timedelta(days=4000))
    assert one(store, key).email == "ana@example.org"


def test_the_job_waits_once_comes_back_every_day_and_notes_that_it_was(store):
    assert store.forgotten_at() is None
    for _ in range(3):
        Retention(store, lambda: NOW).plan()
    assert jobs_by_kind(store) == {RETENTION: 1}
    forget(store, NOW)
    assert next_job_at(store) == NOW + DAILY and store.forgotten_at() == NOW


@pytest.mark.parametrize("language", ["en", "fr", "es", "pt", "ar"])
def test_the_legal_page_names_each_row_of_the_table_once_and_no_other(language):
    text = (PAGES / language / "legal.md").read_text(encoding="utf-8")
    named = re.findall(r"\{\{ ([a-z-]+) \}\}", text)
    assert sorted(named) == sorted(retention_period.name for retention_period in PERIODS)


def test_messages_that_lie_as_files_go_after_30_days_and_not_before(store, tmp_path):
    folder = tmp_path / "outbox"
    folder.mkdir()
    for name, age in (
        ("old.eml", MESSAGES_KEPT + SECOND),
        ("half.new", MESSAGES_KEPT + SECOND),
        ("young.eml", MESSAGES_KEPT - SECOND),
    ):
        (folder / name).write_bytes(b"To: ana@example.org\n\nHello\n")
        at = (NOW - age).timestamp()
        os.utime(folder / name, (at, at))
    (folder / "notes.txt").write_text("somebody's own")
    os.utime(folder / "notes.txt", (0, 0))
    retention = Retention(store, lambda: NOW, outbox=folder)
    retention.plan()
    for job in store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1), kinds=[RETENTION]):
        retention.run(job)
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "young.eml"]


def test_what_a_kill_left_of_looks_goes_and_what_is_looked_at_stays(store, tmp_path):
    _, submission = begin_draft(store, "register", "fr", answers={"address": "x"}, now=NOW)
    store.repository_previews.want(submission.id, "https://example.org/x", "n", now=NOW)
    for name in (str(submission.id), "left-behind"):
        (tmp_path / "drafts" / name / "objects").mkdir(parents=True)
    retention = Retention(store, lambda: NOW, tmp_path / "drafts")
    retention.plan()
    for job in store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1), kinds=[RETENTION]):
        retention.run(job)
    assert [draft.name for draft in (tmp_path / "drafts").iterdir()] == [str(submission.id)]
