"""The fuzzer: damage sound files and containers at random, read them, and check what must hold.

It must hold that nothing but the errors of ``errors.py`` leaves the reader; that every physical line is either understood or
in a problem, never both; and that reading stays quick. A failure is printed with the seed that repeats it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import resource
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import zstandard

from thywill_reconstruct.archives.decode import count_lines, decode
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.archives.registry import find_format
from thywill_reconstruct.errors import ReconstructError

from .samples import PIECES, SAMPLES

# A file of these samples' size is read in a millisecond; a busy machine may make that a hundred.
SLOW_S = 2.0
# One in so many rounds damages a whole container instead of a file.
CONTAINERS = 20


class BrokenLawError(Exception):
    """Something that must hold does not."""


def damage(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one to eight wounds."""
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice((1, 1, 2, 8, 40, 200)))
        piece = chance.choice(PIECES)
        data = chance.choice(
            (
                lambda d, a=at, p=piece: d[:a] + p + d[a:],
                lambda d, a=at, b=to: d[:a] + d[b:],
                lambda d, a=at, b=to: d[:a] + d[a:b] * 3 + d[b:],
                lambda d, a=at, b=to, p=piece: d[:a] + p + d[b:],
                lambda d, a=at, b=to: d[:a] + chance.randbytes(b - a) + d[b:],
                lambda d, a=at: d[:a],
                lambda d, a=at, p=piece: d[:a] + p * chance.choice((50, 2000)) + d[a:],
            )
        )(data)
    return data


def read_file(path: str, data: bytes) -> None:
    """Read one file and check the laws."""
    entry = find_format(path)
    assert entry is not None
    assert entry.parse is not None
    text = decode(data).text
    if not text.strip("\0"):
        return
    started = time.perf_counter()
    parsed = entry.parse(path, text)
    took = time.perf_counter() - started
    total = count_lines(text)
    unread = {
        n for p in parsed.problems if p.code in UNREAD for n in range(p.span.first, min(p.span.last, total) + 1)
    }
    if parsed.understood + len(unread) != total:
        raise BrokenLawError(f"{parsed.understood} understood + {len(unread)} unread is not {total} lines")
    if took > SLOW_S:
        raise BrokenLawError(f"{took:.1f} s for {len(data):,} bytes")


def read_container(folder: Path, chance: random.Random) -> None:
    """Damage a ZIP or tar file of all samples, or the files inside it, and load it."""
    files = {path: text.encode() for path, text in SAMPLES.items()}
    for path in chance.sample(sorted(files), 5):
        files[path] = damage(files[path], chance)
    buffer = io.BytesIO()
    kind = chance.choice(("zip", "w", "w:gz", "w:xz", "w:bz2", "zst"))
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as container:
            for path, data in files.items():
                container.writestr(path, data)
    else:
        with tarfile.open(fileobj=buffer, mode="w" if kind == "zst" else kind) as tar:  # type: ignore[call-overload]
            for path, data in files.items():
                info = tarfile.TarInfo(path)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    packed = buffer.getvalue()
    if kind == "zst":
        packed = zstandard.ZstdCompressor().compress(packed)
    if chance.random() < 0.7:
        packed = damage(packed, chance)
    place = folder / "archive"
    place.write_bytes(packed)
    with contextlib.suppress(ReconstructError):
        load_archive(place)


def main() -> int:
    """Run for the given time; return 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz_archives", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; every round counts on by one")
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    done: Counter[str] = Counter()
    failures = 0
    seed = options.seed
    names = sorted(SAMPLES)
    with tempfile.TemporaryDirectory() as name:
        while time.monotonic() < end and failures < 10:
            chance = random.Random(seed)
            path = chance.choice(names)
            try:
                if seed % CONTAINERS == 0:
                    path = "container"
                    read_container(Path(name), chance)
                else:
                    read_file(path, damage(SAMPLES[path].encode(), chance))
            except Exception as error:
                failures += 1
                print(f"seed {seed}: {path}: {type(error).__name__}: {error}", flush=True)
            done[path] += 1
            seed += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    files = sum(done.values()) - done["container"]
    print(
        f"{files:,} files of {len(names)} kinds and {done['container']:,} containers read in {options.minutes:g} minutes;"
    )
    print(f"{failures} failures; at most {peak:,} MB of memory; seeds {options.seed} to {seed - 1}.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
