"""What the library does to scenario files: tag, archive, rename, copy, delete. Every command can be taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuplanner.disk import disk_error, make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError, shown
from gpuplanner.scenario import library
from gpuplanner.scenario.cards import stem
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import SUFFIX, document_bytes, load_scenario, save_scenario
from gpuplanner.scenario.validation import replace_checked


@dataclass(frozen=True, slots=True)
class Step:
    """What a command did to a file: its content before and after; None where there was, or is, no file."""

    path: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did.

    Attributes:
        steps: to take it back.
        problems: one for each file that it could not be done to.
        moved: files that have another name now, from and to.
    """

    steps: tuple[Step, ...] = ()
    problems: tuple[InputError, ...] = ()
    moved: tuple[tuple[Path, Path], ...] = ()

    @property
    def made(self) -> tuple[Path, ...]:
        """Files that weren't there before."""
        return tuple(step.path for step in self.steps if step.before is None)


def tag(paths: Iterable[Path], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Done:
    """File scenarios under tags, and take others away."""
    gone = {word.casefold() for word in remove}

    def change(scenario: Scenario) -> Scenario:
        kept = [word for word in scenario.library.tags if word.casefold() not in gone]
        there = {word.casefold() for word in kept}
        kept += [word for word in add if word.casefold() not in there]
        return replace_checked(scenario, "library.tags", tuple(kept))

    return _each(paths, lambda path: _edit(path, change))


def archive(paths: Iterable[Path], archived: bool = True) -> Done:
    """Put scenarios into the archive, or back."""
    return _each(paths, lambda path: _edit(path, lambda found: replace_checked(found, "library.archived", archived)))


def as_template(paths: Iterable[Path], template: bool = True) -> Done:
    """Have scenarios begin new ones when they are opened, or no more."""
    return _each(paths, lambda path: _edit(path, lambda found: replace_checked(found, "library.template", template)))


def trash(paths: Iterable[Path]) -> Done:
    """Put files into the system's trash."""

    def command(path: Path) -> tuple[Step, ...]:
        before = read_bounded(path)
        library.trash(path)
        return (Step(path, before, None),)

    return _each(paths, command)


def duplicate(paths: Iterable[Path]) -> Done:
    """Copy files beside themselves."""

    def command(path: Path) -> tuple[Step, ...]:
        copy = library.duplicate(path)
        return (Step(copy, None, read_bounded(copy)),)

    return _each(paths, command)


def variant(path: Path, name: str) -> Done:
    """A copy beside a file that remembers what it was made from.

    Args:
        path: the parent.
        name: of the new scenario.
    """

    def command(parent: Path) -> tuple[Step, ...]:
        loaded = load_scenario(parent)
        made = replace_checked(loaded.scenario, "name", name)
        for field, value in (("parent", parent.name), ("archived", False), ("template", False)):
            made = replace_checked(made, f"library.{field}", value)
        return (_write_new(parent.parent, _file_stem(made), made, loaded.catalog_digest),)

    return _each([path], command)


def begin(folder: Path, scenario: Scenario) -> Done:
    """Write a new scenario into a folder, made where it isn't there."""

    def command(place: Path) -> tuple[Step, ...]:
        make_folder(place)
        return (_write_new(place, _file_stem(scenario), scenario, ""),)

    return _each([folder], command)


def adopt(paths: Iterable[Path], folder: Path) -> Done:
    """Copy scenario files from elsewhere into a folder."""

    def command(path: Path) -> tuple[Step, ...]:
        if path.parent == folder:
            return ()
        data = read_bounded(path)
        make_folder(folder)
        target = library.free_path(folder, stem(path))
        write_atomically(target, data)
        return (Step(target, None, data),)

    return _each(paths, command)


def rename(path: Path, name: str, variants: Sequence[Path] = ()) -> Done:
    """Give a scenario another name; its file follows where it was named after it, and ``variants`` remember the new one."""
    moved: list[tuple[Path, Path]] = []

    def command(source: Path) -> tuple[Step, ...]:
        loaded = load_scenario(source)
        if loaded.read_only:
            raise InputError("error.library.read_only", file=shown(str(source), 400))
        before = read_bounded(source)
        renamed = replace_checked(loaded.scenario, "name", name)
        target = _renamed_path(source, loaded.scenario, renamed)
        save_scenario(source, renamed, loaded.catalog_digest, loaded.stamp, loaded.receipt)
        if target != source:
            library.rename(source, target.name)
            moved.append((source, target))
            return (Step(source, before, None), Step(target, None, read_bounded(target)), *_follow(variants, source, target))
        return (Step(source, before, read_bounded(source)),)

    done = _each([path], command)
    return Done(done.steps, done.problems, tuple(moved))


def take_back(done: Done) -> tuple[InputError, ...]:
    """Undo a command, last step first; a file that was changed since stays as it is, with a sentence."""
    problems: list[InputError] = []
    for step in reversed(done.steps):
        try:
            _take_back(step)
        except InputError as error:
            problems.append(error)
    for source, target in done.moved:
        if not problems:
            library.move_quotes(target, source)
    return tuple(problems)


def _take_back(step: Step) -> None:
    now = read_bounded(step.path) if step.path.exists() else None
    if now != step.after:
        raise InputError("error.library.changed", file=shown(str(step.path), 400))
    if step.before is not None:
        write_atomically(step.path, step.before)
        return
    try:
        step.path.unlink()  # made by the command and unchanged since
    except OSError as error:
        raise disk_error(error, step.path, "move") from error


def _each(paths: Iterable[Path], command: Callable[[Path], tuple[Step, ...]]) -> Done:
    steps: list[Step] = []
    problems: list[InputError] = []
    for path in paths:
        try:
            steps.extend(command(path))
        except InputError as error:
            problems.append(error)
        except OSError as error:
            problems.append(disk_error(error, path, "write"))
    return Done(tuple(steps), tuple(problems))


def _edit(path: Path, change: Callable[[Scenario], Scenario]) -> tuple[Step, ...]:
    before = read_bounded(path)
    loaded = load_scenario(path)
    if loaded.read_only:
        raise InputError("error.library.read_only", file=shown(str(path), 400))
    changed = change(loaded.scenario)
    if changed == loaded.scenario:
        return ()
    save_scenario(path, changed, loaded.catalog_digest, loaded.stamp, loaded.receipt)
    return (Step(path, before, read_bounded(path)),)


def _write_new(folder: Path, name: str, scenario: Scenario, digest: str) -> Step:
    target = library.free_path(folder, name)
    data = document_bytes(scenario, digest)
    write_atomically(target, data)
    return Step(target, None, data)


def _file_stem(scenario: Scenario) -> str:
    """What a scenario's file is called unless a person says otherwise."""
    return " – ".join(part for part in (scenario.customer, scenario.name) if part)


def _renamed_path(source: Path, before: Scenario, after: Scenario) -> Path:
    """The file's new name; the present one where it never was that of the scenario."""
    now = source.name.removesuffix(SUFFIX)
    for called in (_file_stem, lambda scenario: scenario.name):
        if called(before) and now == library.new_name(called(before)) and library.new_name(called(after)):
            return library.free_path(source.parent, called(after))
    return source


def _follow(variants: Iterable[Path], source: Path, target: Path) -> tuple[Step, ...]:
    """Variants of a file that has another name now; one that can't be written keeps the old name."""
    steps: list[Step] = []
    for path in variants:
        with contextlib.suppress(InputError):
            steps += _edit(path, lambda scenario: _with_parent(scenario, source.name, target.name))
    return tuple(steps)


def _with_parent(scenario: Scenario, before: str, after: str) -> Scenario:
    return replace_checked(scenario, "library.parent", after) if scenario.library.parent == before else scenario
