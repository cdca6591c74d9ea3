"""Needs in everyday words for the domain terms that home leads to; it holds no list of all domains."""

from forge.languages import mark

# The order is the order on the home page: the lists open on solidarity finance and on running an organization.
FINANCE = (
    ("loan-portfolio", mark("Follow loans and repayments")),
    ("core-banking", mark("Run a credit cooperative")),
    ("microcredit", mark("Offer small loans")),
    ("savings-groups", mark("Save and lend together")),
    ("complementary-currency", mark("Run a local currency")),
    ("mutual-credit", mark("Exchange hours or services")),
    ("crowdfunding", mark("Raise money together")),
)
ORGANIZATION = (
    ("member-management", mark("Manage members and fees")),
    ("accounting", mark("Keep the accounts")),
    ("share-capital", mark("Follow cooperative shares")),
    ("participatory-democracy", mark("Decide together")),
    ("volunteer-management", mark("Organise volunteers")),
    ("donations", mark("Receive donations and send receipts")),
    ("cooperative-shop", mark("Run a shop or a market")),
    ("food-chains", mark("Buy food together from nearby farms")),
)
_EVERYDAY = dict(FINANCE + ORGANIZATION)


def everyday(term: str) -> str | None:
    """The need as people say it (a msgid); None for a term that only has its label."""
    return _EVERYDAY.get(term)
