"""A cluster of OpenSearch on this machine: each node is a process of its own, which a test may kill and start again."""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from trials.cluster.home import Home

LAUNCHER = Path(__file__).with_name("launch.py")
JAVA_OPTIONS = (
    # Small, and quick to start: the tests ask short questions of small indices.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    # The security manager of 2.x forbids what log4j would do for these.
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
)
LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""
# Whatever the environment says about proxies, the nodes are here.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
START_SECONDS = 120
STOP_SECONDS = 60
LINES_OF_LOG = 40
INDICES_AT_ONCE = 50
"""The most indices that a request names, since a node takes 4,096 bytes for its first line."""

# A node is killed when the thread that started it ends: so one thread starts all, and lasts as long as the process.
_STARTER = ThreadPoolExecutor(1, "cluster-starter")


class ClusterError(Exception):
    """A cluster that does not start or recover; the message has the end of the logs."""


class Node:
    """One node: its ports on 127.0.0.1, its folder, and its process while it runs."""

    def __init__(
        self, home: Home, folder: Path, ports: tuple[int, int], options: Sequence[str], settings: Mapping[str, object]
    ) -> None:
        """Describe a node, named like its folder.

        Args:
            home: what it runs.
            folder: where its settings, data and log will be.
            ports: those of HTTP and of the transport between nodes.
            options: options of Java for this node, such as the size of its heap.
            settings: further settings of OpenSearch.
        """
        self.home, self.name, self.folder, self.options = home, folder.name, folder, options
        self.settings = settings
        self.http_port, self.transport_port = ports
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the node, such as ``http://127.0.0.1:19200``."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def log(self) -> Path:
        """What the node prints, over all its starts."""
        return self.folder / "node.log"

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def prepare(self, nodes: Sequence[Node]) -> None:
        """Make the folders of the node, with settings by which it finds the others."""
        settings = {
            "cluster.name": "cablesearch-tests",
            "node.name": self.name,
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "network.host": "127.0.0.1",
            "http.port": self.http_port,
            "transport.port": self.transport_port,
            "discovery.seed_hosts": [f"127.0.0.1:{node.transport_port}" for node in nodes],
            "cluster.initial_cluster_manager_nodes": [node.name for node in nodes],
            # A disk that others fill must not make an index read-only.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            **self.settings,
        }
        for part in ("config", "data", "logs", "tmp"):
            (self.folder / part).mkdir(parents=True)
        # JSON is YAML.
        (self.folder / "config" / "opensearch.yml").write_text(json.dumps(settings), encoding="utf-8")
        (self.folder / "config" / "log4j2.properties").write_text(LOGGING, encoding="utf-8")

    def command(self) -> list[str]:
        """Return the command line of the server."""
        options = [*JAVA_OPTIONS, *self.options, f"-Djava.io.tmpdir={self.folder / 'tmp'}"]
        if self.home.version.startswith("2."):
            options.append("-Djava.security.manager=allow")
        if self.home.class_archive.exists():
            options.append(f"-XX:SharedArchiveFile={self.home.class_archive}")
        return [
            str(self.home.java.program),
            *options,
            f"-Dopensearch.path.home={self.home.folder}",
            f"-Dopensearch.path.conf={self.folder / 'config'}",
            "-cp",
            f"{self.home.folder / 'lib'}/*",
            "org.opensearch.bootstrap.OpenSearch",
        ]

    def start(self, uid: int, gid: int) -> None:
        """Start the process as a user; it may take seconds until it answers."""
        assert not self.is_running, f"{self.name} is running"
        _STARTER.submit(self._launch, uid, gid).result()

    def _launch(self, uid: int, gid: int) -> None:
        launcher = [sys.executable, "-I", str(LAUNCHER), str(uid), str(gid), str(os.getpid())]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*launcher, *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=self.folder,
                # Ctrl-C is for the tests, which then end their nodes.
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal, if it runs."""
        if self.process is not None:
            self.process.send_signal(number)

    def wait(self) -> None:
        """Wait until the process has ended; kill it if that takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def tail(self) -> str:
        """Return the last lines of the log."""
        with self.log.open(encoding="utf-8", errors="replace") as file:
            return f"--- {self.name}\n" + "".join(deque(file, LINES_OF_LOG))


