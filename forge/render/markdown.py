"""Markdown to safe HTML: Python-Markdown, our extension for READMEs, and the allow-list. Run it in the child process
only.
"""

import re

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.md_in_html import MarkdownInHtmlExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension

from forge.render.clean import clean
from forge.render.links import LinkBase
from forge.render.readme_extension import ReadmeExtension


def markdown(text: str, links: LinkBase, top: int = 2) -> str:
    """Safe HTML of `text`, links and pictures resolved by `links`, its first heading at level `top`.

    Hostile text may cost time beyond any bound, or raise RecursionError: see `process.run_child`.
    """
    parser = Markdown(
        extensions=[
            ReadmeExtension(),
            TableExtension(use_align_attribute=True),
            FootnoteExtension(),
            MarkdownInHtmlExtension(),
            SaneListExtension(),
            TocExtension(marker="", slugify=_slug),
        ],
        output_format="html",
    )
    return clean(parser.convert(text), links, top)


def _slug(heading: str, separator: str) -> str:
    """The id that GitHub gives a heading, since authors link to it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)
