"""Which files of a repository show its screens and its logo: those that are named so, then those in its README, and a
likely logo.

Nothing is decoded. Only paths in the repository count; what a README loads from elsewhere is never fetched.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from html import unescape
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from catalog.rules.record_values.screenshot import NO_PICTURE, NOT_THERE
from forge.observe.core.tree import Tree

CANDIDATES = 12  # some of which turn out not to be a picture
README_BYTES = 64 * 1024
ALT_CHARACTERS = 200
LOGOS = 4  # that are tried
LOGO_FOLDERS = 4  # above a likely logo
_LOGO_ENDING = re.compile(r"\.(?:svg|png|jpe?g|gif|webp)$", re.IGNORECASE)
# What comes with a start of React or Vue, and Alaveteli's place for its operator's, by the file's id.
_OF_TEMPLATES = {
    *("6b60c1042f58d9fabb75485aa3624dddcf633b5c", "2e5df0d3ab2f27a7062e561a3a2f81a9e90f74b5"),
    *("7565660356e5b3723c9c33d508b830c9cfbea29f", "bc826fed80ad0c846e5ca25978776f555f4a2370"),
    *("f3d2503fc2a44b5053b0837ebea6e87a2d339a43", "6f8681ac541916efb9b7b50882552a35b3e5793b"),
}
# Folders with what is others', of an example or of a theme.
_NOT_OWN_LOGO = re.compile(
    r"(?:^|/)(?:node_modules|vendors?|third[-_]?party|externals?|libs?|examples?|demos?|samples?|tests?|fixtures?|specs?"
    r"|themes?|plugins?|modules|partners?|sponsors?|templates?)/",
    re.IGNORECASE,
)
# What stands before the usual folders of pictures: "" where they are the project's own, else the folder of a module.
_MODULE = re.compile(
    r"(.*?)(?:(?:\.github|docs?|assets?|static(?:_extras)?|public|images?|img|media|src|main|web|www|webapp|apps?|client"
    r"|frontend|front|resources?|branding|art|logos?|icons?|graphics|ui)/)*[^/]+$",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.(?:png|jpe?g|gif|webp)$", re.IGNORECASE)
# What a README shows besides screens. https://docs.github.com/en/actions/how-tos/monitor-workflows/add-a-status-badge
_DECORATION = re.compile(
    r"(?:^|[^a-z])(?:logo|badge|icon|favicon|banner|avatar|sponsor|shield)s?(?![a-z])", re.IGNORECASE
)
_MARKDOWN = re.compile(r"!\[([^\]\n]{0,300})\]\([ \t]{0,4}<?([^\s)<>]{1,400})")
_SMALL = re.compile(
    r"\s(?:height|width)\s{0,4}=\s{0,4}[\"']?\d{1,2}(?:px)?[\"'\s/>]", re.IGNORECASE
)  # a flag, a button
_TAG = re.compile(r"<img\b[^<>]{0,1000}>", re.IGNORECASE)
_SOURCE = re.compile(r"""\ssrc\s{0,4}=\s{0,4}["']([^"'\n]{1,400})["']""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s{0,4}=\s{0,4}(?:"([^"]{0,300})"|'([^']{0,300})')""", re.IGNORECASE)
# What leads to another site shows its owner, as sponsors have it; a screen leads to itself or nowhere.
_ADVERTISING = re.compile(
    r"<a\b[^<>]{0,300}\bhref\s{0,4}=\s{0,4}[\"']https?://(?![^\"'<>]{1,400}\.(?:png|jpe?g|gif|webp)[\"'?#])[^<>]{1,500}>"
    r"\s{0,20}<img\b[^<>]{0,1000}>"
    r"|\[!\[[^\]\n]{0,300}\]\([^()\n]{1,400}\)\]\(https?://(?![^()\s]{1,400}\.(?:png|jpe?g|gif|webp)\))[^()\s]{1,400}\)",
    re.IGNORECASE,
)
_RST = re.compile(
    r"^[ \t]{0,20}\.\.[ ](?:\|[^|\n]{1,100}\|[ ])?(?:image|figure)::[ \t]{1,8}(\S{1,400})[ \t]{0,8}$"
    r"((?:\n[ \t]{1,20}:[^\n]{1,300}){0,10})",
    re.MULTILINE,
)
_RST_ALT = re.compile(r":alt:[ \t]{1,8}([^\n]{1,300})")


class ScreenshotFile(NamedTuple):
    """A file that may show a screen; `alt` are the README's words for it, "" where it has none."""

    path: str
    oid: str
    alt: str


