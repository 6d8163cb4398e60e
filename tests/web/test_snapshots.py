"""The tokens for commits: only the server reads them, and they say nothing to anybody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cablesearch.web.snapshots import Snapshots

COMMITS = st.text("0123456789abcdef-", min_size=1, max_size=50)


@given(COMMITS, COMMITS)
def test_a_token_is_read_by_its_server_and_looks_like_any_other(first: str, second: str) -> None:
    snapshots = Snapshots("secret")
    tokens = [snapshots.token(commit) for commit in (first, first, second)]
    assert [snapshots.commit(token) for token in tokens] == [first, first, second]
    assert len(set(tokens)) == 3
    assert len({len(token) for token in tokens}) == 1
    assert [Snapshots("another").commit(token) for token in tokens] == [None] * 3


@given(st.text(max_size=300))
def test_what_is_no_token_is_none(text: str) -> None:
    assert Snapshots("secret").commit(text) is None


@given(st.integers(0, 127), st.sampled_from("AZaz09_-"))
def test_a_changed_token_is_none(place: int, letter: str) -> None:
    snapshots = Snapshots("secret")
    token = snapshots.token("1f-17a-3")
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    assert snapshots.commit(changed) == ("1f-17a-3" if changed == token else None)


def test_a_token_is_of_use_for_a_time_whatever_happens_to_the_archive() -> None:
    assert Snapshots("secret", lifetime=-1).commit(Snapshots("secret").token("1f-17a-3")) is None
