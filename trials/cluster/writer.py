"""A command line of cablesearch in a process of its own that commits often, so that a fault meets a commit.

Run as ``python -m trials.cluster.writer ARGUMENT ...``.
"""

from __future__ import annotations

import sys
from unittest import mock

from cablesearch.cli import main
from trials.history import small_batches

DOCUMENTS = 40
"""The most documents of a request."""


def run() -> None:
    """Run the command line; nothing waits until what was deleted is merged away, which takes half a minute."""
    with (
        small_batches(),
        mock.patch("cablesearch.cluster.writing.pen.expunge", return_value=False),
        mock.patch("cablesearch.cluster.writing.sending._DOCUMENTS", DOCUMENTS),
        mock.patch.object(sys, "argv", ["cablesearch", *sys.argv[1:]]),
    ):
        main()


if __name__ == "__main__":
    run()