class Cluster:
    """A number of nodes that know each other, in a folder of their own.

    As a context manager it starts all nodes and waits until they are green; in the end it kills them and removes the
    folder. If this process is killed, its nodes end with it, but the folder stays. Nodes are numbered from 0.
    """

    def __init__(
        self,
        home: Home,
        count: int = 3,
        heap: str = "256m",
        options: Sequence[str] = (),
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Prepare `count` nodes, each with a heap of that size, further options of Java, and settings of OpenSearch."""
        self.folder = Path(tempfile.mkdtemp(prefix="cablesearch-cluster-"))
        ports = free_ports(2 * count)
        self.nodes = [
            Node(home, self.folder / f"node-{number}", pair, [f"-Xms{heap}", f"-Xmx{heap}", *options], settings or {})
            for number, pair in enumerate(zip(ports[::2], ports[1::2], strict=True))
        ]
        for node in self.nodes:
            node.prepare(self.nodes)
        self._uid, self._gid = _give_away(self.folder)

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, whether they run or not."""
        return [node.url for node in self.nodes]

    def __enter__(self) -> Cluster:
        try:
            self.restart()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, number: int) -> None:
        """Start a node on its old ports and data; see `wait_until_green`."""
        self.nodes[number].start(self._uid, self._gid)

    def stop(self, number: int) -> None:
        """Let a node shut down, and wait until it has ended."""
        self.nodes[number].send(signal.SIGTERM)
        self.nodes[number].wait()

    def kill(self, number: int) -> None:
        """Kill a node (SIGKILL), and wait until it has ended."""
        self.nodes[number].send(signal.SIGKILL)
        self.nodes[number].wait()

    @contextmanager
    def fresh_name(self) -> Iterator[str]:
        """Give the block a name for an archive, and delete the indices whose names begin with it afterwards."""
        name = f"archive-{uuid.uuid4().hex[:12]}"
        try:
            yield name
        finally:
            indices = self.ask(f"/_cat/indices/{name}*?format=json&expand_wildcards=all")
            for start in range(0, len(indices), INDICES_AT_ONCE):
                names = [index["index"] for index in indices[start : start + INDICES_AT_ONCE]]
                self.ask("/" + ",".join(names), method="DELETE")

    def ask(self, path: str, method: str = "GET") -> Any:
        """Send a request without a body to the first node that runs, and return its answer from JSON."""
        return ask(next(node for node in self.nodes if node.is_running), path, method)

    @contextmanager
    def without(self, number: int) -> Iterator[None]:
        """Kill a node for the length of the block, then start it and wait until all is green."""
        self.kill(number)
        try:
            yield
        finally:
            self.start(number)
            self.wait_until_green()

    def restart(self) -> None:
        """Let the nodes that run shut down together, then start all nodes and wait until they are green."""
        self._end(signal.SIGTERM)
        for number in range(len(self.nodes)):
            self.start(number)
        self.wait_until_green()

    def close(self) -> None:
        """Kill all nodes and remove their folder."""
        self._end(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def _end(self, number: signal.Signals) -> None:
        """Send all nodes a signal, and wait until they have ended."""
        for node in self.nodes:
            node.send(number)
        for node in self.nodes:
            node.wait()

    def wait_until_green(self, seconds: float = START_SECONDS) -> None:
        """Wait until the nodes that run see each other and every shard is where it should be.

        Raises:
            ClusterError: that is not so after `seconds`, or a node that was started has ended.
        """
        running = [node for node in self.nodes if node.is_running]
        deadline = time.monotonic() + seconds
        for node in running:
            while not _is_green(node, len(running)):
                ended = [node for node in running if not node.is_running]
                if ended or time.monotonic() > deadline:
                    reason = f"{ended[0].name} has ended" if ended else f"not green after {seconds:g} s"
                    logs = "\n".join(node.tail() for node in ended or running)
                    msg = f"the cluster does not start: {reason}\n{logs}"
                    raise ClusterError(msg)
                time.sleep(0.1)


def _is_green(node: Node, count: int) -> bool:
    """Ask a node whether it is in a green cluster of that many nodes; it may take a second to answer."""
    query = f"wait_for_status=green&wait_for_nodes={count}&wait_for_no_initializing_shards=true&timeout=1s"
    try:
        return not ask(node, f"/_cluster/health?{query}")["timed_out"]
    except (OSError, ValueError):
        # Not there yet; or it is, and the time-out is reported as an error.
        return False


def ask(node: Node, path: str, method: str = "GET") -> Any:
    """Send a node a request without a body, and return its answer from JSON."""
    with DIRECT.open(urllib.request.Request(node.url + path, method=method), timeout=10) as response:
        return json.load(response)


def free_ports(count: int) -> list[int]:
    """Return ports on 127.0.0.1 that nobody listens on.

    They are below those that Linux gives to outgoing connections (32768 and up), so that a node that was killed finds
    its ports free when it is started again.
    """
    ports: list[int] = []
    for port in random.sample(range(15000, 32768), 2000):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    msg = "no free ports on 127.0.0.1"
    raise ClusterError(msg)


def _give_away(folder: Path) -> tuple[int, int]:
    """Return the user and group that nodes run as, and give them a folder: OpenSearch refuses to run as root."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid, nobody.pw_gid
