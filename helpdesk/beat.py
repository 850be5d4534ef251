"""A beat that keeps no file and goes by elapsed time, so a clock that is moved cannot stop it."""

import logging
import time
from typing import Any

from celery.beat import Scheduler as CeleryScheduler
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.heartbeat import seen

log = logging.getLogger(__name__)
MOST_WAITING = 100  # rings in the queue; when nobody takes them, more are worth nothing


class Scheduler(CeleryScheduler):
    """Ring each task at its interval; every task is a sweep, so a missed ring is harmless."""

    max_interval = 5

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._next_ring: dict[str, float] = {}
        self._next_sign = 0.0
        super().__init__(*args, **kwargs)

    def tick(self, *_: Any, **__: Any) -> float:
        """Ring what is due and give the seconds until the next look."""
        now = time.monotonic()
        if now >= self._next_sign:
            self._next_sign = now + 15
            self._show_life()
        for bell in self.app.conf.beat_schedule.values():
            if now >= self._next_ring.get(bell["task"], 0.0):
                self._next_ring[bell["task"]] = now + bell["schedule"]
                self._ring(bell["task"])
        pause = min([self._next_sign, *self._next_ring.values()]) - time.monotonic()
        return float(min(max(pause, 0.05), self.max_interval))

    def _ring(self, task: str) -> None:
        # No ring expires: that would be judged by the worker's clock, which may be a day off.
        try:
            with self.app.producer_or_acquire() as producer:
                queue = producer.channel.queue_declare(self.app.conf.task_default_queue)
                if queue.message_count < MOST_WAITING:
                    self.app.send_task(task, retry=False, producer=producer)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("The broker is away, %s was not rung: %s", task, error)

    def _show_life(self) -> None:
        close_old_connections()
        try:
            seen("beat", timezone.now())
        except DatabaseError as error:
            log.warning("The database is away: %s", error)
