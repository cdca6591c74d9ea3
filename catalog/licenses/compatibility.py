"""Whether code under one license may go into a work under another, answered only where a named source settles it.

Pure functions, and no legal advice. The question is about copying code in and passing the result on; who only runs two
programs side by side needs no answer. What no row below decides is "not certain", never "no".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from catalog.licenses import expressions
from catalog.licenses.expressions import Expression, LicenseTerm

# The source of each rule.
MATRIX = "https://www.gnu.org/licenses/gpl-faq.html#AllCompatibility"
FSF_FREE = "https://www.gnu.org/licenses/license-list.html#GPLCompatibleLicenses"
FSF_INCOMPATIBLE = "https://www.gnu.org/licenses/license-list.html#GPLIncompatibleLicenses"
FSF_NOT_FREE = "https://www.gnu.org/licenses/license-list.html#NonFreeSoftwareLicenses"
FSF_APACHE = "https://www.gnu.org/licenses/license-list.html#apache2"
FSF_ARTISTIC = "https://www.gnu.org/licenses/license-list.html#ArtisticLicense2"
FSF_CC_BY = "https://www.gnu.org/licenses/license-list.html#ccby"
APACHE = "https://www.apache.org/licenses/GPL-compatibility.html"
APACHE_TEXT = "https://www.apache.org/licenses/LICENSE-2.0"
AGPL_13 = "https://www.gnu.org/licenses/agpl-3.0.html#section13"
GPL_13 = "https://www.gnu.org/licenses/gpl-3.0.html#section13"
LGPL_2_6 = "https://www.gnu.org/licenses/old-licenses/lgpl-2.1.html#SEC6"
LGPL_3_4 = "https://www.gnu.org/licenses/lgpl-3.0.html#section4"
MPL_GPL = "https://www.mozilla.org/MPL/2.0/combining-mpl-and-gpl.html"
MPL_FAQ = "https://www.mozilla.org/MPL/2.0/FAQ/"
EPL_FAQ = "https://www.eclipse.org/legal/epl-2.0/faq.php"
EUPL_1_1 = "https://spdx.org/licenses/EUPL-1.1.html"  # article 5 and its appendix
EUPL_1_2 = "https://spdx.org/licenses/EUPL-1.2.html"
CECILL_2_0 = "https://spdx.org/licenses/CECILL-2.0.html"  # article 5.3.4
CECILL_2_1 = "https://spdx.org/licenses/CECILL-2.1.html"
CC = "https://creativecommons.org/compatiblelicenses/"
SOURCES = frozenset(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))

_LATER = "later"  # stands for versions that do not exist yet
_VERSIONS = {
    "GPL": ("1.0", "2.0", "3.0", _LATER),
    "LGPL": ("2.0", "2.1", "3.0", _LATER),
    "AGPL": ("3.0", _LATER),
}
_GPL_2, _GPL_3, _GPL_LATER = "GPL-2.0", "GPL-3.0", "GPL-later"
_GPL = (_GPL_2, _GPL_3, _GPL_LATER)
_AGPL = ("AGPL-3.0", "AGPL-later")
_LGPL_3 = ("LGPL-3.0", "LGPL-later")

# They ask for a notice or for nothing, so that they fit into any work. 0BSD and MIT-0, which FSF does not name, ask for
# less than those it does.
_NOTICE = frozenset(
    (
        *("0BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "NCSA", "UPL-1.0"),
        *("Unlicense", "WTFPL", "X11", "Zlib"),
    )
)
# Beside these, a part may stay under a license of its own: they say nothing about other files of the same work.
_PERMISSIVE = _NOTICE | {"Apache-2.0"}

# Code under the first may be passed on as part of a whole under each of the others.
_INTO: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("LGPL-2.0", _GPL, MATRIX),  # section 3 lets anyone turn it into the GPL 2 or any later one
    ("LGPL-2.1", _GPL, MATRIX),
    ("LGPL-3.0", (_GPL_3,), MATRIX),
    ("LGPL-later", (_GPL_LATER,), MATRIX),
    ("Apache-2.0", (_GPL_3, _GPL_LATER, *_LGPL_3, *_AGPL), APACHE),
    ("MPL-2.0", (*_GPL, "LGPL-2.1", *_LGPL_3, *_AGPL), MPL_GPL),  # 1.12: these "or any later versions"
    ("Artistic-2.0", _GPL, FSF_ARTISTIC),
    ("CC-BY-4.0", _GPL, FSF_CC_BY),
    ("CC-BY-4.0", ("CC-BY-SA-4.0",), CC),
    ("CC-BY-SA-4.0", (_GPL_3,), CC),  # this version alone
    ("CECILL-2.0", _GPL, CECILL_2_0),
    ("CECILL-2.1", (*_GPL, *_AGPL, "EUPL-1.1", "EUPL-1.2"), CECILL_2_1),
    ("EUPL-1.1", (_GPL_2, "OSL-2.1", "OSL-3.0", "CPL-1.0", "EPL-1.0", "CECILL-2.0"), EUPL_1_1),
    (
        "EUPL-1.2",
        (
            *(_GPL_2, _GPL_3, "AGPL-3.0", "OSL-2.1", "OSL-3.0", "EPL-1.0", "CECILL-2.0", "CECILL-2.1", "MPL-2.0"),
            *("LGPL-2.1", "LGPL-3.0", "EUPL-1.1", "LiLiQ-R-1.1", "LiLiQ-Rplus-1.1"),
        ),
        EUPL_1_2,
    ),
)
# Code under the first may go in and stays under its own license there.
_BESIDE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (_GPL_3, ("AGPL-3.0",), GPL_13),
    ("LGPL-2.0", ("AGPL-3.0",), GPL_13),  # as GPL 3
    ("LGPL-2.1", ("AGPL-3.0",), GPL_13),
    ("LGPL-3.0", ("AGPL-3.0",), GPL_13),
    (_GPL_LATER, ("AGPL-later",), GPL_13),
    ("LGPL-later", ("AGPL-later",), GPL_13),
    ("AGPL-3.0", (_GPL_3,), AGPL_13),
    ("AGPL-later", (_GPL_LATER,), AGPL_13),
    ("Apache-2.0", (*sorted(_NOTICE), "MPL-2.0"), APACHE_TEXT),
    ("MPL-2.0", tuple(sorted(_PERMISSIVE)), MPL_FAQ),
    ("EPL-2.0", tuple(sorted(_PERMISSIVE)), EPL_FAQ),
)
# Code under the first may be used as a library that people can replace.
_AS_LIBRARY: tuple[tuple[str, str], ...] = (("LGPL-2.1", LGPL_2_6), ("LGPL-3.0", LGPL_3_4), ("LGPL-later", LGPL_3_4))

_WITH_GPL_NEVER = (
    *("Apache-1.0", "Apache-1.1", "BSD-4-Clause", "CDDL-1.0", "CPAL-1.0", "CPL-1.0", "EPL-1.0", "IPL-1.0", "MPL-1.1"),
    *("MPL-2.0-no-copyleft-exception", "MS-PL", "MS-RL", "OSL-1.0", "OSL-1.1", "OSL-2.0", "OSL-2.1", "OSL-3.0"),
    *("PHP-3.01", "QPL-1.0"),
)
# These two in one work can be passed on under neither, in either direction.
_NEVER: dict[frozenset[str], str] = {
    **{frozenset((_GPL_2, gnu_or_apache)): MATRIX for gnu_or_apache in (_GPL_3, _GPL_LATER, *_LGPL_3, *_AGPL)},
    frozenset((_GPL_2, "Apache-2.0")): FSF_APACHE,
    **{
        frozenset((gnu, incompatible)): FSF_INCOMPATIBLE
        for gnu, incompatible in product((*_GPL, *_AGPL), _WITH_GPL_NEVER)
    },
}  # fmt: skip

_RANK = {"whole": 0, "beside": 1, "library": 2}
_MOST_OPTIONS = 32  # of an expression with its choices multiplied out


@dataclass(frozen=True)
class CompatibilityAnswer:
    """`may` is None where nothing certain can be said; the rest counts only where it is True.

    `under`: the expression under which the whole can be passed on; None: as the receiving work is now. `how`: "whole",
    "beside" (the code that goes in stays under its own license) or "library" (used as one that people can replace).
    `network`: the rule for use over a network then holds for the whole. `sources` are addresses of SOURCES.
    """

    may: bool | None
    under: str | None = None
    how: str = "whole"
    network: bool = False
    sources: tuple[str, ...] = ()


_UNSURE = CompatibilityAnswer(None)
_Atom = tuple[str, str | None]  # a license in one version, its exception
_Fit = tuple[str, tuple[str, ...]]  # how, sources


@lru_cache(maxsize=1024)
def check_combination(code: str, work: str) -> CompatibilityAnswer:
    """Whether code under the expression `code` may go into a work under `work`.

    A GNU license without "only" or "or later" is answered where both readings agree. Raises ValueError for what is no
    SPDX expression.

    >>> check_combination("Apache-2.0", "GPL-2.0-only").may, check_combination("Apache-2.0", "GPL-3.0-or-later").may
    (False, True)
    """
    inner, outer = expressions.parse(code), expressions.parse(work)
    if inner == outer:
        return CompatibilityAnswer(True)
    answers = [
        _answer_for_reading(inner_reading, outer_reading)
        for inner_reading in _readings(inner)
        for outer_reading in _readings(outer)
    ]
    first = answers[0]
    if any(answer.may is not first.may for answer in answers):
        return _UNSURE
    # Such an answer says no more than that GPL 3 stays GPL 3.
    if first.under and expressions.without_suffix(first.under) == str(outer):
        return CompatibilityAnswer(first.may, None, first.how, first.network, first.sources)
    return first


def _answer_for_reading(inner: Expression, outer: Expression) -> CompatibilityAnswer:
    try:
        code, work = _choices(inner), _choices(outer)
    except _TooMany:
        return _UNSURE
    good = {option: fit for option in work if (fit := _easiest_fit(code, option))}
    if good:
        return _positive_answer(code, good, None if len(good) == len(work) else _expression_of_choices(good))
    bare = {
        frozenset((atom_name, None) for atom_name, _ in option)
        for option in work
        if any(exception for _, exception in option)
    }
    own = [option for option in code if len(option) == 1 and all(_is_free(atom) for atom in option)]
    gpl, agpl = ([frozenset(((license_name, None),)) for license_name in family] for family in (_GPL, _AGPL))
    for candidates in (sorted(bare, key=str), own, gpl, agpl):
        both = {}
        for option in candidates:
            code_fit, work_fit = _easiest_fit(code, option), _easiest_fit(work, option)
            if code_fit and work_fit and "library" not in (code_fit[0], work_fit[0]):
                both[option] = code_fit[0], tuple(dict.fromkeys(code_fit[1] + work_fit[1]))
        if both:
            return _positive_answer(code, both, _expression_of_choices(both))
    refusals = [_source_of_refusal(code_option, work_option) for code_option in code for work_option in work]
    if all(refusals):
        return CompatibilityAnswer(False, sources=tuple(dict.fromkeys(source for source in refusals if source)))
    return _UNSURE


def _positive_answer(
    code: list[frozenset[_Atom]], fits: dict[frozenset[_Atom], _Fit], under: str | None
) -> CompatibilityAnswer:
    how = max((fit[0] for fit in fits.values()), key=_RANK.__getitem__)
    sources = tuple(dict.fromkeys(source for fit in fits.values() for source in fit[1]))
    network = AGPL_13 in sources and any(atom_name.startswith("AGPL") for option in code for atom_name, _ in option)
    return CompatibilityAnswer(True, under, how, network, sources)


def _easiest_fit(code: list[frozenset[_Atom]], work: frozenset[_Atom]) -> _Fit | None:
    """How code of these options fits into a whole to which all of `work` applies: the easiest of the options."""
    fits = [fit for option in code if (fit := _fit_of_all(option, work))]
    return min(fits, key=lambda fit: _RANK[fit[0]], default=None)


def _fit_of_all(parts: frozenset[_Atom], work: frozenset[_Atom]) -> _Fit | None:
    fits = []
    for part, whole in product(sorted(parts, key=str), sorted(work, key=str)):
        fit = _fit_of_atom(part, whole)
        if fit is None:
            return None
        fits.append(fit)
    how = max((fit[0] for fit in fits), key=_RANK.__getitem__)
    return how, tuple(dict.fromkeys(source for fit in fits for source in fit[1]))


def _fit_of_atom(part: _Atom, whole: _Atom) -> _Fit | None:
    (license_name, exception), (whole_name, whole_exception) = part, whole
    if part == whole:
        return "whole", ()
    if exception and "AdditionRef-" in exception:
        return None  # nobody else knows what it adds
    if license_name in _NOTICE:
        free = expressions.is_free(_spdx_id(whole_name)) is True
        return ("whole" if free else "beside"), (FSF_FREE,)
    if whole_exception:
        return None  # the whole would allow what this part does not
    if license_name == whole_name:
        return "whole", ()  # an exception can be left out
    for rules, how in ((_INTO, "whole"), (_BESIDE, "beside")):
        for name, targets, source in rules:
            if name == license_name and whole_name in targets:
                return how, (source,)
    if whole_name in _PERMISSIVE | {"MPL-2.0"} or expressions.is_free(_spdx_id(whole_name)) is False:
        for name, source in _AS_LIBRARY:
            if name == license_name:
                return "library", (source,)
    return None


def _source_of_refusal(parts: frozenset[_Atom], work: frozenset[_Atom]) -> str | None:
    """The source that says that these can never be one work; None if there is none."""
    for (code_name, exception), (work_name, work_exception) in product(sorted(parts, key=str), sorted(work, key=str)):
        if exception or work_exception:
            continue
        if source := _NEVER.get(frozenset((code_name, work_name))):
            return source
        for gnu, other_name in ((code_name, work_name), (work_name, code_name)):
            if gnu in (*_GPL, *_AGPL) and expressions.is_free(_spdx_id(other_name)) is False:
                return FSF_NOT_FREE
    return None


class _TooMany(Exception):
    """An expression with more choices than _MOST_OPTIONS."""


def _readings(expression: Expression) -> Iterator[Expression]:
    """The expression itself; where GNU licenses leave it open, once as "only" and once as "or later"."""
    unsaid = {term for term in expression.terms if not expressions.suffix_known(term.id)}
    if not unsaid:
        yield expression
        return
    for suffix in ("-only", "-or-later"):
        yield _with_suffix(expression, suffix, unsaid)


def _with_suffix(expression: Expression, suffix: str, unsaid: set[LicenseTerm]) -> Expression:
    parts = tuple(
        _with_suffix(part, suffix, unsaid)
        if isinstance(part, Expression)
        else LicenseTerm(part.id + suffix, part.exception)
        if part in unsaid
        else part
        for part in expression.parts
    )
    return Expression(expression.operator, parts)


def _choices(part: Expression | LicenseTerm) -> list[frozenset[_Atom]]:
    """Every choice that an expression leaves, each with all that then applies. Raises _TooMany."""
    if isinstance(part, LicenseTerm):
        return [frozenset((atom,)) for atom in _atoms(part)]
    inner = [_choices(operand) for operand in part.parts]
    if part.operator == "AND":
        choices: list[frozenset[_Atom]] = [frozenset()]
        for options in inner:
            choices = [option | addition for option in choices for addition in options]
            if len(choices) > _MOST_OPTIONS:
                raise _TooMany
    else:
        choices = [option for options in inner for option in options]
    if len(choices) > _MOST_OPTIONS:
        raise _TooMany
    return list(dict.fromkeys(choices))


def _atoms(term: LicenseTerm) -> list[_Atom]:
    bare = expressions.without_suffix(term.id)
    kind, _, version = bare.partition("-")
    versions = _VERSIONS.get(kind, ())
    if version not in versions:
        return [(term.id, term.exception)]
    later = term.id.endswith("-or-later")
    chosen = versions[versions.index(version) :] if later else (version,)
    return [(f"{kind}-{allowed}", term.exception) for allowed in chosen]


def _expression_of_choices(options: Iterable[frozenset[_Atom]]) -> str:
    """The expression that leaves exactly these choices."""
    remaining, names = list(options), []
    for kind, versions in _VERSIONS.items():
        for start, version in enumerate(versions[:-1]):
            run = [frozenset(((f"{kind}-{later}", None),)) for later in versions[start:]]
            if all(option in remaining for option in run):
                names.append(f"{kind}-{version}-or-later")
                remaining = [option for option in remaining if option not in run]
    for option in remaining:
        parts = [
            str(LicenseTerm(_spdx_id(license_name), exception)) for license_name, exception in sorted(option, key=str)
        ]
        names.append(parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})")
    return expressions.canonical(" OR ".join(names))


def _is_free(atom: _Atom) -> bool:
    """Whether others may pass it on at all; of a license that is not known to be free, nobody knows what it asks."""
    return expressions.is_free(str(LicenseTerm(_spdx_id(atom[0]), atom[1]))) is True


def _spdx_id(atom: str) -> str:
    """The id of one version alone: "GPL-2.0" is "GPL-2.0-only"; later versions are the last known one "or later"."""
    kind, _, version = atom.partition("-")
    if version == _LATER and kind in _VERSIONS:
        return f"{kind}-{_VERSIONS[kind][-2]}-or-later"
    return f"{atom}-only" if kind in _VERSIONS and version in _VERSIONS[kind] else atom
