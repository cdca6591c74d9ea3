"""Two running services get to know each other by what operators type, and their workers do the rest."""

import json
import subprocess
import sys

import pytest
from factories import a_catalog, a_project, an_adoption, an_organization
from instances import manifest_of
from test_serve import a_service, environment, until, write

ADOPTED = (a_project(repository=None, adoptions=(an_adoption(),)), an_organization())


@pytest.fixture
def folders(tmp_path):
    made = []
    for name, languages, records in (
        ("annuaire", ("fr", "en"), ADOPTED),
        ("catalogo", ("es", "en"), (a_project("contarapido", repository=None),)),
    ):
        made.append(tmp_path / name)
        made[-1].mkdir()
        write(made[-1], a_catalog(*records, manifest=manifest_of(name, *languages)))
    return made


def forge(folder, *arguments):
    command = [sys.executable, "-m", "forge.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)


def test_a_key_is_compared_people_decide_and_the_workers_bring_what_was_decided(folders) -> None:
    ours, theirs = folders
    with a_service(ours) as french, a_service(theirs) as spanish:
        until(lambda: french.get("/exchange/entry.json")[0] == 200)
        card = json.loads(french.get("/exchange/instance.json")[1])
        assert card["address"] == french.address and card["complete"]
        key = json.loads(forge(ours, "exchange", "key", "show", "--json").stdout)
        assert key["fingerprint"] == card["key"]["fingerprint"]
        own = json.loads(forge(theirs, "exchange", "key", "show", "--json").stdout)
        wrong = forge(theirs, "peer", "add", french.address, "--fingerprint", own["fingerprint"])
        assert wrong.returncode == 1 and "nothing was added" in wrong.stderr
        added = forge(theirs, "peer", "add", french.address, "--fingerprint", " ".join(key["words"]), "--json")
        assert added.returncode == 0, added.stderr
        told = json.loads(added.stdout)
        assert told["preview"]["counts"] == {"project": 1, "organization": 1, "adoption": 1}
        assert spanish.get("/es/projects/galette")[0] == 404
        kinds = [f"--kind={kind}=follow" for kind in ("project", "organization", "adoption")]
        assert forge(theirs, "peer", "follow", told["slug"], *kinds).returncode == 0
        until(lambda: spanish.get("/es/projects/galette")[0] == 200)
        until(lambda: "/es/projects/galette" in spanish.get("/es/projects?q=galette")[1])
        page = spanish.get("/es/projects/galette")[1]
        assert french.address in page and "annuaire (en)" in page
        assert french.end() == 0
        assert spanish.get("/es/projects/galette")[0] == 200
