"""Session, document and recovery, without a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.errors import InputError
from gpuplanner.scenario.document import Scenario, get
from gpuplanner.scenario.recovery import orphans, recovery_dir
from gpuplanner.ui.document import Document
from gpuplanner.ui.recovery_ui import RecoveryKeeper
from gpuplanner.ui.session import Session

EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("workload.input_tokens"), st.integers(1, 10**6)),
        st.tuples(st.just("workload.output_tokens"), st.integers(1, 10**6)),
        st.tuples(st.just("deployment.growth"), st.floats(0, 10)),
        st.tuples(st.just("deployment.tensor_parallel"), st.one_of(st.none(), st.integers(1, 64))),
        st.tuples(st.just("name"), st.text(max_size=20)),
    ),
    max_size=20,
)


@given(edits=EDITS)
def test_undo_takes_back_all_and_redo_brings_all_again(qapp: QApplication, edits: list[tuple[str, object]]) -> None:
    session = Session()
    for path, value in edits:
        session.set(path, value)
        assert get(session.scenario, path) == value
    end, stack = session.scenario, session.undo_stack
    while stack.canUndo():
        stack.undo()
    assert session.scenario == Scenario()
    assert stack.isClean()
    while stack.canRedo():
        stack.redo()
    assert session.scenario == end


def test_edits_of_one_field_merge_until_another_or_a_save(qapp: QApplication) -> None:
    session = Session()
    for value in (1, 12, 128):
        session.set("workload.input_tokens", value)
    session.set("workload.output_tokens", 5)
    session.set("workload.input_tokens", 7)
    assert session.undo_stack.count() == 3
    session.undo_stack.setClean()
    session.set("workload.input_tokens", 8)
    assert session.undo_stack.count() == 4
    assert not session.undo_stack.isClean()


def test_what_the_document_refuses_changes_nothing(qapp: QApplication) -> None:
    session = Session()
    with pytest.raises(InputError):
        session.set("workload.input_tokens", -1)
    assert session.scenario == Scenario()
    assert session.undo_stack.count() == 0


def test_names_of_steps_follow_the_language(qapp: QApplication) -> None:
    session = Session()
    session.set("precision.kv_cache", "kv-fp16")
    assert session.undo_stack.undoText() == "change of KV cache"
    texts.set_language("zh")
    session.retranslate()
    assert session.undo_stack.undoText() == "更改KV 缓存精度"


def test_a_copy_of_unsaved_work_is_kept_in_time_and_dropped_when_undone(qtbot: QtBot) -> None:
    session = Session()
    document = Document(session)
    keeper = RecoveryKeeper(session, document)
    session.set("workload.input_tokens", 99)
    qtbot.waitUntil(lambda: any(recovery_dir().glob("*.json")), timeout=30_000)
    assert orphans() == ()  # its owner lives
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not any(recovery_dir().glob("*.json")))
    keeper.discard()


def test_what_a_crash_left_is_offered_and_restored(qtbot: QtBot) -> None:
    session = Session()
    document = Document(session)
    keeper = RecoveryKeeper(session, document)
    session.set("name", "half done")
    keeper.write()
    lock = keeper._copy._lock
    assert lock is not None
    lock.close()  # what the system does when a process ends

    after = RecoveryKeeper(Session(), Document(Session()))
    (offer,) = after.offers()
    assert "half done" in offer.said.sentence()
    with qtbot.waitSignal(after.restore_wanted) as wanted:
        offer.actions[0][1]()
    assert wanted.args[0].scenario.name == "half done"
    offer.actions[1][1]()
    assert orphans() == ()
