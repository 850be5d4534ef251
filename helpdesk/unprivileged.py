"""The account that runs the embedded servers when the helpdesk is started by root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from helpdesk.processes import Account, CannotStart

NAME = "helpdesk"
HOME = Path("/var/lib/helpdesk")


def server_account() -> Account | None:
    """The account to drop to: none for an ordinary user, `helpdesk` (made when missing) for root.

    :raises CannotStart: the account is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(NAME)
    except KeyError:
        _make()
        found = pwd.getpwnam(NAME)
    return Account(NAME, found.pw_uid, found.pw_gid)


def _make() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise CannotStart(
            "PostgreSQL does not run as root: make an account named helpdesk,"
            " or start the helpdesk as an ordinary user."
        )
    made = subprocess.run(  # noqa: S603 -- our own command
        [
            useradd, "--system", "--user-group", "--no-create-home", "--home-dir", str(HOME),
            "--shell", "/usr/sbin/nologin", NAME,
        ],
        capture_output=True,
        check=False,
        text=True,
    )  # fmt: skip
    if made.returncode:
        raise CannotStart(f"The account {NAME} cannot be made: {made.stderr.strip()}")
