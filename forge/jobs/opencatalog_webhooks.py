"""Jobs that call the webhooks of the Open Catalog API: one finds what changed in our own entries, one spreads an
event to webhooks, one makes a single call.

A call takes at most ten seconds and is made once: how it ended is kept in the webhook's row, and nothing is repeated.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from catalog.errors import NotFound
from catalog.store.core.jobs import Job
from catalog.store.opencatalog.events import CALL, EVENT, LONGEST
from catalog.store.store import Store
from forge.security.safe_http import AddressRules, Refused, Unreachable
from forge.security.sealed_secrets import signature_headers, unseal

OWN_ENTRIES = "v1-own"
EVERY = LONGEST  # what changes again meanwhile is told once
REST_FACTOR = 20  # times as long as the last check took passes before the next one
SECONDS = 10.0
MAX_ANSWER_BYTES = 64 << 10  # of which nothing is kept
AGENT = "Forge-Webhook/1"

log = logging.getLogger("forge.webhooks")


class WebhookJobs:
    def __init__(
        self, store: Store, addresses: AddressRules, key: bytes, clock: Callable[[], datetime], seconds: float = SECONDS
    ):
        self._store, self._addresses, self._key = store, addresses, key
        self._clock, self._seconds = clock, seconds

    @property
    def handlers(self) -> dict[str, Callable[[Job], None]]:
        return {OWN_ENTRIES: self.look, EVENT: self.spread, CALL: self.call}

    def plan(self) -> None:
        """Queue the job that checks our own entries, once for all workers."""
        self._store.jobs.add(OWN_ENTRIES, OWN_ENTRIES, {}, run_at=self._clock())

    def look(self, job: Job) -> None:
        """Note what changed in our own entries, and queue the job again."""
        began = time.monotonic()  # the clock may be set meanwhile, by years
        self._store.opencatalog.entries.write_events(now=self._clock())
        took = timedelta(seconds=time.monotonic() - began)
        self._store.jobs.requeue(job, at=self._clock() + max(EVERY, took * REST_FACTOR))

    def spread(self, job: Job) -> None:
        self._store.opencatalog.events.queue_calls(job, now=self._clock())

    def call(self, job: Job) -> None:
        event, webhooks = job.argument, self._store.opencatalog.webhooks
        try:
            hook = webhooks.get(event["hook"])
        except NotFound:
            self._store.jobs.done(job)  # it was taken away meanwhile
            return
        now = self._clock()
        subject = f"/{event['kind']}/{event['record']}"
        body = json.dumps({"event": event["type"], "subject": subject}, separators=(",", ":")).encode()
        secret = unseal(self._key, hook.sealed) if hook.sealed else None
        if hook.sealed and secret is None:
            outcome = "The secret cannot be read any more: FORGE_SECRET is another one. Send it again."
        else:
            headers = {"Content-Type": "application/json", "User-Agent": AGENT}
            outcome = self._sent(
                hook.id,
                hook.url,
                body,
                headers | signature_headers(hook.format, secret, id=event["id"], at=now, body=body),
            )
        webhooks.called(hook.id, outcome, now=now)
        self._store.jobs.done(job)

    def _sent(self, hook: UUID, url: str, body: bytes, headers: dict[str, str]) -> str:
        try:
            answer = self._addresses.request(
                "POST", url, body=body, headers=headers, max_bytes=MAX_ANSWER_BYTES, timeout_seconds=self._seconds
            )
        except (Refused, Unreachable) as failed:
            log.warning("The webhook %s was not reached: %s", hook, failed.reason)  # its address may be its secret
            return failed.reason
        return str(answer.status)