def screenshot_files(tree: Tree, stated_paths: Iterable[str], readme: str | None) -> list[ScreenshotFile]:
    """At most CANDIDATES files, those `paths` first; `readme` is a path at the top.

    >>> from forge.observe.core.tree import tree_of
    >>> tree = tree_of({"README.md": b"![Members](docs/a.png) ![](logo.png)", "docs/a.png": b"", "logo.png": b""})
    >>> [(shot.path, shot.alt) for shot in screenshot_files(tree, (), "README.md")]
    [('docs/a.png', 'Members')]
    """
    data = tree.read(readme) if readme else None
    readme_pictures = list(_readme_pictures(data[:README_BYTES].decode("utf-8", "replace"))) if data else []
    alts = {path: alt for path, alt in reversed(readme_pictures) if alt}
    paths = [
        *(path for written in stated_paths if (path := _repository_path(written))),
        *(path for path, _ in readme_pictures if not _decorates(path)),
    ]
    pictures = [path for path in dict.fromkeys(paths) if path in tree and _ENDING.search(path)]
    by_oid = {tree.files[path].oid: path for path in reversed(pictures)}  # one content is shown once
    distinct = [path for path in pictures if by_oid[tree.files[path].oid] == path]
    return [ScreenshotFile(path, tree.files[path].oid, alts.get(path, "")) for path in distinct[:CANDIDATES]]


def logo_files(tree: Tree, stated_paths: Iterable[str], repositories: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Path and object id of at most LOGOS files that may be the project's logo: those `stated_paths`, else likely ones,
    which are called a logo alone ("logo-partner.png" is somebody else's) or that of what addresses of the repository
    name. Where several modules have one, those below a module's folder are left out.

    >>> from forge.observe.core.tree import tree_of
    >>> tree = tree_of({"docs/logo.svg": b"", "vendor/x/logo.png": b"", "a/logo.png": b""})
    >>> [path for path, _ in logo_files(tree, ())]
    ['docs/logo.svg']
    >>> [path for path, _ in logo_files(tree_of({"ui/public/logo.svg": b"", "ui/src/logo.png": b"", "a.png": b""}), ())]
    ['ui/src/logo.png', 'ui/public/logo.svg']
    >>> logo_files(tree_of({"doc/my-Tool_logo.png": b"", "a/other-logo.png": b""}), (), ["https://x.org/a/my.tool.git"])
    [('doc/my-Tool_logo.png', '0000000000000000000000000000000000000000')]
    """
    parts = (part for url in repositories for part in url.removesuffix(".git").split("/")[-2:])
    stems = {"logo"} | {f"{_folded(part)}logo" for part in parts}
    paths = (path for written in stated_paths if (path := _repository_path(written)) and _LOGO_ENDING.search(path))
    paths_there = [path for path in dict.fromkeys(paths) if path in tree]
    likely = (
        [] if paths_there else sorted(_likely_logos(tree, stems), key=lambda path: (path.count("/"), len(path), path))
    )
    modules = {path: _MODULE.sub(r"\1", path) for path in likely}
    if len(set(modules.values())) > 1:
        likely = [path for path in likely if not modules[path]]
    return [(path, tree.files[path].oid) for path in [*paths_there, *likely][:LOGOS]]


def _likely_logos(tree: Tree, stems: Collection[str]) -> Iterator[str]:
    for path, file in tree.files.items():
        name = path[path.rfind("/") + 1 :]
        is_logo = _LOGO_ENDING.search(name) and _folded(name.rpartition(".")[0]) in stems
        is_own = file.oid not in _OF_TEMPLATES and not _NOT_OWN_LOGO.search(path)
        if is_logo and is_own and path.count("/") <= LOGO_FOLDERS:
            yield path


def _folded(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def absent(tree: Tree, stated_paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of the files `stated_paths`, as they are written, at most CANDIDATES that `screenshot_files` leaves out, and why.

    >>> from forge.observe.core.tree import tree_of
    >>> list(absent(tree_of({"README.md": b"", "a.png": b""}), ["a.png", "b.png", "README.md"]))
    [('b.png', 'not-there'), ('README.md', 'no-picture')]
    """
    for written in islice(dict.fromkeys(stated_paths), CANDIDATES):
        path = _repository_path(written)
        if path is None or path not in tree:
            yield written, NOT_THERE
        elif not _ENDING.search(path):
            yield written, NO_PICTURE


def _readme_pictures(text: str) -> Iterator[tuple[str, str]]:
    """Path and words of each picture of the repository, in the order of the text."""
    text = _ADVERTISING.sub("", text)
    pictures: list[tuple[int, str, str]] = [(match.start(), match[2], match[1]) for match in _MARKDOWN.finditer(text)]
    for tag in _TAG.finditer(text):
        if (source := _SOURCE.search(tag[0])) and not _SMALL.search(tag[0]):
            alt = _ALT.search(tag[0])
            pictures.append((tag.start(), unescape(source[1]), unescape((alt[1] or alt[2] or "") if alt else "")))
    for match in _RST.finditer(text):
        alt = _RST_ALT.search(match[2])
        pictures.append((match.start(), match[1], alt[1] if alt else ""))
    for _, written, words in sorted(pictures):
        if path := _repository_path(written):
            yield path, "" if _ENDING.search(words) else " ".join(words.split())[:ALT_CHARACTERS]


def _repository_path(written: str) -> str | None:
    """The path in the repository, None where it leads out of it."""
    if "://" in written or written.startswith(("//", "data:", "#")):
        return None
    path = posixpath.normpath(unquote(re.split(r"[?#]", written, maxsplit=1)[0]).lstrip("/"))
    return None if path in (".", "..") or path.startswith("../") or "\0" in path else path


def _decorates(path: str) -> bool:
    return bool(_DECORATION.search(path.rpartition("/")[2]))
