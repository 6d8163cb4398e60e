"""Readers who have a token: making, listing and revoking them, and what a server lets them see."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cablesearch.archive import Archive, create
from cablesearch.errors import CablesearchError, UnreadableFileError
from cablesearch.web.api.inprocess import exchange
from cablesearch.web.app import create_app
from cablesearch.web.readers import COOKIE
from cablesearch.web.settings import Settings
from cablesearch.web.tokens import DATABASE, Tokens
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.running import run, run_apart
from tests.support.serving import Server, get, running

CABLES = [
    cable("09ROME1", ("U", "The whale swims."), ("S", "The whale is ours."), classification="SECRET"),
    cable("09ROME2", ("S//NF", "No whale."), classification="SECRET//NOFORN"),
]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    write(tmp_path, CABLES)
    return tmp_path / "archive"


def add(index: Path, name: str, clearance: str, *options: str) -> str:
    """Make a token by the command."""
    result = run("token", "add", name, "--clearance", clearance, *options, "--index", index)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def total(server: Server | str, token: str | None = None, path: str = "/api/v1/search?q=whale") -> int | None:
    """Return how many hits a reader gets; None if the reader is not let in."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = server if isinstance(server, str) else server.address
    response = get(address + path, headers=headers)
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")
        return None
    assert response.status_code == 200, response.text
    count = response.json()["total"]
    assert isinstance(count, int)
    return count


def test_a_token_is_printed_once_and_kept_as_a_hash(index: Path) -> None:
    result = run("token", "add", "ada", "--clearance", "secret//noforn", "--index", index)
    assert (result.returncode, result.stdout.count("\n")) == (0, 1)
    made = result.stdout.strip()
    assert "ada sees what is SECRET//NOFORN, until it is revoked" in result.stderr
    assert made not in result.stderr
    secret = made.split("_", 2)[2]
    files = b"".join(path.read_bytes() for path in index.iterdir())
    assert secret.encode() not in files
    assert stat.S_IMODE((index / DATABASE).stat().st_mode) == 0o600
    listed = run("token", "list", "--index", index)
    assert listed.stdout == "ada  SECRET//NOFORN, does not expire\n"
    assert listed.stderr == "1 token\n"


def test_what_a_token_grants_is_said(index: Path) -> None:
    result = run("token", "add", "eve", "--clearance", "full", "--write", "--index", index)
    assert "eve sees everything, until it is revoked." in result.stderr
    assert "no server changes anything yet" in result.stderr
    assert run("token", "list", "--index", index).stdout == "eve  FULL, does not expire, may write\n"


def test_tokens_are_listed_as_json_too(index: Path) -> None:
    assert json.loads(run("token", "list", "-f", "json", "--index", index).stdout) == {"version": 1, "tokens": []}
    add(index, "bob", "SBU", "--expires", "2999-01-31", "--write")
    (entry,) = json.loads(run("token", "list", "-f", "json", "--index", index).stdout)["tokens"]
    assert dt.datetime.fromisoformat(entry.pop("created")) <= dt.datetime.now(dt.timezone.utc)
    assert entry == {
        "name": "bob",
        "clearance": "SENSITIVE BUT UNCLASSIFIED",
        "can_write": True,
        "expires": "2999-02-01T00:00:00+00:00",
        "expired": False,
    }


@pytest.mark.parametrize(("text", "hours"), [("90d", 90 * 24), ("12h", 12), ("1D", 24)])
def test_a_token_expires_after_a_time(index: Path, text: str, hours: int) -> None:
    before = dt.datetime.now(dt.timezone.utc)
    add(index, "ada", "SBU", "--expires", text)
    (token,) = Tokens(index).all()
    assert token.expires
    assert abs(token.expires - before - dt.timedelta(hours=hours)) < dt.timedelta(minutes=1)
    assert not token.has_expired(token.expires - dt.timedelta(seconds=1))
    assert token.has_expired(token.expires)


@pytest.mark.parametrize("text", ["soon", "0d", "2001-01-01", "2027-02-30", "999999d", "", "-1d"])
def test_a_time_that_makes_no_sense_is_an_error(index: Path, text: str) -> None:
    result = run("token", "add", "ada", "--clearance", "SBU", "--expires", text, "--index", index)
    assert (result.returncode, result.stdout) == (2, "")
    assert Tokens(index).all() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "ada"], "Missing option '--clearance'"),
        (["add", "ada", "--clearance", "MOST"], "'MOST' is not a clearance"),
        (["add", " ", "--clearance", "SBU"], "a name has 1 to 100 characters"),
        (["add", "x" * 101, "--clearance", "SBU"], "a name has 1 to 100 characters"),
        (["revoke", "ada"], "ada: there is no token with this name"),
        (["give", "ada"], "No such command 'give'"),
    ],
)
def test_what_is_wrong_is_said(index: Path, arguments: list[str], said: str) -> None:
    result = run("token", *arguments, "--index", index)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert not (index / DATABASE).exists()


