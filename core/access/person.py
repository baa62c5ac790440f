"""The person for whom a request is made, beside the key of the program that asks for them."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final

# As OpenID Connect bounds a subject; as an officer's name is bounded.
longest_subject: Final = 255
longest_name: Final = 128
# Control and format characters (those that turn the direction of writing among them), halves of characters, ends of
# lines and paragraphs: nobody sees them, and by them a name looks like another's, or breaks a line of a log.
_hidden: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class InvalidPerson(ValueError):
    """A subject or a name that is empty, too long, or holds characters that cannot be seen."""


def without_hidden(text: str) -> str:
    """A text without the characters that no subject and no name may hold."""
    return "".join(mark for mark in text if unicodedata.category(mark) not in _hidden)


@dataclass(frozen=True, slots=True)
class Person:
    """A person, as their identity provider knows them.

    Attributes:
        subject: what stands for them at the provider, and stays when they change their name.
        name: by which colleagues know them.
    """

    subject: str
    name: str

    def __post_init__(self) -> None:
        """Raises `InvalidPerson`."""
        for text, longest in ((self.subject, longest_subject), (self.name, longest_name)):
            if not 1 <= len(text) <= longest or without_hidden(text) != text:
                raise InvalidPerson


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose something is: of a key, and where its program asks for persons, of one of them.

    Attributes:
        key: the name of the key.
        subject: of the person; None where the program asks for itself.
    """

    key: str
    subject: str | None = None

    def includes(self, other: Owner) -> bool:
        """Whether what is another's counts as this one's as well: a key includes all for whom it asks."""
        return self.key == other.key and self.subject in (None, other.subject)

    @property
    def token(self) -> str:
        """32 hexadecimal digits that stand for the owner, such as in the name of a folder."""
        # No name of a key has an end of a line: those of a person are never those of another key.
        known = self.key if self.subject is None else f"{self.key}\n{self.subject}"
        return hashlib.sha256(known.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends something: the name of the key, and the person for whom its program asks; None: it asks for itself."""

    key: str
    person: Person | None = None

    @property
    def owner(self) -> Owner:
        """Whose what they send is."""
        return Owner(self.key, self.person.subject if self.person else None)
