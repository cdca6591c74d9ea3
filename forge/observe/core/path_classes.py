"""What a path shows about a file before it is read: the project's own, documentation, a test, or made by a program.

By names only, as https://github.com/github-linguist/linguist/tree/main/lib/linguist (vendor.yml, documentation.yml)
does; a file whose name shows nothing else is the project's own.
"""

import re
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from forge.observe.core.tree import Tree

_OTHERS = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|jspm_packages|vendors?|_vendor|third[-_]?party|3rd[-_]?party|externals?"
    r"|ext_libs?|thirdparties|godeps|deps|dist|pods|carthage|\.yarn|\.venv|venv|site-packages|\.bundle|\.gradle"
    r"|gradle/wrapper|build/intermediates|\.git|\.svn|\.idea|\.vscode|\.terraform|cache|tiny_?mce|ckeditor|bootstrap|jquery|fontawesome"
    r"|font-awesome|leaflet|codemirror|mathjax|waf"
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
_DOCUMENTS = re.compile(r"(?:^|/)(?:docs?|documentation|manuals?)/", re.IGNORECASE)
_OF_TEXTS = re.compile(r"(?:^|/)(?:licen[cs]es?|licencias|licenças|legal)/[^/]*$", re.IGNORECASE)
_TEXT = re.compile(r"(?:^|/)(?:[^/.]*|[^/]*\.(?:md|txt|rst|adoc|html?|pdf|png|jpe?g|svg|webp|\d))$", re.IGNORECASE)


def covers_program(tree: Tree, path: str) -> bool:
    """Whether the license file at `path`, below the top, may cover a part of the program.

    A license of documentation or typefaces does not, nor one in a folder that is called "licenses" and holds only
    texts.
    """
    if _FONTS.search(path) or _DOCUMENTS.search(path):
        return False
    folder = path[: path.rfind("/") + 1]
    return not _OF_TEXTS.search(path) or not all(
        _TEXT.search(other_path) for other_path in tree if other_path.startswith(folder)
    )


def is_font_folder(folder: str) -> bool:
    """Whether a folder, "" or "a/b/", holds typefaces; programs generate the style sheets that name them."""
    return bool(_FONTS.search(folder))


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
    found = _OWN_BY_TREE.get(tree)
    if found is None:
        found = _OWN_BY_TREE[tree] = list(_own_files(tree))
    return found


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
