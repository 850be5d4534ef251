"""Asking a worker to begin at once with what beat would let it do anyway."""

import logging
from typing import Any

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def ring(task: Any) -> None:
    """Ask a worker to run a Celery task; a broker that is away is no reason to fail."""
    try:
        task.apply_async(retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("The broker cannot be reached, beat will run %s: %s", task.name, error)
