"""The suite, laid out as the package is; `tests/support` has what several modules need.

Explaining and shrinking a failure of a property over archives can take longer than the whole suite. In continuous
integration the examples are always the same, so that a change is judged by what it changes.
"""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile(
    "quick",
    deadline=None,
    derandomize="CI" in os.environ,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
settings.load_profile("quick")
