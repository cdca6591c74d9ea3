"""The closed lists of publiccode.yml 0.7 and their mapping to our vocabularies.

From the standard's text, https://yml.publiccode.tools; public, because a publiccode.yml is also written with them.
"""

from functools import cache

from catalog import vocabulary

VERSIONS = ("0", "0.2", "0.2.0", "0.2.1", "0.2.2", "0.3", "0.3.0", "0.4", "0.4.0", "0.5", "0.5.0", "0.7", "0.7.0")

FILES = ("publiccode.yml", "publiccode.yaml")  # at the root; the first that is there counts

STATUSES = ("concept", "development", "beta", "stable", "obsolete")
SOFTWARE_TYPES = (
    *(f"standalone/{kind}" for kind in ("mobile", "iot", "desktop", "web", "backend", "other")),
    *("addon", "library", "configurationFiles"),
)

_CATEGORIES = """
    accounting agile-project-management applicant-tracking application-development appointment-scheduling backup
    billing-and-invoicing blog budgeting business-intelligence business-process-management cad call-center-management
    cloud-management collaboration communications compliance-management contact-management content-management crm
    customer-service-and-support data-analytics data-collection data-visualization design design-system
    digital-asset-management digital-citizenship document-management donor-management e-commerce e-signature
    educational-content email-management email-marketing employee-management enterprise-project-management
    enterprise-social-networking erp event-management facility-management feedback-and-reviews-management
    financial-reporting fleet-management fundraising gamification geographic-information-systems grant-management
    graphic-design help-desk hr ide identity-management instant-messaging integrated-library-system
    inventory-management it-asset-management it-development it-management it-security it-service-management
    knowledge-management learning-management-system marketing mind-mapping mobile-marketing mobile-payment
    network-management office online-booking online-community other payment-gateway payroll predictive-analysis
    procurement productivity-suite project-collaboration project-management property-management
    real-estate-management regulations-and-directives remote-support resource-management sales-management seo
    service-desk social-media-management survey talent-management task-management taxes-management test-management
    time-management time-tracking translation video-conferencing video-editing visitor-management voip
    warehouse-management web-collaboration web-conferencing website-builder whistleblowing workflow-management
"""
_SCOPES = """
    agriculture culture defence education emergency-services employment energy environment
    finance-and-economic-development foreign-affairs government healthcare infrastructures justice local-authorities
    manufacturing research science-and-technology security society sport tourism transportation welfare
"""
CATEGORIES, SCOPES = tuple(_CATEGORIES.split()), tuple(_SCOPES.split())
ALIASES = ("gdpr", "eidas", "nis2", "cra", "spid", "cie", "anpr", "pagopa", "io")

# Names of `platforms` that the standard suggests, and others that files have for the same, in our terms.
PLATFORMS = {
    **{term: term for term in ("web", "android", "ios", "windows", "macos", "linux", "container")},
    **{"mac": "macos", "osx": "macos", "docker": "container", "kubernetes": "container"},
}
# Where one word of theirs certainly is one of ours. `stable` may be active or inactive, `obsolete` abandoned or
# unsupported: repostatus.org asks whether work goes on, which publiccode.yml does not say.
STATUS_TERMS = {
    "concept": "concept",  # both: no usable code yet
    "development": "wip",  # both: work under way, nothing for users yet
    "beta": "wip",  # both: work under way, no stable release
}
# In the other direction each of our states is enough. "moved" is none of theirs.
STATUS_WORDS = {
    "concept": "concept",
    "wip": "development",
    "suspended": "development",
    "active": "stable",
    "inactive": "stable",
    "published-once": "obsolete",
    "abandoned": "obsolete",
    "unsupported": "obsolete",
    "ended": "obsolete",
}


@cache
def domain_terms() -> dict[str, str]:
    """Category -> term of our `domain`, only where the vocabulary states an exactMatch."""
    return _matching("exactMatch")


@cache
def domain_categories() -> dict[str, str]:
    """Term of our `domain` -> the nearest category, exactMatch before closeMatch; for writing."""
    categories: dict[str, str] = {}
    for relation in ("exactMatch", "closeMatch"):
        for category, term in _pairs(relation):
            categories.setdefault(term, category)
    return categories


def _matching(relation: str) -> dict[str, str]:
    return dict(_pairs(relation))


def _pairs(relation: str) -> list[tuple[str, str]]:
    start = "https://yml.publiccode.tools/categories-list.html#"
    terms = vocabulary.vocabulary("domain").terms.values()
    return [
        (address.removeprefix(start), term.slug)
        for term in terms
        for address in term.match.get(relation, ())
        if address.startswith(start)
    ]
