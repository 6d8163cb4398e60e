"""A home of OpenSearch for the tests: the server and its modules, assembled from Maven Central once and then kept."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

RELEASES = {"3.9.0": range(21, 1000), "2.19.6": range(17, 24)}
"""The releases of OpenSearch to test with, and the releases of Java that run each.

2.x runs under a security manager, which Java has no more since release 24.
"""

MODULES = {
    "analysis-common": ("analysis-common", "org.opensearch.analysis.common.CommonAnalysis{}Plugin"),
    "transport-netty4": ("transport-netty4-client", "org.opensearch.transport.Netty4{}Plugin"),
    "reindex": ("reindex-client", "org.opensearch.index.reindex.Reindex{}Plugin"),
}
"""The artifact and the class of each module: the whitespace tokenizer, HTTP, and delete by query.

The classes were renamed in 3.0; ``{}`` is where.
"""

NETTY_PERMISSIONS = """grant {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect";
  permission java.lang.RuntimePermission "*", "setContextClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.util.PropertyPermission "sun.nio.ch.bugLevel", "write";
};
"""
"""What 2.x has to permit to its module for HTTP, since the jar on Maven Central lacks the file that does so."""

PROJECT = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>cablesearch.tests</groupId><artifactId>{name}</artifactId><version>1</version><packaging>pom</packaging>
{content}
</project>
"""

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
DOWNLOAD_SECONDS = 900
JVMS = Path("/usr/lib/jvm")


class UnavailableError(Exception):
    """No home can be had on this machine; the message says why."""


@dataclass(frozen=True)
class Java:
    """An installed Java: its program, and its release (17, 21, ...)."""

    program: Path
    release: int


@dataclass(frozen=True)
class Home:
    """An assembled home: its folder, its version, and the Java that runs it."""

    folder: Path
    version: str
    java: Java

    @property
    def class_archive(self) -> Path:
        """Where the classes that this Java loads at the start of a node are kept (see `class_archive.py`)."""
        return self.folder / f"classes-{self.java.release}.jsa"


def find_home() -> Home:
    """Return the home for this machine's Java, or for `CABLESEARCH_TEST_OPENSEARCH`; assemble it if it is missing.

    Raises:
        UnavailableError: there is no suitable Java, no Maven, or Maven Central cannot be reached.
    """
    version, java = choose(os.environ.get("CABLESEARCH_TEST_OPENSEARCH", ""))
    cache = cache_folder()
    folder = cache / f"opensearch-{version}"
    cache.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if not folder.exists():
            # A run that was killed may have left a part.
            partial = cache / f"{folder.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            try:
                _assemble(partial, version)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return Home(folder, version, java)


def cache_folder() -> Path:
    """Return the folder that keeps homes, which may be given by `CABLESEARCH_TEST_CACHE`.

    If root runs the tests, nodes run as someone else, who must be able to read it; root's own folder is not for that.
    """
    given = os.environ.get("CABLESEARCH_TEST_CACHE")
    if given:
        return Path(given).absolute()
    choice = platformdirs.site_cache_path if os.geteuid() == 0 else platformdirs.user_cache_path
    return choice("cablesearch-tests")


def choose(wanted: str) -> tuple[str, Java]:
    """Return a version and a Java for it: the first Java that runs `wanted`, or any of `RELEASES` if that is empty."""
    installed = list(_installed_javas())
    suitable = {wanted: _javas_for(wanted)} if wanted else RELEASES
    for java in installed:
        for version, javas in suitable.items():
            if java.release in javas:
                return version, java
    needed = " or ".join(f"{javas.start} or newer for OpenSearch {version}" for version, javas in suitable.items())
    present = ", ".join(f"{java.program} is {java.release}" for java in installed) or "none is installed"
    msg = f"no suitable Java: it must be {needed}; {present}"
    raise UnavailableError(msg)


def _javas_for(version: str) -> range:
    """Return the releases of Java that run a version which need not be in `RELEASES`."""
    return next(javas for known, javas in RELEASES.items() if (known[0] == "2") == version.startswith("2."))


