"""What a scrape finds of the calls."""

from prometheus_client import CollectorRegistry, generate_latest

from xaigh_server.rpc.interceptors.observe import CallMetrics


def test_a_scrape_finds_calls_and_durations() -> None:
    """Counts by method, transport and code; buckets that add up, each with what is under it."""
    registry = CollectorRegistry()
    numbers = CallMetrics(registry)
    numbers.count("a.B/C", "grpc", "ok", 0.0005)
    numbers.count("a.B/C", "grpc", "ok", 0.0025)
    numbers.count("a.B/C", "rest", "not_found", 31.0)
    get = registry.get_sample_value
    labels = {"method": "a.B/C"}
    assert get("xaigh_calls_total", {**labels, "transport": "grpc", "code": "ok"}) == 2
    assert get("xaigh_calls_total", {**labels, "transport": "rest", "code": "not_found"}) == 1
    assert get("xaigh_call_seconds_bucket", {**labels, "le": "0.001"}) == 1
    assert get("xaigh_call_seconds_bucket", {**labels, "le": "0.0025"}) == 2, "bounds belong to it"
    assert get("xaigh_call_seconds_bucket", {**labels, "le": "30"}) == 2
    assert get("xaigh_call_seconds_bucket", {**labels, "le": "+Inf"}) == 3
    assert get("xaigh_call_seconds_count", labels) == 3
    assert get("xaigh_call_seconds_sum", labels) == 31.003


def test_a_server_that_was_not_called_tells_so() -> None:
    """Both families are there, described and empty."""
    registry = CollectorRegistry()
    CallMetrics(registry)
    text = generate_latest(registry).decode()
    assert "# TYPE xaigh_calls_total counter" in text
    assert "# TYPE xaigh_call_seconds histogram" in text
