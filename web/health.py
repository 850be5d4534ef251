"""Is the helpdesk alive (`/healthz`), and is it ready (`/readyz`)?"""

from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.heartbeat import PARTS, silent_parts


@dataclass(frozen=True)
class Health:
    """What each part answers: `ok`, `silent` (worker, beat), `missing` or `not migrated`."""

    database: str
    broker: str
    worker: str
    beat: str

    @property
    def status(self) -> str:
        """`down` without the database; `degraded` while another part is away; else `ok`."""
        if self.database != "ok":
            return "down"
        return "ok" if {self.broker, self.worker, self.beat} == {"ok"} else "degraded"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the web process is alive; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the desk can accept tickets, 503 when it cannot, with each part's state.

    A missing broker is `degraded`, not `down`: what is accepted lies in PostgreSQL.
    """
    health = look(timezone.now())
    answer = {"status": health.status, **vars(health)}
    return JsonResponse(answer, status=503 if health.status == "down" else 200)


def look(at: datetime) -> Health:
    """Ask every part how it is."""
    database = _database()
    silent = silent_parts(at) if database == "ok" else list(PARTS)
    return Health(
        database=database,
        broker=_broker(),
        worker="silent" if "worker" in silent else "ok",
        beat="silent" if "beat" in silent else "ok",
    )


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "missing"
    return "not migrated" if waiting else "ok"


def _broker() -> str:
    # Broker and cache are the same server; the cache's address is spelled as redis-py reads it.
    client = redis.Redis.from_url(
        str(settings.CACHES["default"]["LOCATION"]), socket_timeout=1, socket_connect_timeout=1
    )
    try:
        client.ping()
    except redis.RedisError:
        return "missing"
    finally:
        client.close()
    return "ok"
