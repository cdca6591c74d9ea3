"""A real SMTP server on loopback for tests, that keeps what it is given or answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """What arrived; `answer`, when set, is said instead of taking a message."""

    messages: list[EmailMessage] = field(default_factory=list)
    answer: str = ""
    host: str = "127.0.0.1"
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def link(self) -> str:
        """The path of the last message's first link."""
        text = self.messages[-1].get_body(("plain",)).get_content()
        return "/" + next(word for word in text.split() if word.startswith("http")).split("/", 3)[3]


class _AnyPort(Controller):
    """Port 0 is whichever is free; the controller then says hello to the one that it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def a_mailbox(host: str = "127.0.0.1") -> Iterator[Mailbox]:
    box = Mailbox(host=host)
    controller = _AnyPort(box, hostname=host, port=0, ready_timeout=60)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()
