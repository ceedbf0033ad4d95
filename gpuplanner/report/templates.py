"""Templates a user may copy and edit, run where nothing they hold can reach out, run on or grow without end."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final

from gpuplanner import assets
from gpuplanner.disk import DiskError, make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError, shown
from gpuplanner.paths import user_data_dir

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

NAMES: Final = ("quote.md.j2", "terms-en.txt.j2", "terms-zh.txt.j2", "outline.txt.j2")
_LONGEST: Final = 2_000_000  # characters of a document, and of any text on the way
_SECONDS: Final = 2.0
_SOURCE_LIMIT: Final = 2**18
_FILTERS: Final = frozenset(
    ("upper", "lower", "title", "capitalize", "trim", "length", "count", "first", "last", "default", "d", "round", "int", "float",
     "abs", "escape", "e", "list", "reverse", "sort", "min", "max", "unique", "join")
)  # fmt: skip
_METHODS: Final = frozenset(
    ("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split", "items", "keys",
     "values", "get", "isdigit", "find", "count", "index")
)  # fmt: skip


class _Endless(Exception):
    """A template ran longer than it may."""


class _TooLong(Exception):
    """A template makes more text than a document holds."""


def templates_folder() -> Path:
    """Where the user's own templates lie; each stands in for ours of the same name."""
    return user_data_dir() / "templates"


def copy_templates() -> list[Path]:
    """Put our templates where the user may edit them; those already there stay as they are.

    Raises:
        DiskError: when they can't be written.
    """
    folder = templates_folder()
    make_folder(folder)
    for name in NAMES:
        if not (folder / name).exists():
            write_atomically(folder / name, (assets.resources() / "templates" / name).read_bytes())
    return [folder / name for name in NAMES]


def render(
    name: str, values: Mapping[str, object], finalize: Callable[[object], object] | None = None, seconds: float = _SECONDS
) -> str:
    """A template's text, from the user's own file where there is one.

    Args:
        name: one of :data:`NAMES`.
        values: what the template sees; its data can be read and nothing can be called but what is given.
        finalize: applied to each value that is printed.
        seconds: a template of the user's that takes longer is stopped.

    Raises:
        InputError: naming the file and what is wrong, when it isn't a template, reaches for what it may not have, runs without
            end or makes too much text.
    """
    from jinja2 import TemplateError

    own = templates_folder() / name
    path = own if own.is_file() else assets.resources() / "templates" / name
    try:
        source = read_bounded(path, _SOURCE_LIMIT).decode("utf-8")
        template = _environment(finalize).from_string(source)
        guard = _Deadline(seconds) if path is own else None
        return _bounded(template.generate(**values), guard)
    except UnicodeDecodeError as error:
        raise InputError("report.template.no_text", file=str(path)) from error
    except (_Endless, RecursionError) as error:
        raise InputError("report.template.endless", file=str(path), seconds=f"{seconds:g}") from error
    except (_TooLong, MemoryError) as error:
        raise InputError("report.template.long", file=str(path)) from error
    except (DiskError, InputError):
        raise
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        line = getattr(error, "lineno", None)
        raise InputError("report.template.wrong", file=str(path), line=line or "–", reason=shown(str(error), 120)) from error


def _bounded(pieces: Any, guard: _Deadline | None) -> str:
    made: list[str] = []
    length = 0
    if guard is not None:
        guard.start()
    try:
        for piece in pieces:
            length += len(piece)
            if length > _LONGEST:
                raise _TooLong
            made.append(piece)
    finally:
        if guard is not None:
            guard.stop()
    return "".join(made)


