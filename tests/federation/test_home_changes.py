"""A home that gets another key, hands over, or is gone for good, and who follows it: whole instances on loopback, each
with its own data and site.
"""

import pytest
from support.factories.core import a_project
from support.instances import refused
from support.instances_cast import COOP, an_heir, days, galette, hands_over, identity_of

from catalog.federation.shapes import PROJECT
from catalog.federation.signing import grouped
from forge.federation.publish import keys
from forge.federation.pull.source import NotRead


def test_a_key_is_rotated_and_the_home_handed_over_and_followers_go_along(begin, french, spanish) -> None:
    one = spanish.follows(french)
    new = keys.rotate(french.store, french.settings.data, now=french.clock())
    days(1, french, spanish)
    log = spanish.page("/en/log")
    assert "This catalogue has a new key" in log and grouped(new.private.key.fingerprint) in log
    pinned = spanish.store.peers.one(one.id)
    assert pinned.public_key == new.private.key.public != one.public_key and pinned.refusal is None
    heir = an_heir(begin, french)
    to = hands_over(french, heir)
    days(1, french, heir, spanish)
    moved = spanish.store.peers.one(one.id)
    assert (moved.instance_id, moved.public_key, moved.refusal) == (heir.manifest.id, to.public, None)
    assert moved.address == f"{heir.address}/exchange"
    assert [one.kind for one in spanish.store.decisions.lines()] == ["peer-moved", "peer-key", "peer-follow"]
    page = spanish.page("/es/projects/galette")
    assert heir.address in page and french.address not in page
    assert french.page("/fr/projects/galette") == heir.page("/fr/projects/galette")
    french.down()
    heir.load(galette(name="Galette la neuve", id=identity_of(french, "galette")))
    days(2, heir, spanish)
    assert "Galette la neuve" in spanish.page("/es/projects/galette")
    assert spanish.get("/es/projects/paheko")[0] == 404


def test_who_reads_the_new_home_already_lets_go_of_what_the_old_one_told(begin, french, spanish) -> None:
    heir = an_heir(begin, french)
    one = spanish.follows(french)
    spanish.follows(heir)
    assert french.address in spanish.page("/es/projects/galette")
    hands_over(french, heir)
    days(2, french, heir, spanish)
    assert refused(spanish, one) == "" and spanish.store.received_records.held(one.id) == {}
    page = spanish.page("/es/projects/galette")
    assert heir.address in page and french.address not in page
    assert "Coop des Halles" in spanish.page("/es/projects/galette/users")
    french.down()
    heir.load(a_project("paheko", id=identity_of(french, "paheko")))
    days(20, heir, spanish)
    assert spanish.get("/es/projects/galette")[0] == 404 and spanish.get("/es/projects/paheko")[0] == 200
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404


def test_a_dead_home_is_served_by_a_follower_and_read_there_by_a_third(begin, french, spanish, clock) -> None:
    spanish.follows(french)
    digits, rescue = french.fingerprint(), f"{spanish.address}/exchange/rescue/{french.manifest.id}"
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404
    french.down()
    days(40, spanish)
    assert spanish.get("/es/projects/galette")[0] == 200
    third = begin("terceiro", "pt", "en", records=(a_project("outro"),))
    with pytest.raises(AssertionError):
        third.meets(rescue, spanish.fingerprint())
    one = third.meets(rescue, digits)
    third.decides(one)
    third.day()
    page = third.page("/pt/projects/galette")
    assert "annuaire" in page and third.store.peers.one(one.id).refusal is None
    assert "Coop des Halles" in third.page("/pt/projects/galette/users")
    days(3, third)
    assert refused(third, one) == "" and third.get("/pt/projects/galette")[0] == 200
    heir = an_heir(begin, french)
    hands_over(french, heir)
    french.up()
    days(1, french, heir, spanish)
    french.down()
    assert spanish.peer(heir).address == f"{heir.address}/exchange" and heir.address in spanish.page("/es/log")
    assert spanish.get(f"/exchange/rescue/{french.manifest.id}/entry.json")[0] == 404
    days(1, third, heir)
    moved = third.store.peers.one(one.id)
    assert (moved.refusal, moved.instance_id, moved.address) == (None, heir.manifest.id, f"{heir.address}/exchange")
    heir.load(galette(name="Galette la neuve", id=identity_of(french, "galette")))
    days(2, heir, third)
    assert "Galette la neuve" in third.page("/pt/projects/galette") and heir.address in third.page("/pt/log")


def test_who_reads_other_languages_than_the_rescuer_gets_all_but_the_texts_in_those(begin, french, spanish) -> None:
    french.load(
        galette(description={"fr": "Gère les adhésions.", "en": "Keeps the members."}), a_project("paheko"), COOP
    )
    spanish.follows(french)
    digits, rescue = french.fingerprint(), f"{spanish.address}/exchange/rescue/{french.manifest.id}"
    french.down()
    days(40, spanish)
    third = begin("troisieme", "fr", "en", records=(a_project("autre"),))
    one = third.meets(rescue, digits)
    assert one.preview["missing"] == ["fr"] and one.preview["counts"][PROJECT] == 2
    third.decides(one)
    third.day()
    assert refused(third, one) == ""
    page = third.page("/fr/projects/galette")
    assert "Keeps the members." in page and "Gère les adhésions." not in page
    kept = {file.name.split(".")[1] for file in (third.settings.peers / str(one.id)).rglob("project.*.gz")}
    assert "en" in kept and "fr" not in kept
    for file in (spanish.settings.peers / str(spanish.peer(french).id)).rglob("project.en.*.gz"):
        file.unlink()
    with pytest.raises(NotRead) as no:  # a part that is no text of a language is lacked by nobody
        next((spanish.settings.peers / str(spanish.peer(french).id)).rglob("organization.*.gz")).unlink()
        begin("quatrieme", "fr", "en", records=(a_project("encore"),)).meets(rescue, digits)
    assert no.value.subject.startswith("snapshot/organization.")
