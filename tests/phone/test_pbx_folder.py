"""What the PBX leaves in its folder is taken over file by file: none is lost, and none holds up the others."""

from __future__ import annotations

import wave
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from backoffice import call_backs, call_parts, calls
from backoffice.calls import Call, FollowUp
from backoffice.staff import NewStaff, Role, create
from channels.voice.pbx_folder import PbxFolder
from core import history
from core.clock import FrozenClock
from core.runtime import Runtime
from speech.audio import RATE, silence

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.fixture
async def two_calls(runtime: Runtime, clock: FrozenClock) -> None:
    async with runtime.database.write() as session:
        for call_id in (FIRST, SECOND):
            await calls.begin(
                session, call_id, "asterisk", caller="13800138000", called="12345", channel="", now=clock.now()
            )


def record(path: Path, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(silence(2.0))
    return path


async def ends_are_known(_: str) -> bool:
    return True


async def kept(runtime: Runtime, call_id: str) -> list[str]:
    async with runtime.database.read() as session:
        return [part.source for part in await call_parts.parts_of(session, call_id)]


@pytest.mark.parametrize("broken", ["nothing", "no recording", "another rate"])
async def test_a_recording_that_cannot_be_read_stays_and_is_told_once(
    runtime: Runtime, two_calls: None, tmp_path: Path, broken: str
) -> None:
    folder = PbxFolder(tmp_path, runtime, None, ends_are_known)
    path = tmp_path / f"{FIRST}-message.wav"
    if broken == "another rate":
        record(path, 2 * RATE)
    else:
        path.write_bytes(b"" if broken == "nothing" else b"x" * 2000)
    left = path.read_bytes()
    record(tmp_path / f"{SECOND}-message.wav")
    with capture_logs() as told:
        await folder.take_over()
        await folder.take_over()
    assert [entry["call"] for entry in told if entry["log_level"] == "error"] == [FIRST]
    assert not path.exists()
    assert path.with_suffix(".unreadable").read_bytes() == left
    assert await kept(runtime, FIRST) == []
    assert await kept(runtime, SECOND) == [f"{SECOND}-message"]


async def test_a_file_that_cannot_be_taken_over_holds_up_no_other_and_is_tried_again(
    runtime: Runtime, two_calls: None, tmp_path: Path
) -> None:
    folder = PbxFolder(tmp_path, runtime, None, ends_are_known)
    (tmp_path / f"{FIRST}-message.wav").mkdir()
    (tmp_path / f"{FIRST}.ended").mkdir()
    record(tmp_path / f"{SECOND}-message.wav")
    await folder.take_over()
    assert await kept(runtime, SECOND) == [f"{SECOND}-message"]
    (tmp_path / f"{FIRST}-message.wav").rmdir()
    record(tmp_path / f"{FIRST}-message.wav")
    await folder.take_over()
    assert await kept(runtime, FIRST) == [f"{FIRST}-message"]


async def test_what_came_of_a_call_back_while_nobody_took_it_is_kept_once_with_its_time(
    runtime: Runtime, clock: FrozenClock, two_calls: None, tmp_path: Path
) -> None:
    async with runtime.database.write() as session:
        new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
        agent = await create(session, new, "Correct-Horse-9", "test", clock.now())
        await calls.want_follow_up(session, FIRST, FollowUp.MISSED)
        await call_backs.take(session, agent, FIRST, clock.now())
    over = int(clock.now().timestamp()) + 60
    note, half = tmp_path / f"{FIRST}-{over}.called-back", tmp_path / f"{FIRST}-{over + 9}.called-back"
    clock.move(timedelta(hours=1))
    half.write_text("extension=1001&status=BUSY&seco")
    for _ in range(2):  # the answer to the first was lost
        note.write_text(f"extension=1001&status=NOANSWER&seconds=&at={over}")
        await PbxFolder(tmp_path, runtime, None, ends_are_known).take_over()
    assert (note.exists(), half.exists()) == (False, True)
    async with runtime.database.read() as session:
        [tried] = [one for one in await history.of(session, "call", FIRST) if one.action == "called_back"]
        call = await session.get_one(Call, FIRST)
    assert (tried.at.timestamp(), tried.data) == (over, {"status": "NOANSWER", "seconds": 0})
    assert (call.attempts, call.taken_by) == (1, None)