def _installed_javas() -> Iterator[Java]:
    """Yield the Java of `JAVA_HOME`, that of the PATH, then the others, newest first."""
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path).resolve().parents[1])
    javas = [java for java in map(_java_in, places) if java]
    others = [java for java in map(_java_in, JVMS.glob("*")) if java and not java.program.parents[1].is_symlink()]
    yield from javas
    yield from sorted(others, key=lambda java: -java.release)


def _java_in(folder: Path) -> Java | None:
    """Return the Java in a folder, if there is one."""
    program, release = folder / "bin" / "java", folder / "release"
    if not program.is_file() or not release.is_file():
        return None
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return Java(program, int(match[1])) if match else None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for what is to be made at `path`, for which other processes wait."""
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _assemble(folder: Path, version: str) -> None:
    """Download the server and its modules into a new folder, and lay them out as OpenSearch expects."""
    work = folder / "download"
    _write_projects(work, version)
    _maven("-f", str(work / "pom.xml"), f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime")
    library = folder / "lib"
    (work / "server" / "target" / "dependency").rename(library)
    log4j = next(library.glob("log4j-api-*.jar")).stem.removeprefix("log4j-api-")
    core = f"org.apache.logging.log4j:log4j-core:{log4j}"
    _maven("-f", str(work / "pom.xml"), "-N", f"{PLUGIN}:copy", f"-Dartifact={core}", f"-DoutputDirectory={library}")
    for name in MODULES:
        _lay_out_module(folder / "modules" / name, work / name / "target" / "dependency", library, version)
    # The server makes these when they are missing, but its user may not write here.
    for part in ("bin", "plugins"):
        (folder / part).mkdir()
    shutil.rmtree(work)


def _write_projects(work: Path, version: str) -> None:
    """Write a Maven project for the server and for each module, whose dependencies are what to download."""
    server = ["org.opensearch:opensearch", "org.opensearch:opensearch-plugin-classloader"]
    if not version.startswith("2."):
        server.append("org.opensearch:opensearch-agent-bootstrap")
    needed = {"server": server} | {name: [f"org.opensearch.plugin:{MODULES[name][0]}"] for name in MODULES}
    for name, artifacts in needed.items():
        dependencies = "".join(
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency>"
            for group, artifact in (artifact.split(":") for artifact in artifacts)
        )
        _write_project(work / name, name, f"<dependencies>{dependencies}</dependencies>")
    modules = "".join(f"<module>{name}</module>" for name in needed)
    _write_project(work, "home", f"<modules>{modules}</modules>")


def _write_project(folder: Path, name: str, content: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(PROJECT.format(name=name, content=content), encoding="utf-8")


def _lay_out_module(folder: Path, jars: Path, library: Path, version: str) -> None:
    """Make a module of its jars, except for those of the server: OpenSearch refuses to find a class twice."""
    folder.mkdir(parents=True)
    for jar in jars.glob("*.jar"):
        if not (library / jar.name).exists():
            jar.rename(folder / jar.name)
    is_2 = version.startswith("2.")
    properties = {
        "name": folder.name,
        "description": folder.name,
        "version": version,
        "opensearch.version": version,
        "java.version": str(_javas_for(version).start),
        "classname": MODULES[folder.name][1].format("" if is_2 else "Module"),
    }
    text = "".join(f"{key}={value}\n" for key, value in properties.items())
    (folder / "plugin-descriptor.properties").write_text(text, encoding="utf-8")
    if is_2 and folder.name == "transport-netty4":
        (folder / "plugin-security.policy").write_text(NETTY_PERMISSIONS, encoding="utf-8")


def _maven(*arguments: str) -> None:
    """Run Maven, or raise `UnavailableError` with its first error."""
    program = shutil.which("mvn")
    if not program:
        msg = "no Maven: the program mvn is not on the PATH"
        raise UnavailableError(msg)
    command = [program, "--quiet", "--batch-mode", "-Dstyle.color=never", *arguments]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        msg = f"Maven did not finish within {DOWNLOAD_SECONDS} s"
        raise UnavailableError(msg) from None
    if result.returncode:
        error = re.search(r"(?<=\[ERROR\] ).+", result.stdout + result.stderr)
        msg = "Maven failed, perhaps because it cannot reach Maven Central"
        raise UnavailableError(f"{msg}: {error[0]}" if error else msg)
