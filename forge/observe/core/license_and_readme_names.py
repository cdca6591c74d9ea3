"""Which files of a repository are its license files and READMEs, by their names. No file is read.

A name decides, never a content: `README.fr.md`, `COPYING.LESSER`, `LICENSES/MIT.txt` (https://reuse.software/spec-3.3/).
"""

import re

MAX_NAME_CHARACTERS = 200  # of a file that is examined; git allows 4,096

MANIFESTS = ("publiccode.yml", "publiccode.yaml", "package.json", "composer.json", "pyproject.toml", "Cargo.toml")

_LICENSE = re.compile(
    r"(?:(?:un)?licen[cs]es?|licencia|licen[çc]a|licenza|lizenz|copying|copyright|copyleft|coopyleft|eula"
    r"|(?:additional|further|special|extra|usage)[-_. ]?(?:terms|restrictions?|conditions?)|restrictions"
    r"|commons[-_. ]?clause)(?![a-z])"
    r"|[\w.+-]{1,40}[-_.]licen[cs]e(?:\.(?:txt|md|rst))?$",
    re.IGNORECASE,
)
# A file at the top that is named after a license ("gpl-3.0.txt", "GNU_AFFERO_GPL_V3.txt", "MIT.md"), NOTICE or TERMS.
_NAMED_AFTER = re.compile(
    r"(?:(?:the[-_. ]?)?gnu[-_. ]|[al]?gpl(?:[-_. ]?v?\d|\.|$)"
    r"|(?:mit|apache|bsd|isc|mpl|eupl|epl|cecill|cc0|cc-by)(?:[-_. ]|\d|$)"
    r"|notice(?:\.|$)|notices?\.txt$|terms(?:\.|$|[-_. ]of[-_. ]))[\w. +-]{0,80}$",
    re.IGNORECASE,
)
_OF_ONE_FILE = re.compile(r"\.[^/]*\.license$")
_README = re.compile(r"readme(?![a-z])", re.IGNORECASE)
_FOLDER = re.compile(r"LICENSES/[^/]+")
# Licenses of what a project bundles, and programs that happen to be called license.
_OTHERS = re.compile(
    r"3rd|third|vendor|dependenc|bundled|header|template|[-_.](?:fonts?|icons?)(?:\.(?:txt|md))?$|\.[cm]?js\.licen[cs]e(?:\.txt)?$|\.(?:py|js|ts|php|rb|go|java|json|ya?ml|png|svg|csv)$",
    re.IGNORECASE,
)
# Code and data that are called license; what remains is prose or has an ending of its own (LICENSE.MIT).
_NO_PROSE = re.compile(
    r"\.(?:py[cio]?|[cm]?[jt]sx?|php|rb|go|java|kt|rs|[ch](?:pp|c|h)?|cs|swift|dart|lua|pl|pm|sh|vue|svelte|twig|tpl|jinja2?"
    r"|ejs|erb|haml|tt|hbs|mustache|liquid|njk|properties|strings|arb|ftl|resx|rake|gradle|s?css|less|json5?|ya?ml|toml|xml|ini|cfg|conf|lock|po|pot|mo|csv|tsv|sql|db|png|jpe?g|gif|svg|ico|webp"
    r"|pdf|docx?|odt|mdx|zip|gz|map|snap|class|jar|exe|dll|so|spec)$",
    re.IGNORECASE,
)
# A page of the program or its site about licenses; plain text in such a folder may be the license of a part.
_PAGE = re.compile(
    r"(?:^|/)(?:templates?|views?|pages|partials?|layouts?)/(?:[^/]+/){0,6}[^/]+\.(?:x?html?|mdx|adoc)$", re.IGNORECASE
)


def license_name(path: str) -> str | None:
    """Whether the last part of a path, at any depth, names a license file: "own", "bundled" (of others), or None.

    >>> [license_name(path) for path in ("a/COPYING", "LICENSE-3RD-PARTY.txt", "src/license.ts", "views/license.html")]
    ['own', 'bundled', None, None]
    """
    name = path.rpartition("/")[2]
    if len(name) > MAX_NAME_CHARACTERS or not _LICENSE.match(name) or _NO_PROSE.search(name):
        return None
    if "/" in path and _PAGE.search(path[-8 * MAX_NAME_CHARACTERS :]):
        return None
    return "bundled" if _OTHERS.search(name) else "own"


def is_named_after_license(path: str) -> bool:
    """Whether a file at the top may hold the license under the name of that license, or in a notice. What it holds
    decides: other files have such names, too.

    >>> [is_named_after_license(path) for path in ("AGPLv3.txt", "GNU_GPL.txt", "NOTICE", "gnu.py", "a/gpl.txt")]
    [True, True, True, False, False]
    """
    if "/" in path or len(path) > MAX_NAME_CHARACTERS or license_name(path) is not None:
        return False
    return bool(_NAMED_AFTER.match(path)) and not _NO_PROSE.search(path) and not _OTHERS.search(path)


def is_of_one_file(path: str) -> bool:
    """Whether the file is REUSE's license of one other file, which may be gone.

    >>> [is_of_one_file(path) for path in ("a/logo.svg.license", ".nvmrc.license", "lib/jquery.license")]
    [True, True, False]
    """
    return bool(_OF_ONE_FILE.search(path))


def is_reuse_file(path: str) -> bool:
    """Whether the file is a license text named by its SPDX id, as REUSE keeps them in `LICENSES/`."""
    return bool(_FOLDER.fullmatch(path))


def is_readme(path: str) -> bool:
    """Whether the file is a README at the top level, in any language and format."""
    return "/" not in path and bool(_README.match(path)) and not _OTHERS.search(path)
