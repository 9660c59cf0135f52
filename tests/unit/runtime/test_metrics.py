"""One scrape out of several."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from xaigh_server.runtime.metrics import added


def _process(code: str, *seconds: float) -> bytes:
    registry = CollectorRegistry()
    calls = Counter("calls", "Calls by code.", ("code",), registry=registry)
    took = Histogram("took", "Seconds.", buckets=(0.1, 1.0), registry=registry)
    for each in seconds:
        calls.labels(code).inc()
        took.observe(each)
    return generate_latest(registry)


def test_counters_and_histograms_add_up() -> None:
    """Sample by sample; what only one process knows is there as well."""
    text = added(
        [_process("ok", 0.0625, 0.5), _process("ok", 2.0), _process("gone", 0.0625)]
    ).decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found == {
        ("calls_total", "ok"): 3,
        ("calls_total", "gone"): 1,
        ("took_bucket", "0.1"): 2,
        ("took_bucket", "1.0"): 3,
        ("took_bucket", "+Inf"): 4,
        ("took_count",): 4,
        ("took_sum",): 2.625,
    }
    assert "# HELP calls_total Calls by code." in text
    assert "# TYPE took histogram" in text


def test_ages_do_not_add_up() -> None:
    """The oldest reading is the one to know."""
    texts = []
    for age in (3.0, 5.0):
        registry = CollectorRegistry()
        Gauge("x_age_seconds", "Age.", registry=registry).set(age)
        Gauge("x_processes", "Count.", registry=registry).set(1)
        texts.append(generate_latest(registry))
    lines = added(texts).decode().splitlines()
    assert "x_age_seconds 5.0" in lines and "x_processes 2.0" in lines