def test_a_name_is_taken_until_its_token_is_revoked(index: Path) -> None:
    first = add(index, "ada", "SBU")
    again = run("token", "add", "ada", "--clearance", "SECRET", "--index", index)
    assert (again.returncode, again.stdout) == (2, "")
    assert "ada: there is a token with this name; revoke it first" in again.stderr
    assert "Revoked the token of ada." in run("token", "revoke", "ada", "--index", index).stderr
    assert Tokens(index).find(first) is None
    add(index, "ada", "SECRET")


def test_a_name_commands_no_terminal(index: Path) -> None:
    add(index, "a\x1b[31mda\nroot", "SBU")
    for result in (run("token", "list", "--index", index), run("token", "list", "-f", "json", "--index", index)):
        assert "\x1b" not in result.stdout
        assert result.stdout.count("\n") == 1


def test_an_unknown_control_is_granted_with_a_warning(index: Path) -> None:
    result = run("token", "add", "ada", "--clearance", "SECRET//NOFRN", "--index", index)
    assert "unknown control NOFRN in --clearance; did you mean NOFORN?" in result.stderr
    assert Tokens(index).all()[0].clearance == "SECRET//NOFRN"


@pytest.mark.parametrize("verb", [["add", "ada", "--clearance", "SBU"], ["list"], ["revoke", "ada"]])
def test_tokens_are_for_those_who_may_see_everything(tmp_path: Path, verb: list[str]) -> None:
    with create(tmp_path / "archive", default_clearance="SBU") as archive:
        archive.index([write_cables(tmp_path / "cables.jsonl", CABLES)], jobs=1)
    index = tmp_path / "archive"
    if verb[0] != "add":
        Tokens(index).add("ada", "SBU")
    refused = run("token", *verb, "--index", index)
    assert refused.returncode == 2
    assert "token needs full clearance (FULL), not SENSITIVE BUT UNCLASSIFIED" in refused.stderr
    assert run("token", *verb, "--index", index, CABLESEARCH_CLEARANCE="SECRET").returncode == 2
    # The --clearance of `add` is that of the token, so one's own stands before.
    assert run("--clearance", "SECRET", "token", *verb, "--index", index).returncode == 2
    assert run("--clearance", "FULL", "token", *verb, "--index", index).returncode == 0
    if verb[0] == "list":
        assert run("token", "--clearance", "FULL", "--index", index, "list").returncode == 0
        assert run("token", "list", "--clearance", "FULL", "--index", index).returncode == 0


def test_there_is_no_token_without_an_archive(tmp_path: Path) -> None:
    for verb in (["add", "ada", "--clearance", "SBU"], ["list"], ["revoke", "ada"]):
        result = run("token", *verb, "--index", tmp_path / "none")
        assert result.returncode == 2
        assert f"{tmp_path}/none: there is no archive here" in result.stderr
    with pytest.raises(CablesearchError):
        Tokens(tmp_path / "none").add("ada", "SBU")
    assert not (tmp_path / "none").exists()


def test_the_verbs_and_the_names_are_completed(index: Path) -> None:
    add(index, "ada", "SBU")

    def completed(*words: str) -> list[str]:
        line = "\n".join(["cablesearch", *words])
        number = str(len(words))
        return run_apart(_CABLESEARCH_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=number).stdout.split()

    assert completed("token", "") == ["plain,add", "plain,list", "plain,revoke"]
    assert completed("token", "revoke", "--index", str(index), "a") == ["plain,ada"]
    assert completed("token", "add", "--clearance", "UNCL") == ["plain,UNCLASSIFIED"]


def test_only_the_whole_token_is_right(index: Path) -> None:
    token = add(index, "ada", "SECRET")
    tokens = Tokens(index)
    assert tokens.find(token)
    head, _, secret = token.rpartition("_")
    wrong = [token[:-1], token + "A", f"{head}_", head, secret, "", "_", token.upper(), "é" * 40, "\x00", "x" * 10_000]
    assert [tokens.find(text) for text in wrong] == [None] * len(wrong)


