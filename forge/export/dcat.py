"""The whole catalogue as DCAT-AP with ADMS assets, in Turtle: a dataset a project, its repository as distribution.

All of it conforms to the SHACL shapes of DCAT-AP 3, which want to be told of what kind whatever is named is, be it
a page of somebody else. What is not known is left out. Adoptions are none of it, since it has no word for them.
https://semiceu.github.io/DCAT-AP/releases/3.0.0/ https://www.w3.org/TR/vocab-adms/
"""

import re
from collections.abc import Iterable, Iterator

from catalog.store.exports.records import Exported
from catalog.vocabulary import vocabulary
from forge.export.home import Home
from forge.export.metadata import spdx
from forge.export.software import Software, software
from forge.export.turtle import Block, blank, iri, moment, prefixes, text, typed, web
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
_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_STATUS = "http://purl.org/adms/status/"
# Of our vocabulary `status`; `suspended` and `moved` are none of theirs.
_STATUSES = {
    **dict.fromkeys(("concept", "wip"), "UnderDevelopment"),
    **dict.fromkeys(("active", "inactive"), "Completed"),
    **dict.fromkeys(("abandoned", "unsupported", "ended"), "Deprecated"),
}
# The list of the Publications Office names languages by ISO 639-3, in capitals.
_CODES = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "ar=ARA bg=BUL bn=BEN br=BRE ca=CAT cs=CES cy=CYM da=DAN de=DEU el=ELL en=ENG eo=EPO es=SPA et=EST eu=EUS "
        "fa=FAS fi=FIN fr=FRA ga=GLE gl=GLG he=HEB hi=HIN hr=HRV hu=HUN id=IND is=ISL it=ITA ja=JPN ko=KOR lt=LIT "
        "lv=LAV mk=MKD mt=MLT nb=NOB nl=NLD nn=NNO oc=OCI pl=POL pt=POR ro=RON ru=RUS sk=SLK sl=SLV sq=SQI sr=SRP "
        "sv=SWE sw=SWA ta=TAM th=THA tr=TUR uk=UKR ur=URD vi=VIE zh=ZHO",
    )
)
Named = dict[tuple[str, str], None]  # terms of others, each with its class, in the order they came
_RELATED = {"fork-of": "dct:isVersionOf", "successor-of": "dct:replaces", "part-of": "dct:isPartOf"}


def dcat(found: Iterable[Exported], home: Home) -> Iterator[str]:
    """The Turtle in blocks: the catalogue, each project with its record and distribution, the needs as concepts, and
    what the things are that all these name: `named` gathers them by class, each once."""
    catalog = f"<{home.base}/#catalog>"
    named: Named = {}
    yield prefixes(PREFIXES)
    yield _catalog(home, catalog, named)
    used: set[str] = set()
    for one in found:
        told = software(one)
        used.update(told.record.domains)
        yield from _project(one, told, home, catalog, named)
    yield from _needs(used, home)
    for subject, kind in named:
        block = Block(subject, kind)
        if kind == "skos:Concept":
            block.add("skos:prefLabel", text(subject.removeprefix(f"<{_STATUS}").removesuffix(">"), "en"))
        yield block.turtle


def _catalog(home: Home, catalog: str, named: Named) -> str:
    criteria = home.manifest.criteria if home.manifest else {}
    described = criteria or {"en": f"Free software that {home.operator} gathers for the social and solidarity economy."}
    operator = f"<{home.base}/#operator>"
    block = Block(catalog, "dcat:Catalog").words("dct:title", home.names).words("dct:description", described)
    block.add("dct:publisher", operator).add("foaf:homepage", *_are(named, "foaf:Document", f"<{home.base}/>"))
    block.add("dct:language", *_are(named, "dct:LinguisticSystem", *map(_language, home.languages)))
    license, terms = _license(f"{home.base}/#license", (home.license.facts, home.license.texts), home.terms, named)
    block.add("dct:license", license).add("dct:rights", _rights(home.terms))
    block.add("dcat:themeTaxonomy", f"<{home.base}/#needs>")
    by = Block(operator, "foaf:Agent", "foaf:Organization").add("foaf:name", text(home.operator))
    if home.manifest and home.manifest.operator:
        by.add("foaf:homepage", web(home.manifest.operator.homepage))
        _are(named, "foaf:Document", web(home.manifest.operator.homepage))
    return block.turtle + terms + by.turtle


