"""Archives of generated cables on the cluster of the tests, written with the pen itself."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

from cablesearch.cable import Cable, Clearance
from cablesearch.cluster.addresses import Address
from cablesearch.cluster.client import Client
from cablesearch.cluster.place import ClusterPlace
from cablesearch.cluster.settings import Settings
from cablesearch.cluster.state import Register, State
from cablesearch.cluster.writing.pen import ClusterPen
from cablesearch.readers.json_cables import dumps
from tests.support.cables import cable
from trials.cluster.nodes import Cluster
from trials.cluster.proxy import HOST

MANY = [
    cable(
        f"09STATE{number}",
        f"Paragraph of cable {number} about the protocol of Palermo.",
        ("(S/NF)", f"Number {number} was seen in China."),
        classification="SECRET",
        subject=f"Cable {number}",
    )
    for number in range(40)
]
"""Cables with two views: those with full clearance or for NOFORN see two paragraphs, those with SECRET see one."""

SECRET = Clearance.parse("SECRET")


def address_of(cluster: Cluster, name: str, port: int | None = None) -> Address:
    """Return the address of an archive; None: at the first node."""
    return Address(HOST, cluster.nodes[0].http_port if port is None else port, name)


def client_of(cluster: Cluster, name: str, port: int | None = None, **settings: Any) -> Client:
    """Return a client that knows the other nodes too, unless there is a port of its own."""
    hosts = () if port is not None else tuple(f"{HOST}:{node.http_port}" for node in cluster.nodes[1:])
    return Client(address_of(cluster, name, port), Settings(hosts=hosts, **settings))


def create(cluster: Cluster, name: str) -> ClusterPlace:
    """Create an archive."""
    place = ClusterPlace(str(address_of(cluster, name)))
    assert place.create(None)
    return place


def digest_of(one: Cable) -> bytes:
    """Return a digest as if a cable was its own source."""
    return blake2b(dumps(one).encode(), digest_size=16).digest()


def put(pen: ClusterPen, *cables: Cable) -> None:
    """Add cables."""
    batch = pen.batch()
    builder = batch.builder()
    for one in cables:
        builder.add(one, digest_of(one))
    places = builder.write()
    number = pen.attach(batch)
    for place in places:
        pen.adopt(number, place)


def changed(one: Cable, text: str) -> Cable:
    """Return a cable whose first paragraph has another text."""
    first, *others = one.paragraphs
    return replace(one, paragraphs=(replace(first, text=text), *others))


def contents(place: ClusterPlace, clearance: Clearance | None = None) -> dict[str, Cable]:
    """Return what a reader sees who opens the archive now: its cables by id, each of which comes once."""
    reader = place.reader(clearance)
    found = list(reader.cables())
    assert len(found) == reader.cable_count
    assert sum(len(one.paragraphs) for one in found) == reader.paragraph_count
    return {one.id: one for one in found}


def by_id(cables: list[Cable], clearance: Clearance | None = None) -> dict[str, Cable]:
    """Return what a reader should see of cables, by id."""
    views = {one.id: one if clearance is None else one.view(clearance) for one in cables}
    return {name: view for name, view in views.items() if view is not None}


def state_of(client: Client) -> State:
    """Return the state of an archive."""
    return Register(client).read().state


def documents(client: Client) -> int:
    """Return the number of documents of the current generation that searches find, visible or not."""
    generation = state_of(client).generation
    path = f"/{client.address.archive}.{generation.number}.*/_count"
    return int(client.ask("GET", path)["count"])
