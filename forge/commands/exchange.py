"""The commands `forge exchange`: write the signed folder for other catalogues, its key, and the move to another home.
The folder itself is written by `forge.federation.publish`.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from forge.commands.console import fail, open_store, read_settings
from forge.config.settings import Settings


@click.group()
def exchange() -> None:
    """What other catalogues may read of this one: a signed folder, its key, and who keeps it.

    Example: forge exchange write /media/stick/exchange
    """


@exchange.command("write")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def write_folder(folder: Path, as_json: bool) -> None:
    """Write a whole copy of the signed folder, for a static web server or a USB stick; again into the same folder only
    writes what changed. `forge serve` keeps one of its own, at /exchange/.

    Example: forge exchange write /media/stick/exchange
    """
    from catalog.store.federation.publish.state import Overtaken
    from forge.federation.publish.folder import OtherFolder, write
    from forge.federation.publish.keys import KeyTrouble

    settings = read_settings()
    store = open_store(settings)
    try:
        done = write(store, settings.data, folder, settings.here, now=datetime.now(UTC))
    except (OtherFolder, KeyTrouble) as no:
        fail(str(no))
    except Overtaken:
        fail("The running service wrote at the same moment. Try again.")
    except OSError as wrong:
        fail(f"{folder} cannot be written ({wrong.strerror}).")
    finally:
        store.close()
    if done is None:
        fail("Nothing has been loaded yet, so there is nothing to tell.")
    if as_json:
        record = {"sequence": done.sequence, "files": done.files, "size_bytes": done.size_bytes, "wrote": done.wrote}
        click.echo(json.dumps(record | {"expires_at": done.expires_at.isoformat(), "missing": done.missing}))
        return
    verb = "Wrote" if done.wrote else "Nothing changed in"
    click.echo(f"{verb} {folder}: sequence {done.sequence}, {done.files} files, {done.size_bytes / 1e6:.1f} MB.")
    click.echo(f"It is believed until {done.expires_at:%Y-%m-%d}: write it again before.")
    if done.missing:
        click.echo(
            f"The source card does not say: {', '.join(done.missing)}. Others follow a whole card only.", err=True
        )


@exchange.group()
def key() -> None:
    """The key that signs what this catalogue tells.

    Example: forge exchange key show
    """


@key.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def show(as_json: bool) -> None:
    """The fingerprint that people compare, in digits and in words: by telephone, or printed.

    Example: forge exchange key show
    """
    settings = read_settings()
    store = open_store(settings)
    _print_key(_keys_or_fail(store, settings), as_json)
    store.close()


@key.command()
@click.option(
    "--lost", is_flag=True, help="The old key is gone: the new one is signed by none, followers compare again."
)
def rotate(lost: bool) -> None:
    """Make a new key, signed by the old one: followers go on without asking anybody.

    Example: forge exchange key rotate
    """
    from forge.federation.publish import keys

    settings = read_settings()
    store = open_store(settings)
    try:
        made = keys.rotate(store, settings.data, now=datetime.now(UTC), lost=lost)
    except keys.KeyTrouble as no:
        fail(str(no))
    _print_key(made, False)
    click.echo("The next writing uses it. Keep a backup of the data folder: a lost key cannot be replaced quietly.")
    store.close()


@exchange.command()
@click.argument("address", required=False)
@click.option("--key", "public", help="The public key of the new home, as its `forge exchange key show` prints it.")
@click.option("--back", is_flag=True, help="Take it back: this catalogue is the home again.")
def transfer(address: str | None, public: str | None, back: bool) -> None:
    """Hand over: the catalogue at ADDRESS is the home of these records from now on. It is signed and told to followers,
    and the pages of projects and organizations lead there.

    Example: forge exchange transfer https://forge.example.org --key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    """
    from catalog.federation.signing import grouped, key_of, public_bytes

    settings = read_settings()
    store = open_store(settings)
    if back:
        if address or public:
            raise click.UsageError("--back takes no address and no key.")
        store.exchange_state.note_moved(None)
        click.echo("This catalogue is the home again; the next writing says so.")
        store.close()
        return
    raw = public_bytes(public or "")
    parts = urlsplit(address or "")
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        fail("Name the address of the new home in full, such as https://forge.example.org.")
    if raw is None:
        fail("Give --key: the public key of the new home, 44 characters, as its `forge exchange key show` prints it.")
    if raw == _keys_or_fail(store, settings).private.public:
        fail("That is the key of this catalogue itself.")
    to, now = key_of(raw), datetime.now(UTC).replace(microsecond=0)
    where = (address or "").rstrip("/")
    store.exchange_state.note_moved(
        {"address": where, "public": to.public, "fingerprint": to.fingerprint, "at": now.isoformat()}
    )
    click.echo(f"{where} is the home from now on, with the key {grouped(to.fingerprint)}; the next writing says so.")
    store.close()


def _keys_or_fail(store: Any, settings: Settings) -> Any:
    from forge.federation.publish.keys import KeyTrouble, keys

    try:
        return keys(store, settings.data)
    except KeyTrouble as no:
        fail(str(no))


def _print_key(keyring: Any, as_json: bool) -> None:
    from catalog.federation.signing import grouped, spoken

    current = keyring.private.key
    words = spoken(current.fingerprint)
    if as_json:
        click.echo(json.dumps({"public": current.public, "fingerprint": current.fingerprint, "words": words}))
        return
    click.echo(f"Fingerprint  {grouped(current.fingerprint)}")
    click.echo(f"In words     {' '.join(words)}")
    click.echo(f"Public key   {current.public}")
    if keyring.previous:
        last = keyring.previous[-1]
        click.echo(f"Before it    {grouped(last.fingerprint)}, until {last.rotated_at:%Y-%m-%d}")
