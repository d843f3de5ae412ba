"""Networks are counted, addresses are not kept."""

import pickle

import pytest
import time_machine

from screener.web.rate_limit import NetworkRateLimit
from screener.web.rate_limit import network_of_address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("203.0.113.7:51234", "203.0.113.0/24"),
        (" 198.51.100.9:443", "198.51.100.0/24"),
        ("[2001:db8:1:2ff::1]:443", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56"),
        ("not an address", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_counts_as_its_network(address: str | None, network: str) -> None:
    assert network_of_address(address) == network


def test_one_network_waits_and_its_neighbour_does_not() -> None:
    limit = NetworkRateLimit(3)

    assert [
        limit.allows_request("192.0.2.1"),
        limit.allows_request("192.0.2.2"),
        limit.allows_request("192.0.2.3"),
    ] == [True, True, True]
    assert not limit.allows_request("192.0.2.4")
    assert limit.allows_request("192.0.3.4")


def test_a_minute_later_it_may_again() -> None:
    with time_machine.travel("2026-11-23T09:30:00Z", tick=False) as clock:
        limit = NetworkRateLimit(1)
        assert limit.allows_request("192.0.2.1")
        assert not limit.allows_request("192.0.2.1")

        clock.shift(61)

        assert limit.allows_request("192.0.2.1")


def test_no_limit_counts_nobody() -> None:
    limit = NetworkRateLimit(0)

    assert all(limit.allows_request("192.0.2.1") for _ in range(1000))
    assert limit.counts is None


def test_no_address_and_no_network_stands_in_what_is_kept() -> None:
    limit = NetworkRateLimit(3)
    limit.allows_request("192.0.2.77")
    assert limit.counts is not None

    kept = pickle.dumps(limit.counts.storage)

    assert b"LIMITER" in kept.upper()
    assert b"192.0.2" not in kept


def test_the_name_of_a_network_changes_with_the_day() -> None:
    limit = NetworkRateLimit(3)
    with time_machine.travel("2026-11-23T09:30:00Z"):
        today = limit._name("192.0.2.1")
    with time_machine.travel("2026-11-24T09:30:00Z"):
        assert limit._name("192.0.2.1") != today
