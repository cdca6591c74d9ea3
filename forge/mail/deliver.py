"""Delivers one queued message: reads it, composes it, sends it, and completes its row. A failure is tried again
later. Whether somebody is to be told is decided before.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from catalog.errors import NotFound
from catalog.store.core.jobs import Job
from catalog.store.people.mail_queue import GIVE_UP, Message
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.mail import outbox
from forge.mail.send import MailServerUnreachable, MessageRefused, Outbox, Send, smtp_server

HELD_PAUSE = timedelta(minutes=1)  # between two tries after the clock jumped
LINK_OVER = "Its link was over before it could be sent."

log = logging.getLogger("forge.mail")


@dataclass(frozen=True)
class FreshContent:
    """What a message tells, read as it goes out; `sent` is called once it did."""

    argument: Mapping[str, Any]
    sent: Callable[[], None]


ReadFreshContent = Callable[[Message, datetime], FreshContent | None]  # None: there is nothing left to tell


@dataclass(frozen=True)
class Delivery:
    """What delivering needs; `send` is the mail server or the outbox, `fresh` reads what some kinds tell."""

    store: Store
    base_url: str
    sender: str
    send: Send
    own_templates: Path | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    fresh: Mapping[str, ReadFreshContent] = field(default_factory=dict)

    def run(self, job: Job) -> None:
        """Deliver one job. Its message is sent once; a crash between sending and writing that down sends it again."""
        key = UUID(job.argument["message"])
        try:
            message = self.store.mail_queue.message(key)
        except NotFound:
            self.store.jobs.done(job)  # the person took their address away meanwhile
            return
        if message.email is None:
            self.store.jobs.done(job)
            return
        now, content = self.clock(), None
        if message.kind in self.fresh:
            content = self.fresh[message.kind](message, now)
            if content is None:
                self.store.mail_queue.gave_up(key, "There was nothing left to tell.")
                self.store.jobs.done(job)
                return
            message = replace(message, argument=content.argument)
        if self._over(message, now):
            if self.store.clock_watch.look(now).is_held(now):  # it may be the clock that is wrong
                self.store.jobs.requeue(job, at=now + HELD_PAUSE)
                return
            log.warning("A message of kind %s was not sent: its link was over by then.", message.kind)
            self.store.mail_queue.gave_up(key, LINK_OVER)
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
        try:
            self.send(mail)
        except MessageRefused as refused:
            log.warning("The mail server refused a message of kind %s: %s", message.kind, refused)
            self.store.mail_queue.gave_up(key, str(refused))
            self.store.jobs.done(job)
        except (MailServerUnreachable, OSError) as failed:
            log.warning("A message of kind %s could not be sent: %s", message.kind, failed)
            if now - message.created_at > GIVE_UP:
                self.store.mail_queue.gave_up(key, str(failed))
                self.store.jobs.done(job)
            else:
                self.store.jobs.failed(job, str(failed), now=now)
        else:
            self.store.mail_queue.sent(key, now=now)
            if content is not None:
                content.sent()
            self.store.jobs.done(job)

    def _over(self, message: Message, now: datetime) -> bool:
        """Return whether the link in a message no longer opens anything: after an outage it would only disappoint."""
        token = message.argument.get("token")
        if not isinstance(token, str):
            return False
        link = self.store.people.ended_link(token)
        return link is not None and (link.used_at is not None or link.expires_at <= now)


def delivery_of(store: Store, settings: Settings, fresh: Mapping[str, ReadFreshContent] | None = None) -> Delivery:
    """Make the delivery that the settings ask for."""
    send: Send = smtp_server(settings.mail) if settings.mail else Outbox(settings.data / outbox.FOLDER, _log_laid)
    return Delivery(store, settings.here, settings.mail_sender, send, settings.data / "templates", fresh=fresh or {})


def _log_laid(file: Path) -> None:
    log.info("FORGE_MAIL is not set: a message was laid into %s.", file)
