"""In which programming languages a repository is written, and how large it is, by names and sizes of files alone.

Pygments knows which names belong to which language; what counts as code, and which language wins where several share an
ending, is decided here. Others' code, documentation, tests and generated files are left out, as linguist does
(https://github.com/github-linguist/linguist/blob/main/docs/how-linguist-works.md). No file is read: 10,000 names take
some 10 ms (November 2026). Where a name is ambiguous, the other files of the repository decide, or it is left out.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from pygments.lexers import get_all_lexers

from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.path_classes import is_font_folder, is_generated, is_translation_folder, own_files
from forge.observe.core.tree import Tree

MAX_LANGUAGES = 20
MAX_CODE_FILE_BYTES = 1 << 20  # a larger one holds data or was made by a program
TOLD_PERCENT = 5  # from this share on a language is named as one in which the project is written

# Pygments' name -> ours. Formats of data and of prose are no code: they are not here.
_PYGMENTS_NAMES = {
    **{name: name for name in (
        "ABAP", "ActionScript", "Ada", "Agda", "Awk", "Bash", "Batchfile", "C", "C#", "C++", "CMake", "COBOL", "CSS",
        "Clojure", "CoffeeScript", "ColdFusion HTML", "Common Lisp", "Crystal", "Cuda", "Cython", "D", "Dart", "Delphi",
        "EmacsLisp", "Eiffel", "Elixir", "Elm", "Erlang", "F#", "Fortran", "GDScript", "GLSL", "Gleam", "Go", "Groovy",
        "HTML", "Hack", "Haskell", "Haxe", "Idris", "Io", "J", "Java", "JavaScript", "Julia", "Kotlin", "LessCss",
        "LiveScript", "Lua", "MoonScript", "Nim", "Nix", "OCaml", "Objective-C", "Objective-C++", "Octave", "PHP",
        "Perl", "Pony", "PowerShell", "Prolog", "PureScript", "Python", "QML", "REBOL", "Racket", "ReasonML", "Ruby",
        "Rust", "SCSS", "Sass", "Scala", "Scheme", "Scilab", "Slim", "Smalltalk", "Smarty", "Solidity", "Standard ML",
        "Svelte", "Swift", "SystemVerilog", "Tcl", "TypeScript", "Twig", "VB.net", "Vala", "Zig", "Haml", "Pug",
    )},
    "Bash": "Shell", "CoffeeScript": "CoffeeScript", "EmacsLisp": "Emacs Lisp", "LessCss": "Less", "Delphi": "Pascal",
    "GAS": "Assembly", "NASM": "Assembly", "S": "R", "Perl6": "Raku", "VimL": "Vim script", "VB.net": "Visual Basic",
    "verilog": "Verilog", "vhdl": "VHDL", "Rocq Prover": "Rocq", "Matlab": "MATLAB",
    "ColdFusion HTML": "ColdFusion", "ColdFusion CFC": "ColdFusion", "FreeMarker": "FreeMarker", "RHTML": "ERB",
    "FortranFixed": "Fortran", "Java Server Page": "JSP", "Velocity": "Velocity", "Lean": "Lean", "Lean4": "Lean",
}  # fmt: skip
# Endings that Pygments lacks, gives to rare languages, or gives to several. Those that cannot be distinguished by a
# name alone are None, or are decided in `_by_neighbours`.
_OWN_ENDINGS: dict[str, str | None] = {
    "as": "ActionScript", "b": None, "c": "C", "di": None, "e": None, "es": None, "fun": None, "geo": None, "idc": None,
    "rbx": None, "sig": None, "ss": None, "st": None, "bas": "Visual Basic", "cl": None, "cls": None, "cp": None,
    "cjs": "JavaScript",
    "cts": "TypeScript", "def": None, "ecl": None, "ejs": "EJS", "erb": "ERB", "fs": "F#", "ftl": None, "g": None,
    "gd": "GDScript", "h": None, "haml": "Haml", "hbs": "Handlebars", "heex": "HEEx", "hh": "C++", "htm": "HTML",
    "inc": None, "jsx": "JavaScript", "j": None, "lean": "Lean", "leex": "HEEx", "m": None, "mac": None,
    "mi": None, "mjs": "JavaScript", "mm": "Objective-C++", "mts": "TypeScript", "mustache": "Mustache", "n": None,
    "p": None, "php": "PHP", "pl": "Perl", "pm": "Perl", "pro": None, "pxd": "Cython", "pyx": "Cython", "r": "R",
    "rhtml": "ERB", "s": "Assembly", "sage": "Python", "sc": None, "slim": "Slim", "sql": None, "svelte": "Svelte",
    "t": None, "tpl": None, "ts": "TypeScript", "tsx": "TypeScript", "twig": "Twig", "u": None, "v": None,
    "vue": "Vue", "xsl": None, "xslt": None, "zcml": None, "phtml": "PHP", "ctp": "PHP", "module": None, "cfg": None,
    "txt": None, "ipynb": None, "html": "HTML", "xhtml": "HTML", "asm": "Assembly", "jsp": "JSP", "sh": "Shell",
}  # fmt: skip
_BY_FILE_NAME = {"Rakefile": "Ruby", "Gemfile": "Ruby", "Dockerfile": "Dockerfile", "Containerfile": "Dockerfile",
          "Makefile": "Makefile", "GNUmakefile": "Makefile", "CMakeLists.txt": "CMake", "Vagrantfile": "Ruby",
          "Podfile": "Ruby", "Fastfile": "Ruby", "Jenkinsfile": "Groovy"}  # fmt: skip
# Languages of layout and of builds are not named as those in which a project is written.
_MINOR = {"CSS", "SCSS", "Sass", "Less", "HTML", "Twig", "Smarty", "ERB", "EJS", "Haml", "Slim", "Pug", "Handlebars",
           "Mustache", "HEEx", "FreeMarker", "Velocity", "JSP", "Dockerfile", "Makefile", "CMake", "Nix",
           "Batchfile", "Shell", "GLSL", "QML"}  # fmt: skip
_LANGUAGE_AT_END = re.compile(r"[_-][a-z]{2,3}(?:[_-](?:[A-Z]{2}|[A-Z][a-z]{3}|plurals))?$")
_SOURCE_ENDINGS = {"c": "C", "cc": "C++", "cpp": "C++", "cxx": "C++", "m": "Objective-C", "mm": "Objective-C++"}


def observe_code(tree: Tree) -> list[ObservedFact]:
    """One fact `code`, and the languages with TOLD_PERCENT or more of it as `programming_languages`."""
    if not tree.files:
        return []
    sizes, files = _count_languages(tree)
    code_bytes = sum(sizes.values())
    found = sorted(sizes, key=lambda name: (-sizes[name], name))
    languages = [
        {
            "name": name,
            "percent": round(100 * sizes[name] / code_bytes, 1) if code_bytes else 0.0,
            "size_bytes": sizes[name],
            "files": files[name],
        }
        for name in found[:MAX_LANGUAGES]
    ]
    all_bytes = sum(file.size_bytes for file in tree.files.values())
    code = {"languages": languages, "files": len(tree.files), "size_bytes": all_bytes, "whole": tree.whole}
    written = [name for name in found if name not in _MINOR]
    written_bytes = sum(sizes[name] for name in written)
    main_languages = [name for name in written if 100 * sizes[name] >= TOLD_PERCENT * written_bytes > 0]
    return [
        ObservedFact("code", code),
        *([ObservedFact("programming_languages", main_languages)] if main_languages else []),
    ]


def _count_languages(tree: Tree) -> tuple[Counter[str], Counter[str]]:
    """Bytes and files by language."""
    sizes, files, endings = Counter[str](), Counter[str](), Counter[str]()
    unsure: dict[str, list[int]] = {}
    words, fonts = dict[str, bool](), dict[str, bool]()
    for path, folder, name in own_files(tree):
        language, ending = _language(name)
        endings[ending] += 1
        if language is None and ending not in _AMBIGUOUS:
            continue
        size_bytes = tree.files[path].size_bytes
        if size_bytes > MAX_CODE_FILE_BYTES or (ending in _PERHAPS_GENERATED and is_generated(name)):
            continue
        if ending in ("js", "css") and f"{path[: -len(ending)]}min.{ending}" in tree:
            continue  # a library: its minified version is there too
        if folder not in words:
            words[folder] = is_translation_folder(folder)
            fonts[folder] = is_font_folder(folder)
        if (words[folder] and language not in _MINOR) or (fonts[folder] and ending == "css"):
            continue
        if language is not None:
            sizes[language] += size_bytes
            files[language] += 1
        else:
            unsure.setdefault(ending, []).append(size_bytes)
    for ending, ambiguous_sizes in unsure.items():
        language = _by_neighbours(ending, endings)
        if language is not None:
            sizes[language] += sum(ambiguous_sizes)
            files[language] += len(ambiguous_sizes)
    return sizes, files


_PERHAPS_GENERATED = {"", "js", "mjs", "css", "go", "cc", "h", "dart", "cs", "ts", "py"}
_AMBIGUOUS = {"h", "m", "ts", "inc", "tpl", "module", "v", "t"}


def _language(name: str) -> tuple[str | None, str]:
    """The language by a file's name, and its ending in lower case ("" without one)."""
    if name in _BY_FILE_NAME:
        return _BY_FILE_NAME[name], ""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 12:
        return None, ""
    ending = ending.lower()
    if ending in _AMBIGUOUS and not (ending == "ts" and not _is_qt(stem)):
        return None, ending
    return _languages_by_ending().get(ending), ending


