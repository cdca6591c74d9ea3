"""Docstrings, comments and documents stay true: their examples give what they say, and the names in them exist."""

import ast
import builtins
import doctest
import importlib
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest
from support.paths import ROOT

FILES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for layer in ("catalog", "forge")
    for file in sorted((ROOT / layer).rglob("*.py"))
}
# The whole name of a module of ours, or of what is in one.
NAMED = re.compile(r"(?<![\w./@])(?:catalog|forge)(?:\.[A-Za-z_]\w*)+")
NOT_CODE = {"catalog.yaml", "catalog.tar.gz", "catalog.example.org", "forge.example.org"}
# What a function raises: a sentence that says so, and the names of classes in it.
RAISING = re.compile(r"\braises?\b(?:[^.]|\.(?=\w))*", re.IGNORECASE)
CLASS = re.compile(r"(?<![\w.])_?[A-Z][a-z]+\w*")
NOT_RAISED = {"Babel", "Forge", "Raise", "Raises", "Rust", "WebP"}
# A name of ours: in backticks, perhaps with what it is called with, or a constant of several words.
IN_BACKTICKS = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\([^`]*\))?`")
CONSTANT = re.compile(r"(?<![\w$<./-])_?[A-Z]+(?:_[A-Z]+)+(?![\w/-])")
IN_QUOTES = re.compile(r"`[^`]*`|\"[^\"]*\"")
# A file or folder of ours in a document, and the number of a decision. `ca` and LANGUAGE stand for any language.
PATH = re.compile(r"`((?:catalog|forge|tests|templates|deploy|docs|benchmarks|tools)/[\w./-]+)`")
DECISION = re.compile(r"(?:decisions?|page)\s\[?(0\d\d)\b")
BUILTINS = frozenset(dir(builtins))
# What others call something: variables of the environment and of the C library, programs, names of files as examples.
FOREIGN = {
    *("FORGE_DATABASE", "FORGE_SECRET", "M_ARENA_MAX", "M_MMAP_THRESHOLD", "nice", "pg_dump", "licenseclassifier"),
    *("COPYING.LESSER", "GNU_GPL", "README.fr.md", "guide.adoc.es.po", "shell.nix", "galette_fr_FR.utf8"),
    *("fr", "fra", "fr_FR", "fr_FR.utf8", "URL", "URL.git"),
}


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if ">>> " in file.read_text()])
def test_examples_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@cache
def _texts(file: Path) -> tuple[tuple[int, str], ...]:
    """Comments and docstrings, each with the number of its first line."""
    tokens = tokenize.generate_tokens(io.StringIO(file.read_text()).readline)
    texts = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            if docstring is not None:
                texts.append((node.body[0].lineno, docstring))
    return tuple(texts)


@cache
def _names_in(module: str) -> frozenset[str]:
    """Every name that a module uses or defines, at whatever depth."""
    names: set[str] = set()
    for node in ast.walk(_tree(FILES[module])):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.update((node.asname or "", *node.name.split(".")))
        elif isinstance(node, ast.ImportFrom):
            names.update((node.module or "").split("."))
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg is not None):
            names.add(node.arg)
    return frozenset(names)


@cache
def _words_of_strings(module: str) -> frozenset[str]:
    """Every word of the strings of a module, without its docstrings: keys, columns and programs stand there."""
    tree = _tree(FILES[module])
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node, clean=False) is not None
        and isinstance(node.body[0], ast.Expr)
    }
    return frozenset(
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in docstrings
        for word in re.findall(r"\w+", str(node.value))
    )


@cache
def _imported_by(module: str) -> frozenset[str]:
    """The modules of ours that a module imports something from."""
    imported: set[str] = set()
    for node in ast.walk(_tree(FILES[module])):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
            imported.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(imported & FILES.keys())


@cache
def _names_seen_by(module: str) -> frozenset[str]:
    """The names of a module and of those that it imports. Errors of the catalogue pass through every module."""
    return BUILTINS.union(*map(_names_in, {module, "catalog.errors"} | _imported_by(module)))


@cache
def _modules_below(folder: Path) -> frozenset[str]:
    return frozenset(name for name, file in FILES.items() if file.is_relative_to(folder))


@cache
def _names_near(module: str) -> frozenset[str]:
    """The names and words of a module, of those that it imports, of all in its folder, of tables; names of modules."""
    near = _imported_by(module) | _modules_below(FILES[module].parent) | _modules_below(ROOT / "catalog/tables")
    modules = frozenset(part for name in FILES for part in name.split("."))
    return BUILTINS.union(modules, *map(_names_in, near), *map(_words_of_strings, near))


def _is_known(dotted: str) -> bool:
    parts = dotted.split(".")
    known = next((end for end in range(len(parts), 1, -1) if ".".join(parts[:end]) in FILES), 0)
    return known == len(parts) or (known > 0 and parts[known] in _names_in(".".join(parts[:known])))


def test_whole_names_in_docstrings_and_comments_are_those_of_something() -> None:
    named = [
        (f"{file.relative_to(ROOT)}:{line}", found[0])
        for file in FILES.values()
        for line, text in _texts(file)
        for found in NAMED.finditer(text)
        if found[0] not in NOT_CODE
    ]
    assert len(named) > 100 and [(place, dotted) for place, dotted in named if not _is_known(dotted)] == []


def test_what_docstrings_say_is_raised_is_a_class_that_the_module_sees() -> None:
    raised = [
        (f"{file.relative_to(ROOT)}:{line}", found, module)
        for module, file in FILES.items()
        for line, text in _texts(file)
        for sentence in RAISING.findall(IN_QUOTES.sub("", text))
        for found in CLASS.findall(sentence)
        if found not in NOT_RAISED
    ]
    assert len(raised) > 300
    assert [(place, found) for place, found, module in raised if found not in _names_seen_by(module)] == []


def test_names_in_docstrings_and_comments_stand_in_the_module_or_near_it() -> None:
    named = [
        (f"{file.relative_to(ROOT)}:{line}", found, module)
        for module, file in FILES.items()
        for line, text in _texts(file)
        for found in [*IN_BACKTICKS.findall(text), *CONSTANT.findall(text)]
        if found not in FOREIGN and not found.startswith(("catalog.", "forge."))
    ]
    assert len(named) > 2000
    assert [
        (place, found) for place, found, module in named if not _names_near(module).issuperset(found.split("."))
    ] == []


def test_files_and_decisions_that_documents_and_comments_name_are_there() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    paths = [(file.name, path) for file in documents for path in PATH.findall(file.read_text())]
    texts = [(str(file.relative_to(ROOT)), text) for file in FILES.values() for _, text in _texts(file)]
    texts += [(file.name, file.read_text()) for file in documents]
    decisions = [(place, number) for place, text in texts for number in DECISION.findall(text)]
    assert len(paths) > 200 and len(decisions) > 10
    assert [
        (place, path)
        for place, path in paths
        if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists() and not re.search(r"LANGUAGE|/ca\b", path)
    ] == []
    assert [found for found in decisions if not list((ROOT / "docs/decisions").glob(f"{found[1]}-*.md"))] == []
