"""The files by which a project states how it works: contributing, conduct, security, money, maintainers.

That a file exists is recorded, with its path. Names of people in it are not read; of FUNDING only what is certainly a
project's or an organization's (`forge.observe.metadata.funding`), of SECURITY only a web address for reports.
"""

import re
from collections.abc import Iterator

from forge.observe.bounded import Unreadable, yaml_of
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import web_address
from forge.observe.core.tree import Tree
from forge.observe.metadata import funding

OBSERVER = "policies 1"
MAX_POLICIES = 60

_FOLDERS = {"", "docs/", "doc/", ".github/", ".gitlab/", ".forgejo/", ".gitea/"}
_OF_HOSTS = {".github/", ".gitlab/", ".forgejo/", ".gitea/"}
_NAMES = {
    "contributing": "contributing", "contribute": "contributing", "hacking": "contributing",
    "contribuer": "contributing", "contribuir": "contributing",
    "codeofconduct": "code_of_conduct", "conduct": "code_of_conduct", "codedeconduite": "code_of_conduct",
    "codigodeconducta": "code_of_conduct", "codigodeconduta": "code_of_conduct",
    "security": "security", "securitypolicy": "security",
    "funding": "funding",
    "authors": "authors", "contributors": "authors", "credits": "authors",
    "maintainers": "maintainers", "owners": "codeowners", "codeowners": "codeowners",
    "accessibility": "accessibility", "accessibilitystatement": "accessibility", "accessibilite": "accessibility",
    "accesibilidad": "accessibility", "acessibilidade": "accessibility", "declarationaccessibilite": "accessibility",
    "declarationdaccessibilite": "accessibility", "a11y": "accessibility",
    "changelog": "changelog", "changes": "changelog", "history": "changelog", "news": "changelog",
    "releasenotes": "changelog", "journaldesmodifications": "changelog",
    "citation": "citation",
}  # fmt: skip
_EXACT = {
    ".mailmap": "mailmap", "debian/changelog": "changelog", ".well-known/security.txt": "security",
    "security.txt": "security", "public/.well-known/security.txt": "security", "funding.json": "funding",
    "static/.well-known/security.txt": "security",
}  # fmt: skip
_ENDINGS = {"", "md", "markdown", "rst", "txt", "adoc", "asciidoc", "org", "rdoc", "textile", "html"}
_MORE_ENDINGS = {"funding": {"yml", "yaml"}, "citation": {"cff", "bib"}}
_LANGUAGE = re.compile(r"[._-][a-z]{2}(?:[_-][a-z]{2})?$", re.IGNORECASE)
_ACCENTS = str.maketrans("éèêóí", "eeeoi")
# A page for private reports, and the line of a security.txt (RFC 9116) with its address.
_REPORT_PAGE = re.compile(
    r"https://[\w.-]{3,100}/[\w./~-]{0,200}(?:security/advisories(?:/new)?|vulnerability-disclosure|vulnerabilit[\w-]{1,20}"
    r"|report[\w-]{0,20}|security(?:\.html)?)(?=[\s)\]>\"'.,]|$)",
    re.ASCII,
)
_CONTACT = re.compile(r"^Contact:[ \t]*(https://\S{1,500})", re.MULTILINE | re.IGNORECASE)
_SEARCHED = 64 * 1024  # characters of a security file


def observe_policies(tree: Tree) -> list[ObservedFact]:
    """One `policies` per file, the top of the repository first; `funding` and `security_contact` where files have
    them.
    """
    facts = []
    places = sorted(_policy_files(tree), key=lambda place: (place[0].count("/"), place[0]))
    contact = None
    for path, kind in places[:MAX_POLICIES]:
        facts.append(ObservedFact("policies", {kind: True}, path))
        if kind == "funding" and (urls := tree.read_cached(f"{OBSERVER} funding", path, _funding_addresses)):
            facts.append(ObservedFact("funding", urls, path))
        if (
            kind == "security"
            and contact is None
            and (page := tree.read_cached(f"{OBSERVER} security", path, _report_page))
        ):
            contact = ObservedFact("security_contact", page, path)
    return [*facts, contact] if contact else facts


def _policy_files(tree: Tree) -> Iterator[tuple[str, str]]:
    for path in tree.files:
        folder, slash, name = path.rpartition("/")
        folder += slash
        if path.lower() in _EXACT:
            yield path, _EXACT[path.lower()]
        elif folder in _FOLDERS and len(name) < 80 and (kind := _policy_kind(folder, name)):
            yield path, kind


def _policy_kind(folder: str, name: str) -> str | None:
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    if name.lower().startswith("contributor-covenant"):
        return "code_of_conduct"
    plain = re.sub(r"[ _'-]", "", _LANGUAGE.sub("", stem)).lower().translate(_ACCENTS)
    kind = _NAMES.get(plain) or _NAMES.get(re.sub(r"[ _'-]", "", stem).lower().translate(_ACCENTS))
    if kind is None or ending.lower() not in _ENDINGS | _MORE_ENDINGS.get(kind, set()):
        return None
    # Among documents `history.md` and `security.md` may be about anything; the projects' own are written in capitals.
    if folder not in _OF_HOSTS and folder and not stem.isupper() and kind not in ("contributing", "code_of_conduct"):
        return None
    if kind == "codeowners" and ending:
        return None
    return kind


def _funding_addresses(path: str, data: bytes) -> list[str]:
    """The addresses in a FUNDING.yml; none where it cannot be read, since the host shows none either."""
    if not path.lower().endswith((".yml", ".yaml")):
        return []
    try:
        return funding.addresses_of_file(yaml_of(data))
    except Unreadable:
        return []


def _report_page(path: str, data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")[:_SEARCHED]
    pattern = _CONTACT if path.lower().endswith("security.txt") else _REPORT_PAGE
    pages = {(match[1] if pattern is _CONTACT else match[0]).rstrip(".,") for match in pattern.finditer(text)}
    pages = {page for page in pages if web_address(page)}
    return pages.pop() if len(pages) == 1 else None
