"""Measures what is told of licenses beside Debian's licensecheck and ScanCode, and prints a table with the targets.

    python -m benchmarks.licenses [--roots N] [--scancode] [--repositories FOLDER]

Answers are scored against the labelled list (tests/labelled). Time is measured for each root, a whole tree: installed
packages with their sources are taken as such. licensecheck reads every file of it and is started for each root, as it
is when somebody calls it; Forge reads the files that tell most, in a process that runs. ScanCode takes seconds a file
and is measured on the labelled files only, when it is asked for. What is not installed is said and left out. Both name
all that stands in a file, also where it says what the whole is under, so their scores are those of another question.

FOLDER holds clones of the repositories of tests/labelled/repositories.tsv, each as OWNER+NAME or OWNER+NAME/repo, bare
or not. What is not there is left out. A repository that is plainly free and not called so is missed; one that is called
free and is not is wrong. Nobody changes the detector for the part "untuned".
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from catalog.licenses import expressions
from forge.observe.core.tree import File, Tree, tree_of
from forge.observe.license import read_license_file, read_licenses
from tests.labelled import PARTS, Score, labelled, labelled_repositories, score

ROOTS = 12
FEWEST_FILES = 60  # of a package that is taken for a root
TARGETS = "targets: 98 % of the answers right, 93 % of the files answered, none free that is not"
REPOSITORY_TARGET = "targets: at most 5 % of the free repositories missed, none wrong"
TIMES = 50  # as fast as licensecheck, per root
LICENSECHECK = ("licensecheck", "--recursive", "--machine", "--shortname-scheme=spdx")
SCANCODE = ("scancode", "--quiet", "--license", "--json")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.licenses", description=__doc__.partition("\n")[0])
    parser.add_argument("--roots", type=int, default=ROOTS, help="how many installed packages are read whole")
    parser.add_argument("--scancode", action="store_true", help="also ScanCode, which takes many minutes")
    parser.add_argument("--repositories", type=Path, help="a folder of clones: only they are read")
    given = parser.parse_args(arguments)
    if given.repositories:
        print("\n".join(report_repositories(given.repositories)))
        return
    print("\n".join(report(given.roots, scancode=given.scancode)))


def report(roots: int, *, scancode: bool = False) -> Iterator[str]:
    """The table, line by line."""
    yield "What is told of licenses."
    yield ""
    began = time.process_time()
    yield _scored(
        "Forge", score(lambda name, content: read_license_file(name, content).license), time.process_time() - began
    )
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as folder:
        paths = _written(Path(folder))
        for name, order, read in (
            ("licensecheck", LICENSECHECK, _of_licensecheck),
            ("ScanCode", SCANCODE, _of_scancode),
        ):
            if name == "ScanCode" and not scancode:
                continue
            if shutil.which(order[0]) is None:
                yield f"{name:<14}is not installed"
                continue
            _said(f"{name} reads {len(paths)} files")
            given = ("-",) if name == "ScanCode" else ()
            seconds, output = _run([*order, *given, folder])
            answers = read(output, Path(folder))
            by_content = {path.read_bytes(): answers.get(str(path)) for path in paths}
            yield _scored(name, score(lambda _, content, known=by_content: known.get(content)), seconds)
    yield TARGETS
    yield ""
    yield from _roots(roots)


def report_repositories(folder: Path) -> Iterator[str]:
    """What is told of the labelled repositories below `folder`, one line for each that is missed or wrong, and the sum
    of each part.
    """
    for part in PARTS:
        free = called_free = with_license = here = 0
        for row in labelled_repositories():
            clone = _clone(folder, row.name) if row.part == part else None
            if clone is None:
                continue
            here += 1
            found = read_licenses(_tree_at(clone, row.commit))
            differs = found.license is not None and not (
                row.expression and expressions.licenses_agree(found.license, row.expression)
            )
            if row.free == "free":
                free, called_free = free + 1, called_free + (found.free is True)
                with_license += found.license is not None
            wrong = differs or (found.free is True and row.free != "free")
            if wrong or (row.free == "free" and not (found.free and found.license)):
                said = "WRONG" if wrong else "missed" if not found.free else "free, its license not told"
                yield f"{row.name}: {row.expression} ({row.free}), told {found.license}, free {found.free}  {said}"
        yield f"{part}: {here} here, {called_free} of {free} that are free called so, {with_license} with their license"
    yield REPOSITORY_TARGET


def _clone(folder: Path, name: str) -> Path | None:
    place = folder / name.replace("/", "+")
    return next(
        (clone for clone in (place / "repo", place) if (clone / "HEAD").is_file() or (clone / ".git").exists()), None
    )


def _tree_at(clone: Path, commit: str) -> Tree:
    """The files of a commit, or of the head where the clone does not have it."""
    known = subprocess.run(["git", "-C", clone, "cat-file", "-e", f"{commit}^{{commit}}"], stderr=subprocess.DEVNULL)
    listed = subprocess.run(
        ["git", "-C", clone, "ls-tree", "-r", "-l", "-z", "HEAD" if known.returncode else commit],
        capture_output=True,
        check=True,
    )
    files = {}
    for line in listed.stdout.decode("utf-8", "surrogateescape").split("\0"):
        entry, _, path = line.partition("\t")
        mode, kind, oid, size = entry.split() if entry else ("", "", "", "")
        if kind == "blob" and mode != "120000":
            files[path] = File(oid, int(size) if size.isdigit() else sys.maxsize)  # a snapshot may lack large files
    return Tree(
        files, lambda oid, _: subprocess.run(["git", "-C", clone, "cat-file", "blob", oid], capture_output=True).stdout
    )


def _roots(most: int) -> Iterator[str]:
    here = shutil.which(LICENSECHECK[0]) is not None
    read_license_file("LICENSE", b"MIT")  # the classifier's table is loaded once a process
    ours_seconds = theirs_seconds = 0.0
    yield f"{'root':<24}{'files':>7}{'Forge':>12}{'licensecheck':>15}{'times':>8}"
    for name, files in _installed(most):
        began = time.perf_counter()
        read_licenses(tree_of(files))
        ours = time.perf_counter() - began
        if not here:
            yield f"{name:<24}{len(files):>7}{ours:>10.3f} s{'not installed':>15}"
            continue
        with tempfile.TemporaryDirectory(prefix="forge-bench-") as folder:
            for path, content in files.items():
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            theirs, _ = _run([*LICENSECHECK, folder])
        ours_seconds, theirs_seconds = ours_seconds + ours, theirs_seconds + theirs
        yield f"{name:<24}{len(files):>7}{ours:>10.3f} s{theirs:>13.2f} s{theirs / ours:>8.0f}"
    if theirs_seconds:
        times = theirs_seconds / ours_seconds
        missed = "" if times >= TIMES else "  MISSED"
        yield f"{'all':<24}{'':>7}{ours_seconds:>10.3f} s{theirs_seconds:>13.2f} s{times:>8.0f}  >= {TIMES}{missed}"


def _installed(most: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Installed packages with many files, as source trees: the license files lie at the top."""
    found = []
    for package in distributions():
        files: dict[str, bytes] = {}
        for file in package.files or ():
            place = Path(str(package.locate_file(file)))
            if file.suffix in (".pyc", ".so") or ".." in file.parts or not place.is_file():
                continue
            path = str(file)
            if ".dist-info/" in path:
                path = file.name
            if place.stat().st_size <= 1 << 20:
                files[path] = place.read_bytes()
        if len(files) >= FEWEST_FILES:
            found.append((package.metadata["Name"], files))
    yield from sorted(found, key=lambda entry: (len(entry[1]), entry[0]))[:most]


