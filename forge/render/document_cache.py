"""The name under which a rendered document is kept with its object id, and how its links are completed for a commit.

It is kept once for all commits that hold it, so that a README is not rendered again after each push: its links contain
ANY_COMMIT, which `links_at_commit` replaces. The slug is part of the name, because the links of the HTML hold it.
"""

import hashlib
import re
from urllib.parse import quote

from forge.render.links import LinkBase
from forge.render.process import RENDERER_VERSION
from forge.render.visible import without_control

ANY_COMMIT = "-"  # no commit id

_LINK = re.compile(r'(?<==")(/projects/[^/"]+/(?:code/(?:tree|blob)|raw)/)-(?=/)')


def document_name(base: LinkBase) -> str:
    """The name for a document of a repository; another slug, commit or renderer is another document."""
    digest = hashlib.sha256("\0".join((base.slug, base.commit, base.folder)).encode()).hexdigest()
    return f"document/{RENDERER_VERSION}/{digest[:32]}"


def links_at_commit(commit: str, html: str) -> str:
    """A document that was rendered for ANY_COMMIT, with links and pictures of this commit.

    Control characters are replaced here, so that this holds for what was rendered and kept before as well.
    """
    return _LINK.sub(lambda link: link[1] + quote(commit), without_control(html))
