"""Who meets in tests of whole instances: the project and the cooperative that they know, what is said of both, and what
happens between catalogues from one day to the next. The instances themselves are `instances`.
"""

from support.factories.adoptions import a_use, opened
from support.factories.core import a_project, an_adoption, an_organization
from support.hosts.instances import Instance

from catalog.exchange.names import ORGANIZATION, PROJECT

COOP = an_organization(
    homepage="https://www.coop.example/qui", identifiers={"siren": "732829320"}, name="Coop des Halles", country="FR"
)


def galette(slug="galette", **changes):
    return a_project(slug, **({"repository": "https://github.com/example/galette.git"} | changes))


def the_french(begin):
    """Knows `galette`, used by a cooperative, and `paheko`; `begin` is the fixture."""
    uses = (an_adoption(stage="in-production"),)
    return begin("annuaire", "fr", "en", records=(galette(adoptions=uses), a_project("paheko"), COOP))


def the_spanish(begin):
    return begin("catalogo", "es", "en", records=(a_project("contarapido"),))


def days(number, *instances):
    """So many days pass, and each instance does its work in each of them."""
    for _ in range(number):
        instances[0].clock.move(days=1.2)
        for instance in instances:
            instance.day()


def identity_of(instance: Instance, slug: str, kind: str = PROJECT):
    return instance.manifest.identity(kind, slug)


def declared(instance, project, at, **answers):
    """What the cooperative says with an address at its own domain."""
    organization = str(identity_of(instance, "coop-des-halles", ORGANIZATION))
    draft = a_use(instance.store, answers.pop("kind", "adopt"), project, organization=organization, **answers)
    return opened(instance.store, draft, now=at)[1]
