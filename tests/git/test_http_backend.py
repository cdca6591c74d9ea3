"""Clones of a mirror over smart HTTP: what a plain git client gets, and what it is refused."""

import asyncio
import contextlib
import gzip
import os
import time
import urllib.error
import urllib.request

import psutil
import pytest
import uvloop
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from support.hosts.git_origin import a_commit, a_repository, descendants, git
from support.serving import listening

from forge.git import http_backend
from forge.security.client_shares import ClientShares
from forge.web.code.streamed_response import CloneAnswer

WAIT_SECONDS = 20.0  # for what happens at once, where a machine is busy


@contextlib.contextmanager
def a_server(mirror, gate):
    """The two routes around `serve`, as the web wraps them; the address to clone, and the protocols asked for."""
    protocols = []

    async def info(request):
        if request.query_params.get("service") != "git-upload-pack":
            return Response(status_code=403)
        protocols.append(request.headers.get("git-protocol"))
        body = await http_backend.advertise(mirror, gate, protocol=request.headers.get("git-protocol"))
        return Response(body, media_type=http_backend.ADVERTISEMENT)

    async def pack(request):
        try:
            answer = await http_backend.upload_pack(
                mirror,
                request.stream(),
                gate,
                protocol=request.headers.get("git-protocol"),
                encoding=request.headers.get("content-encoding"),
            )
        except http_backend.Busy as busy:
            return Response(status_code=503, headers={"Retry-After": str(busy.retry_after_seconds)})
        except http_backend.BodyTooLarge:
            return Response(status_code=413)

        return CloneAnswer(answer, {"Content-Type": http_backend.RESULT}, WAIT_SECONDS)

    routes = [Route("/m.git/info/refs", info), Route("/m.git/git-upload-pack", pack, methods=["POST"])]
    with listening(Starlette(routes=routes)) as (base, _):
        yield f"{base}/m.git", protocols


@pytest.fixture
def mirror(tmp_path):
    path = a_repository(tmp_path, "m.git", commits=5, big__bin=os.urandom(300_000))
    git("tag", "v1", "main~1", cwd=path)
    git("tag", "-a", "-m", "Two", "v2", "main", cwd=path)
    kept = a_commit(path, {"old": "kept"})
    git("update-ref", f"refs/kept/{kept.decode()}", kept, cwd=path)
    return path


@pytest.fixture
def served(mirror):
    with a_server(mirror, http_backend.CloneLimit(2, wait_seconds=0.2)) as (url, protocols):
        yield url, protocols


def listing(path):
    return git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags", cwd=path)


def test_a_clone_has_the_same_refs_and_none_that_are_kept(served, mirror, tmp_path):
    url, protocols = served
    git("clone", "-q", "--mirror", url, tmp_path / "copy.git")
    assert listing(tmp_path / "copy.git") == listing(mirror)
    assert b"refs/kept" not in git("for-each-ref", cwd=tmp_path / "copy.git")
    assert protocols == ["version=2"]


def test_an_old_client_without_protocol_two_is_answered_too(served, mirror, tmp_path):
    url, protocols = served
    git("-c", "protocol.version=0", "clone", "-q", "--mirror", url, tmp_path / "copy.git")
    assert listing(tmp_path / "copy.git") == listing(mirror)
    assert protocols == [None]


@pytest.mark.parametrize("wish", ["tree:0", "sparse:oid=main:x", "combine:blob:none+tree:1"])
def test_filters_that_cost_much_are_refused(served, tmp_path, wish):
    with pytest.raises(AssertionError, match=r"filter|unexpected disconnect|remote"):
        git("clone", "-q", "--bare", f"--filter={wish}", served[0], tmp_path / "partial.git")


def test_only_protocols_zero_to_two_reach_git():
    for header in ("version=3", "version=2\n", "version=2:object-format=sha1", "", None):
        assert http_backend._protocol(header) == ""
    assert http_backend._protocol("version=2") == "version=2"


