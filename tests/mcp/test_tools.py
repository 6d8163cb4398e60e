"""The tools, asked by the SDK's client: what they answer, and how they say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from mcp import Client, MCPError

from cablesearch.archive import Archive
from cablesearch.mcp.tools import TOOLS
from tests.support.cables import cable
from tests.support.models import ask, ask_all, call, pages, server_of, talk

MakeArchive = Callable[..., Archive]


def test_every_tool_only_reads_and_describes_each_argument_and_field(beijing: Archive) -> None:
    tools = talk(server_of(beijing.path), lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == list(TOOLS)
    assert {"search", "read", "facets", "timeline", "related", "cite"} <= TOOLS.keys()
    for tool in tools:
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert tool.annotations.open_world_hint is False
        assert tool.description
        assert all(argument.get("description") for argument in tool.input_schema["properties"].values())
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema
        assert {"notice", "next_cursor"} <= tool.output_schema["properties"].keys()


def test_the_tools_take_little_of_a_window(beijing: Archive) -> None:
    tools = talk(server_of(beijing.path), lambda client: client.list_tools()).tools
    shown = [[tool.name, tool.description, tool.input_schema] for tool in tools]
    assert len(json.dumps(shown)) < 20_000


def test_search_gives_hits_with_what_is_needed_to_cite_them(beijing: Archive) -> None:
    told = ask(server_of(beijing.path), "search", query="palermo traffick*", limit=2)
    results = beijing.search("palermo traffick*", limit=2)
    assert told.fields["total"] == results.total > 2
    assert [hit["citation"] for hit in told.fields["hits"]] == [hit.citation for hit in results]
    first, hit = told.fields["hits"][0], results[0]
    assert (first["id"], first["marking"], first["origin"]) == (f"10BEIJING30@{hit.position}", hit.marking, hit.origin)
    assert first["date"] == "2010-01-08T03:26Z"
    assert told.text.startswith(f"Showing 1-2 of {results.total} matching paragraphs. For the rest, call search again")
    for hit in results:
        assert f"> {hit.citation} ({hit.marking}), 2010-01-08, Embassy Beijing" in told.text


def test_the_id_of_a_hit_is_read_and_cited(beijing: Archive) -> None:
    server = server_of(beijing.path)
    hit = ask(server, "search", query="palermo").fields["hits"][0]
    read, cited = ask_all(server, ("read", {"id": hit["id"]}), ("cite", {"citation": hit["id"]}))
    assert [part["citation"] for part in read.fields["paragraphs"]] == [hit["citation"]]
    assert cited.fields["citation"] == hit["citation"]
    assert read.fields["paragraphs"][0]["text"] == cited.fields["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        (
            "search",
            {"query": "china)"},
            "unmatched closing bracket\n  china)\n       ^\nAdd ( before it, or remove it.",
        ),
        ("search", {"query": "x", "since": "soon"}, "'soon' is not a date; write 2009, 2009-11 or 2009-11-20\n"),
        ("search", {}, "the query is empty"),
        ("search", {"query": "x", "limit": 51}, "limit: input should be less than or equal to 50"),
        ("search", {"query": "x", "sort": "best"}, "sort: input should be 'relevance', 'date', '-date' or 'citations'"),
        ("search", {"query": "x", "tag": "PHUM"}, "unknown argument 'tag'; search takes "),
        ("search", {"query": "x", "cursor": "x"}, "cursor is not valid"),
        ("read", {}, "read needs the argument 'id'"),
        ("read", {"id": "10BEIJING31"}, "no cable 10BEIJING31 in this archive; did you mean 10BEIJING30?"),
        ("read", {"id": "10BEIJING30 ¶99"}, "10BEIJING30 has no paragraph 99; it has paragraphs 1-"),
        ("read", {"id": "cable://10BEIJING30#x"}, "'x' names no paragraph; write cable://10BEIJING30#4"),
        ("cite", {"citation": "10BEIJING3O"}, "no cable 10BEIJING3O in this archive; did you mean 10BEIJING30?"),
        ("related", {"id": "10BEIJING31"}, "no cable 10BEIJING31 in this archive"),
        ("facets", {"facets": ["tgas"]}, "unknown facet 'tgas'; did you mean tags?"),
        ("facets", {"facets": []}, "facets: list should have at least 1 item"),
        ("timeline", {"query": ["a"] * 7}, "query: list should have at most 6 items"),
        ("names", {"kinds": ["animal"]}, "kinds.0: input should be 'person', 'organization' or 'place'"),
        ("refs", {"id": "10BEIJING31"}, "no cable 10BEIJING31 in this archive"),
        ("thread", {"id": "x"}, "no cable x in this archive"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_the_words_of_the_command_line(
    beijing: Archive, tool: str, arguments: dict[str, Any], message: str
) -> None:
    told = ask(server_of(beijing.path), tool, **arguments)
    assert told.is_error
    assert message in told.text
    assert "Traceback" not in told.text


def test_an_unknown_tool_is_refused(beijing: Archive) -> None:
    async def conversation(client: Client) -> None:
        with pytest.raises(MCPError, match="unknown tool 'serach'; choose from: search, read"):
            await call(client, "serach")

    talk(server_of(beijing.path), conversation)


def test_null_and_single_values_are_taken_as_they_are_meant(beijing: Archive) -> None:
    server = server_of(beijing.path)
    plain, loose = ask_all(
        server,
        ("search", {"tags": ["PHUM"], "since": "2010"}),
        ("search", {"query": None, "tags": "PHUM", "since": 2010, "cursor": None, "limit": "10"}),
    )
    assert plain == loose
    assert plain.fields["total"] > 0


def test_nothing_found_comes_with_advice(beijing: Archive) -> None:
    misspelt, unknown, apart = ask_all(
        server_of(beijing.path),
        ("search", {"query": "palermoo"}),
        ("search", {"query": "tag:PHUN"}),
        ("search", {"query": "moeling palermo"}),
    )
    assert misspelt.fields["did_you_mean"] == "palermo"
    assert misspelt.text.endswith("Did you mean this query?\n> palermo")
    assert unknown.fields["advice"][0] == "unknown tag 'PHUN'; did you mean PHUM?"
    assert apart.fields["advice"] == [
        "10 paragraphs contain at least one of these words: try match=any",
        "1 cable contains all the words: try group=cable",
    ]


@pytest.mark.parametrize("tool", ["search", "facets", "timeline", "names"])
def test_an_unknown_value_never_looks_like_an_honest_nothing(beijing: Archive, tool: str) -> None:
    told = ask(server_of(beijing.path), tool, query="china", tags=["PHUN"])
    assert told.fields["advice"] == ["unknown tag 'PHUN'; did you mean PHUM?"]
    assert told.text.endswith("\n> unknown tag 'PHUN'; did you mean PHUM?")


def test_what_else_was_searched_is_said(beijing: Archive) -> None:
    answers = ask_all(
        server_of(beijing.path), *((tool, {"query": "TIP"}) for tool in ("search", "facets", "timeline", "names"))
    )
    for told in answers:
        assert told.fields["also_found"] == ["TIP: trafficking in persons"]
        assert told.text.endswith("Also searched:\n> TIP: trafficking in persons")
    several = ask(server_of(beijing.path), "timeline", query=["china", "palermoo", "TIP"])
    assert several.fields["advice"] == ["palermoo: did you mean palermo?"]
    assert several.fields["also_found"] == ["TIP: trafficking in persons"]


def test_an_empty_archive_says_so(archive_of: MakeArchive) -> None:
    tools = ("search", "facets", "timeline", "names")
    answers = ask_all(server_of(archive_of().path), *((tool, {"query": "china"}) for tool in tools))
    assert answers[0].text == "The archive is empty."
    assert [told.fields["notice"] for told in answers] == ["The archive is empty."] * len(tools)


def test_nothing_is_called_so_and_not_zero_of_zero(archive_of: MakeArchive) -> None:
    archive = archive_of(cable("10A1", "a plain word"))
    timeline, names, refs = ask_all(
        server_of(archive.path),
        ("timeline", {"query": "zebra"}),
        ("names", {"query": "zebra"}),
        ("refs", {"id": "10A1"}),
    )
    assert timeline.fields["notice"] == "No year has results."
    assert names.fields["notice"] == "No names. Counted: 0 matching paragraphs."
    assert refs.fields["notice"] == "No cables."


def test_the_notice_says_which_part_of_a_cable_is_shown(archive_of: MakeArchive) -> None:
    archive = archive_of(cable("10A1", *["x" * 900] * 3, envelope="y" * 1_200))
    answers = talk(server_of(archive.path), lambda client: pages(client, "read", id="10A1", max_chars=1_000))
    assert [answer.fields["notice"].split(". For")[0].rstrip(".") for answer in answers] == [
        *(f"Showing position {number} of a cable with 3 paragraphs" for number in (1, 2, 3)),
        *["Showing the text outside of the paragraphs of a cable with 3 paragraphs"] * 2,
    ]
    short = archive_of(cable("10A2", "x" * 900, "y" * 400, envelope="z" * 300))
    answers = talk(server_of(short.path), lambda client: pages(client, "read", id="10A2", max_chars=1_000))
    assert answers[1].fields["notice"] == (
        "Showing position 2 and the text outside of the paragraphs of a cable with 2 paragraphs."
    )


def test_what_is_left_out_of_the_head_of_a_cable_is_counted(archive_of: MakeArchive) -> None:
    names = [f"T{number}" for number in range(62)]
    archive = archive_of(cable("10A1", "a", tags=names[:61]), cable("10A2", "b", tags=names[:61], references=names))
    tags, both = ask_all(server_of(archive.path), ("read", {"id": "10A1"}), ("read", {"id": "10A2"}))
    assert tags.fields["left_out"] == "1 more tag"
    assert both.fields["left_out"] == "1 more tag and 2 more references; refs lists all references"


def test_a_cable_is_read_page_by_page_to_its_last_character(archive_of: MakeArchive) -> None:
    long = " ".join(f"word{number}" for number in range(3_000))
    texts = [f"paragraph {number} " + "x" * 90 for number in range(300)]
    archive = archive_of(cable("10A1", *texts[:200], long, *texts[200:], envelope="first line\nlast line"))

    answers = talk(server_of(archive.path), lambda client: pages(client, "read", id="10A1", max_chars=2_000))
    assert all(len(answer.text) < 8_000 for answer in answers)
    read: dict[int, str] = {}
    for answer in answers:
        for part in answer.fields["paragraphs"]:
            read[part["position"]] = read.get(part["position"], "") + part["text"]
    assert list(read.values()) == [*texts[:200], long, *texts[200:], "first line\nlast line"]
    assert "of a cable with 301 paragraphs. For the rest, call read again" in answers[0].text
    assert "next_cursor" not in answers[-1].fields


def test_a_paragraph_is_read_with_those_around_it(beijing: Archive) -> None:
    told = ask(server_of(beijing.path), "read", id="cable://10BEIJING30#4", context=1)
    assert [part["link"] for part in told.fields["paragraphs"]] == [f"cable://10BEIJING30#{n}" for n in (3, 4, 5)]
    assert told.fields["full_citation"].endswith("8 January 2010, CONFIDENTIAL, ¶4 (SBU).")
    assert told.text.startswith("Showing 3 paragraphs of a cable with 10 paragraphs.")


@pytest.mark.parametrize(
    ("citation", "quotation", "verdict"),
    [
        ("10BEIJING30 ¶1", "China on December 26, 2009 voted to ratify", "word for word"),
        ("10BEIJING30", "China on December 26, 2009 voted to ratify", "word for word"),
        ("10BEIJING30 ¶1", "China … voted to ratify the UN Palermo Protocol", "word for word"),
        ("10BEIJING30 ¶1", "CHINA ON DECEMBER 26 2009 VOTED", "same words"),
        ("10BEIJING30 ¶4", "China on December 26, 2009 voted to ratify", "elsewhere in the cable"),
        ("10BEIJING30 ¶1", "China refused to ratify", "not in the cable"),
    ],
)
def test_a_quotation_is_checked_word_for_word(beijing: Archive, citation: str, quotation: str, verdict: str) -> None:
    told = ask(server_of(beijing.path), "cite", citation=citation, quotation=quotation)
    assert told.fields["verdict"] == verdict
    assert ("NOT" in told.text.partition("\n")[0]) == (verdict in ("elsewhere in the cable", "not in the cable"))
    assert told.fields["found_in"] == ([] if verdict == "not in the cable" else ["10BEIJING30 ¶1"])
    position = 4 if citation.endswith("4") else 1
    if verdict != "not in the cable":
        assert told.fields["link"] == f"cable://10BEIJING30#{position}"
        assert told.fields["text"] == beijing.show(f"10BEIJING30@{position}")[1].text  # type: ignore[union-attr]


def test_a_printed_number_that_repeats_is_cited_by_position(archive_of: MakeArchive) -> None:
    from dataclasses import replace

    made = cable("10A1", "first", "second", "third")
    paragraphs = tuple(replace(p, number=1 if p.position < 3 else None) for p in made.paragraphs)
    server = server_of(archive_of(replace(made, paragraphs=paragraphs)).path)
    plain, found, other = ask_all(
        server,
        ("cite", {"citation": "10A1 ¶1"}),
        ("cite", {"citation": "10A1 ¶1", "quotation": "second"}),
        ("cite", {"citation": "10A1@3"}),
    )
    assert plain.fields["link"] == "cable://10A1#@1"
    assert "2 paragraphs of this cable have the printed number 1: @1, @2." in plain.text
    assert (found.fields["id"], found.fields["verdict"]) == ("10A1@2", "word for word")
    assert (other.fields["link"], other.fields["citation"]) == ("cable://10A1#@3", "10A1 @3")


def test_a_quotation_of_a_subject_or_of_the_envelope_is_found(beijing: Archive, archive_of: MakeArchive) -> None:
    subject, heading = ask_all(
        server_of(beijing.path),
        ("cite", {"citation": "10BEIJING30", "quotation": "CHINA RATIFIES PALERMO PROTOCOL"}),
        ("cite", {"citation": "10BEIJING30 ¶9", "quotation": "CHINA RATIFIES PALERMO PROTOCOL"}),
    )
    assert (subject.fields["verdict"], subject.fields["link"]) == ("word for word", "cable://10BEIJING30")
    assert subject.fields["found_in"] == ["10BEIJING30 (subject)"]
    assert heading.fields["verdict"] == "elsewhere in the cable"
    server = server_of(archive_of(cable("10A1", "text", envelope="CLASSIFIED BY\nTHE AMBASSADOR")).path)
    told = ask(server, "cite", citation="10A1", quotation="classified by the AMBASSADOR")
    assert (told.fields["verdict"], told.fields["found_in"]) == ("same words", ["10A1 (outside of the paragraphs)"])


def test_a_quotation_is_found_as_a_model_was_shown_it(archive_of: MakeArchive) -> None:
    server = server_of(archive_of(cable("10A1", "the \x1b[31mred\u202e line")).path)
    shown = ask(server, "read", id="10A1").fields["paragraphs"][0]["text"]
    assert shown == "the �[31mred� line"
    assert ask(server, "cite", citation="10A1 ¶1", quotation=shown).fields["verdict"] == "word for word"


def test_a_quotation_at_the_end_of_a_long_paragraph_is_shown(archive_of: MakeArchive) -> None:
    server = server_of(archive_of(cable("10A1", "word " * 3_000 + "the last words")).path)
    told = ask(server, "cite", citation="10A1 ¶1", quotation="the last words")
    assert told.fields["verdict"] == "word for word"
    assert told.fields["text"].endswith("the last words")
    assert len(told.fields["text"]) < 1_000
    assert told.fields["part"].endswith("-15,014 of 15,014")


def test_counts_are_those_of_the_library(archive_of: MakeArchive) -> None:
    import datetime as dt

    made = [
        cable(
            f"{year % 100:02}A{number}",
            "china and Japan",
            tags=["PREL", "ECON"][: number % 3],
            date=dt.datetime(year, 5, number, tzinfo=dt.timezone.utc),
        )
        for year in (1973, 1975)
        for number in range(1, 6)
    ]
    archive = archive_of(*made, cable("80A1", "china", date=None))
    facets, months, names = ask_all(
        server_of(archive.path),
        ("facets", {"query": "china", "facets": ["tag", "year"]}),
        ("timeline", {"query": ["china", "japan"], "by": "month"}),
        ("names", {"query": "china", "kinds": "place"}),
    )
    expected = archive.facets("china", ["tags", "year"])
    got = {facet["facet"]: [(c["value"], c["count"]) for c in facet["counts"]] for facet in facets.fields["facets"]}
    assert got == expected
    assert facets.fields["total"] == 11
    assert [(row["period"], row["counts"], row["everything"]) for row in months.fields["periods"]] == [
        ("1973-05", [5, 5], 5),
        ("1975-05", [5, 5], 5),
    ]
    assert [series["undated"] for series in months.fields["series"]] == [1, 0]
    assert "1973-05: 5 5 (of 5)" in months.text
    library = archive.names("china", kinds="place").names
    assert [(name["name"], name["count"]) for name in names.fields["names"]] == [(n.name, n.count) for n in library]


def test_references_and_threads_are_followed(archive_of: MakeArchive) -> None:
    archive = archive_of(
        cable("10A1", "a", subject="first", references=["09STATE1"]),
        *(cable(f"10B{number}", "b", references=["10A1"]) for number in range(1, 31)),
    )

    async def conversation(client: Client) -> tuple[list[str], list[str]]:
        refs = await pages(client, "refs", id="10A1", limit=7)
        thread = await pages(client, "thread", id="10A1", limit=7)
        assert refs[0].fields["cables"][0] | {"relation": "cites"} == refs[0].fields["cables"][0]
        assert "> cites: 09STATE1 (not in this archive)" in refs[0].text
        assert "[answers 10A1]" in thread[0].text
        return (
            [one["id"] for answer in refs for one in answer.fields["cables"]],
            [one["id"] for answer in thread for one in answer.fields["cables"]],
        )

    refs, thread = talk(server_of(archive.path), conversation)
    citing = [entry.cable.id for entry in archive.references("10A1", limit=None).cited_by]
    assert refs == ["09STATE1", *citing]
    assert thread == [message.cable.id for message in archive.thread("10A1", limit=None).messages]


def test_a_page_is_never_too_long_for_a_window(archive_of: MakeArchive) -> None:
    huge = "china " * 3_000
    made = [
        cable(f"10A{number}", huge, subject=huge[:9_000], origin="Post " * 60, tags=[f"T{n}" for n in range(200)])
        for number in range(60)
    ]
    server = server_of(archive_of(*made).path)
    answers = ask_all(
        server,
        ("search", {"query": "china", "limit": 50}),
        ("read", {"id": "10A1"}),
        ("cite", {"citation": "10A1 ¶1", "quotation": "china"}),
        ("facets", {"query": "china", "limit": 200}),
        ("related", {"id": "10A1"}),
        ("search", {"query": "china OR (" + "x" * 9_900}),
    )
    assert [answer.is_error for answer in answers] == [False] * 5 + [True]
    assert max(len(answer.text) for answer in answers) < 60_000
    assert "140 more tags" in answers[1].text


def test_resources_are_cables_and_paragraphs(beijing: Archive, archive_of: MakeArchive) -> None:
    async def conversation(client: Client) -> None:
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == [
            "cable://{+id}{?cursor}",
            "cable://{+id}#{paragraph}",
        ]
        told = await client.read_resource("cable://10BEIJING30#4")
        assert told.contents[0].uri == "cable://10BEIJING30#4"
        assert "> 10BEIJING30 ¶4 (SBU)" in told.contents[0].text  # type: ignore[union-attr]
        named = (await client.list_resources()).resources[0]
        help_on_queries = await client.read_resource(named.uri)
        assert "THE QUERY LANGUAGE" in help_on_queries.contents[0].text  # type: ignore[union-attr]
        for link, message in [
            ("cable://10BEIJING31", "did you mean 10BEIJING30?"),
            ("cable://10BEIJING30?cursor=1", "cursor is not valid"),
            ("file:///etc/passwd", "is not a link to a cable"),
        ]:
            with pytest.raises(MCPError, match=message.replace("?", r"\?")):
                await client.read_resource(link)

    talk(server_of(beijing.path), conversation)


def test_a_long_resource_goes_on_in_another(archive_of: MakeArchive) -> None:
    archive = archive_of(cable("frus1936v03/d 109", *(f"paragraph {number} " + "x" * 500 for number in range(60))))

    async def conversation(client: Client) -> str:
        link, texts = "cable://frus1936v03/d%20109", []
        while link:
            text: str = (await client.read_resource(link)).contents[0].text  # type: ignore[union-attr]
            texts.append(text)
            first = text.partition("\n")[0]
            link = first.removeprefix("The rest is in ") if first.startswith("The rest") else ""
        assert len(texts) == 3
        return "\n".join(texts)

    text = talk(server_of(archive.path), conversation)
    assert [line for line in text.splitlines() if line.startswith("> paragraph")] == [
        f"> {paragraph.text}" for paragraph in archive["frus1936v03/d 109"].paragraphs
    ]


def test_prompts_have_the_question_and_nothing_of_the_archive(beijing: Archive) -> None:
    async def conversation(client: Client) -> None:
        prompts = (await client.list_prompts()).prompts
        assert [prompt.name for prompt in prompts] == ["answer_with_citations", "check_citations"]
        told = await client.get_prompt("answer_with_citations", {"question": "Why?", "since": "2009"})
        text = told.messages[0].content.text  # type: ignore[union-attr]
        assert "\nWhy?\n" in text
        assert "Consider only cables from 2009" in text
        for arguments, message in [
            ({}, "needs the argument 'question'"),
            ({"question": "x", "y": "z"}, "unknown argument 'y'"),
        ]:
            with pytest.raises(MCPError, match=message):
                await client.get_prompt("answer_with_citations", arguments)
        with pytest.raises(MCPError, match="unknown prompt"):
            await client.get_prompt("nothing")

    talk(server_of(beijing.path), conversation)


def test_several_questions_are_answered_at_once(beijing: Archive) -> None:
    import asyncio

    async def conversation(client: Client) -> list[str]:
        answers = await asyncio.gather(*(call(client, "search", query=f"palermo OR x{n}") for n in range(24)))
        return [answer.text for answer in answers]

    answers = talk(server_of(beijing.path), conversation)
    assert len(set(answers)) == 1
    assert answers[0].startswith("Showing 1-")
