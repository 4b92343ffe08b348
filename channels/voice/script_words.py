"""What a call's script hears and what it wants done: values that know no line and no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from backoffice.poll_papers import Offer
from core.messages import Reply
from speech.recognition import Expecting

# ---------------------------------------------------------------------------------------------- what happens


class Leg(str, Enum):
    """Why the line talks to us."""

    FIRST = "first"
    UNANSWERED = "unanswered"
    """Nobody in the queue took the call."""
    AFTER_PERSON = "after_person"
    """The person has put down; the citizen is still there, to rate."""


@dataclass(frozen=True)
class Connected:
    """The line is open."""

    leg: Leg = Leg.FIRST
    hears: bool = True
    """Whether there is a recogniser."""
    resumes: bool = False
    """Whether this citizen's last call broke off a moment ago."""
    mobile: bool = False
    """Whether texts can be sent to the caller."""
    reachable: bool = True
    """Whether there is a number to call back."""
    writes: bool = False
    """Whether the conversation can go on in writing."""
    busy: bool = False
    """Whether people are there who did not take the call."""
    opens: str = ""
    """When people answer again, in words; empty: these are their hours."""


@dataclass(frozen=True)
class Said:
    """The citizen said something."""

    text: str


@dataclass(frozen=True)
class Unclear:
    """There was a sound, but no word."""


@dataclass(frozen=True)
class Pressed:
    """A key."""

    key: str


@dataclass(frozen=True)
class Quiet:
    """The time to wait has passed and nothing was heard."""


@dataclass(frozen=True)
class Answered:
    """The bot's answers, or a notice."""

    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Late:
    """The bot has not answered for a while."""


@dataclass(frozen=True)
class Taken:
    """A person has taken the conversation at the desk."""

    extension: str


@dataclass(frozen=True)
class Sought:
    """Whether somebody is there to take the call."""

    there: bool
    opens: str = ""
    """When people answer again, in words; empty: these are their hours."""


@dataclass(frozen=True)
class RecordingEnded:
    """The message is on record."""

    seconds: float


@dataclass(frozen=True)
class Filed:
    """What was recorded is an order."""

    number: str
    code: str
    """Its query code; to a mobile telephone it goes as a text."""


@dataclass(frozen=True)
class PollFound:
    """What opinion poll there is for the caller."""

    offer: Offer


@dataclass(frozen=True)
class Broken:
    """A part of ours has failed: the bot, an ear, the voice, the database."""

    part: str


Event = (
    Connected
    | Said
    | Unclear
    | Pressed
    | Quiet
    | Answered
    | Late
    | Taken
    | Sought
    | RecordingEnded
    | Filed
    | PollFound
    | Broken
)

# ---------------------------------------------------------------------------------------------- what is to be done


@dataclass(frozen=True)
class Speak:
    """Say this, after what is being said."""

    text: str
    fixed: bool = False
    """It holds nothing personal and will be said again."""
    slow: bool = False
    whole: bool = False
    """It is heard to its end: keys and words that come meanwhile are taken then."""


@dataclass(frozen=True)
class Hush:
    """Stop speaking."""


@dataclass(frozen=True)
class Listen:
    """How to listen from now on; the waiting begins when everything has been said."""

    expecting: Expecting = Expecting.ANYTHING
    telling: bool = False
    """A story is expected: pauses may be longer."""
    digits: int = 0
    """How many digits are all that is asked for; 0: not known."""
    patience: float = 3.0
    """Seconds until :class:`Quiet`."""
    phrases: tuple[str, ...] = ()
    """What may be said here beside what is expected anyway."""
    unkept: bool = False
    """What is answered is nobody's to know of whom: the recording is silent there, and no word is written down."""


@dataclass(frozen=True)
class Tell:
    """Hand this to the dialogue as the citizen's words."""

    text: str


@dataclass(frozen=True)
class Seek:
    """Find out whether a person is there: :class:`Sought`."""


@dataclass(frozen=True)
class Record:
    """Sound the tone and put on record what is said, until it is quiet for long or told to end."""


@dataclass(frozen=True)
class EndRecording:
    """The citizen has finished; nothing where nothing is being recorded."""


@dataclass(frozen=True)
class Discard:
    """The citizen does not want what is on record to be kept for anybody."""


@dataclass(frozen=True)
class Replay:
    """Play what is on record."""


@dataclass(frozen=True)
class File:
    """Make an order of what is on record."""

    recording: str


@dataclass(frozen=True)
class SendText:
    """Send this reply to the caller as a text."""

    reply: Reply


@dataclass(frozen=True)
class Rate:
    """The citizen has rated."""

    grade: int
    """From 1, the best."""
    words: str
    """As it was said to the citizen."""


@dataclass(frozen=True)
class FindPoll:
    """Find out what opinion poll there is for the caller: :class:`PollFound`."""


@dataclass(frozen=True)
class Vote:
    """Keep what the citizen answered in a poll."""

    poll_id: int
    chosen: Mapping[int, int]
    """Ids of questions to ids of options; empty where one was left out."""
    finished: bool
    """No question is left."""


@dataclass(frozen=True)
class FollowUp:
    """Somebody has to call the citizen: ``voicemail``, ``call_back``."""

    why: str


@dataclass(frozen=True)
class HandOver:
    """The conversation waits for a person."""

    reason: str


@dataclass(frozen=True)
class Leave:
    """When everything has been said the line goes on to ``next``: ``bye``, ``queue``, ``agent/…``."""

    next: str
    ending: str
    at_once: bool = False
    """Nothing more is said."""


Command = (
    Speak
    | Hush
    | Listen
    | Tell
    | Seek
    | Record
    | EndRecording
    | Discard
    | Replay
    | File
    | SendText
    | Rate
    | FindPoll
    | Vote
    | FollowUp
    | HandOver
    | Leave
)
