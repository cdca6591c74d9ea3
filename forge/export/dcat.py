"""The whole catalogue as DCAT-AP with ADMS assets, in Turtle: a dataset a project, its repository as distribution.

All of it conforms to the SHACL shapes of DCAT-AP 3, which require a class for everything that is named, even a page
of somebody else. What is not known is left out. Adoptions are not in it, since DCAT has no term for them.
https://semiceu.github.io/DCAT-AP/releases/3.0.0/ https://www.w3.org/TR/vocab-adms/
"""

import re
from collections.abc import Iterable, Iterator

from catalog.publication.model import PublicProject
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.export.metadata import spdx_addresses
from forge.export.software import Software, software
from forge.export.turtle import Block, blank_node, iri, literal, prefixes, time_literal, typed_literal, web_iri
from forge.i18n.languages import plain

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LANGUAGE_AUTHORITY = "http://publications.europa.eu/resource/authority/language/"
_STATUS_AUTHORITY = "http://purl.org/adms/status/"
# Of our vocabulary `status`; "suspended", "published-once" and "moved" are none of theirs.
_STATUSES = {
    **dict.fromkeys(("concept", "wip"), "UnderDevelopment"),
    **dict.fromkeys(("active", "inactive"), "Completed"),
    **dict.fromkeys(("abandoned", "unsupported", "ended"), "Deprecated"),
}
# The list of the Publications Office names languages by ISO 639-3, in capitals.
_LANGUAGE_CODES = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "ar=ARA bg=BUL bn=BEN br=BRE ca=CAT cs=CES cy=CYM da=DAN de=DEU el=ELL en=ENG eo=EPO es=SPA et=EST eu=EUS "
        "fa=FAS fi=FIN fr=FRA ga=GLE gl=GLG he=HEB hi=HIN hr=HRV hu=HUN id=IND is=ISL it=ITA ja=JPN ko=KOR lt=LIT "
        "lv=LAV mk=MKD mt=MLT nb=NOB nl=NLD nn=NNO oc=OCI pl=POL pt=POR ro=RON ru=RUS sk=SLK sl=SLV sq=SQI sr=SRP "
        "sv=SWE sw=SWA ta=TAM th=THA tr=TUR uk=UKR ur=URD vi=VIE zh=ZHO",
    )
)
ClassedTerms = dict[tuple[str, str], None]  # terms of others, each with its class, in the order they came
_RELATED = {"fork-of": "dct:isVersionOf", "successor-of": "dct:replaces", "part-of": "dct:isPartOf"}


def dcat(projects: Iterable[PublicProject], home: CatalogueSite) -> Iterator[str]:
    """Yield the Turtle in blocks: the catalogue, each project with its record and distribution, the needs as
    concepts, and the class of all things that these name: `terms_used` gathers them by class, each once.
    """
    catalog = f"<{home.base}/#catalog>"
    terms_used: ClassedTerms = {}
    yield prefixes(PREFIXES)
    yield _catalog(home, catalog, terms_used)
    used: set[str] = set()
    for public in projects:
        project = software(public)
        used.update(project.record.domains)
        yield from _project(project, home, catalog, terms_used)
    yield from _needs(used, home)
    for subject, kind in terms_used:
        block = Block(subject, kind)
        if kind == "skos:Concept":
            block.add("skos:prefLabel", literal(subject.removeprefix(f"<{_STATUS_AUTHORITY}").removesuffix(">"), "en"))
        yield block.turtle


def _catalog(home: CatalogueSite, catalog: str, terms_used: ClassedTerms) -> str:
    criteria = home.manifest.criteria if home.manifest else {}
    described = criteria or {"en": f"Free software that {home.operator} gathers for the social and solidarity economy."}
    operator = f"<{home.base}/#operator>"
    block = Block(catalog, "dcat:Catalog").words("dct:title", home.names).words("dct:description", described)
    block.add("dct:publisher", operator).add(
        "foaf:homepage", *_remembered(terms_used, "foaf:Document", f"<{home.base}/>")
    )
    block.add("dct:language", *_remembered(terms_used, "dct:LinguisticSystem", *map(_language, home.languages)))
    license, terms = _license(f"{home.base}/#license", (home.license.facts, home.license.texts), home.terms, terms_used)
    block.add("dct:license", license).add("dct:rights", _rights(home.terms))
    block.add("dcat:themeTaxonomy", f"<{home.base}/#needs>")
    by = Block(operator, "foaf:Agent", "foaf:Organization").add("foaf:name", literal(home.operator))
    if home.manifest and home.manifest.operator:
        by.add("foaf:homepage", web_iri(home.manifest.operator.homepage))
        _remembered(terms_used, "foaf:Document", web_iri(home.manifest.operator.homepage))
    return block.turtle + terms + by.turtle


