"""What others demand of our formats, restated for tests: shapes of DCAT-AP, a schema of Murmurations, readers."""

import csv
import io
import json
import warnings
from typing import Any

import rdflib
from odf import table, text
from odf.opendocument import load
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS

ADMS = rdflib.Namespace("http://www.w3.org/ns/adms#")

# Mandatory properties of DCAT-AP 3.0.0 by class, https://semiceu.github.io/DCAT-AP/releases/3.0.0/
DCAT_AP = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description),
    DCAT.Distribution: (DCAT.accessURL,),
    DCAT.CatalogRecord: (DCTERMS.modified, FOAF.primaryTopic),
    FOAF.Agent: (FOAF.name,),
    SKOS.Concept: (SKOS.prefLabel,),
    SKOS.ConceptScheme: (DCTERMS.title,),
    ADMS.Identifier: (SKOS.notation,),
}
# Vocabularies that rdflib brings with all their terms.
PACKAGED = (DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS)
# What these properties may hold.
IS_ADDRESS = (DCAT.accessURL, DCAT.landingPage, DCTERMS.license, FOAF.homepage, FOAF.page, DCTERMS.language, DCAT.theme)
AT_MOST_ONE = {DCAT.CatalogRecord: (DCTERMS.modified, FOAF.primaryTopic), DCAT.Catalog: (DCTERMS.publisher,)}

_ADDRESS = {"type": "string", "maxLength": 2000, "pattern": "^https?://.*"}
# organizations_schema-v1.0.0, those of its properties that we write.
MURMURATIONS = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["linked_schemas", "name"],
    "properties": {
        "linked_schemas": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": r"^[a-z][a-z0-9_]{7,97}-v[0-9]+\.[0-9]+\.[0-9]+$"},
            "contains": {"const": "organizations_schema-v1.0.0"},
        },
        "name": {"type": "string", "maxLength": 200},
        "primary_url": _ADDRESS,
        "tags": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "uniqueItems": True,
            "items": {"type": "string", "maxLength": 100},
        },
        "urls": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["url"],
                "properties": {"name": {"type": "string"}, "url": _ADDRESS},
            },
        },
        "country_iso_3166": {"type": "string", "pattern": "^[A-Z]{2}$", "not": {"enum": ["EU", "XK", "UN", "EZ"]}},
        "unique_id": {"type": "string"},
        "contact_details": False,
        "telephone": False,
    },
}


def graph(turtle: str | bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle, format="turtle")


def lacking(found: rdflib.Graph) -> list[tuple[Any, Any]]:
    """Subjects of DCAT-AP's classes with the property that each lacks or has too often, or that holds no address."""
    wrong = [
        (node, wanted)
        for kind, needed in DCAT_AP.items()
        for node in found.subjects(RDF.type, kind)
        for wanted in needed
        if not any(str(value).strip() for value in found.objects(node, wanted))
    ]
    wrong += [
        (node, one)
        for kind, single in AT_MOST_ONE.items()
        for node in found.subjects(RDF.type, kind)
        for one in single
        if len(list(found.objects(node, one))) > 1
    ]
    wrong += [
        (node, one)
        for one in IS_ADDRESS
        for node, value in found.subject_objects(one)
        if not isinstance(value, rdflib.URIRef)
    ]
    return wrong


def undefined(found: rdflib.Graph) -> list[str]:
    """Properties and classes that stand in a vocabulary's name space and that it does not have."""
    used = {*found.predicates(), *found.objects(None, RDF.type)}
    return sorted(str(one) for one in used for space in PACKAGED if one.startswith(str(space)) and one not in space)


def rows(data: bytes) -> list[dict[str, str]]:
    """The lines of a CSV by column."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheets(data: bytes) -> dict[str, list[list[str]]]:
    """The texts of a spreadsheet's cells, by sheet and row."""
    found = {}
    for sheet in load(io.BytesIO(data)).spreadsheet.getElementsByType(table.Table):
        found[sheet.getAttribute("name")] = [
            [
                "\n".join(str(line) for line in cell.getElementsByType(text.P))
                for cell in row.getElementsByType(table.TableCell)
            ]
            for row in sheet.getElementsByType(table.TableRow)
        ]
    return found


def linked(text_of: str, context: Any) -> rdflib.Graph:
    """JSON-LD read with a context that is here, whatever address it names."""
    told = json.loads(text_of) | {"@context": context}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own reader of JSON-LD uses what rdflib warns of
        return rdflib.Graph().parse(data=json.dumps(told), format="json-ld")
