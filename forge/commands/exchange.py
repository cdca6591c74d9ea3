"""The commands `forge exchange`: a copy of what is published, and its keys."""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from forge.commands.console import fail, open_store, read_settings
from forge.config.settings import Settings
from forge.exchange.paths import ROOT_KEY

_TRIES, _PAUSE_SECONDS = 20, 0.5  # while the running service writes
_PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with the passphrase in its first line.  [default: ask]",
)
_KEY = click.option(
    "--key",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the root key, if it is not in the data folder.",
)


@click.group()
def exchange() -> None:
    """What this catalogue publishes for other catalogues: a signed folder, its keys and copies.

    Example: forge exchange write /media/stick/exchange
    """


@exchange.command("write")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--withheld",
    "release",
    is_flag=True,
    help="Also publish what is withheld since a restore, because it was withdrawn by mistake.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def write_folder(folder: Path, release: bool, as_json: bool) -> None:
    """Write a complete copy of what is published into FOLDER, for a static web server or a USB stick. The next time,
    only changes are written. `forge serve` publishes the same at /exchange/ by itself.

    Example: forge exchange write /media/stick/exchange
    """
    from forge.exchange.card import missing
    from forge.exchange.copy import write_copy

    settings = read_settings()
    store = open_store(settings)
    try:
        for kind, record in store.published_exchange.withheld() if release else ():
            store.published_exchange.release(kind, record)
        done = _patiently(lambda: write_copy(store, settings.data, folder, settings.here, now=datetime.now(UTC)))
        if done is None:
            fail("Nothing has been loaded yet, so there is nothing to tell.")
        gaps = missing(store.manifest())
    finally:
        store.close()
    if as_json:
        record = {"version": done.version, "files": done.files, "size_bytes": done.size_bytes}
        click.echo(json.dumps(record | {"expires_at": done.expires_at.isoformat(), "missing": gaps}))
        return
    click.echo(f"Wrote {folder}: version {done.version}, {done.files} files, {done.size_bytes / 1e6:.1f} MB.")
    click.echo(f"It is believed until {done.expires_at:%Y-%m-%d}: write it again before.")
    if gaps:
        click.echo(
            f"The manifest does not say: {', '.join(gaps)}. Others want to know it before they follow.", err=True
        )


@exchange.group()
def key() -> None:
    """The keys that sign what this catalogue publishes: the root key, best kept away from this machine, vouches for
    the online key in the data folder, which signs the rest.

    Example: forge exchange key show
    """


@key.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show_keys(as_json: bool) -> None:
    """Show the fingerprint that people compare by telephone or on paper, in digits and in words, and which keys sign.

    Example: forge exchange key show
    """
    settings, store, _ = _opened()
    try:
        _print_keys(store, settings, as_json)
    finally:
        store.close()


@key.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--remove", is_flag=True, help="Delete the key from the data folder, after checking the file.")
@_PASSPHRASE_FILE
def export(file: Path, remove: bool, passphrase_file: Path | None) -> None:
    """Save the root key in FILE, protected by a passphrase. With --remove, whoever breaks into this machine cannot
    make keys for this catalogue; to make new ones yourself, pass the file: --key FILE.

    Example: forge exchange key export /media/stick/root-key.pem --remove
    """
    from forge.exchange import keys

    settings = read_settings()
    try:
        signer = keys.kept_key(settings.data, ROOT_KEY)
        if signer is None:
            fail(f"There is no root key in {settings.data}.")
        phrase = _new_passphrase(passphrase_file)
        keys.export_key(signer, file, phrase)
        again = keys.exported_key(file, phrase)
        if keys.keyid(again) != keys.keyid(signer):
            fail(f"{file} does not hold the key that was written. The key in the data folder stays.")
        click.echo(f"The root key is in {file}. Keep it apart from this machine, and the passphrase apart from it.")
        if remove:
            keys.forget_key(settings.data, ROOT_KEY)
            click.echo(f"It is no longer in {settings.data}. Older backups may still hold it.")
    except keys.KeyTrouble as no:
        fail(str(no))


