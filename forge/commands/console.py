"""What all commands share: the settings and the store they work on, and how they fail. It does no command's work."""

import os
import sys
from typing import Any, NoReturn

import click

from forge.config.settings import Settings, Unusable, from_environment
from forge.server import preflight
from forge.server.preflight import CannotStart


def fail(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(1)


def printable(text: str) -> str:
    """A stranger's text on a terminal: one line without control characters, which a terminal obeys, cut."""
    return "".join(char if char.isprintable() else " " for char in text)[:500].strip()


def settings_here() -> Settings:
    try:
        return from_environment(os.environ)
    except Unusable as wrong:
        fail(*wrong.sentences)


def store_of(settings: Settings) -> Any:
    """The store of a data folder that exists already."""
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        fail(f"There is no catalogue in {settings.data} yet. `forge serve` or `forge import` makes one.")
    try:
        preflight.writable(settings)
        return preflight.store(settings)
    except CannotStart as no:
        fail(*no.sentences)
