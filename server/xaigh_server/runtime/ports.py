"""Ports that several processes share, kept from everybody else."""

from __future__ import annotations

import socket

from xaigh_server.settings import split_address


def reserve(name: str, address: str) -> tuple[socket.socket, str]:
    """Takes the address of a setting. Returns what keeps it, and the address with its real port.

    The kernel deals connections out to whoever listens on a port that is shared, so a stranger's
    server could take half of them: nobody may have the port before, and whoever doesn't share it
    can't have it later. OSError, naming the setting: somebody has it.
    """
    host, port = split_address(name, address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, number, _, place = found[0]
        with socket.socket(family, kind, number) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(place)
            alone.listen(1)
            place = alone.getsockname()
        kept = socket.socket(family, kind, number)
        try:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            kept.bind(place)
        except OSError:
            kept.close()
            raise
    except OSError as error:
        raise OSError(f"{name}: can't listen on {host}:{port}: {error.strerror}") from error
    return kept, f"[{host}]:{place[1]}" if ":" in host else f"{host}:{place[1]}"
