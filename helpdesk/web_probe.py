"""Ask the web server whether it is alive, as a browser would."""

import http.client
from urllib.parse import urlsplit

from django.conf import settings

PATIENCE = 5.0  # seconds


def answers(url: str) -> bool:
    """Whether `/healthz` answers at this address, asked for by the name of `SITE_URL`."""
    parts = urlsplit(url)
    connect = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    connection = connect(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(settings.SITE_URL).netloc})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
