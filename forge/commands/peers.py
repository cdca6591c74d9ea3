"""The commands `forge peer`: add another catalogue, decide what is read from it, visit it, remove it."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules.peer import (
    FOLLOWING,
    PAUSED,
    Peer,
)
from forge.commands.console import fail, open_store, printable, read_settings

if TYPE_CHECKING:
    from catalog.store.store import Store
    from forge.exchange.follow.adding import FirstSight
    from forge.exchange.follow.visit_job import PeerVisitor

from typing import TYPE_CHECKING, Any

from catalog.exchange import fingerprint as fingerprints
from catalog.rules.peer import NOTE_SENTENCES, REFUSAL_SENTENCES, Note, Refusal

if TYPE_CHECKING:
    from catalog.exchange.statements import InstanceCard
    from catalog.federation.take_over import ComingRecords
    from forge.exchange.follow.adding import Introduction
    from forge.exchange.follow.repository import VisitRefused


REASON_HELP = "Shown in the public log of decisions."


@click.group()
def peer() -> None:
    """Other catalogues that this one follows. Nothing is imported before somebody decides so.

    Example: forge peer add https://catalogo.example.org
    """


@peer.command()
@click.argument("where", metavar="ADDRESS|FOLDER")
@click.option("--fingerprint", help="Digits or six words, as somebody of that catalogue told you.")
@click.option("--despite-incomplete-card", is_flag=True, help="Accept a catalogue that does not state its rules.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def add(where: str, fingerprint: str | None, despite_incomplete_card: bool, as_json: bool) -> None:
    """Follow a catalogue: show its key and, once you have compared it, who runs it and what would be imported.

    An address from their printed code contains the key already: ADDRESS?fingerprint=DIGITS. Otherwise call or meet
    somebody of that catalogue: the key is right if both of you read the same digits or words.

    Example: forge peer add https://catalogo.example.org

    Example: forge peer add /media/stick --fingerprint "3f2a 90bb 17c4 e05d 88a1"
    """
    from catalog import moderation
    from forge.exchange.follow import adding
    from forge.exchange.follow.repository import VisitRefused
    from forge.exchange.follow.visit_job import peer_visitor

    where, _, handed = where.partition("?fingerprint=")
    fingerprint = fingerprint or handed or None
    settings = read_settings()
    store = open_store(settings)
    visitor = peer_visitor(store, settings)
    try:
        introduction = adding.find(visitor, where)
        if not as_json:
            print_key(introduction)
        confirm_key(introduction, fingerprint)
        sight = adding.meet(visitor, introduction)
        try:
            _confirm_following(
                visitor, sight, ask=fingerprint is None, lacking=not despite_incomplete_card, say=not as_json
            )
        except (click.Abort, click.exceptions.Exit, SystemExit):
            adding.forget(visitor, sight.told)
            raise
        now = visitor.clock()
        peer_there = adding.add(visitor, sight, now=now)
        moderation.decide_peer(store, None, peer_there.id, FOLLOWING, now=now)
    except adding.NotAdded as no:
        fail(f"{where}: {no.sentence}")
    except VisitRefused as no:
        fail(unread_sentence(where, no))
    except AlreadyExists as no:
        fail(
            f"It is a peer already: {no.key}. `forge peer pull {no.key}` reads it, with --from FOLDER from a folder."
            if no.key
            else "No more peers can be added."
        )
    peer_there = store.peers.get(peer_there.id)
    if as_json:
        click.echo(json.dumps(as_record(peer_there), ensure_ascii=False))
    else:
        click.echo(
            f"Followed as {peer_there.slug}. Its records come with the next visit, or at once by "
            f"`forge peer pull {peer_there.slug}`."
        )
    store.close()


@peer.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Follow it again.")
@click.option("--reason", default="", help=REASON_HELP)
def pause(name: str, off: bool, reason: str) -> None:
    """Import nothing new from a catalogue for now. What came from it stays, except what it withdraws.

    Example: forge peer pause catalogo-example-org

    Example: forge peer pause catalogo-example-org --off
    """
    from catalog import moderation

    store = open_store(read_settings())
    catalogue = _find_peer(store, name)
    try:
        moderation.decide_peer(store, None, catalogue.id, FOLLOWING if off else PAUSED, reason, now=datetime.now(UTC))
    except Invalid as no:
        fail(f"{no}.")
    store.close()
    click.echo(f"{name} is followed." if off else f"{name} is paused. `forge peer pause {name} --off` goes on.")


@peer.command()
@click.argument("name")
@click.argument("address")
def move(name: str, address: str) -> None:
    """Read a catalogue at another address, such as a copy kept by another one. Its key must be the same.

    Example: forge peer move catalogo-example-org https://catalogue.example.net/exchange/mirror/IDENTITY
    """
    from forge.exchange.follow import adding
    from forge.exchange.follow.repository import VisitRefused
    from forge.exchange.follow.visit_job import peer_visitor

    settings = read_settings()
    store = open_store(settings)
    catalogue = _find_peer(store, name)
    visitor = peer_visitor(store, settings)
    try:
        outcome = adding.move(visitor, catalogue, address)
    except adding.NotAdded as no:
        fail(f"{address}: {no.sentence}")
    except VisitRefused as no:
        fail(unread_sentence(address, no))
    if outcome.refusal:
        fail(f"{address}: {refusal_sentence(outcome.refusal)}")
    store.close()
    click.echo(f"{name} is read at {address} from now on.")


@peer.command()
@click.argument("name")
@click.option("--reason", default="", help=REASON_HELP)
def remove(name: str, reason: str) -> None:
    """Stop following a catalogue, and delete what came from it.

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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def list_peers(as_json: bool) -> None:
    """List the catalogues with what was decided about each, and how its last visit ended.

    Example: forge peer list
    """
    store = open_store(read_settings())
    now = datetime.now(UTC)
    for catalogue in store.peers.all():
        if as_json:
            click.echo(json.dumps(as_record(catalogue, now), ensure_ascii=False))
            continue
        state, last_visit = catalogue.shown_state(now), f"{catalogue.last_good_at:%Y-%m-%d %H:%M}"
        click.echo(f"{catalogue.slug}  {printable(catalogue.name)}  {catalogue.address or catalogue.folder}")
        if (catalogue.state, state) == (FOLLOWING, PAUSED):  # nobody paused it
            state = f"on hold: what it signed is believed until {catalogue.expires_at:%Y-%m-%d}"
        click.echo(f"  {state}  read {last_visit}")
        if catalogue.refusal:
            click.echo(f"  {refusal_sentence(catalogue.refusal)}")
        for note in catalogue.notes:
            click.echo(f"  {note_sentence(note)}")
        if catalogue.asks:
            click.echo(f"  `forge peer pull {catalogue.slug} --accept` lets that happen.")
    store.close()


