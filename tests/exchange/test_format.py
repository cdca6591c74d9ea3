"""The files of an exchange as bytes: what keeps the rules is read as it was written, and nothing else is lost."""

import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator

from catalog.exchange import names, reading, schemas, writing
from catalog.exchange.limits import LIMITS
from catalog.exchange.reading import InvalidExchangeFile
from catalog.exchange.records import ExchangeAdoption, ExchangeRecord, Reference
from catalog.exchange.statements import (
    CardLicense,
    InstanceCard,
    Withdrawal,
)

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
ID = UUID("11111111-1111-4111-8111-1111111111a7")
TARGET = names.shard_target(names.PROJECTS, "a7")
COOP = Reference(UUID("22222222-2222-4222-8222-222222222222"), "coop", "La coop")
PROJECT = ExchangeRecord(
    id=ID,
    slug="galette",
    name="Galette",
    page="/projects/galette",
    origin="curated",
    updated_at=NOW,
    body={
        "summary": {"fr": "Tenir le registre", "ar": "سجل الأعضاء"},
        "homepage": "https://galette.eu/",
        "languages": [{"term": "fr", "percent": 60}],
        "runs": {"hosted": [writing.as_json(COOP)], "self_hosted": "easy"},
    },
    adoptions=(ExchangeAdoption(uuid4(), COOP, "declared", body={"verification": "self-declared", "since": "2019"}),),
)


def shard(*records: Any) -> bytes:
    return writing.packed(json.dumps({"records": list(records)}).encode())


def plain(**changes: Any) -> dict[str, Any]:
    return {**writing.as_json(PROJECT), **changes}


def test_what_is_written_is_read_again_and_fits_its_schema() -> None:
    raw = writing.shard_bytes([writing.canonical(writing.as_json(PROJECT))])
    assert reading.read_shard(TARGET, raw, 8) == reading.ReadEntries((PROJECT,))
    withdrawal = Withdrawal(7, names.ADOPTION, uuid4(), NOW, "withdrawn")
    gone = writing.withdrawn_bytes([writing.canonical(writing.as_json(withdrawal))])
    list_of_it = names.shard_target(names.WITHDRAWN, names.shard_of(withdrawal.id, 8))
    assert reading.read_withdrawn(list_of_it, gone).entries == (withdrawal,)
    license = CardLicense("CC0-1.0", "CC-BY-4.0")
    card = InstanceCard(uuid4(), {"fr": "Répertoire"}, "https://forge.example", ("fr",), license)
    assert reading.read_card(writing.card_bytes(card)) == card
    known = schemas.schemas()
    written = {
        names.PROJECTS: raw,
        names.WITHDRAWN: gone,
        "instance": writing.card_bytes(card),
    }
    for name, data in written.items():
        Draft202012Validator.check_schema(known[name])
        target = names.INSTANCE if name == "instance" else None
        given = json.loads(reading.unpacked(target or f"{name}/a7.json.gz", data))
        assert list(Draft202012Validator(known[name]).iter_errors(given)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": {"to": "us"}},
        {"homepage": None},
        {"status": "a-word-of-theirs"},
        {"languages": [{"term": "fr", "percent": 60.0}]},
        {"updated_at": "2026-01-01T00:00:00Z"},
        {"homepage": "javascript:alert(1)"},
        {"summary": "Tenir"},
        {"context_only": 1},
    ],
)
def test_what_another_version_may_say_is_taken(change: dict[str, Any]) -> None:
    found = reading.read_shard(TARGET, shard(plain(**change)), 8)
    assert [record.slug for record in found.entries] == ["galette"] and not found.skipped


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": 3}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\ud800"}, "name"),
        ({"summary": {"fr": "\x07"}}, "summary"),
        ({"summary": {"fr": "a\ud800"}}, "summary"),
        ({"summary": {"\x00": "Tenir"}}, "summary"),
        ({"notes": {"fr": "x" * 20_001}}, "notes"),
        ({"replaces": ["x"] * 501}, "replaces"),
        ({"evidence": {f"x{place}": {} for place in range(501)}}, "evidence"),
        ({"adoptions": [{**writing.as_json(PROJECT.adoptions[0]), "version": 10**17}]}, "adoptions[0].version"),
        ({"id": str(ID).upper()}, "id"),
        ({"updated_at": 5}, "updated_at"),
        ({"updated_at": "2026-13-01T00:00:00Z"}, "updated_at"),
        ({"languages": [{"term": "fr", "percent": 60.5}]}, "languages"),
        ({"origin": "peer:them"}, "origin"),
    ],
)
def test_a_record_that_breaks_a_rule_is_left_out_and_named(change: dict[str, Any], field: str) -> None:
    other = plain(id="33333333-3333-4333-8333-3333333333a7", slug="paheko")
    found = reading.read_shard(TARGET, shard(plain(**change), other), 8)
    assert [record.slug for record in found.entries] == ["paheko"]
    assert [(skipped.place, skipped.faults[0].field) for skipped in found.skipped] == [(0, field)]


