"""Rate limit of POSTs by network, without keeping an address.

The key of a count is a keyed hash of the network (/24, or /56 for IPv6) under a key that lives in memory for one day,
so that neither a dump of the counts nor two days side by side identify a visitor. A network is many people (a clinic,
a telephone company), so the limit is generous and a refusal keeps the answers.
"""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import date

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from screener import clock

IPV4_PREFIX = 24
IPV6_PREFIX = 56


class NetworkRateLimit:
    """A fixed window of one minute a network; *per_minute* 0 means no limit."""

    def __init__(self, per_minute: int) -> None:
        self.item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self.counts: FixedWindowRateLimiter | None = None
        self.day: date | None = None
        self.day_key = b""

    def allows_request(self, address: str | None) -> bool:
        """Count one POST from *address*; False beyond the limit."""
        return self.allows_key(network_of_address(address))

    def allows_key(self, key: str) -> bool:
        """Count one POST under *key*, which is kept as a keyed hash; False beyond the limit."""
        if self.item is None:
            return True
        # The storage starts a thread of its own, so it is made after the server has forked.
        self.counts = self.counts or FixedWindowRateLimiter(MemoryStorage())
        return self.counts.hit(self.item, self._name(key))

    def _name(self, key: str) -> str:
        today = clock.now().date()
        if self.day != today:
            self.day, self.day_key = today, secrets.token_bytes(32)
        return hmac.new(self.day_key, key.encode(), hashlib.sha256).hexdigest()


def network_of_address(address: str | None) -> str:
    """The network that *address* belongs to, with or without a port; addresses that cannot be read share one."""
    try:
        parsed = ipaddress.ip_address(_without_port((address or "").strip()))
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    prefix = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def _without_port(address: str) -> str:
    """The address alone: some proxies write ``203.0.113.7:51234`` and ``[2001:db8::1]:443``."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
