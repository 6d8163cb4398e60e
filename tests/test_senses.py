"""What a cable says beside its words: its parts, countries, addressees, precedence, declassification and length."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Recipient
from cablesearch.errors import QueryError
from cablesearch.query.conditions import CONDITIONS
from cablesearch.query.fields import FIELDS
from cablesearch.schema.parts import kinds_of_paragraphs
from cablesearch.text.analysis import count_words
from cablesearch.vocabulary.countries import country_named, country_of_post, country_of_tag
from cablesearch.vocabulary.parts import kind_named, kinds_of_heading
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.running import run


def archive_of(folder: Path, *cables: Cable) -> Archive:
    write(folder, cables)
    return cablesearch.open(folder / "archive")


def found(archive: Archive, query: str) -> str:
    """Return the ids of the cables that match, without the year."""
    return " ".join(sorted({hit.cable.removeprefix("09") for hit in archive.search(query, limit=None)}))


# Parts of a cable


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("SUMMARY", "summary"),
        ("Summary", "summary"),
        ("(C) Summary", "summary"),
        ("SUMMARY AND COMMENT", "comment summary"),
        ("Summary and Action Request", "actionrequest summary"),
        ("SUMMARY & INTRODUCTION", "introduction summary"),
        ("EXECUTIVE SUMMARY", "summary"),
        ("SUMMARY OF THE TALKS", "summary"),
        ("SUMAMRY", "summary"),
        ("COMMNET", "comment"),
        ("EMBASSY COMMENT", "comment"),
        ("Post's Comment", "comment"),
        ("COMMENT: A LONG ROAD AHEAD", "comment"),
        ("COMMENT - A LONG ROAD AHEAD", "comment"),
        ("ACTION REQUESTED", "actionrequest"),
        ("ACTION REQUEST", "actionrequest"),
        ("GUIDANCE REQUESTED", "actionrequest"),
        ("BIO NOTES", "biography"),
        ("BIOGRAPHICAL NOTE", "biography"),
        ("TALKING POINTS", "talkingpoints"),
        ("END SUMMARY", ""),
        ("END COMMENT", ""),
        ("THE PRESS: NO COMMENT", ""),
        ("PRESIDENT COMMENTS ON IRAN", ""),
        ("FOREIGN MINISTER'S COMMENTS", ""),
        ("NEXT STEPS", ""),
        ("SUMMIT", ""),
        ("CONSUMMATE", ""),
        ("NOTABLE DEPARTURES", ""),
        ("ECONOMIC BACKGROUND", ""),
        ("", ""),
        ("北京", ""),
    ],
)
def test_a_heading_names_a_kind_of_part(heading: str, kinds: str) -> None:
    assert " ".join(sorted(kinds_of_heading(heading))) == kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("action request", "actionrequest"),
        ("Action_Request", "actionrequest"),
        ("actionrequest", "actionrequest"),
        ("SUMMARY", "summary"),
        ("comments", "comment"),
        ("bio", "biography"),
        ("next steps", None),
        ("", None),
    ],
)
def test_a_kind_has_many_names(name: str, kind: str | None) -> None:
    assert kind_named(name) == kind


def parts(*paragraphs: str | tuple[str, str], sections: Sequence[str | None] = ()) -> list[str]:
    """Return the kinds of part of paragraphs."""
    made = cable("09A1", *paragraphs).paragraphs
    headed = [replace(one, section=section) for one, section in zip(made, sections, strict=False)] or list(made)
    return [" ".join(kinds) for kinds in kinds_of_paragraphs(headed)]


@pytest.mark.parametrize(
    ("paragraphs", "kinds"),
    [
        (["Summary: The river rose. End summary.", "It fell."], ["summary", ""]),
        (["(C) SUMMARY. The river rose.", "It fell."], ["summary", ""]),
        (["BEGIN SUMMARY: The river rose."], ["summary"]),
        (["Summary and comment: it rose. END SUMMARY AND COMMENT."], ["comment summary"]),
        (["It rose. Comment: We doubt it. End comment.", "Next."], ["comment", ""]),
        (["It rose. [Embassy Comment: We doubt it.]", "Next."], ["comment", ""]),
        (["It rose (Note: by a foot).", "Next."], ["note", ""]),
        (["Comment: One.", "Two.", "Three. End comment.", "Four."], ["comment", "comment", "comment", ""]),
        (["Comment: One.", "Two."], ["comment", ""]),
        (["One. [Comment: brief.] Two.", "Three.", "Four. End comment."], ["comment", "", "comment"]),
        (["Comment: One.", "End comment. Two."], ["comment", ""]),
        (["Comment: One.", "END COMMENT"], ["comment", ""]),
        (["Comment: One.", "Comment: Two.", "Three. End comment."], ["comment", "comment", "comment"]),
        (["In the end comment was free."], [""]),
        (["He said: no comment.", "The comment period ends."], ["", ""]),
        (["Notes were exchanged: three."], [""]),
        (["ACTION REQUEST: Please advise."], ["actionrequest"]),
        (["Action requested. Please advise."], ["actionrequest"]),
    ],
)
def test_marks_in_the_text_begin_and_end_parts(paragraphs: list[str], kinds: list[str]) -> None:
    assert parts(*paragraphs) == kinds


def test_a_heading_counts_until_the_next_one_or_an_end() -> None:
    sections = [None, "SUMMARY", "SUMMARY", "SUMMARY", "NEXT STEPS", "Comment"]
    said = ["One.", "Two.", "Three. End summary.", "Four.", "Five.", "Six."]
    assert parts(*said, sections=sections) == ["", "summary", "summary", "", "", "comment"]
    # What a mark began ends with the next heading.
    assert parts("Comment: One.", "Two.", "Three. End comment.", sections=["A", "B", "B"]) == ["comment", "", "comment"]


def test_the_marks_of_paragraphs_that_some_readers_may_not_read_are_passed_over() -> None:
    # Whoever may read paragraph 2 may not know that a comment began, nor that it ended.
    assert parts(("S", "Comment: One."), ("U", "Two."), ("S", "Three. End comment.")) == ["comment", "", "comment"]
    assert parts(("U", "Comment: One."), ("S", "Two."), ("U", "Three. End comment.")) == ["comment"] * 3


def test_a_paragraph_of_many_words_is_read_in_linear_time() -> None:
    text = "Comment (" * 20_000 + "END " * 20_000 + "Note: " * 20_000
    assert parts(text) == [""]


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    one = cable("09A1", "Summary: The river rose. End summary.", "It fell.", "Comment: We doubt it. End comment.")
    two = cable("09A2", "The guests came.")
    two = replace(two, paragraphs=tuple(replace(part, section="BIO NOTES: GUESTS") for part in two.paragraphs))
    three = cable("09A3", "They will talk.")
    three = replace(three, paragraphs=tuple(replace(part, section="NEXT STEPS") for part in three.paragraphs))
    with archive_of(tmp_path_factory.mktemp("parted"), one, two, three) as archive:
        yield archive


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("in:summary", "A1"),
        ("in:Summary river", "A1"),
        ("in:comment river", ""),
        ("in:comment", "A1"),
        ("in:(comment OR biography)", "A1 A2"),
        ('in:"bio notes"', "A2"),
        ('in:"next steps"', "A3"),
        ("in:steps", "A3"),
        ("in:sum*", "A1"),
        ("has:in", "A1 A2"),
        ("missing:in", "A1 A3"),
        ("-in:summary -in:comment", "A1 A2 A3"),
    ],
)
def test_paragraphs_are_found_by_their_part(parted: Archive, query: str, ids: str) -> None:
    assert found(parted, query) == ids


def test_an_unknown_part_is_said_to_be_unknown(parted: Archive) -> None:
    (unknown,) = parted.search("in:sumary").unknown_values
    assert (unknown.reason, unknown.near) == ("unknown part or heading 'sumary'", ("summary",))
    (unknown,) = parted.search("in:background").unknown_values
    assert unknown.reason == "no cable here has a part marked as background"
    assert parted.search("in:steps river").unknown_values == ()


# Fields of the cable


DAY = dt.date(2019, 5, 1)
ADDRESSED = replace(
    cable("09A1", "one", "two words here", tags=["PREL", "CH"], origin="Consulate Hong Kong"),
    references=("09STATE12", "09 ROME 3"),
    declassify_on=DAY,
    precedence=("PRIORITY",),
    recipients=(Recipient("AMEMBASSY TOKYO", precedence="NIACT IMMEDIATE"), Recipient("EU MEMBER STATES COLLECTIVE")),
    info_recipients=(Recipient("SECSTATE WASHDC"),),
    signers=("Goldberg",),
)
PLAIN = cable("09A2", "one", tags=["XL", "ZZ"], origin="", references=["09A2"])
OLD = replace(cable("09A3", "one", origin="AmEmbassy Xanadu"), declassify_on=dt.date(1955, 1, 31))
LATE = replace(cable("09A4", ("S", "one"), origin="Embassy Rangoon"), declassify_on=dt.date(2990, 1, 31))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive_of(tmp_path_factory.mktemp("archive"), ADDRESSED, PLAIN, OLD, LATE) as made:
        yield made


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("declassify:2019", "A1"),
        ("declassify:2019-05", "A1"),
        ("declassify:2019-05-01", "A1"),
        ("declassify:2019-05-02", ""),
        ("declassify:<2019-05", "A3"),
        ("declassify:..1960", "A3"),
        ("declassify:[1955 to 2019]", "A1 A3"),
        ("declassify_on:>=2019", "A1 A4"),
        ("missing:declassify", "A2"),
        ("has:declassify", "A1 A3 A4"),
        ("is:due", "A1 A3"),
        ("-is:due", "A2 A4"),
        ("precedence:IMMEDIATE", "A1"),
        ("precedence:immediate", "A1"),
        ("precedence:O", "A1"),
        ("precedence:niact", "A1"),
        ('precedence:"NIACT IMMEDIATE"', "A1"),
        ('precedence:"NIACT FLASH"', ""),
        ("precedence:PRI*", "A1"),
        ("precedence:FLASH", ""),
        ("missing:precedence", "A2 A3 A4"),
        ("is:immediate is:priority is:niact", "A1"),
        ("is:routine", ""),
        ("recipients:tokyo", "A1"),
        ('recipients:"secretary of state"', "A1"),
        ("recipients:collective", "A1"),
        ("missing:recipients", "A2 A3 A4"),
        ("signer:goldberg", "A1"),
        ("signer:gold*", "A1"),
        ("missing:signer", "A2 A3 A4"),
        ("missing:signature", "A2 A3 A4"),
        ("cites:09ROME3", "A1"),
        ('cites:"09 ROME 3"', "A1"),
        ("cites:09A2", ""),
        ("answers:09STATE12", "A1"),
        ("answers:09ROME3", ""),
        ("is:reply", "A1"),
        ("country:china", "A1"),
        ('country:"hong kong"', "A1"),
        ("country:CH", "A1"),
        ("country:myanmar", "A4"),
        ("country:B?rm*", "A4"),
        ("missing:country", "A2 A3"),
        ("length:1", "A1 A2 A3 A4"),
        ("length:>=2", "A1"),
        ("length:2..9", "A1"),
        ("is:classified", "A4"),
        ("is:unclassified", "A1 A2 A3"),
        ("is:marked", "A4"),
        ("is:numbered", "A1 A2 A3 A4"),
        ("is:controlled", ""),
        ("is:capitals", ""),
        ("missing:origin", "A2"),
        ("missing:tag", "A3 A4"),
        ("has:tag", "A1 A2"),
        ("missing:marking", "A1 A2 A3"),
        ("missing:heading", "A1 A2 A3 A4"),
    ],
)
def test_fields_and_conditions_find_what_they_say(archive: Archive, query: str, ids: str) -> None:
    assert found(archive, query) == ids


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_what_has_no_value_in_a_field_is_what_has_not_any(archive: Archive, field: str) -> None:
    everything = archive.search("*").total
    missing, having, any_value = (
        archive.search(f"{ask}").total for ask in (f"missing:{field}", f"has:{field}", f"{field}:*")
    )
    assert missing + having == everything
    assert having == any_value


def test_a_value_scores_its_boost(archive: Archive) -> None:
    for query in ('precedence:"NIACT IMMEDIATE"^3', "is:due^3", "has:declassify^3", "in:summary^3 OR country:china^3"):
        assert {hit.score for hit in archive.search(query)} == {3.0}


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_a_condition_can_be_asked_of_cables_and_within_brackets(archive: Archive, condition: str) -> None:
    alone = found(archive, f"is:{condition}")
    assert found(archive, f"is:({condition} OR {condition.upper()})") == alone
    assert {hit.cable.removeprefix("09") for hit in archive.search(f"is:{condition}", group="cable")} == {
        *alone.split()
    }


@pytest.mark.parametrize(
    ("query", "reason", "advice"),
    [
        ("is:nonsense", "unknown condition 'nonsense'", "The conditions are due, classified"),
        ("is:dua", "unknown condition 'dua'", "Did you mean is:due?"),
        ("is:summary", "unknown condition 'summary'", "Did you mean in:summary?"),
        ("is:secret", "unknown condition 'secret'", "Did you mean class:SECRET?"),
        ('is:"top secret"', "unknown condition 'top secret'", 'Did you mean class:"TOP SECRET"?'),
        ("is:fouo", "unknown condition 'fouo'", "Did you mean class:SBU?"),
        ("is:s//nf", "unknown condition 's//nf'", "Did you mean class:SECRET//NOFORN?"),
        ("is:confidental", "unknown condition 'confidental'", "Did you mean class:CONFIDENTIAL?"),
        ("is:noforn", "unknown condition 'noforn'", "Did you mean control:NOFORN?"),
        ("missing:noforn", "unknown field 'noforn'", "Did you mean -control:NOFORN?"),
        ("is:tag", "unknown condition 'tag'", "Did you mean has:tag?"),
        ("has:nofield", "unknown field 'nofield'", "The fields are text, exact"),
        ("missing:declasify", "unknown field 'declasify'", "Did you mean missing:declassify?"),
        ("is:", "is: is followed by nothing", "is:value"),
        ("is:[a to b]", "is: needs the name of a condition", "is:due"),
        ("declassify:soon", "'soon' is not a date", "declassify:2019"),
        ("length:long", "'long' is not a whole number\n  length:long", "For example: length:>=100 or length:20..50"),
        ("length:2..many", "'many' is not a whole number", "For example: length:>=100"),
        ("length:", "length: is followed by nothing", "Add a value right after it: length:>=100"),
        ("position:1.5", "'1.5' is not a whole number", "For example: position:1 or position:<=3"),
        ("number:>12345678901", "12345678901 has more than 9 digits", "For example: number:4"),
        ("precedence:>=P", "precedence has no ranges", "precedence:IMMEDIATE"),
        ("in:>a", "in has no ranges", "in:summary"),
        ("answers:09 STATE 12", "this id has blanks", 'answers:"09 STATE 12"'),
    ],
)
def test_what_cannot_be_read_is_rejected_with_advice(archive: Archive, query: str, reason: str, advice: str) -> None:
    with pytest.raises(QueryError) as error:
        archive.search(query)
    assert reason in str(error.value)
    assert advice in str(error.value)


@pytest.mark.parametrize(
    ("query", "reason", "near"),
    [
        ("country:chna", "unknown country 'chna'", ("China",)),
        ("country:france", "no cable here is from France or has its tag", ()),
        ("precedence:FLASH", "no cable here has the precedence FLASH", ()),
        ("precedence:priorty", "unknown precedence 'priorty'", ("PRIORITY",)),
        ("recipients:tokio", "unknown addressee 'tokio'", ("Embassy Tokyo",)),
        ("recipients:rome", "no cable here went to the post ROME", ()),
        ("signer:goldbergh", "unknown signer 'goldbergh'", ("GOLDBERG",)),
        ("cites:09STATE13", "no cable here refers to 09STATE13", ()),
        ("answers:09STATE13", "no cable here answers 09STATE13", ()),
    ],
)
def test_unknown_values_are_said_to_be_unknown(
    archive: Archive, query: str, reason: str, near: tuple[str, ...]
) -> None:
    (unknown,) = archive.search(query).unknown_values
    assert unknown.reason == reason
    assert unknown.near[: len(near)] == near


def test_what_belongs_to_the_whole_is_hidden_with_it(tmp_path: Path) -> None:
    both = replace(ADDRESSED, id="09B1", paragraphs=cable("x", ("U", "open"), ("S", "hidden")).paragraphs)
    secret = replace(both, classification=cable("x", classification="SECRET").classification)
    with archive_of(tmp_path, secret) as archive:
        low = archive.lowered("UNCLASSIFIED")
        for query in ("is:due", "precedence:O", "recipients:tokyo", "signer:goldberg", "is:reply", "cites:09ROME3"):
            assert found(archive, query) == "B1"
            assert found(low, query) == ""
        for field in ("declassify", "precedence", "recipients", "signer", "cites", "answers"):
            assert found(low, f"missing:{field}") == "B1"
        # TAGS and the post are visible with any part of a cable.
        assert found(low, "country:china") == "B1"


def test_the_day_of_release_is_today_in_utc(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    from cablesearch.query import conditions

    monkeypatch.setattr(conditions, "_today", lambda: (DAY - dt.date(1970, 1, 1)).days - 1)
    assert found(archive, "is:due") == "A3"
    monkeypatch.setattr(conditions, "_today", lambda: (DAY - dt.date(1970, 1, 1)).days)
    assert found(archive, "is:due") == "A1 A3"


def test_countries_have_names_and_posts() -> None:
    assert country_of_tag("CH") == country_named("PRC") == country_of_post("Embassy Beijing") == "China"
    assert country_of_tag("XL") is country_of_tag("PREL") is country_of_tag("ZZ") is None
    assert country_of_post("Secretary of State") is country_of_post("") is country_of_post("Mission USNATO") is None
    assert country_named("cote divoire") == country_named("Côte d’Ivoire") == country_named("ivory coast")
    assert country_named("korea") is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a cease-fire -- at last!", 4), ("U.S. * don't", 2), ("北京大学 is", 5), ("naïve café", 2), ("...", 0)],
)
def test_words_are_counted_as_people_do(text: str, count: int) -> None:
    assert count_words(text) == count


def test_the_command_line_takes_them(archive: Archive) -> None:
    result = run("search", "is:due country:china", "--format", "json", "--index", archive.path)
    assert result.returncode == 0
    result = run("search", "is:nonsense", "--index", archive.path)
    assert result.returncode == 2
    assert "The conditions are due" in result.stderr