def test_a_server_lets_readers_see_what_their_tokens_grant(index: Path) -> None:
    secret = add(index, "ada", "SECRET")
    full = add(index, "eve", "FULL")
    with running(index) as server:
        assert [total(server), total(server, secret), total(server, full)] == [1, 2, 3]
        # What one reader was answered is not for another; nor is it "not modified" for another.
        for _ in range(2):
            assert [total(server, full), total(server, secret), total(server)] == [3, 2, 1]
        tag = get(f"{server.address}/api/v1/search?q=whale", headers={"Authorization": f"Bearer {full}"})
        known = {"If-None-Match": tag.headers["etag"]}
        assert get(f"{server.address}/api/v1/search?q=whale", headers=known).status_code == 200
        assert total(server, secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
        # The cookie of the log-in page does the same; one that is of no use any more counts as none.
        for value, expected in ((secret, 2), ("cablesearch_00_x", 1)):
            response = get(f"{server.address}/api/v1/search?q=whale", headers={"Cookie": f"{COOKIE}={value}"})
            assert response.json()["total"] == expected
        headers = {"Authorization": "Basic YWRhOmFkYQ=="}
        assert get(f"{server.address}/api/v1/search?q=whale", headers=headers).status_code == 401


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_token_counts_from_when_it_is_made_until_it_is_revoked(index: Path, workers: str) -> None:
    with running(index, "--workers", workers) as server:
        assert total(server) == 1
        token = add(index, "ada", "SECRET")
        # The answer is kept, and the reader has its tag; but whoever asks is asked for first.
        assert {total(server, token) for _ in range(6)} == {2}
        headers = {"Authorization": f"Bearer {token}"}
        tag = get(f"{server.address}/api/v1/search?q=whale", headers=headers).headers["etag"]
        run("token", "revoke", "ada", "--index", index)
        assert {total(server, token) for _ in range(6)} == {None}
        again = get(f"{server.address}/api/v1/search?q=whale", headers={**headers, "If-None-Match": tag})
        assert again.status_code == 401
        assert "etag" not in again.headers
        assert total(server) == 1


def test_a_token_that_expires_while_the_server_runs_is_of_no_use(index: Path) -> None:
    token = add(index, "ada", "SECRET")
    with running(index) as server:
        assert total(server, token) == 2
        with sqlite3.connect(index / DATABASE) as database:
            past = dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=1)
            database.execute("UPDATE tokens SET expires = ?", (past.isoformat(),))
        database.close()
        assert total(server, token) is None
        assert ", expired 20" in run("token", "list", "--index", index).stdout


def test_no_token_exceeds_the_limit_of_the_environment(index: Path) -> None:
    full, control = add(index, "eve", "FULL"), add(index, "ada", "TOP SECRET//NOFORN")
    with running(index, CABLESEARCH_CLEARANCE="SECRET") as server:
        assert [total(server), total(server, full), total(server, control)] == [1, 2, 2]


def _made_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "not a database": lambda path: path.write_bytes(b"no database at all" * 100),
    "cut off": lambda path: os.truncate(path, 5000),
    "another table": lambda path: _executed(path, "ALTER TABLE tokens RENAME TO others"),
    "a clearance that is none": lambda path: _executed(path, "UPDATE tokens SET clearance = 'ALL'"),
    "no clearance": lambda path: _executed(path, "UPDATE tokens SET clearance = ''"),
    "a hash that is text": lambda path: _executed(path, "UPDATE tokens SET hash = 'x'"),
    "an end that is no date": lambda path: _executed(path, "UPDATE tokens SET expires = 'later'"),
    "an end without a zone": lambda path: _executed(path, "UPDATE tokens SET expires = '2999-01-01T00:00:00'"),
    "a folder": _made_folder,
}


