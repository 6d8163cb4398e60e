"""Results are cached for short texts only."""

from __future__ import annotations

from cablesearch.text.caching import LONGEST, cached_if_short


def test_only_short_texts_are_cached() -> None:
    asked: list[str] = []

    @cached_if_short(maxsize=2)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    short, long = "a" * LONGEST, "b" * (LONGEST + 1)
    assert [shout(text) for text in (short, short, long, long)] == [text.upper() for text in (short, short, long, long)]
    assert asked == [short, long, long]
    assert shout.__name__ == "shout"
