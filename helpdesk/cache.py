"""A cache that forgets instead of failing: Valkey is a doorbell, never a store."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Behave as an empty cache while Valkey cannot be reached (docs/architecture.md, doorbell)."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("Cache not reachable: %s", error)
            return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        try:
            return dict(super().get_many(keys, version)) if keys else {}
        except RedisError as error:
            log.warning("Cache not reachable: %s", error)
            return {}

    def set(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except RedisError as error:
            log.warning("Cache not reachable: %s", error)

    def add(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except RedisError as error:
            log.warning("Cache not reachable: %s", error)
            return False

    def less(self, key: str, by: int) -> None:
        """Take something off a number, if it is still remembered; it is forgotten when it was."""
        try:
            self.incr(key, -by)
        except (RedisError, ValueError) as error:
            log.debug("Nothing to take from: %s", error)

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except RedisError as error:
            log.warning("Cache not reachable: %s", error)
            return False
