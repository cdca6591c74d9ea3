"""Strangers' pictures made small: what comes out, and what becomes of damaged, moving, huge files and of no picture."""

import io
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.factories.pictures import a_moving_one, a_picture, a_png_that_claims

from forge.observe.core.tree import tree_of
from forge.observe.pictures import CANDIDATES, screenshot_files
from forge.render.pictures import MAX_PICTURE_BYTES, STOPPED, small_pictures

CALM = 20.0  # seconds, where the bound is not what is tried


def drawn(data: bytes) -> list[Image.Image]:
    made = small_pictures(data, CALM)
    assert not isinstance(made, str), made
    return [Image.open(io.BytesIO(picture.webp)) for picture in made]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_each_kind_comes_out_as_a_small_and_a_large_webp(kind):
    small, large = small_pictures(a_picture(kind=kind), CALM)
    assert [(picture.width, picture.height) for picture in (small, large)] == [(480, 270), (1280, 720)]
    assert [Image.open(io.BytesIO(picture.webp)).size for picture in (small, large)] == [(480, 270), (1280, 720)]


def test_what_is_small_already_is_one_picture_and_never_made_larger():
    (only,) = small_pictures(a_picture(400, 300), CALM)
    assert (only.width, only.height) == (400, 300)


def test_what_is_full_of_detail_weighs_no_more_all_the_same():
    noise = Image.frombytes("RGB", (1280, 1000), os.urandom(1280 * 1000 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    small, large = small_pictures(out.getvalue(), CALM)
    assert len(small.webp) <= 15_000 and len(large.webp) <= 150_000
    assert (small.width, small.height) == Image.open(io.BytesIO(small.webp)).size


def test_a_camera_is_obeyed_and_nothing_else_of_its_notes_is_kept():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8825] = 6, "Ana's kitchen", {1: "N"}
    data = a_picture(800, 400, "JPEG", exif=exif, comment=b"by Ana")
    assert b"Ana" in data
    for picture in small_pictures(data, CALM):
        found = Image.open(io.BytesIO(picture.webp))
        assert found.height > found.width and b"Ana" not in picture.webp
        assert not found.getexif() and not {"icc_profile", "exif", "xmp", "comment"} & set(found.info)


def test_what_can_be_seen_through_stands_on_white():
    picture = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    out = io.BytesIO()
    picture.save(out, "PNG")
    assert min(drawn(out.getvalue())[0].convert("RGB").getpixel((10, 10))) > 250


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "no-picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'/>", "no-picture"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no-picture"),
        (a_picture(kind="BMP"), "no-picture"),
        (a_picture(kind="TIFF"), "no-picture"),
        (a_picture()[:3000], "damaged"),
        (a_picture(kind="JPEG")[:5000], "damaged"),
        (a_picture(kind="WEBP")[:300], "damaged"),
        (a_png_that_claims(5000, 5000), "damaged"),
        (a_png_that_claims(65_000, 65_000), "too-many-pixels"),
        (a_png_that_claims(2**31 - 1, 2**31 - 1), "too-many-pixels"),
        (a_picture(8001, 5000, "PNG", "1"), "too-many-pixels"),
        (b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff", "too-many-pixels"),
        (a_picture(16, 16), "too-small"),
        (a_picture(900, 100), "too-small"),
        (a_moving_one("WEBP"), "animated"),
        (a_moving_one("PNG"), "animated"),
        (b"\0" * (MAX_PICTURE_BYTES + 1), "too-large"),
    ],
)  # fmt: skip
def test_what_becomes_no_picture_says_why(data, reason):
    assert small_pictures(data, CALM) == reason


def test_a_moving_gif_stands_still_at_its_first_image():
    assert drawn(a_moving_one("GIF"))[0].convert("RGB").getpixel((5, 5))[0] > 200


@pytest.mark.full
def test_a_picture_of_forty_million_points_is_drawn_in_the_memory_there_is():
    assert not isinstance(small_pictures(a_picture(8000, 5000, "PNG", "RGB"), CALM), str)


