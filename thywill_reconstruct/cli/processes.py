"""Deciding names in two processes at once, where the machine has two processors and there is enough to do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection

from thywill_reconstruct.identity.bulk import Decide, NameDecision, in_batches

# Below this many names a second process costs more than it saves.
WORTH_A_PROCESS = 1_000


def in_two_processes(decide: Decide, names: Sequence[str]) -> dict[str, NameDecision]:
    """Decide every second name in a process of its own; all in this one where that is impossible, or fails.

    The other process is a fork: it shares what was read so far, and only its decisions are handed over.
    """
    if len(names) < WORTH_A_PROCESS or not _can_fork():
        return in_batches(decide, names)
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    helper = context.Process(target=_decide_and_send, args=(sender, decide, names[1::2]), daemon=True)
    helper.start()
    sender.close()
    try:
        decided = in_batches(decide, names[::2])
        try:
            decided.update(receiver.recv())
        except EOFError:  # killed, perhaps for want of memory: what it would have done is still to do
            decided.update(in_batches(decide, names[1::2]))
    finally:
        receiver.close()
        helper.terminate()
        helper.join()
    return decided


def _can_fork() -> bool:
    """A fork copies one thread only, so it is safe where there is no other."""
    return "fork" in get_all_start_methods() and (os.cpu_count() or 1) > 1 and threading.active_count() == 1


def _decide_and_send(sender: Connection, decide: Decide, names: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it in silence; the other process does the talking
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sender.send(in_batches(decide, names))
    sender.close()
