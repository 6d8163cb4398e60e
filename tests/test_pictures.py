"""Pictures of timelines: what they show, where texts stand, and that the same timeline is the same file."""

from __future__ import annotations

import datetime as dt
import re
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.archive import Archive
from cablesearch.errors import CablesearchError
from cablesearch.features.pictures import fonts
from cablesearch.features.pictures.chart import Chart, Curve
from cablesearch.features.pictures.drawing import drawn
from cablesearch.features.pictures.label_places import label_places
from cablesearch.features.pictures.style import pen
from cablesearch.features.pictures.thinning import thinned
from cablesearch.features.pictures.time_ticks import time_ticks
from cablesearch.features.pictures.typesetting import Typesetter
from tests.support.cables import cable
from tests.support.files import ROOT
from tests.support.running import run

pytest.importorskip("matplotlib")

Make = Callable[..., Archive]
SVG = "{http://www.w3.org/2000/svg}"


def chart(count: int, *names: str, by: str = "year", values: Callable[[int, int], float] | None = None) -> Chart:
    """Return a chart of a number of periods from 1973 on, with a curve for each name."""
    give = values or (lambda number, place: (7 * place + 13 * number) % 29)
    curves = tuple(
        Curve(name, tuple(give(number, place) for place in range(count))) for number, name in enumerate(names)
    )
    if by == "year":
        periods = [str(1973 + place) for place in range(count)]
    elif by == "month":
        periods = [f"{1973 + place // 12}-{place % 12 + 1:02}" for place in range(count)]
    else:
        periods = [f"{dt.date(1973, 1, 1) + dt.timedelta(place)}" for place in range(count)]
    return Chart(by, tuple(periods), curves, f"paragraphs per {by}", notes=("Counted: 9 paragraphs",))


def svg(shown: Chart) -> ET.Element:
    return ET.fromstring(drawn(shown, "svg")[0])


def texts(shown: Chart) -> list[str]:
    return ["".join(element.itertext()).strip() for element in svg(shown).iter(f"{SVG}text")]


class Box:
    """The room that a text of an SVG takes, in points."""

    def __init__(self, element: ET.Element) -> None:
        style = dict(part.split(": ") for part in element.get("style", "").split("; "))
        self.text = "".join(element.itertext()).strip()
        size = float(style["font-size"].removesuffix("px"))
        place = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", ""))
        x, y = map(float, place.groups() if place else (element.get("x", "0"), element.get("y", "0")))
        width = Typesetter(["DejaVu Sans"]).width(self.text, size, bold="font-weight" in style)
        left = x - {"start": 0, "middle": 0.5, "end": 1}[style.get("text-anchor", "start")] * width
        self.sides = left, y - size * 0.75, left + width, y + size * 0.2

    def meets(self, other: Box) -> bool:
        left, top, right, bottom = self.sides
        return left < other.sides[2] and other.sides[0] < right and top < other.sides[3] and other.sides[1] < bottom


LONG = '"labor trafficking" OR smuggl* -refugee (class:SECRET OR tag:PHUM) origin:"Embassy Beijing" date:1973..1979'


@pytest.mark.parametrize("count", [1, 2, 3, 12, 60, 500])
@pytest.mark.parametrize(
    "names",
    [["rain"], ["rain", "sun"], ["rain", LONG], ["a", "b", "c", "d", "e", "f"], [f"query {n}" for n in range(20)]],
    ids=lambda names: str(len(names)),
)
@pytest.mark.parametrize("by", ["year", "month", "day"])
def test_no_text_overlaps_another_or_leaves_the_picture(by: str, names: list[str], count: int) -> None:
    boxes = [Box(element) for element in svg(chart(count, *names, by=by)).iter(f"{SVG}text")]
    for number, box in enumerate(boxes):
        assert [other.text for other in boxes[:number] if box.meets(other)] == [], box.text
        assert box.sides[0] >= 0, box.text
        assert box.sides[1] >= 0, box.text
        assert box.sides[2] <= 576, box.text
        assert box.sides[3] <= 324, box.text


