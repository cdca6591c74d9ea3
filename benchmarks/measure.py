"""Times of requests over kept connections, the peers in turn. It knows no peer and judges no number."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from statistics import median, quantiles

TIMEOUT_SECONDS = 120
READY_AGAIN_SECONDS = 0.2
WARM_UP = 8  # requests of each kind before the first that counts

Paths = Callable[[int], str]  # from the number of a request to its address


@dataclass
class Series:
    """Seconds and sizes of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    sizes_bytes: list[int] = field(default_factory=list)
    per_second: float = 0.0  # with several connections at once

    @property
    def median_seconds(self) -> float:
        return median(self.seconds)

    @property
    def p95_seconds(self) -> float:
        return quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else self.seconds[0]


def alternate(
    asked: dict[str, tuple[int, Paths]], *, most: int, least: int, budget_seconds: float
) -> dict[str, Series]:
    """A request to each port in turn, `most` times or until the budget is spent, but `least` times.

    Raises RuntimeError for an answer other than 200.
    """
    connections = {
        name: HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS) for name, (port, _) in asked.items()
    }
    measured = {name: Series() for name in asked}
    try:
        for number in range(min(WARM_UP, most)):
            for name, (_, paths) in asked.items():
                once(connections[name], paths(number))
        begun = time.perf_counter()
        for number in range(most):
            if number >= least and time.perf_counter() - begun > budget_seconds:
                break
            for name, (_, paths) in asked.items():
                seconds, size_bytes = once(connections[name], paths(WARM_UP + number))
                measured[name].seconds.append(seconds)
                measured[name].sizes_bytes.append(size_bytes)
    finally:
        for connection in connections.values():
            connection.close()
    return measured


def once(connection: HTTPConnection, path: str, status: int = 200) -> tuple[float, int]:
    """Seconds until the last byte of the answer, and its bytes as they came. Raises RuntimeError on another status."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - begun
    if answer.status != status:
        raise RuntimeError(f"{path} was answered with status {answer.status}.")
    return seconds, len(body)


def total(port: int, path: str, number: bytes, timeout_seconds: float = TIMEOUT_SECONDS) -> int:
    """The number that a page says it found: whether the peers answer the same question.

    Whoever answers that it is not ready yet (503) is asked again until the time is over: Forge does while a first start
    makes its index. Raises RuntimeError.
    """
    connection, end = HTTPConnection("127.0.0.1", port, timeout=timeout_seconds), time.monotonic() + timeout_seconds
    while True:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = re.search(number, answer.read())
        if answer.status != 503 or time.monotonic() > end:
            break
        time.sleep(READY_AGAIN_SECONDS)
    connection.close()
    if said is None:
        raise RuntimeError(f"{path} does not say how many it found.")
    return int(said[1].replace(b",", b""))


def per_second(port: int, paths: Paths, *, connections: int, seconds: float) -> float:
    """Answers a second with several connections, each asking as soon as it has its answer."""
    numbers, done, end = count(1000), [0] * connections, time.perf_counter() + seconds
    begun = time.perf_counter()

    def ask(place: int) -> None:
        for path in _until(end, numbers, paths):
            once(opened[place], path)
            done[place] += 1

    opened = [HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS) for _ in range(connections)]
    threads = [threading.Thread(target=ask, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in opened:
        connection.close()
    return sum(done) / (time.perf_counter() - begun)


def _until(end: float, numbers: Iterator[int], paths: Paths) -> Iterator[str]:
    while time.perf_counter() < end:
        yield paths(next(numbers))
