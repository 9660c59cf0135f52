"""Reservation of ports that several worker processes listen on."""

from __future__ import annotations

import socket

from xaigh_server.settings import split_address


def reserve(name: str, address: str) -> tuple[socket.socket, str]:
    """Reserves the address of a setting. Returns the socket that holds it, and the real address.

    With SO_REUSEPORT the kernel spreads connections over all listeners, so another server on the
    same port would receive some of them. The port must be free now; the returned socket is bound
    and doesn't listen, so that only sockets that share ports can be bound beside it. OSError,
    naming the setting: the port is taken.
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
