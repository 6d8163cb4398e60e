"""An archive of the classes that a node loads, from which Java starts nodes in little more than half the time."""

from __future__ import annotations

import shutil

from trials.cluster.home import Home, locked
from trials.cluster.nodes import Cluster


def make_class_archive(home: Home) -> None:
    """Let Java write its class archive into the home when it ends a first node, unless that was done before.

    Java ignores an archive that does not fit its version or the jars.
    """
    with locked(home.class_archive):
        if home.class_archive.exists():
            return
        with Cluster(home, 1, options=["-XX:ArchiveClassesAtExit=classes.jsa"]) as cluster:
            cluster.stop(0)
            partial = home.class_archive.with_suffix(".partial")
            shutil.copy(cluster.nodes[0].folder / "classes.jsa", partial)
        partial.chmod(0o644)
        partial.rename(home.class_archive)
