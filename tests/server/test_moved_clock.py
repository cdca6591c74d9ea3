"""The clock of a running service is set: ten years ahead, back again, a year back, and right. Forms that were answered
have their message, once; nothing is deleted by the wrong date; nothing waits for years; `forge doctor` says it.

The processes see the time that libfaketime shows them (https://github.com/wolfcw/libfaketime); how long something takes
is not touched.
"""

import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.factories.core import a_catalog, a_project
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_repository, an_origin
from support.hosts.mail import Mailbox

from catalog.store.core.clock_watch import ClockState
from catalog.store.store import Store
from catalog.tables.core import job, visit
from catalog.tables.people import message
from tests.server.test_serve import HOST, Service, environment, write
from tests.server.test_several_machines import Senders, until

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
WAIT_SECONDS = 400.0


class MovedClock:
    """What processes started with `environment` take for the time: the true one, moved by some days."""

    def __init__(self, file: Path):
        self._file = file
        self.set(0)
        self.environment = {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, days: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{days:+d}d\n")
        new.replace(self._file)


@pytest.mark.full
@pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed here")
def test_a_clock_that_is_set_while_the_service_runs_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "origins").mkdir(parents=True)
    a_repository(home / "origins", "tool.git", LICENSE=LICENSE_TEXT)
    clock = MovedClock(tmp_path / "time")
    given = {"mail": box.url, "proxies": "127.0.0.0/8"}

    def doctor() -> str:
        command = [sys.executable, "-m", "forge.cli", "doctor", "--offline"]
        told = subprocess.run(
            command, cwd=home, env=environment(**given) | clock.environment, capture_output=True, text=True, timeout=120
        )
        assert "Traceback" not in told.stderr, told.stderr
        (line,) = (line for line in told.stdout.splitlines() if line[6:].startswith("clock:"))
        return line

    with an_origin(home / "origins") as origin:
        write(home, a_catalog(a_project("tool", repository=origin.url("git/tool.git"))))
        monkeypatch.setattr(
            "tests.server.test_serve.environment", lambda **settings: environment(**settings) | clock.environment
        )
        service = Service(home, **given)
        store = Store(f"sqlite:///{home / 'data' / 'catalog.db'}")
        senders = Senders([(HOST, int(service.address.rpartition(":")[2]))])
        try:
            with closing(store):
                until(lambda: store.clock_watch.state() is not None and len(senders.answered) > 3)
                until(lambda: store.mirrors.states() == {"mirrored": 1})
                clock.set(3650)
                until(lambda: seen(store).leapt_at is not None, WAIT_SECONDS)
                assert doctor().startswith("NOW   clock: It went from ")
                more(senders)
                clock.set(0)
                until(lambda: seen(store).undone, WAIT_SECONDS)
                assert doctor().startswith("good  clock: ") and "was ahead" in doctor()
                more(senders)
                # What web processes wrote while they still had the wrong time waits for nothing but the next look.
                until(lambda: farthest(store) < now() + timedelta(days=40), WAIT_SECONDS)
                clock.set(-365)
                until(lambda: seen(store).seen_at < now() - timedelta(days=300), WAIT_SECONDS)
                assert doctor().startswith("NOW   clock: It says ")
                more(senders)
                senders.end()
                until(lambda: waiting(store) == 0, WAIT_SECONDS)
                clock.set(0)
                until(lambda: seen(store).seen_at > now() - timedelta(days=1), WAIT_SECONDS)
                assert farthest(store) < now() + timedelta(days=40)  # monthly work is the rarest
                with store.engine.connect() as connection:
                    given_up = connection.execute(select(message.c.error).where(message.c.error.is_not(None))).all()
                    errors = connection.execute(select(job.c.key, job.c.error).where(job.c.error.is_not(None))).all()
                    outcomes = set(connection.execute(select(visit.c.outcome)).scalars())
                assert store.mirrors.states() == {"mirrored": 1} and outcomes <= {"full", "unchanged"}
        finally:
            with suppress(Exception):
                senders.end()
            service.end()
    assert errors == []
    arrived = [str(letter["To"]) for letter in box.messages]
    assert sorted(arrived) == sorted(set(arrived))
    assert set(senders.answered) <= set(arrived) and given_up == []
    assert "Traceback" not in service.said


def now() -> datetime:
    return datetime.now(UTC)


def seen(store: Store) -> ClockState:
    return store.clock_watch.state() or ClockState(now())


def more(senders: Senders) -> None:
    sent = len(senders.answered)
    until(lambda: len(senders.answered) > sent + 5)


def farthest(store: Store) -> datetime:
    with store.engine.connect() as connection:
        at: datetime = connection.execute(select(func.max(job.c.run_at))).scalar_one()
    return at


def waiting(store: Store) -> int:
    with store.engine.connect() as connection:
        count: int = connection.execute(select(func.count()).where(message.c.email.is_not(None))).scalar_one()
    return count
