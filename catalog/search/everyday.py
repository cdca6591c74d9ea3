"""Words that people say for a domain and that its label does not hold, per language. They are found, never shown.

Written for this catalogue from what treasurers, directors and networks say; slugs are those of the list `domain`.
"""

from collections.abc import Mapping

EVERYDAY: Mapping[str, Mapping[str, str]] = {}
