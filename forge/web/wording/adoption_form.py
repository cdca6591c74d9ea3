"""Wording of the adoption form: its choices, the labels of its answers, and what a moderator reads about doubts."""

from collections.abc import Mapping

from catalog.sentences import mark
from catalog.vocabulary import vocabulary

# Values, labels and what each means, as the form's radios take them.
STAGES = (
    ("in-production", mark("We use it every day"), ""),
    ("piloting", mark("We are trying it with real data"), ""),
    ("evaluating", mark("We are testing it"), ""),
    ("considering", mark("We are considering it"), ""),
    ("phasing-out", mark("We are phasing it out"), ""),
    ("stopped", mark("We stopped using it"), ""),
    ("not-retained", mark("We looked at it and chose something else"), ""),
)
VISIBILITIES = (
    ("public", mark("Our name and our answers"), mark("Public, and shared with other catalogues.")),
    (
        "counted",
        mark("Counted only, without our name"),
        mark("From five organizations on, we write “5 or more organizations use it”. Nobody sees which ones."),
    ),
    ("network", mark("Members of our network"), mark("Only members of the same network, when signed in.")),
    ("maintainers", mark("The maintainers"), mark("Only verified maintainers, when signed in.")),
)
QUESTIONS = (
    (
        "yes",
        mark("Yes, through a form on this site"),
        mark(
            "Only if your name is shown and a representative of your organization is verified. Your address "
            "stays hidden, and you can turn this off at any time."
        ),
    ),
    ("no", mark("No"), ""),
)
AGAIN = (
    ("yes", mark("Yes"), ""),
    ("unsure", mark("Not sure"), ""),
    ("no", mark("No"), ""),
)
# Labels of the answers, by the names that submissions give them.
LABELS: Mapping[str, str] = {
    "organization.name": mark("Name of the organization"),
    "organization.kind": mark("Kind"),
    "organization.country": mark("Country"),
    "organization.homepage": mark("Website"),
    "adopt.stage": mark("Your use"),
    "adopt.reasons": mark("Why you stopped"),
    "adopt.since": mark("Since"),
    "adopt.until": mark("Until"),
    "adopt.version": mark("Version"),
    "adopt.purpose": mark("What you use it for"),
    "adopt.deployment": mark("Where it runs"),
    "adopt.provider": mark("Who hosts or supports it"),
    "adopt.provider_words": mark("Who hosts or supports it, in your own words"),
    "adopt.people": mark("Number of people using it"),
    "adopt.replaced": mark("What it replaced"),
    "adopt.effort_days": mark("Days needed to migrate"),
    "adopt.cost_band": mark("Annual cost"),
    "adopt.lesson": mark("Advice for others"),
    "adopt.again": mark("Would you choose it again?"),
    "adopt.visibility": mark("What we may show"),
    "adopt.questions": mark("Other organizations may ask you questions"),
    "adopt.languages": mark("Languages in which you can answer"),
    "adopt.told": mark("Alerts about licence changes and security"),
    "away.words": mark("Message to the moderators"),
}
DOUBTS: Mapping[str, str] = {
    "same-name": mark("An organization with this name already exists"),
    "same-website": mark("An organization with this website already exists"),
    "unknown-website": mark("No website is known to verify an address"),
    "mailbox-provider": mark("The address is from a public e-mail provider: it verifies nothing"),
    "unknown-provider": mark("No organization with this name exists here: it is not shown unless you correct it"),
    "other-stage": mark("It contradicts the published information"),
    "confirmed-already": mark("The organization has already declared its use"),
    "withdrawn-before": mark("The organization withdrew this before"),
}


def terms(name: str) -> tuple[str, ...]:
    """The terms of a vocabulary, in its order."""
    return tuple(vocabulary(name).terms)
