"""How a cluster is reached: secrets and limits, from the environment or a file and never from an address.

Each setting is a variable of the environment (``CABLESEARCH_OPENSEARCH_USER``) or a line of a file in the format of
configparser (``user = reader``), which `CABLESEARCH_OPENSEARCH_CONFIG` names. In the file, the section ``[opensearch]``
is for all clusters, and one such as ``[host:9200]`` for addresses with this host and port alone. The environment comes
first, then the section of the host.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from cablesearch.cluster.addresses import Address
from cablesearch.errors import CablesearchError

__all__ = ["PREFIX", "Settings", "node_of", "read_settings"]

PREFIX = "CABLESEARCH_OPENSEARCH_"
_FILE = PREFIX + "CONFIG"
_COMMON = "opensearch"
_SECRETS = ("password", "api_key", "token")
"""The settings that a file of their own may have, such as one named by ``password_file``."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a cluster.

    Attributes:
        user, password: for HTTP's basic authentication.
        api_key, token: instead of them, what follows ``ApiKey`` or ``Bearer`` in the header for authorization.
        tls: whether to use HTTPS; None: with any of these, or of the files for it.
        ca_file: the certificates of the authorities to trust, in PEM; None: those of the system or of certifi.
        client_certificate, client_key: files in PEM by which the client shows who it is.
        verify: whether to check the certificate of the cluster.
        hosts: further nodes, as ``host:port``, for when the one of the address does not answer.
        timeout: the most seconds for an answer.
        retries: how often to ask again after a lost connection, or if the cluster is busy.
        patience: the seconds for which a writer tries again.
        compress: whether to send compressed text.
        senders: the most requests that a writer sends at once.
        lease: the seconds after which another may write when a writer has gone without a word.
        keep_alive: the seconds for which a reader that asks nothing keeps its commit.
        shards: the shards of each new index.
        replicas: the copies of each shard beside the first; None: one, if there are nodes enough.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    tls: bool | None = None
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    verify: bool = True
    hosts: tuple[str, ...] = ()
    timeout: float = 60.0
    retries: int = 4
    patience: float = 120.0
    compress: bool = True
    senders: int = 4
    lease: float = 60.0
    keep_alive: float = 900.0
    shards: int = 1
    replicas: int | None = None

    @property
    def uses_tls(self) -> bool:
        """Whether to use HTTPS: credentials go over the network in clear only where that is asked for."""
        if self.tls is not None:
            return self.tls
        given = (self.user, self.password, self.api_key, self.token, self.ca_file, self.client_certificate)
        return any(value is not None for value in given)

    @property
    def authorization(self) -> str | None:
        """The header for authorization, but for users with a password."""
        if self.api_key is not None:
            return f"ApiKey {self.api_key}"
        return None if self.token is None else f"Bearer {self.token}"


def node_of(address: Address) -> str:
    """Return the host and the port of an address: ``host:9200``."""
    return f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"


def read_settings(address: Address, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings for an address.

    Args:
        address: the address, to whose host secrets may go.
        environment: the variables of the environment; None: those of the process.

    Raises:
        CablesearchError: a setting is invalid, or a file with secrets cannot be read, or can be read by everyone.
    """
    environment = os.environ if environment is None else environment
    values = {}
    for name, given in (_of_file(address, environment) | _of_environment(environment)).items():
        if name not in _READERS:
            raise CablesearchError(f"{given.where}: unknown setting; docs/cluster.md lists all")
        values[name] = _value(name, given)
    _check(values)
    return Settings(**values)


class _Given(NamedTuple):
    """The text of a setting, or the file that has it, and where it was found."""

    where: str
    text: str
    is_file: bool


def _given(entries: Iterable[tuple[str, str, str]]) -> dict[str, _Given]:
    """Return settings by name, given the name, where it was found and the text of each; empty ones do not count."""
    found = {}
    for name, where, text in entries:
        secret = name.removesuffix("_file")
        is_file = secret != name and secret in _SECRETS
        if text:
            found[secret if is_file else name] = _Given(where, text, is_file)
    return found


def _of_environment(environment: Mapping[str, str]) -> dict[str, _Given]:
    names = (name for name in environment if name.startswith(PREFIX) and name != _FILE)
    return _given((name.removeprefix(PREFIX).lower(), name, environment[name]) for name in names)


def _of_file(address: Address, environment: Mapping[str, str]) -> dict[str, _Given]:
    """Return the settings in the file for an address."""
    named = environment.get(_FILE)
    path = Path(named) if named else _usual_file()
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            parser.read_file(file)
    except FileNotFoundError:
        if named:
            raise CablesearchError(f"{path}: the file of settings is missing") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CablesearchError(f"{path}: the file of settings cannot be read ({error})") from None
    except configparser.Error as error:
        # The message of the library would repeat a line, which may have a secret.
        line = getattr(error, "lineno", None)
        raise CablesearchError(f"{path}: invalid" + (f" in line {line}" if line else "")) from None
    if os.name == "posix" and mode & stat.S_IRWXO and any(parser.has_option(s, o) for s in parser for o in _SECRETS):
        raise CablesearchError(f"{path}: everyone can read it, and it has secrets; run: chmod 600 {path}")
    sections = [section for section in (_COMMON, node_of(address)) if parser.has_section(section)]
    found: dict[str, _Given] = {}
    for section in sections:
        found |= _given((name, f"{path}: {name}", value) for name, value in parser.items(section))
    return found


def _usual_file() -> Path:
    return platformdirs.user_config_path("cablesearch") / "opensearch.ini"


def _secret(where: str, path: str) -> str:
    """Return the first line of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CablesearchError(f"{where}: {path} cannot be read ({type(error).__name__})") from None


def _yes_or_no(text: str) -> bool:
    states = configparser.ConfigParser.BOOLEAN_STATES
    if text.lower() not in states:
        raise ValueError("it must be yes or no")
    return states[text.lower()]


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"it must be a whole number from {least} on")
        return int(text)

    return read


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise ValueError("it must be a number of seconds")
    return seconds


def _nodes(text: str) -> tuple[str, ...]:
    nodes = tuple(text.replace(",", " ").split())
    for node in nodes:
        if not node.rpartition(":")[2].isdecimal() or not node.rpartition(":")[0]:
            raise ValueError("it must be a list such as node2:9200, node3:9200")
    return nodes


_READERS: dict[str, Callable[[str], Any]] = {setting.name: str for setting in fields(Settings)} | {
    "tls": _yes_or_no,
    "verify": _yes_or_no,
    "compress": _yes_or_no,
    "hosts": _nodes,
    "timeout": _seconds,
    "patience": _seconds,
    "lease": _seconds,
    "keep_alive": _seconds,
    "retries": _whole(0),
    "replicas": _whole(0),
    "senders": _whole(1),
    "shards": _whole(1),
}


def _value(name: str, given: _Given) -> Any:
    try:
        return _READERS[name](_secret(given.where, given.text) if given.is_file else given.text.strip())
    except ValueError as error:
        raise CablesearchError(f"{given.where}: {error}") from None


def _check(values: Mapping[str, Any]) -> None:
    """Check that settings go together.

    Raises:
        CablesearchError: they do not.
    """
    if ("user" in values) != ("password" in values):
        raise CablesearchError("a user of the cluster needs a password, and a password a user (docs/cluster.md)")
    if sum(name in values for name in ("user", "api_key", "token")) > 1:
        raise CablesearchError("give a user, an API key or a token for the cluster, and only one of them")
    if "client_key" in values and "client_certificate" not in values:
        raise CablesearchError("the key of the client needs its certificate (docs/cluster.md)")
