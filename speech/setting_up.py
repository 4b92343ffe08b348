"""Makes ears and voices as the settings say, and says what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from core.settings import Settings
from speech import espeak
from speech.pinyin import Pinyin
from speech.prompt_cache import PromptCache
from speech.recognition import Recogniser
from speech.synthesis import Synthesiser, Voice
from speech.vosk_recognition import NoModel, VoskRecogniser, check_model

log = structlog.get_logger(__name__)


def recognition_folder(settings: Settings) -> Path | None:
    """Where the recognition model is: the setting, or the one ``huiyin speech install`` put there; None: nowhere."""
    if settings.asr_model is not None:
        return settings.asr_model
    installed = sorted(settings.speech_dir.glob("vosk-model-*")) if settings.speech_dir.is_dir() else []
    return installed[0] if installed else None


def make_recogniser(settings: Settings) -> Recogniser | None:
    """The recogniser; None, said in the log, where there is no usable model: the phone then works by keys alone."""
    folder = recognition_folder(settings)
    if folder is None:
        log.warning("no recognition model: the phone works by keys and recordings alone")
        return None
    try:
        return VoskRecogniser(folder)
    except NoModel as problem:
        log.error("the recognition model cannot be used", problem=str(problem))
        return None


def make_synthesiser(settings: Settings) -> Synthesiser:
    """The voices that are there, best first."""
    voices: list[Voice] = []
    if settings.edge_voice:
        from speech.edge import EdgeVoice

        voices.append(EdgeVoice(settings.edge_voice))
    if espeak.is_installed():
        voices.append(espeak.EspeakVoice(Pinyin.load(settings.city_dir), settings.espeak_variant))
    return Synthesiser(voices, PromptCache(settings.data_dir / "prompts"))


def shortcomings(settings: Settings) -> Sequence[tuple[str, bool, str]]:
    """For ``huiyin doctor``: (what, whether it is there, what is so or what to do), in Chinese."""
    folder = recognition_folder(settings)
    if folder is None:
        ear = ("语音识别（Vosk）", False, "没有模型，电话只能按键和录音；请运行 huiyin speech install")
    else:
        try:
            check_model(folder)
            ear = ("语音识别（Vosk）", True, str(folder))
        except NoModel as problem:
            ear = ("语音识别（Vosk）", False, str(problem))
    voices = [settings.edge_voice] if settings.edge_voice else []
    voices += ["espeak-ng"] if espeak.is_installed() else []
    told = "、".join(voices) if voices else "没有，电话会直接转人工；请执行 apt-get install espeak-ng"
    return ear, ("语音合成", bool(voices), told)
