"""In which programming languages a repository is written, and how large it is, by names and sizes of files alone.

Others' code, documentation, tests and generated files are left out, as linguist does
(https://github.com/github-linguist/linguist/blob/main/docs/how-linguist-works.md). No file is read: 10,000 names take
some 10 ms (November 2026). Where an ending is ambiguous, the other files of the repository decide, or it is left out.
"""

from collections import Counter

from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.path_classes import is_font_folder, is_generated, is_translation_folder, own_files
from forge.observe.core.tree import Tree
from forge.observe.translations.tags import language_tag

MAX_LANGUAGES = 20
MAX_CODE_FILE_BYTES = 1 << 20  # a larger one holds data or was made by a program
TOLD_PERCENT = 5  # from this share on a language is named as one in which the project is written

# Languages with the endings of their files. Formats of data and of prose are no code.
_WRITTEN = {
    "Assembly": "asm nasm s", "C": "c", "C#": "cs", "C++": "cc cpp cxx hh hpp hxx", "Clojure": "clj cljc cljs",
    "COBOL": "cbl cob", "CoffeeScript": "coffee", "Common Lisp": "lisp", "Crystal": "cr", "Cython": "pxd pyx",
    "Dart": "dart", "Elixir": "ex exs", "Elm": "elm", "Emacs Lisp": "el", "Erlang": "erl hrl", "F#": "fs fsi fsx",
    "Fortran": "f f90 f95", "GDScript": "gd", "Go": "go", "Groovy": "gradle groovy", "Haskell": "hs lhs",
    "Java": "java", "JavaScript": "cjs js jsx mjs", "Julia": "jl", "Kotlin": "kt kts", "Lua": "lua", "Nim": "nim",
    "Objective-C++": "mm", "OCaml": "ml mli", "Pascal": "dpr lpr pas", "Perl": "pl pm", "PHP": "ctp php phtml",
    "PowerShell": "ps1 psm1", "PureScript": "purs", "Python": "py pyw sage", "R": "r", "Racket": "rkt",
    "Raku": "raku rakumod", "Ruby": "gemspec rake rb", "Rust": "rs", "Scala": "scala", "Scheme": "scm",
    "Solidity": "sol", "Svelte": "svelte", "Swift": "swift", "Tcl": "tcl", "TypeScript": "cts mts ts tsx",
    "Vala": "vala", "Visual Basic": "bas frm vb", "Vue": "vue", "Zig": "zig",
}  # fmt: skip
# Languages of layout and of builds are not named as those in which a project is written.
_LAYOUT = {
    "Batchfile": "bat cmd", "CMake": "cmake", "CSS": "css", "EJS": "ejs", "ERB": "erb rhtml", "FreeMarker": "ftlh",
    "GLSL": "frag glsl vert", "Haml": "haml", "Handlebars": "hbs", "HEEx": "heex leex", "HTML": "htm html xhtml",
    "JSP": "jsp", "Less": "less", "Mustache": "mustache", "Nix": "nix", "Pug": "jade pug", "QML": "qml",
    "Sass": "sass", "SCSS": "scss", "Shell": "bash fish sh zsh", "Slim": "slim", "Smarty": "smarty", "Twig": "twig",
}  # fmt: skip
_BY_ENDING = {ending: name for name, endings in (_WRITTEN | _LAYOUT).items() for ending in endings.split()}
_AMBIGUOUS = frozenset(("h", "inc", "m", "module", "tpl"))


def observe_code(tree: Tree) -> list[ObservedFact]:
    """One fact `code`, and the languages with TOLD_PERCENT or more of it as `programming_languages`."""
    if not tree.files:
        return []
    sizes, files = _count_languages(tree)
    code_bytes = sum(sizes.values())
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    languages = [
        {
            "name": name,
            "percent": round(100 * sizes[name] / code_bytes, 1) if code_bytes else 0.0,
            "size_bytes": sizes[name],
            "files": files[name],
        }
        for name in names[:MAX_LANGUAGES]
    ]
    all_bytes = sum(file.size_bytes for file in tree.files.values())
    code = {"languages": languages, "files": len(tree.files), "size_bytes": all_bytes, "whole": tree.whole}
    written = [name for name in names if name not in _LAYOUT]
    written_bytes = sum(sizes[name] for name in written)
    main_languages = [name for name in written if 100 * sizes[name] >= TOLD_PERCENT * written_bytes > 0]
    return [
        ObservedFact("code", code),
        *([ObservedFact("programming_languages", main_languages)] if main_languages else []),
    ]


def _count_languages(tree: Tree) -> tuple[Counter[str], Counter[str]]:
    """Bytes and files by language."""
    sizes, files, endings = Counter[str](), Counter[str](), Counter[str]()
    ambiguous: dict[str, list[int]] = {}
    for path, folder, name in own_files(tree):
        stem, _, ending = name.rpartition(".")
        ending = ending.lower() if stem else ""
        endings[ending] += 1
        language = _BY_ENDING.get(ending)
        if language is None and ending not in _AMBIGUOUS:
            continue
        size_bytes = tree.files[path].size_bytes
        if size_bytes > MAX_CODE_FILE_BYTES or is_generated(name):
            continue
        if ending in ("js", "css") and f"{path[: -len(ending)]}min.{ending}" in tree:
            continue  # a library: its minified version is there too
        if (is_translation_folder(folder) and language not in _LAYOUT) or (is_font_folder(folder) and ending == "css"):
            continue
        if language is None or (ending == "ts" and language_tag(stem.rpartition("_")[2])):  # as Qt calls translations
            ambiguous.setdefault(ending, []).append(size_bytes)
        else:
            sizes[language] += size_bytes
            files[language] += 1
    for ending, ambiguous_sizes in ambiguous.items():
        if language := _by_neighbours(ending, endings):
            sizes[language] += sum(ambiguous_sizes)
            files[language] += len(ambiguous_sizes)
    return sizes, files


def _by_neighbours(ending: str, endings: Counter[str]) -> str | None:
    """The language of an ending that several share, by the other files of the repository."""

    def beside(*others: str) -> bool:
        return any(endings[other] for other in others)

    match ending:
        case "h":
            return "C++" if beside("cc", "cpp", "cxx") else "Objective-C" if beside("m", "mm") else "C"
        case "m":
            return "Objective-C" if beside("h", "mm", "swift") else None
        case "ts":
            return None if beside("pro", "qrc", "ui") else "TypeScript"
        case "tpl":
            return "Smarty" if beside("php") else None
        case _:
            return "PHP" if beside("php", "info") else None
