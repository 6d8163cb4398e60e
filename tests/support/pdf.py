"""PDFs made by hand, as small as they can be."""

from __future__ import annotations

from collections.abc import Sequence


def pdf(pages: Sequence[str], *, trailer: bytes = b"", fonts: bytes = b"/F 3 0 R") -> bytes:
    """Return a PDF with a page for each text, a line of the page for each of its lines."""
    contents = [_content(page) for page in pages]
    return pdf_of([b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data) for data in contents], trailer, fonts)


def pdf_of(streams: Sequence[bytes], trailer: bytes = b"", fonts: bytes = b"/F 3 0 R") -> bytes:
    """Return a PDF with a page for each object that is a stream of content."""
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(streams)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for number, stream in enumerate(streams):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << %s >> >> /Contents %d 0 R >>"
            % (fonts, first + 2 * number + 1),
            stream,
        ]
    return pdf_of_objects(objects, trailer)


def pdf_of_objects(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of objects, of which the first is its root."""
    data = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, trailer, len(data))
    )


def _content(page: str) -> bytes:
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in page.split("\n")]
    shown = "\n".join(f"({line}) Tj T*" for line in lines)
    return f"BT /F 10 Tf 12 TL 40 760 Td\n{shown}\nET".encode("latin-1")
