"""What people say in one catalogue and take back there, as it is read in others: whole instances on loopback, each with
its own data and site.
"""

import gzip
import json
import re
import urllib.request

import pytest
from sqlalchemy import update
from support.factories.adoptions import a_use
from support.factories.calls import a_call, proven, published
from support.factories.core import a_project, an_adoption, an_organization
from support.factories.rewriting import rewriting
from support.instances_cast import (
    COOP,
    WORD,
    days,
    declared,
    galette,
    identity_of,
    receipts,
    taken_back,
    words_of,
)

from catalog import model, submissions
from catalog.federation.shapes import ADOPTION, CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.rules.adoption import VISIBILITIES
from catalog.rules.submission import adoption_id
from catalog.tables.core import organization
from forge.web.core.session import NAME


def places(slug="galette"):
    """Where a use could be read."""
    return (
        *(f"/fr/projects/{slug}", f"/fr/projects/{slug}/users", f"/fr/projects/{slug}/facts", "/fr/organizations"),
        *(f"/fr/projects/{slug}/history", "/fr/organizations/coop-des-halles/uses", f"/feeds/projects/{slug}.atom"),
        *(f"/badge/{slug}.svg", f"/embed/{slug}", f"/api/v1/projects/{slug}/adoptions", "/api/v1/adoptions"),
        *("/export/adoptions.csv", "/export/catalog.ttl", "/fr/places/FR", f"/fr/projects?q={slug}", "/fr/log"),
    )


def told_where(instance, *words):
    """The places in which one of these words is read."""
    return {path for path in places() if any(word in instance.get(path)[1] for word in words)}


def test_an_adopter_that_three_catalogues_know_counts_once_wherever_it_is_counted(begin) -> None:
    """They write the address of the code each in its way, and know the cooperative by its number."""
    spelled = ("https://github.com/example/galette.git", "https://www.GitHub.com/Example/Galette")
    spelled = (*spelled, "https://github.com/example/galette/tree/main")
    here, *others = (
        begin(name, "en", "fr", records=(galette(repository=url), COOP))
        for name, url in zip(("un", "deux", "trois"), spelled, strict=True)
    )
    for other in (here, *others):
        declared(other, identity_of(other, "galette"), here.clock())
    here.index()
    alone = counted(here)
    assert "used by 1 organization in 1 country" in alone["badge"]
    assert (alone["api"]["confirmed"], alone["countries"], alone["lines"], alone["listed"]) == (1, 1, 1, 1)
    for other in others:
        here.follows(other, "trust")
    days(2, *others, here)
    assert len(here.store.received_records.voices(PROJECT, identity_of(here, "galette"))) == 2
    assert counted(here) == alone


