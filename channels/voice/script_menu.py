"""The key menus of a call, and finding an order by its number (A2, A4)."""

from __future__ import annotations

from channels.voice.for_the_ear import RECEIPT_DIGITS
from channels.voice.keying import Keying
from channels.voice.phone_plan import Entry
from channels.voice.script import CallScript, Commands
from channels.voice.script_dialogue import Dialogue
from channels.voice.script_words import Event, Listen, Pressed, Quiet, Said, Speak
from speech.recognition import Expecting


class Menu:
    """A menu: one key or one word an entry; whatever else is said is for the bot."""

    keys_are_data = False
    settles = False

    def __init__(self, script: CallScript, name: str) -> None:
        self._script, self._name = script, name

    def open(self) -> Commands:
        """Reads the menu out."""
        script, plan = self._script, self._script.plan
        said = [Speak(plan.menu_prompt(self._name), fixed=True, slow=script.slow)]
        if self._name == "top" and script.connected.hears:
            said.append(script.line("what_you_need"))
        phrases = tuple(word for entry in plan.menus[self._name] for word in (entry.say, *entry.words))
        listen = Listen(Expecting.MENU, patience=plan.patience["silence"][0], phrases=phrases)
        return script.ask(*said, listen=listen)

    def handle(self, event: Event) -> Commands | None:
        """Takes a choice."""
        entries = self._script.plan.menus[self._name]
        if isinstance(event, Pressed):
            chosen = next((entry for entry in entries if entry.key == event.key), None)
            return self._follow(chosen) if chosen else None
        if isinstance(event, Said):
            said = event.text.strip("，。！？ ")
            chosen = next((entry for entry in entries if said in entry.words or said == entry.say), None)
            return self._follow(chosen) if chosen else None
        return None

    def _follow(self, entry: Entry) -> Commands:
        script = self._script
        if entry.deed == "person":
            return script.person()
        if entry.deed == "menu":
            return script.menu(entry.of)
        if entry.deed == "record":
            from channels.voice.script_recording import Recording

            return script.go(Recording(script, entry.of), lambda state: state.open())
        if entry.deed == "progress":
            return script.go(Progress(script), lambda state: state.open())
        if entry.deed == "poll":
            from channels.voice.script_poll import PollTaking

            return script.go(PollTaking(script), lambda state: state.open())
        return self._consult()

    def _consult(self) -> Commands:
        script = self._script
        if not script.connected.hears:
            return script.ask(script.line("no_consult"))
        script.state = Dialogue(script)
        return script.ask(script.line("what_you_need"))


class Progress:
    """Asks for the number of an order, reads it back, and has the bot tell how far it is."""

    settles = False

    def __init__(self, script: CallScript) -> None:
        self._script = script
        self._keying = Keying(RECEIPT_DIGITS)
        self._number: str | None = None

    @property
    def keys_are_data(self) -> bool:
        """Until the number is there all keys belong to it."""
        return self._number is None

    def open(self) -> Commands:
        """Asks for the number."""
        self._number = None
        self._keying = Keying(RECEIPT_DIGITS)
        return self._script.ask(self._script.line("ask_number"), listen=self._listen())

    def handle(self, event: Event) -> Commands | None:
        """Takes the number, then the yes."""
        if self._number is not None:
            return self._confirm(event)
        if isinstance(event, Pressed):
            return self._keyed(event.key)
        if isinstance(event, Quiet) and self._keying.digits:
            return self._take(self._keying.digits)
        if isinstance(event, Said):
            digits = self._keying.spoken(event.text)
            return self._take(digits) if digits else None
        return None

    def _keyed(self, key: str) -> Commands:
        if self._keying.press(key):
            return self._take(self._keying.digits)
        return self._script.ask(listen=self._listen(self._script.plan.patience["keys"]))

    def _take(self, digits: str) -> Commands:
        script, plan = self._script, self._script.plan
        if digits == plan.anytime["person"]:
            return script.person()
        if not digits:
            return script.menu("top")
        if len(digits) != RECEIPT_DIGITS:
            self._keying = Keying(RECEIPT_DIGITS)
            return script.ask(script.line("not_eight"), listen=self._listen())
        self._number = digits
        back = script.line("number_read_back", number=digits, agree=plan.agree, refuse=plan.refuse)
        return script.ask(back, listen=Listen(Expecting.YES_NO, patience=plan.patience["silence"][0]))

    def _confirm(self, event: Event) -> Commands | None:
        script, plan = self._script, self._script.plan
        if isinstance(event, Pressed) and event.key == plan.refuse:
            return self.open()
        if isinstance(event, Said) and plan.is_word("refuse", event.text):
            return self.open()
        agreed = isinstance(event, Pressed) and event.key == plan.agree
        if agreed or (isinstance(event, Said) and plan.is_word("agree", event.text)):
            return script.go(Dialogue(script), lambda state: state.tell(f"查询进度{self._number}"))
        return None

    def _listen(self, patience: float | None = None) -> Listen:
        wait = patience or self._script.plan.patience["silence"][0]
        return Listen(Expecting.DIGITS, digits=RECEIPT_DIGITS, patience=wait)
