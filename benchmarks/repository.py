"""A made-up repository of any size, the same each time: files of many kinds, a long history, a license that changed.

It stands for an application of medium size in several languages of code, with screens translated by gettext and JSON,
parts under other licenses, and everything that maintainers publish about their work. It measures nothing itself.
"""

import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

FILES, COMMITS = 10_000, 10_000
START = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
PEOPLE = 60
ROOT = Path(__file__).parents[1]

# Of a hundred files that are neither translations nor manifests.
_SPREAD = (
    *(("py", "# {}", 24), ("js", "// {}", 18), ("ts", "// {}", 8), ("php", "<?php // {}", 10), ("rb", "# {}", 6)),
    *(("html", "<!-- {} -->", 10), ("css", "/* {} */", 6), ("vue", "<!-- {} -->", 4), ("md", "{}", 6)),
    *(("sql", "-- {}", 2), ("sh", "# {}", 2), ("svg", "<!-- {} -->", 2), ("png", "", 2)),
)
_LANGUAGES = "ar bg ca cs da de el es et eu fa fi fr gl he hr hu id it ja ko lt nb nl oc pl pt pt_BR ro ru sv tr uk zh"
_SAID = (
    "member share meeting vote account receipt loan order shift room gift project budget invoice payment letter group "
    "find list show count send keep plan print invite decide close open next last state value name date total error"
)
_WORDS = _SAID.split()
_MANIFESTS = {
    "package.json": '{"name": "part", "version": "1.2.0", "license": "AGPL-3.0-or-later", '
    '"dependencies": {"left": "^1.0.0", "right": "~2.1", "vue": "^3.2.0"}}\n',
    "composer.json": '{"name": "group/part", "license": "AGPL-3.0-or-later", "require": {"php": ">=8.1"}}\n',
    "pyproject.toml": '[project]\nname = "part"\nversion = "1.2.0"\nlicense = "AGPL-3.0-or-later"\n'
    'dependencies = ["flask>=3", "babel"]\n',
    "Cargo.toml": '[package]\nname = "part"\nversion = "0.3.0"\nlicense = "MIT"\n\n[dependencies]\nserde = "1"\n',
    "Dockerfile": "FROM debian:stable\nRUN apt-get update\n",
    "docker-compose.yml": 'services:\n  web:\n    build: .\n    ports: ["8000:8000"]\n',
}
_TOP = _MANIFESTS | {
    "README.md": "# Group book\n\nKeeps the members of a group.\n\nLicense: AGPL-3.0-or-later\n",
    "README.fr.md": "# Livre du groupe\n\nTient la liste des membres.\n",
    "CONTRIBUTING.md": "# How to help\n\nWrite to the forum.\n",
    "SECURITY.md": "# Security\n\nWrite to <https://example.org/security>.\n",
    "CODE_OF_CONDUCT.md": "# How we treat each other\n",
    "AUTHORS": "The members of the Example Cooperative\n",
    ".mailmap": "Person 1 <person1@example.org> <p1@example.net>\n",
    "CODEOWNERS": "* @example/core\n",
    ".github/FUNDING.yml": "open_collective: example\n",
    "CHANGELOG.md": "# Changes\n\n## 2.1.0 - 2026-05-01\n\n- More\n\n## 2.0.0 - 2025-01-10\n\n- New\n",
    "publiccode.yml": "publiccodeYmlVersion: '0.4'\nname: Group book\nurl: https://example.org/book.git\n"
    "softwareVersion: 2.1.0\nreleaseDate: '2026-05-01'\nplatforms: [web]\ncategories: [crm]\n"
    "developmentStatus: stable\nsoftwareType: standalone/web\n"
    "description:\n  en:\n    shortDescription: Keeps members\n"
    "    longDescription: Keeps the members of a group.\n    features: [Members]\nlegal:\n"
    "  license: AGPL-3.0-or-later\nmaintenance:\n  type: community\n  contacts: [{name: Someone}]\n"
    "localisation:\n  localisationReady: true\n  availableLanguages: [en, fr]\n",
    "codemeta.json": '{"@context": "https://doi.org/10.5063/schema/codemeta-2.0", "@type": "SoftwareSourceCode", '
    '"name": "Group book", "license": "https://spdx.org/licenses/AGPL-3.0-or-later"}\n',
    "CITATION.cff": "cff-version: 1.2.0\nmessage: Please cite\ntitle: Group book\nauthors: [{name: Example}]\n",
}
_HEADER = "SPDX-License-Identifier: AGPL-3.0-or-later"


