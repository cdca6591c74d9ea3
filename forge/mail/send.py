"""Hands a message to a mail server, or writes it into the outbox folder where there is none.

`smtp://user:password@host:587` uses STARTTLS where the server offers it, and needs it when a password is given;
`smtps://` is TLS from the start.
"""

import contextlib
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from forge.config.mail_server import MailServer, parse_mail_server

SECONDS = 20.0

Send = Callable[[EmailMessage], None]


class MessageRefused(Exception):
    """The server will never take this message: its address or its text; another try is no use."""


class MailServerUnreachable(Exception):
    """The server did not answer, or asks to come back: another try later may do."""


@dataclass(frozen=True)
class SmtpServer(MailServer):
    """A mail server that takes a message when it is called with one."""

    timeout_seconds: float = SECONDS

    def __call__(self, message: EmailMessage) -> None:
        """Raises MessageRefused or MailServerUnreachable."""
        try:
            with self._connected() as server:
                server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
            status, text = _status_and_text(error)
            if 500 <= status < 600 and not isinstance(error, smtplib.SMTPAuthenticationError):
                raise MessageRefused(f"{status} {text}") from error
            raise MailServerUnreachable(f"{status} {text}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerUnreachable(f"{type(error).__name__}: {error}") from error

    def probe(self, sender: str) -> None:
        """Go as far as a message would, without sending one: connect, sign in, name the sender. Raises as a call."""
        try:
            with self._connected() as server:
                status, answer = server.mail(sender)
                if status != 250:
                    raise smtplib.SMTPSenderRefused(status, answer, sender)
                server.rset()
        except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
            status, text = _status_and_text(error)
            kind = MessageRefused if 500 <= status < 600 else MailServerUnreachable
            raise kind(f"{status} {text}" if status else text) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerUnreachable(f"{type(error).__name__}: {error}") from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.secure:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        with server:
            server.ehlo()
            if not self.secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not self.secure and self.user:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS, so the password was not sent")
            if self.user:
                server.login(self.user, self.password or "")
            yield server


@dataclass(frozen=True)
class Outbox:
    """The data folder's `outbox/`: one `.eml` file a message, private to the user."""

    folder: Path
    on_sent: Callable[[Path], None]

    def __call__(self, message: EmailMessage) -> None:
        """Raises OSError when the folder cannot be written."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        file = self.folder / f"{''.join(char for char in name if char.isalnum() or char in '.-')}.eml"
        draft = file.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(message.as_bytes())
        draft.replace(file)
        self.on_sent(file)


def smtp_server(url: str) -> SmtpServer:
    """Return the server of an address. Raises ValueError, saying what to write, for one that cannot be read."""
    return SmtpServer(**vars(parse_mail_server(url)))


def _status_and_text(error: Exception) -> tuple[int, str]:
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        status, answer = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        status, answer = error.smtp_code, error.smtp_error
    else:
        return 0, str(error)
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return status, " ".join(text.split())[:300]
