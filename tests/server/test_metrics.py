"""The figures for those who watch: told to who shows the token alone, as Prometheus reads them, without a name."""

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.factories.core import NOW, later
from support.factories.received import a_catalogue
from support.world import a_client, a_site, fill

from catalog.store.core.engine import writing
from catalog.store.store import Store
from catalog.tables.core import job
from forge.config.settings import Settings, UnusableSettings, from_environment
from tests.submissions.test_obstacle import a_report

TOKEN = "0123456789abcdef0123456789abcdef"
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[a-z0-9.+-]+",?)+)\})? (\d+)(?:\.\d+)?', re.IGNORECASE)


def asked(app, token: str | None = TOKEN):
    client = a_client(app)
    return client.get("/metrics", headers={"authorization": f"Bearer {token}".encode()} if token else {})


def test_whoever_shows_the_token_reads_figures_and_nobody_else_does(store: Store, tmp_path: Path) -> None:
    fill(store)
    a_report(store)
    a_report(store, now=later(hours=2))
    a_catalogue(store)
    given = {"argument": {}, "priority": 0, "tries": 0, "run_at": NOW}
    rows = [
        given | {"kind": "visit", "key": "m-1", "error": None, "leased_until": None},
        given | {"kind": "visit", "key": "m-2", "error": None, "leased_until": later(hours=9)},
        given | {"kind": "mail", "key": "m-3", "error": "no server", "leased_until": None},
    ]
    with writing(store.engine) as connection:
        connection.execute(job.delete())
        connection.execute(job.insert(), rows)
    with a_site(store, tmp_path / "data") as app:
        assert asked(app).status_code == 404
        app.state.metrics_token, app.state.clock = TOKEN, lambda: later(hours=3)
        for wrong in (None, TOKEN[:-1], f"{TOKEN}x", "é"):
            refused = asked(app, wrong)
            assert refused.status_code == 401 and refused.headers["www-authenticate"].startswith("Bearer"), wrong
            assert refused.content == b""
        answer = asked(app)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    told = {}
    for line in answer.text.splitlines():
        if not line.startswith("# "):
            name, labels, value = LINE.fullmatch(line).groups()
            assert re.search(
                f"^# TYPE {re.sub('_(bucket|sum|count)$', '', name)} (gauge|counter|histogram)$", answer.text, re.M
            )
            told[name, labels] = int(value)
    assert told["forge_jobs", 'kind="visit",state="due"'] == told["forge_jobs", 'kind="visit",state="running"'] == 1
    assert told["forge_jobs", 'kind="mail",state="failed"'] == 1
    assert told["forge_mirrors", 'state="mirrored"'] >= 1 and told["forge_peers", 'state="following"'] == 1
    shown = [kind for kind, _ in store.record_pages.slugs()]
    free, not_free = told["forge_projects", 'free="yes"'], told["forge_projects", 'free="no"']
    assert free + not_free == shown.count("project") and not_free >= 1  # what is blocked is none of them
    assert told["forge_organizations", None] == shown.count("organization")
    assert told["forge_declarations_waiting", None] == 2
    assert told["forge_declarations_oldest_seconds", None] == timedelta(hours=3).total_seconds()
    assert told["forge_database_bytes", None] > 100_000
    assert told["forge_queue_oldest_seconds", None] == timedelta(hours=3).total_seconds()
    assert told["forge_mail_failing", None] == 1 and told["forge_index_behind_changes", None] >= 0
    assert 0 < told["forge_disk_bytes", 'kind="free"'] <= told["forge_disk_bytes", 'kind="total"']
    process = f'process="{os.getpid()}"'
    assert told["forge_requests_total", f'{process},status="4xx"'] == 5
    assert told["forge_request_seconds_count", process] == 5
    assert told["forge_visits_total", None] >= sum(
        number for (name, _), number in told.items() if name == "forge_visits_recent"
    )
    assert not re.search("galette|halles|example", answer.text)


def test_a_short_token_is_refused_without_telling_it() -> None:
    with pytest.raises(UnusableSettings) as no:
        from_environment({"FORGE_METRICS_TOKEN": "hunter2"})
    assert "FORGE_METRICS_TOKEN" in str(no.value) and "hunter2" not in str(no.value)
    assert from_environment({"FORGE_METRICS_TOKEN": TOKEN}) == replace(Settings(), metrics_token=TOKEN)
