"""cablesearch refs, cablesearch thread, cablesearch cited-but-missing, cablesearch graph."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, filter_options, limit_option
from cablesearch.cli.messages import note, say
from cablesearch.cli.options import given_references, open_archive, query_argument, query_text, references_argument
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.text.terminal import json_line, one_line
from cablesearch.text.wording import day, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from cablesearch.archive import Archive
    from cablesearch.cli.charts.tree import Row
    from cablesearch.features.links.graphs import CableGraph
    from cablesearch.features.links.missing import MissingCable, MissingCables
    from cablesearch.features.links.references import LinkEntry, References
    from cablesearch.features.links.threads import Thread
    from cablesearch.features.links.web import LinkedCable

__all__ = ["cited_but_missing", "graph", "refs", "thread"]

_NOT_READ = "{} could not be read as the id of a cable"

_Answer = TypeVar("_Answer")


@click.command()
@references_argument("ID...")
@click.option(
    "--depth",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Levels of the trees: with 2, also what the cited cables cite.",
)
@limit_option("Most cables in each tree", 100)
@answer_options("text", "json", "graphml", "dot")
def refs(
    references: tuple[str, ...],
    depth: int,
    limit: int | None,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
) -> None:
    """Show the cables to which a cable refers, and those that refer to it.

    Cables that the archive lacks are marked; they can be asked for as well. With - the ids are read from standard
    input, one a line. The other formats are for programs such as Gephi, Graphviz and networkx.

    \b
    Exit status: 0 if all ids are known, 1 if an id is unknown (the others
    are shown), 2 after an error.

    \b
    Examples:
      cablesearch refs 10BEIJING30
      cablesearch refs 10BEIJING30 --depth 3
      cablesearch refs 09STATE1234 -o web.graphml
    """
    form = format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        from cablesearch.cli.rendering.summary import say_without

        answers, unknown = _asked(lambda name: archive.references(name, depth=depth, limit=limit), references)
        if answers:
            _print_references(answers, form)
            sys.stdout.flush()
            left_out = sum(answer.left_out for answer in answers)
            if left_out and form != "text":
                say(f"Left out: {plural(left_out, 'cable')}, and those below them; --limit all shows all")
        say_without(archive, "cites")
    sys.exit(1 if unknown else 0)


def _asked(ask: Callable[[str], _Answer], references: tuple[str, ...]) -> tuple[list[_Answer], list[str]]:
    """Return the answers for the references whose cables are known, and the other ones, after saying so."""
    from cablesearch.errors import UnknownCableError

    answers, unknown = [], list[str]()
    for reference in given_references(references):
        try:
            answers.append(ask(reference))
        except UnknownCableError as error:
            say(f"Error: {error}")
            unknown.append(reference)
    return answers, unknown


def _say_who_cites(archive: Archive, name: str) -> None:
    """Say how to see the cables that refer to a missing one, if there are any."""
    from shlex import quote

    from cablesearch.errors import UnknownCableError

    try:
        cable = archive.references(name, limit=0).cable
    except UnknownCableError:
        return
    note(f"Cited by {plural(cable.citations, 'cable')}: cablesearch refs {quote(cable.id)}")


def _print_references(answers: Sequence[References], form: str) -> None:
    if form == "text":
        with paged():
            for number, answer in enumerate(answers):
                sys.stdout.writelines(["\n"] * (number > 0))
                sys.stdout.writelines(_reference_lines(answer))
    elif form == "json":
        sys.stdout.writelines(json_line(answer.to_json()) + "\n" for answer in answers)
    else:
        _print_graph(_joined(answers), form)


def _joined(answers: Iterable[References]) -> CableGraph:
    """Return the graph of several answers."""
    from cablesearch.features.links.graphs import CableGraph

    graphs = [answer.graph() for answer in answers]
    nodes = {node.id: node for graph in graphs for node in graph.nodes}
    return CableGraph(tuple(nodes.values()), tuple(dict.fromkeys(edge for graph in graphs for edge in graph.edges)))


def _print_graph(answer: CableGraph, form: str) -> None:
    sys.stdout.writelines(answer.graphml() if form == "graphml" else answer.dot())


def _reference_lines(answer: References) -> Iterator[str]:
    """Yield what a cable refers to and what refers to it, as people read it."""
    from cablesearch.cli.charts.tree import tree_lines
    from cablesearch.cli.rendering.layout import bold

    yield from tree_lines([_row(answer.cable, 0)])
    missing, unreadable = answer.cites_missing, answer.cites_unreadable
    if not answer.cable.is_missing:
        lacking = f", of which {missing:,} {'is' if missing == 1 else 'are'} missing" if missing else ""
        beside = f"; {_NOT_READ.format(plural(unreadable, 'other reference'))}" if unreadable else ""
        yield "\n" + bold(f"Cites {_cables(answer.cable.references - unreadable)}{lacking}{beside}") + "\n"
        yield from tree_lines(list(_rows(answer.cites, answer.cites_left_out)))
    yield "\n" + bold(f"Cited by {_cables(answer.cable.citations)}") + "\n"
    yield from tree_lines(list(_rows(answer.cited_by, answer.cited_by_left_out)))


def _lack(cable: LinkedCable) -> str:
    """Return why the archive has nothing of a cable that others cite."""
    return "not an id" if cable.is_unreadable else "missing"


def _cables(number: int) -> str:
    return plural(number, "cable") if number else "no cable"


def _rows(entries: Sequence[LinkEntry], left_out: int) -> Iterator[Row]:
    """Yield the rows of a tree, and below each node how many are left out."""
    waiting = [(1, left_out)]
    for entry in entries:
        while waiting and waiting[-1][0] > entry.depth:
            yield from _more(*waiting.pop())
        yield _row(entry.cable, entry.depth, is_repeated=entry.is_repeated)
        waiting.append((entry.depth + 1, entry.left_out))
    while waiting:
        yield from _more(*waiting.pop())


def _more(depth: int, left_out: int) -> Iterator[Row]:
    from cablesearch.cli.charts.tree import Row

    if left_out:
        yield Row(depth, f"and {left_out:,} more (--limit all shows all)")


def _row(cable: LinkedCable, depth: int, *, is_repeated: bool = False, mark: str = "") -> Row:
    from cablesearch.cli.charts.tree import Row
    from cablesearch.cli.display import colored
    from cablesearch.cli.rendering.layout import bold

    if cable.is_missing:
        said = [_lack(cable), "(again)" if is_repeated else f"cited by {plural(cable.citations, 'cable')}"]
        return Row(
            depth, cable.id, "  ".join(said), lambda text: click.style(text, fg="red") if colored() else text, mark
        )
    said = [day(cable.date), cable.origin, *(["(again)"] if is_repeated else [cable.subject or ""])]
    return Row(depth, cable.id, "  ".join(filter(None, said)), bold, mark)


@click.command()
@references_argument("ID...")
@limit_option("Most cables to show", 100)
@answer_options("text", "json")
def thread(
    references: tuple[str, ...],
    limit: int | None,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
) -> None:
    """Show the cables that answer each other, from the first to the last.

    A cable answers the first of its references that the archive has and that is not newer. The cable that was asked for
    is marked with >. With - the ids are read from standard input, one a line.

    \b
    Exit status: 0 if all ids are known, 1 if an id is unknown (the others
    are shown), 2 after an error.

    \b
    Examples:
      cablesearch thread 10BEIJING30
      cablesearch thread 10BEIJING30 --limit all --format json
    """
    form = format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        from cablesearch.cli.rendering.summary import say_of_how_many, say_without

        answers, unknown = _asked(lambda name: archive.thread(name, limit=limit), references)
        for name in unknown:
            _say_who_cites(archive, name)
        if answers:
            _print_threads(answers, form)
            sys.stdout.flush()
            for answer in answers:
                say_of_how_many(0, len(answer.messages), answer.total, "cable")
        say_without(archive, "cites")
    sys.exit(1 if unknown else 0)


def _print_threads(answers: Sequence[Thread], form: str) -> None:
    if form == "json":
        sys.stdout.writelines(json_line(answer.to_json()) + "\n" for answer in answers)
        return
    with paged():
        for number, answer in enumerate(answers):
            sys.stdout.writelines(["\n"] * (number > 0))
            sys.stdout.writelines(_thread_lines(answer))


def _thread_lines(answer: Thread) -> Iterator[str]:
    """Yield a thread as people read it."""
    from cablesearch.cli.charts.tree import tree_lines
    from cablesearch.cli.rendering.layout import bold

    ends = " to ".join(dict.fromkeys(end[:10] for end in (answer.first_date, answer.last_date) if end))
    yield bold(plural(answer.total, "cable")) + (f", {ends}" if ends else "") + "\n"
    rows: list[Row] = []
    waiting: list[tuple[int, int]] = []
    for message in answer.messages:
        while waiting and waiting[-1][0] > message.depth:
            rows += [row._replace(mark="  ") for row in _more(*waiting.pop())]
        rows.append(_row(message.cable, message.depth, mark="> " if message.cable.id == answer.id else "  "))
        waiting.append((message.depth + 1, message.left_out))
    while waiting:
        rows += [row._replace(mark="  ") for row in _more(*waiting.pop())]
    yield from tree_lines(rows)


@click.command(cls=QueryCommand)
@query_argument
@filter_options
@limit_option("Most cables to show", 20)
@answer_options("text", "json", "csv")
def cited_but_missing(
    query: tuple[str, ...],
    limit: int | None,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """List the cables to which the archive refers most and that it lacks: what to ask for in a FOIA request.

    With a query or filters, only references of cables that match count.

    \b
    Exit status: 0 if any cable is missing, 1 if none is, 2 after an error.

    \b
    Examples:
      cablesearch cited-but-missing
      cablesearch cited-but-missing tag:PHUM --since 2009 --limit all --format csv
    """
    from cablesearch.cli.rendering.summary import say_more, say_of_how_many, say_without

    text, form = query_text(query), format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.cited_but_missing(text, limit=limit, **filters)
        _print_missing(answer, form)
        sys.stdout.flush()
        say_of_how_many(0, len(answer.cables), answer.total, "missing cable")
        if answer.unreadable:
            note(_NOT_READ.format(plural(answer.unreadable, "other reference")))
        if not answer.total and archive.search(answer.query, limit=0, **filters).total:
            note("These cables refer to no cable that the archive lacks")
        say_more(archive, text, answer.total, filters)
        say_without(archive, "cites")
    sys.exit(0 if answer.total else 1)


def _print_missing(answer: MissingCables, form: str) -> None:
    from cablesearch.answers.csv_table import table_lines

    if form == "text":
        with paged():
            sys.stdout.writelines(_missing_lines(answer.cables))
    elif form == "json":
        click.echo(json_line(answer.to_json()))
    else:
        names = ("id", "citations", "first_date", "last_date", "year", "post", "origin")
        rows = (
            [entry[name] if entry[name] is not None else "" for name in names] for entry in answer.to_json()["cables"]
        )
        sys.stdout.writelines(table_lines(names, rows))


def _missing_lines(cables: Sequence[MissingCable]) -> Iterator[str]:
    """Yield a line for each missing cable: how many cables cite it, its id, when it is cited, and its post."""
    from cablesearch.cli.display import columns
    from cablesearch.cli.rendering.cells import cut
    from cablesearch.cli.rendering.layout import bold

    numbers = max((len(f"{cable.citations:,}") for cable in cables), default=0)
    widest = max((len(cable.id) for cable in cables), default=0)
    for cable in cables:
        ends = " to ".join(dict.fromkeys(end[:10] for end in (cable.first_date, cable.last_date) if end))
        start = f"{cable.citations:>{numbers},}  "
        rest = cut(
            f"{ends or 'no date':24}  {one_line(cable.origin or cable.post)}", columns() - len(start) - widest - 2
        )
        yield f"{start}{bold(cable.id)}{' ' * (widest - len(cable.id))}  {rest}".rstrip() + "\n"


@click.command(cls=QueryCommand)
@query_argument
@filter_options
@answer_options("text", "json", "csv", "graphml", "dot")
def graph(
    query: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """Write which cables refer to which, for programs that analyse and draw networks.

    The graph has the cables that match a query, or all cables, and the cables to which these refer; missing ones are
    marked. Cables without any reference are left out.

    \b
    Exit status: 0 if there is a reference, 1 if there is none, 2 after an error.

    \b
    Examples:
      cablesearch graph tag:PHUM -o phum.graphml
      cablesearch graph --since 2009 --format dot | dot -Tsvg > cables.svg
    """
    from cablesearch.cli.rendering.summary import say_more, say_without

    text, form = query_text(query), format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.graph(text, **filters)
        _print_graph_as(answer, form)
        sys.stdout.flush()
        if answer.unlinked:
            none = "" if answer.edges else "No references. "
            say(f"{none}Left out: {plural(answer.unlinked, 'cable')} without references")
        say_more(archive, text, len(answer.edges), filters)
        say_without(archive, "cites")
    sys.exit(0 if answer.edges else 1)


def _print_graph_as(answer: CableGraph, form: str) -> None:
    from cablesearch.answers.csv_table import table_lines

    if form == "json":
        click.echo(json_line(answer.to_json()))
    elif form in ("graphml", "dot"):
        _print_graph(answer, form)
    elif form == "csv":
        sys.stdout.writelines(table_lines(("source", "target"), answer.edges))
    else:
        lacks = {node.id: f"  {_lack(node)}" for node in answer.nodes if node.is_missing}
        with paged():
            sys.stdout.writelines(
                one_line(f"{source} -> {target}{lacks.get(target, '')}") + "\n" for source, target in answer.edges
            )
