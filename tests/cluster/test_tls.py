"""Credentials and TLS: a cluster behind HTTPS gets the right header, and a client that does not trust it says so."""

from __future__ import annotations

import base64
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import cablesearch
from cablesearch.cluster.settings import PREFIX
from cablesearch.errors import UnreachableError
from tests.support.cables import RIVERS
from tests.support.files import write_cables
from tests.support.running import run
from trials.cluster.nodes import Cluster
from trials.cluster.recording import HOST, Recorder

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

SECRET = "hunter2"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that issues certificates."""
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the files of a client: the certificate of the authority, and one of its own with the key."""
    folder = tmp_path_factory.mktemp("tls")
    own = authority.issue_cert("reader@example.org")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    own.private_key_pem.write_to_path(folder / "key.pem")
    own.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    names = {"CA_FILE": "ca.pem", "CLIENT_CERTIFICATE": "cert.pem", "CLIENT_KEY": "key.pem"}
    return {name: str(folder / file) for name, file in names.items()}


def served(authority: trustme.CA) -> ssl.SSLContext:
    """Return how a server proves that it is the one at the address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    return context


@pytest.fixture
def recorder(cluster: Cluster, authority: trustme.CA) -> Iterator[Recorder]:
    """Return a server with TLS in front of the first node."""
    with Recorder(cluster.nodes[0].http_port, served(authority)) as opened:
        yield opened


def configure(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """Set settings of a cluster in the environment."""
    for name, value in settings.items():
        monkeypatch.setenv(PREFIX + name, value)


def stats(address: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command on an archive, with settings of the cluster in its environment and no others."""
    environment: dict[str, Any] = {PREFIX + name: value for name, value in settings.items()}
    return run("stats", "--index", address, "-v", **environment)


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"USER": "reader", "PASSWORD": SECRET}, "Basic " + base64.b64encode(b"reader:" + SECRET.encode()).decode()),
        ({"API_KEY": SECRET}, f"ApiKey {SECRET}"),
        ({"TOKEN": SECRET}, f"Bearer {SECRET}"),
    ],
    ids=["user", "key", "token"],
)
def test_an_archive_behind_https_is_used_with_credentials(
    recorder: Recorder,
    archive_name: str,
    files: dict[str, str],
    credentials: dict[str, str],
    header: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    configure(monkeypatch, CA_FILE=files["CA_FILE"], **credentials)
    address = f"opensearch://{HOST}:{recorder.port}/{archive_name}"
    with recorder.watching() as exchanges, cablesearch.create(address) as archive:
        archive.index([write_cables(tmp_path / "cables.jsonl", RIVERS[:5])])
        assert archive.search("river").total == 10
    assert {exchange.authorization for exchange in exchanges} == {header}
    said = stats(address, CA_FILE=files["CA_FILE"], **credentials)
    assert said.returncode == 0
    assert SECRET not in said.stdout + said.stderr


def test_a_certificate_of_an_unknown_authority_is_refused_unless_that_is_asked_for(
    recorder: Recorder, archive_name: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"opensearch://{HOST}:{recorder.port}/{archive_name}"
    configure(monkeypatch, TLS="yes", RETRIES="0")
    with pytest.raises(UnreachableError, match="certificate"):
        cablesearch.create(address)
    configure(monkeypatch, VERIFY="no")
    cablesearch.create(address).close()
    # A file that is not there, and one that is not a certificate.
    for name in ("/nowhere/ca.pem", __file__):
        said = stats(address, CA_FILE=name)
        assert said.returncode == 2
        assert f"Error: {address}: " in said.stderr
    # Without TLS, where TLS is spoken.
    said = stats(address, TLS="no", PASSWORD=SECRET, USER="reader", RETRIES="0")
    assert said.returncode == 2
    assert f"Error: {address}: " in said.stderr
    assert SECRET not in said.stderr


def test_a_client_shows_its_certificate(
    cluster: Cluster, authority: trustme.CA, archive_name: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = served(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    configure(monkeypatch, CA_FILE=files["CA_FILE"], RETRIES="0")
    with Recorder(cluster.nodes[0].http_port, context) as recorder:
        address = f"opensearch://{HOST}:{recorder.port}/{archive_name}"
        with pytest.raises(UnreachableError):
            cablesearch.create(address)
        configure(monkeypatch, **files)
        cablesearch.create(address).close()
        assert cablesearch.open(address).search("river").total == 0
