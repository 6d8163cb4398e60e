"""What controls mean, in words."""

from __future__ import annotations

from cablesearch.classification.controls import KNOWN_CONTROLS, KNOWN_TO_BE_GRANTED
from cablesearch.vocabulary.control_meanings import control_meaning


def test_every_control_that_is_read_as_it_stands_has_a_meaning() -> None:
    assert [name for name in sorted(KNOWN_CONTROLS | KNOWN_TO_BE_GRANTED) if not control_meaning(name)] == []


def test_a_release_list_names_those_to_whom_it_is_releasable() -> None:
    assert control_meaning("REL TO USA GBR") == "Releasable only to USA, GBR"
    assert control_meaning("SOMETHING") is None
