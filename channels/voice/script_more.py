"""The rest of an answer that is too long for the ear: read on piece by piece, sent as a text, or let be."""

from __future__ import annotations

from collections.abc import Sequence

from channels.voice import for_the_ear
from channels.voice.script import CallScript, Commands
from channels.voice.script_words import Event, Hush, Listen, Pressed, Quiet, Said, SendText, Speak
from core.messages import Reply
from speech.recognition import Expecting

_PHRASES = ("接着念", "念给我听", "继续", "发短信", "发给我")


class More:
    """What has not been said yet of one or several replies."""

    def __init__(
        self,
        script: CallScript,
        replies: Sequence[Reply],
        rest: Sequence[str],
        then: tuple[Speak, Listen] | None = None,
    ) -> None:
        """``replies``: those a text would hold; ``rest``: the sentences that are left of them.

        ``then``: a question of the bot's that comes after it, and how its answer is listened for.
        """
        self._script, self._replies, self._then = script, replies, then
        self._rest = tuple(rest)
        self._asked_again = False

    @property
    def is_open(self) -> bool:
        """Whether something is left, and what is to become of it has not been said."""
        return bool(self._rest)

    def ask(self, *said: Speak) -> Commands:
        """Says ``said`` and asks what is to become of the rest."""
        return self._script.ask(*said, self._question(), listen=self._listen())

    def handle(self, event: Event) -> Commands | None:
        """Reads on, sends or ends; None for what is none of these."""
        if not self.is_open:
            return None
        if isinstance(event, Quiet):
            return self._silent()
        wanted = self._wanted(event) if isinstance(event, Pressed | Said) else None
        return {"read": self._read_on, "send": self._send, "end": self._end}[wanted]() if wanted else None

    def _wanted(self, event: Pressed | Said) -> str | None:
        plan, mobile = self._script.plan, self._script.connected.mobile
        key = event.key if isinstance(event, Pressed) else plan.words.key(event.text)
        keys = {plan.more["read"]: "read", plan.more["send"]: "send"}
        by_key = (keys if mobile else {plan.agree: "read", plan.refuse: "end"}).get(key)
        if by_key or isinstance(event, Pressed):
            return by_key
        if plan.means("go_on", event.text):
            return "read"
        if plan.means("send", event.text):
            return "send"
        agreed = plan.words.yes_or_no(event.text)
        if agreed is None:
            return None
        return ("send" if mobile else "read") if agreed else "end"  # a text holds all of it

    def _read_on(self) -> Commands:
        script = self._script
        said, self._rest = for_the_ear.parted(self._rest)
        self._asked_again = False
        spoken = Speak(said, slow=script.slow)
        return self.ask(spoken) if self._rest else self._goes_on(spoken)

    def _send(self) -> Commands:
        script = self._script
        if not script.connected.mobile:
            hush, *read = self._read_on()
            return [hush, script.line("no_text"), *read]
        return [Hush(), *map(SendText, self._replies), script.line("sms_sent"), *self._end()[1:]]

    def _end(self) -> Commands:
        self._rest = ()
        if self._then is not None:
            return self._goes_on()
        return [Hush(), *[command for command in self._script.close() if not isinstance(command, Hush)]]

    def _goes_on(self, *said: Speak) -> Commands:
        if self._then is None:
            return self._script.ask(*said)
        question, listen = self._then
        return self._script.ask(*said, question, listen=listen)

    def _silent(self) -> Commands:
        """Asked once more, without all that was said before it."""
        if self._asked_again:
            return self._end()
        self._asked_again = True
        return [Hush(), self._question(), self._listen()]

    def _question(self) -> Speak:
        script, plan = self._script, self._script.plan
        if script.connected.mobile:
            return script.line("more_or_text", read=plan.more["read"], send=plan.more["send"])
        return script.line("more", agree=plan.agree, refuse=plan.refuse)

    def _listen(self) -> Listen:
        return Listen(Expecting.YES_NO, patience=self._script.plan.patience["silence"][0], phrases=_PHRASES)
