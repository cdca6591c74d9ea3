"""`forge peer`: get to know another catalogue, decide what is read from it, visit it, leave it.

Longer than 350 lines: nine short commands share the lines that they print.
"""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules.peer import (
    BLOCKED,
    CHOICES,
    FOLLOWING,
    KINDS,
    PAUSED,
    TOLD,
    Peer,
    Refusal,
)
from forge.commands.console import fail, printable, settings_here, store_of

if TYPE_CHECKING:
    from catalog.store import Store
    from forge.federation.pull.adding import Introduction
    from forge.federation.pull.source import NotRead

REASON = "Shown in the public log of decisions."


@click.group()
def peer() -> None:
    """Other catalogues whose records are read here. Nothing of one enters before somebody decides so.

    Example: forge peer add https://catalogo.example.org
    """


@peer.command()
@click.argument("where", metavar="ADDRESS|FOLDER")
@click.option("--fingerprint", help="As somebody of that catalogue told you: its digits, or its six words.")
@click.option("--despite-incomplete-card", is_flag=True, help="Also where it does not say by which rules it works.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(where: str, fingerprint: str | None, despite_incomplete_card: bool, as_json: bool) -> None:
    """Get to know a catalogue: show its card and its key, and, once you compared that, what would come.

    An address from the code that they printed for you holds the key already: ADDRESS?fingerprint=DIGITS. Else call
    somebody of that catalogue, or meet them: the key is the right one when both of you read the same digits or
    words. Nothing is taken over; `forge peer follow` decides about that.

    Example: forge peer add https://catalogo.example.org

    Example: forge peer add /media/stick --fingerprint "3f2a 90bb 17c4 e05d 88a1"
    """
    from catalog.federation import merge, shapes
    from forge.federation.pull import adding
    from forge.federation.pull.pulling import pulling
    from forge.federation.pull.source import NotRead

    where, _, handed = where.partition("?fingerprint=")
    fingerprint = fingerprint or handed or None
    settings = settings_here()
    store = store_of(settings)
    pull = pulling(store, settings)
    try:
        one = adding.introduced(pull.addresses, where)
    except NotRead as no:
        fail(_refused(where, no))
    if not as_json:
        _tell(one)
    lacking = shapes.missing(one.card)
    if lacking and not despite_incomplete_card:
        fail(
            f"Its card says nothing of: {', '.join(lacking)}. Ask them to complete it, or add it with "
            "--despite-incomplete-card."
        )
    _compare(one, fingerprint)
    try:
        state = adding.offered(store, one, pull.languages(), merge.known, now=pull.clock())
        known = adding.add(store, one, state, now=pull.clock())
    except NotRead as no:
        fail(_refused(where, no))
    except AlreadyExists as no:
        fail(
            f"It is a peer already: {no.key}. `forge peer pull {no.key}` reads it, with --from FOLDER from a folder."
            if no.key
            else "No more peers can be added."
        )
    if as_json:
        click.echo(json.dumps(_row(known) | {"preview": known.preview}, ensure_ascii=False))
    else:
        click.echo(f"Added as {known.slug}; nothing of it is read yet. What would come:")
        _tell_preview(known)
    store.close()


@peer.command()
@click.argument("name")
def look(name: str) -> None:
    """Look again at what would come of a catalogue; nothing of it is taken over.

    Example: forge peer look catalogo-example-org
    """
    from forge.federation.pull.pulling import pulling

    settings = settings_here()
    store = store_of(settings)
    one = _named(store, name)
    if one.state == BLOCKED:
        fail(f"{name} is blocked: nothing of it is read.")
    outcome = pulling(store, settings).look_again(one)
    if outcome.refusal:
        fail(_why(outcome.refusal))
    click.echo(f"What would come of {name}:")
    _tell_preview(store.peers.one(one.id))
    store.close()


@peer.command()
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, metavar="KIND=DECISION", help="May be given several times.")
@click.option("--reason", default="", help=REASON)
def follow(name: str, kinds: tuple[str, ...], reason: str) -> None:
    """Decide what is read of a catalogue: none, follow, trust, co-edit, pause or block, for each kind of record.

    Kinds are project, organization, adoption, experience, call and join. Without --kind what was decided before
    holds again, after a pause.

    Example: forge peer follow catalogo-example-org --kind project=follow --kind organization=follow
    """
    chosen = {}
    for one in kinds:
        kind, _, choice = one.partition("=")
        if kind not in KINDS or choice not in CHOICES:
            raise click.BadParameter(
                f"{one!r}: write KIND=DECISION, of {', '.join(KINDS)} and {', '.join(CHOICES)}.", param_hint="--kind"
            )
        chosen[kind] = choice
    _decide(name, FOLLOWING, chosen, reason)
    click.echo(f"{name}: decided. Its records come with the next visit, or at once by `forge peer pull {name}`.")


