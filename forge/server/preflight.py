"""What a command needs before it starts, a public address, a data folder and a database: made or opened, or a sentence
that says what to do."""

from dataclasses import replace
from typing import TYPE_CHECKING

from forge.config.checkup_report import GOOD
from forge.config.settings import Settings
from forge.server.checks.machine import check_folder, check_settings

if TYPE_CHECKING:
    from catalog.store.store import Store


class CannotStart(Exception):
    """What keeps a command from starting, as sentences that say what to do."""

    def __init__(self, *sentences: str):
        super().__init__(*sentences)
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def no_document(settings: Settings) -> CannotStart:
    return CannotStart(f"There is no document {settings.catalog}. `forge init` writes one to begin with.")


def require_public_address(settings: Settings, host: str) -> None:
    """Raise CannotStart where others reach `host` and no public address is set."""
    for severity, sentence in check_settings(replace(settings, host=host)):
        if severity != GOOD:
            raise CannotStart(sentence)


def require_document_or_database(settings: Settings) -> None:
    """Raise CannotStart where there is neither a document nor a database: nothing is checked or made before."""
    if not settings.catalog.is_file() and settings.database is None and not (settings.data / "catalog.db").exists():
        raise no_document(settings)


def require_writable(settings: Settings) -> None:
    """Make the data folder. Raises CannotStart when it cannot be made or written."""
    for severity, sentence in check_folder(settings):
        if severity != GOOD:
            raise CannotStart(sentence)


def open_store(settings: Settings) -> "Store":
    """Open the store and migrate it to the newest schema. Raises CannotStart when the database cannot be used."""
    from catalog.store.core.engine import database_failure
    from catalog.store.store import DatabaseError, Store

    where = "that FORGE_DATABASE names" if settings.database else settings.data / "catalog.db"  # no password here
    try:
        opened = Store(settings.database_url)
        opened.migrate()
    except ValueError as wrong:
        raise CannotStart(f"The database {where} cannot be used: {str(wrong).rstrip('.')}.") from wrong
    except (DatabaseError, ImportError) as wrong:
        reason = database_failure(wrong) or str(wrong).splitlines()[0]
        todo = "Make room or mend it, or set FORGE_DATABASE."
        raise CannotStart(f"The database {where} cannot be used: {reason}. {todo}") from wrong
    return opened
