"""What all commands share: the settings and the store they work on, and how they fail."""

import os
import sys
from typing import Any, NoReturn

import click

from forge.config.settings import Settings, UnusableSettings, from_environment
from forge.server import preflight
from forge.server.preflight import CannotStart


def fail(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(1)


def printable(text: str) -> str:
    """Make a stranger's text safe for a terminal: one line of at most 500 characters, without control characters."""
    return "".join(char if char.isprintable() else " " for char in text)[:500].strip()


def read_settings() -> Settings:
    try:
        return from_environment(os.environ)
    except UnusableSettings as wrong:
        fail(*wrong.sentences)


def open_store(settings: Settings) -> Any:
    """Open the store of a data folder that exists already; end with a sentence and exit 1 where there is none."""
    if settings.database is None and not (settings.data / "catalog.db").is_file():
        fail(f"There is no catalogue in {settings.data} yet. `forge serve` or `forge import` makes one.")
    try:
        preflight.require_writable(settings)
        return preflight.open_store(settings)
    except CannotStart as no:
        fail(*no.sentences)