def counted(instance):
    project = json.loads(instance.page("/api/v1/projects/galette"))
    badge = instance.page("/badge/galette.svg")
    users = instance.page("/en/projects/galette/users")
    return {
        "badge": badge,
        "api": project["uses"],
        "countries": project["uses"]["countries"],
        "lines": len(instance.page("/export/adoptions.csv").splitlines()) - 1,
        "listed": len(json.loads(instance.page("/api/v1/adoptions"))["adoptions"]),
        "organizations": len(json.loads(instance.page("/api/v1/organizations"))["organizations"]),
        "projects": len(json.loads(instance.page("/api/v1/projects?q=galette"))["projects"]),
        "users": users.partition("<main")[2].count("Coop des Halles"),
        "told": instance.page("/feeds/projects/galette.atom?language=en").count("Coop des Halles"),
    }


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def test_what_an_organization_takes_back_goes_everywhere_and_followers_say_so(
    begin, french, clock, database, request
) -> None:
    """One follower answers at once, one was down for five days, one is late."""
    names = ("cerca", "lejos", "tarde")
    urls = [request.getfixturevalue("postgres_url") if database == "postgresql" else None, None, None]
    prompt, far, late = followers = tuple(
        begin(name, "es", "fr", records=(a_project(name),), url=url) for name, url in zip(names, urls, strict=True)
    )
    french.load(galette(adoptions=(an_adoption(stage="piloting"),)), a_project("paheko"), a_project("vieux"), COOP)
    use = declared(french, identity_of(french, "galette"), clock(), purpose=WORD)
    assert use.state == "published"
    for follower in followers:
        follower.follows(french)
        french.follows(follower)
        assert len(told_where(follower, WORD)) >= 3 and "/fr/projects/galette/users" in told_where(
            follower, "Coop des Halles"
        )
    french.load(galette(adoptions=(an_adoption(stage="piloting"),)), a_project("paheko"), COOP)
    days(3, french, *followers)
    assert all(follower.get("/fr/projects/vieux")[0] == 404 for follower in followers)
    assert not any("/projects/vieux" in follower.page("/fr/projects?q=vieux") for follower in followers)
    assert french.store.deletion_receipts.late(now=clock()) == ()
    far.down()
    late.down()
    clock.move(hours=1)
    token = taken_back(french, clock())
    assert "la demande de l’effacer." in french.page(f"/fr/declarations/{token}")
    french.write()
    assert not any(WORD.encode() in gzip.decompress(path.read_bytes()) for path in french.folder.rglob("*.gz"))
    days(3, french, prompt)
    assert told_where(prompt, WORD) == set()
    assert "/fr/projects/galette/users" not in told_where(prompt, "Coop des Halles")
    assert not any(WORD.encode() in gzip.decompress(path.read_bytes()) for path in prompt.settings.peers.rglob("*.gz"))
    key = (ADOPTION, adoption_id(identity_of(french, "galette"), identity_of(french, "coop-des-halles", ORGANIZATION)))
    assert key in receipts(french, prompt) and key not in receipts(french, far)
    days(2, french, prompt)
    assert words_of(french, token) == {prompt.host: "effacé le", far.host: "il ne l’a pas", late.host: "il ne l’a pas"}
    far.up()
    days(3, far, french)
    assert told_where(far, WORD) == set() and key in receipts(french, far)
    days(26, french)
    (named,) = french.store.deletion_receipts.late(now=clock())
    assert (named.peer_id, named.records) == (french.peer(late).id, 1)
    assert words_of(french, token) == {prompt.host: "effacé le", far.host: "effacé le", late.host: "en retard"}
    assert "tarde (es)" in desk(french) and "nothing new is imported from them" in desk(french)
    late.load(a_project("tarde"), a_project("nuevo", repository="https://code.example/nuevo"))
    late.up()
    late.write()
    days(1, french)
    assert french.get("/fr/projects/nuevo")[0] == 404  # of who is late, nothing but its word is read
    late.pull()
    late.index()
    assert told_where(late, WORD) == set()
    days(3, late, french)
    assert french.store.deletion_receipts.late(now=clock()) == () and key in receipts(french, late)
    assert french.get("/fr/projects/nuevo")[0] == 200


def test_what_people_told_and_asked_elsewhere_is_read_here_until_they_take_it_back(french, spanish, clock) -> None:
    """How a use went, and a call for translators: shown with their home, counted nowhere, gone at once."""
    galette, coop = identity_of(french, "galette"), identity_of(french, "coop-des-halles", ORGANIZATION)
    assert declared(french, galette, clock()).state == "published"
    words = {"context": "Cent zqtold membres.", "advice": "Nettoyez zqtold la liste.", "again": "yes", "language": "fr"}
    _, submission = french.store.submissions.begin(
        EXPERIENCE, "fr", project_id=galette, organization_id=coop, answers=words, now=clock()
    )
    told = published(french.store, proven(french.store, submission, now=clock()), now=clock())
    asked = {"call": "translate", "tag": "ar", "text": "Il manque zqasked la version arabe.", "language": "fr"}
    call = a_call(french.store, project=galette, now=clock(), **asked)
    spanish.follows(french)
    french.follows(spanish)
    of_call = (*("/es/projects/galette", "/es/calls", "/es/calls/elsewhere"), f"/es/calls/elsewhere/{call.id}")
    of_use = ("/es/projects/galette", "/es/projects/galette/users", "/es/projects/galette/experiences")
    for path, word in (*((path, "zqtold") for path in of_use), *((path, "zqasked") for path in of_call)):
        page = spanish.page(path)
        assert word in page and "annuaire (en)" in page and "CC-BY-4.0" in page, path
        assert f'href="{french.address}/' in page and 'lang="fr" dir="ltr"' in page, path
    for there in re.findall(rf'href="{french.address}([^"]+)"', spanish.page(of_call[-1])):
        assert "zqasked" in french.page(there)
    programs = {"/api/v1/experiences/elsewhere": "zqtold la", "/api/v1/calls/elsewhere": "zqasked"}
    for path, word in programs.items():
        listed = spanish.page(path)
        assert word in listed and f'"page":"{french.address}/' in listed and "CC-BY-4.0" in listed, path
    quiet = ("/feeds/calls.atom", "/api/v1/calls", "/es/", "/es/projects?q=zqtold", "/export/catalog.ttl")
    assert not any(re.search("zqtold la|zqasked", spanish.get(path)[1]) for path in quiet)
    spanish.write()
    assert not re.search(
        rb"zqtold|zqasked", b"".join(gzip.decompress(path.read_bytes()) for path in spanish.folder.rglob("*.gz"))
    )
    for gone in (told, call):
        submissions.withdraw(french.store, gone.id, now=clock())
    days(1, french, spanish)
    assert not any(re.search("zqtold|zqasked", spanish.get(path)[1]) for path in programs)
    assert not any("zqtold" in spanish.get(path)[1] for path in of_use)
    assert not any("zqasked" in spanish.get(path)[1] for path in of_call)
    assert spanish.get(of_call[-1])[0] == 404
    days(2, spanish, french)
    assert {kind for kind, _ in receipts(french, spanish)} >= {EXPERIENCE, CALL}
    kept = [gzip.decompress(path.read_bytes()) for path in spanish.settings.peers.rglob("*.gz")]
    assert kept and not any(b"zqtold" in content or b"zqasked" in content for content in kept)


