"""The commands `forge backup` and `forge restore`: a whole catalogue in one file."""

from datetime import UTC, datetime
from pathlib import Path

import click

from forge.commands.console import fail, open_store, read_settings
from forge.server import preflight
from forge.server.preflight import CannotStart


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mirrors", is_flag=True, help="With the mirrors of the code, which may be large.")
def backup(file: Path, mirrors: bool) -> None:
    """Write all of this catalogue into one file, while it runs.

    It holds what people sent, their addresses and what opens doors: keep it as you keep the data folder. It can be
    restored into SQLite and PostgreSQL alike.

    Example: forge backup /var/backups/catalogue.tar.gz
    """
    from forge.backup import backup as copies

    settings = read_settings()
    store = open_store(settings)
    try:
        made = copies.write(settings, store, file, mirrors=mirrors, now=datetime.now(UTC))
    except OSError as wrong:
        fail(f"{file} cannot be written ({wrong.strerror}). Make room, or name another place.")
    with_mirrors = f" and {made.mirrors} mirrors" if mirrors else ""
    click.echo(f"Wrote {file}: {made.rows} rows{with_mirrors}, {made.size_bytes / 1e6:.1f} MB.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Put it in the place of the catalogue that is here.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup in place. What was taken back here since it was made stays taken back.

    Stop `forge serve` first. Where a catalogue is here already, --replace is needed: withdrawals, opt-outs, blocks,
    joins, refusals and lines of the log that it knows are kept; what was only added since is lost. Killed in the
    middle, nothing has changed.

    Example: forge restore /var/backups/catalogue.tar.gz --replace
    """
    from catalog.errors import AlreadyExists
    from catalog.search import IndexWriter
    from forge.backup import backup as copies
    from forge.backup.archive import InvalidArchive

    settings = read_settings()
    try:
        preflight.require_writable(settings)
        store = preflight.open_store(settings)
    except CannotStart as no:
        fail(*no.sentences, "A database that cannot be read tells nothing of what was taken back: move it away first.")
    writer = IndexWriter.open(settings.search)
    if writer is None:
        fail("`forge serve` runs on this data folder: stop it first.")
    with writer:
        try:
            replayed, mirrors = copies.restore(settings, store, file, replace=replace, now=datetime.now(UTC))
            absent = copies.visit_absent_mirrors(store, settings.mirrors, now=datetime.now(UTC))
        except AlreadyExists:
            fail("A catalogue is here already. --replace puts the backup in its place; make a backup of it first.")
        except InvalidArchive as no:
            fail(str(no), "Nothing was changed.")
        except OSError as wrong:
            fail(f"{wrong.filename or file} cannot be used ({wrong.strerror}).")
    for what, count in replayed.counts.items():
        click.echo(f"{count} {what} stay as they were taken back here.")
    if mirrors:
        click.echo(f"{mirrors} mirrors were put in place.")
    if absent:
        told = "1 mirror is not in it: it is" if absent == 1 else f"{absent} mirrors are not in it: they are"
        click.echo(f"{told} made anew, as far as the code is still at its address.")
    click.echo(f"{file} is in place. `forge serve` loads the document again if it is another one.")
