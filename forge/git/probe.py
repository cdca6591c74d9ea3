"""Asks an origin what its branches and tags are now, in one guarded request; it downloads no object and writes nothing.

A hand-written `ls-refs` of protocol version 2 (https://git-scm.com/docs/protocol-v2): one POST where `git ls-remote`
needs a process and two requests. An origin that does not take it is asked the older way, by `GET info/refs`.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from forge.addresses import N_, REDIRECTS, Addresses, Answer, Refused, Unreachable, Vetted
from forge.git.environment import USER_AGENT
from forge.git.visits import Outcome

ANSWER_BYTES = 32 << 20
RESULT = "application/x-git-upload-pack-result"
_ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
_NAMESPACES = (b"refs/heads/", b"refs/tags/")
FLUSH, DELIMITER = b"0000", b"0001"


class Silent(Exception):
    """The origin answered, but not with refs: `outcome` as in Visit, `reason`, `retry_after_seconds` or None."""

    def __init__(self, outcome: Outcome, reason: str, retry_after_seconds: int | None = None):
        super().__init__(reason)
        self.outcome, self.reason, self.retry_after_seconds = outcome, reason, retry_after_seconds


@dataclass(frozen=True)
class Probe:
    """What an origin shows: full ref names to hex ids, heads and tags only."""

    url: str  # where it answered, after redirects
    vetted: Vetted
    refs: dict[bytes, bytes]
    head: bytes | None  # the branch HEAD points at, a full ref name
    head_oid: bytes | None
    address: str
    size_bytes: int
    modern: bool = True  # it speaks protocol version 2

    @property
    def digest(self) -> str:
        """The same for the same refs and HEAD, whichever way they were asked for."""
        return digest(self.refs, self.head, self.head_oid)

    @property
    def object_format(self) -> str:
        oids = iter(self.refs.values())
        return "sha256" if len(next(oids, b"")) == 64 else "sha1"


def digest(refs: dict[bytes, bytes], head: bytes | None, head_oid: bytes | None) -> str:
    """One hash over a state of refs."""
    lines = [oid + b" " + name for name, oid in sorted(refs.items())]
    return hashlib.sha256(b"\n".join([head or b"", head_oid or b"", *lines])).hexdigest()


def probe(
    url: str, addresses: Addresses, *, timeout_seconds: float = 30.0, within_seconds: float | None = None
) -> Probe:
    """The refs of an origin now; a redirect is followed as far as the rules allow, and `URL.git` tried after `URL`.

    Each answer may take `timeout_seconds`, and all of them together `within_seconds`.
    Raises Refused and Unreachable (forge.addresses) and Silent.
    """
    left = _until(url, timeout_seconds, within_seconds)
    vetted = addresses.vet(url)
    answer = _ask(vetted, addresses, left())
    if answer.status in REDIRECTS or answer.status in (404, 410):
        vetted = addresses.vet(_moved(vetted.url, addresses, left))
        answer = _ask(vetted, addresses, left())
    # An origin that knows no protocol 2 answers an empty 200: only a list that ends with a flush is a list.
    if answer.status == 200 and answer.headers.get("content-type") == RESULT and answer.body.endswith(FLUSH):
        refs, head, head_oid = _listed(answer)
        return Probe(vetted.url, vetted, refs, head, head_oid, answer.address, len(answer.body))
    if answer.status in (401, 403, 404, 410, 429):
        raise silence(answer)
    return _older(vetted, addresses, left())


def _until(url: str, each_seconds: float, within_seconds: float | None) -> Callable[[], float]:
    """How long the next answer may take. What it gives raises Unreachable once all the time is over."""
    if within_seconds is None:
        return lambda: each_seconds
    deadline = time.monotonic() + within_seconds

    def left() -> float:
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise Unreachable(url, N_("The host does not answer in time."))
        return min(each_seconds, seconds)

    return left


def _ask(vetted: Vetted, addresses: Addresses, timeout_seconds: float) -> Answer:
    lines = [packet(b"command=ls-refs\n"), DELIMITER, packet(b"symrefs\n"), packet(b"ref-prefix HEAD\n")]
    lines += [packet(b"ref-prefix " + namespace + b"\n") for namespace in _NAMESPACES]
    return addresses.request(
        "POST",
        f"{vetted.url}/git-upload-pack",
        body=b"".join(lines) + FLUSH,
        headers={
            "User-Agent": USER_AGENT,
            "Git-Protocol": "version=2",
            "Content-Type": "application/x-git-upload-pack-request",
            "Accept": RESULT,
        },
        max_bytes=ANSWER_BYTES,
        timeout_seconds=timeout_seconds,
        vetted=vetted,
    )


def _advertised(url: str, addresses: Addresses, timeout_seconds: float) -> Answer:
    return addresses.follow(
        f"{url}/info/refs?service=git-upload-pack",
        headers={"User-Agent": USER_AGENT, "Accept": _ADVERTISEMENT},
        max_bytes=ANSWER_BYTES,
        timeout_seconds=timeout_seconds,
    )


def _moved(url: str, addresses: Addresses, left: Callable[[], float]) -> str:
    """The repository's address at the end of its redirects, or its address with `.git`. Raises Silent if neither."""
    answers: list[Answer] = []
    for candidate in (url, f"{url}.git"):
        if candidate != url and url.endswith(".git"):
            break
        answer = _advertised(candidate, addresses, left())
        if answer.status == 200 and answer.headers.get("content-type") == _ADVERTISEMENT:
            base, ending, _rest = answer.url.partition("/info/refs")
            if not ending:
                raise Refused(url, N_("The address redirects to something that is not a repository."))
            return base
        answers.append(answer)
    raise silence(answers[0])


