"""What the benchmarks share: a mended environment, the machine in words, and gaps net of the wait for a processor."""

import os
import platform
import sys
import threading
import time
from importlib.metadata import version

MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Both slow a current numpy; a figure with them would be of another program."""


def mend_environment():
    """Start over without what misleads, which counts when numpy is imported, and let Qt draw where nobody looks."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_FONT_DPI", "96")
    if any(name in os.environ for name in MISLEADING):
        clean = {key: value for key, value in os.environ.items() if key not in MISLEADING}
        os.execve(sys.executable, [sys.executable, *sys.argv], clean)


def machine():
    """Say what this is measured on."""
    from threadpoolctl import threadpool_info

    blas = {f"{each['internal_api']} {each.get('architecture', '?')}" for each in threadpool_info()}
    about = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "PyQt5")},
        "blas": ", ".join(sorted(blas)),
        "platform": os.environ.get("QT_QPA_PLATFORM", ""),
    }
    return {key: value for key, value in about.items() if value not in (None, "")}


def in_words(about):
    return ", ".join(f"{key} {value}" for key, value in about.items())


_own = threading.local()


def waited():
    """Return for how many milliseconds this thread was ready to run, but others had the processor (Linux tells it).

    The file is kept open, because each call that lets go of the interpreter may have to wait to get it back.
    """
    try:
        if not hasattr(_own, "file"):
            _own.file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        return int(os.pread(_own.file, 100, 0).split()[1]) / 1e6
    except (OSError, IndexError):
        return 0.0


class Gaps:
    """Milliseconds between two calls of `beat` in the same thread: as they are, and net of the wait for a processor."""

    def __init__(self):
        self.raw, self.net = [], []
        self.start()

    def start(self):
        self._last, self._wait = time.perf_counter(), waited()

    def beat(self, *_):
        now, wait = time.perf_counter(), waited()
        self.raw.append(1000 * (now - self._last))
        self.net.append(self.raw[-1] - (wait - self._wait))
        self._last, self._wait = now, wait

    def row(self):
        import numpy as np

        net = np.array(self.net)
        return {
            "n": len(net),
            "raw_max": max(self.raw),
            "p50": float(np.percentile(net, 50)),
            "p99": float(np.percentile(net, 99)),
            "max": float(net.max()),
            "over_50": int((net > 50).sum()),
            "over_100": int((net > 100).sum()),
        }


class Heartbeat(Gaps):
    """Beats every 5 ms in the event loop of the thread that makes it."""

    INTERVAL = 5

    def __init__(self):
        from PyQt5.QtCore import Qt, QTimer

        super().__init__()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)
        self._timer.start(self.INTERVAL)

    def stop(self):
        """Count the gap that is not over yet too."""
        self._timer.stop()
        self.beat()
        return self.row()


def table(rows, columns, width=40):
    """Return lines: the name of each row, and under each of the `columns` its value where it has one."""
    sizes = [max(9, len(column) + 1) for column in columns]
    lines = [" " * width + "".join(f"{column:>{size}}" for column, size in zip(columns, sizes, strict=True))]
    for name, row in rows.items():
        cells = (_cell(row.get(column)) for column in columns)
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>{size}}" for cell, size in zip(cells, sizes, strict=True)))
    return "\n".join(line.rstrip() for line in lines)


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
