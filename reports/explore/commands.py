"""The commands of `planespec explore`: one line each, answered by lines of text."""

from collections.abc import Callable, Iterator
from pathlib import Path

from planespec.checker.engines.python.explaining import Prober
from planespec.checker.errors import ConfigurationError
from planespec.reports.explore import showing
from planespec.reports.explore.session import Session
from planespec.reports.explore.showing import Line
from planespec.reports.files import dumps, write_whole
from planespec.reports.formats.itf_writing import trace_in_itf
from planespec.reports.text.wording import Subject, plural

HELP = """\
NUMBER         take the step of that number
state          show every variable
actions [TEXT] list what is enabled, or what of it contains TEXT
why ACTION     say which guard blocks an action
find TEXT      show what of the state and of the enabled steps contains TEXT
trace          list the steps so far
back [N]       take back the last step, or the last N
restart        begin anew
save FILE      write the steps so far as an ITF trace, for `planespec replay`
quit           leave; the end of the input does too"""

LONGEST = 18
"""Digits of a number that is read as one."""


class Quit(Exception):  # noqa: N818 - it is no error to leave
    """The user wants to leave."""


class Explorer:
    """Answers commands about one session."""

    def __init__(self, subject: Subject, requirements: tuple[str, ...] | None) -> None:
        self.subject = subject
        self.session = Session(subject.instance, requirements)
        self.prober = Prober(subject.instance)
        self._commands: dict[str, Callable[[str], Iterator[Line]]] = {
            "state": self._state,
            "actions": self._actions,
            "why": self._why,
            "find": self._find,
            "trace": self._trace,
            "back": self._back,
            "restart": self._restart,
            "save": self._save,
            "help": self._help,
        }

    def welcome(self) -> Iterator[Line]:
        """What is shown before the first command."""
        yield from showing.where(self.subject, self.session, whole=True)

    def run(self, text: str) -> Iterator[Line]:
        """Answer one command; raises ConfigurationError for one that cannot be carried out.

        Nothing has changed then. Raises Quit for `quit`.
        """
        word, _, rest = text.strip().partition(" ")
        if word.isdecimal() and len(word) <= LONGEST:
            yield from self._take(int(word))
        elif word in ("quit", "exit", "q"):
            raise Quit
        elif word in self._commands:
            yield from self._commands[word](rest.strip())
        elif word:
            known = ", ".join(("a number", *self._commands, "quit"))
            raise ConfigurationError(f"{word!r} is no command; the commands are {known}")

    def _take(self, number: int) -> Iterator[Line]:
        options = self.session.options
        if not 1 <= number <= len(options):
            there = f"from 1 to {len(options)}" if options else "at all: no action is enabled"
            raise ConfigurationError(f"there is no step {number}; there are steps {there}")
        option = options[number - 1]
        if option.goes_wrong:
            assert option.event is not None
            raise ConfigurationError(
                f"step {number} goes wrong, there is no state after it: {option.event.message}"
            )
        self.session.take(option)
        yield from showing.where(self.subject, self.session)

    def _state(self, _: str) -> Iterator[Line]:
        yield from showing.state_lines(self.subject, self.session, whole=True)

    def _actions(self, text: str) -> Iterator[Line]:
        yield from showing.option_lines(self.session, text)

    def _why(self, name: str) -> Iterator[Line]:
        actions = {a.name: a for a in self.subject.instance.actions}
        if name not in actions:
            raise ConfigurationError(
                f"there is no action {name!r}; the actions are {', '.join(actions)}"
            )
        if self.session.state is None:
            raise ConfigurationError("choose an initial state first")
        among = ", ".join(str(p.among) for p in actions[name].parameters if p.among)
        attempts = self.prober.attempts(self.session.state, name)
        yield from showing.why_lines(name, among, attempts)

    def _find(self, text: str) -> Iterator[Line]:
        if not text:
            raise ConfigurationError("find what? `find TEXT`")
        yield from showing.find_lines(self.session, text)

    def _trace(self, _: str) -> Iterator[Line]:
        yield from showing.trace_lines(self.session)

    def _back(self, text: str) -> Iterator[Line]:
        if text and not (text.isdecimal() and len(text) <= LONGEST and int(text)):
            raise ConfigurationError(f"back {text}: expected a number of steps above 0")
        if not self.session.back(int(text or 1)):
            raise ConfigurationError("there is no step to take back; `restart` begins anew")
        yield from showing.where(self.subject, self.session)

    def _restart(self, _: str) -> Iterator[Line]:
        self.session.restart()
        yield from showing.where(self.subject, self.session, whole=True)

    def _save(self, text: str) -> Iterator[Line]:
        if not text:
            raise ConfigurationError("save where? `save FILE`")
        if self.session.state is None:
            raise ConfigurationError("choose an initial state first")
        broken = [showing.event_text(self.subject, e) for e in self.session.broken()]
        meta = {
            "status": "violation" if broken else "ok",
            "description": "; ".join(broken) or "steps taken by hand",
        }
        judged = tuple(c.id for c in (*self.session.judge.always, *self.session.judge.steps))
        document = trace_in_itf(self.subject, self.session.trace, judged, meta)
        try:
            write_whole(Path(text), dumps(document) + "\n")
        except OSError as error:
            raise ConfigurationError(f"{text} cannot be written: {error.strerror}") from None
        except ValueError:
            raise ConfigurationError(f"{text!r} is no name of a file") from None
        yield f"{text}: {plural(self.session.steps, 'step')}", ""

    def _help(self, _: str) -> Iterator[Line]:
        yield from ((line, "") for line in HELP.splitlines())
