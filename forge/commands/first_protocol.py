"""`forge peer add` for a catalogue that speaks the first protocol of the exchange, until none does."""

import json

import click

from catalog.errors import AlreadyExists
from catalog.rules.peer import REFUSAL_SENTENCES
from forge.commands.console import fail, open_store, printable, read_settings
from forge.commands.peers_printed import as_record, confirm_key, first_text, print_line, print_preview
from forge.federation.pull.adding import Introduction
from forge.federation.pull.source import NotRead


def add(where: str, fingerprint: str | None, despite_incomplete_card: bool, as_json: bool) -> None:
    """Get to know it, as `forge peer add` does."""
    from catalog.federation import merge, shapes
    from forge.federation.pull import adding
    from forge.federation.pull.pulling import pulling

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
    confirm_key(lambda digits: adding.same_key(introduction, digits), fingerprint)
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
        click.echo(json.dumps(as_record(known) | {"preview": known.preview}, ensure_ascii=False))
    else:
        click.echo(f"Added as {known.slug}; nothing of it is read yet. What would come:")
        print_preview(known)
    store.close()


def _print_introduction(introduction: Introduction) -> None:
    from catalog.federation import signing

    card = introduction.card
    print_line("Name", first_text(card.name))
    print_line("Address", card.address)
    print_line("Organization", str((card.operator or {}).get("name", "")))
    print_line("Contact", card.contact or "")
    print_line("Takes in", first_text(card.criteria))
    print_line("Checks by", first_text(card.validation))
    print_line("Renewed", first_text(card.refresh))
    print_line("Languages", ", ".join(card.languages))
    print_line("Licences", ", ".join(f"{name} {license}" for name, license in sorted(card.data_license.items())))
    print_line("Key", signing.grouped(introduction.digits))
    print_line("In words", " ".join(signing.spoken(introduction.digits)))


def _unread_sentence(where: str, no: NotRead) -> str:
    from forge.security.safe_http import Refused

    if isinstance(no.__cause__, Refused):
        return (
            f"{where} was not asked: {no.__cause__.reason} A catalogue inside a network of your own is asked once "
            "FORGE_ALLOW_NETWORKS names that network."
        )
    return f"{where}: {REFUSAL_SENTENCES[no.code]} {printable(no.subject)}".rstrip()
