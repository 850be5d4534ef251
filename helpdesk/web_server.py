"""How gunicorn serves the pages: `gunicorn helpdesk.wsgi --config python:helpdesk.web_server`."""

import os
import signal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings

from helpdesk.processes import die_with_parent

worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
preload_app = True  # one start instead of one per worker, and shared memory
loglevel = settings.LOG_LEVEL
timeout = 60
graceful_timeout = 5
keepalive = 5
control_socket_disable = True  # the supervisor and the container manage it


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker end with its server, even when that is killed, so the port is free again."""
    die_with_parent(server.pid, signal.SIGKILL)
