"""Answers that are kept are the right ones, for all processes, and take bounded memory."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.web.cache import Answer, Cache


def _answer(number: int, size: int = 100) -> Answer:
    return Answer(number.to_bytes(4, "little") + os.urandom(size), f'W/"{number}"', number or None)


def _forked(work: Callable[[], bool]) -> int:
    """Start a process that ends with status 0 if its work returns true, and return its number."""
    number = os.fork()
    if not number:
        status = 1
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)
    return number


def _ended(number: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3_000), st.booleans()), max_size=60))
def test_an_answer_comes_back_as_it_was_put_last(steps: list[tuple[int, int, bool]]) -> None:
    cache, last = Cache(1 << 13), dict[int, Answer]()
    for number, size, is_put in steps:
        if is_put:
            answer = _answer(number, size)
            cache.put(("key", str(number)), answer)
            # One that is too large replaces nothing, as the same question has the same answer.
            if len(answer.body) <= 1 << 11:
                last[number] = answer
        kept = cache.get(("key", str(number)))
        assert kept in (None, last.get(number))
        if is_put and len(answer.body) <= 1 << 11:
            assert kept == answer


def test_questions_are_told_apart() -> None:
    cache = Cache()
    cache.put(("a", "b"), Answer(b"1", "1"))
    for other in (("ab",), ("a", "b", ""), ("", "a", "b"), ("b", "a"), ("a", "B")):
        assert cache.get(other) is None
    assert cache.get(("a", "b")) == Answer(b"1", "1")
    cache.put(("\udcff", "'\\"), Answer(b"2", "2", 0))
    assert cache.get(("\udcff", "'\\")) == Answer(b"2", "2", 0)


def test_answers_that_are_asked_for_stay_and_old_ones_go() -> None:
    cache = Cache(1 << 20)
    # With another salt, an answer that is asked for may very seldom be pushed out of its bucket by others.
    cache._salt = bytes(16)
    cache.put(("often",), _answer(1))
    for number in range(5_000):
        cache.put((str(number),), _answer(2, 4_000))
        if number % 100 == 0:
            assert cache.get(("often",)) is not None
    assert cache.get(("0",)) is None
    assert cache.get(("4999",)) is not None


def test_large_answers_are_not_kept() -> None:
    cache = Cache()
    cache.put(("large",), Answer(b"x" * ((1 << 20) + 1), ""))
    assert cache.get(("large",)) is None


def test_processes_share_what_they_keep() -> None:
    cache, answer = Cache(1 << 16), _answer(7)

    def work() -> bool:
        cache.put(("from", "child"), answer)
        return cache.get(("from", "parent")) == answer

    cache.put(("from", "parent"), answer)
    assert _ended(_forked(work)) == 0
    assert cache.get(("from", "child")) == answer


def test_processes_that_write_at_once_never_read_what_another_half_wrote() -> None:
    cache = Cache(1 << 16)
    answers = [_answer(number, 50 * number) for number in range(40)]

    def work() -> bool:
        for _ in range(200):
            for number, answer in enumerate(answers):
                if cache.get((str(number),)) not in (None, answer):
                    return False
                cache.put((str(number),), answer)
        return True

    assert [_ended(number) for number in [_forked(work) for _ in range(3)]] == [0, 0, 0]


@pytest.mark.parametrize("turns", range(1, 26))
def test_a_process_that_is_killed_leaves_the_others_what_is_right(turns: int) -> None:
    cache = Cache(1 << 14)
    answers = [_answer(number, 30 * number) for number in range(40)]
    begun, told = os.pipe()

    def work() -> bool:
        for turn in itertools.count():
            if turn == turns:
                os.write(told, b"x")
            for number, answer in enumerate(answers):
                cache.put((str(number),), answer)
        return False

    with os.fdopen(begun, "rb") as pipe, os.fdopen(told, "wb"):
        number = _forked(work)
        pipe.read(1)
        os.kill(number, signal.SIGKILL)
        assert _ended(number) == -signal.SIGKILL
        for key, answer in enumerate(answers):
            assert cache.get((str(key),)) in (None, answer)
        cache.put(("0",), answers[0])
        assert cache.get(("0",)) == answers[0]
