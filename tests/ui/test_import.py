"""A model's files on the window: dropped or chosen, the model is in the form, or a sentence says why not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest

from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.ui.dialogs.new_model import NewModelDialog
from gpuplanner.ui.window import MainWindow
from tests.catalog.importers import writers
from tests.ui.conftest import Answers

QWEN_3B = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 2048, "intermediate_size": 11008,
    "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2, "vocab_size": 151936,
    "tie_word_embeddings": True, "max_position_embeddings": 32768, "torch_dtype": "bfloat16",
}  # fmt: skip
_NONE = Qt.KeyboardModifier.NoModifier


def drag(window: MainWindow, path: Path) -> bool:
    """Drag a path over the window and let go; tells whether the window was willing."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    entering = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, _NONE)
    entering.ignore()
    window.dragEnterEvent(entering)
    if entering.isAccepted():
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, _NONE))
    return entering.isAccepted()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A real model's files, cut down to their headers."""
    folder = tmp_path / "Qwen2.5-3B-Instruct"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(QWEN_3B), encoding="utf-8")
    writers.write_sharded(folder, writers.decoder_tensors(QWEN_3B), 2)
    return folder


def test_a_dropped_folder_is_in_the_form(window: MainWindow, folder: Path) -> None:
    assert drag(window, folder)
    model = window.session.value("model.custom")
    assert (model.name, model.params_total) == ("Qwen2.5-3B-Instruct", 3_085_938_688)
    assert model.stored.total_bytes == 2 * 3_085_938_688
    assert model.stored.files == 2
    said = window.bench.form.rows["model.id"].remark.text()
    assert "3.09\N{NO-BREAK SPACE}B parameters" in said
    assert "36 layers" in said
    assert window.session.estimate is not None
    assert window.session.estimate.chosen is not None
    assert "Qwen2.5-3B-Instruct" in window.notices.bars[0].sentence.text()
    window.actions_by_key["undo"].trigger()
    assert window.session.value("model.custom") is None


def test_a_dropped_gguf_brings_its_format(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "Llama-3.2-1B-Instruct-Q4_K_M.gguf"
    file.write_bytes(writers.gguf_bytes(writers.LLAMA_1B, writers.llama_1b_tensors()))
    assert drag(window, file)
    assert window.session.value("model.custom").name == "Llama 3.2 1B Instruct"
    assert window.session.value("precision.weights") == "gguf-q4-k-m"


def test_the_menu_takes_any_model_file(window: MainWindow, answers: Answers, folder: Path) -> None:
    answers.path = folder / "model-00001-of-00002.safetensors"
    window.actions_by_key["import"].trigger()
    assert answers.asked == ["import"]
    assert window.session.value("model.custom").stored.tensors == 434


def test_a_pickle_is_refused_with_the_reason(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.bin"
    file.write_bytes(b"PK\x03\x04" + bytes(26) + b"archive/data.pkl")
    before = window.session.scenario
    assert drag(window, file)
    assert "pickle" in window.notices.bars[0].sentence.text()
    assert window.session.scenario == before


def test_a_model_without_a_structure_is_named_and_not_taken(window: MainWindow, tmp_path: Path) -> None:
    file = writers.write_safetensors(tmp_path / "oddity.safetensors", {"blob.weight": [4096, 4096]})
    assert drag(window, file)
    assert "oddity" in window.notices.bars[0].sentence.text()
    assert window.session.value("model.custom") is None


def test_other_files_are_not_accepted(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("nothing", encoding="utf-8")
    assert not drag(window, file)


@pytest.fixture
def dialog(window: MainWindow) -> NewModelDialog:
    window.actions_by_key["new_model"].trigger()
    found = window.findChild(NewModelDialog)
    assert isinstance(found, NewModelDialog)
    return found


@pytest.mark.parametrize("written", ["7B", "70亿"])
def test_a_model_by_its_size(window: MainWindow, dialog: NewModelDialog, written: str) -> None:
    assert not dialog.use.isEnabled()
    dialog.size_line.setText(written)  # an input method; keys of the test know Latin alone
    assert "7\N{NO-BREAK SPACE}B parameters" in dialog.told.text()
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    model = window.session.value("model.custom")
    assert model.params_total == pytest.approx(7e9, rel=0.01)
    assert model.shape_is_assumed
    assert window.session.estimate is not None


def test_a_model_by_its_dimensions(window: MainWindow, dialog: NewModelDialog) -> None:
    sizes = {"num_hidden_layers": "32", "hidden_size": "4096", "num_attention_heads": "32", "num_key_value_heads": "8",
             "intermediate_size": "14336", "vocab_size": "128256", "max_position_embeddings": "128k"}  # fmt: skip
    for field, value in sizes.items():
        QTest.keyClicks(dialog.dimensions[field], value)
    QTest.keyClicks(dialog.name, "Mine")
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    model = window.session.value("model.custom")
    assert (model.name, model.params_total, model.max_context) == ("Mine", 8_030_261_248, 131_072)


def test_what_is_no_model_is_told_and_cannot_be_used(window: MainWindow, dialog: NewModelDialog) -> None:
    QTest.keyClicks(dialog.dimensions["hidden_size"], "4096")
    assert "--" not in dialog.told.text()
    assert not dialog.use.isEnabled()
    QTest.keyClicks(dialog.size_line, "lots")
    assert "lots" in dialog.told.text()
    assert not dialog.dimensions["hidden_size"].isEnabled()
    assert not dialog.use.isEnabled()
    dialog.reject()
    assert window.session.value("model.custom") is None


CONFIGS = Path(__file__).parents[1] / "data" / "configs"


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline's folder: its index and the configs of its components."""
    folder = tmp_path / "my-sdxl"
    held = {"unet": ["diffusers", "UNet2DConditionModel"], "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]}
    folder.mkdir()
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionXLPipeline", **held}), encoding="utf-8")
    for part, config in (("unet", "SDXL_UNet.json"), ("text_encoder_2", "SDXL_text_encoder_2_OpenCLIP-bigG.json")):
        (folder / part).mkdir()
        shutil.copy(CONFIGS / config, folder / part / "config.json")
    return folder


def test_a_dropped_pipeline_makes_images(window: MainWindow, pipeline: Path) -> None:
    before = window.session.scenario
    assert drag(window, pipeline)
    session = window.session
    assert session.value("model.custom").name == "my-sdxl"
    assert session.value("workload.kind") is WorkloadKind.GENERATE, "the kind of work follows the model"
    assert "3.26\N{NO-BREAK SPACE}B parameters" in window.bench.form.rows["model.id"].remark.text()
    session.recompute()
    plan = session.estimate.plan()
    assert plan is not None
    assert plan.memory.parts[MemoryPart.WEIGHTS] == pytest.approx(2 * (2_567_463_684 + 694_659_840), rel=0.01)
    window.actions_by_key["undo"].trigger()
    assert session.scenario == before


def test_a_dropped_encoder_encodes(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "tiny-bert" / "config.json"
    file.parent.mkdir()
    bert = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "intermediate_size": 1536,
            "num_hidden_layers": 6, "num_attention_heads": 12, "vocab_size": 30522, "max_position_embeddings": 512,
            "type_vocab_size": 2}  # fmt: skip
    file.write_text(json.dumps(bert), encoding="utf-8")
    assert drag(window, file.parent)
    assert window.session.value("workload.kind") is WorkloadKind.ENCODE
    window.session.recompute()
    assert window.session.estimate.plan() is not None
