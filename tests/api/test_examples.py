"""The description by the standard's own schema, and its examples against the routes that they are of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.api_examples import a_furnished_site, answers, written

from forge.web.api.openapi import EXAMPLES
from tests.api.test_api import check, schema_of


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, dict]]:
    """The description, and what its routes answer."""
    with a_furnished_site(tmp_path_factory.mktemp("examples")) as (client, names):
        yield client.get("/openapi.json").json(), answers(client, names) | written(client, names)


def test_the_description_is_valid_by_the_schema_of_openapi_3_1(asked: tuple[dict, dict]) -> None:
    """The schema that the standard publishes, as the tool that fuzzes us carries it."""
    from schemathesis.specs.openapi.definitions import OPENAPI_31

    document = asked[0]
    assert "spec.openapis.org/oas/3.1" in OPENAPI_31["$id"]
    wrong = [
        (list(error.absolute_path), error.message[:200])
        for error in Draft202012Validator(OPENAPI_31).iter_errors(document)
    ]
    assert wrong == []
    assert list(Draft202012Validator(OPENAPI_31).iter_errors(document | {"info": {}}))


def test_every_operation_has_an_example_of_what_is_sent_and_answered_as_its_schemas_say(
    asked: tuple[dict, dict],
) -> None:
    document, _ = asked
    for path, operations in document["paths"].items():
        for method in operations.keys() - {"parameters"}:
            status = next(iter(operations[method]["responses"]))
            (content,) = operations[method]["responses"][status]["content"].values()
            told = shown(content)
            for example in told.values():
                check(schema_of(document, path, method, status), document, example)
            if body := operations[method].get("requestBody"):
                (content,) = body["content"].values()
                assert shown(content).keys() == told.keys()
                for example in shown(content).values():
                    check(content["schema"], document, example)
    assert len(EXAMPLES.read_bytes()) < 60_000


def test_an_example_is_what_its_route_answers(asked: tuple[dict, dict]) -> None:
    """By names and kinds of values; `make generated` writes them anew."""
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    _, real = asked
    assert kept.keys() == real.keys(), "make generated"
    for path, example in real.items():
        assert shape(kept[path]) == shape(example), f"{path}: make generated"


def shown(content: dict) -> dict[str, Any]:
    """The examples of a content, by name where there are several."""
    if "examples" in content:
        return {name: example["value"] for name, example in content["examples"].items()}
    return {"": content["example"]}


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__
