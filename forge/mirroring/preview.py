"""The job `preview`: git fetches one commit, a child process reads it, the draft's row keeps what was found.

What goes wrong is a sentence for the person who waits. The folder is removed when the job ends; what a killed process
leaves, the next preview of the same draft or the daily job removes.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from catalog.errors import NotFound
from catalog.rules.submission import DRAFT, PREVIEW, READ, UNREAD
from catalog.sentences import mark
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.git.fetch.preview_fetch import TOO_SLOW, fetch_preview
from forge.git.objects import MirrorUnreadable, ObjectMissing
from forge.git.outcome import MirrorUpdate
from forge.git.refs import printable_name
from forge.mirroring.observer_process import ChildEnded, ObserverProcess
from forge.mirroring.preview_fields import read_fields
from forge.mirroring.visit_results import Interrupted
from forge.security.safe_http import AddressRules

TRIES = 2  # a preview whose worker died is tried once more
TASK_SECONDS = 15  # of the child that reads
BROKEN = mark("What it holds cannot be read.")

log = logging.getLogger("forge.mirroring.preview")


@dataclass(frozen=True)
class PreviewJob:
    """What the job needs. `clock` returns aware UTC; once `stopping` is set it ends soon."""

    store: Store
    drafts: Path
    addresses: AddressRules
    observers: ObserverProcess
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, job: Job) -> None:
        """Do a queued preview. Raises Interrupted once `stopping` is set."""
        key, address = UUID(job.argument["declaration"]), str(job.argument["address"])
        folder = self.drafts / str(key)
        try:
            submission = self.store.submissions.get(key)
            is_draft = submission.state == DRAFT
            if is_draft and job.tries > TRIES:
                self._keep_result(key, {"state": UNREAD, "outcome": "failed", "reason": TOO_SLOW, "asked": address})
            elif is_draft:
                self._fetch_and_read(key, address, folder)
        except NotFound:
            pass  # the draft was deleted meanwhile: nobody waits
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self.observers.rest(0)
        self.store.jobs.done(job)

    def _fetch_and_read(self, key: UUID, address: str, folder: Path) -> None:
        self.drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        looked = fetch_preview(folder, address, self.addresses, watch=self._watch)
        self._raise_if_stopping(str(key))
        self._keep_result(key, self._read_preview(key, address, looked, folder))

    def _read_preview(self, key: UUID, address: str, looked: MirrorUpdate, folder: Path) -> dict[str, Any]:
        result: dict[str, Any] = {
            "asked": address,
            "outcome": looked.outcome,
            "reason": looked.reason,
            "url": looked.url,
            "moved_from": looked.moved_from,
            "at": self.clock().isoformat(timespec="seconds"),
        }
        if looked.outcome != "full":
            return result | {"state": UNREAD}
        branch = printable_name(looked.head.removeprefix("refs/heads/"))
        result |= {"branch": branch, "commit": looked.head_oid, "size_bytes": looked.size_bytes}
        places = tuple(dict.fromkeys((looked.url, address)))
        try:
            values = self.observers.run(self.stopping, read_fields, folder, self.clock(), places)
        except ChildEnded:
            self._raise_if_stopping(str(key))
            return result | {"state": UNREAD, "outcome": "failed", "reason": TOO_SLOW}
        except (ObjectMissing, MirrorUnreadable) as fault:
            log.warning("what %s holds cannot be read: %s", key, fault)
            return result | {"state": UNREAD, "outcome": "failed", "reason": BROKEN}
        for observer, _, trace in (values or {}).get("faults", ()):
            log.error("a preview: observer %s failed\n%s", observer, trace)
        return result | {"state": READ} | _without_faults(values or {})

    def _keep_result(self, key: UUID, result: Mapping[str, Any]) -> None:
        self.store.submissions.keep_found(key, {PREVIEW: dict(result)}, now=self.clock())

    def _watch(self) -> str:
        return "stopping" if self.stopping.is_set() else ""

    def _raise_if_stopping(self, subject: str) -> None:
        if self.stopping.is_set():
            raise Interrupted(subject)


def _without_faults(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "faults"}
