"""One visit: brings a mirror up to date with its origin, keeps every object ever seen, and returns what it found.

The order (probe, download into quarantine, judge, adopt, record, pin, delete, update) is such that a kill at any point
loses nothing and the next visit completes it. *When* to visit is decided elsewhere, and the store is not known here:
`record` is the caller's. What a remote does wrong is an outcome, never an exception. Why not `git clone --mirror`:
docs/decisions/020-mirrors-lose-nothing.md.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.sentences import mark
from forge.git import free_part, maintenance, mirror_folder, read, refs
from forge.git.environment import SILENT_SECONDS, SLOW_BYTES, SLOW_SECONDS, Limits, contact_settings, environment
from forge.git.faults import SHALLOW, visit_of_failed_run, visit_of_local_fault
from forge.git.fetch import erasure, ref_policy, repair, separate
from forge.git.fetch.probe import NoRefs, Probe, probe
from forge.git.outcome import MirrorUpdate, Outcome
from forge.git.runner import GitFailed, GitResult, git_version, run
from forge.security.safe_http import AddressRules, Refused, Unreachable, Unresolved, safe_text

OLDEST_GIT = (2, 42)
SMALL_BYTES = 256 << 10  # a first mirror of less than this is quick without a commit graph
LARGE_BYTES = 32 << 20  # a first commit graph of more than this is left to forge.git.maintenance
POINTS = (
    *("prepared", "downloaded", "held", "pack-moved", "adopted", "recorded"),
    *("pinned", "deleted", "updated", "packed", "done"),
)
EMPTY = mark("The repository has no commits yet.")
NO_BRANCH = mark("The repository shows no branch that could be read.")
_STATE = "visited.json"
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# A dry run downloads all that is new and tells what `--prune` would delete; it moves and deletes nothing.
_FETCH = (
    "fetch --dry-run --porcelain --prune --no-tags --no-auto-maintenance --no-recurse-submodules "
    "--no-write-fetch-head --end-of-options"
)
_READ_BYTES = 1 << 20
Refs = dict[bytes, bytes]
Brought = tuple[Sequence[ref_policy.RefChange], MirrorUpdate | None]


@dataclass(frozen=True)
class Bounds:
    """What one mirror may take. `spare_bytes` returns the usable space left on the disk; it is called repeatedly."""

    max_bytes: int = 1 << 30
    timeout_seconds: float = 900.0
    probe_seconds: float = 30.0
    silent_seconds: float = SILENT_SECONDS  # without a byte, while something is downloaded
    slow_seconds: float = SLOW_SECONDS  # with fewer than SLOW_BYTES a second
    spare_bytes: Callable[[], int] | None = None  # None: of the mirror's disk, never its last tenth


@dataclass
class _RunningVisit:
    """What the steps of one visit share: the arguments of `sync`, and what they found so far."""

    mirror: Path
    asked: str
    addresses: AddressRules
    bounds: Bounds
    record: Callable[[MirrorUpdate, bool], None]
    accept_deletions: bool
    all_served: Callable[[], bool]
    checkpoint: Callable[[str], None]
    erased: Callable[[], Collection[str]]
    ever_seen: Callable[[], Collection[str]]
    lock: int = -1
    downloaded: int = 0
    first: bool = False  # nothing is there yet
    withheld: int = 0  # deletions that wait for a person
    repaired: bool = False
    lost: int = 0
    cut: dict[bytes, bytes] = field(default_factory=dict)  # refs that hold what was erased: the origin's id, by name
    keep: tuple[bytes, ...] = ()  # commits that no ref reaches, since what was built on them holds what was erased

    def spare(self) -> int:
        spare_bytes = self.bounds.spare_bytes
        return spare_bytes() if spare_bytes is not None else mirror_folder.spare_bytes(self.mirror)


def sync(
    mirror: Path,
    url: str,
    addresses: AddressRules,
    bounds: Bounds,
    record: Callable[[MirrorUpdate, bool], None],
    *,
    accept_deletions: bool | str = False,
    all_served: Callable[[], bool] = lambda: False,
    erased: Callable[[], Collection[str]] = tuple,
    damaged: bool = False,
    ever_seen: Callable[[], Collection[str]] = tuple,
    checkpoint: Callable[[str], None] = lambda point: None,
) -> MirrorUpdate:
    """Visit `url` for the bare repository `mirror` (created if missing) and return the result.

    `record(visit, done)` is called only when refs move: with False before (it must be durable when it returns), with
    True after. `accept_deletions` is a person's confirmation that a withheld mass deletion is right: the digest of what
    the origin showed then, or True for whatever it shows. `all_served`: whether readers get the mirror itself and not a
    part of it; they get what is in it now until the new head was read (`separate.keep_served`). `erased` gives the ids
    of objects that must not come again (`erasure`). `damaged`: the mirror is made anew first (`repair`), and the ids
    that `ever_seen` gives are kept where they are found. `checkpoint` is called with each point in `POINTS` and in
    `repair.POINTS`: at "prepared" a download begins, and at each of them tests kill the process. Raises only what
    `record` and `checkpoint` raise.
    """
    if git_version() < OLDEST_GIT:
        return MirrorUpdate("failed", mark("Mirrors wait: this machine needs git 2.42 or newer."), url)
    rules = (accept_deletions is True, all_served, checkpoint, erased, ever_seen)
    current = _RunningVisit(mirror.absolute(), url, addresses, bounds, record, *rules)
    repair.finish(current.mirror)
    try:
        for folder in (current.mirror, free_part.part_folder(current.mirror)):
            if (folder / "HEAD").exists():
                mirror_folder.write_settings(folder)
    except OSError as fault:
        return replace(visit_of_local_fault(fault), url=safe_text(url))
    damaged = damaged or repair.is_needed(current.mirror)
    state = _read_state(current.mirror)
    last_listing = "" if damaged or accept_deletions else str(state.get("listing") or "")
    probe_result = _probe(url, addresses, min(bounds.probe_seconds, bounds.timeout_seconds), last_listing)
    if isinstance(probe_result, MirrorUpdate):
        return _repaired_alone(current, probe_result) if damaged else probe_result
    current.accept_deletions |= bool(accept_deletions) and accept_deletions == probe_result.digest
    withheld = int(state.get("withheld") or 0)
    same = probe_result.seen or state.get("digest") == probe_result.digest
    if same and not damaged and not (current.accept_deletions and withheld):
        warnings = tuple(state["warnings"])
        visit = MirrorUpdate("unchanged", digest=state["digest"], warnings=warnings, withheld=withheld)
        return _with_origin(current, probe_result, visit, os.fsencode(state["head"]), state["head_oid"].encode())
    if not probe_result.refs and not (current.mirror / "HEAD").exists():
        return _nothing_to_mirror(current, probe_result)
    return _locked_visit(current, probe_result, damaged)


def _probe(url: str, addresses: AddressRules, seconds: float, last_listing: str) -> Probe | MirrorUpdate:
    """What the origin shows, or the visit that ends here."""
    try:
        return probe(url, addresses, timeout_seconds=seconds, last_listing=last_listing)
    except Unresolved as error:
        return MirrorUpdate("failed", error.reason, safe_text(url))
    except Refused as error:
        return MirrorUpdate("refused", error.reason, safe_text(url))
    except Unreachable as error:
        return MirrorUpdate("failed", error.reason, safe_text(url))
    except NoRefs as error:
        return MirrorUpdate(error.outcome, error.reason, safe_text(url), retry_after_seconds=error.retry_after_seconds)


def _locked_visit(current: _RunningVisit, probe: Probe, damaged: bool) -> MirrorUpdate:
    try:
        current.mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
        if damaged:
            if (fault := _repair(current, probe)) is not None:
                return fault
            current.first = False
        with mirror_folder.locked(current.mirror) as lock:
            if lock is None:
                return _with_origin(current, probe, MirrorUpdate("busy", mark("Another visit is under way.")))
            current.lock = lock
            mirror_folder.remove_leftovers(current.mirror)
            mirror_folder.prepare(current.mirror, probe.object_format)
            current.checkpoint("prepared")
            return _update_mirror(current, probe)
    except (GitFailed, OSError) as fault:
        return _with_origin(current, probe, visit_of_local_fault(fault))


def _repair(current: _RunningVisit, probe: Probe) -> MirrorUpdate | None:
    """Make a damaged mirror anew; the visit that ends here where that fails."""
    with mirror_folder.locked(current.mirror) as lock, repair.new_mirror(current.mirror, probe.object_format) as draft:
        if lock is None:
            return _with_origin(current, probe, MirrorUpdate("busy", mark("Another visit is under way.")))
        new = replace(current, mirror=draft, lock=lock)
        folder = mirror_folder.new_download_folder(draft)
        allowed = min(current.bounds.max_bytes, current.spare())
        lines, fault = _fetch(new, probe, folder, allowed, lambda: _watched(current, folder, allowed))
        if fault is not None:
            return _with_origin(current, probe, fault)
        current.downloaded += mirror_folder.size_bytes(folder)
        folder, lines = _without_erased(new, folder, {}, lines)
        mirror_folder.adopt_packs(folder, draft, lambda point: None)
        current.checkpoint("brought")
        _replace_damaged(current, draft, [line.new for line in lines if line.new], must_be_whole=False)
    return None


def _repaired_alone(current: _RunningVisit, failed: MirrorUpdate) -> MirrorUpdate:
    """Make a damaged mirror anew without its origin, which does not answer as it should."""
    try:
        current.mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
        with mirror_folder.locked(current.mirror) as lock:
            if lock is None:
                return failed
            with repair.new_mirror(current.mirror, mirror_folder.object_format_of(current.mirror)) as draft:
                _replace_damaged(current, draft, [], must_be_whole=True)
    except (GitFailed, OSError) as fault:
        return replace(failed, detail=visit_of_local_fault(fault).detail)
    return replace(failed, repaired=current.repaired)


def _replace_damaged(current: _RunningVisit, draft: Path, at_origin: Sequence[bytes], *, must_be_whole: bool) -> None:
    also = [oid.encode() for oid in current.ever_seen()]
    done = repair.replace_damaged(
        current.mirror, draft, at_origin, also, must_be_whole=must_be_whole, checkpoint=current.checkpoint
    )
    current.repaired, current.lost = done.replaced, len(done.lost) if done.replaced else 0


def _watched(current: _RunningVisit, folder: Path, allowed: int) -> str:
    """Why a download has to end: "size", "room", or ""."""
    if mirror_folder.size_bytes(folder) > allowed:
        return "size"
    return "" if current.spare() > 0 else "room"


def _update_mirror(current: _RunningVisit, probe: Probe) -> MirrorUpdate:
    before = refs.branches_and_tags(current.mirror)
    current.first = not before
    if not before and not probe.refs:
        return _nothing_to_mirror(current, probe)
    allowed = min(current.bounds.max_bytes - mirror_folder.size_bytes(current.mirror), current.spare())
    if allowed <= 0:
        return _with_origin(
            current, probe, visit_of_failed_run(GitResult(1, b"", "", "size" if current.spare() > 0 else "room"))
        )
    folder = mirror_folder.new_download_folder(current.mirror)
    lines, fault = _fetch(current, probe, folder, allowed, lambda: _watched(current, folder, allowed))
    if fault is None and probe.refs and not _names_at_origin(before, lines):
        # It listed refs a moment ago: a second answer without any is no reason to consider all of them deleted.
        fault = MirrorUpdate("failed", mark("The origin did not send what it names."))
    downloaded = mirror_folder.size_bytes(folder)
    current.downloaded += downloaded
    if fault is not None:
        shutil.rmtree(folder, ignore_errors=True)
        # git does not always tell that the limit on file size ended its child, but the file ends just there.
        if fault.outcome == "refused" and downloaded + 4096 > allowed:
            fault = visit_of_failed_run(GitResult(1, b"", fault.detail, "size" if current.spare() > 0 else "room"))
        return _with_origin(current, probe, fault)
    current.checkpoint("downloaded")
    folder, lines = _without_erased(current, folder, before, lines)
    if lines or probe.head != _head_name(current.mirror) or any((folder / "pack").iterdir()):
        separate.keep_served(current.mirror, current.all_served())
    current.checkpoint("held")
    mirror_folder.adopt_packs(folder, current.mirror, current.checkpoint)
    current.checkpoint("adopted")
    return _apply_changes(current, probe, before, lines)


def _without_erased(
    current: _RunningVisit, folder: Path, before: Refs, lines: Sequence[ref_policy.RefChange]
) -> tuple[Path, Sequence[ref_policy.RefChange]]:
    """The download without what was erased here and what is built on it."""
    erased = frozenset(oid.encode() for oid in current.erased())
    if not erased:
        return folder, lines
    download = erasure.cut_download(current.mirror, folder, before.values(), lines, erased)
    current.cut, current.keep = dict(download.cut), tuple(download.keep)
    return download.folder, download.lines


def _nothing_to_mirror(current: _RunningVisit, probe: Probe) -> MirrorUpdate:
    """The result for an origin that shows neither a branch nor a tag and has no mirror yet."""
    return _with_origin(
        current, probe, MirrorUpdate("empty", EMPTY) if probe.empty else MirrorUpdate("failed", NO_BRANCH)
    )


def _names_at_origin(before: Refs, lines: Sequence[ref_policy.RefChange]) -> set[bytes]:
    """The names that a fetch of these changes found at the origin."""
    gone = {line.name for line in lines if line.kind == "deleted"}
    return (before.keys() - gone) | {line.name for line in lines if line.new}


def _fetch(current: _RunningVisit, probe: Probe, folder: Path, allowed: int, watch: Callable[[], str]) -> Brought:
    """Download everything new, and list what would move; no ref moves."""
    config, variables = contact_settings(probe.vetted, current.addresses.ca_file, current.bounds.slow_seconds)
    variables |= mirror_folder.quarantine(current.mirror, folder)
    limits = Limits(
        wall_seconds=current.bounds.timeout_seconds,
        still_seconds=current.bounds.silent_seconds,
        cpu_seconds=max(600, int(current.bounds.timeout_seconds)),
        file_bytes=allowed,
    )
    since, received = time.monotonic(), 0

    def watch_pack() -> str:
        # For git and curl any byte is progress, also of a list of refs or of messages that never end.
        nonlocal since, received
        now = time.monotonic()
        if now - since > current.bounds.slow_seconds:
            before, received = received, mirror_folder.size_bytes(folder)
            if received - before < SLOW_BYTES * (now - since) and not _is_being_indexed(folder):
                return "slow"
            since = now
        return watch()

    ran = run(
        [*_FETCH.split(), probe.url, *_REFSPECS],
        git_dir=current.mirror,
        variables=environment(config, variables),
        limits=limits,
        watch=watch_pack,
        pass_fds=(current.lock,),
    )
    lines = ref_policy.parse_changes(ran.out)
    partly_refused = ran.status == 1 and not ran.stopped and any(line.kind == "refused" for line in lines)
    good = (ran.ok or partly_refused) and not (current.first and SHALLOW in ran.err)
    return lines, None if good else visit_of_failed_run(ran)


def _is_being_indexed(folder: Path) -> bool:
    """Whether a pack has come as a whole, which git works through before it gives it a name."""
    try:
        return any(_ends_with_checksum(pack) for pack in folder.rglob("tmp_pack_*"))
    except FileNotFoundError:  # it got its name just now
        return True


def _ends_with_checksum(pack: Path) -> bool:
    for name in ("sha1", "sha256"):
        total, left = hashlib.new(name, usedforsecurity=False), pack.stat().st_size
        left -= total.digest_size
        with pack.open("rb") as opened:
            while left > 0 and (piece := opened.read(min(left, _READ_BYTES))):
                total.update(piece)
                left -= len(piece)
            if left == 0 and opened.read() == total.digest():
                return True
    return False


def _apply_changes(
    current: _RunningVisit, probe: Probe, before: Refs, lines: Sequence[ref_policy.RefChange]
) -> MirrorUpdate:
    """Record, move refs, finish: every step from now on can be repeated by the next visit."""
    gone = {line.name for line in lines if line.kind == "deleted"}
    upstream = {name: oid for name, oid in before.items() if name not in gone}
    upstream |= {line.name: line.new for line in lines if line.new}
    refused = {line.name for line in lines if line.kind == "refused"}
    after = {name: oid for name, oid in upstream.items() if name not in refused}
    after |= {name: before[name] for name in refused if name in before}
    old_head, old = _head_name(current.mirror), read.tip(current.mirror).encode()
    if gone and not current.accept_deletions and _is_mass_deletion(current, probe, before, old_head, after, gone):
        current.withheld = len(gone)
        after |= {name: before[name] for name in gone}
        lines = [line for line in lines if line.kind != "deleted"]
    head = _choose_head(probe, after, old_head)
    new = after.get(head, b"")
    advanced = head == old_head and any(line.name == head and line.kind == "advanced" for line in lines)
    unlike = bool(old and new and old != new) and not advanced
    visit = MirrorUpdate(
        "full" if after else "empty",
        changes=tuple(line.change for line in lines),
        discontinued=unlike and not refs.share_history(current.mirror, old, new),
    )
    visit = _with_origin(current, probe, _with_warnings(current, visit, refused), head if new else b"", new)
    moving = bool(lines or current.keep) or head != old_head
    (current.mirror / _STATE).unlink(missing_ok=True)
    if moving:
        current.record(visit, False)
        current.checkpoint("recorded")
        visit = _with_warnings(current, visit, refused | _move_refs(current, lines))
    visit = _finish(current, visit, head if new else b"")
    # A name that git will not even fetch is in the probe only; any other difference means the origin moved meanwhile.
    settled = all(probe.refs.get(name) == current.cut.get(name, oid) for name, oid in upstream.items())
    visit = replace(visit, digest=probe.digest if settled else "")
    mirror_folder.note_files(current.mirror)
    _write_state(current.mirror, visit, probe.listing if settled else "")
    if moving:
        current.record(visit, True)
    current.checkpoint("done")
    return visit


def _move_refs(current: _RunningVisit, lines: Sequence[ref_policy.RefChange]) -> set[bytes]:
    """Move refs in three transactions, since git refuses to delete "foo/bar" and create "foo" in one; the names left.

    Every id that is about to lose its name is pinned before, every id that gets none is pinned instead.
    """
    lost = [line.old for line in lines if line.kind in ("rewritten", "deleted")]
    lost += [line.new for line in lines if line.kind == "refused" and _has_object(current.mirror, line.new)]
    lost += current.keep
    refs.keep_objects(current.mirror, lost, current.lock)
    current.checkpoint("pinned")
    deletions = {refs.delete(line.name, line.old): line for line in lines if line.kind == "deleted"}
    stuck = {deletions[order].name for order in refs.move(current.mirror, list(deletions), current.lock)}
    current.checkpoint("deleted")
    moved = [line for line in lines if line.kind in ("created", "advanced", "rewritten")]
    orders = {refs.update(line.name, line.new, line.old): line for line in moved}
    unnamed = [orders[order] for order in refs.move(current.mirror, list(orders), current.lock)]
    refs.keep_objects(current.mirror, [line.new for line in unnamed], current.lock)
    current.checkpoint("updated")
    return stuck | {line.name for line in unnamed}


def _finish(current: _RunningVisit, visit: MirrorUpdate, head: bytes) -> MirrorUpdate:
    """Update HEAD, packed refs, commit graph; the first graph of a large repository is left to maintenance.

    Where there is no branch (`head` is b""), HEAD is the commit of the newest tag.
    """
    try:
        newest = "" if head else read.newest_tag(current.mirror)
    except read.MirrorUnreadable as fault:
        raise GitFailed("for-each-ref", str(fault)) from fault
    if newest:
        mirror_folder.write(current.mirror / "HEAD", f"{newest}\n")
        visit = replace(visit, head_oid=newest)
    elif head and head != _head_name(current.mirror) and head in refs.branches_and_tags(current.mirror):
        mirror_folder.write(current.mirror / "HEAD", f"ref: {os.fsdecode(head)}\n")
    run(["pack-refs", "--all"], git_dir=current.mirror, pass_fds=(current.lock,))
    current.checkpoint("packed")
    due = current.first and current.downloaded > LARGE_BYTES
    if not due and not (current.first and current.downloaded < SMALL_BYTES):
        due = not maintenance.write_commit_graph(current.mirror, current.lock).ok
    due = due or len(list((current.mirror / "objects/pack").glob("*.pack"))) > maintenance.PACKS
    return replace(visit, upkeep_due=due)


def _with_warnings(current: _RunningVisit, visit: MirrorUpdate, refused: set[bytes]) -> MirrorUpdate:
    """The visit with outcome and warnings for what was withheld, refused or replaced."""
    warnings = []
    if current.withheld:
        warnings.append(mark("Most of the origin vanished. The last good state stays until a maintainer decides."))
    if current.cut:
        refused = refused - current.cut.keys()
        warnings.append(mark("A part of the code was erased here. What is built on it is not shown."))
    if refused:
        warnings.append(mark("Some branches or tags could not be shown; their commits are kept."))
    outcome: Outcome = "partial" if warnings else visit.outcome
    if current.lost:
        warnings.append(mark("Our copy was damaged. Some of what its origin no longer has could not be saved."))
    if visit.discontinued:
        warnings.append(mark("The origin's history was replaced by another one. The earlier one is kept."))
    names = {name.decode("utf-8", "surrogateescape") for name in refused}
    changes = [replace(change, kind="refused") if change.ref in names else change for change in visit.changes]
    return replace(visit, outcome=outcome, warnings=tuple(warnings), changes=tuple(changes), withheld=current.withheld)


def _is_mass_deletion(
    current: _RunningVisit, probe: Probe, before: Refs, old_head: bytes, after: Refs, gone: set[bytes]
) -> bool:
    """Whether these deletions wait for a person. A default branch that was only renamed does not count."""
    if old_head not in gone:
        return ref_policy.is_mass_deletion(before, gone)
    successor = after.get(probe.head or b"", b"")
    renamed = bool(successor) and refs.is_ancestor(current.mirror, before[old_head], successor)
    return not renamed or ref_policy.is_mass_deletion([name for name in before if name != old_head], gone - {old_head})


def _choose_head(probe: Probe, after: Refs, old_head: bytes) -> bytes:
    """The branch our HEAD names: the origin's, else the one at the origin's HEAD, else a usual name, else any."""
    heads = sorted(name for name in after if name.startswith(ref_policy.HEADS))
    at_head = [name for name in heads if probe.head is None and after[name] == probe.head_oid]
    usual = [b"refs/heads/main", b"refs/heads/master"]
    for name in [probe.head, *([old_head] if old_head in at_head else at_head), old_head, *usual, *heads]:
        if name in heads:
            return name
    return old_head


def _head_name(mirror: Path) -> bytes:
    text = (mirror / "HEAD").read_bytes()
    return text[5:].strip() if text.startswith(b"ref: ") else b""


def _has_object(mirror: Path, oid: bytes) -> bool:
    return bool(oid) and run(["cat-file", "-e", oid], git_dir=mirror).ok


def _with_origin(
    current: _RunningVisit, probe: Probe, visit: MirrorUpdate, head: bytes = b"", head_oid: bytes = b""
) -> MirrorUpdate:
    """The visit with what every answered one records: the address, and the head."""
    asked_url = current.addresses.canonical(current.asked)
    return replace(
        visit,
        url=probe.url,
        moved_from=asked_url if asked_url != probe.url else "",
        moved_for_good=probe.moved_for_good,
        address=probe.address,
        size_bytes=current.downloaded + probe.size_bytes,
        head=os.fsdecode(head),
        head_oid=head_oid.decode(),
        repaired=current.repaired,
        lost=current.lost,
    )


def _read_state(mirror: Path) -> dict[str, Any]:
    """What the last visit left; {} when it did not end, or its file is not ours."""
    try:
        with open(f"{mirror}/{_STATE}", "rb", buffering=0) as file:
            state = json.loads(file.read())
        return state if isinstance(state, dict) and isinstance(state.get("warnings"), list) else {}
    except (OSError, ValueError):
        return {}


def _write_state(mirror: Path, visit: MirrorUpdate, listing: str) -> None:
    state = {
        "digest": visit.digest,
        "listing": listing,
        "head": visit.head,
        "head_oid": visit.head_oid,
        "warnings": list(visit.warnings),
        "withheld": visit.withheld,
    }
    mirror_folder.write(mirror / _STATE, json.dumps(state))