def test_what_takes_too_much_time_or_memory_is_stopped():
    data, started = a_picture(8000, 5000, "PNG", "1"), time.monotonic()
    assert small_pictures(data, 0.05) == STOPPED
    assert time.monotonic() - started < 50
    assert small_pictures(a_picture(3000, 2000), CALM, memory_bytes=8 << 20) == STOPPED


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
    st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=40)), max_size=6),
)
def test_whatever_bytes_say_there_are_pictures_or_a_reason(kind, changes):
    data = bytearray(a_picture(400, 300, kind))
    for at, written in changes:
        data[at : at + len(written)] = written
    made = small_pictures(bytes(data), CALM)
    assert made in ("no-picture", "damaged", "too-small", "too-many-pixels", "animated", STOPPED) or all(
        Image.open(io.BytesIO(picture.webp)).size == (picture.width, picture.height) for picture in made
    )


def named(readme: str, *files: str, given: tuple[str, ...] = (), name: str = "README.md") -> list[tuple[str, str]]:
    tree = tree_of({name: readme.encode()} | {file: file.encode() for file in files})
    return [(picture.path, picture.alt) for picture in screenshot_files(tree, given, name)]


def test_pictures_are_those_of_the_repository_in_the_order_of_who_names_them():
    text = (
        "![Logo](logo.png) ![ci](https://ci.example/badge.png) ![Up](../out.png) ![Gone](gone.png)\n"
        '<img width=300 alt="A &amp; B" src="./docs/two.jpg?raw=true"> ![One\tand only](docs/o%20ne.png "title")\n'
        "![](//host.example/x.png) ![vector](docs/v.svg) ![again](docs/two.jpg)"
    )
    files = ("logo.png", "docs/two.jpg", "docs/o ne.png", "docs/v.svg", "named.webp")
    found = named(text, *files, given=("named.webp", "https://host.example/y.png", "../logo.png", "docs/two.jpg"))
    assert found == [("named.webp", ""), ("docs/two.jpg", "A & B"), ("docs/o ne.png", "One and only")]


def test_pictures_that_lead_to_another_site_are_a_sponsors_and_those_that_lead_to_themselves_are_screens():
    text = (
        '<a href="https://sponsor.example/x"> <img src="a.png" alt="Sponsor"></a> [![Fund](b.png)](https://fund.example)\n'
        '<a href="https://host.example/c.png"><img src="c.png"></a> [![](d.png)](d.png) [![](e.png)](https://x.example/e.png)'
    )
    assert [path for path, _ in named(text, "a.png", "b.png", "c.png", "d.png", "e.png")] == ["c.png", "d.png", "e.png"]


def test_what_is_drawn_small_is_no_screen():
    text = '<img src="flag.png" height="50" alt="Flag"> <img src="a.png" width="80%"> <img src="b.png" width=400>'
    assert [path for path, _ in named(text, "flag.png", "a.png", "b.png")] == ["a.png", "b.png"]


def test_a_readme_in_restructuredtext_is_understood():
    text = "Tool\n====\n\n.. figure:: a.png\n   :width: 50%\n   :alt: The list\n\n.. image:: b.gif\n"
    assert named(text, "a.png", "b.gif", name="README.rst") == [("a.png", "The list"), ("b.gif", "")]


def test_one_content_under_two_names_counts_once_and_candidates_are_few():
    text = "".join(f"![]({number}.png)" for number in range(40))
    assert len(named(text, *(f"{number}.png" for number in range(40)))) == CANDIDATES
    tree = tree_of({"README.md": b"![](a.png)![](b.png)", "a.png": b"x", "b.png": b"x"})
    tree.files["b.png"] = tree.files["a.png"]
    assert [picture.path for picture in screenshot_files(tree, (), "README.md")] == ["a.png"]


@pytest.mark.parametrize(
    "text",
    [
        "![" * 30_000,
        "<img " * 12_000,
        "[![](a)](https://a" * 3_000,
        "<a href='https://a" * 3_000,
        ".. image:: " * 6_000,
        "<img src=" * 7_000,
    ],
)
def test_a_hostile_readme_is_read_in_time(text):
    started = time.process_time()
    assert named(text) == []
    assert time.process_time() - started < 20
