"""The command `serve`: what it says, what it refuses, its processes, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from cablesearch.cli import cli
from cablesearch.web.tokens import Tokens
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.files import DOCS, SAMPLES
from tests.support.running import run, run_apart
from tests.support.serving import Server, get, running, until

SEARCH = "/api/v1/search?q=whale"
CABLES = [
    cable("09ROME1", ("U", "The whale swims."), ("SBU", "The whale sleeps."), ("S", "The whale is ours.")),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    write(folder, CABLES)
    return folder / "archive"


def total(address: str) -> int:
    answer = get(address + SEARCH).json()["total"]
    assert isinstance(answer, int)
    return answer


def refusal(index: Path, *options: str, limit: str = "") -> str:
    """Return why `serve` does not start; ``limit`` is CABLESEARCH_CLEARANCE."""
    result = run_apart("serve", "--port", "0", *options, "--index", index, CABLESEARCH_CLEARANCE=limit)
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def accepts(server: Server) -> bool:
    """Return whether a server accepts connections."""
    try:
        server.connect().close()
    except ConnectionError:
        return False
    return True


def test_it_says_where_it_is_what_it_serves_and_who_sees_what(index: Path) -> None:
    with running(index) as server:
        assert server.address.startswith("http://127.0.0.1:")
        until(lambda: "Ctrl-C" in server.log)
        assert server.log.splitlines() == [
            f"Archive: {index}",
            "All readers see what is UNCLASSIFIED; choose another level with --clearance, or FULL for everything.",
            "Press Ctrl-C to stop.",
        ]
        assert total(server.address) == 1


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        (["--clearance", "SBU"], {}, 2),
        (["--clearance", "FULL"], {}, 3),
        # The clearance of the person at the terminal is not that of everybody else, but it is a limit.
        ([], {"CABLESEARCH_CLEARANCE": "SECRET"}, 1),
        (["--clearance", "SECRET"], {"CABLESEARCH_CLEARANCE": "SECRET"}, 3),
    ],
)
def test_readers_without_a_token_see_what_is_given(
    index: Path, options: list[str], env: dict[str, str], expected: int
) -> None:
    with running(index, *options, **env) as server:
        assert total(server.address) == expected
        level = options[-1] if options else "UNCLASSIFIED"
        seen = "everything" if level == "FULL" else f"what is {level.replace('SBU', 'SENSITIVE BUT UNCLASSIFIED')}"
        assert f"All readers see {seen}" in server.log


def test_readers_with_a_token_are_counted_but_not_named(tmp_path: Path) -> None:
    write(tmp_path, CABLES)
    Tokens(tmp_path / "archive").add("ada", "SECRET")
    with running(tmp_path / "archive") as server:
        assert "Readers without a token see what is UNCLASSIFIED" in server.log
        assert "1 reader with a token: see cablesearch token list" in server.log
        assert "ada" not in server.log


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--clearance", "MOST"], "'MOST' is not a clearance"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid: "),
        (["--host", "203.0.113.7", "--public"], "203.0.113.7:0: Cannot assign requested address"),
        (["--root-path", "cables"], "'cables' is not a path such as /cables"),
        (["--root-path", "/a b"], "is not a path"),
        (["--root-path", "/search"], "'/search' begins as addresses of the server itself do"),
        (["--root-path", "/cable/x/"], "'/cable/x' begins as addresses of the server itself do"),
        (["--allow-origin", "example.org"], "'example.org' is not an origin such as https://example.org"),
        (["--allow-origin", "https://example.org/x"], "is not an origin"),
        (["--trusted-proxy", "*"], "'*' is not an address or a network"),
        (["--trusted-proxy", "proxy.example"], "is not an address or a network"),
        (["--allowed-host", "http://x"], "is not a name such as cables.example.org"),
        (["--workers", "0"], "--workers"),
        (["--timeout", "0"], "--timeout"),
        (["--port", "65536"], "--port"),
    ],
)
def test_what_makes_no_sense_is_refused(index: Path, options: list[str], said: str) -> None:
    assert said in refusal(index, *options)


def test_the_clearance_cannot_exceed_that_of_the_environment(index: Path) -> None:
    message = refusal(index, "--clearance", "SECRET", limit="SBU")
    assert "exceeds SENSITIVE BUT UNCLASSIFIED, the limit set by CABLESEARCH_CLEARANCE" in message
    assert "is not a clearance" in refusal(index, limit="MOST")


def test_an_archive_that_is_missing_or_damaged_is_an_error_before_anything_is_bound(
    index: Path, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        message = refusal(tmp_path / "none", "--port", port)
        assert f"{tmp_path}/none: there is no archive here" in message
        assert "cablesearch index SOURCE" in message
        write(tmp_path, CABLES)
        segment = next((tmp_path / "archive").glob("*.seg*"))
        os.truncate(segment, segment.stat().st_size // 2)
        assert "damaged" in refusal(tmp_path / "archive", "--port", port)


def test_a_port_in_use_is_an_error_in_one_line(index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = refusal(index, "--port", str(port)).splitlines()[-1]
    assert message == (
        f"Error: 127.0.0.1:{port}: Address already in use; stop the other program, or choose another port with --port"
    )


def test_other_computers_are_let_in_only_when_that_is_meant(tmp_path: Path) -> None:
    write(tmp_path, CABLES)
    index = tmp_path / "archive"
    message = refusal(index, "--host", "0.0.0.0")
    assert "other computers reach 0.0.0.0, and there is no token" in message
    assert "--public" in message
    with running(index, "--host", "0.0.0.0", "--public") as server:
        assert "Warning: other computers can reach this server" in server.log
        said = r"Serving on every address of this computer \(0\.0\.0\.0:(\d+)\), such as http://127\.0\.0\.1:\1/\n"
        assert re.fullmatch(said, server.said)
        assert total(server.address) == 1
        # By any of its addresses; but no page elsewhere can give it a name.
        assert get(server.address + SEARCH, headers={"Host": "192.0.2.7:80"}).status_code == 200
        assert get(server.address + SEARCH, headers={"Host": "evil.example"}).status_code == 421
    # A token that is of use says that somebody thought about who is let in.
    Tokens(index).add("ada", "SECRET")
    with running(index, "--host", "0.0.0.0") as server:
        assert "Warning: other computers can reach this server" in server.log


def test_without_the_extra_it_says_how_to_get_it(index: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "from cablesearch.cli import main\n"
        f"sys.argv = ['cablesearch', 'serve', '--index', {str(index)!r}]\n"
        "main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Error: serve needs uvicorn: pip install 'cablesearch[web]'\n"
    for package in ("starlette", "fastapi"):
        result = subprocess.run(
            [sys.executable, "-c", code.replace("'uvicorn'", f"'{package}'")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.stderr == f"Error: serve needs {package}: pip install 'cablesearch[web]'\n"


def test_the_start_page_is_opened_in_a_browser(index: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > "$0.opened"; env > "$0.env"\n')
    browser.chmod(0o755)
    opened = tmp_path / "browser.opened"
    with running(index, "--open", "--root-path", "/cables", BROWSER=f"{browser} %s") as server:
        assert server.address.endswith("/cables")
        until(lambda: opened.exists() and opened.read_text().endswith("\n"))
        assert opened.read_text() == f"{server.address}/\n"
    with running(index, "--open", BROWSER="", PATH="/nonexistent") as server:
        until(lambda: "open the address in one yourself" in server.log)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("kind", "status", "said"), [(signal.SIGINT, 130, "Stopped."), (signal.SIGTERM, 0, "Stopped.")]
)
def test_it_ends_in_order(index: Path, workers: str, kind: signal.Signals, status: int, said: str) -> None:
    with running(index, "--workers", workers) as server:
        assert total(server.address) == 1
        numbers = server.workers
        assert len(numbers) == int(workers)
        # A connection that is open does not hold it up.
        with server.connect():
            assert server.end(kind) == status
        assert server.log.splitlines()[-1] == said
        assert not any(Path(f"/proc/{number}").exists() for number in numbers)
        assert "Traceback" not in server.log


def test_a_request_that_is_being_answered_is_answered_before_the_end(index: Path) -> None:
    with running(index) as server, server.connect() as client:
        client.sendall(
            b"POST /api/v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: 8\r\n\r\n"
        )
        # It waits for the body.
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not accepts(server))
        client.sendall(b'{"a": 1}')
        data = b""
        while part := client.recv(1 << 16):
            data += part
        assert data.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ", b"HTTP/1.1 422 ")), data
        assert server.process.wait(20) == 0


def test_a_process_that_dies_is_replaced(index: Path) -> None:
    with running(index, "--workers", "2") as server:
        until(lambda: len(server.workers) == 2)
        first, second = server.workers
        os.kill(first, signal.SIGKILL)
        until(lambda: first not in server.workers and len(server.workers) == 2)
        assert second in server.workers
        assert f"process {first} ended by signal 9 (SIGKILL); another takes its place" in server.log
        assert {total(server.address) for _ in range(8)} == {1}


def test_no_process_outlives_the_one_that_looks_after_it(index: Path) -> None:
    with running(index, "--workers", "2") as server:
        until(lambda: len(server.workers) == 2)
        numbers = server.workers
        server.process.kill()
        server.process.wait(20)
        until(lambda: not any(Path(f"/proc/{number}/exe").exists() for number in numbers))


def test_a_program_in_the_background_of_a_script_does_not_heed_the_keyboard(index: Path) -> None:
    # As a shell starts it there: SIGINT is ignored.
    ignoring = "import os, signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    code = ignoring + "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-m", "cablesearch", "serve", "--port", "0", "--index", str(index)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().split()[-1].rstrip("/")
        process.send_signal(signal.SIGINT)
        assert total(address) == 1
        process.terminate()
        assert process.wait(20) == 0


def test_the_lines_of_several_processes_stay_apart(index: Path) -> None:
    with running(index, "--workers", "2", "--log-queries") as server:

        def ask(number: int) -> None:
            with httpx.Client() as client:
                for count in range(20):
                    client.get(f"{server.address}/api/v1/search", params={"q": "whale " * 300 + f"{number} {count}"})

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: server.log.count(" GET ") == 120)
        lines = [line for line in server.log.splitlines() if " GET " in line]
        shape = re.compile(r"[0-9T:.-]{23}Z GET /api/v1/search\?q=(whale\+){300}\d\+\d+ 200 \d+ [0-9.]+ms -")
        assert len(lines) == 120
        assert all(shape.fullmatch(line) for line in lines), lines


def test_quiet_leaves_out_the_log_of_requests(index: Path) -> None:
    with running(index, "-q") as server:
        assert total(server.address) == 1
        assert get(server.address + "/nothing").status_code == 404
        assert server.end() == 0
        assert server.log == ""


def test_the_units_in_the_documentation_have_options_that_exist() -> None:
    page = (DOCS / "serving.md").read_text(encoding="utf-8")
    options = {option for parameter in cli.commands["serve"].params for option in parameter.opts}
    lines = re.sub(r"\\\n\s*", " ", page).splitlines()
    commands = [line.partition("cablesearch serve")[2] for line in lines if "cablesearch serve --" in line]
    assert len(commands) >= 4
    for command in commands:
        given = set(re.findall(r"(?<!\S)--[a-z-]+", command.partition("#")[0]))
        assert given <= options, command


def test_the_first_five_minutes_go_as_the_documentation_says(tmp_path: Path) -> None:
    page = (DOCS / "serving.md").read_text(encoding="utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    commands = [shlex.split(line[2:]) for line in page.splitlines() if line.startswith("$ ")]
    (tmp_path / "samples").symlink_to(SAMPLES)
    assert commands[0][:2] == ["cablesearch", "index"]
    assert run_apart(*commands[0][1:], cwd=tmp_path).returncode == 0
    assert commands[1] == ["cablesearch", "serve", "--open"]
    with running(tmp_path / "indexes" / "cables") as server:
        shown = page.partition("Serving at")[2].partition("```")[0].replace("/home/me", str(tmp_path)).splitlines()
        until(lambda: server.log.splitlines() == shown[1:])
        token, answers = "", []
        for command in commands[2:]:
            if command[0] == "cablesearch":
                made = run(*command[1:], cwd=tmp_path)
                assert made.stderr.startswith("ada sees what is SECRET//NOFORN, until 20")
                token = made.stdout.strip()
                continue
            assert command[0] == "curl"
            headers = dict(word.replace("$TOKEN", token).split(": ", 1) for word in command[2:-1])
            response = get(command[-1].replace("http://127.0.0.1:8000", server.address), headers=headers)
            assert response.status_code == 200, response.text
            answers.append(response.json())
        assert get(f"{server.address}/api/v1/cable/10BEIJING30").status_code == 404
    printed = [
        run("search", '"naval treaty"', "-n", "1", "-f", "json", "--clearance", "U", cwd=tmp_path),
        run("show", "frus1930v01/d137", "-f", "json", cwd=tmp_path),
        run("show", "10BEIJING30", "-f", "json", "--clearance", "SECRET//NOFORN", cwd=tmp_path),
    ]
    assert [answer | {"took_ms": 0} for answer in answers] == [
        json.loads(result.stdout) | {"took_ms": 0} for result in printed
    ]


def test_an_error_in_the_words_of_the_command_line_is_short(index: Path) -> None:
    assert run("serve", "--index", index, "--port", "x").returncode == 2
