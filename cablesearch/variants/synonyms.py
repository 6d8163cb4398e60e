"""A reader's own synonyms: a file of words and phrases that stand for each other in queries.

The format is that of Solr and OpenSearch: a group a line, its members separated by commas, and comments that begin with
``#``. ``Karzai, Karzay`` find each other; ``Burma => Myanmar, Rangoon`` goes one way: a query for what stands on the
left finds the right too, and not the other way round. (Solr would look for the right instead of the left.)
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

from cablesearch.errors import CablesearchError
from cablesearch.text.acronyms import long_key
from cablesearch.text.analysis import split, stem

__all__ = ["Synonyms"]

_LARGEST = 4 << 20
"""The most bytes of a file."""
_MOST_LINES = 50_000
_MOST_MEMBERS = 50
"""The most words and phrases of a line, and the most others for which a word or phrase may stand."""
_MOST_WORDS = 20
"""The most words of a phrase."""
_LONGEST = 300
_FORBIDDEN = '*?"'


class Synonyms:
    """Words and phrases, each with the others that it stands for in a query. It never changes.

    Example::

        synonyms = cablesearch.Synonyms.parse("Karzai, Karzay\\nBurma => Myanmar")
        archive.search("karzay", synonyms=synonyms)

    Attributes:
        name: the name of the file, or what messages call it.
    """

    def __init__(self, name: str, others: dict[str, dict[str, str]]) -> None:
        self.name = name
        self._others = {key: tuple(texts.values()) for key, texts in others.items()}
        self._keys = sorted(self._others)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Synonyms:
        """Read a file in UTF-8.

        Raises:
            CablesearchError: it cannot be read, or a line is invalid; the message has the file and the line.
        """
        try:
            with open(path, "rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise CablesearchError(f"{Path(path)}: cannot read the synonyms: {error.strerror or error}") from None
        if len(content) > _LARGEST:
            raise CablesearchError(f"{Path(path)}: a file of synonyms can have at most {_LARGEST:,} bytes")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise CablesearchError(f"{Path(path)}, line {line}: this is not UTF-8") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "synonyms") -> Synonyms:
        """Read synonyms from text.

        Args:
            text: the lines.
            name: what messages call the text.

        Raises:
            CablesearchError: a line is invalid; the message has the name and the line.
        """
        others: dict[str, dict[str, str]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if number > _MOST_LINES:
                raise CablesearchError(f"{name}: a file of synonyms can have at most {_MOST_LINES:,} lines")
            try:
                for key, other, written in _pairs(line):
                    known = others.setdefault(key, {})
                    known.setdefault(other, written)
                    if len(known) > _MOST_MEMBERS:
                        raise ValueError(f"a word can stand for at most {_MOST_MEMBERS} others")
            except ValueError as error:
                raise CablesearchError(f"{name}, line {number}: {error}") from None
        return cls(name, others)

    def others(self, key: str) -> tuple[str, ...]:
        """Return what words (their `long_key`) stand for too, as written in the file and in its order."""
        return self._others.get(key, ())

    def begins(self, start: str) -> bool:
        """Return whether the key of a word or phrase begins with some letters."""
        place = bisect_left(self._keys, start)
        return place < len(self._keys) and self._keys[place].startswith(start)

    def __len__(self) -> int:
        return len(self._others)

    def __repr__(self) -> str:
        return f"<Synonyms: {len(self):,} words and phrases of {self.name!r}>"


def _pairs(line: str) -> Iterator[tuple[str, str, str]]:
    """Yield (key, key of another, the other as written) for all pairs of a line.

    Raises:
        ValueError: the line is invalid.
    """
    line = line.strip()
    if not line or line.startswith("#"):
        return
    left, arrow, right = line.partition("=>")
    if "=>" in right:
        raise ValueError("only one => can stand on a line")
    members = list(_members(left))
    targets = list(_members(right)) if arrow else members
    if not arrow and len(members) < 2:
        raise ValueError("expected words or phrases with commas between them, such as Karzai, Karzay")
    for key, _ in members:
        yield from ((key, other, written) for other, written in targets if other != key)


def _members(part: str) -> Iterator[tuple[str, str]]:
    """Yield the words and phrases of a part of a line, each with its key.

    Raises:
        ValueError: one is missing, or invalid.
    """
    written = part.split(",")
    if len(written) > _MOST_MEMBERS:
        raise ValueError(f"a line can have at most {_MOST_MEMBERS} words and phrases")
    for member in written:
        text = " ".join(member.split())
        words = split(text, True)[0]
        if not words:
            raise ValueError(f"{text!r} has no word" if text else "a word is missing beside a comma or =>")
        if any(sign in text for sign in _FORBIDDEN):
            raise ValueError(f"{text!r} has quotes or wildcards; write plain words")
        if len(words) > _MOST_WORDS or len(text) > _LONGEST:
            raise ValueError(f"a phrase can have at most {_MOST_WORDS} words and {_LONGEST} characters")
        yield long_key(text, stem), text
