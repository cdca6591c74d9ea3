"""Questions to ask before choosing a program for a category, and which categories have a project."""

from collections.abc import Mapping, Sequence

from catalog.sentences import mark
from catalog.vocabulary import vocabulary

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