class _Deadline:
    """Watches the lines that templates run and stops them when their time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before: Any = None

    def start(self) -> None:
        """From now on."""
        self._end = time.monotonic() + self._seconds
        self._before = sys.gettrace()
        sys.settrace(self._enter)

    def stop(self) -> None:
        """No more."""
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, _event: str, _value: object) -> Any:
        self._check()
        return self._line if _of_template(frame.f_code) else None

    def _line(self, _frame: FrameType, _event: str, _value: object) -> Any:
        self._check()
        return self._line

    def _check(self) -> None:
        if time.monotonic() > self._end:
            raise _Endless


def _of_template(code: CodeType) -> bool:
    return code.co_filename == "<template>"


def _environment(finalize: Callable[[object], object] | None) -> ImmutableSandboxedEnvironment:
    """A sandbox with few filters, few methods, and texts and numbers that stay small."""
    from jinja2 import StrictUndefined, nodes
    from jinja2.compiler import CodeGenerator, Frame
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generator(CodeGenerator):
        """Puts a bound on ``a ~ b``, which the sandbox leaves alone."""

        def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
            self.write("environment.concat_bounded((")
            for part in node.nodes:
                self.visit(part, frame)
                self.write(", ")
            self.write("))")

    class Guarded(ImmutableSandboxedEnvironment):
        """Whatever an operator makes is measured before it is made."""

        code_generator_class = Generator
        intercepted_binops = frozenset(("*", "**", "+", "%", "//", "/", "-"))

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            _measure(operator, left, right)
            return super().call_binop(context, operator, left, right)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            plain = not callable(value) or attr in _METHODS
            return plain and super().is_safe_attribute(obj, attr, value)

        @staticmethod
        def concat_bounded(parts: tuple[Any, ...]) -> str:
            texts = [str(_flat(part)) for part in parts]
            if sum(map(len, texts)) > _LONGEST:
                raise _TooLong
            return "".join(texts)

    made = Guarded(
        undefined=StrictUndefined,
        finalize=lambda value: finalize(_flat(value)) if finalize else _flat(value),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters = {name: made.filters[name] for name in _FILTERS} | {"join": _join}
    made.globals = {"range": made.globals["range"]}
    return made


def _flat(value: Any) -> Any:
    """A value that may be printed: lists within lists could be printed without end."""
    if isinstance(value, list | tuple | dict | set):
        raise TypeError("a list is printed with a loop or 'join'")
    return value


def _measure(operator: str, left: Any, right: Any) -> None:
    sizes = [len(side) for side in (left, right) if isinstance(side, str | list | tuple)]
    counts = [side for side in (left, right) if isinstance(side, int)]
    if operator == "*" and sizes and counts and sizes[0] * counts[0] > _LONGEST:
        raise _TooLong
    if operator == "+" and sum(sizes) > _LONGEST:
        raise _TooLong
    if operator == "%" and isinstance(left, str):
        for part in right if isinstance(right, tuple) else (right,):
            _flat(part)
        if re.search(r"%[^a-z%]*(\d{4,}|\*)", left):
            raise _TooLong
    if operator == "**" and not (abs(left) <= 1e6 and abs(right) <= 64):
        raise _TooLong
    if operator == "*" and len(counts) == 2 and max(map(int.bit_length, counts)) > 4096:
        raise _TooLong


def _join(parts: Any, separator: str = "") -> str:
    texts = [str(_flat(part)) for part in parts]
    if sum(map(len, texts)) + len(separator) * len(texts) > _LONGEST:
        raise _TooLong
    return separator.join(texts)


def outline(known: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a document, in order.

    Args:
        known: the parts that there are.

    Raises:
        InputError: when the user's template names another, or can't be run.
    """
    named = tuple(line.strip() for line in render("outline.txt.j2", {}).splitlines() if line.strip())
    for part in named:
        if part not in known:
            file = str(templates_folder() / "outline.txt.j2")
            raise InputError("report.template.part", file=file, part=shown(part), known=", ".join(known))
    return named


def terms(lang: str, values: Mapping[str, object]) -> tuple[str, ...]:
    """The terms in a language, a sentence each."""
    return tuple(line.strip() for line in render(f"terms-{lang}.txt.j2", values).splitlines() if line.strip())
