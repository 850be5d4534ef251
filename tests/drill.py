"""`make drill`: every test at full size, one file after the other, resumable, with a summary."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NOTES = PROJECT / ".drill" / "done.json"


def main() -> int:
    """Run what has not passed yet; give the number of files that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="forget what passed before")
    if parser.parse_args().fresh:
        NOTES.unlink(missing_ok=True)
    done: dict[str, float] = json.loads(NOTES.read_text()) if NOTES.exists() else {}
    failed = []
    for path in sorted(PROJECT.glob("tests/**/test_*.py")):
        name = str(path.relative_to(PROJECT))
        if name in done:
            continue
        seconds = _run(name)
        if seconds is None:
            failed.append(name)
        else:
            done[name] = round(seconds, 1)
            NOTES.parent.mkdir(exist_ok=True)
            NOTES.write_text(json.dumps(done, indent=1) + "\n")
    for name, taken in sorted(done.items()):
        print(f"passed  {taken:8.1f} s  {name}")
    for name in failed:
        print(f"FAILED              {name}")
    print(f"{len(done)} files passed, {len(failed)} failed")
    return len(failed)


def _run(name: str) -> float | None:
    print(f"→ {name}", flush=True)
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", name],
        cwd=PROJECT,
        env={**os.environ, "DRILL": "1"},
        check=False,
    )
    return time.monotonic() - began if ran.returncode in {0, 5} else None


if __name__ == "__main__":
    sys.exit(min(main(), 1))
