"""Licenses as manifests call them when they do not write SPDX: classifiers of PyPI, names and addresses of Maven.

Only what can mean one license. "GPL" without a version and "BSD" are several, and stay unknown.
"""

import re
from typing import Any

from catalog.licenses import expressions
from forge.observe.core.metadata_values import license_of

_GNU = re.compile(
    r"(?:the )?(?:gnu )?(affero general public licen[sc]e|lesser general public licen[sc]e|general public licen[sc]e"
    r"|library or lesser general public licen[sc]e|agpl|lgpl|gpl)(?: \((?:agpl|lgpl|gpl)\))?"
    r"(?:[ ,-]{1,3}(?:licen[sc]e|version|v\.?)){0,3}[ -]?v?([123](?:\.[01])?)"
    r"( ?(?:or later|or any later version|or newer)|\+|-or-later|-only| only)?(?: \((?:A|L)?GPLv[0-9.]{1,4}\+?\))?",
    re.IGNORECASE,
)
_SHORT = {"affero": "AGPL", "lesser": "LGPL", "library": "LGPL", "general": "GPL"}
_NAMES = {
    "mit license": "MIT", "the mit license": "MIT", "mit": "MIT", "expat license": "MIT",
    "the mit license (mit)": "MIT", "mit license (mit)": "MIT",
    "apache license, version 2.0": "Apache-2.0", "the apache license, version 2.0": "Apache-2.0",
    "the apache software license, version 2.0": "Apache-2.0", "apache software license 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache-2": "Apache-2.0", "apache 2": "Apache-2.0",
    "mozilla public license 2.0": "MPL-2.0", "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "mpl 2.0": "MPL-2.0",
    "mozilla public license, version 2.0": "MPL-2.0", "isc license": "ISC", "isc license (iscl)": "ISC",
    "european union public licence 1.2 (eupl 1.2)": "EUPL-1.2", "eupl 1.2": "EUPL-1.2", "eupl v1.2": "EUPL-1.2",
    "european union public licence 1.1 (eupl 1.1)": "EUPL-1.1", "the unlicense (unlicense)": "Unlicense",
    "peer production license": "LicenseRef-Peer-Production-License", "coopyleft": "LicenseRef-Coopyleft",
    "cecill 2.1": "CECILL-2.1", "cecill-b": "CECILL-B",
    "cecill free software license agreement, version 2.1 (cecill-2.1)": "CECILL-2.1",
    "bsd 3-clause": "BSD-3-Clause", "bsd 3-clause license": "BSD-3-Clause", "new bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause", "bsd 2-clause license": "BSD-2-Clause",
    "eclipse public license - v 2.0": "EPL-2.0", "eclipse public license 2.0 (epl-2.0)": "EPL-2.0",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
}  # fmt: skip


def stated_license(texts: tuple[str, ...], choice: bool) -> dict[str, Any] | None:
    """`license.manifest` of what a manifest states; several are an expression only where one may choose."""
    if not texts:
        return None
    if len(texts) == 1:
        license_ = _single_license(texts[0])
        if license_ and license_["license"] is None and choice and "/" in texts[0] and "X11" not in texts[0]:
            either = license_of(" OR ".join(name.strip() for name in texts[0].split("/")))  # Cargo's older form
            return {**license_, "license": either and either["license"]}
        return license_
    licenses = [_single_license(text) for text in texts]
    expressions_found = [license_["license"] for license_ in licenses if license_ and license_["license"]]
    words = (" OR " if choice else ", ").join(texts)[:200]
    if not choice or len(expressions_found) < len(texts):
        return {"license": None, "stated": words}
    together = license_of(
        " OR ".join(f"({expression})" if " " in expression else expression for expression in expressions_found)
    )
    return {"license": together and together["license"], "stated": words}


def _single_license(text: str) -> dict[str, Any] | None:
    license_ = license_of(text)
    if license_ is None or license_["license"] is not None:
        return license_
    words = text.rpartition(" :: ")[2].strip()
    spdx = _NAMES.get(words.lower()) or _gnu_license(words)
    if spdx is None and text.startswith("License-Expression ::"):
        return {**license_, "license": (license_of(words) or license_)["license"]}
    return {**license_, "license": spdx} if spdx else license_


def _gnu_license(words: str) -> str | None:
    """The id of a GNU license in words; without "or later" or "only" the one that leaves it open."""
    match = _GNU.fullmatch(words)
    if match is None:
        return None
    first = match[1].lower()
    family = _SHORT.get(first.split()[0], first.upper())
    version = match[2] if "." in match[2] else f"{match[2]}.0"
    later = match[3] or ("+" if words.rstrip(")").endswith("+") else "")
    suffix = "" if not later else "-only" if "only" in later.lower() else "-or-later"
    try:
        return expressions.canonical(f"{family}-{version}{suffix}")
    except ValueError:
        return None
