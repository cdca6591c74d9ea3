"""How a project can be installed, and on what it works, by its files for packages and containers. Terms of the
vocabularies `install` and `platform`.

A name alone decides where nothing else is called so; else a few words of the content decide. Files for the work of
developers (Dockerfile.dev, shell.nix) do not count.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from catalog.vocabulary import vocabulary
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.path_classes import own_files
from forge.observe.core.tree import Tree
from forge.observe.manifests import read_manifests

OBSERVER = "installs 2"
MAX_READ_FILES = 60
MAX_READ_BYTES = 1 << 20  # of a file in which words are looked for: Xcode's projects are long

_DEEPEST = 3  # folders above a file that counts for the whole project
_DEEP = ("full_description.txt", "AndroidManifest.xml")  # lie deeper by the rules of their tools
_FOR_WORK = re.compile(r"(?:^|/)(?:\.devcontainer|\.github|\.gitlab|\.circleci|\.ci|ci|dev|develop(?:ment)?)/", re.I)
# What a way to install it shows to be a platform, where the two are not called the same.
PLATFORM_OF: Mapping[str, str] = {
    **dict.fromkeys(("docker", "docker-compose", "helm", "coop-cloud"), "container"),
    **dict.fromkeys(("flatpak", "snap", "appimage", "debian", "rpm", "arch"), "linux"),
    **dict.fromkeys(("wordpress-plugin", "wordpress-theme", "drupal-module", "moodle-plugin"), "web"),
    **dict.fromkeys(("nextcloud-app", "dolibarr-module", "odoo-module"), "web"),
}
# The whole path, in lower case -> term.
_BY_PATH = (
    ("docker", re.compile(r"(?:.*/)?(?:dockerfile|containerfile)(?:\.(?:prod|production|alpine|release))?"
                          r"|(?:.*/)?(?!dev|test)[\w-]{1,40}\.dockerfile")),
    ("docker-compose", re.compile(r"(?:.*/)?(?:docker-)?compose(?:[.-](?:prod|production))?\.ya?ml")),
    ("helm", re.compile(r"(?:.*/)?chart\.yaml")),
    ("coop-cloud", re.compile(r"abra\.sh")),
    ("cloudron", re.compile(r"(?:.*/)?cloudronmanifest\.json")),
    ("ansible", re.compile(r"(?:(?:.*/)?roles/[^/]+/|ansible/)?tasks/main\.ya?ml")),
    ("debian", re.compile(r"(?:[^/]+/)?debian/control")),
    ("arch", re.compile(r"(?:.*/)?pkgbuild")),
    ("guix", re.compile(r"guix\.scm|\.guix/modules/.*\.scm")),
    ("snap", re.compile(r"(?:snap/)?(?:local/)?\.?snapcraft\.yaml")),
    ("appimage", re.compile(r"(?:.*/)?appimagebuilder\.ya?ml|.*\.appdir/.*|(?:.*/)?appimage\.(?:sh|ya?ml)")),
    ("windows", re.compile(r"(?:.*/)?[^/]+\.(?:iss|nsi|wxs)")),
    ("homebrew", re.compile(r"formula/[^/]+\.rb")),
    ("android", re.compile(r"(?:fastlane/)?metadata/(?:android/)?[a-z]{2,3}(?:-[a-z0-9]+)?/full_description\.txt"
                           r"|(?:.*/)?fastlane/metadata/android/.*")),
    ("conda", re.compile(r"(?:conda|conda[.-]recipe|recipe)/meta\.yaml")),
    ("nextcloud-app", re.compile(r"appinfo/info\.xml")),
    ("dolibarr-module", re.compile(r"(?:[^/]+/)?core/modules/mod[a-z]\w+\.class\.php")),
    ("odoo-module", re.compile(r"(?:[^/]+/){0,2}__(?:manifest|openerp)__\.py")),
)  # fmt: skip
# The path, in lower case, and words that the content must hold -> term.
_BY_CONTENT = (
    ("yunohost", re.compile(r"manifest\.(?:toml|json)"), rb"packaging_format"),
    ("rpm", re.compile(r"(?:.*/)?[^/]+\.spec(?:\.in)?"), rb"(?m)^Name:[^\0]*^%(?:install|files)"),
    ("nix", re.compile(r"(?:nix/)?(?:flake|default|package)\.nix"), rb"mkDerivation|build\w{1,20}|nixosModules"),
    ("flatpak", re.compile(r"(?:.*/)?(?:[a-z]+\.){2,}[\w-]+\.(?:json|ya?ml)"), rb"org\.\w{3,12}\.(?:Platform|Sdk)\b"),
    ("android", re.compile(r"(?:.*/)?build\.gradle(?:\.kts)?"), rb"com\.android\.application|android\.application"),
    ("android", re.compile(r".*/androidmanifest\.xml"), rb"android\.intent\.category\.LAUNCHER"),
    ("ios", re.compile(r"(?:.*/)?[^/]+\.xcodeproj/project\.pbxproj"), rb"IPHONEOS_DEPLOYMENT_TARGET|iphoneos"),
    ("ios", re.compile(r"(?:.*/)?info\.plist"), rb"<key>LSRequiresIPhoneOS</key>"),
    ("macos", re.compile(r"(?:.*/)?info\.plist"), rb"<key>LSMinimumSystemVersion</key>"),
    ("macos", re.compile(r"(?:.*/)?[^/]+\.xcodeproj/project\.pbxproj"), rb"SDKROOT = macosx"),
    ("macos", re.compile(r"(?:.*/)?electron-builder\.ya?ml"), rb"(?m)^mac:"),
    ("windows", re.compile(r"(?:.*/)?electron-builder\.ya?ml"), rb"(?m)^(?:win|nsis):"),
    ("linux", re.compile(r"(?:.*/)?electron-builder\.ya?ml"), rb"(?m)^linux:"),
    ("browser-extension", re.compile(r"(?:[^/]+/){0,2}manifest\.json"), rb"\"manifest_version\"\s*:\s*[23]"),
    ("wordpress-plugin", re.compile(r"[^/]+\.php"), rb"(?m)^[ \t/*#@]*Plugin Name:"),
    ("wordpress-theme", re.compile(r"style\.css"), rb"(?m)^[ \t/*]*Theme Name:"),
    ("drupal-module", re.compile(r"[^/]+\.info\.yml"), rb"(?m)^type:\s*['\"]?(?:module|theme|profile)"),
    ("moodle-plugin", re.compile(r"version\.php"), rb"\$plugin->component"),
)  # fmt: skip


def observe_installs(tree: Tree) -> list[ObservedFact]:
    """`installs` and `platforms`, each once, the terms in the vocabulary's order."""
    install_terms = {
        term for path, manifest in read_manifests(tree) if "/" not in path for term in manifest.get("installs", ())
    }
    if "go" in install_terms and not any(path == "main.go" or path.startswith("cmd/") for path in tree):
        install_terms.discard("go")  # a library, which nobody installs
    install_terms |= set(_terms_by_files(tree))
    platforms = {PLATFORM_OF.get(term, term) for term in install_terms}
    fields = (("installs", "install", install_terms), ("platforms", "platform", platforms))
    found = ((field, [term for term in vocabulary(name).terms if term in known]) for field, name, known in fields)
    return [ObservedFact(field, terms) for field, terms in found if terms]


def _terms_by_files(tree: Tree) -> Iterator[str]:
    terms: set[str] = set()
    reads_left = MAX_READ_FILES
    for path, _, name in own_files(tree):
        lower = path.lower()
        if len(path) > 300 or (path.count("/") > _DEEPEST and not name.endswith(_DEEP)) or _FOR_WORK.search(lower):
            continue
        for term, pattern in _BY_PATH:
            if term not in terms and pattern.fullmatch(lower):
                terms.add(term)
        for term, pattern, words in _BY_CONTENT:
            if term in terms or reads_left == 0 or not pattern.fullmatch(lower):
                continue
            reads_left -= 1
            if tree.read_cached(f"{OBSERVER} {term}", path, _contains(words), MAX_READ_BYTES):
                terms.add(term)
    yield from terms


def _contains(words: bytes) -> Callable[[str, bytes], bool]:
    return lambda _, data: bool(re.search(words, data))
