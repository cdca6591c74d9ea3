"""A peer's files are read down to each record, over http or from a stick, and whatever is not exactly what the compared
key signed is refused with its reason."""

import hashlib
import ipaddress
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.core import NOW
from support.hosts.peer import HOME, Home, a_bomb, a_key, an_id, days, served

from catalog.federation import bounds, signing
from catalog.federation import shapes as s
from catalog.rules.peer import KINDS
from forge.federation.pull import reading
from forge.federation.pull.reading import Pinned
from forge.federation.pull.source import Folder, NotRead, Remote
from forge.security.safe_http import Addresses

LOOPBACK = Addresses((ipaddress.ip_network("127.0.0.1/32"),), None)
EVERY = ("en", "es", "fr")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two projects and an organization, published once."""
    home = Home(tmp_path / "home")
    home.add(1, "Galette", repository="https://github.com/galette/galette")
    home.add(2, "Paheko")
    home.add(3, "Coop des Halles", s.ORGANIZATION)
    home.publish()
    return home


def pinned(home: Home, **changes) -> Pinned:
    return Pinned(**({"public": home.key.public, "instance_id": home.id} | changes))


def read(home: Home, **changes):
    return reading.visited(Folder(home.folder), pinned(home, **changes), now=home.now)


def all_of(home: Home, kinds=KINDS, languages=EVERY, **changes):
    """The entry, and everything that it names."""
    seen = read(home, **changes)
    source = Folder(home.folder)
    reading.since(source, seen.entry, 0, kinds, languages)
    return reading.whole(source, seen.entry, kinds, languages)


def refused(home: Home, **changes) -> str:
    with pytest.raises(NotRead) as caught:
        all_of(home, **changes)
    return f"{caught.value.code} {caught.value.subject}".rstrip()


def test_all_that_is_published_is_read_with_its_texts_in_the_languages_asked_for(home):
    delta = all_of(home, languages=("fr", "en"))
    assert {kind: [record.body["name"] for record in found] for kind, found in delta.records.items()} == {
        "project": ["Galette", "Paheko"],
        "organization": ["Coop des Halles"],
    }
    assert delta.languages == ("en", "fr") and delta.whole
    assert delta.texts["project", "fr"][an_id(1)].texts["summary"].text == "Tenir les comptes: Galette"


def test_only_what_was_decided_is_fetched(home):
    home.withdraw(3, s.ORGANIZATION)
    home.publish()
    with served(home.folder) as host:
        source = Remote(LOOPBACK, host.url)
        seen = reading.visited(source, pinned(home), now=NOW)
        delta = reading.whole(source, seen.entry, {"organization"}, {"fr"})
        asked = [path for path, _, _ in host.asked]
    assert not any("project" in path for path in asked)
    assert delta.records == {} and [tombstone.id for tombstone in delta.tombstones] == [an_id(3)]


def test_change_files_tell_the_same_as_the_snapshot(home):
    before = read(home).entry.sequence
    home.add(1, "Galette 2")
    home.add(4, "Dolibarr")
    home.publish()
    home.add(4, "Dolibarr 2")
    home.withdraw(2)
    home.publish()
    seen = read(home)
    assert reading.reaches(seen.entry, before) and reading.reaches(seen.entry, seen.entry.sequence)
    delta = reading.since(Folder(home.folder), seen.entry, before, KINDS, EVERY)
    assert [record.body["name"] for record in delta.records["project"]] == ["Galette 2", "Dolibarr 2"]
    assert delta.texts["project", "es"][an_id(4)].texts["summary"].text == "Llevar cuentas: Dolibarr 2"
    assert [tombstone.id for tombstone in delta.tombstones] == [an_id(2)] and not delta.whole
    home.changes_kept = 1
    home.publish()
    assert not reading.reaches(read(home).entry, before)


def test_a_changed_byte_in_any_file_is_refused(home):
    home.add(4, "Dolibarr")
    home.joins.append(s.Join(an_id(9), s.PROJECT, an_id(1), an_id(2), s.NOT_THE_SAME, "Red", NOW, "two tools"))
    home.withdraw(2)
    entry = home.publish()
    all_of(home)
    named = {part.file.path for part in (*entry.parts, *entry.changes)} | {entry.card.path, "entry.json", "entry.sig"}
    assert len(named) == 12
    for path in sorted(named):
        file = home.folder / path
        right = file.read_bytes()
        for at in (0, len(right) // 2, len(right) - 1):
            file.write_bytes(right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :])
            assert refused(home).split()[0] in ("tampered", "malformed", "wrong-key"), path
            if path.endswith(".gz") or path == "entry.json":
                assert refused(home) == f"tampered {path}"
        file.write_bytes(right + b"x")
        assert refused(home).split()[0] in ("tampered", "malformed"), path
        file.write_bytes(right)
    all_of(home)


def test_another_key_is_refused_and_so_is_another_instance(home):
    assert refused(home, public=a_key(2).public) == "wrong-key instance.json"
    assert refused(home, instance_id=an_id(8)) == "wrong-instance entry.json"
    home.key = a_key(2)
    home.write()
    assert refused(home, public=a_key(1).public) == "wrong-key instance.json"


def test_an_older_state_an_older_list_and_an_expired_one_are_told_apart(home):
    assert refused(home, sequence=2) == "rolled-back entry.json"
    assert refused(home, sequence=1, entry_at=NOW + days(1)) == "replayed entry.json"
    all_of(home, sequence=1, entry_at=NOW)
    home.now = NOW + days(29)
    all_of(home)
    home.now = NOW + days(30)
    assert refused(home) == "expired entry.json"
    all_of(home, late=True)  # a dead home's last files, at one of its followers


def test_an_entry_from_the_far_future_would_keep_out_what_follows_and_is_refused(home):
    home.write(at=NOW + days(40), expires_at=NOW + days(70))
    assert refused(home) == "malformed entry.json.at"


def test_a_key_that_follows_the_compared_one_is_taken_over_and_any_other_is_not(home):
    first = home.key
    home.rotate(a_key(2))
    home.rotate(a_key(3))
    home.publish()
    assert read(home, public=first.public).public == a_key(3).public
    forged = replace(home.card["previous_keys"][0], signature=home.card["previous_keys"][1].signature)
    home.card["previous_keys"] = (forged, home.card["previous_keys"][1])
    home.publish()
    assert refused(home, public=first.public) == "wrong-key instance.json"


def test_while_both_keys_sign_the_next_one_is_pinned(home):
    first = home.key
    home.also_signs = (first,)
    home.rotate(a_key(2))
    home.publish()
    assert read(home, public=first.public).public == a_key(2).public


def test_a_card_whose_key_is_not_the_signers_is_refused(home):
    home.card["key"] = a_key(5).key
    entry = home.write()
    assert refused(home) == f"wrong-key {entry.card.path}"


def test_a_transfer_is_believed_only_from_the_pinned_key(home):
    source = Folder(home.folder)
    assert reading.handed_over(source, pinned(home)) is None
    home.hand_over("https://nuevo.example.org", a_key(7).key)
    home.write()
    moved = reading.transfer_of(reading.handed_over(source, pinned(home)))
    assert (moved.address, moved.key) == ("https://nuevo.example.org", a_key(7).key)
    assert reading.handed_over(source, pinned(home, public=a_key(4).public)) is None
    assert reading.handed_over(source, pinned(home, instance_id=an_id(4))) is None
    home.card["moved_to"] = replace(moved, address="https://thief.example.org")
    home.write()
    assert reading.handed_over(source, pinned(home)) is None


def test_records_of_another_home_are_refused_with_their_file(home):
    foreign = replace(home.add(5, "Foreign"), home=an_id(77))
    home.records[s.PROJECT, foreign.id] = foreign
    home.publish()
    assert refused(home).startswith("wrong-instance changes/")


def test_what_unpacks_to_more_than_the_entry_says_is_not_unpacked(home):
    bomb = a_bomb(200 << 20)
    told, _ = s.named_file("snapshot", "project", b"x")
    told = replace(told, size_bytes=len(bomb), sha256=hashlib.sha256(bomb).hexdigest())
    home.put(told.path, bomb)
    part = s.Part(s.PROJECT, None, 1, replace(told, unpacked_bytes=1000))
    home.write(parts=(part,), changes=())
    began = time.process_time()
    assert refused(home) == f"oversized {told.path}"
    assert time.process_time() - began < 20
    for size in (bounds.UNPACKED_BYTES + 1, 10**15):
        home.write(parts=(replace(part, file=replace(told, unpacked_bytes=size)),), changes=())
        assert refused(home).startswith("oversized entry.json")
    many = tuple(replace(part, file=replace(told, unpacked_bytes=bounds.UNPACKED_BYTES)) for _ in range(5))
    home.write(parts=many, changes=())
    assert refused(home) == "oversized entry.json"


def test_a_file_that_grew_too_large_is_not_read_to_its_end(home):
    home.put("entry.json", b"[" * (bounds.ENTRY_BYTES + 1))
    assert refused(home) == "oversized entry.json"
    home.write()
    home.put("instance.json", b"[" * (bounds.CARD_BYTES + 1))
    with pytest.raises(NotRead, match="oversized"):
        reading.introduced(Folder(home.folder))


@pytest.mark.parametrize("depth", [bounds.FILE_DEPTH, 100_000])
def test_what_is_nested_too_deeply_is_refused(home, depth):
    raw = b'{"exchange":1,"kind":"project","language":null,"records":[' + b"[" * depth + b"]" * depth + b"]}"
    told, data = s.named_file("snapshot", "project", raw)
    home.put(told.path, data)
    home.write(parts=(s.Part(s.PROJECT, None, 1, told),), changes=())
    assert refused(home).startswith(("oversized", "malformed"))


def test_a_record_larger_than_is_read_is_refused(home):
    home.add(6, "Large", notes="x" * bounds.RECORD_BYTES)
    home.publish()
    assert refused(home).startswith("oversized changes/2.")


def test_what_this_version_does_not_know_is_kept_and_passed_over(home):
    home.add(6, "Later", colour={"of": ["the", "sky"]}, domains=["a-term-of-tomorrow"])
    home.add(7, "Something", "festival")
    home.publish()
    delta = all_of(home)
    assert delta.records["project"][-1].body["colour"] == {"of": ["the", "sky"]}
    assert "festival" not in delta.records


@pytest.fixture(scope="module")
def fixed(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("fixed") / "home")
    home.add(1, "Galette")
    home.publish()
    return home


@given(
    path=st.sampled_from(["entry.json", "entry.sig", "instance.json", "part"]),
    raw=st.binary(max_size=400) | st.text(max_size=200).map(str.encode),
)
@settings(max_examples=50)
def test_no_bytes_raise_anything_but_a_refusal(fixed, path, raw):
    fixed.write()
    if path == "part":  # signed, so that the bytes are read
        told, data = s.named_file("snapshot", "project", raw)
        fixed.put(told.path, data)
        fixed.write(parts=(s.Part(s.PROJECT, None, 1, told),))
    else:
        fixed.put(path, raw)
    try:
        all_of(fixed)
        reading.introduced(Folder(fixed.folder))
    except NotRead as no:
        assert no.code in ("malformed", "tampered", "wrong-key", "oversized")
    else:
        raise AssertionError(f"{path} was read as if it were right")


@given(at=st.integers(0, 400), gone=st.integers(0, 40), raw=st.text('{}[]:,"0123e\\', max_size=20).map(str.encode))
@settings(max_examples=50)
def test_signed_parts_that_are_nearly_right_are_read_or_refused(fixed, at, gone, raw):
    right = s.part_bytes(s.PROJECT, None, tuple(fixed.records.values()))
    told, data = s.named_file("snapshot", "project", right[:at] + raw + right[at + gone :])
    fixed.put(told.path, data)
    fixed.write(parts=(s.Part(s.PROJECT, None, 1, told),))
    try:
        assert len(all_of(fixed).records["project"]) == 1
    except NotRead as no:
        assert no.code in ("malformed", "oversized", "wrong-instance")


def test_a_stick_shows_nothing_but_itself(home, tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    (home.folder / "link.json").symlink_to(tmp_path / "secret.json")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.json").write_text("{}")
    (home.folder / "linked").symlink_to(tmp_path / "outside")
    os.mkfifo(home.folder / "pipe.json")
    source = Folder(home.folder)
    for path in (
        "link.json",
        "linked/a.json",
        "pipe.json",
        "../secret.json",
        "snapshot",
        "nothing.json",
        "/etc/passwd",
    ):
        with pytest.raises(NotRead, match="unreachable"):
            source.read(path, 100)
    assert source.read("entry.json", bounds.ENTRY_BYTES).body


def test_a_redirect_to_a_private_address_is_not_followed(home):
    with served(home.folder) as host:
        for target in ("http://10.0.0.1/entry.json", "http://[::1]/entry.json", "file:///etc/passwd", "http://x:y@h/"):
            host.redirects["entry.json"] = target
            with pytest.raises(NotRead, match=r"unreachable entry\.json"):
                reading.visited(Remote(LOOPBACK, host.url), pinned(home), now=NOW)
        host.redirects["entry.json"] = "/elsewhere/entry.json"
        host.redirects["elsewhere/entry.json"] = f"{host.url}/other.json"
        home.put("other.json", (home.folder / "entry.json").read_bytes())
        assert reading.visited(Remote(LOOPBACK, host.url), pinned(home), now=NOW)


def test_a_host_that_trickles_is_left_when_its_time_is_over(home):
    with served(home.folder) as host:
        host.slow["entry.json"] = 0.05
        began = time.monotonic()
        with pytest.raises(NotRead, match=r"unreachable entry\.json"):
            reading.visited(Remote(LOOPBACK, host.url, request_seconds=0.3), pinned(home), now=NOW)
        host.slow = {}
        late = Remote(LOOPBACK, host.url, visit_seconds=0)
        with pytest.raises(NotRead, match="unreachable"):
            reading.visited(late, pinned(home), now=NOW)
        assert time.monotonic() - began < 50


def test_a_visit_without_news_is_one_small_request(home):
    with served(home.folder) as host:
        seen = reading.visited(Remote(LOOPBACK, host.url), pinned(home), now=NOW)
        host.asked.clear()
        assert reading.visited(Remote(LOOPBACK, host.url), pinned(home), stamp=seen.stamp, now=NOW) is None
        assert [(path, status) for path, status, _ in host.asked] == [("/entry.json", 304)]
        assert sum(size for *_, size in host.asked) < 1000


def test_the_fingerprint_of_a_card_must_be_that_of_its_key(home):
    home.card["key"] = replace(a_key(1).key, fingerprint=signing.fingerprint(a_key(2).public))
    home.write()
    with pytest.raises(NotRead, match=r"malformed instance\.json\.key"):
        reading.introduced(Folder(home.folder))
    assert home.id == HOME
