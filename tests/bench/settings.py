"""The desk's own settings with the reference page added and rate limits out of the way."""

from helpdesk.settings import *  # noqa: F403 -- everything but what follows is the product's
from helpdesk.settings import MIDDLEWARE as OURS

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.reference.Queries", *OURS]
READS_PER_MINUTE = WRITES_PER_MINUTE = 10_000_000