def _executed(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute(statement)
    database.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("damage")
    write(folder, CABLES)
    with running(folder / "archive") as made:
        yield made


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_tokens_let_nobody_in(server: Server, damage: str) -> None:
    place = Path(server.process.args[server.process.args.index("--index") + 1])  # type: ignore[union-attr, index, arg-type]
    path = place / DATABASE
    token = add(place, "ada", "SECRET")
    kept = path.read_bytes()
    assert total(server, token) == 2
    DAMAGE[damage](path)
    try:
        response = get(f"{server.address}/api/v1/search?q=whale", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 503, response.text
        assert response.headers["retry-after"]
        assert response.json()["detail"] == "nobody can be let in with a token, as the tokens cannot be read"
        assert str(place) not in response.text
        assert total(server) == 1
        with pytest.raises(UnreadableFileError):
            Tokens(place).find(token)
        result = run("token", "list", "--index", place)
        if damage != "a hash that is text":
            assert result.returncode == 2
            assert f"{path}: the tokens cannot be read" in result.stderr
    finally:
        path.rmdir() if path.is_dir() else path.unlink()
        # Without tokens, nobody has one.
        assert total(server, token) is None
        path.write_bytes(kept)
    assert total(server, token) == 2
    path.unlink()


def test_tokens_that_another_process_has_locked_let_nobody_in_until_they_are_free(server: Server) -> None:
    place = Path(server.process.args[server.process.args.index("--index") + 1])  # type: ignore[union-attr, index, arg-type]
    token = add(place, "ada", "SECRET")
    with contextlib.closing(sqlite3.connect(place / DATABASE, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        asked = {"Authorization": f"Bearer {token}"}
        response = get(f"{server.address}/api/v1/search?q=whale", headers=asked)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["detail"] == "nobody can be let in with a token, as the tokens cannot be read"
        page = get(f"{server.address}/cable/09ROME1", headers={"Cookie": f"{COOKIE}={token}", "Accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "1")
        assert "Log in" in page.text
        assert total(server) == 1
        database.execute("ROLLBACK")
    assert total(server, token) == 2
    (place / DATABASE).unlink()


def test_no_page_looks_up_a_token_where_all_other_readers_would_wait_for_it(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def find(tokens: Tokens, token: str) -> None:
        threads.append(threading.current_thread())

    monkeypatch.setattr(Tokens, "find", find)
    app = create_app(Settings(str(index)))
    headers = {"cookie": f"{COOKIE}=x", "accept": "text/html"}
    reply = asyncio.run(exchange(app, "/nothing", headers=headers))
    assert reply.status == 404
    assert threads
    assert threading.main_thread() not in threads


def test_a_server_does_not_start_with_tokens_that_cannot_be_read(index: Path) -> None:
    (index / DATABASE).write_bytes(b"no database at all" * 100)
    result = run_apart("serve", "--port", "0", "--index", index)
    assert (result.returncode, result.stdout) == (2, "")
    assert "the tokens cannot be read" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(index: Path) -> None:
    index.chmod(0o500)
    try:
        result = run("token", "add", "ada", "--clearance", "SBU", "--index", index)
        assert (result.returncode, result.stdout) == (2, "")
        assert "cannot be read or written (Permission denied)" in result.stderr
    finally:
        index.chmod(0o700)


def test_a_link_in_place_of_the_tokens_is_not_followed(index: Path, tmp_path: Path) -> None:
    (index / DATABASE).symlink_to(tmp_path / "elsewhere.db")
    result = run("token", "add", "ada", "--clearance", "SBU", "--index", index)
    assert result.returncode == 2
    assert not (tmp_path / "elsewhere.db").exists()


def test_what_is_done_with_an_archive_leaves_its_tokens_alone_and_copies_none(index: Path, tmp_path: Path) -> None:
    token = add(index, "ada", "SECRET")
    kept = (index / DATABASE).read_bytes()
    with Archive(index) as archive:
        assert archive.verify(deep=True) == []
        archive.backup(tmp_path / "copy")
        archive.index([write_cables(tmp_path / "more.jsonl", [cable("09ROME3", "More whale.")])], jobs=1)
        archive.remove(["09ROME2"])
        archive.compact()
        archive.reindex(jobs=1)
        assert archive.verify() == []
    assert run("verify", "--repair", tmp_path / "saved", "--index", index).returncode == 0
    assert not [path for name in ("copy", "saved") for path in (tmp_path / name).iterdir() if "token" in path.name]
    # The folder of the archive may be in a folder that is indexed.
    counted = run("index", tmp_path, "--index", tmp_path / "other", "--jobs", "1")
    assert "token" not in counted.stdout + counted.stderr
    assert (index / DATABASE).read_bytes() == kept
    assert Tokens(index).find(token)
    # An archive of its own has none of the tokens, and stats and searches do not change.
    assert Tokens(tmp_path / "copy").all() == []


def test_the_size_of_an_archive_does_not_count_its_tokens(index: Path) -> None:
    with Archive(index) as archive:
        before = archive.stats().size_bytes
        Tokens(index).add("ada", "SBU")
        assert archive.stats().size_bytes == before


def test_the_tokens_for_an_archive_on_a_cluster_are_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    address, other = "opensearch://localhost:9200/cables", "opensearch://localhost:9201/cables"
    assert Tokens(address).all() == []
    assert Tokens(address).find("cablesearch_0_0") is None
    assert not (tmp_path / "data").exists()
    made = Tokens("opensearch://LOCALHOST/cables").add("ada", "SECRET")
    found = Tokens(address).find(made)
    assert found is not None
    assert found.name == "ada"
    assert Tokens(other).find(made) is None
    (file,) = (tmp_path / "data" / "cablesearch" / "tokens").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    Tokens(address).revoke("ada")
    assert Tokens(address).find(made) is None
