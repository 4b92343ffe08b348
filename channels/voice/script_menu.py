"""The key menus of a call, and finding an order by its number (A2, A4)."""

from __future__ import annotations

from bot.reading.corrections import mended_phone
from channels.voice.for_the_ear import RECEIPT_DIGITS
from channels.voice.keying import Keying
from channels.voice.phone_plan import Entry
from channels.voice.script import CallScript, Commands
from channels.voice.script_dialogue import Dialogue
from channels.voice.script_words import Event, Hush, Listen, Pressed, Quiet, Said, Speak
from channels.voice.short_words import may_be_yes_or_no
from speech.numbers import spell_for_phone
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
        if not isinstance(event, Pressed | Said):
            return None
        entries = self._script.plan.menus[self._name]
        chosen = next((entry for entry in entries if self._means(event, entry)), None)
        return self._follow(chosen) if chosen else None

    def _means(self, event: Pressed | Said, entry: Entry) -> bool:
        if isinstance(event, Pressed):
            return event.key == entry.key
        words = self._script.plan.words
        return words.name((entry.say, *entry.words), event.text) or words.key(event.text) == entry.key

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
        self._asked_again = False

    @property
    def keys_are_data(self) -> bool:
        """Until the number is there all keys belong to it."""
        return self._number is None

    def open(self) -> Commands:
        """Asks for the number."""
        self._number = None
        self._keying = Keying(RECEIPT_DIGITS)
        return self._script.ask(self._script.line("ask_number"), listen=self._listen("number"))

    def handle(self, event: Event) -> Commands | None:
        """Takes the number, then the yes."""
        if self._number is not None:
            return self._confirm(event)
        if isinstance(event, Pressed):
            return self._keyed(event.key)
        if isinstance(event, Quiet) and self._keying.digits:
            return self._silent()
        return self._said(event.text) if isinstance(event, Said) else None

    def _keyed(self, key: str) -> Commands:
        if self._keying.press(key):
            return self._take(self._keying.digits)
        return [Hush(), self._listen("keys")]

    def _said(self, text: str) -> Commands | None:
        """A part of the number or all of it; what is none is for the bot."""
        plan = self._script.plan
        whole = self._keying.say(text)
        if whole is not None:
            return self._take(self._keying.digits) if whole else [Hush(), self._listen("keys")]
        if plan.means("anew", text):
            return self.open()
        goes_on = self._keying.digits and plan.words.yes_or_no(text)
        return [Hush(), self._listen("number")] if goes_on else None

    def _silent(self) -> Commands:
        """A number that is not complete is waited for once more, with what there is of it."""
        keying = self._keying
        if keying.is_key(self._script.plan.anytime["person"]) or not keying.pauses():
            return self._take(keying.digits)
        rest = self._script.line("number_rest", number=spell_for_phone(keying.digits))
        return [Hush(), rest, self._listen("number")]

    def _take(self, digits: str) -> Commands:
        script, plan = self._script, self._script.plan
        if self._keying.is_key(plan.anytime["person"]):
            return script.person()
        if not digits:
            return script.menu("top")
        if len(digits) != RECEIPT_DIGITS:
            self._keying = Keying(RECEIPT_DIGITS)
            return script.ask(script.line("not_eight"), listen=self._listen("number"))
        self._number, self._asked_again = digits, False
        back = script.line("number_read_back", number=digits, agree=plan.agree, refuse=plan.refuse)
        return script.ask(back, listen=Listen(Expecting.YES_NO, patience=plan.patience["silence"][0]))

    def _confirm(self, event: Event) -> Commands | None:
        """Yes or no, by key or word; what may be one of them badly heard is asked about once more."""
        if not isinstance(event, Pressed | Said):
            return None
        script, plan = self._script, self._script.plan
        key = event.key if isinstance(event, Pressed) else plan.words.key(event.text)
        agreed = {plan.agree: True, plan.refuse: False}.get(key)
        if agreed is None and isinstance(event, Said):
            agreed = plan.words.yes_or_no(event.text)
        if agreed:
            return script.go(Dialogue(script), lambda state: state.tell(f"查询进度{self._number}"))
        if agreed is False:
            return self.open()
        return self._unclear(event.text) if isinstance(event, Said) else None

    def _unclear(self, text: str) -> Commands | None:
        """Another number, perhaps a yes, or something else: then the number is given up, and the bot hears it."""
        keying = Keying(RECEIPT_DIGITS)
        number = keying.digits if keying.say(text) else mended_phone(self._number or "", text)
        if number:
            return self._take(number)
        if self._asked_again or not may_be_yes_or_no(text):
            return None
        self._asked_again = True
        return [Hush(), self._script.line("yes_or_no"), *self._script.again()]

    def _listen(self, waits: str) -> Listen:
        digits = self._keying.missing or RECEIPT_DIGITS
        return Listen(Expecting.DIGITS, digits=digits, patience=self._script.plan.patience[waits])
