"""Words under a marking are hidden from readers without the clearance: several thousand canaries of the experiment."""

from __future__ import annotations

from trials.canaries import experiment

CANARIES = 6_000


def test_hidden_canaries_stay_hidden_and_visible_ones_visible() -> None:
    figures, reported = experiment(CANARIES, seed=2, archives_every=200)
    assert figures["seen"] == 0, "\n".join(reported)
    hidden, visible = figures["hidden_though_visible"], figures["visible"]
    assert isinstance(hidden, dict)
    assert isinstance(visible, dict)
    # Damage may hide more than necessary, but never most of the visible text.
    assert hidden["undamaged"] * 500 <= visible["undamaged"]
    assert hidden["damaged"] * 20 <= visible["damaged"]