def test_few_numbers_are_bars_and_many_are_lines() -> None:
    def marks(shown: Chart) -> int:
        return len([*svg(shown).iterfind(f".//{SVG}g[@id='axes_1']/{SVG}g")])

    assert marks(chart(40, "rain")) > marks(chart(41, "rain")) + 30
    assert marks(chart(10, "a", "b", "c")) > marks(chart(14, "a", "b", "c")) + 20


def test_names_stand_beside_lines_that_end_apart_and_in_a_legend_else() -> None:
    apart = svg(chart(60, "rain", "sun", values=lambda number, place: place * (number + 1)))
    together = svg(chart(60, "rain", "sun", values=lambda number, place: place * (number + 1) * (place < 50)))
    for tree, is_beside in ((apart, True), (together, False)):
        boxes = {box.text: box for box in (Box(element) for element in tree.iter(f"{SVG}text"))}
        assert all((boxes[name].sides[0] > 500) == is_beside for name in ("rain", "sun"))


def test_a_picture_of_many_queries_is_taller() -> None:
    tree = svg(chart(30, *(f"query {number} of many" for number in range(90))))
    height = float(tree.get("viewBox", "").split()[3])
    assert height > 400
    assert all(box.sides[1] >= 0 and box.sides[3] <= height for box in map(Box, tree.iter(f"{SVG}text")))


def test_the_title_is_the_users_and_numbers_have_thousands_separators() -> None:
    shown = chart(60, "rain", values=lambda number, place: 2_000_000)
    assert "1,000,000" in texts(shown)
    titled = Chart(shown.by, shown.periods, shown.curves, shown.caption, title="What <fell> & when")
    assert "What <fell> & when" in texts(titled)
    shares = Chart(shown.by, shown.periods, (Curve("rain", (0.031,) * 60),), "share", is_share=True)
    assert {"0 %", "1 %", "3 %"} <= {*texts(shares)}


@pytest.mark.parametrize(
    "name", ["$x^2$ and $100", "_hidden", "\x1b[31mred\u202e\n", "<text style='x'>", "\\frac{", ""]
)
def test_queries_are_shown_as_text_whatever_they_have(name: str) -> None:
    shown = texts(chart(60, name, "sun"))
    expected = name.replace("\x1b", "\ufffd").replace("\u202e", "\ufffd").replace("\n", "\ufffd")
    assert expected in shown or expected == ""


HIEROGLYPH = "\N{EGYPTIAN HIEROGLYPH A001}"


