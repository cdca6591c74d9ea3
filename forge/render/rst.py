"""reStructuredText to safe HTML through docutils, with everything off that reads files, sends raw HTML or settings.
`forge.render.clean` decides which tags stay.
"""

from docutils.core import publish_parts

from forge.render.clean import clean
from forge.render.links import LinkBase

_SETTINGS = {
    "raw_enabled": False,
    "file_insertion_enabled": False,
    "_disable_config": True,
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "report_level": 5,
    "halt_level": 5,
    "traceback": False,
    "toc_backlinks": False,
    "initial_header_level": 2,
    "doctitle_xform": True,
    "sectsubtitle_xform": False,
}


def rst(text: str, links: LinkBase, top: int = 2) -> str:
    """Safe HTML of `text`, links and pictures resolved by `links`, its first heading at level `top`."""
    parts = publish_parts(text, writer="html5", settings_overrides=_SETTINGS)
    return clean(parts["html_body"], links, top)
