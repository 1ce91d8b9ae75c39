"""The workers as the runner sees them: started, asked, and stopped."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
PATIENCE = 600.0  # seconds for one answer: tinygrad compiles the long chain for minutes


class WorkerError(Exception):
    """A worker could not do what it was asked; the message is its last line."""


class LeftOutError(Exception):
    """A contestant has no such workload; the message says why."""


def missing(name: str) -> str:
    """What is not installed of what a contestant needs, or nothing."""
    absent = (
        need
        for need in CONTESTANTS[name].needs
        if need != "autograd_lite" and importlib.util.find_spec(need) is None
    )
    return ", ".join(absent)


def environment(name: str, threads: int) -> dict[str, str]:
    """The variables of a contestant's process: its threads, and this tree where it is needed."""
    count = str(threads)
    variables = {key: value for key, value in os.environ.items() if key != "AUTOGRAD_LITE_FAST"}
    for key in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM"):
        variables[f"{key}_THREADS" if key.endswith("MAXIMUM") else f"{key}_NUM_THREADS"] = count
    variables["NUM_CPU_THREADS"] = count  # tinygrad's
    if threads == 1:
        flags = variables.get("XLA_FLAGS", "")
        variables["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    if importlib.util.find_spec("autograd_lite") is None:
        paths = [str(ROOT), variables.get("PYTHONPATH", "")]
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return variables | CONTESTANTS[name].environment


class Worker:
    """A process that runs one contestant on one workload.

    Args:
        workload: its name.
        name: the contestant's.
        threads: how many it may use.

    Raises:
        WorkerError: when it fails at the start.
        LeftOutError: when the contestant has no such workload.
    """

    def __init__(self, workload: str, name: str, threads: int) -> None:
        self.name = name
        self._process = subprocess.Popen(  # noqa: S603  # a file of this folder
            [sys.executable, str(FOLDER / "worker.py"), workload, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(name, threads),
            text=True,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._complaints: list[str] = []
        for pipe, put in (
            (self._process.stdout, self._answers.put),
            (self._process.stderr, self._complain),
        ):
            threading.Thread(target=_forward, args=(pipe, put), daemon=True).start()
        try:
            self.started = self._receive()
        except WorkerError:
            self.close()
            raise

    def _complain(self, line: str) -> None:
        """Keep the last lines of standard error."""
        self._complaints = [*self._complaints, line.strip()][-20:]

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for the answer."""
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps({"do": do, **arguments}) + "\n")
            pipe.flush()
        except OSError as error:
            raise WorkerError(self._last_words()) from error
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            message = f"no answer for {PATIENCE:.0f} s"
            raise WorkerError(message) from None
        if not line:
            raise WorkerError(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        if "left_out" in answer:
            self.close()
            raise LeftOutError(answer["left_out"])
        return answer

    def _last_words(self) -> str:
        code = self._process.wait()
        return next((line for line in reversed(self._complaints) if line), f"exit status {code}")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=5)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()


def _forward(pipe: Any, put: Any) -> None:
    """Pass on what a pipe gives, line by line, and an empty line at its end."""
    for line in pipe:
        put(line)
    put("")


def import_seconds(name: str, threads: int) -> float:
    """The time of a contestant's import in a fresh process that has imported NumPy already."""
    code = (
        "import time, numpy; start = time.perf_counter()\n"
        f"{CONTESTANTS[name].imports}\n"
        "print('seconds', time.perf_counter() - start)"
    )
    result = subprocess.run(  # noqa: S603  # an import of the table of contestants
        [sys.executable, "-c", code],
        env=environment(name, threads),
        capture_output=True,
        text=True,
        check=False,
    )
    line = next((s for s in result.stdout.splitlines() if s.startswith("seconds ")), "")
    if not line:
        words = result.stderr.strip().splitlines() or [f"exit status {result.returncode}"]
        raise WorkerError(words[-1])
    return float(line.removeprefix("seconds "))
