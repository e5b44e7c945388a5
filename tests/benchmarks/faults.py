"""Whether a project survives being killed, failing system calls, cuts and flipped bytes while it is saved.

    python tests/benchmarks/faults.py [--kills 200] [--damage 500] [--calls] [--seed 1] [--json OUT]

A process saves one change after another, and prints the number of each once it is committed. `--kills` ends it by
SIGKILL at random moments of 30 to 120 ms: the project then has to hold the last number that was printed, or a later
one, and no item that was not written so. `--damage` cuts a project at so many places, and flips a byte at as many:
each item has to be as it was, or refused with a sentence. `--calls` makes each system call of a save fail in turn
(strace; ENOSPC, EIO, EACCES): the project has to hold the state before or the one after. Must: 0 lost, 0 wrong.
"""

import argparse
import contextlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.database import Database

CALLS = ("openat", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "rename", "mmap", "fcntl")
ERRORS = ("ENOSPC", "EIO", "EACCES")

SAVING = """
import sys
from pathlib import Path
from neuropil_gui.formats.project.writer import Writer
count = int(sys.argv[2])
writer = Writer(Path(sys.argv[1]))
while True:
    count += 1
    writer.put("state", "now", str(count).encode)
    writer.put("result", str(count % 50), lambda body=bytes([count % 256]) * 50_000: body)
    assert writer.flush(10)
    print(count, flush=True)
"""

ONCE = """
import sys
from pathlib import Path
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.database import Database
try:
    database = Database(Path(sys.argv[1]), write=True)
    Path(sys.argv[2]).touch()
    database.change([("state", "now", b"new"), ("result", "0", bytes(20_000))])
    database.close()
    print("saved")
except DataError as error:
    print(error)
"""


def contents(path):
    with closing(Database(path)) as database:
        return {
            (kind, key): database.get(kind, key) for kind in ("state", "result") for key in database.keys(kind)
        }  # fmt: skip


def kills(count, chance, folder):
    """End a process that saves so many times; return the number of times that something was lost or wrong."""
    path, wrong, last = folder / "killed.npgui", 0, 0
    for _ in range(count):
        process = subprocess.Popen([sys.executable, "-c", SAVING, path, str(last)], stdout=subprocess.PIPE, text=True)
        printed = [process.stdout.readline()]
        time.sleep(chance.uniform(0.03, 0.12))
        process.kill()
        printed += process.communicate()[0].splitlines()
        last = max([last, *(int(line) for line in printed if line.strip().isdecimal())])
        try:
            found = contents(path)
        except DataError as error:
            print(error)
            wrong += 1
            continue
        kept = int(found["state", "now"])
        whole = all(len(set(body)) == 1 and len(body) == 50_000 for key, body in found.items() if key[0] == "result")
        wrong += kept < last or not whole
        last = max(last, kept)
    return wrong


def damage(count, chance, folder):
    """Cut and flip a project so many times each; return the counts of what was shown, and of what was wrong."""
    path = folder / "damaged.npgui"
    expected = {("result", str(key)): bytes([key]) * 3000 for key in range(20)} | {("state", "now"): b"state"}
    with closing(Database(path, write=True)) as database:
        database.change([(*name, body) for name, body in expected.items()])
    whole, seen = path.read_bytes(), Counter()
    for number in range(2 * count):
        body = bytearray(whole)
        if number % 2:
            del body[chance.randrange(len(body)) :]
        else:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        path.write_bytes(body)
        try:
            found = contents(path)
            seen["as it was" if found == expected else "a part" if found.items() <= expected.items() else "WRONG"] += 1
        except DataError:
            seen["a sentence"] += 1
    return seen


def calls(folder):
    """Make each system call of a save fail in turn; return the counts of what became of the save."""
    seen, path, ready = Counter(), folder / "failing.npgui", folder / "ready"
    for call in CALLS:
        for error in ERRORS:
            for at in range(1, 200):
                for left in folder.glob("failing*"):
                    left.unlink()
                ready.unlink(missing_ok=True)
                with closing(Database(path, write=True)) as database:
                    database.change([("state", "now", b"old")])
                injected = f"inject={call}:error={error}:when={at}"
                traced = ["strace", "-f", "-qq", "-o", str(folder / "log"), "-e", f"trace={call}", "-e", injected]
                traced += ["-P", str(path), "-P", f"{path}-wal", "-P", f"{path}-shm", "-P", f"{path}-journal"]
                done = subprocess.run(
                    [*traced, sys.executable, "-c", ONCE, path, ready], capture_output=True, text=True, check=False
                )
                injections = (folder / "log").read_text().count("(INJECTED)")
                if not injections:
                    break
                saved = done.stdout.strip() == "saved"
                state = contents(path).get(("state", "now"))
                if not done.stdout.strip() or state not in (b"old", b"new") or (saved and state != b"new"):
                    print(call, error, at, state, done.stdout, done.stderr[-300:])
                    seen["WRONG"] += 1
                else:
                    seen["saved all the same" if saved else f"a sentence, {state.decode()} state"] += 1
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--damage", type=int, default=500)
    parser.add_argument("--calls", action="store_true", help="needs strace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chance, figures = random.Random(options.seed), {}
    folder = Path(tempfile.mkdtemp())
    with contextlib.suppress(KeyboardInterrupt):
        figures["kills"], figures["lost or wrong after a kill"] = options.kills, kills(options.kills, chance, folder)
        print(f"{options.kills} kills: {figures['lost or wrong after a kill']} times something was lost or wrong")
        figures["damage"] = damage(options.damage, chance, folder)
        print(f"{2 * options.damage} damaged files: {dict(figures['damage'])}")
        if options.calls:
            figures["calls"] = calls(folder)
            print(f"failing system calls: {dict(figures['calls'])}")
    shutil.rmtree(folder)
    if options.json is not None:
        options.json.write_text(json.dumps(figures))
    wrong = [figures.get("damage", {}).get("WRONG", 0), figures.get("calls", {}).get("WRONG", 0)]
    return 1 if figures.get("lost or wrong after a kill") or any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
