"""Voices: espeak-ng for real, edge-tts against an emulation of its service, and the chain that puts them in order."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from speech import espeak
from speech.audio import FRAME_BYTES, seconds_of
from speech.breaker import PAUSE, Breaker
from speech.edge import EdgeVoice
from speech.espeak import EspeakVoice
from speech.pinyin import Pinyin
from speech.prompt_cache import PromptCache
from speech.recognition import Expecting
from speech.synthesis import SLOW, Synthesiser, SynthesisFailed
from speech.vosk_recognition import VoskRecogniser
from tests.conftest import BUSY
from tests.speech.edge_service import edge_service

SENTENCE = "请问您要反映什么问题"


@pytest.fixture
def sure_voice() -> EspeakVoice:
    return EspeakVoice(Pinyin.load())


class Broken:
    """A voice that fails: at once, or after a first sound."""

    name = "broken"

    def __init__(self, first: bytes = b"") -> None:
        self.first, self.asked = first, 0

    async def speak(self, sentence: str, speed: float) -> AsyncGenerator[bytes, None]:
        self.asked += 1
        if self.first:
            yield self.first
        raise SynthesisFailed("broken")


async def spoken(
    synthesiser: Synthesiser, sentence: str = SENTENCE, speed: float = 1.0, *, keep: bool = False
) -> bytes:
    return b"".join([pcm async for pcm in synthesiser.speak(sentence, speed=speed, keep=keep)])


def kept_in(folder: Path) -> int:
    return len(list(folder.iterdir()))


async def heard(recogniser: VoskRecogniser, pcm: bytes) -> str:
    utterance = recogniser.begin(Expecting.ANYTHING)
    await utterance.feed(bytes(3200) + pcm + bytes(6400))
    return (await utterance.finish()).text


async def test_the_sure_voice_is_understood(
    sure_voice: EspeakVoice, recogniser: VoskRecogniser, tmp_path: Path
) -> None:
    synthesiser = Synthesiser([sure_voice], PromptCache(tmp_path))
    assert await heard(recogniser, await spoken(synthesiser)) == SENTENCE
    number = synthesiser.pieces("受理编号：20260417")[0]
    assert (await heard(recogniser, await spoken(synthesiser, number))).endswith("二零二六零四幺七")


async def test_slower_is_slower(sure_voice: EspeakVoice, tmp_path: Path) -> None:
    synthesiser = Synthesiser([sure_voice], PromptCache(tmp_path))
    usual, slow = [seconds_of(await spoken(synthesiser, speed=speed)) for speed in (1.0, SLOW)]
    assert slow > usual * 1.15


async def test_what_is_kept_is_not_made_again_and_what_is_not_is(tmp_path: Path, sure_voice: EspeakVoice) -> None:
    first = await spoken(Synthesiser([sure_voice], PromptCache(tmp_path)), keep=True)
    await spoken(Synthesiser([sure_voice], PromptCache(tmp_path)), "我叫王小明")
    assert kept_in(tmp_path) == 1  # nothing personal on disk
    silent = Broken()
    silent.name = sure_voice.name
    assert await spoken(Synthesiser([silent], PromptCache(tmp_path))) == first
    with pytest.raises(SynthesisFailed):
        await spoken(Synthesiser([silent], PromptCache(tmp_path)), "我叫王小明")


async def test_a_corrected_reading_is_heard_and_what_was_kept_before_goes_when_long_unused(tmp_path: Path) -> None:
    wrong, right = Pinyin({"银行": "yin2 xing2"}), Pinyin({"银行": "yin2 hang2"})
    text, folder = "银行在哪里。", tmp_path / "prompts"
    heard_wrong, heard_right = [
        await spoken(Synthesiser([EspeakVoice(pinyin)], PromptCache(folder)), text, keep=True)
        for pinyin in (wrong, right)
    ]
    assert heard_right == await spoken(Synthesiser([EspeakVoice(right)], PromptCache(tmp_path / "new")), text)
    assert heard_right != heard_wrong
    assert kept_in(folder) == 2
    for file in folder.iterdir():
        os.utime(file, (0, time.time() - 40 * 24 * 3600))
    synthesiser = Synthesiser([EspeakVoice(right)], PromptCache(folder))
    await synthesiser.keep(text)
    await synthesiser.clear()
    assert kept_in(folder) == 1
    assert await spoken(Synthesiser([EspeakVoice(right)], PromptCache(folder)), text) == heard_right


async def test_a_full_disk_costs_nothing_but_the_keeping(tmp_path: Path, sure_voice: EspeakVoice) -> None:
    (tmp_path / "prompts").write_text("not a folder")
    cache = PromptCache(tmp_path / "prompts")
    assert await spoken(Synthesiser([sure_voice], cache), keep=True) == await spoken(Synthesiser([sure_voice], cache))


@pytest.mark.parametrize("first", [b"", bytes(FRAME_BYTES)], ids=["at once", "after its first sound"])
async def test_the_next_voice_says_the_whole_sentence(first: bytes, tmp_path: Path, sure_voice: EspeakVoice) -> None:
    alone = await spoken(Synthesiser([sure_voice], PromptCache(tmp_path)))
    assert await spoken(Synthesiser([Broken(first), sure_voice], PromptCache(tmp_path))) == first + alone


async def test_with_every_voice_broken_it_is_said_that_nothing_can_be(tmp_path: Path) -> None:
    with pytest.raises(SynthesisFailed):
        await spoken(Synthesiser([Broken(), Broken()], PromptCache(tmp_path)))
    assert not Synthesiser([], PromptCache(tmp_path)).can_speak


async def test_a_voice_that_goes_on_failing_is_left_alone(tmp_path: Path, sure_voice: EspeakVoice) -> None:
    broken = Broken()
    synthesiser = Synthesiser([broken, sure_voice], PromptCache(tmp_path))
    for _ in range(6):
        await spoken(synthesiser)
    assert broken.asked == 3


def test_the_breaker_lets_one_try_after_a_while() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(3):
        assert not breaker.is_open()
        breaker.failed()
    assert breaker.is_open()
    now = PAUSE + 1
    assert [breaker.is_open(), breaker.is_open()] == [False, True]
    breaker.succeeded()
    assert not breaker.is_open()


async def test_an_espeak_that_is_not_there_or_says_nothing_is_a_failure(
    sure_voice: EspeakVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("no-such-program", "true", "false"):
        monkeypatch.setattr(espeak, "PROGRAM", program)
        with pytest.raises(SynthesisFailed):
            await spoken(Synthesiser([sure_voice], PromptCache(tmp_path)))


# ------------------------------------------------------------------------------------ the voice over the internet


async def test_the_good_voice_is_heard_before_the_sentence_has_ended(
    recogniser: VoskRecogniser, tmp_path: Path
) -> None:
    async with edge_service() as service:
        parts = [pcm async for pcm in EdgeVoice("zh-CN-XiaoxiaoNeural").speak(SENTENCE, 1.0)]
    assert len(parts) > 5
    assert await heard(recogniser, b"".join(parts)) == SENTENCE
    assert "zh-CN, XiaoxiaoNeural" in service.asked[0]
    assert SENTENCE in service.asked[0]


@pytest.mark.parametrize("temper", ["slow", "refusing", "cut", "hanging", "silent"])
async def test_whatever_the_service_does_the_sentence_is_said(
    temper: str, recogniser: VoskRecogniser, tmp_path: Path, sure_voice: EspeakVoice
) -> None:
    good = EdgeVoice("zh-CN-XiaoxiaoNeural", first_sound=0.6, whole=1.2)
    synthesiser = Synthesiser([good, sure_voice], PromptCache(tmp_path))
    begun = time.monotonic()
    async with edge_service() as service:
        service.temper = temper
        pcm = await spoken(synthesiser, keep=True)
    assert (await heard(recogniser, pcm)).endswith(SENTENCE)
    assert time.monotonic() - begun < 3 + BUSY
    kept = PromptCache(tmp_path)
    assert kept.get(good.name, SENTENCE, 1.0) is None  # half a sentence is not kept
    assert kept.get(sure_voice.name, SENTENCE, 1.0) is not None


async def test_a_service_that_is_not_there_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_tts.communicate.WSS_URL", "ws://127.0.0.1:9/edge/v1?TrustedClientToken=x")
    with pytest.raises(SynthesisFailed):
        [pcm async for pcm in EdgeVoice("zh-CN-XiaoxiaoNeural").speak(SENTENCE, 1.0)]
