"""Every parser of strangers' bytes, given bytes that begin as a good file and go wrong: it answers, or refuses in the
way that its callers expect, and nothing else is raised. Each call is short: what takes minutes would not end here.
"""

import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.factories.core import a_document
from support.factories.metadata import PUBLICCODE
from support.paths import ROOT
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Targets, Timestamp

from catalog.document import complete, dump, parse
from catalog.exchange import reading as exchange
from catalog.licenses import expressions
from catalog.rules import version
from forge.backup import archive
from forge.backup.withdrawal_journal_file import DamagedJournal, read_journal
from forge.config.checkup_report import last_report
from forge.exchange.follow.repository import VisitRefused, _read
from forge.exchange.roots import read_root
from forge.git import commit_object, trees
from forge.git.fetch import probe
from forge.git.read import MirrorUnreadable
from forge.imports.publiccode import read_text
from forge.imports.sheet import read_sheet
from forge.observe.bounded.elements import xml_of
from forge.observe.bounded.nodes import yaml_of
from forge.observe.bounded.text import Unreadable
from forge.observe.bounded.values import json_of, toml_of
from forge.security.safe_http import AddressRules, Refused
from forge.web.api.body import parse_body
from forge.web.core.problems import ApiError

EXAMPLES = 400
OID = b"1" * 40
COMMIT = (
    b"tree %s\nparent %s\nauthor Ana <ana@example.org> 1700000000 +0000\n"
    b"committer Ana <ana@example.org> 1700000000 +0000\nencoding latin1\n\nText\n" % (OID, OID)
)
TREE = b"100644 README\0" + b"\1" * 20 + b"40000 src\0" + b"\2" * 20
ADVERTISED = b"".join(
    probe.packet(line) for line in (OID + b" HEAD symref-target:refs/heads/main\n", OID + b" refs/heads/main\n")
)
SHEET = b"Name,Description,Website,License\nGalette,Manages members,https://galette.eu,GPL-3.0\n"
JOURNAL = b'{"lineage":"a"}\n{"set":["takedown","[1]",{"reason":"x"}]}\n{"unset":["takedown","[1]"]}\n{"change":7}\n'


def packed_sheet(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return out.getvalue()


ODS = packed_sheet(
    "content.xml",
    b'<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><o:body><o:spreadsheet><t:table>'
    b'<t:table-row><t:table-cell t:number-columns-repeated="9"/></t:table-row></t:table></o:spreadsheet></o:body>'
    b"</o:document-content>",
)


def an_archive() -> bytes:
    out = io.BytesIO()
    rows = b'["a"]\n'
    table = {"name": "meta", "columns": {"key": "text"}, "rows": 1, "sha256": hashlib.sha256(rows).hexdigest()}
    described = {"format": 1, "revision": "schema_0_2", "made_at": "2026-01-01", "name": "x", "tables": [table]}
    card = json.dumps(described).encode()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, data in (("backup.json", card), ("tables/meta.jsonl.gz", gzip.compress(rows))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return out.getvalue()


def in_a_file(read: Callable[[Path], object], suffix: str = "") -> Callable[[bytes], object]:
    def parse_file(data: bytes) -> object:
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(data)
            file.flush()
            return read(Path(file.name))

    return parse_file


def report_of(data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "checkup.json").write_bytes(data)
        return last_report(Path(folder))


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "replace"))


VECTORS = ROOT / "tests/exchange/vectors/good"
SIGNED = {
    name: (VECTORS / f"metadata/{file}.json").read_bytes()
    for name, file in (("root", "1.root"), ("timestamp", "timestamp"), ("targets", "2.targets"))
}
# What a visit of a peer expects (`_told` in `repository`).
REPOSITORY = (
    RepositoryError,
    VisitRefused,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)


@dataclass(frozen=True)
class Parser:
    """A parser, a good file to begin with, and what it raises of its own."""

    parse: Callable[[bytes], object]
    sample: bytes
    refuses: tuple[type[Exception], ...] = ()


def a_target(folder: str, name: str) -> bytes:
    """A file of the good catalogue among the test vectors, out of gzip."""
    (file,) = (VECTORS / "targets" / folder).glob(f"*.{name}.json*")
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def in_gzip(read: Callable[[bytes], object], sample: bytes) -> Parser:
    return Parser(lambda data: read(gzip.compress(data)), sample, (exchange.InvalidExchangeFile,))


def of_a_shard(folder: str) -> Parser:
    name = min(file.name.split(".")[1] for file in (VECTORS / "targets" / folder).iterdir())
    return in_gzip(lambda data: exchange.read_shard(f"{folder}/{name}.json.gz", data, 4), a_target(folder, name))


def of_withdrawals() -> Parser:
    (file,) = (VECTORS.parent / "expired/targets/withdrawn").iterdir()
    name = file.name.split(".")[1]
    sample = gzip.decompress(file.read_bytes())
    return in_gzip(lambda data: exchange.read_withdrawn(f"withdrawn/{name}.json.gz", data), sample)


