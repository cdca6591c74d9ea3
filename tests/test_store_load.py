"""Loading a document and giving it back: what changes, what stays, which address leads where."""

import pytest
from factories import (
    NOW,
    a_catalog,
    a_collection,
    a_declared_adoption,
    a_document,
    a_maintenance,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
    documents,
    identity,
    later,
    load,
)
from hypothesis import HealthCheck, given, settings

from catalog.document import complete, dump
from catalog.errors import Moved, NotFound, Removed
from catalog.model import Document, Relation
from catalog.store import Store

THOROUGH = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def test_an_empty_store_has_no_document_and_no_change(store: Store) -> None:
    assert (store.curated.document(), store.manifest(), store.digest(), store.change()) == (None, None, None, 0)


@THOROUGH
@given(document=documents())
def test_what_was_loaded_is_given_back_whatever_was_loaded_before(store: Store, document: Document) -> None:
    load(store, document)
    assert store.curated.document() == complete(document)


@THOROUGH
@given(document=documents())
def test_an_export_loaded_again_changes_nothing(store: Store, document: Document) -> None:
    load(store, document)
    before = store.change()
    exported = store.curated.document()
    assert exported is not None
    assert not load(store, exported, now=later(days=1)).anything
    assert store.change() == before
    assert dump(store.curated.document() or document) == dump(document)
