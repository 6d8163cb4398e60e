"""Cables are looked up by their ids, as people write them; an unknown id is answered with what is near to it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

from cablesearch.archive import Archive
from cablesearch.errors import UnknownCableError
from tests.support.cables import cable

Make = Callable[..., Archive]


def unknown(archive: Archive, reference: str) -> UnknownCableError:
    with pytest.raises(UnknownCableError) as caught:
        archive.show(reference)
    return caught.value


@pytest.mark.parametrize(
    "written",
    [
        "10BEIJING30",
        "10 BEIJING 30",
        " 10  Beijing 0030 ",
        "2010 BEIJING 30",
        "2010BEIJING30",
        "10beijing 30",
        "\ufeff10BEIJING30\u200b",
    ],
)
def test_an_id_may_be_written_as_cables_write_it(beijing: Archive, written: str) -> None:
    shown, paragraph = beijing.show(written)
    assert (shown.id, paragraph) == ("10BEIJING30", None)
    named = beijing.show(f"{written} \u00b6 4")[1]
    assert named is not None
    assert named.number == 4


def test_a_post_of_several_words_may_stand_in_an_id(archive_of: Make) -> None:
    with archive_of(cable("09HONGKONG1234", "x")) as archive:
        assert archive.show("09 HONG KONG 1234")[0].id == "09HONGKONG1234"


def test_an_id_with_the_number_of_another_volume_is_near_only_as_the_same_document(archive_of: Make) -> None:
    volumes = ("frus1934v04", "frus1934v05", "frus1930v01")
    made = [cable(f"{volume}/d{number}", "x") for volume in volumes for number in (12, 13, 121)]
    with archive_of(*made, *(cable(name, "x") for name in ("10ROME7", "09PARIS7", "09ZORBLAX7"))) as archive:
        assert unknown(archive, "frus1934v04/d14").near == (
            "frus1934v04/d13",
            "frus1934v04/d12",
            "frus1934v04/d121",
        )
        assert unknown(archive, "frus1934v44/d121").near == ("frus1934v04/d121",)
        assert unknown(archive, "frus1934v4/d12").near == ("frus1934v04/d12",)
        assert unknown(archive, "frus1931v02/d12").near == ()
        assert unknown(archive, "frus1934v06/d15").near == ()
        assert unknown(archive, "frsu1934v04/d12").near == ("frus1934v04/d12",)
        assert unknown(archive, "11ROME7").near == ("10ROME7",)
        assert unknown(archive, "11PARIS7").near == ()
        assert unknown(archive, "09ZORBLXA7").near == ("09ZORBLAX7",)
        assert unknown(archive, "09ZORBLXA8").near == ()


def test_an_unknown_cable_comes_with_near_ids(archive_of: Make) -> None:
    made = [cable(name, "x") for name in ("10BEIJING30", "10BEIJING33", "10BEIJING99", "09STATE1234", "07ROME1")]
    with archive_of(*made) as archive:
        error = unknown(archive, "10BEIJING32")
        assert (error.missing, error.reference) == ("cable", "10BEIJING32")
        assert error.near == ("10BEIJING33", "10BEIJING30", "10BEIJING99")
        assert str(error) == (
            "no cable 10BEIJING32 in this archive; did you mean 10BEIJING33, 10BEIJING30 or 10BEIJING99?"
        )
        assert unknown(archive, "09 STATE 1243\u00b65").near == ("09STATE1234",)
        assert unknown(archive, "10BEIJING777777").near[0] == "10BEIJING99"
        assert unknown(archive, "99NOWHERE1").near == ()
        assert str(unknown(archive, "99NOWHERE1")) == "no cable 99NOWHERE1 in this archive"
    with archive_of() as empty:
        assert unknown(empty, "10BEIJING32").near == ()


def test_an_unknown_paragraph_comes_with_those_that_there_are(archive_of: Make) -> None:
    numbered = cable("10A1", "one", "two", "three")
    odd = tuple(
        replace(paragraph, number=number) for paragraph, number in zip(numbered.paragraphs, (1, 2, 7), strict=True)
    )
    without = tuple(replace(paragraph, number=None) for paragraph in numbered.paragraphs)
    made = [replace(numbered, paragraphs=odd), replace(numbered, id="10A2", reference_id="10A2", paragraphs=without)]
    with archive_of(*made, cable("10A3")) as archive:
        error = unknown(archive, "10A1\u00b699")
        assert (error.missing, error.reference, error.near) == ("paragraph", "10A1\u00b699", ())
        assert str(error) == "10A1 has no paragraph 99; it has paragraphs 1-2, 7"
        assert str(unknown(archive, "10A1@4")) == "10A1 has no position 4; it has positions 1-3"
        assert "name them by position, from @1 to @3" in str(unknown(archive, "10A2\u00b61"))
        assert str(unknown(archive, "10A3\u00b61")) == "10A3 has no paragraph 1; it has no paragraphs"


def test_many_paragraphs_are_not_all_listed(archive_of: Make) -> None:
    made = cable("10A1", *("x" for _ in range(60)))
    odd = tuple(replace(paragraph, number=2 * paragraph.position) for paragraph in made.paragraphs)
    with archive_of(replace(made, paragraphs=odd)) as archive:
        assert str(unknown(archive, "10A1\u00b61")).endswith("22, 24 and 48 more ranges up to 120")


def test_near_ids_are_those_of_visible_cables(archive_of: Make) -> None:
    made = [cable("10BEIJING31", ("S", "x")), cable("10BEIJING39", "x", ("S", "y")), cable("10BEIJING311", ("S", "z"))]
    with archive_of(*made) as archive:
        assert unknown(archive, "10BEIJING30").near == ("10BEIJING31", "10BEIJING39", "10BEIJING311")
        lowered = archive.lowered("CONFIDENTIAL")
        assert unknown(lowered, "10BEIJING30").near == ("10BEIJING39",)
        assert unknown(lowered, "10BEIJING31").near == ("10BEIJING39",)
        assert str(unknown(lowered, "10BEIJING39\u00b62")) == "10BEIJING39 has no paragraph 2; it has paragraph 1"


def test_near_ids_are_written_as_their_cables_write_them(archive_of: Make) -> None:
    made = replace(cable("2010 beijing 0031", "x"), reference_id="10BEIJING31")
    with archive_of(made) as archive:
        assert unknown(archive, "10BEIJING32").near == ("2010 beijing 0031",)


def test_the_error_can_be_pickled(beijing: Archive) -> None:
    error = unknown(beijing, "10BEIJING31")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.reference, again.missing, again.near) == (
        str(error),
        error.reference,
        error.missing,
        error.near,
    )


def test_long_references_are_answered_at_once_and_shortened(beijing: Archive) -> None:
    for reference in (
        "a" * 300_000,
        "a1" * 150_000,
        "a" + "0" * 300_000,
        "1" * 300_000,
        "a " * 150_000 + "1",
        "\n" * 9,
    ):
        assert len(str(unknown(beijing, reference))) < 300
