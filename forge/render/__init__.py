"""Strangers' text and pictures made safe to show: READMEs, Markdown of forms, code, screens, bytes. It keeps
nothing and reads no git.

Whatever parses such text runs through `run`, in a limited child process; results are kept by whoever asks, under the
object id and RENDERER_VERSION. `visible` and `raw` are cheap and run in place.
"""

from forge.render.process import MAX_INPUT_BYTES, RENDERER_VERSION, run
from forge.render.visible import visible

__all__ = ["MAX_INPUT_BYTES", "RENDERER_VERSION", "run", "visible"]