def silence(answer: Answer) -> Silent:
    waits = answer.headers.get("retry-after", "")
    retry = min(int(waits), 7 * 86400) if waits.isdecimal() and len(waits) < 10 else None
    if answer.status in (404, 410):
        return Silent("not_found", N_("There is no repository at this address."))
    if answer.status in (401, 403):
        return Silent("password", N_("The origin asks for a password: the repository is private, or gone."))
    if answer.status == 429 or answer.status >= 500:
        return Silent("failed", N_("The origin is overloaded or broken."), retry)
    if answer.status == 200:
        return Silent("failed", N_("The address answers, but not as a git repository."))
    return Silent("failed", N_("The origin answers with an error."), retry)


def _older(vetted: Vetted, addresses: Addresses, timeout_seconds: float) -> Probe:
    """By the advertisement of protocol 0, which every smart origin knows and which lists all refs."""
    answer = _advertised(vetted.url, addresses, timeout_seconds)
    if answer.status != 200 or answer.headers.get("content-type") != _ADVERTISEMENT:
        raise silence(answer)
    refs: dict[bytes, bytes] = {}
    head = head_oid = None
    lines = [line for line in _packets(answer.body) if line and not line.startswith(b"# service=")]
    for number, line in enumerate(lines):
        line, _, abilities = line.rstrip(b"\n").partition(b"\0")
        if number == 0:
            symrefs = [word[12:] for word in abilities.split(b" ") if word.startswith(b"symref=HEAD:")]
            head = symrefs[0] if symrefs else None
        oid, _, name = line.partition(b" ")
        if name == b"HEAD" and _is_oid(oid):
            head_oid = oid
        elif name.startswith(_NAMESPACES) and not name.endswith(b"^{}") and _is_oid(oid):
            refs[name] = oid
    base = answer.url.partition("/info/refs")[0]
    final = vetted if base == vetted.url else addresses.vet(base)
    return Probe(final.url, final, refs, head, head_oid, answer.address, len(answer.body), modern=False)


def _listed(answer: Answer) -> tuple[dict[bytes, bytes], bytes | None, bytes | None]:
    refs: dict[bytes, bytes] = {}
    head = head_oid = None
    for line in _packets(answer.body):
        oid, name, *attributes = line.rstrip(b"\n").split(b" ")[:8] if line.count(b" ") else (b"", b"")
        if not _is_oid(oid):
            raise Silent("failed", N_("The origin's list of branches cannot be understood."))
        if name == b"HEAD":
            head_oid = oid
            head = next((word[14:] for word in attributes if word.startswith(b"symref-target:")), None)
        elif name.startswith(_NAMESPACES):
            refs[name] = oid
    return refs, head, head_oid


def packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def _packets(body: bytes) -> list[bytes]:
    """The pkt-lines of an answer, without flushes (https://git-scm.com/docs/protocol-common). Raises Silent."""
    lines, at = [], 0
    while at < len(body):
        try:
            size = int(body[at : at + 4], 16)
        except ValueError:
            size = -1
        if size < 0 or size == 3 or at + size > len(body):
            raise Silent("failed", N_("The origin's list of branches cannot be understood."))
        if size >= 4:
            lines.append(body[at + 4 : at + size])
        at += max(size, 4)
    return lines


def _is_oid(text: bytes) -> bool:
    return len(text) in (40, 64) and not text.strip(b"0123456789abcdef")
