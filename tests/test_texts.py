"""Short texts of the document as HTML: one converter for all of them, which remembers none."""

from concurrent.futures import ThreadPoolExecutor

import markdown

from forge.web import texts
from forge.web.texts import markdown_html


def test_a_text_shows_nothing_of_the_one_before_it():
    assert "title=" in markdown_html(
        "HTML[^a] by [us]\n\n*[HTML]: Hypertext\n\n[^a]: A note.\n\n[us]: https://example.org"
    )
    after = markdown_html("HTML[^a] by [us]")
    assert after == "<p>HTML[^a] by [us]</p>"


def test_a_converter_is_made_once_and_threads_take_turns(monkeypatch):
    made, maker = [], markdown.Markdown
    monkeypatch.setattr(markdown, "Markdown", lambda **given: made.append(given) or maker(**given))
    texts._short.cache_clear()
    written = [f"# Title {number}\n\n- *one*\n- **{number}**[^a]\n\n[^a]: Note {number}." for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(markdown_html, written))
    assert len(made) == 1
    assert all(str(html).count(f"Note {number}.") == 1 for number, html in enumerate(together))
