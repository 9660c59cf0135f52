"""Ports that processes share, and strangers can't have."""

import socket

import pytest

from xaigh_server.runtime.supervisor import reserve


def _listener(*, shared: bool, port: int = 0) -> socket.socket:
    made = socket.socket()
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        made.bind(("127.0.0.1", port))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def test_a_free_port_is_found_and_kept_for_those_who_share_it() -> None:
    """Two of ours can listen; a server that shares with nobody can't."""
    kept, address = reserve("rest_address", "127.0.0.1:0")
    host, port = address.rsplit(":", 1)
    assert host == "127.0.0.1" and int(port) > 0
    with kept, pytest.raises(OSError, match="in use"):
        _listener(shared=False, port=int(port))
    again, _ = reserve("rest_address", address)
    with (
        again,
        _listener(shared=True, port=int(port)),
        _listener(shared=True, port=int(port)),
        pytest.raises(OSError, match="in use"),
    ):
        _listener(shared=False, port=int(port))


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_that_somebody_has_is_refused(shared: bool) -> None:
    """Also where that one would share it: half of the calls would be a stranger's."""
    with _listener(shared=shared) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match=rf"grpc_address: can't listen on {address}"):
            reserve("grpc_address", address)
