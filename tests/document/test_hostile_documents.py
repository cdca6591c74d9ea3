"""Documents that mean harm: a clear problem in bounded time and memory."""

import time
import tracemalloc

import pytest
from support.factories.document import a_document, a_project, an_organization
from support.paths import ROOT

from catalog.document import check, dump, load, parse
from catalog.document.nodes import MAX_BYTES


def test_a_file_of_more_than_ten_megabytes_is_refused(tmp_path):
    (tmp_path / "catalog.yaml").write_bytes(b"a" * (MAX_BYTES + 1))
    _, problems = check(tmp_path / "catalog.yaml")
    assert [problem.sentence for problem in problems] == [
        "The file has 10,000,001 bytes, more than 10,000,000; remove what nobody needs."
    ]
    assert parse(b"a" * (MAX_BYTES + 1))[1][0].sentence == problems[0].sentence


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"{a: " * 100_000,
        b"- " * 100_000,
        b"? " * 100_000,
        b"a: " + b"[" * 900 + b"]" * 900,
        b"[" * 40 + b"]" * 40,
    ],
)
def test_deep_nesting_ends_with_a_problem(data):
    started = time.process_time()
    document, problems = parse(data)
    assert document is None and problems
    assert time.process_time() - started < 20


def test_nesting_below_the_bound_is_told_by_its_depth():
    _, problems = parse(b"a: " + b"[" * 40 + b"]" * 40 + b"\n")
    assert any("more than 32 deep" in problem.sentence for problem in problems)


def test_aliases_that_explode_are_refused_before_they_grow():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    tracemalloc.start()
    document, problems = parse("\n".join(lines).encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert document is None and any("alias" in problem.sentence for problem in problems)
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("data", "place", "part"),
    [
        ("catalog: 1\n".encode("utf-16"), (1, 1), "UTF-16"),
        (b"catalog: 1\nmanifest: {name: {fr: Caf\xe9}}\n", (2, 26), "Byte 36 (0xe9) is not UTF-8"),
        (b"catalog: 1\nmanifest: \x00\n", (2, 11), "U+0000"),
        (b"catalog: 1\n---\ncatalog: 1\n", (2, 1), "one document"),
    ],
)
def test_what_is_not_utf_8_or_not_one_document_is_told_at_its_place(data, place, part):
    _, problems = parse(data)
    assert any((problem.line, problem.column) == place and part in problem.sentence for problem in problems), problems


HEAD = b"catalog: 1\nmanifest:\n  id: 6f1e8a3c-1111-4222-8333-444455556666\n  name: {en: A}\n  languages: [en]\n"
PROJECT = b"projects:\n- slug: a\n  name: A\n  summary: {en: x}\n"


@pytest.mark.full
@pytest.mark.parametrize(
    "data",
    [
        b"- a\n" * 2_400_000,
        b"a: b\n" * 1_900_000,
        b"- &a b\n" * 1_400_000,
        b"\x00" * 9_900_000,
        b"\xff" * 9_900_000,
        HEAD + b'  criteria: {en: "' + b"a.b@" * 2_400_000 + b'"}\n',
        HEAD + b"  criteria:\n    en: " + b"word " * 1_900_000 + b"end\n",
        HEAD + PROJECT + b"  domains: [" + b", ".join(b"membr-mangemen%d" % n for n in range(450_000)) + b"]\n",
        HEAD + b"projects:\n" + b"".join(b"- {slug: p%d, name: A, license: GPLx%d}\n" % (n, n) for n in range(200_000)),
    ],
    ids=["list", "keys", "anchors", "zeros", "latin", "addresses", "long", "terms", "licenses"],
)
def test_ten_hostile_megabytes_are_judged_in_bounded_time(data):
    started = time.process_time()
    document, problems = parse(data)
    assert time.process_time() - started < 300
    assert (document is not None) != bool(problems) and len(problems) <= 1001


def test_the_document_of_this_instance_is_good():
    path = ROOT / "catalog.yaml"
    started = time.process_time()
    document, problems = check(path)
    assert problems == [] and document is not None
    assert time.process_time() - started < 30
    assert parse(dump(document).encode()) == (document, [])


def test_ten_honest_megabytes_of_text_are_read_and_written(tmp_path):
    long = {"fr": "Un logiciel pour les associations et leurs trésoriers. " * 1500}
    document = a_document(
        projects=(a_project(), *(a_project(f"p-{number}", repository=None, description=long) for number in range(100))),
        organizations=(*a_document().organizations, *(an_organization(f"o-{number}") for number in range(1000))),
    )
    (tmp_path / "catalog.yaml").write_text(dump(document))
    assert 8_000_000 < (tmp_path / "catalog.yaml").stat().st_size < MAX_BYTES
    started = time.process_time()
    again = load(tmp_path / "catalog.yaml")
    assert time.process_time() - started < 50
    assert len(again.projects) == 101 and dump(again) == dump(document)
