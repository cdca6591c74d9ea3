"""The commands `forge languages extract` and `forge languages check`, on translations of the program's own sentences;
`forge.i18n.catalogs` finds what is wrong. Labels of terms and pages of text are files of their own.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from forge.commands.console import fail

_INTO_OPTION = click.option(
    "--into", type=click.Path(path_type=Path), help="Folder of the translation files.  [default: forge/i18n/locale]"
)


@click.group()
def languages() -> None:
    """Translations of pages and messages.

    Example: forge languages check
    """


@languages.command()
@click.argument("tags", metavar="[LANGUAGE]...", nargs=-1)
@_INTO_OPTION
def extract(tags: tuple[str, ...], into: Path | None) -> None:
    """Update the translation files with the present sentences, and create the file of a new language.

    Translations are kept, sentences no longer used are deleted, new ones are added empty.

    Example: forge languages extract

    Example: forge languages extract ca
    """
    from forge.i18n import catalogs

    folder = _folder(into)
    template = catalogs.collect_sentences()
    for tag in _languages_to_do(tags, folder):
        file = folder / f"{tag}.po"
        if file.exists() and catalogs.is_foreign(file.read_bytes(), template):
            fail(f"{file} is the catalogue of another program: it has none of our sentences. Name another folder.")
        try:
            text = catalogs.updated_catalog(file.read_bytes() if file.exists() else b"", tag, template)
        except ValueError:
            fail(f"{tag} is no language that we know. Write its tag as in `fr`, `pt-BR` or `ca`.")
        _write(file, text)
        left = sum(1 for problem in catalogs.translation_problems(text, tag, template) if problem.kind == "missing")
        click.echo(f"{file}: {len(template)} sentences, {left} to translate.", err=True)


@languages.command()
@click.argument("tags", metavar="[LANGUAGE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@_INTO_OPTION
def check(tags: tuple[str, ...], as_json: bool, into: Path | None) -> None:
    """List what is wrong with translations: missing, no longer used or marked fuzzy, or with other placeholders, tags
    or plural forms than the English.

    Example: forge languages check fr
    """
    from forge.i18n import catalogs

    folder = _folder(into)
    template, faults = catalogs.collect_sentences(), 0
    for tag in _languages_to_do(tags, folder):
        file = folder / f"{tag}.po"
        if not file.is_file():
            fail(f"There is no file {file}. Make it with `forge languages extract {tag}`.")
        for problem in catalogs.translation_problems(file.read_bytes(), tag, template):
            faults += 1
            click.echo(json.dumps(asdict(problem)) if as_json else str(problem))
    click.echo(f"{len(template)} sentences, {faults} to mend." if faults else "Nothing to mend.", err=True)
    if faults:
        sys.exit(1)


def _folder(into: Path | None) -> Path:
    from forge.i18n.languages import FOLDER

    folder = into or FOLDER
    if not folder.is_dir():
        fail(f"There is no folder {folder}.")
    return folder


def _languages_to_do(tags: tuple[str, ...], folder: Path) -> list[str]:
    """Return the languages that were named, else all that have a catalogue."""
    from forge.i18n.languages import is_supported

    for tag in tags:
        if not is_supported(tag):
            fail(f"{tag} is no language that we know. Write its tag as in `fr`, `pt-BR` or `ca`.")
    return sorted(tags or (file.stem for file in folder.glob("*.po")))


def _write(file: Path, text: Any) -> None:
    draft = file.with_name(f".{file.name}.new")
    try:
        draft.write_bytes(text)
        draft.replace(file)
    except OSError as wrong:
        draft.unlink(missing_ok=True)
        fail(f"{file} cannot be written ({wrong.strerror}).")
