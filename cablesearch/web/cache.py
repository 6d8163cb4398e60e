"""Answers that were given, so that the same question does not have to be answered again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

__all__ = ["Answer", "Cache", "Key"]

_MOST_BYTES = 64 << 20
_LARGEST = 1 << 20
"""Bytes of an answer; larger ones are not kept."""

Key = tuple[str, ...]
"""What an answer depends on: the commit, the clearance, and the whole question."""


class Answer(NamedTuple):
    """An answer as it is sent.

    Attributes:
        body: its bytes.
        etag: the entity tag.
        total: the number of hits, if the answer is a page of them.
    """

    body: bytes
    etag: str
    total: int | None = None


class Cache:
    """Keeps the answers that were used last, in bounded memory."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self.on_get: Callable[[bool], None] = lambda is_hit: None
        """Is to be called with whether an answer was there, once for each question."""
        self._lock = Lock()

    def get(self, key: Key) -> Answer | None:
        """Return the answer that is kept for a question, if there is one."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer, unless it is large."""
        size = len(answer.body)
        if size > _LARGEST:
            return
        with self._lock:
            before = self._answers.pop(key, None)
            self._bytes += size - (len(before.body) if before else 0)
            self._answers[key] = answer
            while self._bytes > _MOST_BYTES:
                self._bytes -= len(self._answers.popitem(last=False)[1].body)
