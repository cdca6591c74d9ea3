"""Keeps compiled templates from one start to the next: a project's page took 1.1 s for its first reader.

A compiled template holds sentences and addresses of one language (see `constant_folding`): it is used only while
these are the same. The folder is derived; it may be deleted at any time.
"""

import hashlib
import logging
import marshal
import os
import threading
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from forge.i18n.languages import SOURCE, PageLanguage
from forge.web.core import constant_folding

_SEAL_BYTES = 32

log = logging.getLogger("forge.compiled")


class TemplateCache(BytecodeCache):
    """The compiled templates of one language: a file a template, sealed by a digest, replaced when the template or
    its constants have changed. What is missing, cut or damaged is compiled again.
    """

    def __init__(self, folder: Path, tag: str, constants: bytes):
        self._folder, self._tag, self._constants = folder, tag, constants
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as wrong:  # nothing is kept, and everything is drawn
            log.warning("No compiled template can be kept in %s: %s", folder, wrong)

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            sealed = self._file(bucket).read_bytes()
        except OSError:  # none yet, or none that can be read: it is compiled
            return
        seal, code = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if seal == self._seal(bucket, code):
            bucket.code = marshal.loads(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        code, file = marshal.dumps(bucket.code), self._file(bucket)
        beside = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            beside.write_bytes(self._seal(bucket, code) + code)
            beside.replace(file)
        except OSError as wrong:  # a full disk keeps nobody from reading
            log.warning("A compiled template cannot be kept in %s: %s", self._folder, wrong)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{self._tag}-{bucket.key}"

    def _seal(self, bucket: Bucket, code: bytes) -> bytes:
        return hashlib.sha256(self._constants + bucket.checksum.encode() + code).digest()


def template_cache(
    folder: Path, tongue: PageLanguage, words: object, addresses: Iterable[tuple[str, str]]
) -> TemplateCache | None:
    """Return the cache in `folder` for a language, with an instance's own `words` and the static files' `addresses`;
    None for a language whose sentences cannot be told apart from others'.
    """
    sentences = [getattr(source, "_catalog", None) for source in (tongue.texts, words)]
    if sentences[0] is None and tongue.tag != SOURCE:
        return None
    generator = Path(constant_folding.__file__).read_bytes()
    texts = [sorted(map(repr, (catalog or {}).items())) for catalog in sentences]
    state = repr((tongue.tag, MAGIC_NUMBER, version("jinja2"), sorted(addresses), texts))
    return TemplateCache(folder, tongue.tag, hashlib.sha256(generator + state.encode()).digest())
