"""Publishes in a process of its own, for services: what it needs of memory ends with it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.publisher import Write, write_with_own_store
from forge.server.own_interpreter import call_in_own_interpreter

if TYPE_CHECKING:
    from forge.exchange.publish import PublishResult


def publish_in_own_interpreter(settings: Settings) -> Write:
    """What writes for a Publisher."""

    def write(
        store: Store, data: Path, address: str, now: datetime, patience: timedelta, check: bool
    ) -> "PublishResult | None":
        database = settings.database_url
        return call_in_own_interpreter(write_with_own_store, None, database, data, address, now, patience, check)

    return write
