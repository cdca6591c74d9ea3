"""Who meets in tests of whole instances: the project and the cooperative that they know, what is said of both, and what
happens between catalogues from one day to the next. The instances themselves are `instances`.
"""

import re

from sqlalchemy import select
from support.factories.adoptions import a_use, opened
from support.factories.core import a_project, an_adoption, an_organization
from support.instances import Instance

from catalog.document import complete
from catalog.federation.shapes import ORGANIZATION, PROJECT
from catalog.rules.submission import WITHDRAW
from catalog.store.core.engine import reading
from catalog.tables.federation import receipt
from forge.federation.publish import keys

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
        for one in instances:
            one.day()


def an_heir(begin, home):
    """Another catalogue, with a copy of all records under their identities."""
    heir, document = begin("heritier", "fr", "en"), complete(home.store.curated_document.document())
    heir.load(*document.projects, *document.organizations)
    heir.write()
    return heir


def hands_over(home, heir):
    """As `forge exchange transfer` does; the key that is named."""
    to = keys.keys(heir.store, heir.settings.data).private.key
    said = {"address": heir.address, "public": to.public, "fingerprint": to.fingerprint}
    home.store.exchange_state.note_moved(said | {"at": home.clock().isoformat()})
    return to


def identity_of(instance: Instance, slug: str, kind: str = PROJECT):
    return instance.manifest.identity(kind, slug)


def declared(instance, project, at, **answers):
    """What the cooperative says with an address at its own domain."""
    organization = str(identity_of(instance, "coop-des-halles", ORGANIZATION))
    draft = a_use(instance.store, answers.pop("kind", "adopt"), project, organization=organization, **answers)
    return opened(instance.store, draft, now=at)[1]


def taken_back(instance, at):
    """The cooperative takes back that it uses `galette`; the secret of the declaration by which it does."""
    about = {"organization": str(identity_of(instance, "coop-des-halles", ORGANIZATION))}
    key = identity_of(instance, "galette")
    token, draft = instance.store.submissions.begin(WITHDRAW, "fr", project_id=key, answers=about, now=at)
    assert opened(instance.store, draft, now=at)[1].state == "published"
    return token


WORD = "zqpurpose"  # of one use, and of nothing else


def words_of(home, token):
    """What the page of a declaration tells of each host, by how it begins."""
    page = home.page(f"/fr/declarations/{token}")
    found = re.findall(r'<li><bdi dir="ltr">([^<]+)</bdi>, (?:<strong[^>]*>)?(effacé le|en retard|il ne l’a pas)', page)
    return dict(found)


def receipts(home, follower):
    with reading(home.store.engine) as connection:
        rows = connection.execute(select(receipt).where(receipt.c.peer_id == home.peer(follower).id))
        return {(row.kind, row.record_id) for row in rows}
