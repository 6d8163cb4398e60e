"""The processes of a server, when what they do fails."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("count", ["1", "4"])
def test_processes_that_fail_at_once_are_not_started_for_ever(count: str) -> None:
    code = "import sys\nfrom cablesearch.web.serving.workers import supervise\n"
    code += "supervise(lambda watched: 1 // 0, int(sys.argv[1]), 1.0)"
    result = subprocess.run(
        [sys.executable, "-c", code, count], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    assert "ServerError: the processes of the server end as soon as they are started" in result.stderr
    assert "a process of the server failed: ZeroDivisionError" in result.stderr
