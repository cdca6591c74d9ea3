"""The published description of the Open Catalog API, held against our server by Schemathesis; with an overlay where the
description contradicts its own reference implementation."""

import hashlib
import json
import subprocess
import sys
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from forge.security.sealed_secrets import FORMATS
from forge.web.opencatalog import tokens
from tests.opencatalog.test_conformance import KEY, ROOT, a_server

SHARED = ROOT.parent / "shared"
FILE = SHARED / "corpus" / "open-catalog-api" / "software-catalog-api.oas.yaml"
OPERATIONS = 42
SHA256 = "ba52a6da5a10aab4fcfad12a97884ffc9726249c29d5fa718d63cf7ab0456f78"  # of the file that the overlay is for
# What the language of the description cannot say, for these operations alone: which requests that fit it are refused.
REFUSED_ANYWAY = {
    "an operation of RFC 6902 names a member that is there": (
        "PATCH /software/{softwareId}",
        "PATCH /catalogs/{catalogId}/software/{softwareId}",
        "PATCH /catalogs/{catalogId}/publishers/{publisherId}",
    ),
    "an address of mail is one that can exist": (
        "POST /publishers",
        "POST /catalogs/{catalogId}/publishers",
        "PATCH /publishers/{publisherId}",
    ),
}
METHODS = ("get", "post", "patch", "delete")
PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
ROOT_CATALOG = "\u2205"
CURSORS = ("WyIyMDIyLTA2LTA3VDE0OjU2OjIzWiIsImFhYTEyMzQ1Il0=", "WyIyMDIyLTA2LTA3VDE0OjU2OjIzWiIsImJmZjEyMzQ1Il0=")
ID = (
    "[a-f0-9]{8}-[a-f0-9]{4}-[1-8][a-f0-9]{3}-[89abAB][a-f0-9]{3}-[a-f0-9]{12}"  # ours may be of another version than 4
)


def overlaid(described: dict[str, Any]) -> dict[str, Any]:
    """The description with what the reference implementation does otherwise, and with our own few differences."""
    schemas = described["components"]["schemas"]
    for name in ("Software", "Publisher"):
        for member in ("id", "catalogId"):
            schemas[name]["properties"][member]["pattern"] = ID
    schemas["Software"]["properties"]["publiccodeYml"].pop("pattern")
    schemas["Software"]["properties"]["aliases"]["minItems"] = 0  # an empty list takes all away, and is returned
    schemas["Log"]["properties"]["message"]["minLength"] = 2
    schemas["AnalysisData"].pop("nullable")
    for name in ("Publisher", "Catalog"):
        schemas[name]["properties"]["alternativeId"]["minLength"] = 1
    catalog = schemas["Catalog"]["properties"]
    catalog["alternativeId"]["not"] = {"enum": [ROOT_CATALOG]}  # it is there already; it alone holds no sources
    catalog["sources"]["minItems"] = 1
    schemas["CatalogSource"]["properties"]["driver"]["minLength"] = 1
    schemas["CatalogSource"] = _asked(schemas["CatalogSource"])
    # The newer line has it beside; a client of the older one passes it over.
    schemas["Webhook"]["properties"]["format"] = {"type": "string", "enum": [*FORMATS, None], "nullable": True}
    operation = schemas["JsonPatchRequest"]["items"]
    operation["additionalProperties"] = True  # RFC 6902: what an operation does not need is passed over
    operation["properties"].pop("from")
    for path in described["paths"].values():
        for parameter in path.get("parameters", ()):
            _place(parameter)
        for method in METHODS:
            if method in path:
                _operation(path[method], schemas)
    _answers(schemas)
    described["paths"]["/software/{softwareId}/logs"]["post"]["responses"]["200"] = {"description": "OK"}
    return described


def _answers(schemas: dict[str, Any]) -> None:
    """What is returned, once what is asked has schemas of its own."""
    software, error, links = (schemas[name]["properties"] for name in ("Software", "Error", "Links"))
    for name in ("vitality", "publiccodeYml"):  # null is returned; ours: a file that cannot be told from persons
        software[name]["nullable"] = True
    for record in (error, schemas["ValidationError"]["properties"]):
        record["status"] |= {"minimum": 400, "maximum": 599}
        record["code"] = {"type": "string"}
        record["validationErrors"] = schemas["ValidationError"]["properties"]["validationErrors"]
    schemas["Error"]["required"] = schemas["ValidationError"]["required"] = ["title"]  # a 401 has no detail
    for link in links.values():
        link.pop("maxLength")  # a link keeps what else was asked for
        link.pop("format")
    schemas["Catalog"]["properties"]["alternativeId"].pop("not")
    schemas["Catalog"]["properties"]["sources"].pop("minItems")


