"""Answer a list of questions with cited paragraphs, as a report in Markdown or HTML.

    python examples/report.py questions.txt --index indexes/cables --clearance SBU -o report.md

The file has a question or a query on each line. A line that ends with a question mark is a question in plain words,
any of which may match; any other line is a query (docs/query-language.md). Empty lines, and those that begin with #,
are left out.

The report says how many paragraphs match each line, quotes the best of them with their citations, and lists the lines
for which nothing was found. Whatever is cut is counted. Exit status: 0 if something was found for each line, 1 if not,
2 after an error.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cablesearch

LONGEST = 1_500
"""The most characters of a paragraph, if the reader does not say."""


@dataclass(frozen=True)
class Answer:
    """What the archive has for one line of the list.

    Attributes:
        line: the line.
        query: the query that was run; empty if the line has no word.
        results: the paragraphs; None if the query is invalid.
        error: why it is invalid.
    """

    line: str
    query: str
    results: cablesearch.Results | None = None
    error: str = ""

    @property
    def total(self) -> int:
        """The number of paragraphs that match."""
        return self.results.total if self.results else 0


@dataclass(frozen=True)
class Quote:
    """A paragraph as the report quotes it: plain text, without control characters.

    Attributes:
        label: its citation and marking.
        source: the line of its footnote.
        text: its text, or the beginning of it.
        cut: the number of characters that are left out.
    """

    label: str
    source: str
    text: str
    cut: int


@dataclass(frozen=True)
class Section:
    """The part of the report on one line, as plain text.

    Attributes:
        title: the line.
        notes: what was looked for, how many paragraphs match, and why none do.
        quotes: the paragraphs.
    """

    title: str
    notes: tuple[str, ...]
    quotes: tuple[Quote, ...]


# The questions and their answers


def questions(path: Path) -> list[str]:
    """Return the lines of a list of questions.

    Raises:
        ValueError: it has none, or is not text in UTF-8.
        OSError: it cannot be read.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text in UTF-8") from None
    asked = [line for line in lines if line and not line.startswith("#")]
    if not asked:
        raise ValueError(f"{path}: no question in it")
    return asked


def answer(archive: cablesearch.Archive, line: str, limit: int | None, since: str | None, until: str | None) -> Answer:
    """Return the paragraphs for one line."""
    is_question = line.endswith("?")
    query = cablesearch.plain_query(line) if is_question else line
    if not query:
        return Answer(line, query, error="The line has no word to look for.")
    match: cablesearch.Match = "any" if is_question else "all"
    try:
        results = archive.search(query, match=match, limit=limit, since=since, until=until)
    except cablesearch.QueryError as error:
        if error.argument:
            # It is the same for all lines.
            raise
        return Answer(line, query, error=f"Invalid query: {error.reason}. {error.advice or ''}".strip())
    return Answer(line, query, results)


# The report


def section(found: Answer, longest: int) -> Section:
    """Return the part of the report on one line."""
    notes = [f"Query: {found.query}"] if found.query not in ("", found.line) else []
    if found.results is None:
        return Section(plain(found.line), tuple(map(plain, [*notes, found.error])), ())
    notes.append(_matches(found.results))
    if not found.total:
        notes += _advice(found.results)
    quotes = tuple(quote(hit, longest) for hit in found.results)
    return Section(plain(found.line), tuple(map(plain, notes)), quotes)


def _matches(results: cablesearch.Results) -> str:
    if not results.total:
        return "No paragraph matches."
    left = results.total - len(results)
    noun = "paragraph matches" if results.total == 1 else "paragraphs match"
    shown = f"; the {len(results):,} best follow, {left:,} are not shown" if left else ""
    return f"{results.total:,} {noun}{shown}."


def _advice(results: cablesearch.Results) -> Iterator[str]:
    """Yield why nothing matches, and what would."""
    for value in results.unknown_values:
        yield value.reason + (f"; did you mean {value.meant}?" if value.meant else "")
    if results.suggestion:
        yield f"Did you mean: {results.suggestion}"
    if count := results.alternatives.get("any_word"):
        yield f"Paragraphs with any of the words: {count:,}"
    if count := results.alternatives.get("group_cable"):
        yield f"Cables with all of the words: {count:,}"


def quote(hit: cablesearch.Hit, longest: int) -> Quote:
    """Return a paragraph with its citation."""
    date = hit.date.strftime("%Y-%m-%d") if hit.date else "no date"
    subject = f"“{hit.subject}”" if hit.subject else ""
    parts = [hit.origin, subject, f"cable {hit.cable}", date, str(hit.cable_classification)]
    return Quote(
        plain(f"{hit.citation} ({hit.marking_or_level})"),
        plain(", ".join(filter(None, parts))),
        plain(hit.text[:longest]),
        max(len(hit.text) - longest, 0),
    )


def summary(answers: Sequence[Answer], clearance: str) -> list[str]:
    """Return the sentences at the beginning of the report: what it may quote, and what was not found."""
    missing = [str(number) for number, found in enumerate(answers, 1) if not found.total]
    hits = [hit for found in answers for hit in found.results or ()]
    lines = [f"Questions: {len(answers):,}; paragraphs quoted: {len(hits):,}.", f"Clearance: {clearance}."]
    if hits:
        highest = hits[0].cable_classification
        for hit in hits:
            # The cable's, because its subject is quoted, too.
            highest = highest.join(hit.classification).join(hit.cable_classification)
        lines.append(f"Highest classification of what is quoted: {highest}.")
    if missing:
        lines.append(f"Nothing found: {', '.join(missing)}.")
    return lines


