"""What a path shows about a file before it is read: the project's own, documentation, a test, or made by a program.

By names only, as https://github.com/github-linguist/linguist/tree/main/lib/linguist (vendor.yml, documentation.yml)
does; a file whose name shows nothing else is the project's own.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

from forge.observe.core.license_and_readme_names import license_name
from forge.observe.core.tree import Tree

_OTHERS = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|jspm_packages|vendors?|_vendor|third[-_]?party|3rd[-_]?party|externals?"
    r"|ext_libs?|thirdparties|godeps|deps|dist|pods|carthage|\.yarn|\.venv|venv|site-packages|\.bundle|\.gradle"
    r"|gradle/wrapper|build/intermediates|\.git|\.svn|\.idea|\.vscode|\.terraform|cache|tiny_?mce|ckeditor|bootstrap|jquery|fontawesome"
    r"|font-awesome|leaflet|codemirror|mathjax|waf|titan-framework|system/language"  # the latter is CodeIgniter's
    r"|packages/[^/]{1,100}\.\d{1,5}\.\d{1,5}[^/]{0,40})/",  # packages/NUnit.2.6.4/ is NuGet's
    re.IGNORECASE,
)
_DOCUMENTATION = re.compile(
    r"(?:^|/)(?:docs?|documentation|documentacion|manuals?|man|javadoc|groff|wiki|website|static/description|examples?|demos?|samples?)/",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|fixtures?|testdata|test-?data|e2e|cypress|testing|androidtest|stories"
    r"|__mocks__|mocks?)/",
    re.IGNORECASE,
)
_NOT_OWN = re.compile(f"{_OTHERS.pattern}|{_DOCUMENTATION.pattern}|{_TESTS.pattern}")
_GENERATED = re.compile(
    r"[.-]min\.(?:js|css|mjs)$|\.bundle\.js$|\.(?:pb\.go|pb\.cc|pb\.h|g\.dart|freezed\.dart|designer\.cs|generated\.ts)$"
    r"|_pb2(?:_grpc)?\.py$|\.[0-9a-f]{8,}\.(?:js|css)$|-[0-9a-f]{16,}\.(?:js|css)$|^jquery\..*\.js$|^(?:configure|config\.(?:guess|sub)|ltmain\.sh|gradlew|mvnw)$"
    r"|^(?:jquery|bootstrap|prototype|angular|react|vue|d3|leaflet|moment|underscore|ember|modernizr|tinymce|ckeditor"
    r"|html5shiv|respond)[.\d_-]*(?:[.-](?:ui|slim|core|custom|all|full|src|pack))*[.\d_-]*\.(?:js|css)$",
    re.IGNORECASE,
)

_TRANSLATIONS = re.compile(
    r"(?:^|/)(?:_?locales?|i18n|l10n|langs?|languages?|translations?|nls|intl|lproj)/(?:[^/]+/){0,2}$", re.IGNORECASE
)

_FONTS = re.compile(r"(?:^|/)(?:(?:web-?)?fonts?|typefaces?)/", re.IGNORECASE)
# Beside pictures and typefaces lie their style sheets and the page that shows them all.
_SHOWS_PICTURES = re.compile(r"\.(?:css|html?)$", re.IGNORECASE)
_DOCUMENTS = re.compile(r"(?:^|/)(?:docs?|documentation|manuals?)/", re.IGNORECASE)
_OF_TEXTS = re.compile(r"(?:^|/)(?:licen[cs]es?|licencias|licenças|legal)/[^/]*$", re.IGNORECASE)
# Texts, pictures, sounds, typefaces and tables.
_NO_PROGRAM = re.compile(
    r"\.(?:md|txt|rst|adoc|pdf|png|jpe?g|svg|gif|webp|ico|bmp|tiff?|eps|psd|xcf|mp[34]|og[gv]|wav|webm|flac|woff2?|ttf|otf|eot"
    r"|afm|ufm|pfb|ctg|z|json|csv|\d)$|(?:^|/)readme[^/.]*$",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"(?:py|[cm]?[jt]sx?|php|rb|go|java|kts?|rs|[ch]|cc|cpp|cxx|hpp|hh|cs|swift|dart|lua|pl|pm|sh|vue|svelte|scala|exs?"
    r"|erl|hs|ml|r|jl|vala|nim|zig|sql|s?css|less|twig|xml|html?)",
    re.IGNORECASE,
)


def covers_program(tree: Tree, path: str) -> bool:
    """Whether the license file at `path`, below the top, may cover a part of the program.

    One of documentation or typefaces does not, nor one among texts, pictures, sounds or tables alone.
    """
    if _FONTS.search(path) or _DOCUMENTS.search(path):
        return False
    beside = _files_beside(tree, path)
    return not all(_NO_PROGRAM.search(other) for other in beside) if beside else not _OF_TEXTS.search(path)


def _files_beside(tree: Tree, path: str) -> list[str]:
    folder = path[: path.rfind("/") + 1]
    return [other for other in tree if other.startswith(folder) and license_name(other) is None]


@lru_cache(10_000)
def _is_source_ending(ending: str) -> bool:
    return bool(_SOURCE.fullmatch(ending))


def is_source(path: str) -> bool:
    """Whether a file is one of code, by the ending of its name."""
    stem, _, ending = path[path.rfind("/") + 1 :].rpartition(".")
    return bool(stem) and len(ending) < 10 and _is_source_ending(ending)


def is_font_folder(folder: str) -> bool:
    """Whether a folder, "" or "a/b/", holds typefaces; programs generate the style sheets that name them."""
    return bool(_FONTS.search(folder))


def lies_with_pictures(tree: Tree, path: str) -> bool:
    """Whether the license file at `path`, below the top, lies among pictures, typefaces, texts and what shows them."""
    beside = _files_beside(tree, path)
    return bool(beside) and all(_NO_PROGRAM.search(other) or _SHOWS_PICTURES.search(other) for other in beside)


def is_third_party(path: str) -> bool:
    """Whether the folder's name says that others wrote it: `vendor/`, `node_modules/`."""
    return bool(_OTHERS.search(path))


def is_test(path: str) -> bool:
    """Whether the file stands in a folder of tests."""
    return bool(_TESTS.search(path))


def is_translation_folder(folder: str) -> bool:
    """Whether a folder, "" or "a/b/", holds translations."""
    return bool(_TRANSLATIONS.search(folder))


def is_generated(name: str) -> bool:
    """Whether the file's name, without its folder, says that a program wrote it or that it is a well-known library."""
    return bool(_GENERATED.search(name))


def own_files(tree: Tree) -> list[tuple[str, str, str]]:
    """Each file that is neither others', documentation nor test, as path, folder ("" or "a/b/") and name.

    Several observers need it of the same tree: the answer is kept for each tree.
    """
    files = _OWN_BY_TREE.get(tree)
    if files is None:
        files = _OWN_BY_TREE[tree] = list(_own_files(tree))
    return files


_OWN_BY_TREE: WeakKeyDictionary[Tree, list[tuple[str, str, str]]] = WeakKeyDictionary()


def _own_files(paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    judged: dict[str, bool] = {}  # a folder's name is judged once: most hold many files
    for path in paths:
        folder, slash, name = path.rpartition("/")
        folder += slash
        is_own = judged.get(folder)
        if is_own is None:
            is_own = judged[folder] = not _NOT_OWN.search(folder.lower())
        if is_own:
            yield path, folder, name
