"""The tests, laid out like the package; `tests/support` has what several modules share.

Explaining and shrinking a failed property over archives can take longer than the whole suite. Continuous integration
always uses the same examples, so that a change is judged by its own effect.
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
