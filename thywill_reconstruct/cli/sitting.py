"""One sitting of ``reconstruct review``: the questions one after the other, each answer written down at once."""

from __future__ import annotations

import errno
import getpass
from dataclasses import dataclass, replace
from datetime import date

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.cli.console import discard_stdout
from thywill_reconstruct.cli.decisions_file import DecisionsFile
from thywill_reconstruct.cli.keys import LeftError, read_key, read_line, single_keys
from thywill_reconstruct.errors import DecisionsError, NotWritableError
from thywill_reconstruct.identity.decisions import Decision, Kind
from thywill_reconstruct.report.dossier import Dossiers
from thywill_reconstruct.report.pair_text import print_pair
from thywill_reconstruct.report.pairs import compare_pair
from thywill_reconstruct.report.question_list import waiting
from thywill_reconstruct.report.question_text import print_comparison, print_question, print_who
from thywill_reconstruct.report.questions import (
    Candidate,
    Question,
    different,
    find_candidates,
    of_a_time,
    same,
    still_open,
)
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line

INTERRUPTED = 130
KEYS = (
    ("s", "same", "The name is this candidate's."),
    ("d", "different", "The name is not this candidate's. Others may still come into question."),
    ("n", "new", "The name is a person of its own, none of the candidates."),
    ("l", "later", "Leave it open; it is asked again next time."),
    ("w", "why", "Show everything: forms, score, archive lines."),
    ("b", "back", "Take the last answer out of the file, and ask again."),
    ("q", "quit", "Leave. What you answered is written down."),
    ("o", "other", "Compare with somebody else: type a name or a user id."),
    ("p", "placeholder", "The name stands for nobody, like 'Unknown User'."),
    ("i", "ignore", "A person who was deleted on purpose; never to be recreated."),
    ("r", "reason", "Type why, before you answer."),
    ("?", "help", "Show what the keys mean."),
)
# Answers that say what a name is, whoever the candidates are.
_NATURES: dict[str, Kind] = {"n": "new", "p": "placeholder", "i": "ignore"}


@dataclass(slots=True)
class _Step:
    """Something that can be taken back: which question it was about, and what it wrote, ``None`` if nothing."""

    number: int
    question: Question
    written: bytes | None


