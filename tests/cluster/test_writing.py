"""Writing to an archive on a cluster: what is committed is there whole, once, and nothing else is ever seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cablesearch.cable import Cable
from cablesearch.cluster.client import Client
from cablesearch.cluster.place import ClusterPlace
from cablesearch.cluster.state import first_of
from cablesearch.cluster.writing.batches import ClusterBatch, Parcel, read_parcel
from cablesearch.cluster.writing.pen import ClusterPen
from cablesearch.cluster.writing.sending import Sender, Sent
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, LockedError, UnsupportedError
from tests.cluster.written import (
    MANY,
    SECRET,
    by_id,
    changed,
    client_of,
    contents,
    create,
    digest_of,
    documents,
    put,
    state_of,
)
from trials.cluster.nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]


@pytest.fixture
def place(cluster: Cluster, archive_name: str) -> ClusterPlace:
    """Return a new archive without cables."""
    return create(cluster, archive_name)


@pytest.fixture
def client(cluster: Cluster, archive_name: str) -> Client:
    """Return a client for it."""
    return client_of(cluster, archive_name)


@pytest.fixture
def pen(place: ClusterPlace, client: Client) -> Iterator[ClusterPen]:
    """Return the pen of the archive."""
    del place
    with ClusterPen.of(client) as opened:
        yield opened


def test_an_archive_is_created_once(cluster: Cluster, archive_name: str) -> None:
    place = ClusterPlace(str(client_of(cluster, archive_name).address))
    with pytest.raises(ArchiveNotFoundError, match=f"opensearch://127.0.0.1:.*/{archive_name}"):
        place.check()
    assert place.create(SECRET)
    assert not place.create(None)
    assert place.is_untouched
    assert place.default_clearance() == SECRET
    assert contents(place) == contents(place, SECRET) == {}


def test_cables_are_seen_with_the_commit_and_not_before(place: ClusterPlace, pen: ClusterPen) -> None:
    put(pen, *MANY[:10])
    assert contents(place) == {}
    assert pen.has("09STATE3")
    assert pen.cable("09STATE3") == MANY[3]
    assert not pen.has("09STATE30")
    pen.commit()
    assert contents(place) == by_id(MANY[:10])
    assert contents(place, SECRET) == by_id(MANY[:10], SECRET)
    assert not place.is_untouched
    assert pen.digests() == {digest_of(one): one.id for one in MANY[:10]}
    assert pen.count == 10


def test_replaced_and_removed_cables_are_gone(client: Client, place: ClusterPlace, pen: ClusterPen) -> None:
    put(pen, *MANY[:10])
    pen.commit()
    before = documents(client)
    new = changed(MANY[2], "Another text")
    put(pen, new)
    assert pen.delete("09STATE4")
    assert not pen.delete("09STATE4")
    assert not pen.delete("09STATE30")
    assert contents(place) == by_id(MANY[:10])
    assert pen.cable("09STATE2") == new
    pen.commit()
    expected = [new if one.id == new.id else one for one in MANY[:10] if one.id != "09STATE4"]
    assert contents(place) == by_id(expected)
    assert contents(place, SECRET) == by_id(expected, SECRET)
    assert documents(client) == before * 9 / 10


def test_a_cable_may_change_back_and_forth_before_a_commit(place: ClusterPlace, pen: ClusterPen) -> None:
    one, other = MANY[0], changed(MANY[0], "Another text")
    put(pen, one, other, one)
    pen.commit()
    assert contents(place) == by_id([one])
    # The committed cable is never sent again: it would be gone until the commit.
    put(pen, one)
    assert contents(place) == by_id([one])
    pen.commit()
    assert contents(place) == by_id([one])
    put(pen, other, one)
    pen.delete(one.id)
    put(pen, one)
    pen.commit()
    assert contents(place) == by_id([one])
    for number in range(3):
        put(pen, other)
        pen.commit()
        put(pen, one if number % 2 else changed(one, f"Text {number}"))
        pen.delete(one.id)
        put(pen, one)
    pen.commit()
    assert contents(place) == by_id([one])


def test_many_replaced_cables_are_committed_in_between(
    place: ClusterPlace, pen: ClusterPen, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(pen, *MANY)
    pen.commit()
    monkeypatch.setattr("cablesearch.cluster.writing.changes.MOST_DEAD", 10)
    new = [changed(one, "Another text") for one in MANY]
    put(pen, *new)
    assert by_id(MANY) != contents(place) != by_id(new)
    pen.commit()
    assert contents(place) == by_id(new)
    assert contents(place, SECRET) == by_id(new, SECRET)


def test_only_one_writes(client: Client, pen: ClusterPen) -> None:
    with pytest.raises(LockedError, match=r"process \d+ on \S+ is writing to this archive, since 20"):
        ClusterPen.of(client)
    put(pen, *MANY[:2])
    pen.commit()
    pen.check()


def test_what_was_not_committed_is_dropped(client: Client, place: ClusterPlace) -> None:
    with ClusterPen.of(client) as pen:
        put(pen, *MANY[:5])
        pen.commit()
        before = documents(client)
        put(pen, *MANY[5:])
        pen.delete("09STATE1")
    assert not state_of(client).is_clean
    assert contents(place) == by_id(MANY[:5])
    with ClusterPen.of(client) as pen:
        assert documents(client) == before
        put(pen, *MANY[3:7])
        pen.commit()
    assert contents(place) == by_id(MANY[:7])
    assert len(state_of(client).generation.committed) == 2
    with ClusterPen.of(client) as pen:
        put(pen, MANY[7])
        pen.commit()
    # Nothing was left between, so there is no gap.
    assert len(state_of(client).generation.committed) == 2
    assert contents(place) == by_id(MANY[:8])


def test_an_interrupted_change_is_not_committed(place: ClusterPlace, pen: ClusterPen) -> None:
    put(pen, *MANY[:2])
    pen.commit()
    with pytest.MonkeyPatch.context() as patch:

        def interrupt(sender: Sender, document: Sent) -> None:
            del sender, document
            raise KeyboardInterrupt

        patch.setattr(Sender, "send", interrupt)
        with pytest.raises(KeyboardInterrupt):
            put(pen, MANY[2])
    with pytest.raises(CablesearchError, match="interrupted"):
        pen.commit()
    assert contents(place) == by_id(MANY[:2])


def test_late_documents_of_a_writer_that_lost_its_lease_are_never_seen(
    client: Client, place: ClusterPlace, tmp_path: Path
) -> None:
    with ClusterPen.of(client) as pen:
        put(pen, *MANY[:3])
        epoch = state_of(client).epoch
    # The first writer sent cables 0 to 2 and committed nothing. The second one sends cable 0 too.
    with ClusterPen.of(client) as pen:
        put(pen, MANY[0])
        pen.commit()
        generation = state_of(client).generation
        names = {view: generation.name_of(client.address.archive, index) for index, view in generation.indices}
        for one in MANY[:3]:
            sender = Sender(client, lambda: None)
            for stored in parcel_of(one, tmp_path).views:
                for name, content in stored.documents.items():
                    sender.send(Sent(names[stored.view], name, first_of(epoch), content))
            if one.id == "09STATE0":
                with pytest.raises(LockedError):
                    sender.flush()
            else:
                sender.flush()
            sender.close()
        client.ask("POST", f"/{client.address.archive}.*/_refresh")
        assert documents(client) > 4
        assert contents(place) == by_id(MANY[:1])
        put(pen, MANY[1])
        pen.commit()
    assert generation.committed[0][0] > first_of(epoch)
    assert contents(place) == by_id(MANY[:2])


def parcel_of(one: Cable, folder: Path) -> Parcel:
    """Return a cable as it is sent."""
    builder = ClusterBatch(folder / one.id, 1).builder()
    builder.add(one, digest_of(one))
    (place,) = builder.write()
    with (folder / one.id).open("rb") as file:
        return read_parcel(file, place)


def test_superseded_sources_are_remembered(client: Client, place: ClusterPlace) -> None:
    del place
    with ClusterPen.of(client) as pen:
        pen.superseded.add(b"1" * 16, pen.superseded.digest_of("09STATE1"))
        pen.superseded.add(b"2" * 16, pen.superseded.digest_of("09STATE2"))
        pen.superseded.discard(b"2" * 16)
        pen.superseded.add(b"3" * 16, pen.superseded.digest_of("09STATE3"))
        pen.commit()
        pen.superseded.discard(b"3" * 16)
        pen.commit()
    with ClusterPen.of(client) as pen:
        assert b"1" * 16 in pen.superseded
        assert pen.superseded.key_of(b"1" * 16) == pen.superseded.digest_of("09STATE1")
        assert b"2" * 16 not in pen.superseded
        assert b"3" * 16 not in pen.superseded


def test_deleted_documents_do_not_count_after_a_run(client: Client, place: ClusterPlace, pen: ClusterPen) -> None:
    put(pen, *MANY[:20])
    pen.settle()
    assert not state_of(client).generation.is_worn
    for one in MANY[:10]:
        pen.delete(one.id)
    pen.settle()
    generation = state_of(client).generation
    assert not generation.is_worn
    stats = client.ask("GET", f"/{client.address.archive}.{generation.number}.*/_stats/docs")["_all"]
    assert stats["total"]["docs"]["deleted"] == 0
    assert contents(place) == by_id(MANY[10:20])


def test_what_a_cluster_does_itself_is_refused(place: ClusterPlace, pen: ClusterPen, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError):
        pen.compact()
    with pytest.raises(UnsupportedError):
        place.repair(tmp_path, 1, None, None)
