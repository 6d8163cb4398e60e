"""Questions wait in a queue (tests/serving/test_queue.py), and an answer that takes too long is an error."""

from __future__ import annotations

from cablesearch.archive import Archive
from cablesearch.mcp.commits import Commits
from cablesearch.mcp.server import build
from cablesearch.serving.queue import Queue
from tests.support.models import ask


def test_a_tool_that_takes_too_long_gives_an_error(beijing: Archive) -> None:
    told = ask(build(Commits(beijing.path), Queue(seconds=0.0)), "search", query="china")
    assert told.is_error
    assert "longer than 0 seconds; ask for less at a time, for example with since and until" in told.text


def test_a_tool_is_refused_while_too_many_questions_wait(beijing: Archive) -> None:
    told = ask(build(Commits(beijing.path), Queue(waiting=0, threads=0)), "search", query="china")
    assert told.is_error
    assert told.text == "too many questions are waiting; ask again in a moment"
