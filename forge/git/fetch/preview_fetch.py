"""The small, bounded fetch of a repository that somebody proposes, before anybody decided about it.

One fetch of one commit, without large files where the origin can leave them out, into a folder of its own, bounded in
bytes and seconds. What an origin does wrong is an outcome, never an exception. The folder is not a mirror: the caller
reads it and removes it.
"""

import shutil
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.sentences import mark
from forge.git import mirror_folder
from forge.git.environment import Limits, contact_settings, environment
from forge.git.faults import visit_of_failed_run, visit_of_local_fault
from forge.git.fetch.probe import NoRefs, Probe, probe
from forge.git.fetch.ref_policy import HEADS, is_valid_name
from forge.git.fetch.sync import EMPTY, NO_BRANCH, OLDEST_GIT
from forge.git.objects import is_oid
from forge.git.runner import GitFailed, GitResult, git_version, run
from forge.security.safe_http import AddressRules, Refused, Unreachable, safe_text

MAX_BYTES = 20_000_000
SECONDS = 15.0  # of the page's 20, so that what was fetched can be read in time
ANSWER_SECONDS = 6.0  # for each of the origin's answers before the fetch
LARGE_FILE_BYTES = (256 << 10) + 1  # observers read smaller ones only (forge.observe.core.tree)
POINTS = ("prepared", "fetched", "named")

_NAME = b"refs/heads/look"
SMALL_FILES, COMMIT_ALONE = f"blob:limit={LARGE_FILE_BYTES}", "tree:0"  # what may be fetched
_FETCH = (
    "fetch --depth=1 --filter={} --no-tags --no-auto-maintenance --no-recurse-submodules "
    "--no-write-fetch-head --no-write-commit-graph --end-of-options"
)


@dataclass(frozen=True)
class PreviewFetch:
    """The result of a preview. `outcome`: found | empty | not_found | password | refused | too_large | failed |
    stopped.

    `reason` is an English sentence (a msgid), "" where it was found; `detail` is git's message, for operators.
    """

    outcome: str
    reason: str = ""
    url: str = ""  # where it answered, after redirects
    moved_from: str = ""  # the address asked for, when it led elsewhere
    branch: str = ""
    commit: str = ""
    size_bytes: int = 0
    detail: str = ""
    retry_after_seconds: int | None = None  # the host wants to see nobody for so long

    @property
    def good(self) -> bool:
        return self.outcome == "found"


TOO_LARGE = mark("It is too large to be read while you wait.")
TOO_SLOW = mark("Reading it took too long.")


@dataclass(frozen=True)
class _PreviewFetch:
    folder: Path
    addresses: AddressRules
    max_bytes: int
    deadline: float  # of time.monotonic
    objects: str
    watch: Callable[[], str]
    checkpoint: Callable[[str], None]

    def left(self) -> float:
        return max(0.1, self.deadline - time.monotonic())

    def stop(self) -> str:
        if mirror_folder.size_bytes(self.folder) > self.max_bytes:
            return "size"
        return self.watch() or ("" if mirror_folder.spare_bytes(self.folder) > 0 else "room")

    def fetch(self, probe: Probe, refspec: bytes) -> GitResult:
        """git's own fetch from the vetted address, into the folder's objects."""
        config, variables = contact_settings(probe.vetted, self.addresses.ca_file)
        return run(
            [*_FETCH.format(self.objects).split(), probe.url, refspec],
            git_dir=self.folder,
            variables=environment(config, variables),
            limits=Limits(wall_seconds=self.left(), cpu_seconds=30, file_bytes=self.max_bytes),
            watch=self.stop,
        )


