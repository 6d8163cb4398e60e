"""A picture: a figure of matplotlib that is saved as it was drawn, and that a notebook shows by itself."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

from cablesearch.features.pictures.chart import Form
from cablesearch.features.pictures.style import DPI

__all__ = ["Picture"]


class Picture(Figure):
    """A figure of matplotlib that does not belong to its global ones."""

    def data(self, form: Form) -> bytes:
        """Return the picture as a file without the time and the version of matplotlib."""
        buffer = io.BytesIO()
        metadata: dict[str, None] = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
        options: dict[str, Any] = {"format": form, "dpi": DPI, "metadata": metadata}
        self.savefig(buffer, **options)
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self.data("png")
