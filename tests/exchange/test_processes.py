"""Two running services get to know each other by what operators type, and their workers do the rest: what was decided
comes, what an organization takes back by a form goes, and it is told who erased it."""

import json
import re
import urllib.parse
import urllib.request
from email import message_from_bytes, policy

import pytest
from support import forked_command as forked
from support.factories.core import a_catalog, a_project, an_adoption, an_organization
from support.hosts.instances import manifest_of

from tests.server.test_serve import a_service, environment, until, write

COOP = an_organization(name="Coop des Halles", homepage="https://www.coop.example/qui")
ADOPTED = (a_project(repository=None, adoptions=(an_adoption(),)), COOP)


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
    return forked.run(arguments, cwd=folder, env=environment(), timeout=60)


@pytest.mark.full
def test_a_key_is_compared_and_the_workers_bring_what_is_followed(folders) -> None:
    ours, theirs = folders
    with a_service(ours) as french, a_service(theirs) as spanish:
        for service in (french, spanish):
            until(lambda to=service: to.get("/exchange/metadata/timestamp.json")[0] == 200)
        key = json.loads(forge(ours, "exchange", "key", "show", "--json").stdout)
        assert key["sha256"].startswith(key["fingerprint"])
        own = json.loads(forge(theirs, "exchange", "key", "show", "--json").stdout)
        wrong = forge(theirs, "peer", "add", french.address, "--fingerprint", own["fingerprint"])
        assert wrong.returncode == 1 and "nothing was added" in wrong.stderr
        added = forge(theirs, "peer", "add", french.address, "--fingerprint", " ".join(key["words"]), "--json")
        assert added.returncode == 0, added.stderr
        until(lambda: spanish.get("/es/projects/galette")[0] == 200)
        until(lambda: "/es/projects/galette" in spanish.get("/es/projects?q=galette")[1])
        page = spanish.get("/es/projects/galette")[1]
        assert french.address in page and "annuaire (en)" in page
        assert french.end() == 0
        assert spanish.get("/es/projects/galette")[0] == 200


def follows(folder, other, their_folder):
    """Compare the key and follow; what the command line calls the other one."""
    key = json.loads(forge(their_folder, "exchange", "key", "show", "--json").stdout)
    added = forge(folder, "peer", "add", other.address, "--fingerprint", key["fingerprint"], "--json")
    assert added.returncode == 0, added.stderr
    return json.loads(added.stdout)["slug"]


def sent(address, **fields):
    """Where a form leads that is sent."""
    with urllib.request.urlopen(address, urllib.parse.urlencode(fields).encode(), timeout=60) as answer:
        return urllib.parse.urlsplit(answer.url).path


def mailed(folder):
    """The address in the first message that the worker laid out."""
    (file, *_) = until(lambda: [*(folder / "data" / "outbox").glob("*.eml")])
    parts = message_from_bytes(file.read_bytes(), policy=policy.default)
    return re.search(r"http\S+/sign-in/\S+", parts.get_body(("plain",)).get_content())[0]


@pytest.mark.full
def test_what_an_organization_takes_back_by_a_form_goes_from_the_other_service(folders) -> None:
    """The next day's visits are made at once, by the command line."""
    ours, theirs = folders
    with a_service(ours, exchange_seconds="1") as french, a_service(theirs, exchange_seconds="1") as spanish:
        for instance in (french, spanish):
            until(lambda record=instance: record.get("/exchange/metadata/timestamp.json")[0] == 200)
        here = follows(theirs, french, ours)
        users = "/es/projects/galette/users"
        until(lambda: "Coop des Halles" in spanish.get(users)[1])
        use = f"{french.address}/fr/projects/galette/users/coop-des-halles/away"
        sent(use, email="eva@coop.example", words="")
        link = mailed(ours)
        with urllib.request.urlopen(link, timeout=60) as shown:
            seen = re.search(r'name="seen" value="([^"]+)"', shown.read().decode())[1]
        sent(link, seen=seen)
        assert "Coop des Halles" in spanish.get(users)[1]

        def gone():
            assert forge(theirs, "peer", "pull", here).returncode == 0
            return "Coop des Halles" not in spanish.get(users)[1]

        until(gone)
