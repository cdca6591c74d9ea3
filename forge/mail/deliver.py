"""One queued message on its way: read, worded, handed over, and its row completed. A failure is a later try."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from catalog.errors import NotFound
from catalog.store import Store
from catalog.store.jobs import Job
from catalog.store.messages import GIVE_UP
from forge.mail.send import Outbox, Refused, Send, Unreachable, server
from forge.settings import Settings

log = logging.getLogger("forge.mail")


@dataclass(frozen=True)
class Delivery:
    """What delivering needs; `send` is the mail server or the outbox."""

    store: Store
    base_url: str
    sender: str
    send: Send
    own_templates: Path | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, job: Job) -> None:
        """Deliver one job. Its message is sent once; a crash between sending and writing that down sends it again."""
        key = UUID(job.argument["message"])
        try:
            message = self.store.messages.message(key)
        except NotFound:
            self.store.jobs.done(job)  # the person took their address away meanwhile
            return
        if message.email is None:
            self.store.jobs.done(job)
            return
        from forge.mail.compose import compose  # templates and words take 12 MB: a worker that writes nobody needs none

        mail = compose(
            message,
            self.store.manifest(),
            base_url=self.base_url,
            sender=self.sender,
            own_templates=self.own_templates,
        )
        now = self.clock()
        try:
            self.send(mail)
        except Refused as refused:
            log.warning("The mail server refused a message of kind %s: %s", message.kind, refused)
            self.store.messages.gave_up(key, str(refused))
            self.store.jobs.done(job)
        except (Unreachable, OSError) as failed:
            log.warning("A message of kind %s could not be sent: %s", message.kind, failed)
            if now - message.created_at > GIVE_UP:
                self.store.messages.gave_up(key, str(failed))
                self.store.jobs.done(job)
            else:
                self.store.jobs.failed(job, str(failed), now=now)
        else:
            self.store.messages.sent(key, now=now)
            self.store.jobs.done(job)


def delivery(store: Store, settings: Settings) -> Delivery:
    """The delivery that the settings ask for."""
    base_url = settings.base_url or f"http://{settings.host}:{settings.port}"
    send: Send = server(settings.mail) if settings.mail else Outbox(settings.data / "outbox", _told)
    return Delivery(store, base_url, settings.mail_sender, send, settings.data / "templates")


def _told(file: Path) -> None:
    log.info("FORGE_MAIL is not set: a message was laid into %s.", file)