PARSERS = {
    "document": Parser(parse, dump(complete(a_document())).encode()),
    "publiccode.yml": Parser(lambda data: read_text(data, "x"), PUBLICCODE.encode()),
    "yaml": Parser(yaml_of, PUBLICCODE.encode(), (Unreadable,)),
    "json": Parser(json_of, b'{"name": "x", "list": [1, 2.5, null, {"a": "\\u00e9"}]}', (Unreadable,)),
    "toml": Parser(toml_of, b'[project]\nname = "x"\nkeywords = ["a", "b"]\nsince = 2020-01-01\n', (Unreadable,)),
    "xml": Parser(xml_of, b'<?xml version="1.0"?><a b="c"><d>e</d><!-- f --></a>', (Unreadable,)),
    "root of a catalogue": Parser(read_root, SIGNED["root"], (ValueError,)),
    "timestamp of a catalogue": Parser(lambda data: _read(Timestamp, data), SIGNED["timestamp"], REPOSITORY),
    "list of files of a catalogue": Parser(lambda data: _read(Targets, data), SIGNED["targets"], REPOSITORY),
    "card of a catalogue": Parser(exchange.read_card, a_target("", "instance"), (exchange.InvalidExchangeFile,)),
    "withdrawals of a catalogue": of_withdrawals(),
    "projects of a catalogue": of_a_shard("projects"),
    "organizations of a catalogue": of_a_shard("organizations"),
    "body of the API": Parser(parse_body, b'{"project": "galette", "since": 2019, "sources": ["x"]}', (ApiError,)),
    "csv": Parser(in_a_file(read_sheet, ".csv"), SHEET),
    "ods": Parser(in_a_file(read_sheet, ".ods"), ODS),
    "xlsx": Parser(in_a_file(read_sheet, ".xlsx"), packed_sheet("xl/worksheets/sheet1.xml", b"<worksheet/>")),
    "backup": Parser(
        in_a_file(lambda file: archive.verify(file, "backup.json")), an_archive(), (archive.InvalidArchive,)
    ),
    "journal": Parser(in_a_file(read_journal), JOURNAL, (DamagedJournal,)),
    "checkup": Parser(report_of, b'{"at": "2026-01-01T00:00:00+00:00", "findings": []}'),
    "commit": Parser(lambda data: commit_object.parsed(OID.decode(), data, len(data)), COMMIT),
    "tree": Parser(lambda data: list(trees.rows(data, 20)), TREE, (MirrorUnreadable,)),
    "name in a tree": Parser(lambda data: trees.find_by_name(data, 20, b"src"), TREE, (MirrorUnreadable,)),
    "refs": Parser(probe._packets, ADVERTISED + b"0000", (probe.NoRefs,)),
    "advertisement": Parser(
        probe._advertisement,
        probe.packet(b"# service=git-upload-pack\n") + b"0000" + ADVERTISED + b"0000",
        (probe.NoRefs,),
    ),
    "address": Parser(text(AddressRules().canonical), b"https://git.example.org/a/b.git", (Refused,)),
    "licence": Parser(
        text(expressions.parse), b"(MIT OR GPL-3.0-or-later) AND Apache-2.0 WITH LLVM-exception", (ValueError,)
    ),
    "version": Parser(text(version.version), b"v1.2.3-rc.1+build"),
}


@st.composite
def wrong_bytes(draw: st.DrawFn, sample: bytes) -> bytes:
    """A file that was cut, repeated, spliced and written over in a few places."""
    data = bytearray(sample)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("cut", "insert", "overwrite", "repeat", "swap")))
        if kind == "cut":
            del data[at : at + draw(st.integers(1, 60))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=20) | st.sampled_from(NASTY))
        elif kind == "overwrite":
            piece = draw(st.binary(min_size=1, max_size=8))
            data[at : at + len(piece)] = piece
        elif kind == "repeat":
            data[at:at] = data[at : at + 40] * draw(st.integers(1, 50))
        else:
            data = data[at:] + data[:at]
    return bytes(data)


NASTY = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"[" * 200,
        b"{" * 200,
        b"&a [*a, *a]",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"(" * 200,
    ),
    *(
        b"9" * 5000,
        b"1e999",
        b"-0",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"../" * 20,
        b"'" * 50,
        b'"' * 50,
        b"\\" * 50,
        b"%00",
        b"NaN",
    ),
)


@pytest.mark.full
@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_of_strangers_bytes_answers_or_refuses(name: str) -> None:
    parser = PARSERS[name]
    parser.parse(parser.sample)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(wrong_bytes(parser.sample) | st.binary(max_size=300))
    def answers_or_refuses(data: bytes) -> None:
        with contextlib.suppress(*parser.refuses):
            parser.parse(data)

    answers_or_refuses()
