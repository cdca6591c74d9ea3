"""The allow-list through which all rendered HTML goes; it also rewrites links, pictures and headings.

Three steps: nh3 makes any markup well formed and drops what is not allowed; a pass over that clean markup resolves
links, replaces pictures from elsewhere by links, brings headings in order; nh3 again, so that no mistake of that pass
can let anything through.
"""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nh3

from forge.render.links import PREFIX, LinkBase

LINK_REL = "nofollow ugc noopener"
# fmt: off
TAGS = {
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt",
    "u", "ul", "var",
}
# fmt: on
ATTRIBUTES = {
    "*": {"id", "dir", "title"},
    "a": {"href"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height", "loading"},
    "input": {"type", "checked"},
    "ol": {"start"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "details": {"open"},
}
_LANGUAGE_CLASS = re.compile(r"language-[A-Za-z0-9_+#.-]{1,40}")
_VALUES = {
    "align": re.compile("left|right|center"),
    "dir": re.compile("ltr|rtl|auto"),
    "loading": re.compile("lazy"),
    "scope": re.compile("col|row|colgroup|rowgroup"),
    "id": re.compile(r"[^\s]{1,200}"),
    **dict.fromkeys(("width", "height", "colspan", "rowspan", "start", "value"), re.compile(r"\d{1,4}%?")),
}
_VOID = {"br", "col", "hr", "img"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


def clean(html: str, links: LinkBase, top: int = 2) -> str:
    """`html` made safe: ids prefixed, links and pictures resolved by `links`, the first heading at level `top`.

    Headings keep their nesting without gaps and end at h6. Task boxes become the characters ☐ and ☑, for a form
    control that nobody can use and nothing labels tells a screen reader nothing.
    """
    tidy = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "title", "textarea", "select"},
        attributes=ATTRIBUTES,
        attribute_filter=_allowed_value,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        id_prefix=PREFIX,
    )
    rewriter = _Rewriter(links, top)
    rewriter.feed(tidy)
    rewriter.close()
    return nh3.clean(
        "".join(rewriter.out),
        tags=TAGS - {"input"},
        attributes=ATTRIBUTES,
        attribute_filter=_allowed_value_of_ours,
        link_rel=LINK_REL,
        url_schemes={"http", "https", "mailto"},
    )


def _allowed_value(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return next((word for word in value.split() if _LANGUAGE_CLASS.fullmatch(word)), None)
    pattern = _VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None


def _allowed_value_of_ours(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and not value.startswith("/projects/"):
        return None
    return _allowed_value(tag, name, value)


class _Rewriter(HTMLParser):
    """One pass over nh3's output, which is well formed, into `out`."""

    def __init__(self, links: LinkBase, top: int):
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._links = links
        self._top = top
        self._sections: list[tuple[int, int]] = []  # (level written, level shown) of the headings above
        self._heading = ""
        self._anchor: list[int] = []  # where in `out` the open link starts, and whether it was kept

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._open_link(attributes)
        elif tag == "img":
            self._picture(attributes)
        elif tag == "input":
            if attributes.get("type") == "checkbox":
                self.out.append("☑ " if "checked" in attributes else "☐ ")
        elif tag in _HEADINGS:
            self._heading = self._level(_HEADINGS[tag])
            self._write(self._heading, attributes)
        else:
            self._write(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
        elif tag in _HEADINGS:
            self.out.append(f"</{self._heading or tag}>")
            self._heading = ""
        elif tag not in _VOID | {"input"}:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False))

    def _write(self, tag: str, attributes_in: dict[str, str]) -> None:
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in attributes_in.items())
        self.out.append(f"<{tag}{attributes}>")

    def _level(self, level: int) -> str:
        while self._sections and self._sections[-1][0] >= level:
            self._sections.pop()
        shown_level = min(6, self._sections[-1][1] + 1 if self._sections else self._top)
        self._sections.append((level, shown_level))
        return f"h{shown_level}"

    def _open_link(self, attributes_in: dict[str, str]) -> None:
        href = self._links.link(attributes_in.pop("href")) if "href" in attributes_in else None
        if href:
            attributes_in["href"] = href
        self._anchor.append(len(self.out))
        self._write("a" if href else "span", attributes_in)

    def _close_link(self) -> None:
        if not self._anchor:
            return
        start = self._anchor.pop()
        opening = self.out[start]
        content = "".join(self.out[start + 1 :]).strip()
        if opening.startswith("<a ") and not content:
            self.out[start] = opening.replace("<a ", "<span ", 1)  # a screen reader could not announce an empty link
        self.out.append("</a>" if self.out[start].startswith("<a ") else "</span>")

    def _picture(self, attributes_in: dict[str, str]) -> None:
        written = attributes_in.pop("src", "")
        source = self._links.picture(written)
        words = attributes_in.get("alt", "").strip()
        if source:
            if not words and (self._anchor or self._heading):
                words = _file_name(written)
            self._write("img", {**attributes_in, "src": source, "alt": words, "loading": "lazy"})
            return
        words = words or _file_name(written)
        target = None if self._anchor else self._links.link(written)
        if target and not target.startswith("#"):
            self._write("a", {"href": target})
            self.out.append(f"{escape(words or target)}</a>")
        else:
            self.out.append(escape(words))


def _file_name(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).rpartition("/")[2].rpartition(".")[0][:80]
    except ValueError:
        return ""
