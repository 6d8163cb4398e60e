"""`show`: several cables, neighbours, and every format with its citation; text of cables stays text in each of them."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cablesearch.answers.shown import highlighter, shown
from cablesearch.archive import Archive
from cablesearch.cable import Attributes, Cable, Provenance
from cablesearch.cli.rendering.cable_html import html_pages
from cablesearch.cli.rendering.cable_markdown import markdown
from cablesearch.results.citations import full_citation
from cablesearch.text.terminal import printable
from tests.support.cables import cable
from tests.support.running import run
from tests.support.terminal import run_on_terminal

Make = Callable[..., Archive]

FORMATS = ("text", "json", "md", "html")


@pytest.fixture
def three(archive_of: Make) -> Path:
    """Return an archive of three cables."""
    made = [
        cable("10A1", "alfa", ("C", "bravo"), "charlie", ("SBU", "delta"), "echo", subject="FIRST"),
        cable("10A2", "foxtrot", subject="SECOND"),
        cable("09HONGKONG3", "golf"),
    ]
    return archive_of(*made).path


def test_several_cables_are_shown_one_after_the_other(three: Path) -> None:
    result = run("show", "10A2", "09 HONG KONG 3", "10A1\u00b62", "--index", three)
    assert (result.returncode, result.stderr) == (0, "")
    places = [result.stdout.index(word) for word in ("foxtrot", "golf", "bravo")]
    assert places == sorted(places)
    assert result.stdout.splitlines().count("\u2500" * 80) == 2
    assert "alfa" not in result.stdout


@pytest.mark.parametrize("references", [["10A2,10A1"], ["10A2,", "10A1"], ["10A2 , 10A1;"], ["10A2;10A1@1"]])
def test_commas_between_ids_do_no_harm(three: Path, references: list[str]) -> None:
    result = run("show", *references, "--index", three)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.index("foxtrot") < result.stdout.index("alfa")


def test_each_unknown_id_of_a_list_is_reported(three: Path) -> None:
    result = run("show", "10A9,10A1, ,10A8", "--index", three)
    assert (result.returncode, "alfa" in result.stdout) == (1, True)
    assert [line.split()[3] for line in result.stderr.splitlines()] == ["10A9", "10A8"]
    assert "no cable , in" in run("show", ",", "--index", three).stderr


def test_an_id_with_a_comma_is_one_id(archive_of: Make) -> None:
    path = archive_of(cable("10A1", "alfa"), cable("10A1,B", "bravo")).path
    assert "alfa" not in run("show", "10A1,B", "--index", path).stdout


def test_ids_come_from_standard_input(three: Path) -> None:
    found = run("search", "golf OR bravo OR alfa", "--format", "ids", "--sort", "date", "--index", three).stdout
    result = run("show", "-", "--format", "json", "--index", three, stdin=f"{found}\n10A2 \u00b61\n\n")
    shown_ids = [json.loads(line)["citation"] for line in result.stdout.splitlines()]
    assert (result.returncode, shown_ids) == (0, [*found.split(), "10A2 \u00b61"])
    assert run("show", "-", "--index", three, stdin="").returncode == 0


def test_bytes_that_are_not_text_are_an_unknown_id(three: Path) -> None:
    command = [sys.executable, "-m", "cablesearch", "show", "-", "--index", str(three)]
    done = subprocess.run(command, input=b"\xff\x1b[31m\n10A2\n", capture_output=True, check=False)
    assert (done.returncode, b"foxtrot" in done.stdout) == (1, True)
    assert done.stderr.decode() == "Error: no cable \ufffd\ufffd[31m in this archive\n"


def test_an_id_in_parts_needs_no_quotes(three: Path) -> None:
    quoted = run("show", "09 HONG KONG 3", "--index", three)
    assert run("show", "09", "Hong", "Kong", "0003", "--index", three).stdout == quoted.stdout != ""
    assert run("show", "09", "HONG", "KONG", "3", "\u00b61", "--index", three).stdout.startswith("\u00b61 golf")


@pytest.mark.parametrize("form", FORMATS)
def test_the_unknown_are_reported_and_the_rest_is_shown(three: Path, form: str) -> None:
    result = run("show", "10A3", "10A2", "10A1\u00b69", "--format", form, "--index", three)
    assert result.returncode == 1
    assert "foxtrot" in result.stdout
    assert result.stderr.splitlines() == [
        "Error: no cable 10A3 in this archive; did you mean 10A2 or 10A1?",
        "Error: 10A1 has no paragraph 9; it has paragraphs 1-5",
    ]
    nothing = run("show", "99NOWHERE1", "--format", form, "--index", three)
    assert (nothing.returncode, nothing.stdout) == (1, "")


def test_neighbours_are_shown_and_the_named_paragraph_is_marked(three: Path) -> None:
    text = run("show", "10A1\u00b62", "--context", "1", "--index", three).stdout
    assert [line for line in text.splitlines() if re.match(r"(> )?\u00b6", line)] == [
        "\u00b61 alfa",
        "> \u00b62 (C) bravo",
        "\u00b63 charlie",
    ]
    page = run("show", "10A1@5", "--context", "2", "--format", "html", "--index", three).stdout
    assert re.findall(r'<p id="(p\d)"( class="named")?', page) == [("p3", ""), ("p4", ""), ("p5", ' class="named"')]
    lines = run("show", "10A1@1", "--context", "1", "--format", "md", "--index", three).stdout.splitlines()
    assert [line for line in lines if "**\u00b6" in line] == ["> **\u00b61** alfa", "**\u00b62** (C) bravo"]
    entry = json.loads(run("show", "10A1\u00b64", "--context", "1", "--format", "json", "--index", three).stdout)
    assert (entry["position"], [paragraph["number"] for paragraph in entry["paragraphs"]]) == (4, [3, 4, 5])
    alone = run("show", "10A2\u00b61", "--context", "5", "--index", three).stdout
    assert "\n> " not in "\n" + alone, "it has no neighbours to tell it from"
    whole = run("show", "10A1", "--index", three).stdout
    assert run("show", "10A1", "--context", "3", "--index", three).stdout == whole


def test_neighbours_are_visible_paragraphs(three: Path) -> None:
    text = run("show", "10A1\u00b63", "--context", "1", "--index", three, "--clearance", "SBU").stdout
    assert re.findall(r"\u00b6\d", text) == ["\u00b61", "\u00b63", "\u00b64", "\u00b63"]
    assert "bravo" not in text


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_the_citation(beijing: Archive, form: str) -> None:
    whole = run("show", "10BEIJING30", "--format", form, "--index", beijing.path).stdout
    part = run("show", "10BEIJING30\u00b64", "--format", form, "--index", beijing.path).stdout
    line = (
        "Embassy Beijing, \u201cCHINA RATIFIES PALERMO PROTOCOL AND PLEDGES TO COOPERATE ON COUNTER-TIP EFFORTS,\u201d "
        "cable 10BEIJING30, 8 January 2010, CONFIDENTIAL"
    )
    assert line + "." in " ".join(whole.split())
    assert line + ", \u00b64 (SBU)." in " ".join(part.split())


def test_json_has_an_object_a_line_and_the_short_citations(beijing: Archive) -> None:
    result = run("show", "10BEIJING30\u00b64", "10BEIJING30", "--format", "json", "--index", beijing.path)
    part, whole = map(json.loads, result.stdout.splitlines())
    assert (part["version"], part["citation"], part["position"]) == (1, "10BEIJING30 \u00b64", 4)
    assert (whole["citation"], whole["position"]) == ("10BEIJING30", None)
    assert [entry["citation"] for entry in whole["paragraphs"]] == [f"10BEIJING30 \u00b6{n}" for n in range(1, 11)]
    exported = json.loads(run("export", "--index", beijing.path).stdout)
    added = {"version", "citation", "full_citation", "position"}
    assert {name: value for name, value in whole.items() if name not in added} == exported | {
        "paragraphs": whole["paragraphs"]
    }


def test_a_citation_leaves_out_what_is_unknown() -> None:
    bare = cable("10A1", "x", origin="", date=None)
    assert full_citation(bare) == "cable 10A1, no date, UNCLASSIFIED."
    asking = cable("10A1", ("C", "x"), subject="WHO \u201cREALLY\u201d WON?", classification="SECRET//NOFORN")
    collected = replace(asking, provenance=Provenance(collection="AAD", file="a.csv"))
    assert full_citation(collected, collected.paragraphs[0]) == (
        "Embassy Beijing, \u201cWHO \u2018REALLY\u2019 WON?\u201d cable 10A1, 1 May 2009, SECRET//NOFORN, AAD, "
        "\u00b61 (C)."
    )
    unnumbered = replace(asking.paragraphs[0], number=None, marking=None)
    assert full_citation(replace(asking, subject="X."), unnumbered).startswith("Embassy Beijing, \u201cX,\u201d cable")
    assert full_citation(asking, unnumbered).endswith("unnumbered paragraph 1.")


def test_matches_are_highlighted_in_markdown_and_html(beijing: Archive) -> None:
    at = ("--query", "court", "--index", beijing.path)
    assert "International **Court** of Justice" in run("show", "10BEIJING30\u00b64", "--format", "md", *at).stdout
    assert "International <mark>Court</mark> of Justice" in run("show", "10BEIJING30", "--format", "html", *at).stdout


def test_raw_texts_begin_on_lines_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"id": "10A1", "body": "1. alfa"}\n{"id": "10A2", "body": "1. bravo\\n"}\n'
        '{"id": "10A3", "paragraphs": [{"text": "x"}]}\n'
    )
    assert run("index", tmp_path / "a.jsonl", "--index", tmp_path / "index").returncode == 0
    result = run("show", "10A1", "10A2", "10A3", "10A1", "--raw", "--index", tmp_path / "index")
    assert result.stdout == "1. alfa\n1. bravo\n1. alfa"
    assert result.stderr == "10A3: no header and body here; without --raw its paragraphs are shown\n"


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_text_fits_the_terminal(beijing: Archive, columns: int) -> None:
    result = run_on_terminal("show", "10BEIJING30", "--no-pager", "--index", beijing.path, columns=columns)
    widths = [len(click.unstyle(line)) for line in result.stdout.splitlines()]
    assert min(columns, 100) - 10 < max(widths) <= min(columns, 100)


def test_long_text_goes_through_the_pager(beijing: Archive) -> None:
    options = ("--index", beijing.path)
    paged = run_on_terminal("show", "10BEIJING30", "10X1", *options, rows=24, PAGER="sed s/^/|/")
    lines = paged.stdout.splitlines()
    assert {line[:1] for line in lines} == {"|"}
    assert (paged.returncode, paged.stderr) == (1, "Error: no cable 10X1 in this archive\n")
    assert not run_on_terminal("show", "10BEIJING30", "--no-pager", *options, PAGER="sed s/^/|/").stdout.startswith("|")
    assert run_on_terminal("help", "query", rows=24, PAGER="sed s/^/|/").stdout.startswith("|")


def test_matches_in_bold_lines_do_not_end_the_bold(beijing: Archive) -> None:
    shown_text = run("show", "10BEIJING30", "--query", "palermo", "--color", "always", "--index", beijing.path).stdout
    assert "\x1b[1mCHINA RATIFIES \x1b[0m\x1b[33m\x1b[1mPALERMO\x1b[0m\x1b[1m PROTOCOL" in shown_text


def test_output_goes_to_a_file(three: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    result = run("show", "10A2", "10A9", "-f", "html", "-o", target, "--index", three)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no cable 10A9 in this archive")
    assert target.read_text() == run("show", "10A2", "-f", "html", "--index", three).stdout
    assert run("show", "10A2", "--raw", "-o", three / "x", "--index", three).returncode == 2
    before = target.read_text()
    assert run("show", "10A9", "-o", target, "--index", three).returncode == 1
    assert target.read_text() == before


def test_an_invalid_query_prints_nothing(three: Path) -> None:
    for form in FORMATS:
        result = run("show", "10A1", "--query", "(x", "--format", form, "--index", three)
        assert (result.returncode, result.stdout) == (2, "")


# Nothing in the text of a cable is Markdown or HTML

SIGNS = [*"ab1 <>&\"'\\`*_[](){}#+-.!|~$^=:/@\n\t\r", "\x1b", "\u202e", "\u00e9", "\u4e2d", "www.", "http://", "1. "]
nasty = st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)


def nasty_cable(text: str, other: str) -> Cable:
    made = cable(f"10A {text}", (other, text), subject=text, origin=other, tags=(text,), references=(other,))
    paragraphs = (replace(made.paragraphs[0], section=other, text=text),)
    return replace(made, paragraphs=paragraphs, signers=(text,), names=(other,), attributes=Attributes({text: other}))


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def plain(text: str) -> str:
    return " ".join(printable(" ".join(text.split())).split())


@settings(max_examples=150, deadline=None)
@given(text=nasty, other=nasty, query=st.sampled_from([None, "ab", "a* OR b*", "1"]))
def test_text_of_cables_is_text_in_html(text: str, other: str, query: str | None) -> None:
    made = nasty_cable(text, other)
    entries = [shown(made, None, 0), shown(made, made.paragraphs[0], 0)]
    source = "\n".join(html_pages(entries, highlighter(query)))
    page = Page()
    page.feed(source)
    page.close()
    assert set(page.tags) <= {
        *("html", "head", "meta", "title", "style", "body", "article", "h1", "h2", "dl", "dt", "dd", "p", "a", "span"),
        *("mark", "footer"),
    }
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "id", "class", "href"}
    assert page.tags.count("p") == 2 + bool(made.signers)
    assert plain(text) in plain(page.text)
    anchors = re.findall(r' id="([^"]*)"', source)
    assert len(anchors) == len(set(anchors))


@settings(max_examples=300, deadline=None)
@given(text=nasty, other=nasty, query=st.sampled_from([None, "ab", "a* OR b*", "1"]))
def test_text_of_cables_is_text_in_markdown(text: str, other: str, query: str | None) -> None:
    made = nasty_cable(text, other)
    source = "\n".join(markdown([shown(made, None, 0), shown(made, made.paragraphs[0], 0)], highlighter(query)))
    for dialect in ("commonmark", "gfm-like"):
        reader = MarkdownIt(dialect, {"linkify": False})
        rendered = reader.render(source)
        page = Page()
        page.feed(rendered)
        page.close()
        assert set(page.tags) <= {"h1", "h2", "ul", "li", "p", "strong", "em", "hr"}, rendered
        assert page.tags.count("h1") == 2
        assert page.tags.count("hr") == 1
        assert not page.attributes
        assert plain(text) in plain(page.text)
        # Bold is what we made bold: matches and labels, no part of a text.
        for bold in re.findall(r"<strong>(.*?)</strong>", rendered):
            assert "*" not in html.unescape(bold) or "*" in text + other


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("the U.S. said", "US", "the **U.S.** said"),
        ("(court)s", "court", "(**court**)s"),
        ("a \u4e2d\u56fd b", "b", "a \u4e2d\u56fd **b**"),
    ],
)
def test_bold_stands_at_the_words(text: str, query: str, expected: str) -> None:
    made = cable("10A1", text)
    lines = "\n".join(markdown([shown(made, made.paragraphs[0], 0)], highlighter(query))).splitlines()
    assert lines[2] == f"**\u00b61** {expected}"
