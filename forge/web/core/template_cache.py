"""Keeps compiled templates: in memory once for all languages, and from one start to the next in files of Jinja's, since
a project's page took 1.1 s for its first reader. The folder is derived; it may be deleted at any time.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, Template
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro

log = logging.getLogger("forge.compiled")


_codes: dict[CodeType, CodeType] = {}


class SharedTemplate(Template):
    """A template whose code is in memory once for all languages in which it came out the same: of ours, all do, and
    that is 3 MB a language.
    """

    @classmethod
    def from_code(cls, environment: Environment, code: CodeType, *rest: Any) -> Template:
        return super().from_code(environment, _codes.setdefault(code, code), *rest)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Its macros, made once: every page has the names of its environment, and Jinja would compare them each time
        that a template imports another.
        """
        self._module = self._module or self.make_module()
        return self._module


class PageContext(Context):
    """Calls what a template calls without asking each function whether it takes Jinja's context: of ours none does."""

    def call(self, function: Callable[..., Any], /, *args: Any, **names: Any) -> Any:
        names.pop("_block_vars", None)
        names.pop("_loop_vars", None)
        if type(function) is Macro:
            return function(self.eval_ctx, *args, **names)
        return function(*args, **names)


class TemplateCache(FileSystemBytecodeCache):
    """The compiled templates of one language, since Jinja works out filters of constants as it compiles.

    What is missing or damaged is compiled again. A folder that takes nothing, or a full disk, hinders nobody.
    """

    def __init__(self, folder: Path, tag: str):
        super().__init__(str(folder), f"{tag}-%s")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as wrong:
            log.warning("No compiled template can be kept in %s: %s", folder, wrong)

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception as wrong:  # whatever pickle makes of a file that was cut
            log.warning("A compiled template in %s cannot be read: %s", self.directory, wrong)
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        try:
            super().dump_bytecode(bucket)
        except OSError as wrong:
            log.warning("A compiled template cannot be kept in %s: %s", self.directory, wrong)
