"""The command line on a real terminal: a pseudo-terminal with a person's keys."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pytest
from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, RouteChanged
from pointsman.v1.model_pb2 import Model
from pointsman.v1.policy_service_pb2 import POLICY_SCOPE_USER, ListPolicyRulesResponse, PolicyRule
from scripted_server import HELLO, Hold, Script, response, started, text

PATIENCE_S = 20
CTRL_C, CTRL_D = "\x03", "\x04"


class Person:
    """Someone at a terminal: types, and waits for what appears."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self.seen = ""
        self._screen = screen
        self._read_to = 0

    def type(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def insist(self, keys: str, expected: str) -> None:
        """Types once more where nothing appears: Python misses a Ctrl-C that comes just before readline waits."""
        self.type(keys)
        try:
            self.wait_for(expected, patience_s=1)
        except AssertionError:
            self.type(keys)
            self.wait_for(expected)

    def wait_for(self, expected: str, *, patience_s: float = PATIENCE_S) -> None:
        """Waits until the text appears after what was waited for before."""
        end = time.monotonic() + patience_s
        while (found := self.seen.find(expected, self._read_to)) < 0:
            assert time.monotonic() < end, f"{expected!r} did not appear: {self.seen!r}"
            self._read()
        self._read_to = found + len(expected)

    def wait_for_end(self) -> int:
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            self._read()
        code = self.process.wait(1)
        while self._read():
            pass
        return code

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], 0.05)[0]:
            return False
        try:
            self.seen += os.read(self._screen, 65_536).decode()
        except OSError:  # Linux says so when nobody holds the other end any more
            return False
        return True


Start = Callable[..., Person]


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets Ctrl-C reach what the block starts, also where it is ignored here: a child inherits that, but no handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(address: str) -> Iterator[Start]:
    """Starts the command line on a terminal of its own; Ctrl-C reaches it as it would a person's."""
    screen, keyboard = pty.openpty()
    started_processes = []

    def begin(*arguments: str, columns: int = 80) -> Person:
        ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        # The first terminal that a session's leader opens becomes its controlling one, so the shell opens it by name.
        script = 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>&1'
        command = ["sh", "-c", script, "sh", os.ttyname(keyboard), sys.executable, "-m", "pointsman.cli"]
        environment = {**os.environ, "TERM": "xterm-256color"}
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            environment.pop(name, None)
        with interruptible():
            process = subprocess.Popen(
                [*command, "--address", address, *arguments], start_new_session=True, env=environment
            )
        started_processes.append(process)
        return Person(process, screen)

    yield begin
    for process in started_processes:
        process.kill()
        process.wait()
    os.close(screen)
    os.close(keyboard)


def test_a_conversation(start: Start, script: Script) -> None:
    person = start("chat")
    person.wait_for("/help lists the commands")
    person.wait_for("> ")
    person.type("hello\r")
    person.wait_for("Hello!")
    person.wait_for("$0.000123")
    person.wait_for("> ")
    person.type("/good\r")
    person.wait_for("noted: openai/gpt-4o-mini rated 1")
    person.type("/quit\r")
    assert person.wait_for_end() == 0
    assert len(script.requests) == 2


def test_ctrl_c_stops_the_answer_and_keeps_the_conversation(start: Start, script: Script) -> None:
    hold = Hold()
    script.steps = (response(started(), text("Never ending")), hold)
    person = start("chat")
    person.wait_for("> ")
    person.type("hello\r")
    person.wait_for("Never ending")
    assert hold.reached.wait(PATIENCE_S)
    person.type(CTRL_C)
    person.wait_for("stopped; the conversation is as it was before")
    assert script.cancelled.wait(PATIENCE_S)
    script.steps = HELLO
    person.wait_for("> ")
    person.type("again\r")
    person.wait_for("Hello!")
    person.wait_for("> ")
    person.type(CTRL_D)
    assert person.wait_for_end() == 0
    assert "Traceback" not in person.seen
    assert len(script.requests[1].specification.messages) == 1


def test_ctrl_c_at_the_prompt_clears_the_line(start: Start, script: Script) -> None:
    person = start("chat")
    person.wait_for("> ")
    person.type("half a question")
    person.wait_for("half a question")
    person.insist(CTRL_C, "> ")
    person.type("/quit\r")
    assert person.wait_for_end() == 0
    assert script.requests == []


@pytest.mark.parametrize("command", ["chat", "complete"])
def test_ctrl_c_ends_a_single_answer_with_130(start: Start, script: Script, command: str) -> None:
    hold = Hold()
    script.steps = (response(started(), text("Never ending")), hold)
    person = start(command, "hello")
    person.wait_for("Never ending")
    assert hold.reached.wait(PATIENCE_S)
    person.type(CTRL_C)
    assert person.wait_for_end() == 130
    assert script.cancelled.wait(PATIENCE_S)
    assert "Traceback" not in person.seen


def test_a_model_cannot_steer_the_terminal(start: Start, script: Script) -> None:
    script.steps = (response(started(), text("\x1b]0;owned\x07\x1b[2J[bold]red\x9b1m"), *HELLO[-1].events),)
    person = start("chat", "hello")
    assert person.wait_for_end() == 0
    assert "]0;owned[2J[bold]red1m" in person.seen
    assert "\x1b]0" not in person.seen
    assert "\x1b[2J" not in person.seen


def test_reasoning_is_dim(start: Start, script: Script) -> None:
    thought = CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="hm"))
    script.steps = (response(started(), thought, text("yes", 1), *HELLO[-1].events),)
    person = start("chat", "hello", "--show-reasoning")
    assert person.wait_for_end() == 0
    assert "\x1b[2mhm\x1b[22m" in person.seen


def test_a_restart_is_announced_and_goes_on(start: Start, script: Script) -> None:
    change = CompletionEvent(attempt=2, route_changed=RouteChanged(failed_model_id="a/one", model_id="b/two"))
    script.steps = (response(started(), text("wrong"), change, text("right"), *HELLO[-1].events),)
    person = start("chat", "hello")
    assert person.wait_for_end() == 0
    assert re.search(r"wrong\r\n.*a/one failed.*b/two starts again.*\r\nright\r\n", person.seen)


@pytest.mark.parametrize("columns", [60, 200])
def test_a_table_fits_the_terminal(start: Start, script: Script, columns: int) -> None:
    script.models = [Model(id="provider/" + "long-name-" * 4, unavailable_reason="no key is at hand for it")]
    person = start("models", columns=columns)
    assert person.wait_for_end() == 0
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in person.seen.split("\r\n")]
    assert max(map(len, shown)) <= columns
    assert ("capabilities" in person.seen) == (columns == 200)


def test_an_id_stays_in_one_piece_where_there_is_room(start: Start, script: Script) -> None:
    rule = PolicyRule(
        policy_rule_id="pol_06bjr3w0a4e8g2j6n1r5v9x3zk", scope_id="somebody@example.com", scope=POLICY_SCOPE_USER,
        key="max_tokens_out", amount=8_000,
    )  # fmt: skip
    script.answers["ListPolicyRules"] = [ListPolicyRulesResponse(policy_rules=[rule])]
    person = start("policy", "list", columns=80)
    assert person.wait_for_end() == 0
    assert rule.policy_rule_id in person.seen
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in person.seen.split("\r\n")) <= 80


def test_a_prompt_is_wanted_where_nobody_pipes_one(start: Start) -> None:
    person = start("complete")
    assert person.wait_for_end() == 2
    assert "give a prompt" in person.seen