class Sitting:
    """Walks through the questions, and knows the way back."""

    def __init__(
        self, console: Console, questions: tuple[Question, ...], dossiers: Dossiers, file: DecisionsFile, by: str
    ) -> None:
        self.console = console
        self.questions = list(questions)
        self.dossiers = dossiers
        self.file = file
        self.by = by
        self.steps: list[_Step] = []
        self.why = ""
        self.focus = 0

    def run(self) -> int:
        """Ask until all is answered or the operator leaves, and return the exit code. What was answered stays, always."""
        code = 0
        try:
            try:
                self._greet()
                self._walk()
            except LeftError:
                pass
            except KeyboardInterrupt:
                code = INTERRUPTED
            self._goodbye(code)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            discard_stdout()  # the terminal was closed: there is nobody to say anything to
            return INTERRUPTED
        return code

    def _greet(self) -> None:
        asked = _count(len(self.questions), "question")
        self._say(f"{asked} about names. Each answer is written to {self.file.path} at once.")
        if not self.by:
            self.by = read_line("Your name, for the file", login_name()) or "operator"

    def _walk(self) -> None:
        number = 0
        while number < len(self.questions):
            question = still_open(self.questions[number], self.file.read())
            number = number + 1 if question is None else self._ask(number, question)

    def _ask(self, number: int, question: Question) -> int:
        """Ask one question and return the number of the next."""
        self.why, self.focus = "", 0
        self._show(number, question)
        while True:
            print_who(self.console, question, self.focus)
            key = self._key()
            if key == "q":
                raise LeftError
            if key == "l":
                self.steps.append(_Step(number, question, None))
                return number + 1
            if key == "b":
                if (back := self._back()) is not None:
                    return back
            elif key in ("s", "d", *_NATURES):
                if self._answer(number, question, key):
                    return number  # asked again if candidates are left to decide about
            else:
                question = self._look(number, question, key)

    def _key(self) -> str:
        """Wait for a key that means something."""
        known = {key: word for key, word, _ in KEYS} | {str(digit): "" for digit in range(1, 10)}
        with single_keys():
            self.console.print(_keys_line(self.console.width), end="", soft_wrap=True)
            while (key := read_key().lower()) not in known:
                self.console.print("(not one of these keys) > ", end="", soft_wrap=True)
        self.console.print(Text(known[key] or key, style="bold"))
        return key

    def _show(self, number: int, question: Question) -> None:
        self.console.print()
        head = f"{number + 1} of {len(self.questions)}. Who is this? {waiting(question)}"
        print_question(self.console, question, self.dossiers, head=head, focus=self.focus)

    def _look(self, number: int, question: Question, key: str) -> Question:
        """Do what a key asks for that answers nothing; return the question, perhaps with one more candidate."""
        if key == "?":
            for letter, word, meaning in KEYS:
                print_line(self.console, 2, Text.assemble((f"{letter}  {word:<13}", "bold"), meaning), hang=16)
        elif key == "r":
            self.why = read_line("Reason")
        elif key == "w":
            self._explain(question)
        elif key == "o":
            question = self._other(question)
            self._show(number, question)
        elif int(key) <= len(question.candidates):
            self.focus = int(key) - 1
            self._show(number, question)
        else:
            self._say(f"There is no candidate {key}.")
        return question

    def _explain(self, question: Question) -> None:
        chosen = self._chosen(question)
        self.console.print()
        if chosen is None:
            print_comparison(self.console, self.dossiers, (("name", question.dossier),))
        else:
            pair = compare_pair(self.dossiers, question.name, chosen.name, self.file.read(), chosen.key)
            print_pair(self.console, pair, self.dossiers)

    def _chosen(self, question: Question) -> Candidate | None:
        return question.candidates[self.focus] if question.candidates else None

    def _other(self, question: Question) -> Question:
        """Add the candidate whom the operator names, and compare with that one."""
        word = read_line("Name or user id")
        found = find_candidates(self.dossiers, question.name, word) if word else ()
        if not found and word:
            self._say(f"No archive and no user bears the name {word!r}.")
        known = {(candidate.name, candidate.key) for candidate in question.candidates}
        fresh = tuple(candidate for candidate in found if (candidate.name, candidate.key) not in known)
        if found:
            question = replace(question, candidates=question.candidates + fresh)
            first = (found[0].name, found[0].key)
            self.focus = [(c.name, c.key) for c in question.candidates].index(first)
        return question

    def _answer(self, number: int, question: Question, key: str) -> bool:
        """Write an answer down; ``False`` if it cannot be given."""
        signed = Decision("new", (question.name,), "", self.by, date.today(), self.why)
        chosen = self._chosen(question)
        if question.of_a_time and key != "s":
            self._say(
                "Other times of this name are certain, so only s says whose it was then. For somebody who has no user:"
            )
            self._say("reconstruct review | less  shows the answers with the ids of those who are gone.")
            return False
        if key in _NATURES:
            decision = signed._replace(kind=_NATURES[key])
        elif chosen is None:
            self._say("There is no candidate. Press o to name somebody, or n for a new person.")
            return False
        elif key == "d" and chosen.name == question.name:
            self._say("Both are written alike, so their names cannot tell them apart. Choose the right one, or n.")
            return False
        else:
            answer = of_a_time(question, chosen.key, signed) if question.of_a_time else same(question, chosen, signed)
            decision = answer if key == "s" else different(question, chosen, signed)
        try:
            written = self.file.add(decision)
        except ValueError as error:
            self._say(f"This cannot be written down: {error}.")
            return False
        except DecisionsError as error:
            self._say("The file does not allow this answer; nothing was written:")
            for detail in error.details:
                self._say(f"  {detail}")
            return False
        except NotWritableError as error:
            self._say(f"{error}. {error.hint}")
            return False
        self.steps.append(_Step(number, question, written))
        self._say(f"{_told(decision, chosen)} ({self.file.path}, line {self.file.line_of(written)})")
        return True

    def _back(self) -> int | None:
        """Undo the last step and return the question it was about; ``None`` if there is nothing to undo."""
        if not self.steps:
            self._say("This is the first question of this sitting; there is nothing to take back.")
            return None
        step = self.steps[-1]
        if step.written is not None and not self.file.take_back(step.written):
            self._say(
                f"The last answer does not stand in {self.file.path} any more as it was written. Nothing was changed."
            )
            return None
        self.steps.pop()
        self.questions[step.number] = step.question
        if step.written is not None:
            self._say("Taken back.")
        return step.number

    def _goodbye(self, code: int) -> None:
        answered = sum(step.written is not None for step in self.steps)
        decisions = self.file.read()
        left = sum(still_open(question, decisions) is not None for question in self.questions)
        self.console.print()
        word = "Interrupted. " if code else ""
        self._say(f"{word}{_count(answered, 'answer')} given, {_count(left, 'question')} left.")
        if answered:
            self._say(f"They are in {self.file.path}. See what they change: reconstruct --dry-run")

    def _say(self, sentence: str) -> None:
        print_line(self.console, 0, Text(brief(sentence)))


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _keys_line(width: int) -> Text:
    """Return what can be pressed, broken between the keys, never within one."""
    line, used = Text("\n"), 0
    for key, word, _ in KEYS:
        if used + len(f"{key} {word}  > ") > width:
            line.append("\n")
            used = 0
        line.append(key, style="bold").append(f" {word}  ")
        used += len(f"{key} {word}  ")
    return line.append("> ")


def _told(decision: Decision, chosen: Candidate | None) -> str:
    """Return what was written down, in words."""
    name = repr(decision.names[0])
    who = f"{chosen.name!r}" + (f", user {chosen.key}" if chosen.key else "") if chosen else ""
    return {
        "user": f"{name} is {who}.",
        "same": f"{name} is {who}.",
        "different": f"{name} is not {who}.",
        "new": f"{name} is a person of its own.",
        "placeholder": f"{name} stands for nobody.",
        "ignore": f"{name} is ignored.",
    }[decision.kind]


def login_name() -> str:
    """Return the name of the account, empty if the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
