"""The command `forge import`: takes over our document, or keeps what others state of projects as a layer of its own."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from forge.commands.console import fail, printable, read_settings
from forge.config.settings import Settings
from forge.imports import DOCUMENT, FORMATS
from forge.server import preflight
from forge.server.preflight import CannotStart

if TYPE_CHECKING:
    from catalog.store.documents.imported_lists import ImportedRecord, ImportVerdict
    from catalog.store.store import Store
    from forge.imports.read_source import ReadSource
    from forge.imports.source import ImportSource

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
MAX_LINES = 200  # lines of one kind; --json gives all
_WORDS = {
    "new": "new, not known here",
    "known": "known here already, gets what the source says beside it",
    "changed": "changed since it was read last",
    "same": "as it was read last",
    "gone": "no longer in the source, its layer's words go",
    "skipped": "skipped",
}
_WHY = {
    "blocked": "it is blocked here",
    "unlisted": "its makers asked not to be listed here",
    "withdrawn": "it was taken back here",
    "refused": "it was proposed here and refused",
}


@click.command("import")
@click.argument("source", required=False)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Format of the source.  [default: detected]")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--name", help="Name of the layer.  [default: the host, or the file's name]")
@click.option("--license", "license_", help="Licence (SPDX id) of the source; required for all but our own document.")
@click.option("--remove", metavar="NAME", help="Delete a layer instead, with everything it said.")
@click.option("--list", "list_", is_flag=True, help="List the layers instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def import_source(
    source: str | None,
    *,
    form: str | None,
    dry_run: bool,
    name: str | None,
    license_: str | None,
    remove: str | None,
    list_: bool,
    as_json: bool,
) -> None:
    """Import a document, or what a file or folder says about projects.

    Our own document becomes the curated records. A publiccode.yml, a folder of them, or a spreadsheet (CSV, ODS, XLSX)
    becomes a layer: it is kept apart with its name and licence, replaced by the next import, and deleted by --remove.
    Names of persons are left out. What people declared here and what was read in mirrors is not touched.

    Example: forge import catalog.yaml

    Example: forge import tools.ods --license CC-BY-4.0 --dry-run

    Example: forge import --remove tools
    """
    settings = read_settings()
    if (source is not None) + (remove is not None) + list_ != 1:
        raise click.UsageError("Name a source, or use --remove NAME or --list.")
    if list_:
        _list(_open_store(settings), as_json)
    elif remove is not None:
        _remove(_open_store(settings), remove)
    elif source is not None:
        from forge.imports.source import SourceNotFound, find_source

        try:
            what = find_source(Path(source), form)
        except SourceNotFound as no:
            fail(str(no))
        if what.form == DOCUMENT:
            if name or license_:
                raise click.UsageError("A document says its name and its licences itself: leave them out.")
            _document(settings, Path(source), dry_run, as_json)
        else:
            _layer(
                settings,
                Path(source),
                what,
                name=name or what.name,
                license_=license_,
                dry_run=dry_run,
                as_json=as_json,
            )


def _open_store(settings: Settings) -> "Store":
    try:
        preflight.require_writable(settings)
        return preflight.open_store(settings)
    except CannotStart as no:
        fail(*no.sentences)


def _document(settings: Settings, file: Path, dry_run: bool, as_json: bool) -> None:
    from catalog.document import check
    from forge.server.load_document import load

    if dry_run:
        document, problems = check(file)
        if document is None:
            _fail_with_problems(as_json, problems, f"{file}: nothing would be taken over.")
        planned = _open_store(settings).curated_document.preview(document, now=datetime.now(UTC))
        _print_changes(planned, as_json, "would be ")
        return
    outcome = load(_open_store(settings), file, now=datetime.now(UTC), always=True)
    if outcome.problems:
        _fail_with_problems(as_json, outcome.problems, f"{file}: nothing was changed.")
    if outcome.loaded is not None:
        _print_changes(outcome.loaded, as_json, "")


def _fail_with_problems(as_json: bool, problems: Iterable[Any], end: str) -> NoReturn:
    if as_json:
        for problem in problems:
            click.echo(json.dumps({"what": "problem"} | asdict(problem), ensure_ascii=False))
        fail(end)
    fail(*(str(problem) for problem in problems), end)


def _print_changes(done: Any, as_json: bool, would: str) -> None:
    kinds = {"added": done.added, "changed": done.changed, "dropped": done.dropped, "skipped": done.skipped}
    kinds |= {"locked": done.locked}
    if as_json:
        for what, slugs in kinds.items():
            for slug in slugs:
                click.echo(json.dumps({"what": what, "slug": slug}))
        return
    if would:
        for what in ("added", "changed", "dropped"):
            for slug in kinds[what][:MAX_LINES]:
                click.echo(f"{slug} {would}{what}.")
    click.echo(f"{len(done.added)} {would}added, {len(done.changed)} changed, {len(done.dropped)} dropped.")
    for slug in done.skipped:
        click.echo(f"{slug} is blocked here and was skipped, or joined with another record.")
    for slug in done.locked:
        click.echo(f"{slug} is locked by a moderator here, and stays as it is.")


def _layer(
    settings: Settings,
    path: Path,
    what: "ImportSource",
    *,
    name: str,
    license_: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    from catalog.federation.identity import place
    from catalog.licenses import expressions
    from catalog.store.documents.imported_lists import Layer
    from forge.imports.source import read_source

    name = name.lower()
    if not _NAME.fullmatch(name):
        raise click.UsageError("A layer's name has a-z, 0-9, dots and hyphens, at most 60: give one with --name.")
    if license_ is None and not dry_run:
        fail(
            "Say under which licence the source gives what it says, such as --license CC-BY-SA-4.0; its own page tells"
            " it. What nobody licensed cannot be shown to everybody."
        )
    try:
        license_ = expressions.canonical(license_) if license_ else ""
    except ValueError as no:
        fail(str(no))
    store = _open_store(settings)
    manifest = store.manifest()
    if manifest is None:
        fail("Nothing has been loaded yet: `forge init` writes a document, `forge import catalog.yaml` loads it.")
    try:
        source = read_source(path, what)
    except OSError as no:
        fail(f"{path} cannot be read: {no}.")
    entries = _entries_of(source)
    if not entries:
        _print_problems(source, as_json)
        fail(f"{path}: no project could be read; nothing was changed.")
    if dry_run:
        verdicts = store.imported_lists.preview(name, entries, complete=source.complete, place=place)
    else:
        now = datetime.now(UTC)
        layer = Layer(name, what.form, license_, now)
        verdicts = store.imported_lists.replace(
            layer, entries, manifest, complete=source.complete, place=place, now=now
        )
    _print_verdicts(verdicts, source, name, dry_run, as_json)


def _entries_of(source: "ReadSource") -> "list[ImportedRecord]":
    from catalog.store.documents.imported_lists import ImportedRecord

    return [ImportedRecord(record.key, record.record, record.organizations) for record in source.found]


def _print_verdicts(
    verdicts: "tuple[ImportVerdict, ...]", source: "ReadSource", name: str, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        for verdict in verdicts:
            click.echo(json.dumps(asdict(verdict), ensure_ascii=False))
        _print_problems(source, as_json)
        return
    counted = {what: [verdict for verdict in verdicts if verdict.what == what] for what in _WORDS}
    for what, group in counted.items():
        import_verdicts = group if dry_run and what != "same" else group if what == "skipped" else []
        for verdict in import_verdicts[:MAX_LINES]:
            alike = (
                f"; {', '.join(verdict.alike)} is called the same here, and may be the same" if verdict.alike else ""
            )
            why = f": {_WHY[verdict.why]}" if verdict.why else ""
            click.echo(f"{what:8} {printable(verdict.name)}{f' ({verdict.slug})' if verdict.slug else ''}{why}{alike}")
        if len(import_verdicts) > MAX_LINES:
            click.echo(f"         and {len(import_verdicts) - MAX_LINES} more; --json names all.")
    _print_problems(source, as_json)
    refused = sum(problem.refused for problem in source.problems)
    sums = [f"{len(group)} {_WORDS[what]}" for what, group in counted.items() if group]
    sums += [f"{refused} refused"] if refused else []
    click.echo(f"{name}: {'; '.join(sums)}.")
    if not source.complete:
        click.echo("The source was not read to its end: what is missing in it was left as it is.", err=True)
    if dry_run:
        click.echo("Nothing was changed: leave --dry-run out to take it over.", err=True)


def _print_problems(source: "ReadSource", as_json: bool) -> None:
    for problem in source.problems if as_json else source.problems[:MAX_LINES]:
        line = json.dumps({"what": "refused" if problem.refused else "left out"} | asdict(problem), ensure_ascii=False)
        sentence = f"{'refused ' if problem.refused else 'left out'} {printable(str(problem))}"
        click.echo(line if as_json else sentence, err=not as_json)


def _remove(store: "Store", name: str) -> None:
    from catalog.errors import NotFound

    try:
        records = store.imported_lists.remove(name, now=datetime.now(UTC))
    except NotFound:
        fail(f"There is no layer {name}; `forge import --list` names those that there are.")
    click.echo(f"{name} is taken away, with what it said of {records} projects.")


def _list(store: "Store", as_json: bool) -> None:
    for layer in store.imported_lists.all():
        if as_json:
            click.echo(json.dumps(asdict(layer) | {"read_at": layer.read_at.isoformat()}, ensure_ascii=False))
        else:
            click.echo(f"{layer.name}: {layer.records} records, {layer.license}, read {layer.read_at:%Y-%m-%d}")
