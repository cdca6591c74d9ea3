"""Asks an origin for its current branches and tags, in one guarded request; no object is downloaded, nothing is
written.

A hand-written `ls-refs` of protocol version 2 (https://git-scm.com/docs/protocol-v2): one POST where `git ls-remote`
needs a process and two requests. An origin that does not support it is asked the older way, by `GET info/refs`.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cached_property

from catalog.sentences import mark
from forge.git.environment import USER_AGENT
from forge.git.outcome import Outcome
from forge.security.safe_http import REDIRECTS, AddressRules, CheckedRemote, Refused, Response, Unreachable

ANSWER_BYTES = 32 << 20
MOST_REFS = 50_000  # branches and tags: each is a line of the record of a visit, which is held and kept as a whole
LONGEST_PAUSE = 7 * 86400
RESULT = "application/x-git-upload-pack-result"
_ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
_NAMESPACES = (b"refs/heads/", b"refs/tags/")
_NO_REF = b"capabilities^{}"
_LENGTH = re.compile(rb"[0-9a-fA-F]{4}")
_UNCLEAR = mark("The origin's list of branches cannot be understood.")
_FAILED = mark("The origin answers with an error.")
_TOO_MANY = mark("The repository has more branches and tags than this catalogue takes.")
_ERROR = b"ERR "
FLUSH, DELIMITER = b"0000", b"0001"


class NoRefs(Exception):
    """The origin's answer has no refs: `outcome` as in Visit, `reason`, `retry_after_seconds` or None."""

    def __init__(self, outcome: Outcome, reason: str, retry_after_seconds: int | None = None):
        super().__init__(reason)
        self.outcome, self.reason, self.retry_after_seconds = outcome, reason, retry_after_seconds


@dataclass(frozen=True)
class Probe:
    """What an origin shows: full ref names to hex ids, heads and tags only."""

    url: str  # where it answered, after redirects
    vetted: CheckedRemote
    refs: dict[bytes, bytes]
    head: bytes | None  # the branch HEAD points at, a full ref name
    head_oid: bytes | None
    address: str
    size_bytes: int
    moved_for_good: bool = True  # no redirect on the way was a temporary one
    others: bool = False  # it shows refs that are neither branches nor tags
    listing: str = ""  # a hash of the answer itself, where it came by protocol version 2
    seen: bool = False  # that is the hash that was given: nothing of it was read

    @property
    def empty(self) -> bool:
        """Whether it shows no ref at all."""
        return not (self.refs or self.head_oid or self.others)

    @cached_property
    def digest(self) -> str:
        """A hash that is the same for the same refs and HEAD, whichever protocol listed them."""
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
    url: str,
    addresses: AddressRules,
    *,
    timeout_seconds: float = 30.0,
    within_seconds: float | None = None,
    last_listing: str = "",
) -> Probe:
    """The current refs of an origin; a redirect is followed as far as the rules allow, and `URL.git` tried after `URL`.

    Each answer may take `timeout_seconds`, and all of them together `within_seconds`. `last_listing` is the `listing`
    of an earlier answer that was read: where this one is the same, it is not read again and no refs are given.
    Raises Refused and Unreachable (forge.security.safe_http) and NoRefs.
    """
    seconds_left = _time_limit(url, timeout_seconds, within_seconds)
    vetted = addresses.vet(url)
    answer, permanent = _ask_for_refs(vetted, addresses, seconds_left()), True
    if answer.status in REDIRECTS or answer.status in (404, 410):
        url, permanent = _redirected_url(vetted.url, addresses, seconds_left)
        vetted = addresses.vet(url)
        answer = _ask_for_refs(vetted, addresses, seconds_left())
    # An origin that knows no protocol 2 answers an empty 200: only a list that ends with a flush is a list.
    listed = answer.status == 200 and answer.headers.get("content-type") == RESULT and answer.body.endswith(FLUSH)
    if listed:
        listing = hashlib.sha256(answer.body).hexdigest()
        seen = listing == last_listing
        refs, head, head_oid, _ = ({}, None, None, False) if seen else _listed(_until_flush(_packets(answer.body)))
        if refs or seen:
            probe = Probe(vetted.url, vetted, refs, head, head_oid, answer.address, len(answer.body))
            return replace(probe, moved_for_good=permanent, listing=listing, seen=seen)
    elif answer.status in (401, 403, 404, 410, 429) or (answer.status == 503 and "retry-after" in answer.headers):
        raise no_refs(answer)
    elif answer.status == 200 and answer.headers.get("content-type") == RESULT and answer.body[4:8] == _ERROR:
        raise NoRefs("failed", _FAILED)  # no flush follows it
    # Four bytes are no proof of a repository: only one that says in its advertisement what it can do may be empty.
    return _probe_older_protocol(vetted, addresses, seconds_left(), permanent=permanent, listed=listed)


