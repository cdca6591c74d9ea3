"""Checks of what the catalogue stands on and needs: clock, mail, public address, proxy, persons, queue, backup, the
journal of withdrawals."""

import os
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

from catalog.rules.person import ROLES
from forge.backup.withdrawal_journal_file import FILE as JOURNAL
from forge.backup.withdrawal_journal_file import DamagedJournal, read_journal
from forge.config.checkup_report import GOOD, NOW, SOON, Result
from forge.config.last_backup import last_backup
from forge.mail.outbox import FOLDER as OUTBOX
from forge.mail.send import MailServerUnreachable, MessageRefused, smtp_server
from forge.security.safe_http import AddressRules, Refused, Unreachable
from forge.server.checks.context import LET_THE_WORKER_RUN, DoctorContext

PROXY_NOTED = timedelta(days=7)
CLOCK_TOLERANCE = timedelta(minutes=5)
BACKUP_SOON, BACKUP_NOW = timedelta(days=2), timedelta(days=8)
MAIL_SLOW, MAIL_STUCK = timedelta(minutes=30), timedelta(hours=6)
QUEUE_SLOW, QUEUE_STUCK = timedelta(minutes=15), timedelta(hours=6)
CONTACT_SECONDS = 10.0
EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))  # the operator named this address, wherever it is


def check_clock(context: DoctorContext) -> Iterator[Result]:
    """Whether the clock jumped, or runs behind what was written by it."""
    last, state = context.store.metrics.last_written_at(), context.store.clock_watch.state()
    if state is not None and state.is_held(context.now):
        sentence = (
            f"It went from {state.jumped_from:%Y-%m-%d %H:%M} to {state.jumped_at:%Y-%m-%d %H:%M}: it is wrong, it was "
            f"set right, or nothing ran in between. Deletions and reminders wait until "
            f"{state.held_until():%Y-%m-%d %H:%M} UTC. If it is right, do nothing; else set it (`timedatectl set-ntp "
            "true`) before then."
        )
        yield NOW, sentence
    elif last is not None and last - context.now > CLOCK_TOLERANCE:
        sentence = (
            f"It says {context.now:%Y-%m-%d %H:%M} UTC, and something here was written at {last:%Y-%m-%d %H:%M}: "
            "set it (`timedatectl set-ntp true`). If it is right now, what was written then is kept for longer."
        )
        yield NOW, sentence
    else:
        yield GOOD, f"{context.now:%Y-%m-%d %H:%M} UTC, and nothing was written later than that."


def check_mail(context: DoctorContext) -> Iterator[Result]:
    """Whether messages go out: what waits, and what the server says to one that would come."""
    settings, figures = context.settings, context.store.metrics.mail()
    if settings.mail is None:
        where = settings.data / OUTBOX
        sentence = f"FORGE_MAIL is not set: messages, and the links by which people sign in, lie in {where}."
        yield SOON, sentence
        return
    waited = context.now - figures.since if figures.since else timedelta(0)
    if waited > MAIL_SLOW:
        why = f" The server says: {figures.error}." if figures.error else f" {LET_THE_WORKER_RUN}"
        sentence = f"{figures.waiting} messages wait, the first for {_duration(waited)}.{why}"
        yield (NOW if waited > MAIL_STUCK else SOON), sentence
    if not context.contact:
        if waited <= MAIL_SLOW:
            yield GOOD, f"{figures.waiting} messages wait. The server was not asked."
        return
    try:
        smtp_server(settings.mail).probe(settings.mail_sender)
    except (MailServerUnreachable, MessageRefused) as no:
        sentence = f"The server of FORGE_MAIL takes no message of {settings.mail_sender}: {no}."
        yield NOW, sentence
    else:
        last_mail = f", the last went out on {figures.sent_at:%Y-%m-%d %H:%M} UTC" if figures.sent_at else ""
        yield GOOD, f"The server takes messages of {settings.mail_sender}; {figures.waiting} wait{last_mail}."


