"""The report on a list of questions: what it quotes, what it says is missing, and what a cable cannot do to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import cablesearch
from cablesearch.archive import Archive
from examples import report
from tests.support.cables import cable
from tests.support.files import ROOT

Make = Callable[..., Archive]

EVIL = "rain <script>alert(1)</script> [x](javascript:1) *b* `c` &amp; http://a.example www.a.example a@b.example $x$"


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a list of questions."""

    def write(*lines: str) -> Path:
        path = tmp_path / "questions.txt"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


def run(*given: str | Path) -> int:
    return report.run([*map(str, given)])


def test_each_line_is_answered_with_cited_paragraphs(
    beijing: Archive, asked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = asked("# a remark", "", "Did China ratify the Protocol?", '"labor trafficking"')
    assert run(path, "--index", beijing.path, "-n", "2") == 0
    text = capsys.readouterr().out
    assert "## 1\\. Did China ratify the Protocol?\n\nQuery: China ratify Protocol\n\n" in text
    total = beijing.search("China ratify Protocol", match="any").total
    assert f"{total} paragraphs match; the 2 best follow, {total - 2} are not shown." in text
    assert '## 2\\. "labor trafficking"\n\n1 paragraph matches.\n\n> **10BEIJING30 ¶3 (C)** Huang Taiyun' in text
    assert "> — Embassy Beijing, “CHINA RATIFIES PALERMO PROTOCOL" in text
    assert "Highest classification of what is quoted: CONFIDENTIAL." in text
    assert "Clearance: FULL." in text
    assert "Nothing found" not in text


def test_what_was_not_found_is_said_with_the_reason(
    beijing: Archive, asked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = asked("china", "traffickng", "tag:PHUN", '("open', "???", "palermo xyzzy")
    assert run(path, "--index", beijing.path) == 1
    text = capsys.readouterr().out
    assert "Nothing found: 2, 3, 4, 5, 6." in text
    for said in (
        *(
            "Did you mean: trafficking",
            "unknown tag 'PHUN'; did you mean PHUM?",
            "Invalid query: this quote is not closed",
        ),
        *("The line has no word to look for.", "Paragraphs with any of the words: "),
    ):
        assert said in text


def test_a_cut_is_counted_and_all_are_given_on_request(
    archive_of: Make, asked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    archive = archive_of(*(cable(f"10A{number}", "rain " * 500) for number in range(9)))
    assert run(asked("rain"), "--index", archive.path, "--limit", "all", "--longest", "100") == 0
    text = capsys.readouterr().out
    assert "9 paragraphs match.\n" in text
    assert text.count("> **10A") == 9
    assert text.count("*2,400 more characters*") == 9


def test_a_clearance_leaves_no_trace_of_what_it_hides(
    archive_of: Make, asked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = cable("10A1", ("U", "rain"), ("S", "quartz rain"), classification="SECRET", subject="QUARTZ")
    whole = archive_of(mixed, cable("10A2", "quartz rain", classification="SECRET"))
    seen = [visible for made in whole.export() if (visible := made.view(cablesearch.Clearance.parse("SBU")))]
    alone = archive_of(*seen)
    path = asked("rain", "quartz", "Where is the rain?", "quartz rain")
    reports = []
    for archive in (whole, alone):
        for form in ("markdown", "html"):
            assert run(path, "--index", archive.path, "--clearance", "SBU", "-f", form) == 1
            reports.append(capsys.readouterr().out)
    assert reports[:2] == reports[2:]
    assert run(path, "--index", whole.path) == 0


class Page(HTMLParser):
    """Collects the tags and the text of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "text", [EVIL, "# rain", "- rain", "+ rain", "1. rain", "12) rain", "= rain", "rain #", "> rain"]
)
def test_what_a_cable_says_is_text_and_not_markup(
    archive_of: Make, asked: Callable[..., Path], capsys: pytest.CaptureFixture[str], text: str
) -> None:
    archive = archive_of(cable("10A1", text, "\x1b[31m rain \u202e", subject=text, origin=text))
    path = asked("rain", f'"{text}"' if text.startswith("rain <") else "rain", f"{text}?")
    assert run(path, "--index", archive.path) in (0, 1)
    markdown = capsys.readouterr().out
    rendered = Page(MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"]).render(markdown))
    assert rendered.tags <= {"h1", "h2", "p", "blockquote", "strong", "em"}
    assert rendered.text.count(text) >= 4
    assert "http://" not in markdown
    assert "www." not in markdown
    assert not any(char in markdown for char in "\x1b\u202e")
    assert run(path, "--index", archive.path, "-f", "html") in (0, 1)
    page = Page(capsys.readouterr().out)
    assert page.tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "blockquote", "cite"}
    assert page.text.count(text) >= 4


def test_the_format_is_that_of_the_file(beijing: Archive, asked: Callable[..., Path], tmp_path: Path) -> None:
    path, options = asked("china"), ("--index", beijing.path, "--title", "A <title>")
    assert run(path, *options, "-o", tmp_path / "a.html") == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>A &lt;title&gt;</h1>" in page
    assert "default-src 'none'" in page
    assert run(path, *options, "-o", tmp_path / "a.md") == 0
    assert (tmp_path / "a.md").read_text("utf-8").startswith("# A \\<title\\>\n")


def test_errors_are_one_message_and_leave_files_alone(
    beijing: Archive, asked: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = asked("china")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xfa")
    output = tmp_path / "report.md"
    for given, said in (
        ((path, "--index", tmp_path / "none"), "no archive"),
        ((tmp_path / "none.txt", "--index", beijing.path), "none.txt"),
        ((tmp_path / "empty.txt", "--index", beijing.path), "no question in it"),
        ((tmp_path / "bytes.txt", "--index", beijing.path), "not a text in UTF-8"),
        ((path, "--index", beijing.path, "--clearance", "HIGH"), "HIGH"),
        ((path, "--index", beijing.path, "--since", "soon"), "soon"),
        ((path, "--index", beijing.path, "-o", path), "these are the questions"),
        ((path, "--index", beijing.path, "-o", tmp_path), "directory"),
    ):
        assert run(*given, *(("-o", output) if "-o" not in given else ())) == 2
        err = capsys.readouterr().err
        assert err.startswith("error: ")
        assert said.lower() in err.lower()
    assert not output.exists()
    assert path.read_text() == "china\n"
    for wrong in ("0", "-1", "many"):
        with pytest.raises(SystemExit) as ended:
            run(path, "--limit", wrong)
        assert ended.value.code == 2


def test_it_runs_as_a_program(beijing: Archive, asked: Callable[..., Path]) -> None:
    command = [sys.executable, str(ROOT / "examples" / "report.py"), str(asked("china")), "--index", str(beijing.path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Questions to the archive\n")