def _time_limit(url: str, each_seconds: float, within_seconds: float | None) -> Callable[[], float]:
    """A function that returns how long the next answer may take; it raises Unreachable once all the time is used up."""
    if within_seconds is None:
        return lambda: each_seconds
    deadline = time.monotonic() + within_seconds

    def seconds_left() -> float:
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise Unreachable(url, mark("The host does not answer in time."))
        return min(each_seconds, seconds)

    return seconds_left


def _ask_for_refs(vetted: CheckedRemote, addresses: AddressRules, timeout_seconds: float) -> Response:
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


def _get_advertisement(url: str, addresses: AddressRules, timeout_seconds: float) -> Response:
    return addresses.follow(
        f"{url}/info/refs?service=git-upload-pack",
        headers={"User-Agent": USER_AGENT, "Accept": _ADVERTISEMENT},
        max_bytes=ANSWER_BYTES,
        timeout_seconds=timeout_seconds,
    )


def _redirected_url(url: str, addresses: AddressRules, seconds_left: Callable[[], float]) -> tuple[str, bool]:
    """The repository's address at the end of its redirects, or its address with `.git`, and whether it is there for
    good. Raises NoRefs if neither."""
    answers: list[Response] = []
    for candidate in (url, f"{url}.git"):
        if candidate != url and url.endswith(".git"):
            break
        answer = _get_advertisement(candidate, addresses, seconds_left())
        if answer.status == 200 and answer.headers.get("content-type") == _ADVERTISEMENT:
            base, ending, _rest = answer.url.partition("/info/refs")
            if not ending:
                raise Refused(url, mark("The address redirects to something that is not a repository."))
            return base, answer.permanent
        answers.append(answer)
    raise no_refs(answers[0])


def no_refs(answer: Response) -> NoRefs:
    retry = _retry_after_seconds(answer.headers)
    if answer.status in (404, 410):
        return NoRefs("not_found", mark("There is no repository at this address."))
    if answer.status in (401, 403):
        return NoRefs("password", mark("The origin asks for a password: the repository is private, or gone."))
    if answer.status == 429 or answer.status >= 500:
        return NoRefs("failed", mark("The origin is overloaded or broken."), retry)
    if answer.status == 200:
        return NoRefs("failed", mark("The address answers, but not as a git repository."))
    return NoRefs("failed", _FAILED, retry)


