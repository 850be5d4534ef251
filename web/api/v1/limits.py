"""Rate limits per token: counted in Valkey, per process while it is away."""

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

WINDOW = 60
_local: dict[str, int] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Allowance:
    """What is left in this minute: `limit` calls in all, `left` more, `reset` seconds to go."""

    name: str
    limit: int
    left: int
    reset: int

    @property
    def is_spent(self) -> bool:
        """Whether this call is one too many."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """Give RateLimit-Policy and RateLimit, and Retry-After when it is spent."""
        headers = {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.name}";r={max(self.left, 0)};t={self.reset}',
        }
        if self.is_spent:
            headers["Retry-After"] = str(self.reset)
        return headers


def count_call(owner: str, *, is_read: bool) -> Allowance:
    """Count one call of this token or address and say what is left."""
    name = "reads" if is_read else "writes"
    limit = settings.READS_PER_MINUTE if is_read else settings.WRITES_PER_MINUTE
    now = time.time()
    window = int(now) // WINDOW
    count = _count(f"calls:{owner}:{name}:{window}")
    return Allowance(name, limit, limit - count, WINDOW - int(now) % WINDOW)


def _count(key: str) -> int:
    try:
        cache.add(key, 0, WINDOW * 2)
        return cache.incr(key)
    except (RedisError, ValueError):
        return _count_here(key)


def _count_here(key: str) -> int:
    window = key.rpartition(":")[2]
    with _lock:
        for old in [name for name in _local if name.rpartition(":")[2] != window]:
            del _local[old]
        _local[key] = _local.get(key, 0) + 1
        return _local[key]
