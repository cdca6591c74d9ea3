"""The commands `forge backup` and `forge restore`: a whole catalogue in one file."""

from datetime import UTC, datetime
from pathlib import Path

import click

from forge.commands.console import fail, open_store, read_settings
from forge.server import preflight
from forge.server.preflight import CannotStart


@click.command()
@click.argument("place", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@click.option("--mirrors", is_flag=True, help="Include the mirrors of the code, which may be large.")
@click.option("--keep", type=click.IntRange(1), help="Number of backups to keep in a folder.  [default: all]")
def backup(place: Path, mirrors: bool, keep: int | None) -> None:
    """Back up the whole catalogue into one file while it runs, and check the file by reading it back.

    Given an existing folder, it adds a file named after the time, and updates the mirrors beside it: only what is new
    is written.

    A backup holds what people sent, their e-mail addresses and secrets: protect it like the data folder. It can be
    restored into SQLite and into PostgreSQL.

    Example: forge backup --mirrors --keep 14 /var/backups/forge
    """
    from forge.backup import backup as copies
    from forge.backup.archive import InvalidArchive
    from forge.backup.withdrawal_journal_file import DamagedJournal, WithdrawalJournal
    from forge.config.last_backup import note_backup

    settings, now = read_settings(), datetime.now(UTC)
    store = open_store(settings)
    if keep is not None and not place.is_dir():
        raise click.UsageError(f"--keep is for a folder, and {place} is none.")
    deleted = 0
    try:
        WithdrawalJournal(settings.withdrawals_folder).write_down(store)
        if place.is_dir():
            place, backup_summary, deleted = copies.write_into(
                settings, store, place, mirrors=mirrors, keep=keep, now=now
            )
        else:
            backup_summary = copies.write(settings, store, place, mirrors=mirrors, now=now)
        note_backup(settings.data, place, now=now)
    except OSError as wrong:
        fail(f"{wrong.filename or place} cannot be written ({wrong.strerror}). Make room, or name another place.")
    except (InvalidArchive, DamagedJournal) as wrong:
        fail(str(wrong), "This backup does not count.")
    with_mirrors = f" and {backup_summary.mirrors} mirrors" if mirrors else ""
    size = f"{backup_summary.size_bytes / 1e6:.1f} MB"
    click.echo(f"Wrote {place}: {backup_summary.rows} rows{with_mirrors}, {size}, and read it back.")
    if deleted:
        click.echo(f"{deleted} older {'one was' if deleted == 1 else 'ones were'} deleted.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True), metavar="FILE|FOLDER")
@click.option("--replace", is_flag=True, help="Replace the catalogue that is here.")
@click.option(
    "--exchange",
    "exchanges",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder or USB stick written by `forge exchange write`; may be repeated.",
)
def restore(file: Path, replace: bool, exchanges: tuple[Path, ...]) -> None:
    """Restore a backup; of a folder, the newest one. What was withdrawn since the backup was made stays withdrawn,
    according to the present database, the journal of withdrawals and what was written for other catalogues.

    Stop `forge serve` first. If there is a catalogue already, --replace is needed: its withdrawals, opt-outs, blocks,
    joined records, refusals and log entries are kept; whatever else was added since the backup is lost. If it is
    interrupted, nothing has changed.

    Example: forge restore /var/backups/catalogue.tar.gz --replace
    """
    from catalog.errors import AlreadyExists
    from catalog.search import IndexWriter
    from forge.backup import backup as copies
    from forge.backup.archive import InvalidArchive
    from forge.backup.withdrawal_journal_file import DamagedJournal, WithdrawalJournal

    settings = read_settings()
    try:
        preflight.require_writable(settings)
        store = preflight.open_store(settings)
    except CannotStart as no:
        fail(*no.sentences, "Move a database that cannot be read away: the journal tells what was taken back.")
    writer = IndexWriter.open(settings.search)
    if writer is None:
        fail("`forge serve` runs on this data folder: stop it first.")
    with writer:
        try:
            restored = copies.archive_at(file)
            replayed, mirrors = copies.restore(
                settings, store, file, replace=replace, now=datetime.now(UTC), exchanges=exchanges
            )
            absent = copies.visit_absent_mirrors(store, settings.mirrors, now=datetime.now(UTC))
            WithdrawalJournal(settings.withdrawals_folder).write_down(store)
        except AlreadyExists:
            fail("A catalogue is here already. --replace puts the backup in its place; make a backup of it first.")
        except (InvalidArchive, DamagedJournal) as no:
            fail(str(no), "Nothing was changed.")
        except OSError as wrong:
            fail(f"{wrong.filename or file} cannot be used ({wrong.strerror}).")
    for what, count in replayed.items():
        click.echo(f"{count} {what} stay as they were taken back here.")
    if mirrors:
        click.echo(f"{mirrors} mirrors were put in place.")
    if absent:
        sentence = "1 mirror is not in it: it is" if absent == 1 else f"{absent} mirrors are not in it: they are"
        click.echo(f"{sentence} made anew, as far as the code is still at its address.")
    click.echo(f"{restored} is in place. `forge serve` loads the document again if it is another one.")
