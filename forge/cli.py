"""The command `forge`: one function a command, in `forge.commands`.

Every command ends with 0 when it did what it says, 1 when something failed, 2 when it was asked wrongly.
"""

import logging
import sys

import click

from forge.commands import (
    backup,
    document,
    exchange,
    exporting,
    importing,
    operate,
    peers,
    people,
    secret,
    serve,
    translations,
)
from forge.commands.console import fail
from forge.commands.ready import ready
from forge.config.disk_and_database import refusal_sentence

COMMANDS = (
    serve.serve,
    serve.work,
    serve.refresh,
    document.init,
    document.check,
    importing.import_source,
    exporting.export,
    operate.block,
    operate.unblock,
    operate.blank,
    operate.erase,
    operate.rebuild,
    backup.backup,
    backup.restore,
    operate.doctor,
    people.person,
    exchange.exchange,
    peers.peer,
    translations.languages,
    secret.secret,
    ready,
)


def main() -> None:
    """Run the command; what is wrong with it or its surroundings is a sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        forge(prog_name="forge")
    except Exception as error:
        if (sentence := refusal_sentence(error)) is None:
            raise
        fail(sentence)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="forge-catalogue", prog_name="forge", message="%(prog)s %(version)s")
def forge() -> None:
    """A catalogue of free software for the social and solidarity economy.

    Settings come from the environment (FORGE_…); docs/operate.md lists them.
    """


for command in COMMANDS:
    forge.add_command(command)


if __name__ == "__main__":
    main()