def _written(folder: Path) -> list[Path]:
    """The labelled files that are here, each in a folder of its own."""
    paths = []
    for number, row in enumerate(labelled()):
        content = row.read()
        if content is not None:
            path = folder / f"{number:03}" / row.filename
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
            paths.append(path)
    return paths


def _run(order: list[str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    return time.perf_counter() - began, done.stdout


def _of_licensecheck(output: str, folder: Path) -> dict[str, str | None]:
    rows = (line.partition("\t") for line in output.splitlines())
    return {path: _expression(said.replace(" and/or ", " AND ")) for path, _, said in rows}


def _of_scancode(output: str, folder: Path) -> dict[str, str | None]:
    """Its paths begin with the folder's own name."""
    rows = [scanned for scanned in json.loads(output)["files"] if scanned["type"] == "file"]
    return {
        str(folder.parent / scanned["path"]): _expression(scanned["detected_license_expression_spdx"])
        for scanned in rows
    }


def _expression(said: str | None) -> str | None:
    """What a peer says as an expression, where it is one in SPDX's words, which licensecheck's are not always."""
    if not said or said == "UNKNOWN":
        return None
    try:
        return expressions.canonical(said)
    except ValueError:
        return "LicenseRef-another-spelling"


def _scored(name: str, result: Score, seconds: float) -> str:
    return f"{name:<14}{result.told()}; {seconds:.1f} s"


def _said(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