def plain(text: str) -> str:
    """Return a text on one line, in which nothing can command a terminal or turn a line around."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split()))


def escaped_markdown(text: str) -> str:
    """Return a text on one line as Markdown that shows it, also where addresses become links by themselves."""
    return re.sub(r"[\\`*_\[\]<>&#|~@$]|:(?=//)|(?<=www)\.|^[-+=]|^(?:\d+)[.)]", _escaped, text, flags=re.IGNORECASE)


def _escaped(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}\\{match[0][-1]}"


def markdown(title: str, lines: Sequence[str], sections: Sequence[Section]) -> str:
    """Return the report in Markdown. What comes from the archive is text in it, and never markup."""
    safe = escaped_markdown
    parts = [f"# {safe(plain(title))}", *map(safe, lines)]
    for number, part in enumerate(sections, 1):
        parts += [f"## {number}\\. {safe(part.title)}", *map(safe, part.notes)]
        for quoted in part.quotes:
            rest = f"\n>\n> *{quoted.cut:,} more characters*" if quoted.cut else ""
            parts.append(f"> **{safe(quoted.label)}** {safe(quoted.text)}{rest}\n>\n> — {safe(quoted.source)}")
    return "\n\n".join(parts) + "\n"


STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 Georgia, serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { border-top: 1px solid; font-size: 1.15rem; margin-top: 2rem; padding-top: .5rem; }
p { margin: .3rem 0; } .note, cite { font: .85rem/1.5 system-ui, sans-serif; opacity: .85; }
blockquote { border-left: .2rem solid; margin: 1rem 0; padding-left: .8rem; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, lines: Sequence[str], sections: Sequence[Section]) -> str:
    """Return the report as a page of HTML, which needs no other file and runs no script."""
    safe, name = html.escape, html.escape(plain(title))
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>",
        *(f'<p class="note">{safe(line)}</p>' for line in lines),
    ]
    for number, part in enumerate(sections, 1):
        parts += [
            f"<h2>{number}. {safe(part.title)}</h2>",
            *(f'<p class="note">{safe(note)}</p>' for note in part.notes),
        ]
        for quoted in part.quotes:
            rest = f'<p class="note">{quoted.cut:,} more characters</p>' if quoted.cut else ""
            text = f"<p><b>{safe(quoted.label)}</b> {safe(quoted.text)}</p>{rest}"
            parts.append(f"<blockquote>{text}<cite>{safe(quoted.source)}</cite></blockquote>")
    return "\n".join(parts) + "\n</body>\n</html>\n"


# The program


def number_or_all(text: str) -> int | None:
    """Return a limit; None for ``all``."""
    return None if text == "all" else positive(text)


def positive(text: str) -> int:
    """Return a number from 1 on."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments of the command line; an invalid one ends the program with status 2."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, help="the file with a question or a query on each line")
    parser.add_argument("--index", default="indexes/cables", metavar="DIR", help="the archive (default: %(default)s)")
    parser.add_argument("--clearance", help="quote only what a reader with this clearance may see")
    parser.add_argument(
        "-n", "--limit", type=number_or_all, default=5, help="paragraphs for each line, or all (default: %(default)s)"
    )
    parser.add_argument(
        "--longest", type=positive, default=LONGEST, help="characters of each paragraph (default: %(default)s)"
    )
    parser.add_argument("--since", help="only cables on or after this date")
    parser.add_argument("--until", help="only cables on or before this date")
    parser.add_argument("--title", default="Questions to the archive", help="the title of the report")
    parser.add_argument("-f", "--format", choices=["markdown", "html"], help="default: that of the name of the file")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to a file; an existing one is replaced"
    )
    return parser.parse_args(given)


def run(given: Sequence[str] | None = None) -> int:
    """Write the report, and return the exit status."""
    wanted = arguments(given)
    try:
        asked = questions(wanted.questions)
        if wanted.output and wanted.output.exists() and wanted.output.samefile(wanted.questions):
            raise ValueError(f"{wanted.output}: these are the questions; choose another file for the report")
        with cablesearch.open(wanted.index, clearance=wanted.clearance) as archive:
            limits = wanted.limit, wanted.since, wanted.until
            answers = [answer(archive, line, *limits) for line in asked]
            lines = summary(answers, str(archive.clearance or "FULL"))
        sections = [section(found, wanted.longest) for found in answers]
        suffix = wanted.output.suffix.lower() if wanted.output else ""
        is_page = wanted.format == "html" or (not wanted.format and suffix in (".html", ".htm"))
        report = (page if is_page else markdown)(wanted.title, lines, sections)
        if wanted.output:
            wanted.output.write_text(report, "utf-8")
        else:
            sys.stdout.write(report)
    except (cablesearch.CablesearchError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0 if all(found.total for found in answers) else 1


if __name__ == "__main__":
    sys.exit(run())
