"""The text layer of PDFs, read by pypdf, an extra (``pip install 'cablesearch[pdf]'``).

Nothing that a PDF says is trusted: its size, its pages, the operations on them and the characters that they show are
bounded, and so is the time. pypdf bounds what streams unpack to, and how deep and how long its structures are.
"""

from __future__ import annotations

import io
import logging
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cablesearch.readers.records import LONGEST_RECORD

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["UnreadablePdfError", "pdf_pages"]

LARGEST = 64_000_000
"""Bytes of a PDF, which is held in memory."""
MOST_PAGES = 10_000
MOST_OPERATIONS = 5_000_000
"""Operations on all pages together; a page of text has up to 5,000."""
MOST_OF_PAGE = 200_000
"""Operations on a page, and characters: pypdf takes quadratic time in both."""
MOST_FONTS = 50
"""Fonts of a page, or of a form on it."""
MOST_OF_TABLES = 2_000_000
"""Bytes of the tables by which these fonts say what their characters are."""
MOST_FORMS = 500
MOST_DEPTH = 10
"""Forms on a page, and how deep they may be nested."""
LONGEST_TIME = 60.0
"""Seconds for a PDF; there is work in it that cannot be counted beforehand."""
FEWEST_CHARACTERS = 30
"""Characters on an average page; a PDF with fewer is taken for scanned pages with stamps."""

_WIDE_STEP = 1.6
"""From one line to the next, as a multiple of the usual step on the page: what is more leaves a line free."""
_BY_HAND = "; take its text out first, for example with pdftotext"
_LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": LARGEST,
    "zlib_maximum_output_length": 32_000_000,
    "lzw_maximum_output_length": 32_000_000,
    "run_length_maximum_output_length": 32_000_000,
    "array_based_stream_maximum_output_length": 32_000_000,
    "stream_decoding_work_maximum_length": 64_000_000,
    "stream_parsing_work_maximum_count": 1_000_000,
    "page_tree_maximum_entries": MOST_PAGES,
    "xform_maximum_invocations_per_extraction": 200,
    "jbig2dec_binary": None,
}


class UnreadablePdfError(Exception):
    """A PDF has no text that can be read; the message says why, and what to do."""


class _Budget:
    """What the pages of a PDF may still cost; raises an error when it is spent."""

    def __init__(self) -> None:
        self._operations = self._characters = 0
        self._of_page = 0
        self._end = time.monotonic() + LONGEST_TIME

    def start_page(self) -> None:
        """Begin the next page."""
        self._of_page = 0
        self.check()

    def operation(self, operator: bytes, operands: Any, *_: object) -> None:
        """Count an operation, and the characters that it shows."""
        self._operations += 1
        self._of_page += 1 + sum(map(_shown, operands))
        if operator == b"Do" or self._of_page > MOST_OF_PAGE:
            self.check()

    def text(self, text: str) -> None:
        """Count text, which a table of the font may have made longer."""
        self._characters += len(text)

    def check(self) -> None:
        """Raise an error if there is too much."""
        if self._of_page > MOST_OF_PAGE or self._operations > MOST_OPERATIONS or self._characters > LONGEST_RECORD:
            raise UnreadablePdfError("a PDF with too much on its pages" + _BY_HAND)
        if time.monotonic() > self._end:
            raise UnreadablePdfError("a PDF that takes too long to read" + _BY_HAND)


class _Lines:
    """The pieces of a page's text with their heights, which show where blank lines are: pypdf leaves these out."""

    def __init__(self, budget: _Budget) -> None:
        self._budget = budget
        self._pieces: list[tuple[str, float]] = []

    def add(self, text: str, page: Sequence[float], line: Sequence[float], *_: object) -> None:
        """Take a piece, with the matrices that place it."""
        self._budget.text(text)
        self._pieces.append((text, line[4] * page[1] + line[5] * page[3] + page[5]))

    def spaced(self, text: str) -> str:
        """Return the text of the page with a blank line where more than a line is left free."""
        if "".join(piece for piece, _ in self._pieces) != text:
            return text
        heights = [height for piece, height in self._pieces if piece and not piece.isspace()]
        steps = Counter(round(above - below, 1) for above, below in pairwise(heights))
        del steps[0.0]
        if not steps:
            return text
        usual = steps.most_common(1)[0][0]
        spaced: list[str] = []
        end, above = "", None
        for piece, height in self._pieces:
            if piece and not piece.isspace():
                is_apart = above is not None and (above - height) / usual > _WIDE_STEP
                if is_apart and end.endswith("\n") and not end.endswith("\n\n"):
                    spaced.append("\n")
                above = height
            spaced.append(piece)
            end = (end + piece)[-2:]
        return "".join(spaced)


