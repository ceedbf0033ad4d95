"""Two kinds of GPU that share the load, in the window."""

from __future__ import annotations

from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.results.sentence import pills
from gpuplanner.ui.workbench import SERVERS
from tests.ui.conftest import MakeWindow

L20, L40S = "nvidia-l20", "nvidia-l40s"


def test_servers_are_those_of_both_kinds(make_window: MakeWindow) -> None:
    chat = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "workload.load", 150.0)
    window = make_window(replace(replace(chat, "deployment.gpu", L20), "deployment.second_gpu", L40S))
    answer = window.session.estimate
    assert answer is not None
    assert answer.mix is not None
    assert [part.gpu_id for part in answer.mix.parts] == [L20, L40S]
    assert "note.mix_covers" in [code.code for code in answer.warnings]
    shared = next(pill for pill in pills(answer, window.session.scenario) if "2 + 1" in pill.words)
    assert "NVIDIA L40S" in shared.hint
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    panel = window.bench.servers
    assert panel.site is not None
    lines = {line.key: line for line in panel.site.lines}
    assert {key for key in lines if key.startswith("gpu_server")} == {f"gpu_server.{L20}", f"gpu_server.{L40S}"}
    assert panel.site.warnings[0].code == "site.note.mix"
    assert "site.warning.single" not in [code.code for code in panel.site.warnings]
    shown = panel.page()
    assert shown is not None
    assert "(NVIDIA L20)" in shown
    assert "(NVIDIA L40S)" in shown
