"""The picture of an approval, looked at by its pixels."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from handlers.axes import Axis, moments, named, short, steps
from handlers.pictures import APART, CURVES, LEFT, NAMED, RIGHT, WIDTH, described, picture
from tests.unit.evidence_kit import START, compared
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute

BLUE, ORANGE, RED, PINK = (29, 111, 209), (240, 140, 0), (214, 34, 42), (251, 220, 220)
NEAR = 24  # of 255, by which a colour may be off after the picture was made small


def opened(found: Comparison, app: str = "app-b") -> Image.Image:
    return Image.open(BytesIO(picture(app, found))).convert("RGB")


def count(image: Image.Image, color: tuple[int, int, int], *, top: int, bottom: int) -> int:
    """Pixels of about this colour in a panel."""
    panel = image.crop((LEFT, top, RIGHT, bottom))
    apart = ImageChops.difference(panel, Image.new("RGB", panel.size, color))
    red, green, blue = apart.split()
    worst = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(worst.histogram()[:NEAR])


def differing(place: int, source: int, target: int) -> Comparison:
    """Twenty minutes, of which one is not equal."""
    minutes = list(compared(20).minutes)
    minutes[place] = Minute(START + 60 * place, source, target, equal=False)
    return replace(compared(20), minutes=tuple(minutes))


def test_where_both_sides_agree_both_curves_are_seen() -> None:
    image = opened(compared(20))

    assert image.width == WIDTH
    assert count(image, BLUE, top=CURVES[0], bottom=CURVES[1]) > 1000
    assert count(image, ORANGE, top=CURVES[0], bottom=CURVES[1]) > 1000
    assert count(image, RED, top=0, bottom=image.height) == 0


def test_the_title_of_a_long_name_ends_within_the_picture() -> None:
    image = opened(compared(20, end=START + 86400), "a-rather-long-name-of-an-application-" * 2)
    margin = image.crop((WIDTH - 20, 0, WIDTH, 100))

    assert [count for count, _ in margin.getcolors() or ()] == [20 * 100]


def test_hosts_whose_names_begin_alike_are_told_apart() -> None:
    alike, other = (
        replace(compared(20), hosts=(HostCount(f"payment-gateway-{n}", 1, 1, equal=True),))
        for n in (1, 2)
    )

    assert picture("app-b", alike) != picture("app-b", other)


def test_a_minute_that_differs_is_marked_in_both_panels() -> None:
    image = opened(differing(5, 100, 60))

    assert count(image, PINK, top=CURVES[0], bottom=CURVES[1]) > 1000
    assert count(image, PINK, top=APART[0], bottom=APART[1]) > 1000
    assert count(image, RED, top=APART[0], bottom=APART[1]) > 1000


def test_lines_that_are_others_are_marked_though_they_are_as_many() -> None:
    image = opened(differing(5, 100, 100))

    assert 100 < count(image, RED, top=APART[0], bottom=APART[1]) < 1000


def test_one_minute_of_a_whole_day_is_seen() -> None:
    day = compared(1440)
    minutes = list(day.minutes)
    minutes[700] = Minute(START + 60 * 700, 100, 0, equal=False)
    image = opened(replace(day, minutes=tuple(minutes)))

    assert count(image, RED, top=APART[0], bottom=APART[1]) > 100


def test_the_host_that_differs_stands_in_the_strip_however_many_there_are() -> None:
    found = compared(20, hosts=1000)
    worst = replace(found.hosts[-1], host="zz-last", target=3, equal=False)
    place = Differing(START, "zz-last", "/var/log/a.log", 5, 3)
    found = replace(found, hosts=(*found.hosts[:-1], worst), differing=(place,))
    image = opened(found)

    assert count(image, RED, top=APART[1] + 60, bottom=image.height) > 500
    assert image.height == opened(compared(20, hosts=NAMED)).height


@pytest.mark.parametrize(
    "found",
    [
        compared(0, 0),
        compared(0, 0, end=START),
        compared(1),
        compared(2, 3),
        compared(1, minutes=(Minute(START, 0, 0, equal=True),)),
        compared(3, minutes=(Minute(START, 10**12, 10**12 - 1, equal=False),) * 3),
        differing(0, 0, 10**9),
    ],
)
def test_a_picture_is_drawn_of_next_to_nothing_and_of_very_much(found: Comparison) -> None:
    assert picture("app-b", found).startswith(b"\x89PNG")


def test_a_picture_is_small_enough_for_a_phone_on_the_road() -> None:
    assert len(picture("app-b", compared(1440, 1000))) < 200_000


def test_the_same_evidence_gives_the_same_picture() -> None:
    assert picture("app-b", compared(20)) == picture("app-b", compared(20))


def test_names_in_any_script_are_drawn() -> None:
    found = compared(5)
    named_so = replace(found.hosts[0], host="主机一号-web")

    assert opened(replace(found, hosts=(named_so,)), "应用").width == WIDTH


def test_who_does_not_see_it_reads_what_it_shows() -> None:
    assert described("app-b", compared(5)) == (
        "app-b: lines per minute in source and target over 5 minutes, 2023-11-14 22:14 to 22:19 "
        "UTC: the same in every one; source 500, target 500 lines."
    )
    assert "1 of them differ; source 2,000, target 1,960 lines" in described(
        "app-b", differing(5, 100, 60)
    )


@pytest.mark.parametrize("most", [0, 1, 3, 4, 5, 7, 99, 101, 6_543, 10**6, 10**9 + 1])
def test_an_axis_of_numbers_has_a_few_round_ones_and_holds_them_all(most: int) -> None:
    ticks = steps(most)

    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 6
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize("seconds", [1, 3, 14, 60, 180, 1920, 6000, 86_400, 600_000, 10**7])
def test_an_axis_of_times_has_a_few_round_ones(seconds: int) -> None:
    found = moments(START, START + seconds)

    assert 0 < len(found) <= 9
    assert all(START <= at <= START + seconds for at in found)
    assert all(at % 60 == 0 for at in found) or seconds < 300


def test_a_day_is_named_where_it_begins() -> None:
    midnight = START // 86400 * 86400 + 86400

    assert named(midnight, START, midnight + 60) == "Nov 15"
    assert named(midnight, midnight, midnight + 600) == "00:00"
    assert named(START + 5, START, START + 14) == "22:14:05"
    assert named(START, START, midnight + 60) == "22:14"


def test_large_numbers_are_short() -> None:
    assert [short(n) for n in (0, 999, 1200, 35_000, 1_200_000, 5e9)] == [
        *("0", "999", "1,200", "35k", "1.2M", "5G"),
    ]


def test_a_value_beyond_an_axis_stands_at_its_end() -> None:
    axis = Axis(0, 10, 100, 200)

    assert [axis.at(value) for value in (-5, 0, 5, 10, 99)] == [100, 100, 150, 200, 200]
