from __future__ import annotations

import os
import signal

import pytest

from thywill_reconstruct.apply.signals import interruptible


def test_a_signal_interrupts_and_the_former_handler_returns() -> None:
    former = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt, match="stopped by SIGTERM"), interruptible():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is former


def test_a_signal_is_held_off_where_nothing_may_be_split() -> None:
    with interruptible() as interruption:
        with interruption.held_off():
            with interruption.held_off():
                pass
            os.kill(os.getpid(), signal.SIGTERM)
        reached = True
    assert reached