@key.command("rotate")
@click.option("--root", is_flag=True, help="Make a new root key in the data folder instead of a new online key.")
@click.option(
    "--anew", is_flag=True, help="The root key is lost: start over. Followers must compare the fingerprint again."
)
@_KEY
@_PASSPHRASE_FILE
def rotate(root: bool, anew: bool, file: Path | None, passphrase_file: Path | None) -> None:
    """Replace the online key, after a theft or a loss. Followers need not do anything: from their next visit on they
    refuse what the old key signs.

    Example: forge exchange key rotate
    """
    from forge.exchange import authority, keys

    settings, store, instance = _opened()
    now = datetime.now(UTC)
    turn = authority.rotate_root if root else authority.rotate_online
    try:
        if anew:
            if not click.confirm("Whoever follows this catalogue must compare its fingerprint again. Begin anew?"):
                fail("Nothing was changed.")
            authority.begin_anew(store, settings.data, instance, settings.here, now=now)
        else:
            signer = keys.exported_key(file, _passphrase(passphrase_file, f"Passphrase of {file}")) if file else None
            turn(store, settings.data, signer, now=now)
        _published(store, settings)
        _print_keys(store, settings, False)
        click.echo("Keep a backup of the data folder: a lost root key cannot be replaced quietly.")
    except keys.KeyTrouble as no:
        fail(str(no))
    finally:
        store.close()


def _opened() -> tuple[Settings, Any, UUID]:
    settings = read_settings()
    store = open_store(settings)
    manifest = store.manifest()
    if manifest is None:
        store.close()
        fail("Nothing has been loaded yet: `forge serve` or `forge import` does that first.")
    return settings, store, manifest.id


def _published(store: Any, settings: Settings) -> None:
    """What was decided is in the served folder before the command ends."""
    from forge.exchange.publish import write

    _patiently(lambda: write(store, settings.data, settings.here, now=datetime.now(UTC)))


def _patiently(act: Callable[[], Any]) -> Any:
    """Wait for the running service to end its own writing."""
    from catalog.store.exchange.published import PublishedMeanwhile
    from forge.exchange.keys import KeyTrouble
    from forge.exchange.repository import FolderInUse, OtherFolder

    for attempt in range(_TRIES):
        try:
            return act()
        except (PublishedMeanwhile, FolderInUse) as busy:
            if attempt == _TRIES - 1:
                fail(str(busy))
            time.sleep(_PAUSE_SECONDS)
        except (OtherFolder, KeyTrouble) as no:
            fail(str(no))
        except OSError as wrong:
            fail(f"{wrong.filename or 'The folder'} cannot be written ({wrong.strerror}).")
    return None


def _passphrase(file: Path | None, asks: str) -> str:
    if file is not None:
        return file.read_text("utf-8").splitlines()[0] if file.stat().st_size else ""
    return str(click.prompt(asks, hide_input=True))


def _new_passphrase(file: Path | None) -> str:
    if file is not None:
        return _passphrase(file, "")
    return str(click.prompt("A passphrase for the file", hide_input=True, confirmation_prompt=True))


def _print_keys(store: Any, settings: Settings, as_json: bool) -> None:
    from catalog.exchange.fingerprint import fingerprint, grouped, spoken
    from forge.exchange import authority, keys

    chain = authority.known_chain(store)
    if not chain:
        fail("There are no keys yet: `forge serve` makes them.")
    root, here = chain[-1], authority.kept_or_none(settings.data, ROOT_KEY)
    digits, mine = fingerprint(root.body), keys.keyid(here) if here is not None else ""
    if as_json:
        sha256 = hashlib.sha256(root.body).hexdigest()
        report: dict[str, Any] = {"instance": str(root.statement.instance), "sha256": sha256}
        report |= {"fingerprint": digits, "words": spoken(digits), "root_version": root.version}
        report |= {"root_key": root.keys[0], "root_key_in_data_folder": mine in root.keys, "online_key": root.online[0]}
        click.echo(json.dumps(report | {"expires_at": root.root.expires.isoformat()}))
        return
    click.echo(f"Fingerprint  {grouped(digits)}")
    click.echo(f"In words     {' '.join(spoken(digits))}")
    click.echo(f"Instance     {root.statement.instance}")
    click.echo(f"SHA-256      {hashlib.sha256(root.body).hexdigest()}")
    click.echo(f"Root         version {root.version}, until {root.root.expires:%Y-%m-%d}")
    click.echo(f"Root key     {root.keys[0][:16]}{', in the data folder' if mine in root.keys else ''}")
    click.echo(f"Online key   {root.online[0][:16]}")
    if mine in root.keys:
        click.echo(
            "Whoever copies the data folder can name keys in this catalogue's name. `forge exchange key export FILE "
            "--remove` takes the root key out of it."
        )
