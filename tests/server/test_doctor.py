"""`forge doctor` finds what is wrong around a catalogue, says what to do and how soon; administrators read the same."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
import yaml
from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_document, a_manifest, a_project, later, load
from support.factories.received import a_catalogue
from support.factories.registration import a_draft, opened
from support.hosts.mail import Mailbox
from support.paths import ROOT
from support.serving import served
from support.visitors import signed_in
from support.waiting_rows import next_job_at
from support.world import a_client, a_site, fill

from catalog import submissions
from catalog.store.core import damage
from catalog.store.core.engine import writing
from catalog.store.people.mail_queue import MAIL, enqueue_message
from catalog.store.store import Store
from catalog.tables.core import job, meta, mirror
from catalog.tables.federation import peer
from catalog.tables.moderation import case
from forge.backup.withdrawal_journal_file import FILE as JOURNAL
from forge.backup.withdrawal_journal_file import WithdrawalJournal
from forge.config.checkup_report import GOOD, SOON, CheckFinding, Result, last_report, write_report
from forge.config.checkup_report import NOW as AT_ONCE
from forge.config.last_backup import note_backup
from forge.config.settings import Settings
from forge.exchange.publish import write
from forge.server.checks.catalogue import check_cases, check_database, check_index
from forge.server.checks.context import DoctorContext
from forge.server.checks.environment import (
    check_backup,
    check_clock,
    check_mail,
    check_moderators,
    check_public_address,
    check_queue,
    check_withdrawals,
)
from forge.server.checks.mirrors_and_peers import check_origins, check_peers
from forge.server.checks.publishing import check_publishing
from forge.server.checkup import CHECKUP, Checkup
from forge.server.doctor import DATABASE, examine
from forge.server.index_follower import IndexFollower

ALERTS = ROOT / "deploy/prometheus/alerts.yml"


@pytest.fixture
def context(store: Store, tmp_path: Path) -> DoctorContext:
    (tmp_path / "data").mkdir()
    return DoctorContext(Settings(data=tmp_path / "data"), store, later(hours=1))


def found(check: Callable[[DoctorContext], Iterable[Result]], context: DoctorContext) -> CheckFinding:
    (result,) = check(context)
    return CheckFinding("subject", *result)


def a_message(store: Store) -> None:
    with writing(store.engine) as connection:
        enqueue_message(connection, "sign-in", "ana@example.org", "en", {}, now=NOW)
        failed = update(job).where(job.c.kind == MAIL).values(error="451 try later", tries=3)
        connection.execute(failed)


def test_a_clock_behind_what_was_written_is_told(context: DoctorContext) -> None:
    assert found(check_clock, context).severity == GOOD
    load(context.store, a_document(), now=later(hours=3))
    finding = found(check_clock, context)
    assert finding.severity == AT_ONCE and "timedatectl" in finding.sentence
    assert found(check_clock, replace(context, now=later(hours=3))).severity == GOOD


def test_mail_that_goes_out_is_good_and_each_way_in_which_it_does_not_is_told(
    context: DoctorContext, box: Mailbox
) -> None:
    without = found(check_mail, context)
    assert without.severity == SOON and "outbox" in without.sentence and "FORGE_MAIL" in without.sentence
    able = replace(context, settings=replace(context.settings, mail=f"{box.url}?from=catalog@example.org"))
    assert found(check_mail, able).severity == GOOD and box.messages == []
    nobody = replace(able, settings=replace(able.settings, mail="smtp://127.0.0.1:1"))
    assert found(check_mail, nobody).severity == AT_ONCE
    assert found(check_mail, replace(nobody, contact=False)).severity == GOOD
    a_message(context.store)
    waits = [severity for severity, _ in check_mail(able)]
    assert waits == [SOON, GOOD]
    (severity, sentence), *_ = check_mail(replace(able, now=later(days=1)))
    assert severity == AT_ONCE and "451 try later" in sentence


def test_the_public_address_is_opened(context: DoctorContext, tmp_path: Path) -> None:
    assert "only this machine" in found(check_public_address, context).sentence
    fill(context.store)
    with a_site(context.store, tmp_path / "site") as app, served(app) as base:
        here = replace(context, settings=replace(context.settings, base_url=base))
        assert found(check_public_address, here).severity == GOOD
        elsewhere = replace(context, settings=replace(context.settings, base_url=f"{base}/somewhere"))
        assert found(check_public_address, elsewhere).severity == AT_ONCE
    gone = found(check_public_address, here)
    assert gone.severity == AT_ONCE and base in gone.sentence
    assert found(check_public_address, replace(here, contact=False)).severity == GOOD


def test_fewer_than_two_who_decide_are_told(context: DoctorContext, tmp_path: Path) -> None:
    assert "Nobody" in found(check_moderators, context).sentence
    fill(context.store)
    with a_site(context.store, tmp_path / "site") as app:
        signed_in(app, context.store, "ana@example.org", "administrator")
        assert "Only one" in found(check_moderators, context).sentence
        signed_in(app, context.store, "bo@example.org")
    assert found(check_moderators, context).severity == GOOD


def test_a_submission_that_waits_without_its_case_is_told_and_a_rebuild_opens_it(context: DoctorContext) -> None:
    store = context.store
    submission = a_draft(store)
    submissions.send(store, submission.id, email="ana@example.org", now=NOW)
    opened(store, NOW)
    assert found(check_cases, context).severity == GOOD and store.submissions.mend_cases() == 0
    for row in ({"state": "closed"}, {"source": "look"}):
        with writing(store.engine) as connection:
            connection.execute(update(case).values(row))
        told = found(check_cases, context)
        assert told.severity == AT_ONCE and submission.reference in told.sentence and "forge rebuild" in told.sentence
        assert store.submissions.mend_cases() == 1 and found(check_cases, context).severity == GOOD


def test_of_a_large_file_small_tables_are_read_and_the_others_named(context: DoctorContext, monkeypatch) -> None:
    fill(context.store)
    assert found(check_database, context).sentence.endswith(f"at change {context.store.change()}.")
    monkeypatch.setattr(damage, "READ_WHOLE_BYTES", 0)
    monkeypatch.setattr(damage, "READ_ROWS", 3)
    told = found(check_database, context)
    large = context.store.engine.dialect.name == "sqlite"
    assert told.severity == GOOD and ("not read, which a backup does: " in told.sentence) == large
    assert ("project," in told.sentence, "takedown" in told.sentence) == (large, False)


def test_work_that_nobody_does_is_told(context: DoctorContext) -> None:
    with writing(context.store.engine) as connection:
        connection.execute(job.delete())
    assert found(check_queue, context).severity == GOOD
    context.store.jobs.add("visit", "visit:1", {}, run_at=NOW)
    assert found(check_queue, context).severity == SOON
    assert found(check_queue, replace(context, now=later(hours=9))).severity == AT_ONCE
    context.store.jobs.lease("one:1", now=later(hours=9), lease=timedelta(minutes=2))
    assert found(check_queue, replace(context, now=later(hours=9))).severity == GOOD


def test_an_index_is_given_the_moment_in_which_it_follows(context: DoctorContext) -> None:
    load(context.store, a_document())
    assert "is none yet" in found(check_index, context).sentence
    follower = IndexFollower(context.store, context.settings.search)
    follower.start()
    context.store.curated_document.load(a_catalog(a_project("other")), digest="2", now=later(hours=1))
    assert found(check_index, context).sentence == "Up to date."
    with changes_again_and_again(context.store):  # as visits of mirrors do, each second
        assert found(check_index, context).severity == GOOD
    follower.stop()
    context.store.curated_document.load(a_catalog(a_project("third")), digest="3", now=later(hours=1))
    assert "lacks: 1." in found(check_index, context).sentence
    with writing(context.store.engine) as connection:
        connection.execute(update(meta).where(meta.c.key == "change").values(value="1"))
    assert "another database" in found(check_index, context).sentence


@contextmanager
def changes_again_and_again(store: Store) -> Iterator[None]:
    def change() -> None:
        while not ended.wait(0.05):
            store.takedowns.block("other", "Asked.", now=NOW)
            store.takedowns.unblock("other")

    ended = Event()
    changing = Thread(target=change)
    changing.start()
    try:
        yield
    finally:
        ended.set()
        changing.join()


@pytest.mark.parametrize(("days", "severity"), [(0, GOOD), (3, SOON), (9, AT_ONCE)])
def test_the_age_of_the_last_backup_is_told(context: DoctorContext, days: int, severity: str) -> None:
    assert found(check_backup, context).severity == SOON
    note_backup(context.settings.data, Path("/backups/catalog.tar.gz"), now=NOW)
    told = found(check_backup, replace(context, now=NOW + timedelta(days=days)))
    assert told.severity == severity and "/backups/catalog.tar.gz" in told.sentence


def test_withdrawals_that_cannot_be_written_down_are_told(context: DoctorContext) -> None:
    folder = context.settings.data.parent / "withdrawals"
    elsewhere = replace(context, settings=replace(context.settings, withdrawals=folder))
    assert found(check_withdrawals, elsewhere).severity == GOOD and not folder.exists()
    folder.mkdir()
    WithdrawalJournal(folder).write_down(context.store)
    assert found(check_withdrawals, elsewhere).severity == GOOD
    (folder / JOURNAL).write_text("no line of a journal\n")
    told = found(check_withdrawals, elsewhere)
    assert told.severity == AT_ONCE and "line 1" in told.sentence
    shutil.rmtree(folder)
    folder.write_text("")
    told = found(check_withdrawals, elsewhere)
    assert told.severity == AT_ONCE and "FORGE_WITHDRAWALS" in told.sentence


def test_peers_and_origins_that_fail_are_named(context: DoctorContext) -> None:
    fill(context.store)
    assert found(check_origins, context).severity == found(check_peers, context).severity == GOOD
    home = a_catalogue(context.store)
    with writing(context.store.engine) as connection:
        connection.execute(update(peer).values(failures=9))
        reason = "The certificate of the host is not valid."
        connection.execute(update(mirror).values(reason=reason, repository="https://old.example.org/x.git"))
        connection.execute(update(mirror).values(canonical_url=None))
    silent = found(check_peers, replace(context, now=later(days=30)))
    assert silent.severity == SOON and f"forge peer pull {home.slug}" in silent.sentence
    assert "old.example.org" in found(check_origins, context).sentence


def test_a_manifest_of_another_catalogue_is_told(context: DoctorContext) -> None:
    load(context.store, a_document())
    assert write(context.store, context.settings.data, "https://forge.example", now=NOW)
    load(context.store, replace(a_document(), manifest=replace(a_manifest(), id=uuid4())), digest="another")
    finding = found(check_publishing, context)
    assert finding.severity == AT_ONCE and f"id: {a_document().manifest.id}" in finding.sentence


def test_one_check_more_is_one_function_in_one_list(context: DoctorContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def check_nothing(given: DoctorContext) -> Iterator[Result]:
        yield SOON, f"Change {given.store.change()}."

    load(context.store, a_document())
    monkeypatch.setattr("forge.server.doctor.DATABASE", {**DATABASE, "nothing": check_nothing})
    settings = replace(context.settings, database=context.store.engine.url.render_as_string(hide_password=False))
    assert examine(settings, contact=False)[-1].subject == "nothing"


def test_the_hourly_checkup_leaves_a_report_that_administrators_alone_read(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", database=sqlite_url) as app:
        ana = signed_in(app, sqlite_store, "ana@example.org", "administrator")
        bo = signed_in(app, sqlite_store, "bo@example.org")
        assert "No checkup was made yet" in ana.get("/en/desk/health").text
        assert bo.get("/en/desk/health").status_code == 403
        assert a_client(app).get("/en/desk/health").status_code in (303, 401, 403)
        assert "/en/desk/health" in ana.get("/en/desk").text and "/en/desk/health" not in bo.get("/en/desk").text
        checkup = Checkup(sqlite_store, Settings(data=tmp_path / "data", database=sqlite_url), lambda: NOW)
        with writing(sqlite_store.engine) as connection:
            connection.execute(job.delete())
        checkup.plan()
        (taken,) = sqlite_store.jobs.lease("one:1", now=NOW, lease=timedelta(minutes=2), kinds=[CHECKUP])
        checkup.run(taken)
        report = last_report(tmp_path / "data")
        assert report is not None and report.at == NOW and {"mail", "room"} <= {row.subject for row in report.findings}
        page = ana.get("/en/desk/health").text
        for finding in report.findings:
            assert f"<strong>{finding.subject}</strong>" in page
        assert "To do in the next days" in page and "This checkup is old" not in page
        app.state.clock = lambda: later(hours=5)
        assert "This checkup is old" in ana.get("/en/desk/health").text
    assert next_job_at(sqlite_store) == later(hours=1)


def test_a_report_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"at": 1}', '{"at": "2026-01-01T00:00:00+00:00", "findings": [{"x": 1}]}'):
        (tmp_path / "checkup.json").write_text(text)
        assert last_report(tmp_path) is None
    write_report(tmp_path, [CheckFinding("a", GOOD, "b")], now=datetime(2026, 1, 1, tzinfo=UTC))
    assert last_report(tmp_path) is not None


def test_without_mail_the_desk_says_where_links_lie(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    for mail, told in ((None, True), ("smtp://mail.example.org", False)):
        with a_site(sqlite_store, tmp_path / str(mail is None), mail=mail) as app:
            page = signed_in(app, sqlite_store, "bo@example.org").get("/en/desk").text
            assert ("outbox" in page and "FORGE_MAIL" in page) is told


def test_rules_of_alerts_name_figures_that_exist(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    write_report(tmp_path, [], now=NOW)
    note_backup(tmp_path, tmp_path, now=NOW)
    with a_site(sqlite_store, tmp_path, metrics_token="0123456789abcdef") as app:
        client = a_client(app)
        client.get("/en/")
        text = client.get("/metrics", headers={"authorization": "Bearer 0123456789abcdef"}).text
    written = set(re.findall(r"^(forge_[a-z_]+)", text, re.MULTILINE))
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    assert len(rules) > 10
    for rule in rules:
        assert set(re.findall(r"forge_[a-z_]+", rule["expr"])) <= written, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"].endswith(".")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed here")
def test_prometheus_reads_the_rules() -> None:
    assert subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, timeout=60).returncode == 0
