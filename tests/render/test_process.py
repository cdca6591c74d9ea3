"""Tests of `forge.render.process`: bounds of time, memory and size, and what is shown then."""

import threading
import time

import pytest

from forge.render import MAX_INPUT_BYTES, render
from forge.render.process import MAX_OUTPUT_BYTES

BASE = {"slug": "galette", "commit": "c" * 40}


def test_each_kind_is_rendered():
    assert render("markdown", b"# *Hi*", BASE, timeout_seconds=10) == '<h2 id="user-content-hi"><em>Hi</em></h2>'
    assert "<em>Hi</em>" in render("rst", b"*Hi*", BASE, timeout_seconds=10)
    assert render("code", b"<b>", {"filename": "x.txt"}, timeout_seconds=10) == "&lt;b&gt;"


def test_bytes_that_are_no_text_are_rendered_all_the_same():
    assert render("markdown", b"caf\xe9\0", BASE, timeout_seconds=10) is not None


def test_an_unknown_kind_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="asciidoc"):
        render("asciidoc", b"", {})


@pytest.mark.parametrize("text", [b"[" * 8000, b"![" * 4000, b"<a " * 8000], ids=["brackets", "pictures", "tags"])
def test_text_that_takes_too_long_is_stopped_in_time(text):
    started = time.monotonic()
    assert render("markdown", text * 4, BASE, timeout_seconds=0.5) is None
    assert time.monotonic() - started < 20


def test_text_nested_beyond_reason_is_borne_or_left_plain():
    nested = b"".join(b" " * (2 * depth) + b"- x\n" for depth in range(500))
    for text in (nested, b"> " * 5000, b"<div markdown=1>\n\n" * 1000, b"<b>" * 30_000):
        html = render("markdown", text, BASE, timeout_seconds=1)
        assert html is None or len(html) <= MAX_OUTPUT_BYTES


def test_too_much_memory_means_plain_text():
    text = b"*a* " * 5_000
    assert render("markdown", text, BASE, timeout_seconds=10, memory_bytes=8 * 1024 * 1024) is None
    assert render("markdown", text, BASE, timeout_seconds=10) is not None


def test_too_much_input_starts_no_process(monkeypatch):
    asked = []
    monkeypatch.setattr("forge.render.process.run_child", lambda *given: asked.append(given))
    assert render("markdown", b"x" * (MAX_INPUT_BYTES + 1), BASE) is None and asked == []
    assert render("markdown", b"x", BASE) is None and len(asked) == 1


def test_too_much_output_means_plain_text():
    assert render("markdown", b"[a](b) " * 2_500, {**BASE, "slug": "x" * 1000}, timeout_seconds=10) is None


def test_no_more_than_two_render_at_once():
    started = time.monotonic()
    threads = [
        threading.Thread(target=render, args=("markdown", b"[" * 100_000, BASE), kwargs={"timeout_seconds": 0.4})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started >= 0.8