@peer.command()
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, resolve_path=True),
    metavar="FOLDER",
    help="Read the named catalogue from this folder once, such as a USB stick, if its address cannot be reached.",
)
@click.option(
    "--accept",
    is_flag=True,
    help="Confirm what the last visit asked: delete records that disappeared, keep those that came back.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def pull(names: tuple[str, ...], folder: str | None, accept: bool, as_json: bool) -> None:
    """Visit the named catalogues now, or all that are followed. Exit status 1 if one was refused.

    Example: forge peer pull catalogo-example-org

    Example: forge peer pull catalogo-example-org --from /media/stick
    """
    from catalog import moderation
    from catalog.rules.peer import VISITED_STATES
    from forge.exchange.follow.visit_job import peer_visitor

    if (folder or accept) and len(names) != 1:
        raise click.UsageError("Name the catalogue: --from and --accept are about one.")
    settings = read_settings()
    store = open_store(settings)
    chosen = [_find_peer(store, name) for name in names] if names else list(store.peers.all())
    visitor, good = peer_visitor(store, settings), True
    for catalogue in chosen:
        if catalogue.state not in VISITED_STATES:
            if names:
                slug = catalogue.slug
                fail(f"{slug} is not followed. `forge peer pause {slug} --off` begins again.")
            continue
        if accept:
            try:
                moderation.allow_peer(store, None, catalogue.id, now=visitor.clock())
            except Invalid as no:
                fail(f"{no}.")
            catalogue = store.peers.get(catalogue.id)
        outcome = visitor.visit(catalogue, folder)
        refusal, took = outcome.refusal, outcome.taken
        counts = {name: getattr(took, name) for name in ("added", "changed", "removed", "withdrawn")}
        good = good and refusal is None
        if as_json:
            problem = {"code": refusal.code, "subject": refusal.subject} if refusal else None
            notes = [{"code": note.code, "subject": note.subject} for note in outcome.notes]
            click.echo(json.dumps({"slug": catalogue.slug, **counts, "notes": notes, "refusal": problem}))
        elif refusal:
            gone = f", {took.withdrawn} withdrawn all the same" if took.withdrawn else ""
            click.echo(f"{catalogue.slug}: refused. {refusal_sentence(refusal)}{gone}")
        else:
            came = ", ".join(f"{number} {name}" for name, number in counts.items())
            numbers = ", ".join(
                f"{number} {kind}" for kind, number in store.received_records.held(catalogue.id).items()
            )
            click.echo(f"{catalogue.slug}: {came}. Here now: {numbers or 'nothing'}.")
            for note in store.peers.get(catalogue.id).notes:
                click.echo(f"  {note_sentence(note)}")
    store.close()
    sys.exit(0 if good else 1)


def _confirm_following(visitor: "PeerVisitor", sight: "FirstSight", *, ask: bool, lacking: bool, say: bool) -> None:
    """Show who a catalogue is and what would come of it; `ask`: whether to follow it; `lacking`: fail where its card
    does not say by which rules it works."""
    from forge.exchange.follow import adding

    if say:
        print_card(sight.card)
    missing = adding.missing(sight.card)
    if missing and lacking:
        fail(
            f"Its card says nothing of: {', '.join(missing)}. Ask them to complete it, or add it with "
            "--despite-incomplete-card."
        )
    coming = adding.preview(visitor, sight)
    if say:
        click.echo("What would come:")
        print_coming(coming)
    if ask:
        click.confirm("Follow it?", abort=True, err=True)


def _find_peer(store: "Store", name: str) -> Peer:
    try:
        return store.peers.by_slug(name)
    except NotFound:
        fail(f"There is no peer {name}. `forge peer list` names them.")


def confirm_key(introduction: "Introduction", fingerprint: str | None) -> None:
    """Have the operator confirm that they compared the fingerprint of a catalogue; without a terminal, by
    `--fingerprint`."""
    if fingerprint is not None:
        if not introduction.is_same(fingerprint):
            fail("The fingerprint is another one: this is not the key that you were told, and nothing was added.")
        return
    if not sys.stdin.isatty():
        fail("Compare the fingerprint with somebody of that catalogue, then say it with --fingerprint.")
    click.confirm("Does somebody of that catalogue read the same digits or words?", abort=True, err=True)


def print_coming(coming: "ComingRecords") -> None:
    """What would come of a catalogue."""
    for kind, count in coming.counts.items():
        click.echo(f"  {kind}: {count}")
    for kind, name in coming.examples:
        click.echo(f"  such as {printable(name)} ({kind})")


def as_record(catalogue: Peer, now: datetime | None = None) -> dict[str, Any]:
    """A catalogue as one JSON object."""
    refusal = catalogue.refusal
    return {
        "slug": catalogue.slug,
        "name": catalogue.name,
        "address": catalogue.address,
        "folder": catalogue.folder,
        "id": str(catalogue.instance_id),
        "fingerprint": catalogue.fingerprint,
        "state": catalogue.shown_state(now or datetime.now(UTC)),
        "sequence": catalogue.sequence,
        "last_good_at": catalogue.last_good_at.isoformat(),
        "refusal": refusal and {"code": refusal.code, "subject": refusal.subject, "at": refusal.at.isoformat()},
        "notes": [{"code": note.code, "subject": note.subject} for note in catalogue.notes],
        "asks": dict(catalogue.asks),
    }


def print_line(label: str, text: str) -> None:
    """A line of a card."""
    click.echo(f"{label + ':':14}{printable(text) or '-'}")


def first_text(texts: Any) -> str:
    """A text in English, else in the first language that it has."""
    return next((str(texts[language]) for language in ("en", *sorted(texts)) if texts.get(language)), "")


def refusal_sentence(refusal: Refusal) -> str:
    """Why a visit was refused, where, and when."""
    return f"{REFUSAL_SENTENCES[refusal.code]} {printable(refusal.subject)} ({refusal.at:%Y-%m-%d})"


def note_sentence(note: Note) -> str:
    """What a visit noticed."""
    return f"{NOTE_SENTENCES[note.code]} {printable(note.subject)}"


def print_key(introduction: "Introduction") -> None:
    """What people compare."""
    print_line("Key", fingerprints.grouped(introduction.digits))
    print_line("In words", " ".join(fingerprints.spoken(introduction.digits)))


def print_card(card: "InstanceCard") -> None:
    """Who a catalogue is."""
    print_line("Name", first_text(card.name))
    print_line("Address", card.address)
    print_line("Organization", card.operator.name if card.operator else "")
    print_line("Contact", card.contact or "")
    print_line("Takes in", first_text(card.criteria))
    print_line("Checks by", first_text(card.validation))
    print_line("Renewed", first_text(card.refresh))
    print_line("Languages", ", ".join(card.languages))
    print_line("Licences", f"facts {card.data_license.facts}, texts {card.data_license.texts}")


def unread_sentence(where: str, no: "VisitRefused") -> str:
    """Why a catalogue could not be read for the first time."""
    from forge.security.safe_http import Refused

    why: BaseException | None = no
    while why is not None and not isinstance(why, Refused):
        why = why.__cause__
    if isinstance(why, Refused) and no.code == "not-allowed":
        return (
            f"{where} was not asked: {why.reason} A catalogue inside a network of your own is asked once "
            "FORGE_ALLOW_NETWORKS names that network."
        )
    return f"{where}: {REFUSAL_SENTENCES[no.code]} {printable(no.subject)}".rstrip()