def _is_qt(stem: str) -> bool:
    """Whether a `.ts` file's name ends with what may be a language, as Qt's translations do."""
    return bool(_LANGUAGE_AT_END.search(stem))


def _by_neighbours(ending: str, endings: Mapping[str, int]) -> str | None:
    """The language of an ending that several share, by the other files of the repository."""
    match ending:
        case "h":
            by_language = Counter[str]()
            for source_ending, language in _SOURCE_ENDINGS.items():
                by_language[language] += endings.get(source_ending, 0)
            return max(by_language, key=lambda name: by_language[name]) if by_language.total() else "C"
        case "m":
            if any(endings.get(neighbour) for neighbour in ("h", "mm", "swift", "pbxproj", "xib", "storyboard")):
                return "Objective-C"
            return "MATLAB" if any(endings.get(neighbour) for neighbour in ("mat", "mlx", "slx")) else None
        case "ts":
            qt = any(endings.get(neighbour) for neighbour in ("pro", "ui", "qrc", "qml"))
            return None if qt else "TypeScript"
        case "inc" | "module":
            return "PHP" if endings.get("php") or endings.get("info") else None
        case "tpl":
            return "Smarty" if endings.get("php") else None
        case "v":
            return "Verilog" if endings.get("sv") or endings.get("vh") else None
        case _:
            return "Perl" if endings.get("pm") else None


@cache
def _languages_by_ending() -> Mapping[str, str | None]:
    """Ending in lower case -> language: those of Pygments that only one kind of code has, then ours."""
    found: dict[str, set[str | None]] = {}
    for name, _, patterns, _ in get_all_lexers(plugins=False):
        for pattern in patterns:
            ending = pattern.removeprefix("*.").lower()
            if pattern.startswith("*.") and ending.replace("+", "").isalnum():
                found.setdefault(ending, set()).add(_PYGMENTS_NAMES.get(name))
    alone = {ending: next(iter(languages)) for ending, languages in found.items() if len(languages) == 1}
    return {**alone, **_OWN_ENDINGS}
