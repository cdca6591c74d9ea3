"""Organizations as RDF along ESSglobal by RIPESS, in Turtle. Kinds keep the addresses that our vocabulary states.

The vocabulary is cited under its oldest address, http://purl.org/essglobal/vocab/; what only the cooperative world's
second edition names (organisational structure, base of membership) is cited under that edition's.
"""

from collections.abc import Iterable, Iterator

from catalog.store.exports.records import ExportedOrganization
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.export.registers import addresses
from forge.export.turtle import Block, blank_node, iri, literal, prefixes, time_literal, typed_literal, web_iri

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dct": "http://purl.org/dc/terms/",
    "ess": "http://purl.org/essglobal/vocab/",
    "ess2": "https://w3id.solidarityeconomy.coop/essglobal/V2a/vocab/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gr": "http://purl.org/goodrelations/v1#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_STANDARD = "http://purl.org/essglobal/standard/"
_SCHEMES = {
    "legal-form": "ess:legalForm",
    "organisational-structure": "ess2:organisationalStructure",
    "base-membership-type": "ess2:baseMembershipType",
    "qualifiers": "ess:qualifier",
}
_FUNCTION = "network-federation"


def essglobal(organizations: Iterable[ExportedOrganization], home: CatalogueSite) -> Iterator[str]:
    """Yield the Turtle in blocks: the set with its licenses, then each organization."""
    yield prefixes(PREFIXES)
    this = f"<{home.export('organizations.ttl')}>"
    rights = blank_node(("a", "dct:RightsStatement"), ("rdfs:label", literal(home.terms)))
    block = Block(this).words("dct:title", home.names)
    block.add("dct:publisher", blank_node(("a", "foaf:Agent"), ("foaf:name", literal(home.operator))))
    yield (
        block.add("dct:license", iri(f"https://spdx.org/licenses/{home.license.facts}"))
        .add("dct:rights", rights)
        .turtle
    )
    for organization in organizations:
        yield _organization(organization, home, this)


def _organization(organization: ExportedOrganization, home: CatalogueSite, whole: str) -> str:
    record = organization.record
    kinds = vocabulary("organization-kind")
    types = ["ess:SSEInitiative"] + (["ess:Network"] if record.function == _FUNCTION else [])
    block = Block(f"<{home.organization(record.slug)}>", *types).add("gr:name", literal(record.name))
    block.add("foaf:homepage", web_iri(record.homepage)).add("dct:isPartOf", whole)
    if record.kind and record.kind in kinds.terms:
        term = kinds.terms[record.kind]
        block.words("dct:type", term.label)
        for address in (*term.match.get("exactMatch", ()), *term.match.get("closeMatch", ())):
            scheme = address.removeprefix(_STANDARD).partition("/")[0]
            if address.startswith(_STANDARD) and scheme in _SCHEMES:
                block.add(_SCHEMES[scheme], iri(address))
    place = (("vcard:country-name", literal(record.country)), ("vcard:region", literal(record.region)))
    block.add("ess:hasAddress", blank_node(("a", "ess:Address"), *place))
    block.add("dct:identifier", literal(str(organization.id)))
    numbers = sorted(record.identifiers.items())
    block.add(
        "adms:identifier",
        *(
            blank_node(("skos:notation", typed_literal(value, "xsd:string")), ("rdfs:label", literal(key)))
            for key, value in numbers
        ),
    )
    # Only where somebody or a number says so: docs/decisions/024-what-exports-claim.md.
    block.add("owl:sameAs", *map(iri, (*addresses(record.identifiers), *organization.same)))
    block.add("dct:source", *map(web_iri, record.sources)).add("dct:modified", time_literal(organization.changed_at))
    return block.add(
        "dct:provenance", blank_node(("rdfs:label", literal(f"Who says so: {organization.origin}")))
    ).turtle