def check_public_address(context: DoctorContext) -> Iterator[Result]:
    """Whether this instance answers where its links lead."""
    base_url = context.settings.base_url
    if base_url is None:
        sentence = f"None is set: links lead to {context.settings.here}, which only this machine opens."
        yield GOOD, sentence
        return
    if not context.contact:
        yield GOOD, f"{base_url} was not asked."
        return
    addresses = AddressRules(EVERYWHERE, context.settings.ca_file, connect_seconds=CONTACT_SECONDS)
    try:
        answer = addresses.request("GET", f"{base_url}/livez", max_bytes=1_000, timeout_seconds=CONTACT_SECONDS)
    except (Refused, Unreachable) as no:
        sentence = (
            f"{base_url} is not reached from this machine: {no} See whether others reach it, and the proxy's log."
        )
        yield NOW, sentence
        return
    if answer.status == 200 and answer.body.strip() == b"ok":
        yield GOOD, f"{base_url} answers."
    else:
        sentence = f"{base_url}/livez answers {answer.status}, and not as Forge does: see where the proxy leads."
        yield NOW, sentence


def check_proxy(context: DoctorContext) -> Iterator[Result]:
    """A proxy whose word on readers' addresses nobody said to believe: they all share one limit."""
    noted = context.store.unbelieved_proxy()
    if not context.settings.proxies and noted is not None and context.now - noted[1] <= PROXY_NOTED:
        sentence = f"A proxy at {noted[0]} forwards requests, so that all readers count as one."
        yield SOON, f"{sentence} Set FORGE_PROXIES={noted[0]}."


def check_moderators(context: DoctorContext) -> Iterator[Result]:
    """Whether two persons can decide: nobody decides about what they sent or represent."""
    roles = context.store.people.roles()
    number = sum(roles.get(role, 0) for role in ROLES)
    if number >= 2:
        yield GOOD, f"{number} persons decide here."
        return
    who = "Nobody decides" if number == 0 else "Only one person decides"
    sentence = (
        f"{who} here, and nobody decides about their own matters. `forge person invite EMAIL --role moderator` invites "
        "one; who was invited counts once they opened their link."
    )
    yield SOON, sentence


def check_queue(context: DoctorContext) -> Iterator[Result]:
    """Whether somebody does what waits behind the pages."""
    since = context.store.metrics.due_since(context.now)
    waited = context.now - since if since else timedelta(0)
    if waited > QUEUE_SLOW:
        sentence = f"A job is due for {_duration(waited)}. {LET_THE_WORKER_RUN} If one runs, let one more."
        yield (NOW if waited > QUEUE_STUCK else SOON), sentence
    else:
        yield GOOD, "Nothing waits for longer than it should."


def check_backup(context: DoctorContext) -> Iterator[Result]:
    backup = last_backup(context.settings.data)
    if backup is None:
        sentence = (
            "None was made yet. `systemctl enable --now forge-backup.timer` makes one each night, "
            "`forge backup --mirrors --keep 14 FOLDER` one now."
        )
        yield SOON, sentence
        return
    age = context.now - backup.at
    sentence = f"The last is of {backup.at:%Y-%m-%d %H:%M} UTC, in {backup.place}, and was read back."
    if age > BACKUP_SOON:
        sentence = f"{sentence} See why none was made since: `journalctl -u forge-backup`."
        yield (NOW if age > BACKUP_NOW else SOON), sentence
    else:
        yield GOOD, sentence


def check_withdrawals(context: DoctorContext) -> Iterator[Result]:
    """Whether what people take back is written down outside of the database, which a restore needs."""
    file = context.settings.withdrawals_folder / JOURNAL
    place = next(path for path in (file, *file.absolute().parents) if path.exists())
    only_read = os.statvfs(place).f_flag & os.ST_RDONLY  # as the unit of the worker has it, which need not write there
    if not only_read and (not os.access(place, os.W_OK) or (place != file and not place.is_dir())):
        sentence = (
            f"What people take back is not written down in {file}: {place} cannot be written. Give it back to who runs "
            "this, or set FORGE_WITHDRAWALS to another folder; else a restore brings it again."
        )
        yield NOW, sentence
        return
    try:
        read_journal(file)
    except (DamagedJournal, OSError) as wrong:
        sentence = (
            f"{str(wrong).rstrip('.')}: nothing more is written down there. Keep a copy and take it away; what the "
            "database knows is then written down anew."
        )
        yield NOW, sentence
    else:
        yield GOOD, f"The process of the pages writes down in {file} what people take back."


def _duration(waited: timedelta) -> str:
    hours = int(waited.total_seconds() // 3600)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} hours" if hours >= 2 else f"{int(waited.total_seconds() // 60)} minutes"
