"""When a turn ends and what interrupts: real audio through voice activity and the endpointer, on a clock of frames."""

from __future__ import annotations

import numpy as np
import pytest

from speech.audio import FRAME_BYTES, FRAME_SECONDS, silence
from speech.endpointing import PAUSES, TELLING, Endpointer, Pauses, Signal
from speech.recognition import Expecting
from speech.voice_activity import VoiceActivity
from tests.fixtures.voices import cough, hum, noise, said


def signals(
    pcm: bytes, pauses: Pauses = PAUSES[Expecting.ANYTHING], *, line: float = 12, always_closely: bool = False
) -> list[tuple[Signal, float]]:
    """What is told of ``pcm`` on a line with a little noise, with the second at which it is."""
    hiss = np.frombuffer(noise(len(pcm) / 16000, line), dtype=np.int16)
    mixed = (np.frombuffer(pcm, dtype=np.int16).astype(np.int32) + hiss).clip(-32768, 32767).astype(np.int16).tobytes()
    activity, endpointer, told = VoiceActivity(), Endpointer(), []
    endpointer.pauses = pauses
    for at in range(0, len(mixed) // FRAME_BYTES * FRAME_BYTES, FRAME_BYTES):
        now = at / 16000 + FRAME_SECONDS
        sound = activity.listen(mixed[at : at + FRAME_BYTES], closely=always_closely or endpointer.in_doubt)
        told += [(signal, now) for signal in endpointer.hear(now, speech=sound.speech, articulated=sound.articulated)]
    return told


@pytest.mark.parametrize("variant", ["m3", "f3", "m4"])
@pytest.mark.parametrize("words", ["我要投诉", "转人工", "不对"])
def test_words_interrupt_within_a_third_of_a_second(words: str, variant: str) -> None:
    told = signals(said(words, variant=variant, before=1.0, after=1.0))
    assert list(dict.fromkeys(signal for signal, _ in told)) == [Signal.BEGUN, Signal.INTERRUPTS, Signal.ENDED]
    assert told[1][1] - 1.0 < 0.55


@pytest.mark.parametrize("sound", [cough(), hum(), hum(0.25), noise(0.15, 5000)], ids=["cough", "嗯", "short", "click"])
def test_a_cough_and_a_hum_do_not_interrupt(sound: bytes) -> None:
    assert Signal.INTERRUPTS not in {signal for signal, _ in signals(silence(1) + sound + silence(1))}


def test_looking_closely_only_while_in_doubt_tells_the_same() -> None:
    call = (
        said("我要投诉", before=0.5, after=1.0) + cough() + silence(1) + said("幸福小区半夜施工", after=1.0) + hum(0.25)
    )
    told = signals(call)
    assert Signal.INTERRUPTS in {signal for signal, _ in told}
    assert told == signals(call, always_closely=True)


def test_the_turn_ends_when_the_pause_is_over_and_not_before() -> None:
    pcm = said("我要投诉", before=0.5)
    end = len(pcm) / 16000
    ended = [at for signal, at in signals(pcm + silence(2)) if signal is Signal.ENDED]
    assert len(ended) == 1
    assert 0.55 <= ended[0] - end <= 0.85  # voice activity hears some 100 ms more


@pytest.mark.parametrize(("pauses", "turns"), [(TELLING, 1), (PAUSES[Expecting.ANYTHING], 2)], ids=["telling", "usual"])
def test_somebody_who_tells_may_think_in_between(pauses: Pauses, turns: int) -> None:
    pcm = said("幸福小区", before=0.3) + silence(0.85) + said("半夜施工", after=1.5)
    assert [signal for signal, _ in signals(pcm, pauses)].count(Signal.ENDED) == turns


def test_digits_wait_for_the_rest_unless_all_are_there() -> None:
    for complete, pause in ((False, 1.2), (True, 0.5)):
        endpointer = Endpointer()
        endpointer.pauses = PAUSES[Expecting.DIGITS]
        now, ended = 0.0, None
        while ended is None:
            now += FRAME_SECONDS
            told = endpointer.hear(now, speech=now < 1, articulated=True, complete=complete)
            ended = now if Signal.ENDED in told else None
        assert ended - 1.0 == pytest.approx(pause, abs=0.05)


def test_silence_is_counted_by_the_clock_when_no_frames_come() -> None:
    endpointer = Endpointer()
    for frame in range(10):
        endpointer.hear(frame * FRAME_SECONDS, speech=True, articulated=True)
    assert endpointer.tick(0.5) == []
    assert endpointer.tick(0.9) == [Signal.ENDED]
    assert endpointer.tick(9.0) == []


def test_silence_and_a_humming_line_are_no_turn() -> None:
    assert signals(silence(5)) == []
    assert signals(silence(5), line=300)[1:] in ([], [(Signal.ENDED, pytest.approx(1.0, abs=0.7))])


def test_noise_that_does_not_stop_ends_after_seconds_and_words_only_after_half_a_minute() -> None:
    told = signals(silence(0.5) + noise(6, 3000))
    assert (Signal.TOO_LONG, pytest.approx(4.6, abs=0.3)) in told
    endpointer, now = Endpointer(), 0.0
    while Signal.TOO_LONG not in endpointer.hear(now, speech=True, articulated=True):
        now += FRAME_SECONDS
        assert now < 40
    assert now == pytest.approx(30, abs=0.2)