def _project(project: Software, home: CatalogueSite, catalog: str, terms_used: ClassedTerms) -> Iterator[str]:
    page, public = home.project(project.slug), project.public
    this, record, code = f"<{page}>", f"<{page}#record>", f"<{page}#code>"
    yield f"{catalog} dcat:dataset {this} ; dcat:record {record} .\n"
    yield _dataset(project, home, this, code if project.repository else None, terms_used)
    version, _ = project.release
    if project.repository:
        block = Block(code, "dcat:Distribution").add("dct:title", literal(f"{plain(project.record.name)}: source code"))
        block.add("dcat:accessURL", iri(project.repository))
        block.add("adms:status", *_remembered(terms_used, "skos:Concept", _status(project)))
        license, terms = _license(f"{page}#license", (project.license,), project.license, terms_used)
        block.add("dct:license", license).add("dct:rights", _rights(project.license))
        yield block.add("dcat:version", literal(version)).turtle + terms
    block = Block(record, "dcat:CatalogRecord").add("foaf:primaryTopic", this)
    block.add("dct:issued", time_literal(public.added_at)).add("dct:modified", time_literal(public.changed_at))
    # Of a record, `dct:source` would be the record of another catalogue that it was taken from, and only one.
    block.add("prov:wasDerivedFrom", *map(web_iri, project.record.sources)).add("dct:rights", _rights(home.terms))
    origins = literal(f"Who says so: {', '.join(project.origins)}. Fact by fact: {page}/facts")
    yield block.add("dct:provenance", blank_node(("a", "dct:ProvenanceStatement"), ("rdfs:label", origins))).turtle


def _dataset(project: Software, home: CatalogueSite, this: str, code: str | None, terms: ClassedTerms) -> str:
    record, public = project.record, project.public
    block = Block(this, "dcat:Dataset", "dcat:Resource", "adms:Asset", "schema:SoftwareSourceCode")
    block.add("dct:title", literal(record.name))
    block.words("dct:description", {**record.summary, **record.description} or {"en": record.name})
    block.words("schema:abstract", record.summary)
    number = blank_node(("a", "adms:Identifier"), ("skos:notation", typed_literal(str(public.id), "xsd:string")))
    block.add("dct:identifier", literal(str(public.id))).add("adms:identifier", number)
    page = f"<{home.page(record.slug)}>"
    block.add("dcat:landingPage", *_remembered(terms, "foaf:Document", page))
    block.add(
        "foaf:page", *_remembered(terms, "foaf:Document", web_iri(record.homepage), web_iri(record.documentation))
    )
    block.add("dcat:theme", *(f"<{home.base}/domains/{term}>" for term in record.domains))
    block.add("dct:language", *_remembered(terms, "dct:LinguisticSystem", *map(_language, project.languages)))
    block.add("adms:status", *_remembered(terms, "skos:Concept", _status(project)))
    block.add("schema:programmingLanguage", *map(literal, project.written)).add(
        "dcat:version", literal(project.release[0])
    )
    block.add("dct:issued", time_literal(public.added_at)).add(
        "dct:modified", time_literal(public.activity.changed_at or public.changed_at)
    )
    block.add(
        "dct:publisher",
        *(blank_node(("a", "foaf:Agent"), ("foaf:name", literal(by.name))) for by in project.makers[:1]),
    )
    block.add("schema:maintainer", *(f"<{home.organization(by.slug)}>" for by in project.makers))
    for relation in public.relations:
        block.add(_RELATED.get(relation.type, "dct:relation"), f"<{home.project(relation.slug)}>")
    return block.add("dcat:distribution", code).turtle


def _needs(used: set[str], home: CatalogueSite) -> Iterator[str]:
    domains, scheme = vocabulary("domain"), f"<{home.base}/#needs>"
    yield Block(scheme, "skos:ConceptScheme").words("dct:title", domains.title).turtle
    for slug, term in domains.terms.items():
        if slug in used:
            block = Block(f"<{home.base}/domains/{slug}>", "skos:Concept").words("skos:prefLabel", term.label)
            block.words("skos:definition", term.definition).add("skos:inScheme", scheme)
            for relation, addresses in term.match.items():
                block.add(f"skos:{relation}", *map(iri, addresses))
            yield block.turtle


def _language(tag: str) -> str | None:
    code = _LANGUAGE_CODES.get(tag.partition("-")[0])
    return f"<{_LANGUAGE_AUTHORITY}{code}>" if code else None


def _status(project: Software) -> str | None:
    word = _STATUSES.get(project.status or "")
    return f"<{_STATUS_AUTHORITY}{word}>" if word else None


def _rights(license_text: str | None) -> str | None:
    return blank_node(("a", "dct:RightsStatement"), ("rdfs:label", literal(license_text)))


def _license(
    address: str, expressions: tuple[str | None, ...], license_text: str | None, terms: ClassedTerms
) -> tuple[str | None, str]:
    """Return the one license that DCAT-AP allows, and the block that describes it where we must: several that all
    hold are one document of ours at `address`, which leads to each. A choice cannot be given: its rights name it.
    """
    license_pages = [spdx_addresses(expression) if expression else None for expression in expressions]
    pages = list(
        dict.fromkeys(
            page
            for addresses in license_pages
            for page in ([addresses] if isinstance(addresses, str) else addresses or ())
        )
    )
    if len(pages) == 1:
        return next(iter(_remembered(terms, "dct:LicenseDocument", iri(pages[0]))), None), ""
    if not pages:
        return None, ""
    block = Block(f"<{address}>", "dct:LicenseDocument").add("rdfs:label", literal(license_text))
    return f"<{address}>", block.add("rdfs:seeAlso", *map(iri, pages)).turtle


def _remembered(terms_used: ClassedTerms, kind: str, *terms: str | None) -> list[str]:
    """Return the terms that are not empty, remembered as things of this kind."""
    present = [term for term in terms if term]
    terms_used.update(dict.fromkeys((term, kind) for term in present))
    return present
