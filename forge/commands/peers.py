"""The commands `forge peer`: add another catalogue, decide what is read from it, visit it, remove it.

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
    REFUSAL_SENTENCES,
    Peer,
    Refusal,
)
from forge.commands.console import fail, open_store, printable, read_settings

if TYPE_CHECKING:
    from catalog.store import Store
    from forge.federation.pull.adding import Introduction
    from forge.federation.pull.source import NotRead

REASON_HELP = "Shown in the public log of decisions."


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
    settings = read_settings()
    store = open_store(settings)
    pull = pulling(store, settings)
    try:
        introduction = adding.introduced(pull.addresses, where)
    except NotRead as no:
        fail(_unread_sentence(where, no))
    if not as_json:
        _print_introduction(introduction)
    lacking = shapes.missing(introduction.card)
    if lacking and not despite_incomplete_card:
        fail(
            f"Its card says nothing of: {', '.join(lacking)}. Ask them to complete it, or add it with "
            "--despite-incomplete-card."
        )
    _confirm_key(introduction, fingerprint)
    try:
        state = adding.offered(store, introduction, pull.languages(), merge.count_known, now=pull.clock())
        known = adding.add(store, introduction, state, now=pull.clock())
    except NotRead as no:
        fail(_unread_sentence(where, no))
    except AlreadyExists as no:
        fail(
            f"It is a peer already: {no.key}. `forge peer pull {no.key}` reads it, with --from FOLDER from a folder."
            if no.key
            else "No more peers can be added."
        )
    if as_json:
        click.echo(json.dumps(_as_record(known) | {"preview": known.preview}, ensure_ascii=False))
    else:
        click.echo(f"Added as {known.slug}; nothing of it is read yet. What would come:")
        _print_preview(known)
    store.close()


@peer.command()
@click.argument("name")
def look(name: str) -> None:
    """Look again at what would come of a catalogue; nothing of it is taken over.

    Example: forge peer look catalogo-example-org
    """
    from forge.federation.pull.pulling import pulling

    settings = read_settings()
    store = open_store(settings)
    catalogue = _find_peer(store, name)
    if catalogue.state == BLOCKED:
        fail(f"{name} is blocked: nothing of it is read.")
    outcome = pulling(store, settings).look_again(catalogue)
    if outcome.refusal:
        fail(_refusal_sentence(outcome.refusal))
    click.echo(f"What would come of {name}:")
    _print_preview(store.peers.get(catalogue.id))
    store.close()


@peer.command()
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, metavar="KIND=DECISION", help="May be given several times.")
@click.option("--reason", default="", help=REASON_HELP)
def follow(name: str, kinds: tuple[str, ...], reason: str) -> None:
    """Decide what is read of a catalogue: none, follow, trust, co-edit, pause or block, for each kind of record.

    Kinds are project, organization, adoption, experience, call and join. Without --kind what was decided before
    holds again, after a pause.

    Example: forge peer follow catalogo-example-org --kind project=follow --kind organization=follow
    """
    chosen = {}
    for assignment in kinds:
        kind, _, choice = assignment.partition("=")
        if kind not in KINDS or choice not in CHOICES:
            raise click.BadParameter(
                f"{assignment!r}: write KIND=DECISION, of {', '.join(KINDS)} and {', '.join(CHOICES)}.",
                param_hint="--kind",
            )
        chosen[kind] = choice
    _decide(name, FOLLOWING, chosen, reason)
    click.echo(f"{name}: decided. Its records come with the next visit, or at once by `forge peer pull {name}`.")


@peer.command()
@click.argument("name")
@click.option("--reason", default="", help=REASON_HELP)
def pause(name: str, reason: str) -> None:
    """Read nothing new of a catalogue for now; what came from it stays, but for what it takes back.

    Example: forge peer pause catalogo-example-org
    """
    _decide(name, PAUSED, {}, reason)
    click.echo(f"{name} is paused. `forge peer follow {name}` goes on.")


@peer.command("block")
@click.argument("name")
@click.option("--reason", required=True, help=REASON_HELP)
def block_peer(name: str, reason: str) -> None:
    """Read nothing of a catalogue, and take away what came from it.

    Example: forge peer block catalogo-example-org --reason "It publishes names of persons."
    """
    _decide(name, BLOCKED, {}, reason)
    click.echo(f"{name} is blocked, and its records are gone.")


@peer.command()
@click.argument("name")
@click.option("--reason", default="", help=REASON_HELP)
def remove(name: str, reason: str) -> None:
    """Forget a catalogue, and take away what came from it.

    Example: forge peer remove catalogo-example-org
    """
    from catalog import moderation

    store = open_store(read_settings())
    catalogue = _find_peer(store, name)
    try:
        moderation.remove_peer(store, catalogue.id, reason, now=datetime.now(UTC))
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
    store = open_store(read_settings())
    now = datetime.now(UTC)
    for catalogue in store.peers.all():
        if as_json:
            click.echo(json.dumps(_as_record(catalogue, now), ensure_ascii=False))
            continue
        chosen = {kind: catalogue.decision(kind) for kind in KINDS if catalogue.decision(kind) != "none"}
        decisions = ", ".join(f"{kind}={choice}" for kind, choice in chosen.items()) or "nothing decided"
        state, read = catalogue.shown_state(now), f"{catalogue.last_good_at:%Y-%m-%d}"
        click.echo(f"{catalogue.slug}  {state}  read {read}  {decisions}")
        if catalogue.refusal:
            click.echo(f"  {_refusal_sentence(catalogue.refusal)}")
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
    from catalog.rules.peer import VISITED_STATES
    from forge.federation.pull.pulling import pulling

    if folder and len(names) != 1:
        raise click.UsageError("A folder holds one catalogue: name the one that is read from it.")
    settings = read_settings()
    store = open_store(settings)
    chosen = [_find_peer(store, name) for name in names] if names else list(store.peers.all())
    if folder:
        chosen = [replace(catalogue, address=None, folder=folder, etag=None) for catalogue in chosen]
    visitor, good = pulling(store, settings), True
    for catalogue in chosen:
        if catalogue.state not in VISITED_STATES:
            if names:
                slug = catalogue.slug
                fail(f"{slug} is not followed. `forge peer follow {slug} --kind project=follow` begins.")
            continue
        outcome = visitor.pull(catalogue)
        good = good and outcome.good
        if as_json:
            refusal = {"code": outcome.refusal.code, "subject": outcome.refusal.subject} if outcome.refusal else None
            record = {"slug": outcome.slug, "records": outcome.records, "withdrawn": outcome.tombstones}
            click.echo(json.dumps(record | {"whole": outcome.whole, "refusal": refusal}))
        elif outcome.refusal:
            click.echo(f"{catalogue.slug}: refused. {_refusal_sentence(outcome.refusal)}")
        else:
            click.echo(f"{catalogue.slug}: {outcome.records} records, {outcome.tombstones} withdrawn.")
    store.close()
    sys.exit(0 if good else 1)


def _decide(name: str, state: str, kinds: dict[str, str], reason: str) -> None:
    from catalog import moderation
    from catalog.moderation import Peering

    store = open_store(read_settings())
    catalogue = _find_peer(store, name)
    try:
        moderation.decide_peer(store, None, catalogue.id, Peering(state, kinds, reason), now=datetime.now(UTC))
    except Invalid as no:
        fail(f"{no}.")
    store.close()


def _find_peer(store: "Store", name: str) -> Peer:
    try:
        return store.peers.by_slug(name)
    except NotFound:
        fail(f"There is no peer {name}. `forge peer list` names them.")


def _confirm_key(introduction: "Introduction", fingerprint: str | None) -> None:
    """Have whoever adds a catalogue confirm that they compared its key; without a terminal, by `--fingerprint`."""
    from forge.federation.pull.adding import same_key

    if fingerprint is not None:
        if not same_key(introduction, fingerprint):
            fail("The fingerprint is another one: this is not the key that you were told, and nothing was added.")
        return
    if not sys.stdin.isatty():
        fail("Compare the fingerprint with somebody of that catalogue, then say it with --fingerprint.")
    click.confirm("Does somebody of that catalogue read the same digits or words?", abort=True, err=True)


def _print_introduction(introduction: "Introduction") -> None:
    from catalog.federation import signing

    card, print_line = introduction.card, _print_line
    print_line("Name", _first_text(card.name))
    print_line("Address", card.address)
    print_line("Organization", str((card.operator or {}).get("name", "")))
    print_line("Contact", card.contact or "")
    print_line("Takes in", _first_text(card.criteria))
    print_line("Checks by", _first_text(card.validation))
    print_line("Renewed", _first_text(card.refresh))
    print_line("Languages", ", ".join(card.languages))
    print_line("Licences", ", ".join(f"{name} {license}" for name, license in sorted(card.data_license.items())))
    print_line("Key", signing.grouped(introduction.digits))
    print_line("In words", " ".join(signing.spoken(introduction.digits)))


def _print_preview(catalogue: Peer) -> None:
    preview: Any = catalogue.preview or {}
    for kind, count in preview["counts"].items():
        click.echo(f"  {kind}: {count}, of which {preview['known'].get(kind, 0)} are here already")
    for example in preview["examples"]:
        click.echo(f"  such as {printable(example['name'])} ({example['kind']})")
    if missing := printable(", ".join(preview.get("missing", ()))):
        click.echo(f"  without texts in {missing}: who keeps these files never read them")
    click.echo(f"Decide with `forge peer follow {catalogue.slug} --kind project=follow`.")


def _as_record(catalogue: Peer, now: datetime | None = None) -> dict[str, Any]:
    refusal = catalogue.refusal
    return {
        "slug": catalogue.slug,
        "name": catalogue.name,
        "address": catalogue.address,
        "folder": catalogue.folder,
        "id": str(catalogue.instance_id),
        "fingerprint": catalogue.fingerprint,
        "state": catalogue.shown_state(now or datetime.now(UTC)),
        "decisions": dict(catalogue.decisions),
        "sequence": catalogue.sequence,
        "last_good_at": catalogue.last_good_at.isoformat(),
        "refusal": refusal and {"code": refusal.code, "subject": refusal.subject, "at": refusal.at.isoformat()},
    }


def _print_line(label: str, text: str) -> None:
    click.echo(f"{label + ':':14}{printable(text) or '-'}")


def _first_text(texts: Any) -> str:
    return next((str(texts[language]) for language in ("en", *sorted(texts)) if texts.get(language)), "")


def _refusal_sentence(refusal: Refusal) -> str:
    return f"{REFUSAL_SENTENCES[refusal.code]} {printable(refusal.subject)} ({refusal.at:%Y-%m-%d})"


def _unread_sentence(where: str, no: "NotRead") -> str:
    from forge.security.safe_http import Refused

    if isinstance(no.__cause__, Refused):
        return (
            f"{where} was not asked: {no.__cause__.reason} A catalogue inside a network of your own is asked once "
            "FORGE_ALLOW_NETWORKS names that network."
        )
    return f"{where}: {REFUSAL_SENTENCES[no.code]} {printable(no.subject)}".rstrip()