def make(folder: Path, files: int = FILES, commits: int = COMMITS, seed: int = 1) -> Path:
    """A bare repository in `folder`, which must not be there yet, with branch `main`; its path."""
    _git("init", "-q", "--bare", "--initial-branch=main", str(folder))
    _import(folder, _history(files, commits, random.Random(seed)))
    _git("repack", "-adfq", "--window=5", cwd=folder)
    return folder


def push(folder: Path, commits: int = 10, seed: int = 2) -> None:
    """So many commits more on `main`, each changing a few files as commits do."""
    chance = random.Random(seed)
    paths = _git("ls-tree", "-r", "--name-only", "main", cwd=folder).decode().split("\n")[:-1]
    common = [path for path in paths if path.startswith("src/")]
    stream = []
    for number in range(commits):
        changed = {path: _source(path, chance) for path in chance.sample(common, 3)}
        if number == commits - 1:
            changed["CHANGELOG.md"] = (_TOP["CHANGELOG.md"] + f"\n## 1.{seed}.0 - 2024-01-01\n").encode()
            changed |= {path: _po(path, chance) for path in paths if path.endswith("locale/fr/LC_MESSAGES/part0.po")}
        stream.append(_commit(END + 3600 * (number + 1), number % PEOPLE, changed, "refs/heads/main^0" * (number == 0)))
    _import(folder, iter(stream))


def add_random(folder: Path, files: int, bytes_each: int, seed: int = 4) -> None:
    """One commit more on `main`, with so many files that no compression makes smaller."""
    chance = random.Random(seed)
    changed = {f"data/{number}.bin": chance.randbytes(bytes_each) for number in range(files)}
    _import(folder, iter([_commit(END, 0, changed, "refs/heads/main^0")]))


def remove(folder: Path, path: str) -> None:
    """One commit more on `main`, without this file."""
    commit = _commit(END, 0, {}, "refs/heads/main^0")
    _import(folder, iter([commit.rstrip() + f"\nD {path}\n".encode()]))


