"""The recognition port with the real Vosk engine behind it and a small synthetic model."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from speech.audio import FRAME_BYTES, Resampler, resample, silence
from speech.recognition import Expecting, Heard, RecognitionFailed
from speech.vosk_recognition import NoModel, VoskRecogniser, model_rate
from tests.fixtures.voices import MODEL, noise, said


async def hear(recogniser: VoskRecogniser, pcm: bytes, expecting: Expecting = Expecting.ANYTHING) -> Heard:
    utterance = recogniser.begin(expecting)
    for at in range(0, len(pcm), FRAME_BYTES):
        await utterance.feed(pcm[at : at + FRAME_BYTES])
    return await utterance.finish()


@pytest.mark.parametrize(
    ("expecting", "words"),
    [
        (Expecting.ANYTHING, "我要投诉幸福小区半夜施工噪音太大"),
        (Expecting.ANYTHING, "社保卡丢了怎么补办"),
        (Expecting.YES_NO, "是的"),
        (Expecting.YES_NO, "不对"),
        (Expecting.DIGITS, "幺三八零零幺三八零零零"),
        (Expecting.MENU, "转人工"),
    ],
)
async def test_what_is_said_is_heard(recogniser: VoskRecogniser, expecting: Expecting, words: str) -> None:
    assert (await hear(recogniser, said(words, before=0.3, after=0.4), expecting)).text == words


@pytest.mark.parametrize("expecting", [Expecting.YES_NO, Expecting.DIGITS, Expecting.MENU])
async def test_a_grammar_does_not_deafen_to_anything_else(recogniser: VoskRecogniser, expecting: Expecting) -> None:
    words = "地址是人民路八十八号"
    assert (await hear(recogniser, said(words, before=0.2, after=0.4), expecting)).text == words


async def test_a_digits_grammar_takes_no_word_for_digits(recogniser: VoskRecogniser) -> None:
    assert (await hear(recogniser, said("不满意", before=0.2, after=0.4), Expecting.DIGITS)).text == "不满意"


async def test_segments_on_both_sides_of_a_pause_are_one_utterance(recogniser: VoskRecogniser) -> None:
    pcm = said("我的电话是", before=0.2) + silence(0.9) + said("幺三八零零幺三八零零零", after=0.6)
    heard = await hear(recogniser, pcm)
    assert heard.text == "我的电话是幺三八零零幺三八零零零"
    assert heard.text == "".join(word.text for word in heard.words)


async def test_words_carry_their_times_and_how_sure_they_are(recogniser: VoskRecogniser) -> None:
    heard = await hear(recogniser, said("我叫王小明", before=1.0, after=0.4))
    assert [word.text for word in heard.words] == ["我", "叫", "王", "小明"]
    assert heard.words[0].start == pytest.approx(1.0, abs=0.3)
    assert all(0 <= word.start < word.end <= 3 and 0 < word.confidence <= 1 for word in heard.words)
    assert heard.confidence > 0.8


@pytest.mark.parametrize("pcm", [silence(6), noise(6, 40), noise(3, 4000)], ids=["silence", "quiet", "loud"])
async def test_nothing_said_is_nothing_heard(recogniser: VoskRecogniser, pcm: bytes) -> None:
    assert await hear(recogniser, pcm) == Heard("")


async def test_an_empty_utterance_is_nothing_heard(recogniser: VoskRecogniser) -> None:
    assert await recogniser.begin(Expecting.DIGITS).finish() == Heard("")


async def test_what_is_understood_so_far_comes_while_one_speaks(recogniser: VoskRecogniser) -> None:
    utterance, pcm, so_far = recogniser.begin(Expecting.ANYTHING), said("我要投诉幸福小区半夜施工"), []
    for at in range(0, len(pcm), FRAME_BYTES):
        so_far.append(await utterance.feed(pcm[at : at + FRAME_BYTES]))
    assert any("投诉" in text for text in so_far[: len(so_far) * 3 // 4])


async def test_decoding_leaves_the_event_loop_alone(recogniser: VoskRecogniser) -> None:
    home, seen = threading.get_ident(), set[int]()
    utterance = recogniser.begin(Expecting.ANYTHING)
    decode = utterance._decode

    def watched(pcm: bytes, **more: bool) -> str:
        seen.add(threading.get_ident())
        return decode(pcm, **more)

    utterance._decode = watched  # type: ignore[method-assign]
    await utterance.feed(said("是的"))
    await utterance.finish()
    assert seen
    assert home not in seen


async def test_twenty_at_once_are_told_apart(recogniser: VoskRecogniser) -> None:
    words = ["是的", "不对", "转人工", "我叫王小明", "昨天晚上十点"] * 4
    heard = await asyncio.gather(*(hear(recogniser, said(each, before=0.2, after=0.3)) for each in words))
    assert [one.text for one in heard] == words


async def test_telephone_audio_is_raised_to_the_rate_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # the model takes 16 kHz audio too if it is declared as such, as the official one must have it
    monkeypatch.setattr("speech.vosk_recognition.model_rate", lambda folder: 16000)
    wide = VoskRecogniser(MODEL, threads=1)
    try:
        assert (await hear(wide, said("社保卡丢了怎么补办", before=0.3, after=0.3))).text == "社保卡丢了怎么补办"
    finally:
        wide.close()


def test_a_model_that_does_not_tell_its_rate_has_the_full_one(tmp_path: Path) -> None:
    assert (model_rate(MODEL), model_rate(tmp_path)) == (8000, 16000)


def test_resampling_chunk_by_chunk_loses_nothing_and_clicks_nowhere() -> None:
    pcm = said("社保卡丢了怎么补办")
    stream = Resampler(8000, 16000)
    chunks = [stream.feed(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES)]
    parts = np.frombuffer(b"".join(chunks) + stream.feed(b"", last=True), dtype=np.int16).astype(np.int32)
    whole = np.frombuffer(resample(pcm, 8000, 16000), dtype=np.int16).astype(np.int32)
    assert len(parts) == len(whole)
    assert np.abs(parts - whole).max() <= 3  # rounding


@pytest.mark.parametrize("missing", ["", "am/final.mdl"])
def test_a_folder_without_a_model_is_refused_in_words(tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "model"
    if missing:
        shutil.copytree(MODEL, folder)
        (folder / missing).unlink()
    with pytest.raises(NoModel, match=r"huiyin speech install|am/final\.mdl"):
        VoskRecogniser(folder)


def test_a_model_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder)
    (folder / "am" / "final.mdl").write_bytes(b"not a model")
    with pytest.raises(NoModel, match="无法读取"):
        VoskRecogniser(folder)


async def test_a_recogniser_that_has_ended_says_so() -> None:
    ended = VoskRecogniser(MODEL, threads=1)
    utterance = ended.begin(Expecting.ANYTHING)
    ended.close()
    with pytest.raises(RecognitionFailed):
        await utterance.feed(silence(1))
