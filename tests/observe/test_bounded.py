"""The bounded reader: what each format gives, what each refuses, and that nothing else than Unreadable comes out."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.metadata import HOSTILE, PERSONS

from catalog.yaml_nodes import Mapping, Scalar
from forge.observe.bounded import (
    Unreadable,
    json_of,
    text_of,
    toml_of,
    unreadable,
    xml_of,
    yaml_nodes,
    yaml_of,
)
from forge.observe.core.tree import MAX_FILE_BYTES

READERS = (yaml_of, json_of, toml_of, xml_of)
each_reader = pytest.mark.parametrize("reader", READERS)
Reader = Callable[[bytes], Any]


def test_yaml_is_text_but_for_null_and_the_booleans_of_yaml_1_2() -> None:
    data = b"a: 1.10\nb: 2026-05-01\nc: no\nd: true\ne: ~\nf: 'true'\ng: \"null\"\nh: 010\ni:\n"
    assert yaml_of(data) == {
        **{"a": "1.10", "b": "2026-05-01", "c": "no", "d": True, "e": None},
        **{"f": "true", "g": "null", "h": "010", "i": None},
    }


def test_nodes_of_yaml_know_their_line_and_a_doubled_key_stands_twice() -> None:
    root = yaml_nodes(b"a:\n- x\n- y: z\na: 2\n")
    assert isinstance(root, Mapping)
    assert [(key.text, key.line) for key, _ in root.pairs] == [("a", 1), ("a", 4)]
    last = root.pairs[1][1]
    assert isinstance(last, Scalar) and last.plain
    assert yaml_of(b"a: 1\na: 2\n") == {"a": "2"}


def test_toml_gives_dates_as_text() -> None:
    assert toml_of(b'a.b = 2026-05-01\nc = ["x"]\n[d]\ne = 1\n') == {
        "a": {"b": "2026-05-01"},
        "c": ["x"],
        "d": {"e": 1},
    }


def test_xml_gives_names_without_prefixes_and_never_the_world_outside() -> None:
    root = xml_of(b'<!DOCTYPE TS SYSTEM "file:///etc/passwd">\n<x:TS xmlns:x="u" x:lang="fr">a<b>c</b>d</x:TS>')
    assert (root.name, root.line, root.attributes["lang"], root.text) == ("TS", 2, "fr", "a")
    (child,) = root.all("b")
    assert child.text == "c" and root.first("nothing") is None


@pytest.mark.parametrize(
    ("reader", "data", "part", "line"),
    [
        (yaml_of, b"a: &x 1\nb: *x", "An alias is not followed", 2),
        (yaml_of, b"a: 1\n---\nb: 2", "more than one document", 2),
        (yaml_of, b"? [a]\n: b", "where a key is expected", 1),
        (yaml_of, b"a: b: c", "This is not YAML", 1),
        (json_of, b'{\n"a": NaN}', "a number is too long, or none", 1),
        (json_of, b"[1,\n]", "This is not JSON", 2),
        (json_of, b"[" * 65 + b"]" * 65, "more than 64 deep", 1),
        (toml_of, b"a = 1\na = 2", "This is not TOML", 2),
        (toml_of, b".".join([b"a"] * 66) + b" = 1", "more than 64 deep", 1),
        (xml_of, b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "A DTD inside of the file", 1),
        (xml_of, b"<a>\n&x;</a>", "undefined entity", 2),
        (xml_of, b'<?xml version="1.0" encoding="shift_jis"?><a/>', "encoding cannot be read", 1),
        (text_of, b"a\n\xe9", "Byte 0xe9 is not UTF-8", 2),
        (text_of, "a".encode("utf-16"), "UTF-16", 1),
        (text_of, b"x" * (MAX_FILE_BYTES + 1), "bytes, more than the", 1),
    ],
)
def test_what_is_refused_has_a_sentence_and_a_line(reader: Reader, data: bytes, part: str, line: int) -> None:
    with pytest.raises(Unreadable) as told:
        reader(data)
    assert part in str(told.value) and told.value.line == line
    assert unreadable("a", told.value).value == {"problem": str(told.value), "line": line}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert json_of(b"\xef\xbb\xbf{}") == {} and yaml_of(b"\xef\xbb\xbfa: b") == {"a": "b"}


def test_no_text_holds_what_no_database_takes() -> None:
    assert json_of(b'["\\u0000\\ud800", 1e999]') == ["\ufffd\ufffd", None]
    assert toml_of(b'a = "\\u0000"') == {"a": "\ufffd"}
    assert yaml_of(b'"\\0"') == "\ufffd"


@each_reader
@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_is_read_or_refused(reader: Reader, data: bytes) -> None:
    try:
        value = reader(data)
    except Unreadable as error:
        assert str(error).endswith(".") and error.line >= 1
    else:
        assert reader is xml_of or len(json.dumps(value)) <= 12 * len(data) + 10


@each_reader
@given(
    data=st.one_of(
        st.binary(max_size=200), st.text(alphabet="{}[]<>&*!?|:-#\"'\\.,=@ \n\tax1", max_size=200).map(str.encode)
    )
)
def test_no_bytes_make_it_raise_anything_else(reader: Reader, data: bytes) -> None:
    try:
        reader(data)
    except Unreadable as error:
        assert str(error).endswith(".")


@given(name=st.sampled_from(PERSONS), place=st.integers(0, 60))
def test_no_refusal_repeats_what_it_read(name: str, place: int) -> None:
    broken = [
        f"{name} = 1\n{name} = 2",
        f"['{name}']\n['{name}']",
        f"a: *{name}",
        f"!{name}! x",
        f"<{name}",
        f'{{"{name}": }}',
    ]
    for text in broken:
        data = (text[:place] + name + text[place:]).encode()
        for reader in READERS:
            try:
                reader(data)
            except Unreadable as error:
                assert name not in str(error)
