"""The one name of a category on all pages: what people say for the needs that home names, else its label."""

from catalog.sentences import mark
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage

# The order is the order on the home page: the lists open on solidarity finance and on running an organization.
FINANCE_NEEDS = {
    "loan-portfolio": mark("Manage loans and repayments"),
    "core-banking": mark("Run a credit cooperative"),
    "microcredit": mark("Provide microcredit"),
    "savings-groups": mark("Save and lend together"),
    "complementary-currency": mark("Run a local currency"),
    "mutual-credit": mark("Exchange hours or services"),
    "crowdfunding": mark("Raise funds together"),
    "payments": mark("Make and receive payments"),
}
ORGANIZATION_NEEDS = {
    "member-management": mark("Manage members and fees"),
    "accounting": mark("Do the accounting"),
    "share-capital": mark("Manage cooperative shares"),
    "participatory-democracy": mark("Decide together"),
    "volunteer-management": mark("Organise volunteers"),
    "donations": mark("Receive donations and send receipts"),
    "cooperative-shop": mark("Run a shop or a market"),
    "food-chains": mark("Buy food together from nearby farms"),
}
_EVERYDAY_WORDS = FINANCE_NEEDS | ORGANIZATION_NEEDS


def category_name(slug: str, page_language: PageLanguage) -> str:
    """The name of a term of the vocabulary `domain` in the page's language."""
    if slug in _EVERYDAY_WORDS:
        return page_language.gettext(_EVERYDAY_WORDS[slug])
    return vocabulary("domain").label(slug, page_language.tag)