@peer.command()
@click.argument("name")
@click.option("--reason", default="", help=REASON)
def pause(name: str, reason: str) -> None:
    """Read nothing new of a catalogue for now; what came from it stays, but for what it takes back.

    Example: forge peer pause catalogo-example-org
    """
    _decide(name, PAUSED, {}, reason)
    click.echo(f"{name} is paused. `forge peer follow {name}` goes on.")


@peer.command("block")
@click.argument("name")
@click.option("--reason", required=True, help=REASON)
def block_peer(name: str, reason: str) -> None:
    """Read nothing of a catalogue, and take away what came from it.

    Example: forge peer block catalogo-example-org --reason "It publishes names of persons."
    """
    _decide(name, BLOCKED, {}, reason)
    click.echo(f"{name} is blocked, and its records are gone.")


@peer.command()
@click.argument("name")
@click.option("--reason", default="", help=REASON)
def remove(name: str, reason: str) -> None:
    """Forget a catalogue, and take away what came from it.

    Example: forge peer remove catalogo-example-org
    """
    from catalog import moderation

    store = store_of(settings_here())
    one = _named(store, name)
    try:
        moderation.remove_peer(store, one.id, reason, now=datetime.now(UTC))
    except Invalid as no:
        fail(f"{no}.")
    store.close()
    click.echo(f"{name} is no longer read, and its records are gone.")


@peer.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def list_peers(as_json: bool) -> None:
    """Name each catalogue, what was decided of it, and how its last visit ended.

    Example: forge peer list
    """
    store = store_of(settings_here())
    now = datetime.now(UTC)
    for one in store.peers.every():
        if as_json:
            click.echo(json.dumps(_row(one, now), ensure_ascii=False))
            continue
        said = ", ".join(f"{kind}={one.decision(kind)}" for kind in KINDS if one.decision(kind) != "none")
        click.echo(f"{one.slug}  {one.shown_state(now)}  read {one.last_good_at:%Y-%m-%d}  {said or 'nothing decided'}")
        if one.refusal:
            click.echo(f"  {_why(one.refusal)}")
    store.close()