def _project(one: Exported, told: Software, home: Home, catalog: str, named: Named) -> Iterator[str]:
    page = home.project(told.slug)
    this, record, code = f"<{page}>", f"<{page}#record>", f"<{page}#code>"
    yield f"{catalog} dcat:dataset {this} ; dcat:record {record} .\n"
    yield _dataset(one, told, home, this, code if told.repository else None, named)
    version, _ = told.release
    if told.repository:
        block = Block(code, "dcat:Distribution").add("dct:title", text(f"{plain(told.record.name)}: source code"))
        block.add("dcat:accessURL", iri(told.repository))
        block.add("adms:status", *_are(named, "skos:Concept", _status(told)))
        license, terms = _license(f"{page}#license", (told.license,), told.license, named)
        block.add("dct:license", license).add("dct:rights", _rights(told.license))
        yield block.add("dcat:version", text(version)).turtle + terms
    block = Block(record, "dcat:CatalogRecord").add("foaf:primaryTopic", this)
    block.add("dct:issued", moment(one.added_at)).add("dct:modified", moment(one.changed_at))
    # Of a record, `dct:source` would be the record of another catalogue that it was taken from, and only one.
    block.add("prov:wasDerivedFrom", *map(web, told.record.sources)).add("dct:rights", _rights(home.terms))
    origins = text(f"Who says so: {', '.join(told.origins)}. Fact by fact: {page}/facts")
    yield block.add("dct:provenance", blank(("a", "dct:ProvenanceStatement"), ("rdfs:label", origins))).turtle


def _dataset(one: Exported, told: Software, home: Home, this: str, code: str | None, named: Named) -> str:
    record = told.record
    block = Block(this, "dcat:Dataset", "dcat:Resource", "adms:Asset", "schema:SoftwareSourceCode")
    block.add("dct:title", text(record.name))
    block.words("dct:description", {**record.summary, **record.description} or {"en": record.name})
    block.words("schema:abstract", record.summary)
    number = blank(("a", "adms:Identifier"), ("skos:notation", typed(str(one.id), "xsd:string")))
    block.add("dct:identifier", text(str(one.id))).add("adms:identifier", number)
    page = f"<{home.page(record.slug)}>"
    block.add("dcat:landingPage", *_are(named, "foaf:Document", page))
    block.add("foaf:page", *_are(named, "foaf:Document", web(record.homepage), web(record.documentation)))
    block.add("dcat:theme", *(f"<{home.base}/domains/{term}>" for term in record.domains))
    block.add("dct:language", *_are(named, "dct:LinguisticSystem", *map(_language, told.languages)))
    block.add("adms:status", *_are(named, "skos:Concept", _status(told)))
    block.add("schema:programmingLanguage", *map(text, told.written)).add("dcat:version", text(told.release[0]))
    block.add("dct:issued", moment(one.added_at)).add("dct:modified", moment(told.last_commit_at or one.changed_at))
    block.add("dct:publisher", *(blank(("a", "foaf:Agent"), ("foaf:name", text(by.name))) for by in told.makers[:1]))
    block.add("schema:maintainer", *(f"<{home.organization(by.slug)}>" for by in told.makers))
    for other in one.relations:
        block.add(_RELATED.get(other.type, "dct:relation"), f"<{home.project(other.slug)}>")
    return block.add("dcat:distribution", code).turtle


def _needs(used: set[str], home: Home) -> Iterator[str]:
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
    code = _CODES.get(tag.partition("-")[0])
    return f"<{_LANGUAGE}{code}>" if code else None


def _status(told: Software) -> str | None:
    word = _STATUSES.get(told.status or "")
    return f"<{_STATUS}{word}>" if word else None


def _rights(said: str | None) -> str | None:
    return blank(("a", "dct:RightsStatement"), ("rdfs:label", text(said)))


def _license(here: str, expressions: tuple[str | None, ...], said: str | None, named: Named) -> tuple[str | None, str]:
    """The one license that DCAT-AP allows, and the block that tells of it where we must: several that all hold are one
    document of ours at the address `here`, which leads to each. Of a choice there is none: its rights tell it."""
    found = [spdx(one) if one else None for one in expressions]
    pages = list(dict.fromkeys(page for one in found for page in ([one] if isinstance(one, str) else one or ())))
    if len(pages) == 1:
        return next(iter(_are(named, "dct:LicenseDocument", iri(pages[0]))), None), ""
    if not pages:
        return None, ""
    block = Block(f"<{here}>", "dct:LicenseDocument").add("rdfs:label", text(said))
    return f"<{here}>", block.add("rdfs:seeAlso", *map(iri, pages)).turtle


def _are(named: Named, kind: str, *terms: str | None) -> list[str]:
    """The terms that are any, remembered as things of this kind."""
    kept = [one for one in terms if one]
    named.update(dict.fromkeys((one, kind) for one in kept))
    return kept
