"""What tests of registrations are made of: a site whose worker is the test, forms filled in as people do, and what
a registration says."""

import re
from contextlib import contextmanager
from datetime import timedelta
from html import unescape

from starlette.testclient import TestClient
from support.factories.core import NOW
from support.factories.submissions import begin_draft
from support.factories.visits import LICENSE_TEXT, LOOPBACK
from support.hosts.git_origin import a_repository, git
from support.visitors import BROWSER
from support.world import a_client, a_site

from catalog import submissions
from catalog.rules.submission import PREVIEW, REGISTER
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.tables.people import message
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.preview import PreviewJob
from forge.security.safe_http import AddressRules

ANA = "ana@example.org"
HERE = "https://git.example.org/group/caisse.git"
SAID = {
    "address": HERE,
    "name": "Caisse commune",
    "summary": "Tient la caisse d’un groupe",
    "language": "fr",
    "license": "AGPL-3.0-or-later",
    "homepage": "https://caisse.example.org",
    "needs": ["accounting"],
    "use": ["online", "install"],
    "online": "https://demo.caisse.example.org",
    "hardness": "easy",
    "screens": ["fr", "en"],
    "maker": "yes",
}
PUBLICCODE = """publiccodeYmlVersion: "0.5"
name: Caisse commune
url: {url}
landingURL: https://caisse.example.org
platforms: [web]
developmentStatus: stable
softwareType: standalone/web
categories: [accounting]
description:
  fr:
    shortDescription: Tient la caisse d’un groupe
    longDescription: Elle tient la caisse d’un groupe, et montre à chacun ce qui reste.
    features: [Dépenses, Recettes]
legal:
  license: AGPL-3.0-or-later
  mainCopyrightOwner: Coop des Halles
maintenance:
  type: internal
localisation:
  localisationReady: true
  availableLanguages: [fr, en]
"""


class Lasting(ObserverProcess):
    """One child for all looks of a file of tests, which starts anew for each look of a catalogue: a start takes longer
    than all that a look does."""

    def __init__(self):
        super().__init__(task_seconds=30)

    def rest(self, idle_seconds=0.0):
        """It goes on."""

    def close(self):
        self.end()


@contextmanager
def a_registering_site(store, folder, clock, observers):
    """A client, and a Looking that does what is queued when it is asked to."""
    with a_site(store, folder / "data", allow_networks=LOOPBACK) as app:
        app.state.clock = clock
        client = a_client(app)
        client.headers.update(BROWSER)
        yield client, PreviewJob(store, folder / "data/drafts", AddressRules(LOOPBACK), observers, clock)


def looked(looking):
    """Do the looks that wait; how many."""
    jobs = looking.store.jobs.lease("test", now=looking.clock(), lease=timedelta(seconds=60), kinds=[PREVIEW], limit=9)
    for job in jobs:
        looking.run(job)
    return len(jobs)


def draft_of(client: TestClient, tag="en") -> str:
    return re.search(r'name="draft" value="([^"]+)"', client.get(f"/{tag}/register").text)[1]


def begun(client: TestClient, address: str, tag="en") -> str:
    """Paste an address on the start page; the path of the draft."""
    answer = client.post(f"/{tag}/register", data={"address": address, "draft": draft_of(client, tag)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def put(client: TestClient, path: str, **fields):
    """Send a question's form; where it leads."""
    answer = client.post(path, data=fields or {"step": "send"})
    assert answer.status_code == 303, (path, answer.text)
    return answer.headers["location"]


def heading(answer) -> str:
    return re.sub(r"<[^>]+>", "", re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)[1]).strip()


def of_path(store, path: str):
    """The submission of a page of its draft, or of its own page once it was sent."""
    return store.submissions.by_token(re.search("/(?:register|declarations)/([^/]+)", path)[1])


def last_link(store):
    """The secret of the link in the last message to the sender of a submission."""
    with reading(store.engine) as connection:
        rows = connection.execute(message.select().order_by(message.c.created_at.desc())).all()
    return next(row.argument["token"] for row in rows if row.kind == submissions.CONFIRM_SUBMISSION)


def opened(store, now):
    """Press the button of the last message's link."""
    return submissions.open_link(store, last_link(store), "en", now=now)


def published(store, submission, now):
    with changing(store.engine) as (connection, change):
        held = submission_rows.by_id(connection, submission.id, hold=True)
        return submissions.publish(connection, held, None, change, now=now)


def a_draft(store, *, found=None, now=NOW, email=None, **answers):
    _, submission = begin_draft(store, REGISTER, "fr", answers=SAID | answers, email=email, network="n", now=now)
    if found is not None:
        store.submissions.keep_found(submission.id, {PREVIEW: {"state": "read", "url": HERE} | found}, now=now)
    return store.submissions.get(submission.id)


def value(said, file=None):
    return {"value": said, "file": file}


def a_caisse(origin):
    """A free repository that describes itself; the address that one would paste."""
    url = origin.url("git/caisse.git")
    files = {"LICENSE": LICENSE_TEXT, "publiccode__yml": PUBLICCODE.format(url=url)}
    tool = a_repository(origin.folder, "caisse.git", README__md="# Caisse\n\nKeeps the purse of a group.\n", **files)
    git("config", "uploadpack.allowFilter", "true", cwd=tool)
    return url


def plain(answer):
    return unescape(re.sub(r"<[^>]+>", "", answer.text))
