"""What goes wrong with input, said in a sentence: what happened, where, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuplanner import texts


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter that is itself a text: looked up when the sentence is made, in that sentence's language."""

    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """A text key with parameters. A parameter may be plain, a :class:`Named` text, or another message."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: str | None = None) -> str:
        """The text in a language; in the current one when none is given."""
        lang = lang or texts.language()
        return texts.text_in(lang, self.code, **{name: _worded(value, lang) for name, value in self.params.items()})


class InputError(Exception):
    """Bad input from a person, a file or another program; never a fault of ours.

    Args:
        code: the key of the sentence in ``resources/texts``.
        params: what the sentence names, see :class:`Message`.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.message = Message(code, params)

    @property
    def code(self) -> str:
        """The key of the sentence."""
        return self.message.code

    @property
    def params(self) -> Mapping[str, object]:
        """What the sentence names."""
        return self.message.params

    def sentence(self, lang: str | None = None) -> str:
        """What is wrong and what to do, in a language; in the current one when none is given."""
        return self.message.sentence(lang)

    def __str__(self) -> str:
        return f"{self.code} {dict(self.params)}"


def shown(text: object, limit: int = 60) -> str:
    """A foreign value, short and printable, so that it can stand inside a sentence."""
    raw = text if isinstance(text, str) else repr(text)
    if len(raw) <= limit and raw.isprintable():
        return raw
    # isprintable is false for controls, line breaks and the marks that turn the writing direction
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in raw[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _worded(value: object, lang: str) -> object:
    if isinstance(value, Named):
        return texts.text_in(lang, value.key)
    if isinstance(value, Message | InputError):
        return value.sentence(lang)
    return value
