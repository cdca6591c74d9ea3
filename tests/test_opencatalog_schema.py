"""The published description of the Open Catalog API, held against our server by Schemathesis; with an overlay where the
description contradicts its own reference implementation."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_opencatalog_conformance import KEY, ROOT, a_server

from forge.web.opencatalog import tokens

SHARED = ROOT.parent / "shared"
FILE = SHARED / "corpus" / "open-catalog-api" / "software-catalog-api.oas.yaml"
OPERATIONS = 42
# The description bounds what its text leaves open: a size beyond 100 is clamped, a cursor of any text is refused, a
# merge names some members, null is as if it were not there, a value of RFC 6902 may be anything. What is taken and what
# is refused is the conformance kit's matter, case by case.
CONTRADICTED = ("positive_data_acceptance", "negative_data_rejection")
METHODS = ("get", "post", "patch", "delete")
PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
ID = (
    "[a-f0-9]{8}-[a-f0-9]{4}-[1-8][a-f0-9]{3}-[89abAB][a-f0-9]{3}-[a-f0-9]{12}"  # ours may be of another version than 4
)


def overlaid(described: dict[str, Any]) -> dict[str, Any]:
    """The description with what the reference implementation does otherwise, and with our own few differences."""
    schemas = described["components"]["schemas"]
    software, error, links = (schemas[name]["properties"] for name in ("Software", "Error", "Links"))
    software["aliases"]["minItems"] = 0  # an empty list is returned
    for name in ("vitality", "publiccodeYml"):  # null is returned; ours: a file that cannot be told from persons
        software[name]["nullable"] = True
    for one in (error, schemas["ValidationError"]["properties"]):
        one["status"] |= {"minimum": 400, "maximum": 599}
        one["code"] = {"type": "string"}
        one["validationErrors"] = schemas["ValidationError"]["properties"]["validationErrors"]
    schemas["Error"]["required"] = schemas["ValidationError"]["required"] = ["title"]  # a 401 has no detail
    for one in links.values():
        one.pop("maxLength")  # a link keeps what else was asked for
        one.pop("format")
    schemas["Log"]["properties"]["message"]["minLength"] = 2
    schemas["Software"]["properties"]["publiccodeYml"].pop("pattern", None)
    for name in ("Software", "Publisher"):
        schemas[name]["properties"]["id"]["pattern"] = ID
        schemas[name]["properties"]["catalogId"]["pattern"] = ID
    described["paths"]["/software/{softwareId}/logs"]["post"]["responses"]["200"] = {"description": "OK"}
    for path in described["paths"].values():
        for one in path.get("parameters", ()):
            if one["schema"].get("pattern", "").startswith("[a-f0-9]{8}"):
                one["schema"]["pattern"] = f"^{ID}$"
        for method in METHODS:
            if method not in path:
                continue
            for status in ("400", "401", "404", "405", "409", "413", "414", "422", "429"):
                path[method]["responses"].setdefault(status, PROBLEM)
    return described


@pytest.fixture(scope="module")
def described(tmp_path_factory) -> Path:
    if not SHARED.is_dir():
        pytest.skip("the description (../shared/corpus/open-catalog-api) is not here: nothing was held against it")
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert sum(method in path for path in found["paths"].values() for method in METHODS) == OPERATIONS
    file = tmp_path_factory.mktemp("described") / "open-catalog.json"
    file.write_text(json.dumps(overlaid(found), default=str))
    return file


def held(described: Path, base: str, *more: str) -> subprocess.CompletedProcess[str]:
    made = tokens.make(KEY, "schemathesis", now=datetime.now(UTC), lifetime=timedelta(days=1))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(described), "--url", f"{base}/v1", "--no-color"),
        *("--header", f"Authorization: Bearer {made}", "--seed", "1", "--generation-database", "none"),
        *("--exclude-checks", ",".join(CONTRADICTED), *more),
    ]
    return subprocess.run(command, cwd=described.parent, capture_output=True, text=True, timeout=1500)


def test_the_description_finds_nothing_wrong_with_our_server(described, sqlite_template, tmp_path):
    with a_server(sqlite_template, tmp_path / "here") as base:
        told = held(described, base, "--phases", "examples,fuzzing", "--max-examples", "3")
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
    assert f"Selected: {OPERATIONS}/{OPERATIONS}" in told.stdout.replace("  ", " "), told.stdout[-3000:]


@pytest.mark.full
def test_nor_do_its_edges_drawn_requests_and_walks_along_its_links(described, sqlite_template, tmp_path):
    with a_server(sqlite_template, tmp_path / "here") as base:
        told = held(described, base, "--phases", "coverage,fuzzing,stateful", "--max-examples", "60")
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
