"""One visit: brings a mirror up to date with its origin, keeps every object ever seen, and returns what it found.

The order (probe, download into quarantine, judge, adopt, record, pin, delete, update) is such that a kill at any point
loses nothing and the next visit completes it. *When* to visit is decided elsewhere, and the store is not known here:
`record` is the caller's. What a remote does wrong is an outcome, never an exception. Why not `git clone --mirror`:
docs/decisions/020-mirrors-lose-nothing.md.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.sentences import mark
from forge.git import free_part, maintenance, mirror_folder, read, refs
from forge.git.environment import SLOW_BYTES, SLOW_SECONDS, Limits, contact_settings, environment
from forge.git.faults import SHALLOW, visit_of_failed_run, visit_of_local_fault
from forge.git.fetch import erasure, ref_policy, repair, separate
from forge.git.fetch.probe import NoRefs, Probe, probe
from forge.git.outcome import MirrorUpdate, Outcome
from forge.git.runner import GitFailed, GitResult, git_version, run
from forge.security.safe_http import AddressRules, Refused, Unreachable, Unresolved, safe_text

OLDEST_GIT = (2, 42)
SMALL_BYTES = 256 << 10  # a first mirror of less than this is quick without a commit graph
STALLED_TIMES = 6  # so many times `slow_seconds` without a growing pack end a download that does send something
LARGE_BYTES = 32 << 20  # a first commit graph of more than this is left to forge.git.maintenance
POINTS = (
    *("prepared", "downloaded", "held", "pack-moved", "adopted", "recorded"),
    *("pinned", "deleted", "updated", "packed", "done"),
)
OLD_GIT = mark("Mirrors wait: this machine needs git 2.42 or newer.")
EMPTY = mark("The repository has no commits yet.")
NO_BRANCH = mark("The repository shows no branch that could be read.")
_STATE = "visited.json"
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# A dry run downloads all that is new and tells what `--prune` would delete; it moves and deletes nothing.
_FETCH = (
    "fetch --dry-run --porcelain --prune --no-tags --no-auto-maintenance --no-recurse-submodules "
    "--no-write-fetch-head --end-of-options"
)
Refs = dict[bytes, bytes]
Brought = tuple[Sequence[ref_policy.RefChange], MirrorUpdate | None]


@dataclass(frozen=True)
class Bounds:
    """What one mirror may take. `spare_bytes` returns the usable space left on the disk; it is called repeatedly."""

    max_bytes: int = 1 << 30
    timeout_seconds: float = 900.0
    probe_seconds: float = 30.0
    slow_seconds: float = SLOW_SECONDS  # with fewer than SLOW_BYTES a second, none at all too
    spare_bytes: Callable[[], int] | None = None  # None: of the mirror's disk, never its last tenth


@dataclass
class Sync:
    """One visit of `url` for the bare repository `mirror`, which is created if it is missing.

    `record(visit)` is called only when refs are about to move, and must be durable when it returns. `accept_deletions`
    is a person's confirmation that a withheld mass deletion is right: the digest of what the origin showed then, or
    True for whatever it shows. `all_served`: whether readers get the mirror itself and not a part of it; they get what
    is in it now until the new head was read (`separate.keep_served`). `erased` gives the ids of objects that must not
    come again (`erasure`). `damaged`: the mirror is made anew first (`repair`), and the ids that `ever_seen` gives are
    kept where they are found. `checkpoint` is called with each point in `POINTS` and in `repair.POINTS`: at each of
    them tests kill the process.
    """

    mirror: Path
    url: str
    addresses: AddressRules
    bounds: Bounds
    record: Callable[[MirrorUpdate], None] = lambda visit: None
    accept_deletions: bool | str = False
    all_served: Callable[[], bool] = lambda: False
    erased: Callable[[], Collection[str]] = tuple
    damaged: bool = False
    ever_seen: Callable[[], Collection[str]] = tuple
    checkpoint: Callable[[str], None] = lambda point: None
    probe: Probe = field(init=False)
    lock: int = field(default=-1, init=False)
    downloaded: int = field(default=0, init=False)
    first: bool = field(default=False, init=False)  # nothing is there yet
    withheld: int = field(default=0, init=False)  # deletions that wait for a person
    repaired: bool = field(default=False, init=False)
    lost: int = field(default=0, init=False)
    # Refs that hold what was erased, and end before it here or are not here.
    cut: frozenset[bytes] = field(default=frozenset(), init=False)

    def run(self) -> MirrorUpdate:
        """Visit, and return the result. Raises only what `record` and `checkpoint` raise."""
        if git_version() < OLDEST_GIT:
            return MirrorUpdate("failed", OLD_GIT, self.url)
        self.mirror = self.mirror.absolute()
        repair.finish(self.mirror)
        try:
            for folder in (self.mirror, free_part.part_folder(self.mirror)):
                if (folder / "HEAD").exists():
                    mirror_folder.write_settings(folder)
        except OSError as fault:
            return replace(visit_of_local_fault(fault), url=safe_text(self.url))
        self.damaged = self.damaged or repair.is_needed(self.mirror)
        state = _read_state(self.mirror)
        last_listing = "" if self.damaged or self.accept_deletions else str(state.get("listing") or "")
        probe_seconds = min(self.bounds.probe_seconds, self.bounds.timeout_seconds)
        probe = ask(self.url, self.addresses, timeout_seconds=probe_seconds, last_listing=last_listing)
        if isinstance(probe, MirrorUpdate):
            return probe
        self.probe = probe
        self.accept_deletions = self.accept_deletions in (True, probe.digest)
        withheld = int(state.get("withheld") or 0)
        same = probe.seen or state.get("digest") == probe.digest
        if same and not self.damaged and not (self.accept_deletions and withheld):
            warnings = tuple(state["warnings"])
            visit = MirrorUpdate("unchanged", digest=state["digest"], warnings=warnings, withheld=withheld)
            return self._with_origin(replace(visit, head=state["head"], head_oid=state["head_oid"]))
        if not probe.refs and not (self.mirror / "HEAD").exists():
            return self._with_origin(nothing_there(self.probe))
        return self._locked_visit()

    def _spare_bytes(self) -> int:
        spare_bytes = self.bounds.spare_bytes
        return spare_bytes() if spare_bytes is not None else mirror_folder.spare_bytes(self.mirror)

    def _locked_visit(self) -> MirrorUpdate:
        try:
            self.mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.damaged and (fault := self._repair()) is not None:
                return fault
            with mirror_folder.locked(self.mirror) as lock:
                if lock is None:
                    return self._with_origin(MirrorUpdate("busy", mark("Another visit is under way.")))
                self.lock = lock
                mirror_folder.remove_leftovers(self.mirror)
                mirror_folder.prepare(self.mirror, self.probe.object_format)
                self.checkpoint("prepared")
                return self._update_mirror()
        except (GitFailed, OSError) as fault:
            return self._with_origin(visit_of_local_fault(fault))

    def _repair(self) -> MirrorUpdate | None:
        """Make a damaged mirror anew; the visit that ends here where that fails."""
        with (
            mirror_folder.locked(self.mirror) as lock,
            repair.new_mirror(self.mirror, self.probe.object_format) as draft,
        ):
            if lock is None:
                return self._with_origin(MirrorUpdate("busy", mark("Another visit is under way.")))
            new = copy(self)
            new.mirror, new.lock = draft, lock
            folder = mirror_folder.new_download_folder(draft)
            lines, fault = new._fetch(folder, min(self.bounds.max_bytes, self._spare_bytes()))
            if fault is not None:
                return self._with_origin(fault)
            self.downloaded += mirror_folder.size_bytes(folder)
            mirror_folder.adopt_packs(folder, draft, lambda point: None)
            self.checkpoint("brought")
            also = [oid.encode() for oid in self.ever_seen()]
            at_origin = [line.new for line in lines if line.new]
            self.lost = len(repair.replace_damaged(self.mirror, draft, at_origin, also, self.checkpoint))
            self.repaired = True
        return None

    def _too_large(self, detail: str = "") -> MirrorUpdate:
        return visit_of_failed_run(GitResult(1, b"", detail, "size" if self._spare_bytes() > 0 else "room"))

    def _update_mirror(self) -> MirrorUpdate:
        before = refs.branches_and_tags(self.mirror)
        self.first = not before
        if not before and not self.probe.refs:
            return self._with_origin(nothing_there(self.probe))
        allowed = min(self.bounds.max_bytes - mirror_folder.size_bytes(self.mirror), self._spare_bytes())
        if allowed <= 0:
            return self._with_origin(self._too_large())
        folder = mirror_folder.new_download_folder(self.mirror)
        lines, fault = self._fetch(folder, allowed)
        if fault is None and self.probe.refs and not _names_at_origin(before, lines):
            # It listed refs a moment ago: a second answer without any is no reason to consider all of them deleted.
            fault = MirrorUpdate("failed", mark("The origin did not send what it names."))
        downloaded = mirror_folder.size_bytes(folder)
        self.downloaded += downloaded
        if fault is not None:
            shutil.rmtree(folder, ignore_errors=True)
            # git does not always tell that the limit on file size ended its child, but the file ends just there.
            if fault.outcome == "refused" and downloaded + 4096 > allowed:
                fault = self._too_large(fault.detail)
            return self._with_origin(fault)
        self.checkpoint("downloaded")
        if lines or self.probe.head != _head_name(self.mirror) or any((folder / "pack").iterdir()):
            separate.keep_served(self.mirror, self.all_served())
        self.checkpoint("held")
        mirror_folder.adopt_packs(folder, self.mirror, self.checkpoint)
        self.checkpoint("adopted")
        return self._apply_changes(before, lines)

    def _fetch(self, folder: Path, allowed: int) -> Brought:
        """Download everything new, at most `allowed` bytes, and list what would move; no ref moves."""
        config, variables = contact_settings(self.probe.vetted, self.addresses.ca_file, self.bounds.slow_seconds)
        variables |= mirror_folder.quarantine(self.mirror, folder)
        limits = Limits(
            wall_seconds=self.bounds.timeout_seconds,
            cpu_seconds=max(600, int(self.bounds.timeout_seconds)),
            file_bytes=allowed,
        )
        since, received = time.monotonic(), 0

        def watch() -> str:
            nonlocal since, received
            now, size_bytes = time.monotonic(), mirror_folder.size_bytes(folder)
            if size_bytes > allowed:
                return "size"
            # For curl any byte is progress, also of a list of refs or of messages that never end. A pack that has come
            # as a whole grows no more while git works through it.
            if now - since > STALLED_TIMES * self.bounds.slow_seconds:
                if size_bytes - received < SLOW_BYTES * (now - since):
                    return "slow"
                since, received = now, size_bytes
            return "" if self._spare_bytes() > 0 else "room"

        ran = run(
            [*_FETCH.split(), self.probe.url, *_REFSPECS],
            git_dir=self.mirror,
            variables=environment(config, variables),
            limits=limits,
            watch=watch,
            pass_fds=(self.lock,),
        )
        lines = ref_policy.parse_changes(ran.out)
        partly_refused = ran.status == 1 and not ran.stopped and any(line.kind == "refused" for line in lines)
        good = (ran.ok or partly_refused) and not (self.first and SHALLOW in ran.err)
        return lines, None if good else visit_of_failed_run(ran)

    def _apply_changes(self, before: Refs, lines: Sequence[ref_policy.RefChange]) -> MirrorUpdate:
        """Record, move refs, finish: every step from now on can be repeated by the next visit."""
        gone = {line.name for line in lines if line.kind == "deleted"}
        upstream = {name: oid for name, oid in before.items() if name not in gone}
        upstream |= {line.name: line.new for line in lines if line.new}
        refused = {line.name for line in lines if line.kind == "refused"}
        after = {name: oid for name, oid in upstream.items() if name not in refused}
        after |= {name: before[name] for name in refused if name in before}
        old_head, old = _head_name(self.mirror), read.tip(self.mirror).encode()
        if gone and not self.accept_deletions and self._is_mass_deletion(before, old_head, after, gone):
            self.withheld = len(gone)
            after |= {name: before[name] for name in gone}
            lines = [line for line in lines if line.kind != "deleted"]
        visit = MirrorUpdate("full" if after else "empty", changes=tuple(line.change for line in lines))
        visit = self._with_origin(self._with_warnings(visit, refused))
        moving = bool(lines) or choose_head(self.probe, after, old_head) != old_head
        (self.mirror / _STATE).unlink(missing_ok=True)
        if moving:
            self.record(visit)
            self.checkpoint("recorded")
            refused |= self._move_refs(lines)
            after = self._erase_again(after)
        head = choose_head(self.probe, after, old_head)
        new = after.get(head, b"")
        advanced = head == old_head and any(line.name == head and line.kind == "advanced" for line in lines)
        unlike = bool(old and new and old != new) and not advanced
        discontinued = unlike and not refs.share_history(self.mirror, old, new)
        visit = replace(visit, discontinued=discontinued, head=os.fsdecode(head) if new else "", head_oid=new.decode())
        visit = self._finish(self._with_warnings(visit, refused), head if new else b"")
        # A name that git does not fetch is in the probe only; any other difference means the origin moved meanwhile.
        settled = all(self.probe.refs.get(name) == oid for name, oid in upstream.items())
        visit = replace(visit, digest=self.probe.digest if settled else "")
        mirror_folder.note_files(self.mirror)
        _write_state(self.mirror, visit, self.probe.listing if settled else "")
        self.checkpoint("done")
        return visit

    def _erase_again(self, after: Refs) -> Refs:
        """The branches and tags once what was erased here, and came again, is removed with what is built on it."""
        erased = frozenset(oid.encode() for oid in self.erased())
        if not erased or not erasure.remove(self.mirror, erased, self.lock, served=False):
            return after
        left = refs.branches_and_tags(self.mirror)
        self.cut = frozenset(name for name, oid in after.items() if left.get(name) != oid)
        return left

    def _move_refs(self, lines: Sequence[ref_policy.RefChange]) -> set[bytes]:
        """Move refs in transactions, since git refuses to delete "foo/bar" and create "foo" in one; the names left.

        Every id that is about to lose its name is pinned before, every id that gets none is pinned instead.
        """
        lost = [line.old for line in lines if line.kind in ("rewritten", "deleted")]
        lost += [line.new for line in lines if line.kind == "refused" and _has_object(self.mirror, line.new)]
        refs.keep_objects(self.mirror, lost, self.lock)
        self.checkpoint("pinned")
        deletions = {refs.delete(line.name, line.old): line for line in lines if line.kind == "deleted"}
        stuck = {deletions[order].name for order in refs.move(self.mirror, list(deletions), self.lock)}
        self.checkpoint("deleted")
        moved = [line for line in lines if line.kind in ("created", "advanced", "rewritten")]
        orders = {refs.update(line.name, line.new, line.old): line for line in moved}
        unnamed = [orders[order] for order in refs.move(self.mirror, list(orders), self.lock)]
        refs.keep_objects(self.mirror, [line.new for line in unnamed], self.lock)
        self.checkpoint("updated")
        return stuck | {line.name for line in unnamed}

    def _finish(self, visit: MirrorUpdate, head: bytes) -> MirrorUpdate:
        """Update HEAD, packed refs, commit graph; the first graph of a large repository is left to maintenance.

        Where there is no branch (`head` is b""), HEAD is the commit of the newest tag.
        """
        try:
            newest = "" if head else read.newest_tag(self.mirror)
        except read.MirrorUnreadable as fault:
            raise GitFailed("for-each-ref", str(fault)) from fault
        if newest:
            mirror_folder.write(self.mirror / "HEAD", f"{newest}\n")
            visit = replace(visit, head_oid=newest)
        elif head and head != _head_name(self.mirror) and head in refs.branches_and_tags(self.mirror):
            mirror_folder.write(self.mirror / "HEAD", f"ref: {os.fsdecode(head)}\n")
        run(["pack-refs", "--all"], git_dir=self.mirror, pass_fds=(self.lock,))
        self.checkpoint("packed")
        due = self.first and self.downloaded > LARGE_BYTES
        if not due and not (self.first and self.downloaded < SMALL_BYTES):
            due = not maintenance.write_commit_graph(self.mirror, self.lock).ok
        due = due or len(list((self.mirror / "objects/pack").glob("*.pack"))) > maintenance.PACKS
        return replace(visit, upkeep_due=due)

    def _with_warnings(self, visit: MirrorUpdate, refused: set[bytes]) -> MirrorUpdate:
        """The visit with outcome and warnings for what was withheld, refused or replaced."""
        warnings = []
        if self.withheld:
            warnings.append(mark("Most of the origin vanished. The last good state stays until a maintainer decides."))
        if self.cut:
            refused = refused - self.cut
            warnings.append(mark("A part of the code was erased here. What is built on it is not shown."))
        if refused:
            warnings.append(mark("Some branches or tags could not be shown; their commits are kept."))
        outcome: Outcome = "partial" if warnings else visit.outcome
        if self.lost:
            warnings.append(mark("Our copy was damaged. Some of what its origin no longer has could not be saved."))
        if visit.discontinued:
            warnings.append(mark("The origin's history was replaced by another one. The earlier one is kept."))
        names = {name.decode("utf-8", "surrogateescape") for name in refused}
        changes = [replace(change, kind="refused") if change.ref in names else change for change in visit.changes]
        return replace(visit, outcome=outcome, warnings=tuple(warnings), changes=tuple(changes), withheld=self.withheld)

    def _is_mass_deletion(self, before: Refs, old_head: bytes, after: Refs, gone: set[bytes]) -> bool:
        """Whether these deletions wait for a person. A default branch that was only renamed does not count."""
        if old_head not in gone:
            return ref_policy.is_mass_deletion(before, gone)
        successor = after.get(self.probe.head or b"", b"")
        renamed = bool(successor) and refs.is_ancestor(self.mirror, before[old_head], successor)
        return not renamed or ref_policy.is_mass_deletion(
            [name for name in before if name != old_head], gone - {old_head}
        )

    def _with_origin(self, visit: MirrorUpdate) -> MirrorUpdate:
        """The same, with what this visit did besides."""
        return replace(
            with_origin(visit, self.probe, self.addresses, self.url),
            size_bytes=self.downloaded + self.probe.size_bytes,
            repaired=self.repaired,
            lost=self.lost,
        )


def ask(
    url: str,
    addresses: AddressRules,
    *,
    timeout_seconds: float,
    within_seconds: float | None = None,
    last_listing: str = "",
) -> Probe | MirrorUpdate:
    """What the origin shows, as `probe` returns it, or the visit that ends here."""
    try:
        return probe(
            url, addresses, timeout_seconds=timeout_seconds, within_seconds=within_seconds, last_listing=last_listing
        )
    except (Unresolved, Unreachable) as error:
        return MirrorUpdate("failed", error.reason, safe_text(url))
    except Refused as error:
        return MirrorUpdate("refused", error.reason, safe_text(url))
    except NoRefs as error:
        return MirrorUpdate(error.outcome, error.reason, safe_text(url), retry_after_seconds=error.retry_after_seconds)


def nothing_there(probe: Probe) -> MirrorUpdate:
    """The result for an origin that shows nothing to copy."""
    return MirrorUpdate("empty", EMPTY) if probe.empty else MirrorUpdate("failed", NO_BRANCH)


def _names_at_origin(before: Refs, lines: Sequence[ref_policy.RefChange]) -> set[bytes]:
    """The names that a fetch of these changes found at the origin."""
    gone = {line.name for line in lines if line.kind == "deleted"}
    return (before.keys() - gone) | {line.name for line in lines if line.new}


def choose_head(probe: Probe, after: Refs, old_head: bytes) -> bytes:
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


def with_origin(visit: MirrorUpdate, probe: Probe, addresses: AddressRules, asked: str) -> MirrorUpdate:
    """The visit with what every answered one records of the address."""
    asked_url = addresses.canonical(asked)
    return replace(
        visit,
        url=probe.url,
        moved_from=asked_url if asked_url != probe.url else "",
        moved_for_good=probe.moved_for_good,
        address=probe.address,
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
