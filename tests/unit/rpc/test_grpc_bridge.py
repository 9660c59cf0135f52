"""Where a gRPC call comes from, in the words of the library."""

import pytest

from xaigh_server.rpc.grpc_bridge import peer_address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("ipv4:192.0.2.7:50000", "192.0.2.7"),
        ("ipv6:[::1]:50000", "::1"),
        ("ipv6:%5B2001:db8::7%5D:50000", "2001:db8::7"),
        ("unix:/run/x.sock", "unix:/run/x.sock"),
        ("unknown", "unknown"),
    ],
)
def test_a_peer_is_its_address_without_the_port(said: str, address: str):
    """One client has one address on either transport; what has none is kept as it is."""
    assert peer_address(said) == address
