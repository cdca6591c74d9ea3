"""A resource of the Open Catalog API: listed, shown, posted, patched and deleted, the same for each kind of record. A
subclass says what may be posted, what is kept of it and what a record looks like.
"""

from abc import ABC, abstractmethod
from typing import Any

from starlette.routing import Route

from catalog.store.opencatalog.records import ANY, PostedRecords
from forge.web.opencatalog import read_only_entries
from forge.web.opencatalog.bodies import checked
from forge.web.opencatalog.lists import envelope, window
from forge.web.opencatalog.patches import changeable
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.route import Answer, ApiRequest, a_route

LIST, ENTRY = ("listing", "create"), ("show", "change", "remove")
_METHODS = {"listing": "get", "show": "get", "create": "post", "change": "patch", "remove": "delete"}


class Resource(ABC):
    noun: str
    body: type[Any]
    newest_first = False
    private = False  # reading takes a token too

    def route(self, path: str, name: str, *handlers: str) -> Route:
        """An address of it: LIST, ENTRY, or some of their handlers."""
        answering = {_METHODS[handler]: getattr(self, handler) for handler in handlers}
        return a_route(path, name, self.noun, private=self.private, **answering)

    # What a kind says of itself.

    @abstractmethod
    def store(self, ask: ApiRequest) -> PostedRecords[Any, Any]:
        """Where records of this kind are kept."""

    @abstractmethod
    def shape(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        """A record as the client may see it."""

    def values(self, ask: ApiRequest, body: Any, before: Any) -> Any:
        """What is kept of what was posted, or of the record `before` after a patch."""
        return body.values()

    def wanted(self, ask: ApiRequest) -> dict[str, Any]:
        """What narrows a list beside its window."""
        return {"catalog": ask.catalog(ANY)}

    def completed(self, ask: ApiRequest, records: tuple[Any, ...]) -> tuple[Any, ...]:
        """Records with what is not in their rows."""
        return records

    def patchable(self, ask: ApiRequest, record: Any) -> dict[str, Any]:
        """The document that a patch is applied to."""
        return self.shape(ask, record)

    def after_patch(self, ask: ApiRequest, before: Any, document: dict[str, Any], result: Any) -> Any:
        """What is kept of a record once a patch made `result` of its document; None where it stays as it is."""
        if read_only_entries.is_own(before):
            read_only_entries.demand_same(document, result)
            return None
        return self.values(ask, checked(self.body, changeable(result)), before)

    # The same for all kinds.

    def listing(self, ask: ApiRequest) -> Answer:
        query = ask.request.query_params
        records, page = self.store(ask).page(window(query, newest_first=self.newest_first), **self.wanted(ask))
        return 200, envelope(query, self.completed(ask, records), page, lambda record: self.shape(ask, record))

    def show(self, ask: ApiRequest) -> Answer:
        return self._answer_with(ask, self.store(ask).get(ask.key()))

    def create(self, ask: ApiRequest) -> Answer:
        catalog = ask.catalog(None)
        values = self.values(ask, checked(self.body, ask.json()), None)
        return self._answer_with(ask, self.store(ask).add(values, catalog=catalog, actor=ask.actor, now=ask.now))

    def change(self, ask: ApiRequest) -> Answer:
        catalog = ask.catalog(ANY)
        self.store(ask).get(ask.key(), catalog=catalog)  # what is not here is told before what is wrong with the body

        def changed(before: Any) -> Any:
            document = self.patchable(ask, self.completed(ask, (before,))[0])
            return self.after_patch(ask, before, document, ask.patched(document, self.body))

        kept = self.store(ask).change(ask.key(), changed, catalog=catalog, actor=ask.actor, now=ask.now)
        return self._answer_with(ask, kept)

    def remove(self, ask: ApiRequest) -> Answer:
        allowed = read_only_entries.demand_posted
        if not self.store(ask).remove(ask.key(), allowed=allowed, actor=ask.actor, now=ask.now):
            raise Refused(409, f"{self.noun} still has associated publishers or software")
        return 204, None

    def _answer_with(self, ask: ApiRequest, record: Any) -> Answer:
        return 200, self.shape(ask, self.completed(ask, (record,))[0])
