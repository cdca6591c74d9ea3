"""Wording of the adoption form: its choices, the labels of its answers, and what a moderator reads about doubts."""

from collections.abc import Mapping

from catalog.vocabulary import vocabulary
from forge.i18n.languages import mark

# Values, labels and what each means, as the form's radios take them.
STAGES = (
    ("in-production", mark("We use it, and rely on it"), ""),
    ("piloting", mark("We try it with real data"), ""),
    ("evaluating", mark("Somebody of us tests it"), ""),
    ("considering", mark("We think about it"), ""),
    ("phasing-out", mark("We still use it, and are leaving it"), ""),
    ("stopped", mark("We used it, and stopped"), ""),
    ("not-retained", mark("We looked at it, and did not choose it"), ""),
)
VISIBILITIES = (
    ("public", mark("Our name and what we said"), mark("Everybody sees it, also other catalogues.")),
    (
        "counted",
        mark("Only a number, without our name"),
        mark("From five groups on we write “5 or more groups use it”. Nobody sees who."),
    ),
    ("network", mark("Members of our network"), mark("Only groups of the same network, when they are signed in.")),
    ("maintainers", mark("Those who make it"), mark("Only verified makers of the software, when they are signed in.")),
)
QUESTIONS = (
    (
        "yes",
        mark("Yes, through a form here"),
        mark(
            "Only where your name is shown, and once somebody has proven that they speak for your organization. "
            "Nobody sees your address, and one press stops it."
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
    "adopt.stage": mark("How you use it"),
    "adopt.reasons": mark("Why it ended"),
    "adopt.since": mark("Since"),
    "adopt.until": mark("Until"),
    "adopt.version": mark("Version"),
    "adopt.purpose": mark("What for"),
    "adopt.deployment": mark("Where it runs"),
    "adopt.provider": mark("Who hosts it or helps"),
    "adopt.provider_words": mark("Who hosts it or helps, in your words"),
    "adopt.people": mark("People using it"),
    "adopt.replaced": mark("What it replaced"),
    "adopt.effort_days": mark("Days to change over"),
    "adopt.cost_band": mark("Cost a year"),
    "adopt.lesson": mark("What you would tell others"),
    "adopt.again": mark("Would you choose it again?"),
    "adopt.visibility": mark("What we may show"),
    "adopt.questions": mark("Other groups may ask you"),
    "adopt.languages": mark("Languages in which you answer"),
    "adopt.told": mark("You hear of licence changes and warnings"),
    "away.words": mark("Your words for us"),
}
DOUBTS: Mapping[str, str] = {
    "same-name": mark("An organization of this name is here already"),
    "same-website": mark("An organization with this website is here already"),
    "unknown-website": mark("No website is known that could prove an address"),
    "mailbox-provider": mark("The address is one that anybody can have: it proves nothing"),
    "unknown-provider": mark("Nobody of this name is here: it is not shown unless you correct it"),
    "other-stage": mark("It contradicts what stands here"),
    "confirmed-already": mark("The organization itself has said how it uses this"),
    "withdrawn-before": mark("The organization took this back before"),
}


def terms(name: str) -> tuple[str, ...]:
    """The terms of a vocabulary, in its order."""
    return tuple(vocabulary(name).terms)
