"""A license expression in plain words: what one may do, what one must do and when, what is not granted. Pure.

The facts are in `catalog.licenses.terms`; here are their sentences, each whole, so that a translator sees all of it.
"""

from dataclasses import dataclass

from catalog.licenses import expressions
from catalog.licenses.expressions import Expression, LicenseTerm
from catalog.licenses.terms import terms_of
from catalog.sentences import mark

SHOWN = 4  # licenses of an expression that a project's page explains; the rest are links

MAY = {
    "everything": mark(
        "You may use it for any purpose, study it, modify it and distribute it, free of charge or for a fee."
    ),
    "patents": mark("You may use the authors’ patents that apply to it."),
    "later-version": mark("You may follow any later version of this licence instead."),
    "convert-to-gpl": mark("You may distribute it under the GNU General Public License instead."),
    "eupl-compatible": mark(
        "If you combine it with code under one of the licences on its list, you may distribute the whole "
        "under that licence."
    ),
    "cecill-compatible": mark(
        "If you combine it with code under the GNU GPL, you may distribute the whole under the GNU GPL."
    ),
    "secondary-license": mark(
        "If you combine it with code under a GNU licence, you may distribute the whole under that "
        "licence, unless its files forbid it."
    ),
    "cooperatives": mark(
        "You may use it commercially only if you are a cooperative, or another body named in its text."
    ),
    "non-commercial": mark("You may use it only for non-commercial purposes."),
    "no-derivatives": mark("You may not distribute a modified version."),
    "limited-service": mark("You may not offer it to others as a service."),
    "limited": mark("It limits who may use it, or for what. Read its text before you use it."),
    "free-later": mark("Each version becomes free software some years after it came out. Its text says when."),
}
DUTIES = {
    "notice": mark("If you distribute it, you must keep the authors’ notices and the text of the licence with it."),
    "notice-in-source": mark("If you distribute its source code, you must keep the authors’ notices in it."),
    "notice-file": mark("If it comes with a file called NOTICE, you must keep what that file says."),
    "changes": mark("If you distribute a changed version, you must say that you changed it."),
    "attribution": mark(
        "If you distribute it, you must name its authors, point to the licence and say what you changed."
    ),
    "source-and-date": mark("If you use it again, you must say where it comes from and when it was last updated."),
    "citation": mark(
        "If you distribute something that uses it, you must say so there, in its manual and on its website."
    ),
    "advertising": mark("If you advertise something made with it, you must name its authors in the advertisement."),
    "another-name": mark("If its name is protected, you must give a modified version another name."),
    "source-of-parts": mark(
        "If you distribute it, you must give its source code, with your changes to it, under this same "
        "licence. What you put beside it may have another licence."
    ),
    "source-of-whole": mark(
        "If you distribute it, changed or as a part of something larger, you must give the source code "
        "of the whole under this same licence."
    ),
    "replaceable": mark(
        "If you distribute a program that uses it as a library, you must let people put a changed library in its place."
    ),
    "network-changed": mark("If people use your changed version over a network, you must offer them its source code."),
    "network": mark("If you let others use it over a network, this counts as passing it on."),
    "service-source": mark(
        "If you offer it to others as a service, you must give the source code of everything that runs this service."
    ),
    "share-alike": mark("If you distribute a changed version, you must do so under this same licence."),
    "database": mark("If you show others what you made with a changed database, you must offer them that database."),
    "device": mark(
        "If you distribute it inside a consumer device, you must give people what they need to put a "
        "changed version on it."
    ),
    "this-version": mark("If this licence gets a later version, you must stay with this one."),
    "patent-suit": mark("If you sue over patents in it, you lose rights that this licence gave you."),
    "sold-with-others": mark("If you sell it, you must sell it together with other software, never alone."),
}
NOT_GIVEN = {
    "warranty": mark("There is no warranty, and no liability for damage, as far as the law allows."),
    "names": mark("It gives you no right to use the project’s names and logos as your own."),
    "patents-unsaid": mark("It says nothing about patents."),
    "patents-kept": mark("It gives no right to patents or trade marks."),
}
# For a license that `catalog.licenses.terms` does not have: what its family means, in short.
FAMILIES = {
    "public-domain": mark("Use it, study it, share it and modify it, without any condition."),
    "permissive": mark("Use it, study it, share it and modify it. Keep the copyright notice."),
    "weak-copyleft": mark(
        "Use it, study it, share it and modify it. If you distribute changes to its files, you must "
        "provide their source code."
    ),
    "strong-copyleft": mark(
        "Use it, study it, share it and modify it. If you distribute it, you must provide its source "
        "code under the same licence."
    ),
    "network-copyleft": mark(
        "Use it, study it, share it and modify it. If you offer a modified version to others, even "
        "online, you must provide its source code."
    ),
    "not-free": mark("This licence limits who may use it or how. It is not free software."),
}
EXCEPTIONS = {
    "Classpath-exception-2.0": mark("You may link it with your own modules, and give the result any licence."),
    "GCC-exception-3.1": mark("What you make with it may have any licence, even if it contains parts of it."),
    "LLVM-exception": mark("What you make with it need not include its notices, even if it contains parts of it."),
    "Linux-syscall-note": mark("Programs that only call it from outside may have any licence."),
    "Font-exception-2.0": mark("A document that contains the font may have any licence."),
    "openvpn-openssl-exception": mark("You may link it with OpenSSL and distribute both."),
}
ANY_EXCEPTION = mark("An exception allows more than the licence does. Read its text.")
OWN_ADDITION = mark("The authors added their own terms. They may allow more or less: read them.")