def pdf_pages(read: Callable[[int], bytes]) -> list[str]:
    """Return the text of each page of a PDF; ``read(size)`` gives its bytes.

    Raises:
        UnreadablePdfError: it has none, or cannot be read whole.
    """
    data = bytearray()
    while block := read(1 << 20):
        data += block
        if len(data) > LARGEST:
            raise UnreadablePdfError(f"a PDF of more than {LARGEST / 1e6:g} MB" + _BY_HAND)
    try:
        from pypdf import Configuration, PdfReader, apply_configuration
        from pypdf.errors import LimitReachedError
    except ImportError:
        raise UnreadablePdfError("a PDF; to read it: pip install 'cablesearch[pdf]'") from None
    with _silence(), apply_configuration(Configuration(**_LIMITS)):
        try:
            pages = _texts(PdfReader(io.BytesIO(data)))
        except UnreadablePdfError:
            raise
        except (LimitReachedError, MemoryError):
            raise UnreadablePdfError("a PDF that unpacks to too much (a decompression bomb?)" + _BY_HAND) from None
        except Exception as error:  # whatever a damaged file makes pypdf raise
            raise UnreadablePdfError(f"a damaged PDF ({type(error).__name__})" + _BY_HAND) from None
    if sum(len("".join(page.split())) for page in pages) < FEWEST_CHARACTERS * len(pages) or not pages:
        raise UnreadablePdfError(
            "a PDF without a text layer (scanned pages?); make one with OCR, for example with ocrmypdf"
        )
    return pages


def _texts(reader: PdfReader) -> list[str]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadablePdfError("an encrypted PDF; save it without its password, for example with qpdf --decrypt")
    budget = _Budget()
    pages = []
    for number, page in enumerate(reader.pages, 1):
        if number > MOST_PAGES:
            raise UnreadablePdfError(f"a PDF of more than {MOST_PAGES:,} pages" + _BY_HAND)
        budget.start_page()
        _check_resources(page, set())
        lines = _Lines(budget)
        text = page.extract_text(visitor_operand_before=budget.operation, visitor_text=lines.add)
        # pypdf passes over an error within a part that pages share.
        budget.check()
        spaced = lines.spaced(text)
        # Half of a pair stands for no character, and cannot be written.
        pages.append(spaced.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return pages


def _shown(operand: object) -> int:
    """Return how many characters an operand shows."""
    if isinstance(operand, (str, bytes)):
        return len(operand)
    return sum(map(_shown, operand)) if isinstance(operand, list) else 0


def _check_resources(holder: Any, seen: set[int], depth: int = 0) -> None:
    """Reject a page, or a form on it, whose fonts would take too much time and memory; pypdf reads them all at once."""
    resources = _part(holder, "/Resources")
    fonts = _part(resources, "/Font")
    tables = (_part(font.get_object(), "/ToUnicode") for font in fonts.values())
    if len(fonts) > MOST_FONTS or sum(len(table.get_data()) for table in tables if table) > MOST_OF_TABLES:
        raise UnreadablePdfError("a PDF with too many or too large fonts on a page" + _BY_HAND)
    for reference in _part(resources, "/XObject").values():
        form = reference.get_object()
        if form.get("/Subtype") == "/Form" and id(form) not in seen:
            seen.add(id(form))
            if len(seen) > MOST_FORMS or depth == MOST_DEPTH:
                raise UnreadablePdfError("a PDF with too many forms on a page" + _BY_HAND)
            _check_resources(form, seen, depth + 1)


def _part(holder: Any, name: str) -> Any:
    """Return a part of an object of a PDF, which may be a reference; an empty one if it has none."""
    part = holder.get(name)
    part = part.get_object() if part is not None else None
    return part if part is not None and hasattr(part, "get") else {}


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what pypdf says of a damaged file from the terminal."""
    logger = logging.getLogger("pypdf")
    propagate, handler = logger.propagate, logging.NullHandler()
    logger.propagate = False
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
