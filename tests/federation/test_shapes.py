"""What catalogues exchange: one text for each shape, read back as the same shape, and nothing hostile raises anything
but Misread; what a key says is believed for that key alone."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.federation import bounds, parsing, shapes, signing, text_layers
from catalog.federation.shapes import canonical, named_file, part_bytes, plain

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOME, ONE, TWO = (UUID(int=number, version=4) for number in (7, 11, 12))
OLD, NEW, OTHER = (signing.Private(bytes([number]) * 32) for number in (1, 2, 3))

RECORD = shapes.Record(
    ONE, 4, NOW, HOME, "/projects/galette", "curated", "CC0-1.0", {"name": "Galette", "x": [1, None]}
)
TEXTS = shapes.Texts(ONE, 4, {"summary": shapes.TranslatableText("Tenir\nles comptes", of_revision=3)})
STONE = shapes.Tombstone("adoption", TWO, NOW, "withdrawn", 3)
JOIN = shapes.Join(TWO, "project", ONE, TWO, "same", "April", NOW, "same repository", NOW)
CARD = shapes.CatalogueCard(
    HOME,
    {"fr": "Chez nous"},
    "https://forge.example",
    ("fr",),
    OLD.key,
    operator={"name": "April"},
    contact="https://forge.example/contact",
    criteria={"fr": "libre"},
    validation={"fr": "lu"},
    refresh={"fr": "chaque jour"},
    data_license={"facts": "CC0-1.0", "texts": "CC-BY-4.0"},
    complete=True,
)
CHANGES = shapes.ChangeFile(
    9,
    NOW,
    {"project": (RECORD,)},
    {"project": {"fr": (TEXTS,)}},
    (STONE,),
    (JOIN,),
    (shapes.Offer(TWO, "project", ONE, "summary", "es", "Llevar", 4, "Fiare", shapes.REVISED, NOW),),
    (shapes.Acknowledgement("adoption", TWO, HOME, NOW),),
)


def entry() -> shapes.Entry:
    card = named_file("snapshot", "card", canonical(CARD))[0]
    part = shapes.Part("project", None, 1, named_file("snapshot", "project", part_bytes("project", None, (RECORD,)))[0])
    change = shapes.Change(9, named_file("changes", "9", canonical(CHANGES))[0])
    return shapes.Entry(HOME, 9, NOW, NOW + bounds.LIFETIME, card, (part,), (change,))


def test_each_shape_is_read_back_from_its_one_text() -> None:
    made = entry()
    assert parsing.entry(canonical(made)) == made
    assert parsing.card(canonical(CARD)) == CARD
    assert parsing.change_file(canonical(CHANGES), made.changes[0]) == CHANGES
    for kind, language, record in (
        ("project", None, RECORD),
        ("project", "fr", TEXTS),
        ("tombstone", None, STONE),
        ("join", None, JOIN),
    ):
        told = shapes.Part(kind, language, 1, made.parts[0].file)
        assert parsing.part(part_bytes(kind, language, (record,)), told) == (record,)
    lines = (signing.signed(OLD, b"a"), signing.signed(NEW, b"a"))
    assert parsing.signatures(shapes.signatures_bytes(lines)) == lines


def test_the_name_of_a_file_is_the_digest_of_its_packed_bytes_and_both_are_the_same_each_time() -> None:
    file, data = named_file("snapshot", "project.pt-BR", b"{}")
    assert file.path == f"snapshot/project.pt-br.{hashlib.sha256(data).hexdigest()[:16]}.json.gz"
    assert bounds.PATH.fullmatch(file.path)
    assert named_file("snapshot", "project.pt-BR", b"{}") == (file, data)


def test_a_fraction_does_not_travel() -> None:
    for fraction in (0.5, 1e30, float("nan")):
        with pytest.raises(ValueError, match="fraction"):
            canonical({"body": [{"share": fraction}]})
    assert canonical({"said": [":1.5", ",2e3"]}) == b'{"said":[":1.5",",2e3"]}'
    with pytest.raises(parsing.Misread, match="fraction"):
        parsing.card(canonical(CARD).replace(b'"complete":true', b'"complete":1.5'))


def test_what_this_version_does_not_know_is_passed_over_and_kept_in_the_body() -> None:
    later = {**plain(RECORD), "new": {"a": 1}, "body": {"name": "G", "invented": ["x"]}}
    raw = canonical({"exchange": 1, "kind": "project", "language": None, "records": [later], "also": 1})
    (read,) = parsing.part(raw, entry().parts[0])
    assert read.body == {"name": "G", "invented": ["x"]}


@pytest.mark.parametrize("field", ["page", "origin", "license"])
def test_a_text_that_no_database_holds_is_refused_with_its_place(field: str) -> None:
    raw = canonical({"exchange": 1, "kind": "project", "language": None, "records": [{**plain(RECORD), field: "a\0b"}]})
    with pytest.raises(parsing.Misread, match=rf"records\[0\]\.{field}"):
        parsing.part(raw, entry().parts[0])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"exchange": 2}, "exchange"),
        ({"sequence": 10}, "snapshot.sequence"),
        ({"sequence": True}, "sequence"),
        ({"id": "nobody"}, "id"),
        ({"at": "yesterday"}, "at"),
        ({"changes": [{**plain(entry())["changes"][0], "sequence": 8}]}, "changes"),
        ({"changes": [plain(entry())["changes"][0]] * 51}, "changes"),
        ({"card": {**plain(entry())["card"], "path": "snapshot/../../etc/passwd.json.gz"}}, "card.path"),
        ({"card": {**plain(entry())["card"], "size_bytes": 33 * 2**20}}, "card"),
    ],
)
def test_an_entry_that_is_none_is_told_by_the_place_that_is_wrong(change: dict[str, object], where: str) -> None:
    with pytest.raises(parsing.Misread) as told:
        parsing.entry(canonical({**plain(entry()), **change}))
    assert told.value.where == f"entry.json.{where}"


KEYS = sorted({*plain(entry()), *plain(CARD), "signatures", "records"})
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
JSONS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner))


@given(st.binary(max_size=300) | JSONS.map(canonical))
def test_no_bytes_raise_anything_but_misread(raw: bytes) -> None:
    part = entry().parts[0]
    for read in (
        parsing.entry,
        parsing.card,
        parsing.signatures,
        lambda raw: parsing.part(raw, part),
        lambda raw: parsing.change_file(raw, entry().changes[0]),
    ):
        try:
            read(raw)
        except parsing.Misread as told:
            assert told.sentence


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 20 + b"1" + b"}" * 20, b'{"a":1,"a":1}', b'{"a":"\\ud800"}']
)
def test_what_would_hurt_a_reader_is_refused(raw: bytes) -> None:
    with pytest.raises(parsing.Misread):
        parsing.card(raw)


def test_a_signature_is_of_one_key_about_one_entry_of_one_sort() -> None:
    raw = canonical(entry())
    lines = (signing.signed(OLD, raw), signing.signed(NEW, b"another"))
    assert signing.signed_by(OLD.public, raw, lines)
    assert not signing.signed_by(NEW.public, raw, lines)
    assert not signing.signed_by(OLD.public, raw + b" ", lines)
    forged = replace(lines[0], signature=OLD.signs(signing.ROTATE, raw))
    assert not signing.signed_by(OLD.public, raw, (forged, replace(forged, signature="no"), replace(forged, key="x")))


def test_a_key_is_told_in_digits_and_in_words_that_are_always_the_same() -> None:
    digits = signing.fingerprint(OLD.public)
    assert len(digits) == 20 and signing.grouped(digits).replace(" ", "") == digits
    assert len(signing.spoken(digits)) == 6
    assert signing.spoken(digits) != signing.spoken(signing.fingerprint(NEW.public))
    assert signing.spoken("0" * 20) == ("able",) * 6 and signing.spoken("f" * 20) == ("zoo",) * 6


def test_the_words_are_told_apart_by_their_beginnings() -> None:
    listed = signing._words()
    assert len(listed) == 1024 == len({name[:4] for name in listed}) and list(listed) == sorted(listed)


def test_a_key_is_followed_through_signed_rotations_only() -> None:
    first, second = signing.rotated(OLD, NEW.public, NOW), signing.rotated(NEW, OTHER.public, NOW)
    after = replace(CARD, key=OTHER.key, previous_keys=(first, second))
    assert all(signing.follows(key.public, after) for key in (OLD, NEW, OTHER))
    assert signing.follows(OLD.public, CARD) and not signing.follows(NEW.public, CARD)
    torn = replace(first, signature=second.signature)
    assert not signing.follows(OLD.public, replace(after, previous_keys=(torn, second)))
    assert signing.follows(NEW.public, replace(after, previous_keys=(torn, second)))
    assert not signing.follows(OLD.public, replace(after, previous_keys=(replace(first, public="?"), second)))


def test_a_home_is_handed_over_by_its_own_key_alone() -> None:
    said = signing.transferred(OLD, HOME, "https://other.example", OTHER.key, NOW)
    assert signing.hands_over(replace(CARD, moved_to=said))
    assert not signing.hands_over(CARD)
    assert not signing.hands_over(replace(CARD, moved_to=replace(said, address="https://thief.example")))
    assert not signing.hands_over(replace(CARD, moved_to=said, id=ONE))
    assert not signing.hands_over(replace(CARD, key=NEW.key, moved_to=said))


def test_a_private_key_shows_nothing_of_itself() -> None:
    assert repr(OLD) == f"Private({signing.fingerprint(OLD.public)})"


def test_a_card_is_complete_when_it_says_what_a_follower_must_know() -> None:
    assert shapes.missing(CARD) == ()
    assert shapes.missing(replace(CARD, operator=None, criteria={}, data_license={"facts": "CC0-1.0"})) == (
        "operator",
        "criteria",
        "data_license.texts",
    )


def test_a_record_is_taken_apart_by_language_and_put_together_again() -> None:
    record = {
        "name": "Galette",
        "summary": {"fr": "Tenir", "en": "Keep"},
        "features": {"fr": ["a", "b"]},
        "leaving": {"note": {"en": "Take all"}},
    }
    body, texts = text_layers.apart("project", record)
    assert body == {"name": "Galette"}
    assert texts["fr"] == {"summary": "Tenir", "features": "a\nb"}
    assert text_layers.together("project", body, texts) == record


def test_features_travel_as_lines_without_their_sources() -> None:
    features = [{"text": {"fr": "a", "en": "A"}, "source": "a/b:c", "seen_at": "2026"}, {"text": {"fr": "b"}}]
    body, texts = text_layers.apart(
        "project", {"features": features, "evidence": {"license": {"source": "a/b:LICENSE"}}}
    )
    assert texts == {"fr": {"features": "a\nb"}, "en": {"features": "A"}}
    assert text_layers.together("project", body, texts) == {**body, "features": {"fr": ["a", "b"], "en": ["A"]}}
    assert body == {"evidence": {"license": {"source": "a/b:LICENSE"}}}


def test_an_entry_lives_thirty_days() -> None:
    assert bounds.LIFETIME == timedelta(days=30) > bounds.RENEWED_AFTER