@pytest.fixture
def no_other_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the computer have no fonts but the one that comes with matplotlib."""
    monkeypatch.setattr(fonts, "_regular_fonts", tuple)


@pytest.mark.usefixtures("no_other_fonts")
def test_characters_without_a_font_are_named() -> None:
    assert drawn(chart(5, f"rain {HIEROGLYPH}"), "png")[1] == HIEROGLYPH
    assert drawn(chart(5, "дождь, βροχή, القدس"), "png")[1] == ""


@pytest.mark.parametrize("count", [0, 1, 5])
def test_nothing_and_a_single_hit_are_drawn(count: int) -> None:
    nothing = chart(count, "rain", values=lambda number, place: 0)
    assert "Nothing matches" in texts(nothing)
    hit = chart(max(count, 1), "rain", values=lambda number, place: int(place == 0))
    assert "Nothing matches" not in texts(hit)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_chart_is_the_same_file_in_threads_too(form: Any) -> None:
    shown = chart(12, "rain", "sun", by="month")
    files: list[bytes] = []
    threads = [threading.Thread(target=lambda: files.append(drawn(shown, form)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code = (
        "import sys, dataclasses\nfrom tests.test_pictures import chart, drawn\n"
        f"sys.stdout.buffer.write(drawn(chart(12, 'rain', 'sun', by='month'), {form!r})[0])"
    )
    apart = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stdout
    assert {apart} == {*files}
    assert len(files) == 4


def test_a_drawing_leaves_the_settings_of_the_program_alone() -> None:
    import matplotlib as mpl

    code = "import sys; from tests.test_pictures import chart, drawn; drawn(chart(3, 'x'), 'png')\n"
    code += "print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("False\n", "")
    with mpl.rc_context({"lines.linewidth": 9, "axes.facecolor": "red", "font.size": 30, "text.usetex": False}):
        before = dict(mpl.rcParams)
        changed = drawn(chart(12, "rain"), "png")
        assert dict(mpl.rcParams) == before
    assert changed == drawn(chart(12, "rain"), "png")


def test_series_differ_in_colour_and_without_it() -> None:
    pens = [pen(number) for number in range(28)]
    assert len({*pens}) == 28
    assert len({(each.marker, each.dashes) for each in pens}) == 28
    assert len({each.hatch for each in pens[:7]}) == 7


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(1, 30)), max_size=7))
def test_labels_do_not_overlap_and_those_with_room_stay_where_they_are(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [place for place, _ in labels], [height for _, height in labels]
    places = label_places(wanted, heights, 0, 300)
    spans = sorted((place - height / 2, place + height / 2) for place, height in zip(places, heights, strict=True))
    assert all(below[1] <= above[0] + 1e-6 for below, above in pairwise(spans))
    assert all(start >= -1e-6 and end <= 300 + 1e-6 for start, end in spans)
    if all(
        abs(a - b) >= (one + two) / 2
        for number, (a, one) in enumerate(labels)
        for b, two in labels[:number]
    ):  # fmt: skip
        free = [max(height / 2, min(place, 300 - height / 2)) for place, height in labels]
        if all(abs(a - b) >= 30 for number, a in enumerate(free) for b in free[:number]):
            assert places == pytest.approx(free)


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 70))
def test_a_line_of_many_points_keeps_its_ends_and_the_extremes_of_each_column(values: list[int], most: int) -> None:
    places, kept = thinned(values, most)
    assert places == sorted({*places})
    assert kept == [values[place] for place in places]
    assert {*places} >= ({0, len(values) - 1} if values else set())
    if len(values) <= most:
        assert kept == values
    assert len(places) <= 2 * most + 2
    size = max(1, -(-len(values) // most))
    for start in range(0, len(values), size):
        here = [values[place] for place in places if start <= place < start + size]
        assert (min(here), max(here)) == (min(values[start : start + size]), max(values[start : start + size]))


@pytest.mark.parametrize("by", ["year", "month", "day"])
@pytest.mark.parametrize("count", [1, 2, 9, 13, 30, 45, 100, 400, 5_000])
def test_an_axis_has_at_least_two_ticks_and_not_too_many(by: str, count: int) -> None:
    periods = chart(count, by=by).periods
    ticks = time_ticks(periods, by, 12)
    assert min(count, 2) <= len(ticks) <= 12
    assert [place for place, _ in ticks] == sorted({place for place, _ in ticks})
    for place, label in ticks:
        assert label.split("\n")[-1] in periods[place] or label.split("\n")[0].split()[-1].isalpha()


def test_ticks_stand_at_round_times() -> None:
    assert time_ticks([str(year) for year in range(1861, 1981)], "year", 7) == [
        (place, str(1861 + place)) for place in (19, 39, 59, 79, 99, 119) if (1861 + place) % 20 == 0
    ]
    months = [f"{year}-{month:02}" for year in (2009, 2010) for month in range(1, 13)][10:20]
    assert time_ticks(months, "month", 4) == [(2, "Jan\n2010"), (5, "Apr"), (8, "Jul")]
    months = [f"2010-{month:02}" for month in range(2, 11)]
    assert time_ticks(months, "month", 2) == [(0, "Feb\n2010"), (8, "Oct")]
    days = [f"1974-11-{number}" for number in range(20, 25)]
    assert time_ticks(days, "day", 9)[:2] == [(0, "20 Nov\n1974"), (1, "21 Nov")]


# Of archives


@pytest.fixture
def rainy(archive_of: Make) -> Archive:
    start = dt.datetime(1973, 1, 5, tzinfo=dt.timezone.utc)
    made = [cable(f"A{n}", "rain" if n % 3 else "sun", date=start + dt.timedelta(20 * n)) for n in range(30)]
    return archive_of(*made, cable("X", "rain", date=None))


def test_a_timeline_says_what_was_counted(rainy: Archive, tmp_path: Path) -> None:
    rainy.timeline("rain", "sun", by="month").plot(tmp_path / "a.svg", title="Weather")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert "Counted: 31 paragraphs, 5 January 1973 to 8 August 1974. 1 without a date are not shown" in text
    assert "Weather" in text
    rainy.timeline("rain").plot(tmp_path / "a.png", share=True)
    data = (tmp_path / "a.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1600, 900)


def test_a_plot_is_a_figure_that_shows_and_saves_what_was_drawn(rainy: Archive, tmp_path: Path) -> None:
    import matplotlib as mpl

    timeline = rainy.timeline("rain", by="month")
    figure: Any = timeline.plot(share=True, title="Weather")
    assert len(figure.axes) == 1
    assert figure.texts[0].get_text() == "Weather"
    assert figure._repr_png_() == timeline.picture(share=True, title="Weather")
    # Whatever a program sets for its own figures.
    with mpl.rc_context({"font.size": 30.0, "axes.grid": True}):
        assert timeline.plot(tmp_path / "a.png")._repr_png_() == timeline.picture()  # type: ignore[attr-defined]
    assert (tmp_path / "a.png").read_bytes() == timeline.picture()
    timeline.plot(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_bytes() == timeline.picture("svg")
    assert rainy.timeline("snow").plot()


@pytest.mark.parametrize(("months", "is_seen"), [(40, True), (120, False)])
def test_a_stretch_without_any_text_is_grey_if_it_is_long_enough(archive_of: Make, months: int, is_seen: bool) -> None:
    places = [place for place in range(months) if place not in (20, 21)]
    dates = [dt.datetime(1973 + place // 12, place % 12 + 1, 5, tzinfo=dt.timezone.utc) for place in places]
    made = (cable(f"A{number}", "rain", date=date) for number, date in enumerate(dates))
    picture = archive_of(*made).timeline("rain", by="month").picture("svg")
    assert (b"Grey: no paragraphs at all" in picture) == (b"#efefef" in picture) == is_seen


@pytest.mark.parametrize("name", ["a", "a.pdf", "svg"])
def test_other_formats_are_refused(rainy: Archive, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"path must end with \.png or \.svg"):
        rainy.timeline("rain").plot(tmp_path / name)
    result = run("timeline", "rain", "--plot", tmp_path / name, "--index", rainy.path)
    assert (result.returncode, result.stdout) == (2, "")
    assert not any(tmp_path.glob("[a-s]"))


def test_the_command_draws_what_the_method_draws(rainy: Archive, tmp_path: Path) -> None:
    options = ["--by", "month", "--bursts", "--title", "Weather", "--share", "--index", str(rainy.path)]
    result = run("timeline", "rain", "--also", "sun", "--plot", tmp_path / "a.svg", *options)
    assert result.returncode == 0
    assert (
        re.sub(r"\n  .*", "", result.stdout) == "rain: 21 paragraphs, of which 1 without a date\nsun: 10 paragraphs\n"
    )
    answer = rainy.timeline("rain", "sun", by="month", bursts=True)
    assert (tmp_path / "a.svg").read_bytes() == answer.picture("svg", title="Weather", share=True)
    printed = run("timeline", "rain", "--plot", tmp_path / "b.png", "-f", "json", "--index", rainy.path)
    assert printed.stdout == run("timeline", "rain", "-f", "json", "--index", rainy.path).stdout


def test_a_picture_obeys_the_rules_of_output(rainy: Archive, tmp_path: Path) -> None:
    inside = rainy.path / "a.png"
    result = run("timeline", "rain", "--plot", inside, "--index", rainy.path)
    assert (result.returncode, inside.exists()) == (2, False)
    assert "choose another place for --plot" in result.stderr
    (tmp_path / "old.png").write_bytes(b"old")
    assert run("timeline", '"open', "--plot", tmp_path / "old.png", "--index", rainy.path).returncode == 2
    assert (tmp_path / "old.png").read_bytes() == b"old"
    same = run("timeline", "rain", "--plot", tmp_path / "a.svg", "-o", tmp_path / "a.svg", "--index", rainy.path)
    assert "--plot and --output name the same file" in same.stderr
    assert "add --plot" in run("timeline", "rain", "--title", "x", "--index", rainy.path).stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".jsonl") == ["old.png"]


@pytest.mark.usefixtures("no_other_fonts")
def test_missing_characters_are_said(rainy: Archive, tmp_path: Path) -> None:
    result = run("timeline", "rain", "--also", HIEROGLYPH, "--plot", tmp_path / "a.png", "--index", rainy.path)
    assert result.returncode == 0
    assert f"Note: no font on this computer has {HIEROGLYPH}; an SVG leaves fonts to the viewer" in result.stderr
    answer = rainy.timeline(HIEROGLYPH)
    with pytest.warns(UserWarning, match="no font"):
        answer.picture()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer.picture("svg")


def test_without_matplotlib_an_error_names_the_remedy(
    rainy: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CablesearchError, match=r"pip install 'cablesearch\[plot\]'"):
        rainy.timeline("rain").picture()
    with pytest.raises(CablesearchError, match=r"pip install 'cablesearch\[plot\]'"):
        rainy.timeline("rain").plot()
    result = run("timeline", "rain", "--plot", tmp_path / "a.png", "--index", rainy.path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "pip install 'cablesearch[plot]'" in result.stderr
    assert not (tmp_path / "a.png").exists()


def test_only_a_picture_loads_matplotlib(rainy: Archive) -> None:
    code = (
        "import sys, cablesearch\nwith cablesearch.open(sys.argv[1]) as archive:\n"
        "    archive.search('rain'); archive.timeline('rain', bursts=True)\n"
        "    archive.bursts('rain'); archive.first('rain')\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(rainy.path)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_line_breaks_where_there_is_nothing_to_count() -> None:
    whole = chart(60, "rain", "snow", by="month")
    broken = Chart(**{name: getattr(whole, name) for name in Chart.__slots__} | {"absent": ((20, 29),)})
    drawn_whole, drawn_broken = (
        [element.get("d", "") for element in svg(each).iter(f"{SVG}path")] for each in (whole, broken)
    )
    # A line of 60 points; and one of two stretches.
    assert any(path.count("M") == 1 and path.count("L") == 59 for path in drawn_whole)
    assert any(path.count("M") == 2 and path.count("L") == 48 for path in drawn_broken)
    assert not any(path.count("L") == 59 for path in drawn_broken)


def test_values_that_break_a_line_are_kept() -> None:
    nan = float("nan")
    places, values = thinned([3, nan, nan, nan, 9, 5, nan, 4], 2)
    assert [place for place, value in zip(places, values, strict=True) if value >= 0] == [0, 4, 7]
    assert {1, 6} <= set(places)


def test_periods_with_few_paragraphs_do_not_set_the_scale_of_shares(archive_of: Make) -> None:
    day = dt.datetime(1990, 1, 1, tzinfo=dt.timezone.utc)
    full = [cable(f"{90 + year}A1", *["rain", *["sun"] * 29], date=day.replace(year=1990 + year)) for year in range(3)]
    archive = archive_of(*full, cable("93A1", "rain", date=day.replace(year=1993)))
    timeline = archive.timeline("rain")
    shares = ET.fromstring(timeline.picture("svg", share=True))
    shown = ["".join(element.itertext()).strip() for element in shares.iter(f"{SVG}text")]
    assert "3 %" in shown
    assert not {"50 %", "100 %"} & {*shown}
    assert any("Cut off at the top: years with fewer than 3 paragraphs" in text for text in shown)
    assert b"Cut off" not in timeline.picture("svg")
    assert b"Cut off" not in archive.timeline("rain", until=1992).picture("svg", share=True)
