"""How a call begins: which leg of it this is, what is said first."""

from __future__ import annotations

from channels.voice.script import CallScript, Commands
from channels.voice.script_words import Connected, Event, Hush, Leg


class Start:
    """Before the first word."""

    keys_are_data = False
    settles = False

    def __init__(self, script: CallScript) -> None:
        self._script = script

    def handle(self, event: Event) -> Commands | None:
        """Greets, or goes on where the call comes back."""
        if not isinstance(event, Connected):
            return []
        script = self._script
        script.connected = event
        if event.leg is Leg.UNANSWERED:
            return script.nobody(busy=event.busy, opens=event.opens)
        if event.leg is Leg.AFTER_PERSON:
            script.served = True
            return script.say_bye()
        return self._greet(event)

    def _greet(self, event: Connected) -> Commands:
        script, plan = self._script, self._script.plan
        if not event.hears:
            return [script.line("only_keys"), *_unhushed(script.menu("top"))]
        if event.resumes:
            from channels.voice.script_dialogue import Dialogue

            script.state = Dialogue(script)
            return _unhushed(script.ask(script.line("resumed")))
        if plan.menu_first:
            return _unhushed(script.menu("top"))
        return _unhushed(script.ask(script.line("what_you_need")))


def _unhushed(commands: Commands) -> Commands:
    """The same, after what is being said and not instead of it."""
    return [command for command in commands if not isinstance(command, Hush)]