def test_what_would_take_much_memory_is_refused_before_it_is_parsed() -> None:
    small = writing.packed(b'{"records":[' + b"[]," * 1_300_000 + b"[]]}")
    assert len(small) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(reading.InvalidExchangeFile) as wrong:
            reading.read_shard(TARGET, small, 8)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert wrong.value.sort == reading.BIG and most < 16_000_000  # the text alone has 4 MB


def test_a_record_that_is_large_deep_elsewhere_or_twice_is_left_out() -> None:
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    elsewhere = plain(id="33333333-3333-4333-8333-3333333333a8")
    given = (plain(notes={"fr": "x" * 3_000_000}), plain(more=deep), elsewhere, plain(), plain(), "x")
    found = reading.read_shard(TARGET, shard(*given), 8)
    assert len(found.entries) == 1
    sorts = [(skipped.place, skipped.sort) for skipped in found.skipped]
    expected = [reading.BIG, reading.DEEP, reading.NO_SHARD, reading.TWICE, reading.FAULTY]
    assert sorts == list(zip([0, 1, 2, 4, 5], expected, strict=True))


@pytest.mark.parametrize(
    ("raw", "sort"),
    [
        (b"no gzip", reading.UNPACKED),
        (writing.packed(b"{}")[:-4], reading.UNPACKED),
        (writing.packed(b"{}") + b"more", reading.UNPACKED),
        (writing.packed(b"[" * 200_000), reading.DEEP),
        (writing.packed(b'{"records":[NaN]}'), reading.NO_JSON),
        (writing.packed(b'{"records":[' + b"1" * 10_000 + b"]}"), reading.NO_JSON),
        (writing.packed(b'{"records":"\xff"}'), reading.NO_JSON),
        (writing.packed(b"[]"), reading.NO_LIST),
        (writing.packed(b'{"records":{}}'), reading.NO_LIST),
        (writing.packed(b'{"records":[' + b"1," * 20_000 + b"1]}"), reading.MANY),
        (writing.packed(b"\0" * (LIMITS[names.PROJECTS].unpacked + 1)), reading.BIG),
        (b"x" * (LIMITS[names.PROJECTS].packed + 1), reading.BIG),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(raw: bytes, sort: str) -> None:
    with pytest.raises(InvalidExchangeFile) as refused:
        reading.read_shard(TARGET, raw, 8)
    assert refused.value.sort == sort


def test_a_withdrawal_that_breaks_a_rule_keeps_no_other_from_being_read() -> None:
    good = {"n": 1, "kind": "project", "id": str(ID), "at": "2026-01-01T00:00:00Z", "ground": "a-later-ground"}
    raw = writing.packed(json.dumps({"withdrawn": [good, {**good, "n": 0}, {**good, "at": None}, good]}).encode())
    found = reading.read_withdrawn("withdrawn/7.json.gz", raw)
    assert len(found.entries) == 2 and [skipped.place for skipped in found.skipped] == [1, 2]
    elsewhere = reading.read_withdrawn("withdrawn/8.json.gz", raw)
    assert not elsewhere.entries and [skipped.sort for skipped in elsewhere.skipped] == [
        reading.NO_SHARD,
        reading.FAULTY,
        reading.FAULTY,
        reading.NO_SHARD,
    ]


def test_a_record_is_in_the_shard_of_its_last_digits() -> None:
    assert (names.shard_of(ID, 8), names.shard_of(ID, 4)) == ("a7", "7")
    assert names.file_of(TARGET, "ff") == "projects/ff.a7.json.gz"
    counts = ((10,), (2_001,), (900, 8), (1_500, 4), (2_001, 12))
    assert [names.bits_for(*said) for said in counts] == [4, 8, 8, 4, 12]
