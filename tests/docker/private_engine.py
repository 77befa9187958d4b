"""A Docker engine that tests may stop, kill and start again, in a network namespace of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from axon.session.backends.docker_engine import Engine, EngineError

__all__ = ["PrivateEngine"]


class PrivateEngine:
    """An engine with its own data, sockets and containers below one directory."""

    def __init__(self, root: Path, *, live_restore: bool = False) -> None:
        self.root = root
        self.address = f"unix://{root}/s"
        self._live_restore = live_restore
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str:
        """Why there can be none here, or empty."""
        if os.geteuid() != 0:
            return "only root can start an engine"
        return "" if shutil.which("dockerd") else "dockerd is not installed"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            "unshare", "--net", "dockerd", "--data-root", str(self.root / "data"),
            "--exec-root", str(self.root / "x"),
            "--pidfile", str(self.root / "pid"), "--host", self.address, "--bridge", "none",
            "--iptables=false", "--ip-masq=false", f"--live-restore={str(self._live_restore).lower()}",
        ]  # fmt: skip
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 30
        while True:
            try:
                Engine(self.address, timeout=5).version()
                return
            except EngineError:
                assert time.monotonic() < end, (self.root / "log").read_text()[-3000:]
                time.sleep(0.05)

    def stop(self, sig: int = signal.SIGTERM) -> None:
        """Stop or kill it; its containers live on where it restores them."""
        if self._process is not None:
            self._process.send_signal(sig)
            self._process.wait(30)
            self._process = None
            if sig == signal.SIGKILL:  # a zombie with its number would be taken for the running containerd
                (self.root / "x" / "containerd" / "containerd.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop it, and what it left."""
        self.stop()
        self._kill_rest()
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{self.root}/"):
                subprocess.run(["umount", "-l", line.split()[1]], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def _kill_rest(self) -> None:
        """Kill the helpers of this engine: the processes whose command line names its directory."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                if str(self.root).encode() in command and b"containerd" in command.split(b"\0")[0]:
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                continue