def post(url, body, encoding):
    headers = {"Content-Encoding": encoding, "Git-Protocol": "version=2"}
    request = urllib.request.Request(f"{url}/git-upload-pack", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_request_that_unpacks_to_more_than_ten_megabytes_is_refused(served):
    question = b"0014command=ls-refs\n0001" + b"001cref-prefix refs/heads/a\n" * 400_000 + b"0000"
    bomb = gzip.compress(question)
    assert len(bomb) < 40_000
    assert post(served[0], bomb, "gzip") == 413
    assert post(served[0], b"not gzip", "gzip") == 413
    assert post(served[0], b"x", "br") == 413


async def drained(answer):
    """All that is answered; then git is gone, and its place is free."""
    try:
        return b"".join([piece async for piece in answer])
    finally:
        answer.end()


async def until_free(gate):
    deadline = time.monotonic() + WAIT_SECONDS
    while gate.places.taken():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_beyond_the_bound_a_clone_waits_and_is_then_told_when_to_come_back(mirror):
    async def walk():
        gate = http_backend.CloneLimit(1, wait_seconds=0.1, retry_after_seconds=7)
        leave = await gate.enter()
        for asked in (http_backend.upload_pack(mirror, _body(b""), gate), http_backend.advertise(mirror, gate)):
            with pytest.raises(http_backend.Busy) as busy:
                await asked
            assert busy.value.retry_after_seconds == 7
        gate.wait_seconds = WAIT_SECONDS
        asyncio.get_running_loop().call_later(0.05, leave)
        answer = await http_backend.upload_pack(mirror, _body(_a_fetch(mirror)), gate, protocol="version=2")
        assert b"PACK" in await drained(answer)
        await until_free(gate)

    asyncio.run(walk())


def test_one_reader_has_a_share_of_the_places_and_the_others_the_rest():
    async def walk():
        gate = http_backend.CloneLimit(3, wait_seconds=0.1, share=2)
        leave = await gate.enter("greedy")
        await gate.enter("greedy")
        with pytest.raises(http_backend.Busy):
            await gate.enter("greedy")
        await gate.enter("other")
        with pytest.raises(http_backend.Busy):
            await gate.enter("third")
        gate.wait_seconds = WAIT_SECONDS
        asyncio.get_running_loop().call_later(0.05, leave)
        await gate.enter("greedy")

    asyncio.run(walk())


def test_a_reader_who_goes_away_ends_git_and_frees_the_place(mirror):
    async def walk():
        gate, before = http_backend.CloneLimit(1), set(descendants(lambda process: "git" in process.name()))
        answer = await http_backend.upload_pack(mirror, _body(_a_fetch(mirror)), gate, protocol="version=2")
        await anext(answer)
        answer.end()
        answer.end()
        await until_free(gate)
        assert set(descendants(lambda process: "git" in process.name())) <= before

    asyncio.run(walk())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("again", [False, True], ids=["once", "again and again"])
def test_a_clone_that_is_cancelled_at_any_step_leaves_no_process_and_no_place_taken(mirror, loop, again):
    fetch = _a_fetch(mirror)

    async def main(steps):
        gate, before = http_backend.CloneLimit(1), set(psutil.Process().children())
        for asked in (
            http_backend.upload_pack(mirror, _body(fetch), gate, protocol="version=2"),
            http_backend.advertise(mirror, gate),
        ):
            asking = asyncio.create_task(asked)
            for _ in range(steps):
                await asyncio.sleep(0)
            asking.cancel()
            while again and not asking.done():
                asking.cancel()
                await asyncio.sleep(0)
            await asyncio.wait([asking])
            if not asking.cancelled() and isinstance(asking.result(), http_backend.GitAnswer):
                asking.result().end()  # it had answered before
            await until_free(gate)
            assert set(psutil.Process().children()) <= before

    for steps in (*range(16), 30, 100):
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(main(steps))


def test_a_reader_who_never_finishes_asking_is_cut_off(mirror):
    async def never():
        yield b"0014command=ls-refs\n"
        await asyncio.sleep(60)

    async def walk():
        gate = http_backend.CloneLimit(1, wait_seconds=0.1, body_seconds=0.3)
        with pytest.raises(TimeoutError):
            await http_backend.upload_pack(mirror, never(), gate, protocol="version=2")
        await gate.enter()

    began = time.monotonic()
    asyncio.run(walk())
    assert time.monotonic() - began < 50


def test_large_requests_share_room_until_they_have_a_place(mirror):
    async def walk():
        gate, large = http_backend.CloneLimit(1, wait_seconds=WAIT_SECONDS), http_backend.SMALL_BYTES + 1
        gate.room = ClientShares(2, 1)
        arriving = asyncio.Event()

        async def half():
            yield b"0" * large
            arriving.set()
            await asyncio.sleep(100)

        async def asked(reader, data):
            answer = await http_backend.upload_pack(mirror, _body(data), gate, reader=reader, protocol="version=2")
            return await drained(answer)

        slow = asyncio.create_task(http_backend.upload_pack(mirror, half(), gate, reader="slow"))
        await arriving.wait()
        with pytest.raises(http_backend.Busy):
            await asked("slow", b"0" * large)
        assert b"PACK" in await asked("slow", _a_fetch(mirror))
        assert b"PACK" in await asked("other", _a_fetch(mirror, wants=large // 40))
        slow.cancel()
        await asyncio.wait([slow])
        assert gate.room.taken() == 0
        await until_free(gate)

    asyncio.run(walk())


async def _body(data):
    yield data


def _a_fetch(mirror, wants=1):
    want = b"want " + git("rev-parse", "main", cwd=mirror) + b"\n"
    lines = [b"command=fetch", None, *[want] * wants, b"done\n"]
    return b"".join(b"0001" if line is None else b"%04x" % (len(line) + 4) + line for line in lines) + b"0000"


def test_memory_stays_flat_while_a_large_repository_is_cloned(tmp_path):
    mirror = a_repository(tmp_path, "m.git", big__bin=os.urandom(48 << 20))

    async def walk():
        gate, process, peak = http_backend.CloneLimit(), psutil.Process(), 0
        before = process.memory_info().rss
        total = 0
        answer = await http_backend.upload_pack(mirror, _body(_a_fetch(mirror)), gate, protocol="version=2")
        async for piece in answer:
            total += len(piece)
            peak = max(peak, process.memory_info().rss)
        answer.end()
        return total, peak - before

    total, grown = asyncio.run(walk())
    assert total > 48 << 20
    assert grown < 16 << 20
