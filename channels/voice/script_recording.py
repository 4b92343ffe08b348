"""What is recorded on the phone: complaints and messages that become orders (A3)."""

from __future__ import annotations

from channels.voice.for_the_ear import code_spoken
from channels.voice.message import SHORTEST
from channels.voice.script import CallScript, Commands
from channels.voice.script_words import (
    Discard,
    EndRecording,
    Event,
    File,
    Filed,
    FollowUp,
    Hush,
    Listen,
    Pressed,
    Quiet,
    RecordingEnded,
    Replay,
    Said,
    Speak,
)
from speech.recognition import Expecting


class Recording:
    """A complaint or a message: asked for, recorded, confirmed by keys, filed."""

    settles = False
    keys_are_data = True

    def __init__(self, script: CallScript, recording: str) -> None:
        self._script, self._recording = script, recording
        self._keys = {name: str(key) for name, key in script.plan.recording.items()}
        self._recorded = self._filing = self._asked_again = False

    def open(self) -> Commands:
        """Asks for the message and listens to it."""
        self._recorded = False
        plan = self._script.plan
        asked = Speak(plan.recordings[self._recording].ask, fixed=True, slow=self._script.slow)
        return self._script.record(asked, self._script.line("recording_end", end=self._keys["end"]))

    def handle(self, event: Event) -> Commands | None:
        """Recording, then one of three keys."""
        if isinstance(event, RecordingEnded):
            return self._ended(event.seconds)
        if isinstance(event, Filed):
            return self._filed(event)
        if self._filing:
            return []
        if isinstance(event, Pressed):
            return self._pressed(event.key)
        if not self._recorded:
            return []
        if isinstance(event, Said):
            return self._said(event.text)
        return self._silent() if isinstance(event, Quiet) else None

    def _pressed(self, key: str) -> Commands | None:
        script, anytime = self._script, self._script.plan.anytime
        if key == anytime["person"]:
            return script.person()
        if key == anytime["back"]:
            return [EndRecording(), *self._cancelled()]
        if self._recorded:
            return self._decide(key)
        return [EndRecording()] if key == self._keys["end"] else []

    def _said(self, text: str) -> Commands:
        """What the citizen wants done, by word; anything else is no answer, and asked about again."""
        plan = self._script.plan
        decided = self._decide(plan.words.key(text))
        if decided is None:
            kinds = {"agree": "confirm", "refuse": "cancel", "cancel": "cancel", "replay": "replay"}
            meant = next((does for kind, does in kinds.items() if plan.means(kind, text)), None)
            decided = self._decide(self._keys[meant]) if meant else None
        return decided or [Hush(), *self._script.again()]

    def _silent(self) -> Commands:
        """Neither yes nor no: asked once more, and then kept for somebody to listen to."""
        script = self._script
        if not self._asked_again:
            self._asked_again = True
            return script.again()
        if not script.connected.reachable:
            return self._decide(self._keys["confirm"]) or []
        return [FollowUp("voicemail"), script.line("voicemail_kept"), *script.leave("bye", "voicemail")]

    def _ended(self, seconds: float) -> Commands:
        if seconds < SHORTEST:
            return [self._script.line("nothing_recorded"), *self._script.menu("top")[1:]]
        self._recorded = True
        return self._ask_what_now()

    def _ask_what_now(self) -> Commands:
        script = self._script
        keys = {name: self._keys[name] for name in ("confirm", "cancel", "replay")}
        patience = script.plan.patience["silence"][0]
        return script.ask(script.line("recording_keys", **keys), listen=Listen(Expecting.YES_NO, patience=patience))

    def _decide(self, key: str) -> Commands | None:
        if key == self._keys["confirm"]:
            self._filing = True
            return [Hush(), File(self._recording)]
        if key == self._keys["cancel"]:
            return self._cancelled()
        if key == self._keys["replay"]:
            return [Hush(), Replay(), *self._ask_what_now()[1:]]
        return None

    def _cancelled(self) -> Commands:
        script = self._script
        return [Hush(), Discard(), script.line("recording_cancelled"), *script.menu("top")[1:]]

    def _filed(self, filed: Filed) -> Commands:
        """The number twice, and the code, without which nobody is told anything from another telephone."""
        script = self._script
        script.served = True
        told = [script.line("recorded", number=filed.number)]
        if script.connected.mobile:
            told.append(script.line("code_by_sms"))
        else:
            told.append(Speak(code_spoken(filed.code, script.plan), slow=script.slow))
        told.append(script.line("keep_both"))
        asked, listen = script.close()[1:]
        assert isinstance(asked, Speak)
        assert isinstance(listen, Listen)
        return script.ask(*told, asked, listen=listen)[1:]  # the numbers are what 再说一遍 wants said again