def _place(schema: dict[str, Any]) -> None:
    """A name in an address is text that can be seen."""
    if schema["schema"].get("pattern", "").startswith("[a-f0-9]{8}"):
        schema["schema"]["pattern"] = f"^{ID}$"
    else:
        schema["schema"]["pattern"] = "^[0-9A-Za-z_-]+$"


def _operation(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for status in ("400", "401", "404", "405", "409", "413", "414", "422", "429"):
        operation["responses"].setdefault(status, PROBLEM)
    for record in operation.get("parameters", ()):
        if record["name"] == "all":
            record["schema"] = {}  # whatever is not true is as if it were not there
        elif record["name"] == "page[size]":
            record["schema"] = {"type": "integer", "minimum": 1}  # a larger one is clamped
        elif record["name"] in ("page[before]", "page[after]"):
            record["schema"] = {"type": "string", "enum": [*CURSORS, ""]}  # another text is none
        elif record["name"] in ("from", "to"):
            record["schema"] = {"anyOf": [record["schema"], {"type": "string", "enum": [""]}]}
        elif record["name"] in ("url", "search"):
            record["schema"] = {"type": "string"}  # of what is no address, or too long, nothing is found
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        name = body["schema"]["$ref"].rpartition("/")[2]
        if name not in ("AnalysisData", "JsonPatchRequest"):
            merge = kind == "application/merge-patch+json"
            body["schema"] = _asked(schemas[name]) | ({"required": []} if merge else {})


def _asked(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be sent: null is as if a member were not there, where none must be, also a member that is not known."""
    asked = deepcopy(schema)
    if asked.get("additionalProperties") is False:
        asked["additionalProperties"] = {"enum": [None], "nullable": True}
    for name, member in asked.get("properties", {}).items():
        asked["properties"][name] = _asked(member) | ({} if name in asked.get("required", ()) else {"nullable": True})
    if "items" in asked:
        asked["items"] = _asked(asked["items"])
    return asked


@pytest.fixture(scope="module")
def described(tmp_path_factory) -> Path:
    if not SHARED.is_dir():
        pytest.skip("the description (../shared/corpus/open-catalog-api) is not here: nothing was held against it")
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256, "another description: look at the overlay again"
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert sum(method in path for path in found["paths"].values() for method in METHODS) == OPERATIONS
    file = tmp_path_factory.mktemp("described") / "open-catalog.json"
    file.write_text(json.dumps(overlaid(found), default=str))
    return file


def held(described: Path, base: str, *more: str) -> subprocess.CompletedProcess[str]:
    made = tokens.make(KEY, "schemathesis", now=datetime.now(UTC), lifetime=timedelta(days=1))
    excepted = described.with_name("schemathesis.toml")
    excepted.write_text(
        "# a null character is in no text that a database keeps\n[generation]\nallow-x00 = false\n"
        + "".join(
            f"# {reason}\n[[operations]]\ninclude-name = {name!r}\nchecks.positive_data_acceptance.enabled = false\n"
            for reason, names in REFUSED_ANYWAY.items()
            for name in names
        )
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(excepted), "run", str(described)),
        *("--url", f"{base}/v1", "--no-color", "--header", f"Authorization: Bearer {made}"),
        *("--seed", "1", "--generation-database", "none", *more),
    ]
    return subprocess.run(command, cwd=described.parent, capture_output=True, text=True, timeout=1500)


def test_the_examples_of_the_description_find_nothing_wrong_with_our_server(described, sqlite_template, tmp_path):
    with a_server(sqlite_template, tmp_path / "here") as base:
        told = held(described, base, "--phases", "examples", "--max-examples", "1")
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
    assert f"Selected: {OPERATIONS}/{OPERATIONS}" in told.stdout.replace("  ", " "), told.stdout[-3000:]


@pytest.mark.full
def test_nor_do_its_edges_drawn_requests_and_walks_along_its_links(described, sqlite_template, tmp_path):
    with a_server(sqlite_template, tmp_path / "here") as base:
        told = held(described, base, "--phases", "coverage,fuzzing,stateful", "--max-examples", "60")
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
