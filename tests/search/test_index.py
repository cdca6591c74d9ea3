"""The index on disk: one writer, never half, rebuilt when it cannot be trusted, seen at once by readers."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.factories.search import NOW, an_index_row
from support.paths import ROOT, TESTS

from catalog.search import Finder, IndexMissing, IndexWriter, SearchQuery, index_document
from catalog.search.index_folder import current_generation, generations
from catalog.search.lexicon import catalogue_lexicon

WAIT_SECONDS = 30.0


def total(folder, text=""):
    return Finder(folder).find(SearchQuery(text), NOW).total


def test_without_an_index_a_reader_is_told(tmp_path):
    with pytest.raises(IndexMissing, match="none yet"):
        Finder(tmp_path).find(SearchQuery(), NOW)


def test_a_new_index_stands_at_no_change_and_answers_nobody(tmp_path):
    with IndexWriter.open(tmp_path / "data" / "search") as writer:
        assert writer.change == 0
        with pytest.raises(IndexMissing, match="none yet"):  # "nothing found" would be wrong of what is there
            total(tmp_path / "data" / "search")
        writer.rebuild([], 1)
    assert total(tmp_path / "data" / "search") == 0


def test_rows_are_replaced_as_a_whole_and_removed(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row("Galette", summary={"en": "Penguins"}), an_index_row("Dolibarr")], [], 3)
        writer.follow([an_index_row("Galette", summary={"en": "Members"})], [], 4)
        assert (total(tmp_path, "penguins"), total(tmp_path, "members"), total(tmp_path)) == (0, 1, 2)
        writer.follow([], [an_index_row("Galette").id, an_index_row("Unknown").id], 5)
    assert total(tmp_path) == 1 and Finder(tmp_path).change == 5


def test_what_a_mirror_shows_of_languages_is_found_where_the_record_says_nothing(tmp_path):
    observed = {"observed_languages": ("ar",), "observed_programming_languages": ("Elixir",)}
    with IndexWriter.open(tmp_path) as writer:
        said = an_index_row("Dolibarr", languages=("fr",), programming_languages=("PHP",), **observed)
        writer.follow([an_index_row("Galette", **observed), said], [], 1)
    spoken = Finder(tmp_path).find(SearchQuery("", {"language": ("ar",)}), NOW)
    assert (spoken.total, list(spoken.ids)) == (1, [an_index_row("Galette").id])
    assert (total(tmp_path, "elixir"), total(tmp_path, "php")) == (1, 1)


def test_the_same_row_twice_in_one_call_is_there_once(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row(), an_index_row()], [], 1)
    assert total(tmp_path) == 1


def test_the_change_number_survives_closing(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row()], [], 41)
    with IndexWriter.open(tmp_path) as writer:
        assert writer.change == 41
    assert total(tmp_path) == 1


def test_a_second_writer_waits_until_the_first_is_gone(tmp_path):
    first = IndexWriter.open(tmp_path)
    assert IndexWriter.open(tmp_path) is None
    first.close()
    with IndexWriter.open(tmp_path) as second:
        assert second is not None


def test_another_process_that_writes_holds_the_lock_until_it_dies(tmp_path):
    process = _in_another_process(tmp_path, "print('open', flush=True); time.sleep(60)")
    try:
        assert process.stdout.readline() == "open\n"
        assert IndexWriter.open(tmp_path) is None
    finally:
        process.kill()
        process.communicate(timeout=WAIT_SECONDS)
    with IndexWriter.open(tmp_path) as writer:
        assert writer is not None


def test_an_open_reader_sees_a_commit_at_once(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        finder = Finder(tmp_path)
        for number in range(1, 4):
            writer.follow([an_index_row(f"Project {number}")], [], number)
            assert (finder.find(SearchQuery(), NOW).total, finder.change) == (number, number)


def test_a_reader_in_this_process_sees_what_another_wrote(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row()], [], 1)
    finder = Finder(tmp_path)
    assert finder.find(SearchQuery(), NOW).total == 1
    process = _in_another_process(
        tmp_path, "writer.follow([an_index_row('New')], [], 2); print('written', flush=True); time.sleep(60)"
    )
    try:
        assert process.stdout.readline() == "written\n"
        deadline = time.monotonic() + WAIT_SECONDS
        while finder.find(SearchQuery("new"), NOW).total == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert finder.find(SearchQuery("new"), NOW).total == 1
    finally:
        process.kill()
        process.communicate(timeout=WAIT_SECONDS)


def test_readers_see_the_old_index_until_a_rebuild_is_whole(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row("Old")], [], 1)
        finder = Finder(tmp_path)
        seen = []

        def every():
            for number in range(3):
                seen.append(finder.find(SearchQuery(), NOW).total)
                yield an_index_row(f"New {number}")

        writer.rebuild(every(), 9)
        assert seen == [1, 1, 1]
        assert (finder.find(SearchQuery(), NOW).total, finder.find(SearchQuery("old"), NOW).total, finder.change) == (
            3,
            0,
            9,
        )
        assert len(generations(tmp_path)) == 1


def test_a_failure_half_way_leaves_the_index_at_its_former_change(tmp_path):
    def broken():
        yield an_index_row("Second")
        raise RuntimeError("the store went away")

    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row("First")], [], 1)
        for write in (writer.follow, lambda rows, removed, change: writer.rebuild(rows, change)):
            with pytest.raises(RuntimeError, match="went away"):
                write(broken(), [an_index_row("First").id], 2)
            assert (writer.change, Finder(tmp_path).change, total(tmp_path)) == (1, 1, 1)
        writer.follow([an_index_row("Second")], [], 2)
    assert total(tmp_path) == 2


@pytest.mark.parametrize(
    "delay_seconds", [0.02, 0.1, *(pytest.param(delay, marks=pytest.mark.full) for delay in (0.0, 0.05, 0.3))]
)
@pytest.mark.parametrize("write", ["follow", "rebuild"])
def test_killed_while_writing_the_index_is_whole_at_the_change_that_it_names(tmp_path, write, delay_seconds):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row(f"Project {number}") for number in range(20)], 1)
    call = {
        "follow": "writer.follow([an_index_row(f'Project {k}') for k in range(20 * n)], [], n)",
        "rebuild": "writer.rebuild([an_index_row(f'Project {k}') for k in range(20 * n)], n)",
    }[write]
    process = _in_another_process(tmp_path, f"print('open', flush=True)\nfor n in range(2, 1000): {call}")
    assert process.stdout.readline() == "open\n"
    time.sleep(delay_seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=WAIT_SECONDS)
    with IndexWriter.open(tmp_path) as writer:
        assert writer.change >= 1
        assert total(tmp_path) == 20 * writer.change and Finder(tmp_path).change == writer.change
        assert len(generations(tmp_path)) == 1
        writer.follow([an_index_row("After")], [], writer.change + 1)
        assert total(tmp_path, "after") == 1


def _largest(folder):
    generation = folder / current_generation(folder)[0]
    return max(generation.iterdir(), key=lambda path: path.stat().st_size)


def _flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    path.write_bytes(content)


HARMS = {
    "a byte of the largest file": lambda folder: _flip(_largest(folder), 0.3),
    "a byte of the words": lambda folder: _flip(next((folder / current_generation(folder)[0]).glob("*.idx")), 0.1),
    "a file cut short": lambda folder: os.truncate(_largest(folder), 10),
    "a file gone": lambda folder: _largest(folder).unlink(),
    "the list of segments gone": lambda folder: (folder / current_generation(folder)[0] / "meta.json").unlink(),
    "the list of segments empty": lambda folder: (folder / current_generation(folder)[0] / "meta.json").write_text(
        "{}"
    ),
    "the note gone": lambda folder: (folder / "current").unlink(),
    "the note pointing elsewhere": lambda folder: (folder / "current").write_text(
        '{"name": "../../etc", "version": "1"}'
    ),
    "the note unreadable": lambda folder: (folder / "current").write_bytes(b"\xff\x00"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_index_is_noticed_and_built_again(tmp_path, harm):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row(f"Project {number}") for number in range(50)], 7)
    HARMS[harm](tmp_path)
    with IndexWriter.open(tmp_path) as writer:
        assert writer.change == 0
        writer.rebuild([an_index_row()], 8)
        assert total(tmp_path, "galette") == 1 and Finder(tmp_path).change == 8
        assert len(generations(tmp_path)) == 1


def test_a_sound_index_with_deletions_and_merges_is_kept(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        for change in range(1, 30):
            writer.follow([an_index_row(f"Project {change % 7}"), an_index_row(f"Other {change}")], [], change)
    with IndexWriter.open(tmp_path) as writer:
        assert (writer.change, total(tmp_path)) == (29, 7 + 29)


def test_other_words_or_another_schema_build_the_index_again(tmp_path, monkeypatch):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row()], 7)
    other = replace(catalogue_lexicon(), digest="other labels")
    with IndexWriter.open(tmp_path, other) as writer:
        assert writer.change == 0
        writer.rebuild([an_index_row()], 7)
    with IndexWriter.open(tmp_path, other) as writer:
        assert writer.change == 7
    monkeypatch.setattr(index_document, "SCHEMA_VERSION", 999)
    with IndexWriter.open(tmp_path, other) as writer:
        assert writer.change == 0


def test_threads_search_while_the_index_is_written(tmp_path):
    finder, stop, failures, totals = Finder(tmp_path), threading.Event(), [], set()
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row(f"Project {number}") for number in range(10)], 1)

        def search():
            try:
                while not stop.is_set():
                    totals.add(finder.find(SearchQuery("useful"), NOW).total)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(2, 12):
            write = writer.rebuild if number % 3 == 0 else lambda every, change: writer.follow(every, [], change)
            write([an_index_row(f"Project {k}") for k in range(number * 10)], number)
        stop.set()
        for thread in threads:
            thread.join(timeout=WAIT_SECONDS)
    assert not failures
    assert totals <= {number * 10 for number in range(1, 12)}  # nobody saw a half of a commit


def test_writing_leaves_no_thread_behind(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([an_index_row()], [], 1)
        before = _threads()
        for change in range(2, 8):
            writer.follow([an_index_row(f"Project {change}")], [], change)
        deadline = time.monotonic() + WAIT_SECONDS  # the kernel lists a thread a moment longer than it lives
        while _threads() > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert _threads() <= before


def test_text_that_no_encoding_has_is_indexed_without_it(tmp_path):
    row = an_index_row("Ga\ud800lette", slug="galette", summary={"en": "\udfff\x00 members"}, countries=("F\ud800R",))
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([row], [], 1)
    assert total(tmp_path, "galette") == total(tmp_path, "members") == 1


def test_huge_texts_are_indexed_in_bounded_time(tmp_path):
    words = " ".join(f"word{number}é" for number in range(40_000))
    row = an_index_row("Huge", readme=words, description={"fr": words})
    began = time.monotonic()
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([row], [], 1)
    assert time.monotonic() - began < 120
    assert total(tmp_path, "word17é") == 1


def _threads():
    return len(os.listdir("/proc/self/task"))


def _in_another_process(folder, code):
    lines = [
        "import time",
        "from pathlib import Path",
        "from support.factories.search import an_index_row",
        "from catalog.search import IndexWriter",
        f"writer = IndexWriter.open(Path({str(folder)!r}))",
        code,
    ]
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{TESTS}:{ROOT}"},
    )


def test_a_generation_that_is_still_written_to_keeps_no_rebuild_from_its_end_and_goes_later(tmp_path):
    """As tantivy's own threads do for a moment after the last commit."""
    ended = threading.Event()

    def tidy():
        for number in range(1_000_000):
            if ended.is_set():
                return
            try:
                (tmp_path / "g1" / f"left-{number % 50}").touch()
            except OSError:
                time.sleep(0)

    with IndexWriter.open(tmp_path) as writer:
        tidying = threading.Thread(target=tidy)
        tidying.start()
        try:
            for number in range(1, 20):
                (tmp_path / "g1").mkdir(exist_ok=True)
                writer.rebuild([an_index_row("Galette")], number)
        finally:
            ended.set()
            tidying.join()
    with IndexWriter.open(tmp_path) as writer:
        assert generations(tmp_path) == [current_generation(tmp_path)[0]] and total(tmp_path) == 1
