"""Webhooks of the Open Catalog API as rows: which address to call about which records. Nothing is called or decrypted
here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select, update

from catalog.rules.open_catalog import WEBHOOKS
from catalog.store.core.engine import writing
from catalog.store.opencatalog.pagination import Fixed, RowSource, Window
from catalog.store.opencatalog.records import PostedRecords, columns_of
from catalog.tables.opencatalog import posted_webhook


@dataclass(frozen=True)
class WebhookValues:
    """`kind` and `record_id`: what it is called about; without a record, about all of the kind. `sealed`: the secret,
    as it is kept; None without one."""

    kind: str
    record_id: UUID | None
    url: str
    sealed: str | None
    format: str


@dataclass(frozen=True)
class Webhook(WebhookValues):
    id: UUID
    created_at: datetime
    updated_at: datetime
    outcome: str | None  # of the last call


@contextmanager
def resealed(engine: Engine, seal_again: Callable[[str], str | None]) -> Iterator[int]:
    """Seal every secret anew, and give how many there were, before the transaction ends. One that `seal_again` cannot
    open any more is removed: its webhook is called without a signature.
    """
    with writing(engine) as connection:
        wanted = select(posted_webhook.c.id, posted_webhook.c.sealed).where(posted_webhook.c.sealed.is_not(None))
        rows = connection.execute(wanted).all()
        for row in rows:
            this = update(posted_webhook).where(posted_webhook.c.id == row.id)
            connection.execute(this.values(sealed=seal_again(row.sealed)))
        yield len(rows)


class PostedWebhooks(PostedRecords[WebhookValues, Webhook]):
    """A page's `kind` and `record_id`: those of a record; without one, all of a kind."""

    noun, kind, table, unique = "Webhook", WEBHOOKS, posted_webhook, "url"

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | Fixed]:
        hooks = select(posted_webhook).where(posted_webhook.c.kind == wanted["kind"])
        if wanted.get("record_id") is not None:
            hooks = hooks.where(posted_webhook.c.subject == str(wanted["record_id"]))
        yield RowSource(hooks, posted_webhook.c.created_at, posted_webhook.c.id)

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Webhook]:
        return [Webhook(**columns_of(row, Webhook)) for row in rows]

    def _columns(self, values: WebhookValues, before: Webhook | None = None) -> Mapping[str, Any]:
        return {**vars(values), "subject": str(values.record_id or "")}

    def called(self, id: UUID, outcome: str, *, now: datetime) -> None:
        """Keep how a call ended."""
        changed = update(posted_webhook).where(posted_webhook.c.id == id)
        with writing(self._engine) as connection:
            connection.execute(changed.values(sent_at=now, outcome=outcome[:300]))
