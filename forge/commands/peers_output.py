"""What `forge peer` prints of other catalogues, and the question by which somebody confirms a key."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from catalog.exchange import fingerprint as fingerprints
from catalog.rules.peer import NOTE_SENTENCES, REFUSAL_SENTENCES, Note, Peer, Refusal
from forge.commands.console import fail, printable

if TYPE_CHECKING:
    from catalog.exchange.statements import InstanceCard
    from catalog.federation.take_over import ComingRecords
    from forge.exchange.follow.adding import Introduction
    from forge.exchange.follow.repository import VisitRefused


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
