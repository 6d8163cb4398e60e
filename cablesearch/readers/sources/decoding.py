"""Decoding bytes, a block at a time, without losing any.

UTF-8 unless a byte order mark says otherwise. Bytes that are invalid in that encoding become surrogate escapes
(U+DC80 to U+DCFF), as ``os.fsdecode`` does it.
"""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Callable, Iterator

__all__ = ["BLOCK", "has_wide_mark", "text_blocks", "with_line_feeds"]

BLOCK = 1 << 20
_FIRST_BLOCK = 1 << 17
_OTHER_LINE_ENDS = ("\r", "\x85", "\u2028")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _escape_bytes(error: UnicodeError) -> tuple[str, int]:
    """Do what ``surrogateescape`` does, also for bytes below 128, which are undecodable only in UTF-16."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(byte) if byte < 0x80 else chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("cablesearch.escape", _escape_bytes)


def has_wide_mark(start: bytes) -> bool:
    """Return whether bytes begin with the mark of an encoding that has two or four bytes for each character."""
    return any(start.startswith(mark) for mark, _ in _MARKS[1:])


def text_blocks(read: Callable[[int], bytes]) -> Iterator[str]:
    """Yield the text of a stream of bytes in blocks of about a megabyte, without its byte order mark.

    The first block is long enough to recognise the format.
    ``read(size)`` returns at most ``size`` bytes, and at the end an empty text.
    """
    first = read(BLOCK)
    while first and len(first) < _FIRST_BLOCK and (more := read(BLOCK)):
        first += more
    mark, encoding = next(((mark, name) for mark, name in _MARKS if first.startswith(mark)), (b"", "utf-8"))
    errors = "surrogateescape" if encoding == "utf-8" else "cablesearch.escape"
    decode = codecs.getincrementaldecoder(encoding)(errors).decode
    block = first[len(mark) :]
    while block:
        if text := decode(block):
            yield text
        block = read(BLOCK)
    if text := decode(b"", final=True):
        yield text


def with_line_feeds(blocks: Iterator[str]) -> Iterator[str]:
    """Yield the blocks of a text with line feeds, if its lines end in other characters alone: carriage returns (old
    Macintosh), next line (mainframes), or the line separator of Unicode. Line feeds may stand at its end."""
    first = next(blocks, "")
    end = None if "\n" in first.rstrip() else next((end for end in _OTHER_LINE_ENDS if end in first), None)
    for block in itertools.chain([first] if first else [], blocks):
        yield block.replace(end, "\n") if end else block
