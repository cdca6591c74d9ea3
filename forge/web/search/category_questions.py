"""Everyday words for the needs that the home page names, questions to ask before choosing, and which needs have a
project.
"""

from collections.abc import Mapping, Sequence

from catalog.sentences import mark
from catalog.vocabulary import vocabulary

# The order is the order on the home page: the lists open on solidarity finance and on running an organization.
FINANCE_NEEDS = (
    ("loan-portfolio", mark("Manage loans and repayments")),
    ("core-banking", mark("Run a credit cooperative")),
    ("microcredit", mark("Provide microcredit")),
    ("savings-groups", mark("Save and lend together")),
    ("complementary-currency", mark("Run a local currency")),
    ("mutual-credit", mark("Exchange hours or services")),
    ("crowdfunding", mark("Raise funds together")),
    ("payments", mark("Make and receive payments")),
)
ORGANIZATION_NEEDS = (
    ("member-management", mark("Manage members and fees")),
    ("accounting", mark("Do the accounting")),
    ("share-capital", mark("Manage cooperative shares")),
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
    mark("Which organizations like ours use it, and can we call one of them?"),
    mark("Who can help us when something does not work?"),
    mark("Can we take our data with us if we leave?"),
    mark("Who in our organization will be in charge of it next year?"),
)
_DOMAIN_QUESTIONS = {
    "solidarity-finance": (
        mark("Does the law of our country require an authorisation, a guarantee or an audit for this?"),
        mark("Can two people approve each payment?"),
    ),
    "accounting-management": (
        mark("Do its reports and exports suit our accountant or auditor?"),
        mark("Does it comply with the accounting and invoicing rules of our country?"),
    ),
    "membership-governance": (
        mark("Who can see our members’ addresses, and can members see their own?"),
        mark("Can people without a computer take part?"),
    ),
    "social-care": (
        mark("Where is personal data stored, and who can read it?"),
        mark("Can the people concerned see, correct and delete their data?"),
    ),
    "production-trade": (mark("Does it still work on a slow or broken connection, on a market day?"),),
    "infrastructure": (mark("Who fixes it at night, and where are the backups?"),),
    "digital-inclusion": (mark("Can people who read little, or see or hear poorly, use it?"),),
}


def questions_before_choosing(top: str) -> tuple[str, ...]:
    """Questions (msgids) for a need below the domain `top`."""
    return _QUESTIONS + _DOMAIN_QUESTIONS.get(top, ())


def categories_with_projects(terms: Sequence[str], counts: Mapping[str, int], answered: bool) -> list[tuple[str, bool]]:
    """Each of these terms of the vocabulary `domain`, and whether any project has it or a narrower term.

    `answered`: a project that was found answers the words that mean the terms. Then a term without a project is left
    out: the page would say that nobody listed what it shows.
    """
    domains = vocabulary("domain")
    with_projects = [(term, any(counts.get(slug) for slug in (term, *domains.children(term)))) for term in terms]
    return [(term, has_project) for term, has_project in with_projects if has_project or not answered]
