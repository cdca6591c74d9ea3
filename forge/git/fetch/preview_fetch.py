"""The small, bounded fetch of a repository that somebody proposes, before anybody decided about it.

One fetch of one commit, without large files where the origin can leave them out, into a folder of its own, bounded in
bytes and seconds. What an origin does wrong is an outcome, never an exception. The folder is not a mirror: the caller
reads it and removes it.
"""

import os
import shutil
import time
from collections.abc import Callable, Container
from dataclasses import replace
from pathlib import Path

from catalog.sentences import mark
from forge.git import mirror_folder, read
from forge.git.environment import Limits, contact_settings, environment
from forge.git.faults import visit_of_failed_run, visit_of_local_fault
from forge.git.fetch.ref_policy import is_valid_name
from forge.git.fetch.sync import OLD_GIT, OLDEST_GIT, ask, choose_head, nothing_there, with_origin
from forge.git.outcome import MirrorUpdate
from forge.git.runner import GitResult, git_version, run
from forge.security.safe_http import AddressRules

MAX_BYTES = 20_000_000
SECONDS = 15.0  # of the page's 20, so that what was fetched can be read in time
ANSWER_SECONDS = 6.0  # for each of the origin's answers before the fetch
LARGE_FILE_BYTES = (256 << 10) + 1  # observers read smaller ones only (forge.observe.core.tree)
SMALL_FILES, COMMIT_ALONE = f"blob:limit={LARGE_FILE_BYTES}", "tree:0"  # what may be fetched
TOO_LARGE = mark("It is too large to be read while you wait.")
TOO_SLOW = mark("Reading it took too long.")

_NAME = b"refs/heads/look"
_FETCH = (
    "fetch --depth=1 --filter={} --no-tags --no-auto-maintenance --no-recurse-submodules "
    "--no-write-fetch-head --no-write-commit-graph --end-of-options"
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
) -> MirrorUpdate:
    """Fetch one commit of `url` into `folder`, which is created anew: `head_oid` of branch `head`, where the outcome is
    "full".

    `objects` are those of the commit that are wanted, SMALL_FILES or COMMIT_ALONE, as far as the origin can choose.
    `watch` ends it by returning a word.
    """
    if git_version() < OLDEST_GIT:
        return MirrorUpdate("failed", OLD_GIT, url)
    deadline = time.monotonic() + seconds
    quick = replace(addresses, connect_seconds=ANSWER_SECONDS, resolve_seconds=ANSWER_SECONDS)
    probe = ask(url, quick, timeout_seconds=min(ANSWER_SECONDS, seconds), within_seconds=seconds)
    if isinstance(probe, MirrorUpdate):
        return probe
    branch = choose_head(probe, {name: oid for name, oid in probe.refs.items() if is_valid_name(name)}, b"")
    if not branch:
        return with_origin(nothing_there(probe), probe, addresses, url)

    def stop() -> str:
        if mirror_folder.size_bytes(folder) > max_bytes:
            return "size"
        return watch() or ("" if mirror_folder.spare_bytes(folder) > 0 else "room")

    config, variables = contact_settings(probe.vetted, addresses.ca_file)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        mirror_folder.prepare(folder, probe.object_format)
        config_of_folder = (folder / "config").read_bytes()
        ran = run(
            [*_FETCH.format(objects).split(), probe.url, b"+" + branch + b":" + _NAME],
            git_dir=folder,
            variables=environment(config, variables),
            limits=Limits(wall_seconds=max(0.1, deadline - time.monotonic()), cpu_seconds=30, file_bytes=max_bytes),
            watch=stop,
        )
        size_bytes = mirror_folder.size_bytes(folder)
        if ran.ok:
            # A filtered fetch configures the origin as the source of missing objects: it must not be contacted again.
            mirror_folder.write(folder / "config", config_of_folder)
            mirror_folder.write(folder / "HEAD", b"ref: " + _NAME + b"\n")
            visit = MirrorUpdate("full", head=os.fsdecode(branch), head_oid=read.tip(folder))
        else:
            visit = _failed(ran, size_bytes + 4096 > max_bytes)
    except OSError as fault:
        return with_origin(visit_of_local_fault(fault), probe, addresses, url)
    return with_origin(replace(visit, size_bytes=size_bytes), probe, addresses, url)


def remove_leftovers(drafts: Path, names: Container[str]) -> int:
    """Remove the folders of previews that are not among these names (left by killed processes); return how many."""
    gone = [folder for folder in drafts.iterdir() if folder.name not in names] if drafts.is_dir() else []
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _failed(ran: GitResult, full: bool) -> MirrorUpdate:
    visit = visit_of_failed_run(ran)
    if visit.outcome == "too_large" or (full and not ran.stopped):
        return replace(visit, outcome="too_large", reason=TOO_LARGE)
    return replace(visit, reason=TOO_SLOW) if ran.stopped == "time" else visit
