"""The disk of the data folder fills up while web and worker run: pages are answered, forms say that they were not
taken, and once there is room again all goes on by itself. What was answered is done once.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.factories.core import a_catalog, a_project
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_commit, a_repository, an_origin, git
from support.hosts.mail import Mailbox

from catalog.store.store import Store
from catalog.tables.people import message
from tests.server.test_serve import HOST, Service, environment, write
from tests.server.test_several_machines import Senders, until

WAIT_SECONDS = 400.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.full
def test_a_disk_that_fills_up_under_a_running_service_loses_nothing(
    small_disk: Path, tmp_path: Path, box: Mailbox
) -> None:
    (tmp_path / "origins").mkdir()
    tool = a_repository(tmp_path / "origins", "tool.git", LICENSE=LICENSE_TEXT)
    given = {"data": str(small_disk / "data"), "mail": box.url, "proxies": "127.0.0.0/8", "mirrors_max_bytes": "30 MB"}
    with an_origin(tmp_path / "origins") as origin:
        write(tmp_path, a_catalog(a_project("tool", repository=origin.url("git/tool.git"))))
        service = Service(tmp_path, **given)
        senders = Senders([(HOST, int(service.address.rpartition(":")[2]))])
        try:
            with closing(Store(f"sqlite:///{small_disk / 'data' / 'catalog.db'}")) as store:
                until(lambda: len(senders.answered) > 5 and store.mirrors.states() == {"mirrored": 1})
                a_commit(tool, {"news": os.urandom(2_000_000)}, git("rev-parse", "main", cwd=tool))
                filler = fill(small_disk)
                # Some hundred forms find room in the log that SQLite has already; then there is none.
                until(lambda: senders.refused.total() > 5, WAIT_SECONDS)
                assert set(senders.refused) == {"500"}  # with a page that gives back what was typed
                for path in ("/en/", "/en/projects/tool", "/en/projects?q=tool", "/livez"):
                    assert service.get(path)[0] == 200, path
                told = subprocess.run(
                    [sys.executable, "-m", "forge.cli", "doctor", "--offline"], cwd=tmp_path, env=environment(**given),
                    capture_output=True, text=True, timeout=120,
                )  # fmt: skip
                assert re.search(r"^NOW   (room|database|data folder): ", told.stdout, re.MULTILINE), told.stdout
                assert "Traceback" not in told.stderr
                filler.unlink()
                sent = len(senders.answered)
                until(lambda: len(senders.answered) > sent + 5, WAIT_SECONDS)
                senders.end()
                until(lambda: waiting(store) == 0, WAIT_SECONDS)
                assert store.mirrors.states() == {"mirrored": 1}
        finally:
            with suppress(Exception):
                senders.end()
            service.end()
    arrived = [str(letter["To"]) for letter in box.messages]
    assert set(senders.answered) <= set(arrived)
    repeated = {str(letter["Message-ID"]) for letter in box.messages}
    assert len(repeated) == len(set(arrived))  # one that was sent and could not be noted is known as the same


def fill(folder: Path) -> Path:
    """Take all room to the last block."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


def waiting(store: Store) -> int:
    with store.engine.connect() as connection:
        count: int = connection.execute(select(func.count()).where(message.c.email.is_not(None))).scalar_one()
    return count
