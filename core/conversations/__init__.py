"""Conversations and their messages: the tables and the one door through which they change.

Rules kept here, by the database where it can keep them:

* one open conversation per contact, channel and account (unique partial index);
* an inbound message and its de-duplication row are one transaction (design: trap 1);
* messages carry a gapless sequence per conversation, by which clients resume;
* every change of owner raises ``epoch``; a reply is stored only under the epoch it was begun in.
"""

from __future__ import annotations

from core.conversations.carrying import carry_over, unfinished
from core.conversations.opening import lock, open_conversation
from core.conversations.ownership import close, hand_back, hand_over, idle_since, release, take, take_up_again
from core.conversations.reception import Received, leave_to_bot, receive
from core.conversations.speaking import FETCHED, message_at, messages_after, notify, say
from core.conversations.tables import (
    Conversation,
    ConversationClosed,
    DialogueState,
    InboundReceipt,
    Message,
    NotOwner,
    Owner,
)
from core.conversations.turns import (
    TURN_LEASE,
    FinishedTurn,
    OpenTurn,
    TurnOutcome,
    clear_turn_leases,
    finish_turn,
    lease_turns,
    next_unhandled,
    release_turns,
    with_unfinished_turns,
)

__all__ = [
    "FETCHED",
    "TURN_LEASE",
    "Conversation",
    "ConversationClosed",
    "DialogueState",
    "FinishedTurn",
    "InboundReceipt",
    "Message",
    "NotOwner",
    "OpenTurn",
    "Owner",
    "Received",
    "TurnOutcome",
    "carry_over",
    "clear_turn_leases",
    "close",
    "finish_turn",
    "hand_back",
    "hand_over",
    "idle_since",
    "lease_turns",
    "leave_to_bot",
    "lock",
    "message_at",
    "messages_after",
    "next_unhandled",
    "notify",
    "open_conversation",
    "receive",
    "release",
    "release_turns",
    "say",
    "take",
    "take_up_again",
    "unfinished",
    "with_unfinished_turns",
]
