"""The web of cables: references, threads, missing cables and graphs, held to the cables that a reader may see."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from unittest import mock

import networkx
import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance
from cablesearch.cli.charts.tree import Row, tree_lines
from cablesearch.features.links.graph_formats import dot
from cablesearch.features.links.threads import longest_threads
from cablesearch.features.links.web import LinkedCable, most_cited
from cablesearch.indexing import ingest
from cablesearch.request import Group, Request
from cablesearch.schema import index_fields
from tests.support.cables import cable
from tests.support.files import DOCS, write_cables
from tests.support.running import run

Make = Callable[..., Archive]

CLEARANCES = [None, "UNCLASSIFIED", "SECRET"]


def day(number: int) -> dt.datetime:
    return dt.datetime(2009, 1, 1, 12, 0, tzinfo=dt.timezone.utc) + dt.timedelta(days=number)


def names_of(made: Cable) -> set[str]:
    return {made.id.upper(), made.reference_id}


def place(made: Cable) -> tuple[bool, dt.datetime, str]:
    """Return a key that sorts cables by date and id, undated ones last."""
    return made.date is None, made.date or day(0), made.id


@dataclass
class Oracle:
    """The web of some cables, worked out cable by cable."""

    cables: list[Cable]

    @cached_property
    def by_id(self) -> dict[str, Cable]:
        return {made.id: made for made in sorted(self.cables, key=place)}

    def cited(self, made: Cable) -> list[str]:
        """Return the ids of the cables that a cable cites: all that have the name, or the name if none has."""
        ids: list[str] = []
        for name in made.references:
            if name == made.reference_id:
                continue
            having = [other.id for other in self.by_id.values() if name in names_of(other)]
            ids += sorted(having, key=lambda other: other != name) or [name]
        return [name for name in dict.fromkeys(ids) if name != made.id]

    def cited_by_id(self, name: str) -> list[str]:
        return self.cited(self.by_id[name]) if name in self.by_id else []

    def citing(self, name: str) -> list[str]:
        return [made.id for made in self.by_id.values() if name in self.cited(made)]

    @cached_property
    def missing(self) -> list[str]:
        return sorted({name for made in self.cables for name in self.cited(made)} - {*self.by_id})

    def tree(self, name: str, depth: int, following: Callable[[str], list[str]]) -> list[tuple[str, int, str, bool]]:
        """Return the rows of a tree, level by level, as id, depth, parent and whether the cable came before."""
        rows, seen, level = [], {name}, [name]
        for number in range(1, depth + 1):
            further = []
            for parent in level:
                for below in following(parent):
                    rows.append((below, number, parent, below in seen))
                    if below not in seen:
                        further.append(below)
                    seen.add(below)
            level = further
        return rows

    @cached_property
    def answered(self) -> dict[str, str]:
        """Return the cable that each cable answers, without circles."""
        answered = {}
        for made in self.cables:
            for name in self.cited(made):
                other = self.by_id.get(name)
                if other and (made.date is None or other.date is None or other.date <= made.date):
                    answered[made.id] = name
                    break
        for made in sorted(self.cables, key=place):
            # The first cable of a circle answers none.
            above, steps = answered.get(made.id), 0
            while above and above != made.id and steps <= len(self.cables):
                above, steps = answered.get(above), steps + 1
            if above == made.id:
                del answered[made.id]
        return answered

    def first(self, name: str) -> str:
        while name in self.answered:
            name = self.answered[name]
        return name

    def thread(self, name: str) -> list[str]:
        return [other for other in self.by_id if self.first(other) == self.first(name)]


def made_up(chance: random.Random) -> list[Cable]:
    """Return cables that cite themselves, each other in circles, twice, in other spellings, and missing ones."""
    names = [f"09ROME{number}" for number in range(1, 26)] + ["09ROME0004", "09rome5", "09ROME007", "09PARIS1"]
    cited = [*names[:25], "09PARIS1", "09STATE1", "09STATE2", "08OSLO7", "SOME PAPER"]
    cables = []
    for name in names:
        classification = chance.choice(["UNCLASSIFIED", "UNCLASSIFIED", "SECRET", "TOP SECRET"])
        made = cable(
            name,
            (chance.choice(["U", "U", "U", "TS"]), chance.choice(["rain", "sun"])),
            (chance.choice(["U", "S"]), "rain"),
            classification=classification,
            subject=f"subject of {name}",
            subject_marking=chance.choice([None, "U", "S"]),
            date=chance.choice([None, day(0), *(day(number) for number in range(12))]),
            references=[chance.choice([name, *cited]) for _ in range(chance.choice([0, 1, 1, 2, 4]))],
        )
        cables.append(replace(made, reference_id=re.sub("(?<=ROME)0*", "", name.upper())))
    return cables


@pytest.fixture(scope="module", params=range(4))
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, list[Cable]]:
    """Return an archive of one segment or several, with removed cables, and its cables."""
    folder, chance = tmp_path_factory.mktemp("links"), random.Random(request.param)
    cables = made_up(chance)
    chance.shuffle(cables)
    with cablesearch.create(folder / "archive") as archive:
        for start in range(0, len(cables), 8 if request.param else len(cables)):
            part = cables[start : start + (8 if request.param else len(cables))]
            archive.index([write_cables(folder / f"part-{start}.jsonl", part)], jobs=1)
        archive.remove([cables[3].id, cables[9].id])
    kept = [made for number, made in enumerate(cables) if number not in (3, 9)]
    return cablesearch.open(folder / "archive"), kept


def readers(web: tuple[Archive, list[Cable]]) -> Iterator[tuple[Archive, Oracle]]:
    """Yield the archive under several clearances, each with what is right for its reader."""
    archive, cables = web
    for clearance in CLEARANCES:
        views = [made.view(Clearance.parse(clearance) if clearance else None) for made in cables]
        yield archive.lowered(clearance or "FULL"), Oracle([view for view in views if view])


def test_references_are_those_of_the_cables_that_the_reader_sees(web: tuple[Archive, list[Cable]]) -> None:
    for archive, oracle in readers(web):
        for name in [*oracle.by_id, *oracle.missing]:
            for depth in (1, 2, 9):
                answer = archive.references(name, depth=depth, limit=None)
                trees = {
                    "cites": oracle.tree(name, depth, oracle.cited_by_id),
                    "cited_by": oracle.tree(name, depth, oracle.citing),
                }
                for key, rows in trees.items():
                    entries = getattr(answer, key)
                    got = [(entry.cable.id, entry.depth, entry.parent, entry.is_repeated) for entry in entries]
                    assert sorted(got) == sorted(rows), (name, key)
                    # Each stands below its parent, and siblings keep their order.
                    assert [row for row in got if row[1] == 1] == [row for row in rows if row[1] == 1]
                    for number, row in enumerate(got):
                        above = [other for other in got[:number] if other[1] < row[1]]
                        assert (above[-1][0] if above else name) == row[2]
                shown = {name} | {row[0] for rows in trees.values() for row in rows}
                links = {(one, other) for one in shown & {*oracle.by_id} for other in oracle.cited(oracle.by_id[one])}
                assert set(answer.links) == {link for link in links if link[1] in shown}
                assert len(set(answer.links)) == len(answer.links)
                lacking = [cited for cited in oracle.cited_by_id(name) if cited not in oracle.by_id]
                assert answer.cites_unreadable == lacking.count("SOME PAPER")
                assert answer.cites_missing + answer.cites_unreadable == len(lacking)


def test_cables_of_the_web_are_described_as_the_reader_sees_them(web: tuple[Archive, list[Cable]]) -> None:
    for archive, oracle in readers(web):
        for node in archive.graph().nodes:
            made = oracle.by_id.get(node.id)
            if made is None:
                assert node == LinkedCable(node.id, is_missing=True, citations=len(oracle.citing(node.id)))
                continue
            expected = LinkedCable(
                made.id,
                date=made.date,
                origin=made.origin,
                subject=made.subject,
                classification=made.classification,
                references=len(oracle.cited(made)),
                citations=len(oracle.citing(made.id)),
            )
            assert node == expected


@pytest.mark.parametrize("word", ["*", "rain", "sun", "snow"])
def test_a_graph_has_what_the_matching_cables_cite(web: tuple[Archive, list[Cable]], word: str) -> None:
    for archive, oracle in readers(web):
        matching = [
            made
            for made in oracle.by_id.values()
            if any(word in ("*", *paragraph.text.split()) for paragraph in made.paragraphs)
        ]
        edges = [(made.id, name) for made in matching for name in oracle.cited(made)]
        answer = archive.graph(word)
        assert sorted(answer.edges) == sorted(edges)
        names = [node.id for node in answer.nodes]
        linked = {name for edge in edges for name in edge}
        assert names == [name for name in [*oracle.by_id, *oracle.missing] if name in linked]
        assert answer.unlinked == sum(made.id not in linked for made in matching)


@pytest.mark.parametrize("word", ["*", "rain", "sun", "snow"])
def test_missing_cables_are_counted_by_the_cables_that_cite_them(web: tuple[Archive, list[Cable]], word: str) -> None:
    for archive, oracle in readers(web):
        citing: dict[str, list[Cable]] = {}
        for made in oracle.by_id.values():
            if any(word in ("*", *paragraph.text.split()) for paragraph in made.paragraphs):
                for name in oracle.cited(made):
                    if name not in oracle.by_id:
                        citing.setdefault(name, []).append(made)
        answer = archive.cited_but_missing(word, limit=None)
        assert answer.unreadable == ("SOME PAPER" in citing)
        citing.pop("SOME PAPER", None)
        order = sorted(citing, key=lambda name: (-len(citing[name]), name))
        assert [(missing.id, missing.citations) for missing in answer.cables] == [
            (name, len(citing[name])) for name in order
        ]
        assert answer.total == len(order)
        assert archive.cited_but_missing(word, limit=1).cables == answer.cables[:1]
        for missing in answer.cables:
            dates = sorted(f"{made.date:%Y-%m-%dT%H:%MZ}" for made in citing[missing.id] if made.date)
            assert (missing.first_date, missing.last_date) == ((dates[0], dates[-1]) if dates else (None, None))


def test_threads_are_trees_of_answers(web: tuple[Archive, list[Cable]]) -> None:
    for archive, oracle in readers(web):
        for name in oracle.by_id:
            answer = archive.thread(name, limit=None)
            assert answer.id == name
            assert {message.cable.id: message.answers for message in answer.messages} == {
                other: oracle.answered.get(other) for other in oracle.thread(name)
            }
            assert answer.total == len(answer.messages) == len(oracle.thread(name))
            for number, message in enumerate(answer.messages):
                above = [other for other in answer.messages[:number] if other.depth < message.depth]
                assert (above[-1].cable.id if above else None) == message.answers
            dates = sorted(made.date for other in oracle.thread(name) if (made := oracle.by_id[other]).date)
            ends = [f"{end:%Y-%m-%dT%H:%MZ}" for end in (dates[0], dates[-1])] if dates else [None, None]
            assert [answer.first_date, answer.last_date] == ends


def test_of_cables_that_answer_each_other_in_a_circle_the_first_answers_none(archive_of: Make) -> None:
    archive = archive_of(
        cable("09A2", "x", date=None, references=["09A1"]),
        cable("09A3", "x", date=None, references=["09A2"]),
        cable("09A1", "x", date=None, references=["09A2"]),
    )
    for name in ("09A1", "09A2", "09A3"):
        found = [(each.cable.id, each.depth, each.answers) for each in archive.thread(name).messages]
        assert found == [("09A1", 0, None), ("09A2", 1, "09A1"), ("09A3", 2, "09A2")]


def test_a_part_of_a_thread_leads_to_the_cable_and_says_what_is_left_out(web: tuple[Archive, list[Cable]]) -> None:
    archive, cables = web
    oracle = Oracle(cables)
    for name in oracle.by_id:
        whole = archive.thread(name, limit=None)
        for limit in range(1, whole.total + 1):
            part = archive.thread(name, limit=limit)
            shown = [message.cable.id for message in part.messages]
            assert part.total == whole.total
            assert name in shown
            assert shown == [message.cable.id for message in whole.messages if message.cable.id in shown]
            assert all(message.answers in (None, *shown) for message in part.messages)
            for message in part.messages:
                below = [other for other, above in oracle.answered.items() if above == message.cable.id]
                assert message.left_out == sum(other not in shown for other in below)
            way = [name]
            while way[-1] in oracle.answered:
                way.append(oracle.answered[way[-1]])
            assert len(shown) == max(limit, len(way))


def test_the_longest_threads_and_the_most_cited_cables_come_first(web: tuple[Archive, list[Cable]]) -> None:
    for archive, oracle in readers(web):
        sizes = Counter(oracle.first(name) for name in oracle.by_id)
        order = sorted(oracle.by_id, key=lambda name: -sizes[name])
        threads = archive._ask(lambda searcher: longest_threads(searcher.reader, 4))
        expected = [(name, sizes[name]) for name in order if sizes[name] > 1][:4]
        assert [(thread.first.id, thread.total) for thread in threads] == expected
        for summary in threads:
            thread = archive.thread(summary.first.id)
            assert (thread.first_date, thread.last_date) == (summary.first_date, summary.last_date)
        counts = {name: len(oracle.citing(name)) for name in oracle.by_id}
        cited = archive._ask(lambda searcher: most_cited(searcher.reader, 5))
        order = sorted(oracle.by_id, key=lambda name: -counts[name])
        assert [(node.id, node.citations) for node in cited] == [
            (name, counts[name]) for name in order if counts[name]
        ][:5]


def test_the_longest_threads_and_the_most_cited_of_some_cables(web: tuple[Archive, list[Cable]]) -> None:
    archive, cables = web
    oracle = Oracle(cables)
    some = archive._ask(lambda searcher: searcher.reader.links.cables.having(searcher.select(Request.of("sun"))))
    chosen = {hit.cable for hit in archive.search("sun", limit=None)}
    sizes = Counter(oracle.first(name) for name in oracle.by_id)
    threads = archive._ask(lambda searcher: longest_threads(searcher.reader, 99, some))
    assert {thread.first.id: thread.total for thread in threads} == {
        first: sizes[first] for first in {oracle.first(name) for name in chosen} if sizes[first] > 1
    }
    cited = archive._ask(lambda searcher: most_cited(searcher.reader, 99, some))
    assert {node.id for node in cited} == {name for name in chosen if oracle.citing(name)}


@pytest.mark.parametrize("group", ["paragraph", "cable"])
def test_hits_are_sorted_by_the_citations_of_their_cables(web: tuple[Archive, list[Cable]], group: Group) -> None:
    for archive, oracle in readers(web):
        counts = {name: len(oracle.citing(name)) for name in oracle.by_id}
        by_date = archive.search("rain OR sun", sort="date", limit=None, group=group)
        order = sorted(by_date, key=lambda hit: -counts[hit.cable])
        got = archive.search("rain OR sun", sort="citations", limit=None, group=group)
        assert [hit.citation for hit in got] == [hit.citation for hit in order]
        assert [hit.citations for hit in got] == [counts[hit.cable] for hit in order]
        assert {hit.citations for hit in by_date} <= {None}
        page = archive.search("rain OR sun", sort="citations", limit=5, offset=3, group=group)
        assert [hit.citation for hit in page] == [hit.citation for hit in order[3:8]]
        ids = archive.ids("rain OR sun", sort="citations", group=group)
        assert list(ids) == list(dict.fromkeys(hit.cable for hit in order))
        assert [hit.citation for hit in archive.iter_all("rain OR sun", sort="citations", group=group)] == [
            hit.citation for hit in order
        ]


def test_answers_do_not_depend_on_segments(tmp_path: Path) -> None:
    cables = made_up(random.Random(7))
    answers = []
    for size in (len(cables), 1, 5):
        with mock.patch.object(ingest, "BATCH", 1), cablesearch.create(tmp_path / f"archive-{size}") as archive:
            for start in range(0, len(cables), size):
                source = write_cables(tmp_path / f"{size}-{start}.jsonl", cables[start : start + size])
                archive.index([source], jobs=1)
            answers.append(
                [
                    archive.graph(),
                    archive.cited_but_missing(limit=3),
                    archive.thread("09ROME1"),
                    archive.references("SOME PAPER", depth=3, limit=4),
                ]
            )
    assert answers[0] == answers[1] == answers[2]


# Particular cases


def test_a_limit_keeps_the_first_and_counts_the_others(archive_of: Make) -> None:
    made = [cable(f"09ROME{number}", "x", references=["09STATE1"], date=day(number)) for number in range(1, 8)]
    archive = archive_of(*made, cable("09STATE1", "x", references=["09STATE2", "09STATE3"]))
    answer = archive.references("09STATE1", limit=3)
    assert [entry.cable.id for entry in answer.cited_by] == ["09ROME1", "09ROME2", "09ROME3"]
    assert (answer.cited_by_left_out, answer.cites_left_out, answer.left_out) == (4, 0, 4)
    below = archive.references("09ROME1", depth=2, limit=2)
    assert [(entry.cable.id, entry.left_out) for entry in below.cites] == [("09STATE1", 1), ("09STATE2", 0)]
    assert below.left_out == 1


@pytest.mark.parametrize(
    "name", ["10BEIJING0030", "10 Beijing 30", "2010BEIJING30", "10BEIJING30\u00b62", "10beijing30"]
)
def test_ids_may_be_spelt_in_several_ways(archive_of: Make, name: str) -> None:
    archive = archive_of(cable("10BEIJING30", "x"), cable("10ROME1", "x", references=["10BEIJING30", "10 STATE 0007"]))
    assert [entry.cable.id for entry in archive.references(name).cited_by] == ["10ROME1"]
    assert archive.thread(name).id == "10BEIJING30"
    missing = archive.references("2010STATE007")
    assert (missing.cable.id, missing.cable.is_missing, missing.cable.citations) == ("10STATE7", True, 1)


def test_other_spellings_of_a_cable_are_not_missing(archive_of: Make) -> None:
    archive = archive_of(
        replace(cable("10AITTAIPEI0005", "x"), reference_id="10AITTAIPEI5"),
        cable("10ROME1", "x", references=["10TAIPEI5", "10 AIT TAIPEI 5", "10AITTAIPEI005", "10TAIPEI6"]),
    )
    assert [missing.id for missing in archive.cited_but_missing().cables] == ["10AITTAIPEI6"]
    assert archive.references("10AITTAIPEI5").cable.citations == 1


def test_an_unknown_id_is_an_error_that_names_near_ones(archive_of: Make) -> None:
    archive = archive_of(cable("10BEIJING30", "x", references=["10STATE7"]), cable("10ROME1", ("S", "x")))
    for ask in (archive.references, archive.thread):
        with pytest.raises(cablesearch.UnknownCableError, match="did you mean 10BEIJING30"):
            ask("10BEIJING31")
    with pytest.raises(cablesearch.UnknownCableError, match="no cable 10STATE7 in this archive"):
        archive.thread("10STATE7")
    with pytest.raises(cablesearch.UnknownCableError):
        archive.lowered("SBU").references("10ROME1")
    for wrong in ({"depth": -1}, {"limit": -1}, {"limit": True}):
        with pytest.raises((ValueError, TypeError)):
            archive.references("10BEIJING30", **wrong)


def test_the_references_of_a_cable_whose_whole_is_hidden_are_hidden(archive_of: Make) -> None:
    secret = cable("10ROME1", ("U", "x"), classification="SECRET", references=["10STATE7", "10ROME2"])
    archive = archive_of(secret, cable("10ROME2", "x"))
    assert archive.references("10ROME1").cable.references == 2
    reader = archive.lowered("SBU")
    assert reader.references("10ROME1").cites == reader.references("10ROME2").cited_by == ()
    assert reader.cited_but_missing().total == 0
    with pytest.raises(cablesearch.UnknownCableError):
        reader.references("10STATE7")


def test_an_empty_archive_has_no_links(tmp_path: Path) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        assert (archive.graph().nodes, archive.cited_but_missing().cables) == ((), ())
        assert archive.search("*", sort="citations").total == 0
        reader = archive._reading.reader
        assert (longest_threads(reader, 3), most_cited(reader, 3)) == ((), ())
        for command in (["graph"], ["cited-but-missing"]):
            result = run(*command, "--index", archive.path)
            assert (result.returncode, result.stdout) == (1, "")
            assert "The archive is empty" in result.stderr


# Formats


STRANGE = '"]; evil [label="\\" & <b> \x07\x1b[31m\u202e\udce9 \ud800 end\\'


@pytest.fixture
def strange(archive_of: Make) -> Archive:
    return archive_of(
        cable("A\x01", "x", subject=STRANGE, origin=STRANGE, references=["A\x02", "10STATE7"]),
        cable("A\x02", "x", subject="\n\t", date=None),
        cable('q"\\', "x", references=["A\x01", "\u00e9\u4e2d"]),
    )


def test_networkx_reads_the_json(web: tuple[Archive, list[Cable]]) -> None:
    archive, cables = web
    oracle = Oracle(cables)
    expected = {(made.id, name) for made in cables for name in oracle.cited(made)}
    answers = [run("graph", "-f", "json", "--index", archive.path).stdout]
    network = networkx.node_link_graph(json.loads(answers[0]), edges="edges")
    assert set(network.edges) == expected
    assert network.is_directed()
    assert {name for name, missing in network.nodes(data="missing") if missing} == set(oracle.missing)
    own = json.loads(run("refs", "09ROME1", "--depth", "9", "-f", "json", "--index", archive.path).stdout)
    part = networkx.node_link_graph(own, edges="edges")
    assert set(part.edges) == {(one, other) for one, other in expected if {one, other} <= set(part.nodes)}


def test_networkx_reads_the_graphml(web: tuple[Archive, list[Cable]], tmp_path: Path) -> None:
    archive, cables = web
    oracle = Oracle(cables)
    file = tmp_path / "web.graphml"
    assert run("graph", "-o", file, "--index", archive.path).returncode == 0
    network = networkx.read_graphml(file)
    assert set(network.edges) == {(made.id, name) for made in cables for name in oracle.cited(made)}
    for name, values in network.nodes(data=True):
        made = oracle.by_id.get(name)
        assert values["missing"] is (made is None)
        assert values.get("subject") == (made.subject if made else None)
        assert values["citations"] == len(oracle.citing(name))


DOT = re.compile(
    r"(?P<start>digraph cables \{)|(?P<end>\})"
    r'|(?P<text>"(?:[^"\\]|\\\\|\\")*")|(?P<word>\w+)|(?P<sign>->|[\[\]=,;])|\s+'
)
"""The words of the language of Graphviz that are in use: no text is anything else but quoted."""


def parsed_dot(text: str) -> tuple[dict[str, dict[str, str]], list[tuple[str, str]]]:
    """Return the nodes with their attributes and the edges of a graph, by a small grammar."""
    tokens, end = [], 0
    while end < len(text):
        match = DOT.match(text, end)
        assert match, text[end : end + 80]
        end = match.end()
        if match.lastgroup:
            tokens.append((match.lastgroup, match[0]))
    assert (tokens[0][0], tokens[-1][0]) == ("start", "end")
    nodes, edges, statement = {}, [], list[tuple[str, str]]()
    for kind, token in tokens[1:-1]:
        if token != ";":
            statement.append((kind, token))
            continue
        kinds = [kind if kind != "sign" else token for kind, token in statement]
        values = [token for _, token in statement]
        if kinds == ["text", "->", "text"]:
            edges.append((values[0], values[2]))
        else:
            assert kinds[:2] == ["text", "["]
            assert kinds[-1] == "]"
            attributes = {}
            for start in range(2, len(kinds) - 1, 4):
                assert kinds[start : start + 2] == ["word", "="]
                assert kinds[start + 2] in ("text", "word")
                assert kinds[start + 3] in (",", "]")
                attributes[values[start]] = values[start + 2]
            nodes[values[0]] = attributes
        statement = []
    assert not statement
    return nodes, edges


def test_graphviz_can_read_the_dot(web: tuple[Archive, list[Cable]]) -> None:
    archive, cables = web
    oracle = Oracle(cables)
    nodes, edges = parsed_dot(run("graph", "-f", "dot", "--index", archive.path).stdout)
    expected = {(f'"{made.id}"', f'"{name}"') for made in cables for name in oracle.cited(made)}
    assert set(edges) == expected
    assert len(edges) == len(expected)
    assert {name for name, values in nodes.items() if values.get("style") == "dashed"} == {
        f'"{name}"' for name in oracle.missing
    }


def test_no_text_breaks_out_of_a_format(strange: Archive, tmp_path: Path) -> None:
    file = tmp_path / "web.graphml"
    run("graph", "-o", file, "--index", strange.path)
    network = networkx.read_graphml(file)
    assert len(network) == 5
    assert network.number_of_edges() == 4
    (subject,) = (text for _, text in network.nodes(data="subject") if text and "evil" in text)
    assert subject.startswith('"]; evil [label="\\" & <b> ')
    nodes, edges = parsed_dot(run("graph", "-f", "dot", "--index", strange.path).stdout)
    assert (len(nodes), len(edges)) == (5, 4)
    for arguments in (["graph"], ["refs", "A\x01"], ["thread", "A\x01"], ["cited-but-missing"]):
        for form in ("text", "json", "csv", "graphml", "dot"):
            result = run(*arguments, "-f", form, "--color", "never", "--index", strange.path)
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", result.stdout + result.stderr)
    read = networkx.node_link_graph(strange.graph().node_link(), edges="edges")
    assert ("A\x01", "A\x02") in read.edges


def test_ids_that_look_alike_get_numbers() -> None:
    ids = ["A\x01", "A\ufffd (3)", "A\x02", "A\x03", "B"]
    nodes, _ = parsed_dot("".join(dot([LinkedCable(name) for name in ids], [])))
    assert list(nodes) == ['"A\ufffd"', '"A\ufffd (3)"', '"A\ufffd (2)"', '"A\ufffd (4)"', '"B"']


# The commands


@pytest.fixture
def talk(archive_of: Make) -> Archive:
    return archive_of(
        cable("09STATE1", "x", subject="PLEASE ASK", origin="Secretary of State", date=day(0)),
        cable(
            "09ROME2", "x", subject="WE ASKED", origin="Embassy Rome", date=day(1), references=["09STATE1", "08OSLO9"]
        ),
        cable(
            "09PARIS3",
            "x",
            subject="SO DID WE",
            origin="Embassy Paris",
            date=day(2),
            references=["09STATE1", "08OSLO9", "A LETTER"],
        ),
        cable("09STATE4", "x", subject="THANK YOU", origin="Secretary of State", date=day(4), references=["09ROME2"]),
    )


def test_the_screens_of_the_manual_are_those_of_the_program(talk: Archive) -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    screens = re.findall(r"^    \$ cablesearch (.*)\n((?:    .*\n|\n(?=    ))*)", page, re.MULTILINE)
    mine = [
        (command, screen)
        for command, screen in screens
        if command.split()[0] in ("refs", "thread", "cited-but-missing")
    ]
    assert len(mine) == 3
    for command, screen in mine:
        result = run(*command.split(), "--index", talk.path)
        assert result.returncode == 0
        assert result.stdout == re.sub("^    ", "", screen, flags=re.MULTILINE)


def test_refs_of_a_missing_cable_are_shown(talk: Archive) -> None:
    missing = run("refs", "08OSLO9", "-n", "1", "--index", talk.path)
    assert missing.returncode == 0
    assert missing.stdout.splitlines() == [
        "08OSLO9  missing  cited by 2 cables",
        "",
        "Cited by 2 cables",
        "├─ 09ROME2  2009-01-02  Embassy Rome  WE ASKED",
        "└─ and 1 more (--limit all shows all)",
    ]
    cut = run("refs", "08OSLO9", "-n", "1", "-f", "json", "--index", talk.path)
    assert json.loads(cut.stdout)["cited_by_left_out"] == 1
    assert "Left out: 1 cable" in cut.stderr


def test_a_search_by_citations_shows_them(talk: Archive) -> None:
    shown = run("search", "x", "--sort", "citations", "--index", talk.path).stdout.splitlines()
    assert shown[0] == "1. 09STATE1 \u00b61  (unclassified)  2009-01-01  Secretary of State  cited by 2"
    hits = json.loads(run("search", "x", "--sort", "citations", "-f", "json", "--index", talk.path).stdout)["hits"]
    assert [(hit["cable"], hit["citations"]) for hit in hits][:2] == [("09STATE1", 2), ("09ROME2", 1)]
    assert "cited by" not in run("search", "x", "--index", talk.path).stdout
    assert all("citations" not in hit.to_json() for hit in talk.search("x"))


def test_refs_of_several_cables_are_one_graph(talk: Archive) -> None:
    result = run("refs", "-", "09NOWHERE1", "-f", "dot", "--index", talk.path, stdin="09ROME2\n09PARIS3\n")
    assert result.returncode == 1
    assert "no cable 09NOWHERE1" in result.stderr
    nodes, edges = parsed_dot(result.stdout)
    assert len(nodes) == 6
    assert len(edges) == len(set(edges)) == 6
    lines = run("refs", "09ROME2", "09PARIS3", "-f", "json", "--index", talk.path).stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["09ROME2", "09PARIS3"]


def test_a_part_of_a_thread_is_shown(talk: Archive) -> None:
    part = run("thread", "09STATE4", "-n", "3", "--index", talk.path)
    assert part.stdout.splitlines()[-1] == "  └─ and 1 more (--limit all shows all)"
    assert "Showing 1-3 of 4 cables" in part.stderr
    values = json.loads(run("thread", "09STATE4", "-f", "json", "--index", talk.path).stdout)
    assert [(one["id"], one["answers"]) for one in values["cables"]][:2] == [
        ("09STATE1", None),
        ("09ROME2", "09STATE1"),
    ]
    missing = run("thread", "08OSLO9", "--index", talk.path)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.splitlines()[1:] == ["Cited by 2 cables: cablesearch refs 08OSLO9"]


def test_references_that_are_no_ids_are_told_from_missing_cables(archive_of: Make) -> None:
    archive = archive_of(
        cable("09ROME1", "rain", references=["SOME PAPER", "08OSLO9", "09ROME2", "NOTE\x1b 7"]),
        cable("09ROME2", "rain", references=["SOME PAPER"]),
    )
    shown = run("refs", "09ROME1", "--index", archive.path).stdout.splitlines()
    assert shown[2:7] == [
        "Cites 2 cables, of which 1 is missing; 2 other references could not be read as the id of a cable",
        "├─ SOME PAPER  not an id  cited by 2 cables",
        "├─ 08OSLO9  missing  cited by 1 cable",
        "├─ 09ROME2  2009-05-01  Embassy Beijing",
        "└─ NOTE\ufffd 7  not an id  cited by 1 cable",
    ]
    assert "09ROME2 -> SOME PAPER  not an id\n" in run("graph", "--index", archive.path).stdout
    listed = run("cited-but-missing", "--index", archive.path)
    assert (archive.cited_but_missing().total, archive.cited_but_missing().unreadable) == (1, 2)
    assert "2 other references could not be read as the id of a cable" in listed.stderr
    printed = json.loads(run("refs", "09ROME1", "-f", "json", "-n", "1", "--index", archive.path).stdout)
    assert (printed["cites_missing"], printed["cites_unreadable"]) == (1, 2)
    assert [(node["id"], node["unreadable"]) for node in printed["nodes"]] == [
        ("09ROME1", False),
        ("SOME PAPER", True),
    ]
    assert run("refs", "09ROME2", "--index", archive.path).stdout.splitlines()[2] == (
        "Cites no cable; 1 other reference could not be read as the id of a cable"
    )


def test_missing_cables_are_listed(talk: Archive) -> None:
    shown = run("cited-but-missing", "--index", talk.path)
    assert shown.stdout == "2  08OSLO9  2009-01-02 to 2009-01-03  OSLO\n"
    assert "1 other reference could not be read as the id of a cable" in shown.stderr
    table = list(csv.DictReader(io.StringIO(run("cited-but-missing", "-f", "csv", "--index", talk.path).stdout)))
    assert [(row["id"], row["citations"], row["year"]) for row in table] == [("08OSLO9", "2", "2008")]
    values = json.loads(run("cited-but-missing", "-f", "json", "--since", "2009-01-03", "--index", talk.path).stdout)
    assert [(one["id"], one["citations"]) for one in values["cables"]] == [("08OSLO9", 1)]
    none = run("cited-but-missing", "id:09STATE1", "--index", talk.path)
    assert none.returncode == 1
    assert "These cables refer to no cable that the archive lacks" in none.stderr
    wrong = run("cited-but-missing", "xylophone", "--index", talk.path)
    assert wrong.returncode == 1
    assert "No paragraphs match" in wrong.stderr


def test_a_graph_is_shown_as_a_list_of_references(talk: Archive) -> None:
    shown = run("graph", "id:09ROME2 OR id:09STATE1", "--index", talk.path)
    assert shown.stdout == "09ROME2 -> 09STATE1\n09ROME2 -> 08OSLO9  missing\n"
    table = run("graph", "-f", "csv", "--index", talk.path).stdout.splitlines()
    assert table[0] == "source,target"
    assert len(table) == 7
    alone = run("graph", "id:09STATE1", "--index", talk.path)
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "No references. Left out: 1 cable without references" in alone.stderr


def test_an_older_archive_is_said_to_lack_references(tmp_path: Path) -> None:
    fields = {name: field for name, field in index_fields.FIELDS.items() if name != "cites"}
    with mock.patch.object(index_fields, "FIELDS", fields):
        index_fields.query_schema.cache_clear()
        index_fields.indexing_schema.cache_clear()
        with cablesearch.create(tmp_path / "archive") as archive:
            archive.index(
                [write_cables(tmp_path / "old.jsonl", [cable("09ROME2", "x", references=["09STATE1"])])], jobs=1
            )
    index_fields.query_schema.cache_clear()
    index_fields.indexing_schema.cache_clear()
    for command in (
        ["refs", "09ROME2"],
        ["thread", "09ROME2"],
        ["cited-but-missing"],
        ["graph"],
        ["search", "x", "--sort", "citations"],
    ):
        result = run(*command, "--index", tmp_path / "archive")
        assert "cites. Fill with: cablesearch reindex" in result.stderr
        assert "reindex" not in run(*command, "--clearance", "SBU", "--index", tmp_path / "archive").stderr
    run("reindex", "--index", tmp_path / "archive")
    assert run("cited-but-missing", "--index", tmp_path / "archive").stdout.startswith("1  09STATE1")


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_trees_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [Row(depth, f"09ROME{depth}", "\u4e2d\u6587 " * 90 + "\x1b[31m") for depth in [*range(90), 90, 90, 3, 1]]
    lines = list(tree_lines(rows))
    assert len(lines) == len(rows)
    for line in lines:
        assert sum(2 if "\u4e00" <= char <= "\u9fff" else 1 for char in line.rstrip("\n")) <= max(columns, 40)
        assert "\x1b" not in line
    assert lines[0].startswith("09ROME0")
    assert lines[1].startswith("├─ 09ROME1")
    assert lines[-1].startswith("└─ 09ROME1")
