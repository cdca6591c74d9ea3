"""What each check that reads the database gets."""

from dataclasses import dataclass
from datetime import datetime

from catalog.store.store import Store
from forge.config.settings import Settings

LET_THE_WORKER_RUN = "Let the worker run: `systemctl start forge-worker`, or `forge work`."


@dataclass(frozen=True)
class DoctorContext:
    """`contact`: whether the mail server and the public address may be contacted; nobody else is."""

    settings: Settings
    store: Store
    now: datetime
    contact: bool = True
