"""Under which name a rendered document is kept beside its object id: renderer, version and what its links stand on."""

import hashlib

from forge.render.links import LinkBase
from forge.render.process import RENDERER_VERSION


def name(base: LinkBase) -> str:
    """The name for a document of a repository; another slug, commit or renderer is another document."""
    stands = hashlib.sha256("\0".join((base.slug, base.commit, base.folder)).encode()).hexdigest()
    return f"document/{RENDERER_VERSION}/{stands[:32]}"
