"""What a reader of an archive in a folder tells features: values by key, and subjects."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest
from whoosh import query as q

from cablesearch.archive import Archive
from cablesearch.embedded.reader import embedded
from cablesearch.errors import CorruptIndexError
from cablesearch.features.numbers import numbers
from cablesearch.protocols.answers import Defined
from tests.support.cables import cable

Make = Callable[..., Archive]

TWICE = "The National Defense Council (NDC) met. The national defense council (NDC) rose."
ONCE = "The National Defense Council (NDC) met."


def form(value: str) -> str:
    return value.partition("\t")[0]


def test_a_paragraph_with_several_values_of_a_key_counts_once(archive_of: Make) -> None:
    reader = archive_of(cable("10A1", TWICE), cable("10A2", ONCE, "rain"))._reading.reader
    (each,) = reader.begun("acronym", "", form).values()
    assert (each.paragraphs, sorted(each.values.values()), each.first) == (2, [1, 2], None)
    chosen = reader.select(q.Term("id", "10A2"))
    (each,) = reader.defined(chosen, "acronym", form).values()
    assert (each.paragraphs, each.values.total()) == (1, 1)
    assert reader.defined(chosen.rest(), "tag", form) == {}


def test_a_value_that_its_key_refuses_is_damage(archive_of: Make) -> None:
    reader = archive_of(cable("10A1", ONCE))._reading.reader

    def refuse(value: str) -> str:
        raise ValueError("has 3 parts")

    told = "a value of acronym has 3 parts: "
    with pytest.raises(CorruptIndexError, match=told):
        reader.begun("acronym", "", refuse)
    with pytest.raises(CorruptIndexError, match=told):
        reader.defined(reader.select(q.Every()), "acronym", refuse)


def test_undated_paragraphs_define_without_a_date(archive_of: Make) -> None:
    reader = archive_of(cable("10A1", ONCE, date=None))._reading.reader
    definitions: dict[str, Defined] = reader.defined(reader.select(q.Every()), "acronym", form)
    assert [each.first for each in definitions.values()] == [None]


def test_a_damaged_subject_is_no_end_of_the_list(archive_of: Make) -> None:
    reader = embedded(
        archive_of(cable("10A1", "rain", subject="Sun"), cable("10A2", "rain", subject="Sun"))._reading.reader
    )
    subjects = reader.subjects((), "su", 5, ())
    assert [*subjects] == [*subjects[:1], *subjects[1:]] == [(key, "Sun") for key in ("10A1", "10A2")]
    segment = type(reader.view.segments[0])
    with mock.patch.object(segment, "stored", side_effect=IndexError), pytest.raises(IndexError):
        list(subjects)


@pytest.mark.parametrize("count", [0, 1, 32, 33, 70])
def test_many_selections_are_counted_in_their_order(archive_of: Make, count: int) -> None:
    reader = archive_of(cable("10A1", "rain", "sun"), cable("10A2", "rain"))._reading.reader
    words = ["rain", "sun", "wind"]
    trees = [q.Term("exact", words[place % 3]) for place in range(count)]
    assert list(numbers(reader, map(reader.select, trees))) == [[2, 1, 0][place % 3] for place in range(count)]
