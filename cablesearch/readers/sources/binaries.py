"""Files that are not text, recognised by their first bytes before any format of text is tried.

Their contents may look like a cable: a PDF has lines of text, and a word processor's file the words of a letter.
"""

from __future__ import annotations

import re

from cablesearch.readers.sources.decoding import has_wide_mark

__all__ = ["SAMPLE", "is_pdf", "why_binary"]

SAMPLE = 65_536
"""Bytes at the beginning of a file by which its kind is recognised."""

_PDF_WITHIN = 1024
_PDF_LINE = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n\0])[ \t]{0,20}%PDF-")

_UNPACK = "; unpack it first"
_PICTURE = "; it needs OCR first"
_AS_TEXT = "; save it as plain text first"
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive" + _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive" + _UNPACK),
    (b"BZh91AY&SY", "compressed with bzip2" + _UNPACK),
    (b"\xfd7zXZ\x00", "compressed with xz" + _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd" + _UNPACK),
    (b"\x04\x22\x4d\x18", "compressed with lz4" + _UNPACK),
    (b"LZIP\1", "compressed with lzip" + _UNPACK),
    (b"\x1f\x9d", "compressed with compress" + _UNPACK),
    (b"MSCF\0\0", "a cabinet file" + _UNPACK),
    (b"!<arch>\n", "an ar archive" + _UNPACK),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a file of Microsoft Office (.doc, .xls, .ppt) or a mail of Outlook (.msg); save it as plain text, a mail as "
        ".eml",
    ),
    (b"!BDN", "a mail store of Outlook (.pst); export it as mbox, for example with readpst"),
    (b"{\\rtf", "rich text (RTF)" + _AS_TEXT),
    (b"\xffWPC", "a WordPerfect document" + _AS_TEXT),
    (b"%!PS", "PostScript; make a PDF of it, for example with ps2pdf"),
    (b"AT&TFORM", "a DjVu document; take its text out first, for example with djvutxt"),
    (b"\x89PNG", "a picture (PNG)" + _PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)" + _PICTURE),
    (b"\0\0\0\x0cjP  ", "a picture (JPEG 2000)" + _PICTURE),
    (b"II*\0", "a picture (TIFF)" + _PICTURE),
    (b"MM\0*", "a picture (TIFF)" + _PICTURE),
    (b"GIF87a", "a picture (GIF)" + _PICTURE),
    (b"GIF89a", "a picture (GIF)" + _PICTURE),
    (b"8BPS\0", "a picture (Photoshop)" + _PICTURE),
    (b"SQLite format 3\0", "an SQLite database; export its table as CSV, for example with sqlite3 -csv -header"),
    (b"\0\1\0\0Standard ", "an Access database; export its table as CSV"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xce\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\0asm", "a program"),
    (b"\0\1\0\0\0", "a font"),
    (b"OTTO\0", "a font"),
    (b"ID3\x02", "a sound recording"),
    (b"ID3\x03", "a sound recording"),
    (b"ID3\x04", "a sound recording"),
    (b"OggS\0", "a sound recording"),
    (b"fLaC\0", "a sound recording"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"bplist00", "a binary property list"),
)
"""How files begin, what they are, and what to do with them."""
_MAGICS = tuple(magic for magic, _ in _BEGINNINGS)
_SHORT_BEGINNINGS = (
    (b"MZ", "a program"),
    (b"BM", "a picture (BMP)" + _PICTURE),
    (b"PAR1", "a Parquet table; export it as CSV"),
    (b"wOF", "a font"),
)
"""The same, for files that have a zero soon after it; words begin like this, too."""
_BEFORE = (b"\xef", b" ", b"\t", b"\r", b"\n")
"""What may stand before the beginning of a kind that is made of text."""
_BRANDS = {b"WEBP": "a picture (WebP)" + _PICTURE, b"WAVE": "a sound recording", b"AVI ": "a film"}
"""Kinds of RIFF files."""

_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\b\t\n\v\f\r\x1a\x1b"})
_FIRST = 4096
_MOST_CONTROLS = 0.05
_MOST_UNDECODABLE = 0.3
"""Shares of bytes above which a file is not text, not even a damaged one."""


def is_pdf(start: bytes) -> bool:
    """Return whether bytes are the start of a PDF; other bytes may stand before its first line."""
    beginning = start[:_PDF_WITHIN]
    if b"%PDF-" not in beginning:
        return False
    return _PDF_LINE.search(beginning) is not None or b" obj" in start


def why_binary(start: bytes) -> str | None:
    """Return what a file is that starts with these bytes and is not text, and what to do with it; else None."""
    kind = _kind(start)
    if kind is None and (len(start.translate(None, _CONTROLS)) == len(start) or has_wide_mark(start)):
        return None
    return kind or ("binary data, not text" if _is_binary(start[:_FIRST]) or _is_binary(start) else None)


def _kind(start: bytes) -> str | None:
    """Return what a file is that begins as files of its kind do."""
    beginning = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n") if start[:1] in _BEFORE else start
    kind = None
    if beginning.startswith(_MAGICS):
        kind = next(kind for magic, kind in _BEGINNINGS if beginning.startswith(magic))
    elif start[257:262] == b"ustar":
        kind = "a tar archive" + _UNPACK
    elif start.startswith(b"RIFF"):
        kind = _BRANDS.get(start[8:12])
    elif start[4:8] == b"ftyp":
        kind = "a film or picture"
    elif b"\0" in start[:64]:
        kind = next((kind for magic, kind in _SHORT_BEGINNINGS if start.startswith(magic)), None)
    return kind


def _is_binary(start: bytes) -> bool:
    """Return whether bytes have too many control characters for a text, which may be damaged.

    Bytes that are not UTF-8 are no sign of their own: the text may have another encoding.
    """
    controls = len(start) - len(start.translate(None, _CONTROLS))
    undecodable = len(start) - len(start.decode("utf-8", "ignore").encode())
    if b"\0" in start:
        return controls > len(start) * _MOST_CONTROLS or undecodable > len(start) * _MOST_UNDECODABLE
    return min(controls, undecodable) > len(start) * _MOST_CONTROLS
