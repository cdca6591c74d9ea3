"""Rows of a benchmark of a worker: seconds, processor of this process and of the database's server, beside an aim."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from catalog.store.core.engine import reading
from catalog.store.store import Store


@dataclass
class Row:
    """One measurement. `aim`: seconds of processor, or megabytes where `megabytes` are what is told."""

    what: str
    database: str
    wall: float = 0.0
    processor: float = 0.0
    server: float = 0.0
    note: str = ""
    aim: float | None = None
    megabytes: float | None = None

    def line(self) -> str:
        if self.megabytes is not None:
            told, unit, times = self.megabytes, "MB", f"{'':>9}{'':>11}{'':>8}{self.megabytes:>9.1f}"
        else:
            told, unit = self.processor + self.server, "s"
            times = f"{self.wall:>9.2f}{self.processor:>11.2f}{self.server:>8.2f}{'':>9}"
        aim = "" if self.aim is None else f"<= {self.aim:g} {unit}{'' if told <= self.aim else '  MISSED'}"
        return f"{self.what:<46}{self.database:<11}{times}  {aim:<18}{self.note}".rstrip()


HEADER = f"{'':<46}{'':<11}{'seconds':>9}{'processor':>11}{'server':>8}{'MB':>9}  aim"


@contextmanager
def measured(row: Row, store: Store) -> Iterator[Row]:
    server = _server_of(store)
    wall, processor, theirs = time.perf_counter(), time.process_time(), _processor(server)
    yield row
    row.wall, row.processor = time.perf_counter() - wall, time.process_time() - processor
    row.server = _processor(server) - theirs


def _server_of(store: Store) -> psutil.Process | None:
    if store.engine.dialect.name != "postgresql":
        return None
    with reading(store.engine) as connection:
        return psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()).parent()


def _processor(server: psutil.Process | None) -> float:
    """Seconds of processor that all processes of a server took, those that ended too."""
    total = 0.0
    for process in [server, *server.children()] if server else []:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            if process == server:
                total += times.children_user + times.children_system
    return total