def _retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """The pause that a host asks for, at most a week; a date counts from the answer's own.

    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    waits = headers.get("retry-after", "")
    if waits.isdecimal() and len(waits) < 10:
        return min(int(waits), LONGEST_PAUSE)
    try:
        seconds = (parsedate_to_datetime(waits) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone beside one that has it
        return None
    return min(max(0, int(seconds)), LONGEST_PAUSE)


def _probe_older_protocol(
    vetted: CheckedRemote, addresses: AddressRules, timeout_seconds: float, *, permanent: bool, listed: bool
) -> Probe:
    """Probe by the advertisement of protocol 0, which every smart origin supports and which lists all refs.

    `listed`: by protocol 2 it listed no branch and no tag, so that an advertisement of protocol 2 is enough.
    """
    answer = _get_advertisement(vetted.url, addresses, timeout_seconds)
    if answer.status != 200 or answer.headers.get("content-type") != _ADVERTISEMENT:
        raise no_refs(answer)
    base = answer.url.partition("/info/refs")[0]
    final = vetted if base == vetted.url else addresses.vet(base)
    lines = _advertisement(answer.body)
    if lines[:1] == [b"version 2"]:
        if not listed or not any(line == b"ls-refs" or line.startswith(b"ls-refs=") for line in lines):
            raise NoRefs("failed", _UNCLEAR)
        lines = []
    refs, head, head_oid, others = _listed(lines)
    probe = Probe(final.url, final, refs, head, head_oid, answer.address, len(answer.body), others=others)
    return replace(probe, moved_for_good=permanent and answer.permanent)


def _advertisement(body: bytes) -> list[bytes]:
    """The lines of an advertisement behind the service's name, to the flush that ends it. Raises NoRefs.

    https://git-scm.com/docs/gitprotocol-http: the name and whatever else comes before a flush of its own; servers of
    protocol 2 may leave that out.
    """
    packets = _packets(body)
    if packets[:1] == [b"# service=git-upload-pack"] and None in packets:
        packets = packets[packets.index(None) + 1 :]
    elif packets[:1] != [b"version 2"]:
        raise NoRefs("failed", _UNCLEAR)
    if packets[:1] == [b"version 1"]:
        del packets[0]
    return _until_flush(packets)


def _listed(lines: list[bytes]) -> tuple[dict[bytes, bytes], bytes | None, bytes | None, bool]:
    """What a list of either protocol shows: branches and tags, the branch of HEAD and its id, whether there are others.

    A line is an id and a name; protocol 2 puts what it says besides behind them, protocol 0 behind a NUL of the first.
    Raises NoRefs.
    """
    refs: dict[bytes, bytes] = {}
    head = head_oid = None
    others = False
    for line in lines:
        line, _, abilities = line.partition(b"\0")
        oid, _, rest = line.partition(b" ")
        name, *attributes = rest.split(b" ")[:8]
        if oid == b"shallow" and _is_oid(name):
            continue
        if not _is_oid(oid) or not name:
            raise NoRefs("failed", _UNCLEAR)
        head = next((word[12:] for word in abilities.split(b" ") if word.startswith(b"symref=HEAD:")), head)
        if name == b"HEAD":
            head_oid = oid
            head = next((word[14:] for word in attributes if word.startswith(b"symref-target:")), head)
        elif not name.startswith(_NAMESPACES):
            others = others or name != _NO_REF or bool(oid.strip(b"0"))
        elif not name.endswith(b"^{}"):
            refs[name] = oid
            if len(refs) > MOST_REFS:
                raise NoRefs("too_large", _TOO_MANY)
    return refs, head, head_oid, others


def packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def packet_length(start: bytes) -> int:
    """The length in the first four bytes of a pkt-line, these included; 0 to 2 for a flush and the like, else -1."""
    return int(start, 16) if _LENGTH.fullmatch(start) and start != b"0003" else -1


def _packets(body: bytes) -> list[bytes | None]:
    """The pkt-lines of an answer without newlines, None for a flush (https://git-scm.com/docs/protocol-common).

    Raises NoRefs, also for an origin that says that it failed.
    """
    lines: list[bytes | None] = []
    at = 0
    while at < len(body):
        size = packet_length(body[at : at + 4])
        if size in (-1, 1, 2) or at + size > len(body):
            raise NoRefs("failed", _UNCLEAR)
        line = body[at + 4 : at + size].removesuffix(b"\n") if size else None
        if line is not None and line.startswith(_ERROR):
            raise NoRefs("failed", _FAILED)
        lines.append(line)
        at += size or 4
    return lines


def _until_flush(packets: list[bytes | None]) -> list[bytes]:
    """The lines before a flush that is the last there is. Raises NoRefs."""
    lines = [line for line in packets if line is not None]
    if packets[-1:] != [None] or len(lines) != len(packets) - 1:
        raise NoRefs("failed", _UNCLEAR)
    return lines


def _is_oid(text: bytes) -> bool:
    return len(text) in (40, 64) and not text.strip(b"0123456789abcdef")