@peer.command()
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, resolve_path=True),
    metavar="FOLDER",
    help="Read the one that is named from this folder, this once: a stick, where its address cannot be reached.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def pull(names: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """Visit catalogues now: those that are named, or all that are followed; exit 1 if one was refused.

    Example: forge peer pull catalogo-example-org

    Example: forge peer pull catalogo-example-org --from /media/stick
    """
    from catalog.rules.peer import VISITED
    from forge.federation.pull.pulling import pulling

    if folder and len(names) != 1:
        raise click.UsageError("A folder holds one catalogue: name the one that is read from it.")
    settings = settings_here()
    store = store_of(settings)
    chosen = [_named(store, name) for name in names] if names else list(store.peers.every())
    if folder:
        chosen = [replace(one, address=None, folder=folder, etag=None) for one in chosen]
    visitor, good = pulling(store, settings), True
    for one in chosen:
        if one.state not in VISITED:
            if names:
                fail(f"{one.slug} is not followed. `forge peer follow {one.slug} --kind project=follow` begins.")
            continue
        outcome = visitor.pull(one)
        good = good and outcome.good
        if as_json:
            refusal = {"code": outcome.refusal.code, "subject": outcome.refusal.subject} if outcome.refusal else None
            told = {"slug": outcome.slug, "records": outcome.records, "withdrawn": outcome.tombstones}
            click.echo(json.dumps(told | {"whole": outcome.whole, "refusal": refusal}))
        elif outcome.refusal:
            click.echo(f"{one.slug}: refused. {_why(outcome.refusal)}")
        else:
            click.echo(f"{one.slug}: {outcome.records} records, {outcome.tombstones} withdrawn.")
    store.close()
    sys.exit(0 if good else 1)


def _decide(name: str, state: str, kinds: dict[str, str], reason: str) -> None:
    from catalog import moderation
    from catalog.moderation import Peering

    store = store_of(settings_here())
    one = _named(store, name)
    try:
        moderation.decide_peer(store, None, one.id, Peering(state, kinds, reason), now=datetime.now(UTC))
    except Invalid as no:
        fail(f"{no}.")
    store.close()


def _named(store: "Store", name: str) -> Peer:
    try:
        return store.peers.named(name)
    except NotFound:
        fail(f"There is no peer {name}. `forge peer list` names them.")


def _compare(one: "Introduction", fingerprint: str | None) -> None:
    """Whoever adds a catalogue says that they compared its key; without a terminal they give what they were told."""
    from forge.federation.pull.adding import same_key

    if fingerprint is not None:
        if not same_key(one, fingerprint):
            fail("The fingerprint is another one: this is not the key that you were told, and nothing was added.")
        return
    if not sys.stdin.isatty():
        fail("Compare the fingerprint with somebody of that catalogue, then say it with --fingerprint.")
    click.confirm("Does somebody of that catalogue read the same digits or words?", abort=True, err=True)


def _tell(one: "Introduction") -> None:
    from catalog.federation import signing

    card, say = one.card, _line
    say("Name", _words(card.name))
    say("Address", card.address)
    say("Organization", str((card.operator or {}).get("name", "")))
    say("Contact", card.contact or "")
    say("Takes in", _words(card.criteria))
    say("Checks by", _words(card.validation))
    say("Renewed", _words(card.refresh))
    say("Languages", ", ".join(card.languages))
    say("Licences", ", ".join(f"{name} {license}" for name, license in sorted(card.data_license.items())))
    say("Key", signing.grouped(one.digits))
    say("In words", " ".join(signing.spoken(one.digits)))


def _tell_preview(one: Peer) -> None:
    preview: Any = one.preview or {}
    for kind, count in preview["counts"].items():
        click.echo(f"  {kind}: {count}, of which {preview['known'].get(kind, 0)} are here already")
    for example in preview["examples"]:
        click.echo(f"  such as {printable(example['name'])} ({example['kind']})")
    if missing := printable(", ".join(preview.get("missing", ()))):
        click.echo(f"  without texts in {missing}: who keeps these files never read them")
    click.echo(f"Decide with `forge peer follow {one.slug} --kind project=follow`.")


def _row(one: Peer, now: datetime | None = None) -> dict[str, Any]:
    refusal = one.refusal
    return {
        "slug": one.slug,
        "name": one.name,
        "address": one.address,
        "folder": one.folder,
        "id": str(one.instance_id),
        "fingerprint": one.fingerprint,
        "state": one.shown_state(now or datetime.now(UTC)),
        "decisions": dict(one.decisions),
        "sequence": one.sequence,
        "last_good_at": one.last_good_at.isoformat(),
        "refusal": refusal and {"code": refusal.code, "subject": refusal.subject, "at": refusal.at.isoformat()},
    }


def _line(label: str, text: str) -> None:
    click.echo(f"{label + ':':14}{printable(text) or '-'}")


def _words(said: Any) -> str:
    return next((str(said[one]) for one in ("en", *sorted(said)) if said.get(one)), "")


def _why(refusal: Refusal) -> str:
    return f"{TOLD[refusal.code]} {printable(refusal.subject)} ({refusal.at:%Y-%m-%d})"


def _refused(where: str, no: "NotRead") -> str:
    from forge.security.safe_http import Refused

    if isinstance(no.__cause__, Refused):
        return (
            f"{where} was not asked: {no.__cause__.reason} A catalogue inside a network of your own is asked once "
            "FORGE_ALLOW_NETWORKS names that network."
        )
    return f"{where}: {TOLD[no.code]} {printable(no.subject)}".rstrip()
