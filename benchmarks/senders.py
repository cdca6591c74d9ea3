"""People who declare something, at a rate that waits for no answer: reports without a name, and uses by all pages.

They run in a process of their own, so that sending takes no time from whoever measures. Each comes from another network
of the range that is kept for documentation (RFC 3849), as a proxy would tell it, and bears a number in its text, so
that it is found again in the database. What is kept there is not judged here.
"""

import multiprocessing
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from secrets import token_urlsafe
from urllib.parse import urlencode

from benchmarks import synthetic

REPORT, USE = "report", "use"
EVERY_TENTH = 10  # is a use, by its four pages and the one to check; the others are one form each
CONNECTIONS = 16
TIMEOUT_SECONDS = 30
LATE_SECONDS = 30  # what could not be sent so long after its time is not sent any more: an error
MOST = 60_000  # as many networks as there are, nearly
_NUMBER = re.compile(r"number (\d+)\b")


@dataclass(frozen=True)
class Plan:
    port: int
    rate: float  # declarations a second
    seconds: float
    projects: int  # of the synthetic catalogue

    @property
    def declarations(self) -> int:
        return max(1, round(self.rate * self.seconds))


@dataclass(frozen=True)
class Sent:
    """One declaration: from the moment when it was due until its last answer."""

    number: int
    kind: str
    token: str  # what its secret link holds
    seconds: float
    ended_at: float  # since the first was due
    problem: str | None = None


class Refused(Exception):
    """An answer that is not the next page."""


@contextmanager
def sending(plan: Plan) -> Iterator[Future[list[Sent]]]:
    """All that the plan asks for is sent by another process, while the block runs; its end is waited for."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        process.submit(time.monotonic).result()  # it is there before the first is due
        yield process.submit(send_all, plan)


def send_all(plan: Plan) -> list[Sent]:
    """One declaration after another is due, whatever became of those before; several connections share them."""
    numbers, lock, every = iter(range(plan.declarations)), threading.Lock(), []
    begun = time.perf_counter()

    def work() -> None:
        connection = HTTPConnection("127.0.0.1", plan.port, timeout=TIMEOUT_SECONDS)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            due = begun + number / plan.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            sent = _sent(connection, plan, number, due, begun)
            with lock:
                every.append(sent)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(every, key=lambda sent: sent.number)


def number_in(text: str) -> int | None:
    """The number that a declaration's text bears."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else None


def _sent(connection: HTTPConnection, plan: Plan, number: int, due: float, begun: float) -> Sent:
    kind, token, problem = (USE if number % EVERY_TENTH == 0 else REPORT), "", None
    if time.perf_counter() - due > LATE_SECONDS:
        problem = f"not sent within {LATE_SECONDS} s"
    else:
        try:
            token = _use(connection, plan, number) if kind == USE else _report(connection, plan, number)
        except (Refused, HTTPException, OSError) as error:
            problem = f"{type(error).__name__}: {error}"
            connection.close()  # it is opened again by the next request
    ended = time.perf_counter()
    return Sent(number, kind, token, ended - due, ended - begun, problem)


def _report(connection: HTTPConnection, plan: Plan, number: int) -> str:
    """ "This blocks someone": one form, no name."""
    token = token_urlsafe(32)
    fields = {
        "draft": token,
        "audience": "seniors",
        "where": "The page of members",
        "happened": f"The button does nothing when it is pressed, number {number}",
        "device": "An old phone",
        "language": "en",
    }
    _post(connection, f"/en/projects/{_project(plan, number)}/blocks", number, fields)
    return token


def _use(connection: HTTPConnection, plan: Plan, number: int) -> str:
    """ "We use it too": each page is opened and sent, as a browser does."""
    start, organization = f"/en/projects/{_project(plan, number)}/declare", number * 31 % max(1, plan.projects // 3)
    _get(connection, start, number)
    _get(connection, f"{start}?{urlencode({'q': f'Coop {organization}'})}", number)
    at = _post(connection, start, number, {"organization": f"organization-{organization}"}).rpartition("/")[0]
    for step, fields in (
        ("how", {"stage": "in-production", "since": "2021", "purpose": f"Our members, number {number}"}),
        ("show", {"visibility": "public", "speaks": "yes", "email": f"somebody-{number}@example.org"}),
    ):
        _get(connection, f"{at}/{step}", number)
        _post(connection, f"{at}/{step}", number, fields)
    return at.rpartition("/")[2]


def _project(plan: Plan, number: int) -> str:
    return synthetic.slug(number * 37 % plan.projects)


def _get(connection: HTTPConnection, path: str, number: int) -> None:
    connection.request("GET", path, headers=_headers(number))
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise Refused(f"GET {path} was answered with status {answer.status}")


def _post(connection: HTTPConnection, path: str, number: int, fields: dict[str, str]) -> str:
    """Where the answer leads on to."""
    headers = _headers(number) | {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", path, urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise Refused(f"POST {path} was answered with status {answer.status}")
    return answer.headers["Location"]


def _headers(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"2001:db8:{number:x}::1", "Accept-Encoding": "gzip"}
