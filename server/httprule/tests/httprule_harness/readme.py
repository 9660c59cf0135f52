"""Plays the five-minute start of the README: its files, its commands, its calls."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"(?://|#) ([\w.]+)\n")
_SECONDS = 30.0


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return [text for kind, text in _BLOCK.findall(README.read_text()) if kind == language]


def write_files(folder: Path, ports: dict[str, int]) -> None:
    """Writes every block that begins with a file name, with free ports in the place of its own."""
    for text in (*blocks("proto"), *blocks("python")):
        named = _FILE_NAME.match(text)
        if named is not None:
            for wanted, free in ports.items():
                text = text.replace(wanted, str(free))
            (folder / named[1]).write_text(text)


def generate(folder: Path) -> None:
    """Runs the commands that generate the messages, with this interpreter as `python`."""
    (commands,) = (text for text in blocks("sh") if "grpc_tools.protoc" in text)
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        ["sh", "-e", "-c", commands], cwd=folder, check=True, env={**os.environ, "PATH": search}
    )


@contextmanager
def serving(python: str, folder: Path, port: int) -> Iterator[None]:
    """Runs `server.py` until the block ends. Raises where it does not listen."""
    server = subprocess.Popen([python, "-W", "error", "server.py"], cwd=folder)
    try:
        deadline = time.monotonic() + _SECONDS
        while not _listens(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"server.py does not listen; it ended with {server.poll()}")
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(_SECONDS)


def calls() -> list[tuple[str, str]]:
    """Each `curl` command of the README with what it prints."""
    found: list[tuple[str, str]] = []
    for text in blocks("console"):
        for part in text.split("$ ")[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def curl(command: str, port: int) -> str:
    """What a `curl` command prints, of the kind that the README has: a URL, `-d` and `-H`."""
    program, *words = shlex.split(command)
    assert program == "curl", command
    body: str | None = None
    headers: dict[str, str] = {}
    path = ""
    rest = iter(words)
    for word in rest:
        if word == "-d":
            body = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        else:
            path = word.removeprefix("localhost:8080")
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def play(folder: Path, python: str = sys.executable) -> None:
    """Plays the whole start in a folder. Raises where a reply differs from the README's.

    `python` runs the server; the messages are generated with this interpreter.
    """
    ports = {"8080": free_port(), "50051": free_port()}
    write_files(folder, ports)
    generate(folder)
    with serving(python, folder, ports["8080"]):
        for command, printed in calls():
            got = curl(command, ports["8080"])
            assert got.rstrip("\n") == printed.rstrip("\n"), f"{command}\nprinted {got}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
