"""The description against the code that answers, by a program that writes requests from descriptions."""

import subprocess
import sys
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from support.factories.calls import a_call, somebody
from support.factories.core import NOW, a_store
from support.serving import served
from support.world import a_site, fill

from tests.desk.test_desk import a_finding

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.config import SchemathesisConfig
    from schemathesis.specs.openapi import checks as openapi

from forge.web.api import quota
from forge.web.core import rate_limits
from forge.web.core.rate_limits import HOUR, AttemptLimit

# That whatever fits the schema is accepted is checked where nothing is sent: what a submission may say is in no schema.
CHECKS = (
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
    openapi.unsupported_method,
    openapi.ignored_auth,
)


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    """The whole world, and the token of somebody who may do everything."""
    folder = tmp_path_factory.mktemp("schemathesis")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        a_call(store)
        a_finding(store)
        ana = somebody(store, "all@example.org", role="administrator")
        token = store.api_tokens.make(ana, "schemathesis", 30, now=NOW)
        with a_site(store, folder / "data") as app:
            yield app, token


@pytest.fixture(autouse=True)
def unlimited(monkeypatch):
    many = {name: AttemptLimit(name, 1_000_000, HOUR) for name in rate_limits.LIMITS}
    monkeypatch.setattr("forge.web.api.route.LIMITS", many)
    monkeypatch.setattr(quota, "READ_LIMIT", AttemptLimit("api-read", 1_000_000, HOUR))


# How a request is refused; 414 is not among those that schemathesis knows: a long text makes a long address.
REFUSED = [400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429]


def run(site, examples):
    app, token = site
    config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    bounds = settings(
        max_examples=examples, derandomize=True, database=None, deadline=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    every = [found.ok() for found in schema.get_all_operations()]
    for operation in every:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            def ask(case):
                reads = (openapi.positive_data_acceptance,) if case.method == "GET" else ()
                case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=(*CHECKS, *reads))

            try:
                given(case=operation.as_strategy(generation_mode=mode))(bounds(ask))()
            except Unsatisfiable:  # an address without parameters takes nothing that could be wrong
                assert mode is GenerationMode.NEGATIVE
    assert len(every) > 20


def test_one_request_that_fits_and_one_that_does_not_fail_nowhere(site):
    run(site, 1)


@pytest.mark.full
def test_many_requests_of_each_operation_fail_nowhere(site):
    run(site, 100)


@pytest.mark.full
def test_neither_do_the_edges_of_each_parameter(site, tmp_path):
    """The whole document by the command that others run, all addresses that are read."""
    app, token = site
    settings_file = f"[checks.negative_data_rejection]\nexpected-statuses = {REFUSED}\n"
    (tmp_path / "schemathesis.toml").write_text(settings_file)
    with served(app) as base:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json"),
            *("--url", base, "--no-color", "--include-method", "GET", "--seed", "1", "--generation-database", "none"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "60"),
            *("--header", f"Authorization: Bearer {token}"),
        ]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=3000)
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
