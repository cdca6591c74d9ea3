"""Everyday words for the needs that the home page names, questions to ask before choosing, and which needs have a
project.
"""

from collections.abc import Mapping, Sequence

from catalog.vocabulary import vocabulary
from forge.i18n.languages import mark

# The order is the order on the home page: the lists open on solidarity finance and on running an organization.
FINANCE_NEEDS = (
    ("loan-portfolio", mark("Follow loans and repayments")),
    ("core-banking", mark("Run a credit cooperative")),
    ("microcredit", mark("Offer small loans")),
    ("savings-groups", mark("Save and lend together")),
    ("complementary-currency", mark("Run a local currency")),
    ("mutual-credit", mark("Exchange hours or services")),
    ("crowdfunding", mark("Raise money together")),
)
ORGANIZATION_NEEDS = (
    ("member-management", mark("Manage members and fees")),
    ("accounting", mark("Keep the accounts")),
    ("share-capital", mark("Follow cooperative shares")),
    ("participatory-democracy", mark("Decide together")),
    ("volunteer-management", mark("Organise volunteers")),
    ("donations", mark("Receive donations and send receipts")),
    ("cooperative-shop", mark("Run a shop or a market")),
    ("food-chains", mark("Buy food together from nearby farms")),
)
_EVERYDAY_WORDS = dict(FINANCE_NEEDS + ORGANIZATION_NEEDS)


def everyday_words(term: str) -> str | None:
    """The need as people say it (a msgid); None for a term that only has its label."""
    return _EVERYDAY_WORDS.get(term)


# Questions to ask before choosing: for every need, then those of a top domain.
_QUESTIONS = (
    mark("Which groups like ours use it, and may we call one of them?"),
    mark("Who can help us when something does not work?"),
    mark("Can we take our data with us if we leave?"),
    mark("Who in our group will look after it next year?"),
)
_DOMAIN_QUESTIONS = {
    "solidarity-finance": (
        mark("Does the law of our country ask for a licence, a deposit or an auditor for this?"),
        mark("Can two people check each payment?"),
    ),
    "accounting-management": (
        mark("Does our accountant or auditor accept what it prints and exports?"),
        mark("Does it follow the rules of our country for accounts and invoices?"),
    ),
    "membership-governance": (
        mark("Who may see the addresses of our members, and can each member see their own?"),
        mark("Can those take part who have no computer?"),
    ),
    "social-care": (
        mark("Where is what we write about people kept, and who may read it?"),
        mark("Can the people concerned see, correct and take away what is written about them?"),
    ),
    "production-trade": (mark("Does it still work when the line is slow or cut, on a market day?"),),
    "infrastructure": (mark("Who mends it at night, and where are the copies kept?"),),
    "digital-inclusion": (mark("Can somebody use it who reads little, or hears or sees badly?"),),
}


def questions_before_choosing(top: str) -> tuple[str, ...]:
    """Questions (msgids) for a need below the domain `top`."""
    return _QUESTIONS + _DOMAIN_QUESTIONS.get(top, ())


def categories_with_projects(terms: Sequence[str], counts: Mapping[str, int], answered: bool) -> list[tuple[str, bool]]:
    """Each of these terms of the vocabulary `domain`, and whether any project has it or a narrower term.

    `answered`: a project that was found answers the words that mean the terms. Then a term without a project is left
    out: the page would say that nobody listed what it shows.
    """
    known = vocabulary("domain")
    with_projects = [(term, any(counts.get(slug) for slug in (term, *known.children(term)))) for term in terms]
    return [(term, has_project) for term, has_project in with_projects if has_project or not answered]
