"""The history of edits: what it keeps, and that it keeps nothing else."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QApplication

from gpuplanner.scenario.document import Scenario
from gpuplanner.ui import undo
from gpuplanner.ui.session import Session

FIELD, OTHER = "workload.input_tokens", "workload.output_tokens"


def _alive() -> int:
    gc.collect()
    return sum(isinstance(one, undo.Change) for one in gc.get_objects())


def test_edits_that_merge_leave_one_step_and_one_object(qapp: QApplication) -> None:
    before, session = _alive(), Session()
    for tokens in range(1, 100):
        session.set(FIELD, tokens)
    assert session.undo_stack.count() == 1
    assert _alive() - before == 1


def test_a_new_branch_lets_go_of_what_was_taken_back(qapp: QApplication) -> None:
    before, session = _alive(), Session()
    for tokens in range(1, 50):
        session.set(FIELD, tokens, merges=False)
    for _ in range(40):
        session.undo_stack.undo()
    session.set(OTHER, 7)
    assert session.undo_stack.count() == 10
    assert not session.undo_stack.canRedo()
    assert _alive() - before == 10


def test_an_edit_back_to_where_it_began_vanishes(qapp: QApplication) -> None:
    before, session = _alive(), Session()
    begun = session.value(FIELD)
    session.set(FIELD, 77)
    session.set(FIELD, begun)
    assert session.undo_stack.count() == 0
    assert session.undo_stack.isClean()
    assert _alive() == before


def test_another_scenario_ends_the_history(qapp: QApplication) -> None:
    before, session = _alive(), Session()
    for tokens in range(1, 30):
        session.set(FIELD, tokens, merges=False)
    session.start(Scenario(name="another"))
    assert session.undo_stack.count() == 0
    assert session.undo_stack.isClean()
    assert _alive() == before


def test_the_history_is_bounded_and_what_was_saved_may_fall_off(qapp: QApplication) -> None:
    before, session = _alive(), Session()
    stack = session.undo_stack
    for tokens in range(1, undo.KEPT + 11):
        session.set(FIELD, tokens, merges=False)
    assert stack.count() == undo.KEPT
    assert _alive() - before == undo.KEPT
    while stack.canUndo():
        stack.undo()
    assert session.value(FIELD) == 10  # the first ten steps can't be taken back any more
    assert not stack.isClean()  # and neither is what was opened


def test_saved_in_the_middle_is_clean_there_and_nowhere_else(qapp: QApplication) -> None:
    session = Session()
    stack, told = session.undo_stack, list[bool]()
    stack.cleanChanged.connect(told.append)
    session.set(FIELD, 5, merges=False)
    stack.setClean()
    session.set(FIELD, 6, merges=False)
    stack.undo()
    assert stack.isClean()
    stack.undo()
    assert not stack.isClean()
    session.set(OTHER, 9)  # a new branch: no step leads to what was saved
    stack.undo()
    assert not stack.isClean()
    assert told == [False, True, False, True, False]


def test_steps_are_told_after_the_scenario_is_in_force(qapp: QApplication) -> None:
    session = Session()
    seen: list[tuple[int, int, str]] = []
    stack = session.undo_stack
    stack.indexChanged.connect(lambda index: seen.append((index, session.value(FIELD), stack.undoText())))
    session.set(FIELD, 5, merges=False)
    stack.undo()
    stack.redo()
    begun = Scenario().workload.input_tokens
    assert [one[:2] for one in seen] == [(1, 5), (0, begun), (1, 5)]
    assert seen[0][2]
    assert seen[1][2] == ""