def desk(instance):
    """The desk as an administrator reads it."""
    store, now = instance.store, instance.clock()
    link = store.people.invite("ana@x.coop", "administrator", "en", now=now)
    _, cookie, _ = store.people.sign_in(link, "en", now=now)
    asked = urllib.request.Request(f"{instance.address}/en/desk", headers={"Cookie": f"{NAME}={cookie}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read().decode()


def test_a_follower_that_never_sent_word_is_late_too_and_named(begin, french, clock) -> None:
    """What it reads stands in its card, before anything was ever taken back."""
    silent = begin("tarde", "es", "fr", records=(a_project("tarde"),))
    use = declared(french, identity_of(french, "galette"), clock(), purpose=WORD)
    assert use.state == "published"
    silent.follows(french)
    silent.write()
    french.follows(silent)
    assert [follow["id"] for follow in french.peer(silent).card["follows"]] == [str(french.manifest.id)]
    silent.down()
    clock.move(hours=1)
    token = taken_back(french, clock())
    days(5, french)
    assert (
        words_of(french, token) == {silent.host: "il ne l’a pas"}
        and french.store.deletion_receipts.late(now=clock()) == ()
    )
    days(30, french)
    (late,) = french.store.deletion_receipts.late(now=clock())
    assert (late.peer_id, late.records) == (french.peer(silent).id, 1)
    assert words_of(french, token) == {silent.host: "en retard"}


def test_of_what_is_private_not_a_byte_reaches_a_follower(begin, spanish, clock) -> None:
    shown = an_adoption("coop-des-halles", purpose={"fr": "zqopen"})
    hidden = tuple(
        an_adoption(f"org-{visibility}", visibility=visibility, purpose={"fr": f"zqplant-{visibility}"})
        for visibility in VISIBILITIES[1:]
    )
    person = model.Maintenance("lead", person="zqplant person")
    alone = an_organization("zqplant-alone", name="zqplant alone", kind="self-employed")
    french = begin(
        "annuaire", "fr", "en",
        records=(
            galette(adoptions=(shown, *hidden), maintenance=(person,), description={"fr": "À zqplant@april.example"}),
            a_project("secret", name="zqplant secret"), COOP, alone,
            *(an_organization(adoption.organization, name=f"zqplant {adoption.organization}") for adoption in hidden),
        ),
    )  # fmt: skip
    french.store.mirrors.block("secret", "zqplant its makers asked for it", now=clock())
    with rewriting(french.store.engine) as connection:
        for slug in (adoption.organization for adoption in hidden):
            connection.execute(update(organization).where(organization.c.slug == slug).values(hidden="unnamed"))
    new = {"organization": "", "name": "zqplant draft", "kind": "association", "country": "FR"}
    a_use(french.store, "adopt", identity_of(french, "galette"), **new, purpose="zqplant draft")
    declared(french, identity_of(french, "galette"), clock(), purpose="zqplant network", visibility="network")
    spanish.follows(french)
    raw = b"".join(
        path.read_bytes() + (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else b"")
        for path in (*spanish.settings.data.rglob("*"), *spanish.settings.data.parent.glob("catalogo.db*"))
        if path.is_file()
    )
    assert b"galette" in raw and b"Coop des Halles" in raw
    assert b"zqplant" not in raw