@dataclass(frozen=True)
class LicenseInWords:
    """One license in words. `address` is its page here, below the language; "" where we have no words for it."""

    id: str
    name: str
    url: str | None  # of its text
    address: str
    may: tuple[str, ...]
    duties: tuple[str, ...]
    not_given: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.may + self.duties + self.not_given


@dataclass(frozen=True)
class LicenseGroup:
    """Licenses joined by one operator: "AND", "OR", or "" for a single license."""

    operator: str
    parts: tuple["LicenseGroup | LicenseInWords", ...]


@dataclass(frozen=True)
class ExplainedExpression:
    """An expression in words. `shared`: the sentences that all its licenses have in common; `whole` has all."""

    expression: str
    whole: LicenseGroup
    shared: tuple[str, ...]
    long: bool  # more than SHOWN licenses: their words are on their own pages


def explain_expression(expression: str | None) -> ExplainedExpression | None:
    """The words for an expression; None for what is no SPDX expression. A license without words has no `address`."""
    if not expression:
        return None
    try:
        parsed = expressions.parse(expression)
    except ValueError:
        return None
    words_by_term = {term: license_words(term) for term in parsed.terms}
    known = [words for words in words_by_term.values() if words.address]
    shared: tuple[str, ...] = ()
    if len(words_by_term) > 1 and len(known) == len(words_by_term):
        shared = tuple(line for line in known[0].sentences if all(line in words.sentences for words in known))
    return ExplainedExpression(
        expression=str(parsed),
        whole=_group_in_words(parsed, words_by_term),
        shared=shared,
        long=len(words_by_term) > SHOWN,
    )


def license_words(term: LicenseTerm) -> LicenseInWords:
    """One license in words, with what its exception adds."""
    known_terms, named = terms_of(term.id), expressions.license_name(term.id)
    more: tuple[str, ...] = ()
    if term.exception:
        outside = "AdditionRef-" in term.exception
        more = (OWN_ADDITION if outside else EXCEPTIONS.get(term.exception, ANY_EXCEPTION),)
    if known_terms is None:
        family = expressions.family(term.id)
        return LicenseInWords(
            str(term), named.name, named.url, "", ((FAMILIES[family],) if family else ()) + more, (), ()
        )
    return LicenseInWords(
        id=str(term),
        name=named.name,
        url=named.url,
        address=f"/help/licenses/{term.id}",
        may=tuple(MAY[code] for code in known_terms.may) + more,
        duties=tuple(DUTIES[code] for code in known_terms.duties),
        not_given=tuple(NOT_GIVEN[code] for code in known_terms.not_given),
    )


def _group_in_words(expression: Expression, words_by_term: dict[LicenseTerm, LicenseInWords]) -> LicenseGroup:
    parts = tuple(
        _group_in_words(part, words_by_term) if isinstance(part, Expression) else words_by_term[part]
        for part in expression.parts
    )
    return LicenseGroup(expression.operator, parts)
