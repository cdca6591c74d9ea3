"""Tests of `forge.render`: READMEs as their authors meant them, links that stay ours, and nothing that runs."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forge.render.clean import ATTRIBUTES, TAGS, clean
from forge.render.highlighting import highlight
from forge.render.links import LinkBase
from forge.render.markdown import markdown
from forge.render.raw import content_type, disposition
from forge.render.rst import rst
from forge.render.visible import show_hidden

COMMIT = "c0ffee" + "0" * 34
LINKS = LinkBase("galette", COMMIT, "docs")
BLOB = f"/projects/galette/code/blob/{COMMIT}"
RAW = f"/projects/galette/raw/{COMMIT}"

HREFS = ("#", "/projects/galette/", "http://", "https://", "mailto:")
PIECES = [
    "<", ">", "[x](", ")", "`", "*", "- ", "\n", "  ", "```", "> ", "#", "|", "|-|-|", "~", "\\", "javascript:", "<b ",
    "onload=", '"', "'", "&#58;", "http://e.org", "<a href=", "![", "[^1]", "é",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//e.org/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>x</a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='//e.org' onclick=alert(1) style='position:fixed' target=_top ping=//e.org>x</a>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](javascript&#58;alert(1))",
    "[x](java\tscript:alert(1))",
    "![x](javascript:alert(1))",
    "![x\" onerror=\"alert(1)](y)",
    "![x](y\"onerror=\"alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x.swf></object><embed src=x><applet code=x>",
    "<form action=//e.org><input name=p type=password><button formaction=javascript:alert(1)>x</button></form>",
    "<input type=image src=x onerror=alert(1)><input type=checkbox onchange=alert(1) autofocus onfocus=alert(1)>",
    "<meta http-equiv=refresh content='0;url=//e.org'><base href=//e.org><link rel=stylesheet href=//e.org/x.css>",
    "<div style='background:url(//e.org/x)' class='banner' id='search'>x</div>",
    "<video src=//e.org/x poster=//e.org/y><source src=//e.org/z></video><audio src=//e.org/x>",
    "<picture><source srcset=//e.org/x><img srcset=//e.org/y src=//e.org/z></picture>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<body onload=alert(1)><html onclick=alert(1)>",
    "<!--<img src=x onerror=alert(1)>--!><img src=x onerror=alert(1)>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php alert(1) ?>",
    "<p markdown='1'><script>alert(1)</script></p>",
    "<div markdown=1 onclick=alert(1)>*x*</div>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "x[^1]\n\n[^1]: <script>alert(1)</script>\n[^\"><img src=x onerror=alert(1)>]: y",
    "# <img src=x onerror=alert(1)> \"><script>alert(1)</script>",
    "\x02wzxhzdk:0\x03 <b>x</b> \x02stash\x03",
    "<textarea><script>alert(1)</script></textarea><title><img src=x onerror=alert(1)></title>",
    "<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>",
    "http://e.org/\"onmouseover=\"alert(1)",
    "<http://e.org/\"onmouseover=alert(1)>",
]  # fmt: skip


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.found.append(("comment", {}))


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in TAGS - {"input"}, html
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert set(attributes) <= allowed, html
        assert attributes.get("href", "#").startswith(HREFS), html
        assert attributes.get("src", "/projects/galette/raw/").startswith("/projects/galette/raw/"), html
        assert attributes.get("id", "user-content-").startswith("user-content-"), html
        assert attributes.get("class", "language-").startswith("language-"), html


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text):
    assert_harmless(markdown(text, LINKS))
    assert_harmless(markdown(f"- a\n  - {text}\n\n> {text}", LINKS))
    assert_harmless(clean(text, LINKS))
    assert_harmless(rst(f"{text}\n\n.. raw:: html\n\n   {text}\n\n`x <javascript:alert(1)>`_\n", LINKS))


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_mixture_of_marks_is_harmless(pieces):
    assert_harmless(markdown("".join(pieces), LINKS))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("x.md", f"{BLOB}/docs/x.md"),
        ("./a%20b.md", f"{BLOB}/docs/a%20b.md"),
        ("../LICENSE", f"{BLOB}/LICENSE"),
        ("/LICENSE", f"{BLOB}/LICENSE"),
        ("x.md#L3-L9", f"{BLOB}/docs/x.md#L3-L9"),
        ("x.md#use", f"{BLOB}/docs/x.md#user-content-use"),
        ("../src/", f"/projects/galette/code/tree/{COMMIT}/src"),
        ("#use", "#user-content-use"),
        ("https://e.org/x", "https://e.org/x"),
        ("//e.org/x", "https://e.org/x"),
        ("mailto:ask@e.org", "mailto:ask@e.org"),
        ("../../etc/passwd", None),
        ("%2e%2e/%2e%2e/x", None),
        ("..\\..\\x", None),
        ("javascript:alert(1)", None),
        ("ftp://e.org/x", None),
        ("http:///x", None),
        ("http://[x", None),
        ("", None),
    ],
)
def test_a_link_leads_to_our_pages_or_openly_elsewhere(written, address):
    assert LINKS.link(written) == address


def test_without_a_repository_relative_links_lead_nowhere():
    html = markdown("[a](x.md) ![b](y.png) [c](https://e.org)", LinkBase())
    assert [a.get("href") for tag, a in Elements(html).found if tag in ("a", "img")] == ["https://e.org"]
    assert "a" in html
    assert "b" in html


def test_pictures_of_the_repository_are_shown_and_others_become_links_with_their_words():
    html = markdown("![Screen](../img/a.png) ![Badge](https://e.org/b.svg) <img src=https://e.org/c.png>", LINKS)
    assert f'<img alt="Screen" src="{RAW}/img/a.png" loading="lazy">' in html
    assert '<a href="https://e.org/b.svg" rel="nofollow ugc noopener">Badge</a>' in html
    assert '<a href="https://e.org/c.png" rel="nofollow ugc noopener">c</a>' in html


def test_a_badge_in_a_link_becomes_the_link_with_its_words():
    html = markdown("[![Build](https://e.org/b.svg)](https://e.org/ci)", LINKS)
    assert html == '<p><a href="https://e.org/ci" rel="nofollow ugc noopener">Build</a></p>'


def test_headings_go_below_ours_and_leave_no_gap():
    html = markdown("# A\n### B\n### C\n## D\n# E", LINKS, top=3)
    assert [tag for tag, _ in Elements(html).found] == ["h3", "h4", "h4", "h4", "h3"]
    assert [a["id"] for _, a in Elements(markdown("# Fiche d'été!", LINKS)).found] == ["user-content-fiche-dété"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("text\n- a\n- b", "<p>text</p><ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b\n    - c\n- d", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("born in\n1986. A good year", "<p>born in1986. A good year</p>"),
        ("- a\n\n  more", "<ul><li><p>a</p><p>more</p></li></ul>"),
        ("- a\n  ```sh\n  make\n  ```\n- b",
         '<ul><li><p>a</p><pre><code class="language-sh">make</code></pre></li><li><p>b</p></li></ul>'),
        ("```c++ title=x\n<b>\n```", '<pre><code class="language-c++">&lt;b&gt;</code></pre>'),
        ("~~~\nnever closed", "<pre><code>never closed</code></pre>"),
        ("> ```\n> x\n> ```", "<blockquote><pre><code>x</code></pre></blockquote>"),
        ("#hashtag", "<p>#hashtag</p>"),
        ("text\n# Title", '<p>text</p><h2 id="user-content-title">Title</h2>'),
        ("~~old~~ ~new~ 5 ~ 6", "<p><del>old</del> <del>new</del> 5 ~ 6</p>"),
        ("a\\\nb", "<p>a<br>b</p>"),
        ("- [ ] a\n- [x] b", "<ul><li>☐ a</li><li>☑ b</li></ul>"),
        ("text\n| a | b |\n|---|--:|\n| 1 | 2 |",
         '<p>text</p><table><thead><tr><th>a</th><th align="right">b</th></tr></thead>'
         '<tbody><tr><td>1</td><td align="right">2</td></tr></tbody></table>'),
        ("<details><summary>S</summary>\n\n**b**\n\n</details>",
         "<details><summary>S</summary><p><strong>b</strong></p></details>"),
        ("`https://e.org` stays", "<p><code>https://e.org</code> stays</p>"),
    ],
)  # fmt: skip
def test_readmes_come_out_as_their_authors_meant(text, html):
    assert markdown(text, LINKS).replace("\n", "") == html


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://e.org/a_b_c.", "https://e.org/a_b_c"),
        ("(https://e.org/x)", "https://e.org/x"),
        ("https://e.org/a_(b)", "https://e.org/a_(b)"),
        ("www.e.org, then", "https://www.e.org"),
        ("[one](https://e.org/1)", "https://e.org/1"),
        ("[https://e.org/2](https://e.org/1)", "https://e.org/1"),
        ("<https://e.org/3>", "https://e.org/3"),
    ],
)
def test_a_bare_address_is_one_link_without_the_punctuation_around_it(text, address):
    assert [a["href"] for tag, a in Elements(markdown(text, LINKS)).found if tag == "a"] == [address]


def test_rst_reads_no_file_and_sends_nothing_raw():
    html = rst(
        "Title\n=====\n\n.. include:: /etc/passwd\n\n.. csv-table::\n   :file: /etc/passwd\n\n"
        ".. raw:: html\n   :file: /etc/passwd\n\n`x <a.rst>`_ :raw:`y`\n\nSub\n---\n\nend\n",
        LINKS,
    )
    assert "root:" not in html
    assert f'href="{BLOB}/docs/a.rst"' in html
    assert [tag for tag, _ in Elements(html).found if tag.startswith("h")] == ["h2", "h3"]


def test_code_is_marked_line_by_line_and_hides_nothing():
    html = highlight('x = """a\nb"""\n# \u202e<script>\n', "a/b.py")
    assert "[U+202E]&lt;script&gt;" in html
    for line in html.split("\n"):
        assert line.count("<span") == line.count("</span>")
    assert highlight("<b>\r\n", "unknown.zzz") == "&lt;b&gt;\n"


def test_code_of_too_many_lines_is_refused():
    with pytest.raises(ValueError, match="lines"):
        highlight("\n" * 6000, "a.py")


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n...", "a.txt", ("image/png", False)),
        (b"RIFF\0\0\0\0WEBPVP8", "a", ("image/webp", False)),
        (b"<html><script>", "a.png", ("text/plain; charset=utf-8", False)),
        (b"<svg onload=x>", "a.svg", ("text/plain; charset=utf-8", True)),
        (b"%PDF-1.7\0", "a.pdf", ("application/octet-stream", True)),
        (b"", "empty", ("text/plain; charset=utf-8", False)),
        ("é".encode() * 5000, "a", ("text/plain; charset=utf-8", False)),
    ],
)
def test_raw_bytes_get_their_type_by_content(data, name, expected):
    assert content_type(data, name) == expected


def test_a_file_name_cannot_leave_the_header():
    value = disposition('a/"\r\nSet-Cookie: x=1; é.zip', attachment=True)
    assert value.isascii()
    assert "\r" not in value
    assert value.count('"') == 2
    assert value.startswith("attachment; filename=")


def test_hidden_characters_are_made_visible_and_honest_ones_kept():
    assert show_hidden("a\u202eb\u200b\x1b[31m") == "a[U+202E]b[U+200B][U+001B][31m"
    assert show_hidden("نام\u200cه é 👩\u200d🌾\n") == "نام\u200cه é 👩\u200d🌾\n"
    assert show_hidden("a\nb", keep="") == "a[U+000A]b"
