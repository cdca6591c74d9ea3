"""Makes text and pictures of strangers safe to show: READMEs, Markdown of forms, code, screenshots, bytes. It keeps
nothing and does not use git.

What parses such text runs in a limited child process (`process`); callers keep the results, under the object id and
RENDERER_VERSION. `visible` and `raw` are cheap and run in the calling process.
"""

from forge.render.process import MAX_INPUT_BYTES, RENDERER_VERSION, render
from forge.render.visible import show_hidden

__all__ = ["MAX_INPUT_BYTES", "RENDERER_VERSION", "render", "show_hidden"]
