"""The steps of the image are run in a folder, without an engine: whatever they name has to be there, and to serve.

    python deploy/rehearse.py [FOLDER]

Each absolute path of the image is one below the folder. What needs another user is left out, and told. At the end the
command that the image begins with has to answer from a home of its own, and from nothing else of this checkout.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATHS = ("/src", "/build", "/opt/onrecord", "/var/lib/onrecord")
PORT = "8399"


def steps(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile and what stands behind them, in order."""
    joined = re.sub(r"\\\n", " ", text)
    lines = (line.strip() for line in joined.splitlines())
    return [(name, rest) for line in lines if line and line[0] != "#" for name, _, rest in [line.partition(" ")]]


def below(folder: Path, text: str) -> str:
    """Return the text with the paths of the image as paths below the folder."""
    for path in PATHS:
        text = re.sub(rf"(?<![\w/.]){path}(?![\w-])", f"{folder}{path}", text)
    return text


def main() -> None:
    """Run all steps, and ask what they made."""
    kept = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    image = Image(kept or Path(tempfile.mkdtemp(prefix="onrecord-image-")))
    for name, rest in steps((HERE / "Dockerfile").read_text()):
        image.step(name, rest)
    image.answer()
    if kept is None:
        shutil.rmtree(image.folder)


class Image:
    """What the steps have come to."""

    def __init__(self, folder: Path) -> None:
        self.folder = self._where = folder
        self._begins: list[str] = []
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        network = {name: value for name, value in os.environ.items() if re.search("(?i)_proxy$|^PIP_|_CA_|_CERT", name)}
        self._environment |= network

    def step(self, name: str, rest: str) -> None:
        """Do as the instruction says, as far as that can be done in a folder."""
        rest = below(self.folder, rest)
        match name:
            case "WORKDIR":
                self._where = Path(rest)
                self._where.mkdir(parents=True, exist_ok=True)
            case "ENV":
                self._environment |= dict(word.split("=", 1) for word in rest.split())
            case "COPY":
                self._copy(rest)
            case "RUN":
                self._run(rest)
            case "ENTRYPOINT" | "CMD":
                self._begins += json.loads(rest)
            case _:
                pass

    def _copy(self, rest: str) -> None:
        *sources, to = rest.split()
        if not rest.startswith("--from"):
            for source in sources:
                copy(HERE.parent / source, self._where / to)

    def _run(self, rest: str) -> None:
        if "useradd" in rest:
            print("left out, as it needs root:", rest)  # noqa: T201 (whoever ran this waits for it)
            Path(below(self.folder, "/var/lib/onrecord")).mkdir(parents=True, mode=0o700)
            return
        print("RUN", rest, flush=True)  # noqa: T201 (as above)
        subprocess.run(["/bin/sh", "-ec", rest], cwd=self._where, env=self._environment, check=True)

    def answer(self) -> None:
        """Start the service and ask it until it is ready, or raise."""
        environment = {**self._environment, "ONRECORD_PORT": PORT, "ONRECORD_HOST": "127.0.0.1"}
        with subprocess.Popen(self._begins, cwd=self.folder, env=environment) as service:
            try:
                ready = asked("/readyz", 120)
                print(ready, asked("/", 1)[:60])  # noqa: T201 (as above)
            finally:
                service.terminate()


def asked(path: str, seconds: int) -> str:
    """Return what the service answers, or raise SystemExit when the seconds have passed."""
    for _ in range(seconds):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5) as told:
                return told.read().decode()
        except OSError:
            time.sleep(1)
    raise SystemExit("the service did not answer")


def copy(source: Path, to: Path) -> None:
    """Copy what the ignore file lets through."""
    if source.is_file():
        shutil.copy(source, to)
        return
    names = ("__pycache__", "node_modules", "dist")
    shutil.copytree(source, to, ignore=shutil.ignore_patterns(*names), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
