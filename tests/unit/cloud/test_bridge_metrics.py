"""What Prometheus and a health check hear."""

import urllib.error
import urllib.request
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cloud.bridge.metrics import Meters, MetricsServer
from edge.errors import GatewayError


class Told:
    def __init__(self) -> None:
        self.is_well = True

    def counters(self) -> Counter[str]:
        return Counter(applied=7, gap=1, rows=40, document_writes=55)

    def queue_lengths(self) -> tuple[int, int]:
        return 5, 3


def ask(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_counters_histograms_and_queues_are_told_in_prometheus_own_words() -> None:
    meters = Meters(Told())
    meters.message.observe(0.15)
    with MetricsServer(meters, "127.0.0.1", 0) as server:
        status, text = ask(f"http://127.0.0.1:{server.port}/metrics")
    assert status == 200
    samples = {
        (sample.name, sample.labels.get("outcome") or sample.labels.get("le")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["tagtally_bridge_answers_total", "applied"] == 7
    assert samples["tagtally_bridge_answers_total", "stale"] == 0
    assert samples["tagtally_bridge_rows_total", None] == 40
    assert samples["tagtally_bridge_document_writes_total", None] == 55
    assert samples["tagtally_bridge_message_seconds_bucket", "0.1"] == 0
    assert samples["tagtally_bridge_message_seconds_bucket", "0.2"] == 1
    assert samples["tagtally_bridge_waiting", None] == 5
    assert samples["tagtally_bridge_longest_queue", None] == 3


def test_health_is_told_by_the_status() -> None:
    told = Told()
    with MetricsServer(Meters(told), "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.port}/healthz"
        assert ask(url) == (200, "well\n")
        told.is_well = False
        assert ask(url) == (503, "not well\n")
        assert ask(f"http://127.0.0.1:{server.port}/else")[0] == 404


def test_an_address_that_cannot_be_had_is_told() -> None:
    with (
        MetricsServer(Meters(Told()), "127.0.0.1", 0) as server,
        pytest.raises(GatewayError, match=f"cannot listen on 127.0.0.1:{server.port}"),
    ):
        MetricsServer(Meters(Told()), "127.0.0.1", server.port)