def _history(files: int, commits: int, chance: random.Random) -> Iterator[bytes]:
    contents = dict(_tree(files, chance))
    paths = list(contents)
    early = len(paths) // 3  # the first commits bring a third, and the others come one by one
    steps = range(commits)
    yield _commit(START, 0, {path: contents[path] for path in paths[:early]} | {"LICENSE": _license_of("gpl")}, "")
    waiting = paths[early:]
    per_step = -(-len(waiting) // max(1, commits - 1))
    for number in steps[1:]:
        arriving = waiting[(number - 1) * per_step : number * per_step]
        changed = {path: contents[path] for path in arriving}
        again = chance.choice(paths[:early])
        if again.startswith("src/"):
            changed[again] = _source(again, chance)
        if number == commits // 3:
            changed["LICENSE"] = _license_of("agpl")
        at = START + (END - START) * number // commits
        yield _commit(at, min(int(chance.expovariate(0.15)), PEOPLE - 1), changed, "")
        if number % max(1, commits // 100) == 0:
            yield b"reset refs/tags/v%d.%d\nfrom refs/heads/main\n\n" % divmod(number * 100 // commits, 10)


def _tree(files: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    yield from ((path, text.encode()) for path, text in _TOP.items())
    count = len(_TOP) + 1
    for number, part in enumerate(("calendar", "ledger", "map")):
        yield f"plugins/{part}/LICENSE", _license_of(("pyyaml", "click", "gpl")[number])
        count += 1
    for number in range(max(1, files // 400)):
        for name, text in _MANIFESTS.items():
            yield f"parts/part{number}/{name}", text.encode()
        count += len(_MANIFESTS)
    for language in _LANGUAGES.split():
        for number in range(max(1, files // 2000)):
            path = f"locale/{language}/LC_MESSAGES/part{number}.po"
            yield path, _po(path, chance)
        yield f"web/i18n/{language}.json", _json(chance)
        count += max(1, files // 2000) + 1
    kinds = [kind for kind in _SPREAD for _each in range(kind[2])]
    for number in range(max(0, files - count)):
        extension = chance.choice(kinds)[0]
        folder = chance.choice(("src", "src", "src", "tests", "plugins/map", "vendor/lib", "docs"))
        path = f"{folder}/{chance.choice(_WORDS)}/{chance.choice(_WORDS)}_{number}.{extension}"
        yield path, _source(path, chance)


def _source(path: str, chance: random.Random) -> bytes:
    extension = path.rpartition(".")[2]
    if extension == "png":
        return b"\x89PNG\r\n\x1a\n" + chance.randbytes(2_000)
    comment = next(comment for name, comment, _share in _SPREAD if name == extension)
    lines = [comment.format(_HEADER)] if chance.random() < 0.4 else []
    for _line in range(min(int(chance.lognormvariate(4.0, 0.9)), 2_000)):
        lines.append("    " + " ".join(chance.choices(_WORDS, k=6)) + f" = {chance.randrange(10**6)}")
    return "\n".join([*lines, ""]).encode()


def _po(path: str, chance: random.Random) -> bytes:
    language = path.split("/")[1]
    lines = ['msgid ""', 'msgstr ""', f'"Language: {language}\\n"', '"Content-Type: text/plain; charset=UTF-8\\n"', ""]
    for number in range(300):
        said = f"{chance.choice(_WORDS)} {number}" if chance.random() < 0.8 else ""
        lines += [f"#: src/{number}.py:{number}", f'msgid "{chance.choice(_WORDS)} {number}"', f'msgstr "{said}"', ""]
    return "\n".join(lines).encode()


def _json(chance: random.Random) -> bytes:
    rows = (f'  "key{number}": "{" ".join(chance.choices(_WORDS, k=4))}"' for number in range(200))
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()


def _license_of(name: str) -> bytes:
    """A license text: AGPL and GPL (its words, as far as a license's history asks) from here, others from packages."""
    if name in ("agpl", "gpl"):
        text = (ROOT / "LICENSE").read_text(encoding="utf-8")
        return (text if name == "agpl" else text.replace("AFFERO ", "").replace("Affero ", "")).encode()
    files = metadata.files(name) or []
    found = next(file for file in files if "LICENSE" in file.name.upper())
    return bytes(Path(str(found.locate())).read_bytes())


def _commit(at: int, person: int, changed: dict[str, bytes], parent: str) -> bytes:
    who = f"Person {person} <person{person}@example.org> {at} +0000"
    message = f"Work of {person}"
    head = f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}\n"
    parts = [head.encode(), f"from {parent}\n".encode() if parent else b""]
    for path, data in changed.items():
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    return b"".join(parts) + b"\n"


def _import(folder: Path, stream: Iterator[bytes]) -> None:
    command = ["git", "-C", str(folder), "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for piece in stream:
            process.stdin.write(piece)
        process.stdin.write(b"done\n")
    if process.returncode:
        raise RuntimeError(f"git fast-import ended with status {process.returncode}.")


def _git(*arguments: str, cwd: Path | None = None) -> bytes:
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, stdout=subprocess.PIPE).stdout
