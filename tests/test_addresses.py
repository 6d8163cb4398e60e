"""Where archives are: folders, and addresses on clusters, which are told apart and never mixed up."""

from __future__ import annotations

import pickle
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablesearch
from cablesearch.arguments import is_address
from cablesearch.cli.failures import described, exit_status
from cablesearch.cli.places import mode_beside
from cablesearch.cluster.addresses import Address, parse_address
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, UnreachableError, UnsupportedError
from cablesearch.opening import place_of
from tests.support.running import run

ADDRESS = "opensearch://localhost:9200/cables"
_HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True) | st.sampled_from(["::1", "fe80::2"])
_ADDRESSES = st.builds(
    Address, _HOSTS, st.integers(1, 65_535), st.from_regex(r"[a-z0-9][a-z0-9_-]{0,99}", fullmatch=True)
)


@given(_ADDRESSES)
def test_an_address_in_full_is_read_as_it_was_written(address: Address) -> None:
    assert parse_address(str(address)) == address
    assert place_of("path", str(address)).name == str(address)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("opensearch://localhost/cables", ADDRESS),
        ("OpenSearch://LocalHost:9200/cables/", ADDRESS),
        ("opensearch://[::1]:9300/a", "opensearch://[::1]:9300/a"),
        ("opensearch://[FE80::1]/2-b_c", "opensearch://[fe80::1]:9200/2-b_c"),
        ("opensearch://10.0.0.1/a", "opensearch://10.0.0.1:9200/a"),
    ],
)
def test_an_address_has_defaults_and_one_form(given: str, meant: str) -> None:
    assert place_of("path", given).name == meant
    assert place_of("path", given).folder is None


@pytest.mark.parametrize("given", [Path(ADDRESS), Path("OpenSearch://localhost/cables")])
def test_an_address_that_was_made_a_path_is_not_taken_for_a_folder(given: Path) -> None:
    with pytest.raises(CablesearchError, match="give the address of an archive as a string"):
        place_of("path", given)
    with pytest.raises(CablesearchError, match="as a string"):
        cablesearch.create(given)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("opensearch://localhost", "the name of an archive"),
        ("opensearch://localhost/", "the name of an archive"),
        ("opensearch://localhost/Cables", "the name of an archive"),
        ("opensearch://localhost/_cables", "the name of an archive"),
        ("opensearch://localhost/a/b", "the name of an archive"),
        ("opensearch://localhost/a?b=c", "the name of an archive"),
        (f"opensearch://localhost/{'a' * 101}", "the name of an archive"),
        ("opensearch:///cables", "expected a host"),
        ("opensearch://localhost:/cables", "expected a host"),
        ("opensearch://localhost:x/cables", "expected a host"),
        ("opensearch://localhost:0/cables", "expected a host"),
        ("opensearch://localhost:65536/cables", "expected a host"),
        ("opensearch://[::1/cables", "expected a host"),
        ("opensearch://a b/cables", "expected a host"),
        ("opensearch://a,b/cables", "expected a host"),
        ("https://localhost:9200/cables", "an archive is in a folder, or has an address such as opensearch://"),
        ("opensearchs://localhost:9200/cables", "an archive is in a folder, or has an address such as opensearch://"),
    ],
)
def test_an_invalid_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    for opened in (cablesearch.open, cablesearch.create):
        with pytest.raises(CablesearchError) as caught:
            opened(address)
        assert str(caught.value).startswith(f"{address}: ") or address.count("/") < 3
        assert reason in str(caught.value)
    result = run("stats", "--index", address)
    assert (result.returncode, result.stdout) == (2, "")
    assert reason in result.stderr


@pytest.mark.parametrize("scheme", ["opensearch", "https"])
@pytest.mark.parametrize("user", ["ada:hunter2@", "hunter2@", "a@hunter2@"])
def test_a_password_in_an_address_is_refused_and_never_repeated(scheme: str, user: str) -> None:
    address = f"{scheme}://{user}localhost:9200/cables"
    with pytest.raises(CablesearchError) as caught:
        cablesearch.open(address)
    assert ("in the environment or in a file" in str(caught.value)) == (scheme == "opensearch")
    said = str(caught.value)
    for command in (["-v", "stats"], ["token", "list"], ["index", "x.csv"], ["verify", "--repair"], ["reindex"]):
        result = run(*command, "--index", address)
        assert result.returncode == 2
        said += result.stdout + result.stderr
    said += run("stats", CABLESEARCH_INDEX=address).stderr
    assert "hunter2" not in said


def test_a_folder_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cables", "opensearch:", "opensearch:/localhost/cables", "a://b", r"C:\cables", str(tmp_path / "x")):
        assert not is_address(name)
        assert not is_address(Path(ADDRESS))
        assert place_of("path", name).name == str(Path(name).absolute())
    with pytest.raises(TypeError, match="path must be a path"):
        place_of("path", 1)


def test_an_archive_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with cablesearch.create("cables") as archive:
        assert (archive.path, archive.location) == (Path("cables"), str(tmp_path / "cables"))
        assert archive.lowered("SECRET").location == archive.location


def test_errors_keep_the_slashes_of_an_address() -> None:
    error = UnreachableError(ADDRESS, "no route to host")
    for again in (error, pickle.loads(pickle.dumps(error))):
        assert (again.path, again.reason, again.kind) == (ADDRESS, "no route to host", "unreachable")
        assert str(again) == f"{ADDRESS}: the cluster cannot be reached: no route to host"
    assert str(ArchiveNotFoundError(ADDRESS)) == f"{ADDRESS}: there is no archive here"


def test_what_a_cluster_cannot_do_ends_a_command_as_other_errors_do() -> None:
    unsupported = UnsupportedError("backup is not possible on a cluster; make a snapshot of its indices")
    unreachable = UnreachableError(ADDRESS, "no route to host")
    for error in (unsupported, unreachable):
        assert isinstance(error, CablesearchError)
        assert exit_status(error) == 2
        assert described(error) == str(error)


def test_repair_is_not_possible_on_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="repair is not possible on a cluster; "):
        cablesearch.repair(ADDRESS, tmp_path / "saved")
    result = run("verify", "--repair", tmp_path / "saved", "--index", ADDRESS)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "saved").exists()


def test_a_shell_gets_no_values_of_an_archive_on_a_cluster() -> None:
    result = run(
        COMP_WORDS="cablesearch\nsearch\n--tag\nP",
        COMP_CWORD="3",
        _CABLESEARCH_COMPLETE="bash_complete",
        CABLESEARCH_INDEX=ADDRESS,
    )
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "", "")


def test_only_its_owner_reads_a_file_with_something_of_an_archive_on_a_cluster(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    assert mode_beside(ADDRESS) == 0o600
    assert mode_beside(str(tmp_path)) == stat.S_IMODE(tmp_path.stat().st_mode) & 0o666
