"""What each common license permits, requires and does not grant, as codes; pages have the words for them.

Written by hand from the license texts, one row a license, with the clause where it is not plain. It is no legal advice,
and it says nothing of a license that is not in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from catalog.licenses import expressions

# Every code, in the order in which pages show them.
MAY = (
    "everything",  # use for any purpose, study, change, pass on, for free or for money
    "patents",  # use the patents that contributors hold in it
    "later-version",  # follow any later version of the license instead
    "convert-to-gpl",  # LGPL 2.1, section 3
    "eupl-compatible",  # EUPL, article 5: together with other code, under a license of its list
    "cecill-compatible",  # CeCILL, article 5.3.4
    "secondary-license",  # MPL 2.0, section 3.3
    "cooperatives",
    "non-commercial",
    "no-derivatives",
    "limited-service",
    "limited",
    "free-later",  # BUSL 1.1: each version becomes free after at most four years
)
DUTIES = (
    "notice",
    "notice-in-source",
    "notice-file",  # Apache 2.0, section 4(d)
    "changes",
    "attribution",
    "source-and-date",  # Etalab 2.0
    "citation",  # CeCILL-B, article 5.3.4
    "advertising",  # BSD with four clauses
    "another-name",
    "source-of-parts",
    "source-of-whole",
    "replaceable",  # LGPL: people can change the library inside a program
    "network-changed",  # AGPL 3, section 13
    "network",  # offering it over a network counts as passing it on
    "service-source",  # SSPL 1.0, section 13
    "share-alike",
    "database",  # ODbL, section 4.6
    "device",  # GPL 3, section 6
    "this-version",
    "patent-suit",
    "sold-with-others",  # OFL, clause 1
)
NOT_GIVEN = ("warranty", "names", "patents-unsaid", "patents-kept")


@dataclass(frozen=True)
class LicenseTerms:
    """Codes of MAY, of DUTIES and of NOT_GIVEN, each in that order."""

    may: tuple[str, ...]
    duties: tuple[str, ...]
    not_given: tuple[str, ...]


def terms_of(license_id: str) -> LicenseTerms | None:
    """The terms of one license, with "only" and "or later" as different ones; None for one that is not in the table.

    >>> terms_of("MIT").duties
    ('notice',)
    """
    bare = expressions.without_suffix(license_id)
    row = _TABLE.get(bare)
    if row is None:
        return None
    codes = set(row.split())
    if license_id.endswith(("-or-later", "+")):
        codes.add("later-version")
    elif license_id.endswith("-only"):
        codes.add("this-version")
    return LicenseTerms(*(tuple(code for code in group if code in codes) for group in (MAY, DUTIES, NOT_GIVEN)))


def known_licenses() -> tuple[str, ...]:
    """The ids of the table, without "only" and "or later", in alphabetical order."""
    return tuple(sorted(_TABLE, key=str.lower))


_FREE = "everything warranty"
_NOTICE = f"{_FREE} notice patents-unsaid"
_GPL = f"{_FREE} notice changes source-of-whole"
_GPL_3 = f"{_GPL} patents patent-suit device"
_CC = f"{_FREE} attribution names patents-kept"

# fmt: off
_TABLE: Mapping[str, str] = MappingProxyType({
    # No condition, or nearly none.
    "0BSD":            f"{_FREE} patents-unsaid",
    "CC0-1.0":         f"{_FREE} patents-kept",  # 4(a)
    "MIT-0":           f"{_FREE} patents-unsaid",
    "PDDL-1.0":        f"{_FREE} patents-kept",
    "Unlicense":       f"{_FREE} patents-unsaid",
    "WTFPL":           "everything patents-unsaid",  # its two-line text promises and denies nothing
    # Keep the notice.
    "BlueOak-1.0.0":   f"{_FREE} notice patents",
    "BSD-2-Clause":    _NOTICE,
    "BSD-3-Clause":    f"{_NOTICE} names",
    "BSD-4-Clause":    f"{_NOTICE} names advertising",
    "LicenseRef-BSD-beerware": f"{_NOTICE} names",
    "BSL-1.0":         f"{_FREE} notice-in-source patents-unsaid",
    "curl":            f"{_NOTICE} names",
    "HPND":            f"{_NOTICE} names",
    "ISC":             _NOTICE,
    "MIT":             _NOTICE,
    "NCSA":            f"{_NOTICE} names",
    "PostgreSQL":      _NOTICE,
    "PSF-2.0":         f"{_NOTICE} changes names",
    "Python-2.0":      f"{_NOTICE} changes names",
    "UPL-1.0":         f"{_FREE} notice patents",
    "X11":             f"{_NOTICE} names",
    "Zlib":            f"{_FREE} notice-in-source changes patents-unsaid",
    # The same and more: patents, names, credit.
    "AFL-3.0":         f"{_FREE} notice changes patents patent-suit names",
    "Apache-2.0":      f"{_FREE} notice notice-file changes patents patent-suit names",
    "CECILL-B":        f"{_FREE} notice changes citation",
    "ECL-2.0":         f"{_FREE} notice notice-file changes patents patent-suit names",
    "MulanPSL-2.0":    f"{_FREE} notice patents patent-suit names",
    "PHP-3.01":        f"{_NOTICE} names another-name",
    "CC-BY-3.0":       f"{_FREE} attribution names",
    "CC-BY-4.0":       _CC,
    "etalab-2.0":      f"{_FREE} source-and-date",
    "ODC-By-1.0":      f"{_FREE} attribution patents-kept",
    # The source of the part itself.
    "CDDL-1.0":        f"{_FREE} notice changes source-of-parts patents patent-suit names",
    "CECILL-C":        f"{_FREE} notice changes source-of-parts",
    "EPL-1.0":         f"{_FREE} notice changes source-of-parts patents patent-suit",
    "EPL-2.0":         f"{_FREE} notice source-of-parts patents patent-suit",
    "LGPL-2.0":        f"{_FREE} notice changes source-of-parts replaceable convert-to-gpl",
    "LGPL-2.1":        f"{_FREE} notice changes source-of-parts replaceable convert-to-gpl",
    "LGPL-3.0":        f"{_FREE} notice changes source-of-parts replaceable patents patent-suit device",
    "MPL-1.1":         f"{_FREE} notice changes source-of-parts patents patent-suit names",
    "MPL-2.0":         f"{_FREE} notice source-of-parts patents patent-suit names secondary-license",
    "OFL-1.1":         f"{_FREE} notice share-alike another-name sold-with-others names",
    # The source of the whole.
    "CC-BY-SA-3.0":    f"{_FREE} attribution share-alike names",
    "CC-BY-SA-4.0":    f"{_CC} share-alike",
    "CECILL-2.0":      f"{_FREE} notice changes source-of-whole cecill-compatible",
    "CECILL-2.1":      f"{_FREE} notice changes source-of-whole cecill-compatible",
    "GPL-1.0":         _GPL,
    "GPL-2.0":         _GPL,
    "GPL-3.0":         _GPL_3,
    "ODbL-1.0":        f"{_FREE} attribution share-alike database patents-kept names",
    # Also over a network.
    "AGPL-3.0":        f"{_GPL_3} network-changed",
    "EUPL-1.1":        f"{_FREE} notice changes source-of-whole network patents names eupl-compatible",
    "EUPL-1.2":        f"{_FREE} notice changes source-of-whole network patents names eupl-compatible",
    "OSL-3.0":         f"{_FREE} notice changes source-of-whole network patents patent-suit names",
    # Not free software.
    "BUSL-1.1":        "limited free-later warranty names",
    "CC-BY-NC-4.0":    "non-commercial attribution warranty names patents-kept",
    "CC-BY-NC-ND-4.0": "non-commercial no-derivatives attribution warranty names patents-kept",
    "CC-BY-NC-SA-4.0": "non-commercial attribution share-alike warranty names patents-kept",
    "CC-BY-ND-4.0":    "no-derivatives attribution warranty names patents-kept",
    "Elastic-2.0":     "limited-service notice changes warranty names",
    "JSON":            "limited notice warranty",
    "SSPL-1.0":        "notice changes service-source source-of-whole warranty",
    "LicenseRef-OSaasy": "limited-service notice warranty",  # clause 2
    "LicenseRef-Coopyleft": "cooperatives warranty",
    "LicenseRef-CoopCycle": "cooperatives warranty",
    "LicenseRef-Peer-Production-License": "cooperatives attribution share-alike warranty",
})
# fmt: on