def fetch_preview(
    folder: Path,
    url: str,
    addresses: AddressRules,
    *,
    max_bytes: int = MAX_BYTES,
    seconds: float = SECONDS,
    objects: str = SMALL_FILES,
    watch: Callable[[], str] = lambda: "",
    checkpoint: Callable[[str], None] = lambda point: None,
) -> PreviewFetch:
    """Fetch one commit of `url` into `folder`, which is created anew, and return the result.

    `objects` are those of the commit that are wanted, SMALL_FILES or COMMIT_ALONE, as far as the origin can choose.
    `watch` ends it by returning a word; `checkpoint` is called with each point in POINTS (tests kill the process
    there).
    """
    if git_version() < OLDEST_GIT:
        return PreviewFetch("failed", mark("Mirrors wait: this machine needs git 2.42 or newer."), url)
    quick = replace(addresses, connect_seconds=ANSWER_SECONDS, resolve_seconds=ANSWER_SECONDS)
    deadline = time.monotonic() + seconds
    try:
        answer_seconds = min(ANSWER_SECONDS, seconds)
        result = probe(url, quick, timeout_seconds=answer_seconds, within_seconds=seconds)
    except Refused as error:
        return PreviewFetch("refused", error.reason, safe_text(url))
    except Unreachable as error:
        return PreviewFetch("failed", error.reason, safe_text(url))
    except NoRefs as error:
        return PreviewFetch(error.outcome, error.reason, safe_text(url), retry_after_seconds=error.retry_after_seconds)
    preview = _PreviewFetch(folder.absolute(), quick, max_bytes, deadline, objects, watch, checkpoint)
    asked_url = addresses.canonical(url)
    looked = _fetch_one_commit(preview, result)
    return replace(looked, url=result.url, moved_from=asked_url if asked_url != result.url else "")


def _fetch_one_commit(preview: _PreviewFetch, probe: Probe) -> PreviewFetch:
    if probe.empty:
        return PreviewFetch("empty", EMPTY)
    branch = _branch(probe)
    if branch is None:
        return PreviewFetch("failed", NO_BRANCH)
    try:
        remove_folder(preview.folder)
        preview.folder.mkdir(mode=0o700, parents=True)
        mirror_folder.prepare(preview.folder, probe.object_format)
        config = (preview.folder / "config").read_bytes()
        preview.checkpoint("prepared")
        ran = preview.fetch(probe, b"+" + branch + b":" + _NAME)
        size = mirror_folder.size_bytes(preview.folder)
        if not ran.ok:
            return replace(_failed(ran, size + 4096 > preview.max_bytes), size_bytes=size)
        preview.checkpoint("fetched")
        # A filtered fetch configures the origin as the source of missing objects: it must not be contacted again.
        mirror_folder.write(preview.folder / "config", config)
        mirror_folder.write(preview.folder / "HEAD", b"ref: " + _NAME + b"\n")
        preview.checkpoint("named")
    except (GitFailed, OSError) as fault:
        ours = visit_of_local_fault(fault)
        return PreviewFetch(ours.outcome, ours.reason, detail=ours.detail)
    branch_name = branch.removeprefix(HEADS).decode("utf-8", "replace")
    return PreviewFetch("found", branch=branch_name, commit=_commit(preview.folder), size_bytes=size)


def remove_folder(folder: Path) -> None:
    """Remove a preview's folder, whatever is in it."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(drafts: Path, names: Container[str]) -> int:
    """Remove the folders of previews that are not among these names (left by killed processes); return how many."""
    gone = [folder for folder in drafts.iterdir() if folder.name not in names] if drafts.is_dir() else []
    for folder in gone:
        remove_folder(folder)
    return len(gone)


def _branch(probe: Probe) -> bytes | None:
    """The origin's default branch; where it names none, the one at its HEAD, a usual one, or any."""
    heads = sorted(name for name in probe.refs if name.startswith(HEADS) and is_valid_name(name))
    at_head = [name for name in heads if probe.refs[name] == probe.head_oid]
    for name in [probe.head, *at_head, b"refs/heads/main", b"refs/heads/master", *heads]:
        if name in heads:
            return name
    return None


def _commit(folder: Path) -> str:
    ran = run(["rev-parse", "--verify", "--quiet", "refs/heads/look^{commit}"], git_dir=folder)
    oid = ran.out.decode("ascii", "replace").strip()
    if not ran.ok or not is_oid(oid):
        raise GitFailed("rev-parse", ran.err)
    return oid


def _failed(ran: GitResult, full: bool) -> PreviewFetch:
    if ran.stopped not in ("", "time", "size", "output", "room"):
        return PreviewFetch("stopped", detail=ran.stopped)
    fault = visit_of_failed_run(ran)
    if fault.outcome == "too_large" or (full and not ran.stopped):
        return PreviewFetch("too_large", TOO_LARGE, detail=fault.detail)
    if ran.stopped == "time":
        return PreviewFetch("failed", TOO_SLOW, detail=fault.detail)
    return PreviewFetch(fault.outcome, fault.reason, detail=fault.detail)
