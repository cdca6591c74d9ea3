"""Types of the values that the document's records hold, for the dataclasses of `catalog.model`: what a text must be,
how many entries a list may have. Reader, forms, JSON Schema and `/openapi.json` are made of them.
"""

from typing import Annotated, Any
from uuid import UUID

from catalog import model_base
from catalog import text_rules as rules
from catalog.model_base import Text, WholeNumber
from catalog.text_rules import MAX_SUMMARY, MAX_URL

AGAIN = ("yes", "no", "unsure")
TRANSLATABLE = ("summary", "description", "features", "cost", "governance")  # each a text by language
METHODS = ("person", "machine", "machine then person")  # how a text was translated


def _described(**says: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(says.items())


_SOURCE = "A web address, owner/repository:path#L12, or owner/repository@commit"
_ADDRESS = _described(format="uri", pattern="^https?://", maxLength=MAX_URL)
_TAG = _described(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")

Prose = Annotated[str, Text(rules.prose, code="prose")]
Paragraphs = Annotated[str, Text(rules.prose, paragraphs=True, code="prose")]
Summary = Annotated[str, Text(rules.summary, code="summary", described=_described(maxLength=MAX_SUMMARY))]
EasyWords = Annotated[str, Text(rules.easy, paragraphs=True, code="easy")]
Slug = Annotated[
    str, Text(rules.slug, described=_described(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", maxLength=rules.MAX_SLUG))
]
Address = Annotated[str, Text(rules.url, code="url", described=_ADDRESS)]
Repository = Annotated[str, Text(rules.repository, code="repository", described=_ADDRESS)]
Contact = Annotated[
    str, Text(rules.contact, described=_described(description="An https page, or an address of a function"))
]
Source = Annotated[str, Text(rules.source, code="url", described=_described(description=_SOURCE))]
EvidenceSource = Annotated[
    str,
    Text(rules.evidence_source, described=_described(description=f"{_SOURCE}, or {rules.CHOSEN_BY_EDITORS}")),
]
Picture = Annotated[
    str,
    Text(
        rules.picture,
        code="path",
        described=_described(description="A path inside the repository, or owner/repository:path"),
    ),
]
Date = Annotated[
    str, Text(rules.date, code="date", described=_described(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"))
]
Year = Annotated[str, Text(rules.year, code="year", described=_described(pattern="^[0-9]{4}$"))]
License = Annotated[
    str,
    Text(
        rules.license,
        code="license",
        described=_described(description="An SPDX license expression, https://spdx.org/licenses/"),
    ),
]
LanguageTag = Annotated[str, Text(rules.language, code="language", described=_TAG)]
Country = Annotated[str, Text(rules.country, code="country", described=_described(pattern="^[A-Z]{2}$"))]
Region = Annotated[str, Text(rules.region, code="region", described=_described(pattern="^[A-Z]{2}-[A-Z0-9]{1,3}$"))]
Currency = Annotated[str, Text(rules.currency)]
Identifier = Annotated[
    str, Text(rules.identifier, code="shape", described=_described(pattern="^[a-z][a-z0-9_-]{0,39}$"))
]
ExtendableList = Annotated[str, Text(rules.extendable_vocabulary)]
ProjectSlug = Annotated[str, Text(refers="project")]
OrganizationSlug = Annotated[str, Text(refers="organization")]
Identity = Annotated[UUID, model_base.Identity()]
Flag = Annotated[bool, model_base.Flag()]
Percent = Annotated[int, WholeNumber(0, 100)]
Format = Annotated[int, WholeNumber(1, 1)]

Domain = Annotated[str, Text(rules.term("domain"))]
KindOrSize = Annotated[str, Text(rules.term("organization-kind", "size"))]
Audience = Annotated[str, Text(rules.term("audience"))]
InclusionFeature = Annotated[str, Text(rules.term("inclusion-feature"))]
EvidenceTerm = Annotated[str, Text(rules.term("evidence"))]
Hardness = Annotated[str, Text(rules.term("hardness"))]
RelationTerm = Annotated[str, Text(rules.term("relation"))]
Role = Annotated[str, Text(rules.term("role"))]
Stage = Annotated[str, Text(rules.term("stage"))]
StopReason = Annotated[str, Text(rules.term("stop-reason"))]
Deployment = Annotated[str, Text(rules.term("deployment"))]
PeopleBand = Annotated[str, Text(rules.term("people-band"))]
EffortBand = Annotated[str, Text(rules.term("effort-band"))]
CostBand = Annotated[str, Text(rules.term("cost-band"))]
Visibility = Annotated[str, Text(rules.term("visibility"))]
Verification = Annotated[str, Text(rules.term("verification"))]
Status = Annotated[str, Text(rules.term("status"))]
OrganizationKind = Annotated[str, Text(rules.term("organization-kind"))]
OrganizationFamily = Annotated[str, Text(rules.top_term("organization-kind"))]
OrganizationFunction = Annotated[str, Text(rules.term("organization-function"))]
CountryRule = Annotated[str, Text(rules.term("rule", below=True))]
Platform = Annotated[str, Text(rules.term("platform"))]
CautionTerm = Annotated[str, Text(rules.term("caution"))]
RuleSupportTerm = Annotated[str, Text(rules.term("rule-support"))]
Again = Annotated[str, Text(rules.one_of(*AGAIN))]
AccessibilityState = Annotated[str, Text(rules.one_of("none", "partial", "full"))]
TranslatableField = Annotated[str, Text(rules.one_of(*TRANSLATABLE))]
TranslationMethod = Annotated[str, Text(rules.one_of(*METHODS))]
