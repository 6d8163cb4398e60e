"""Become a node: leave root's rights, ask to be killed with the starter, and run the given program.

It is a program of its own, run as ``python -I launch.py UID GID STARTER PROGRAM ...``, since a function that runs
between fork and exec may stall a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From Linux's <sys/prctl.h>: the signal to get when the thread that started this process ends."""


def main() -> None:
    uid, gid, starter, *command = sys.argv[1:]
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After the change of user, which clears the request.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != int(starter):
        sys.exit("the starter has ended")
    os.execv(command[0], command)


main()
