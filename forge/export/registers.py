"""Addresses in the web of data for numbers of registers: Wikidata's and others' own, and OpenCorporates' for
companies of national registers. What is no number of its register has none.

https://www.wikidata.org https://ror.org https://isni.org https://viaf.org https://rdf.gleif.org
https://blog.opencorporates.com/2011/03/18/opencorporates-march-update-more-companies-more-data-more-features/
"""

import re
from collections.abc import Mapping

_COMPANIES = "https://opencorporates.com/id/companies/"
# Of each scheme, as `identity` spells it: the pattern of its numbers, and the address of one.
_REGISTERS: Mapping[str, tuple[str, str]] = {
    "wikidata": ("Q[1-9][0-9]{0,11}", "http://www.wikidata.org/entity/{}"),
    "ror": ("0[a-z0-9]{6}[0-9]{2}", "https://ror.org/{}"),
    "isni": ("[0-9]{15}[0-9X]", "https://isni.org/isni/{}"),
    "viaf": ("[1-9][0-9]{1,21}", "http://viaf.org/viaf/{}"),
    "lei": ("[A-Z0-9]{18}[0-9]{2}", "https://rdf.gleif.org/L1/L-{}"),
    "opencorporates": ("[a-z]{2}(?:_[a-z]{2})?/[A-Za-z0-9]+", _COMPANIES + "{}"),
    "siren": ("[0-9]{9}", _COMPANIES + "fr/{}"),
    "bce": ("[01][0-9]{9}", _COMPANIES + "be/{}"),
    "kbo": ("[01][0-9]{9}", _COMPANIES + "be/{}"),
    "kvk": ("[0-9]{8}", _COMPANIES + "nl/{}"),
    "cvr": ("[0-9]{8}", _COMPANIES + "dk/{}"),
    "crn": ("[A-Z0-9]{2}[0-9]{6}", _COMPANIES + "gb/{}"),
}
_BETWEEN = re.compile(r"[\s.\-]")


def addresses(identifiers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses of these numbers, by scheme; people write them with spaces, dots, or as an address."""
    found_addresses = []
    for scheme, value in sorted(identifiers.items()):
        shape, place = _REGISTERS.get(_BETWEEN.sub("", scheme.lower()).replace("_", ""), ("", ""))
        number = _BETWEEN.sub("", value if scheme == "opencorporates" else value.rstrip("/").rpartition("/")[2])
        if shape and re.fullmatch(shape, number, re.ASCII):
            found_addresses.append(place.format(number))
    return tuple(found_addresses)
