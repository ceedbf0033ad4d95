"""A model as its config describes it and as its files hold it: brought together, or refused where they don't belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers.bounded import refusal
from gpuplanner.catalog.importers.hf_config import identifier
from gpuplanner.catalog.schema.common import Source
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.stored import NOT_SERVED
from gpuplanner.errors import shown
from gpuplanner.texts import text

PLAIN: Final = frozenset({"fp32", "fp16", "bf16"})
_AGREES: Final = 0.01
# Bytes of one parameter that no format has: the files then belong to another model.
_LEAST, _MOST = 0.08, 9.0
_NAME_LIMIT: Final = 100


def joined(described: Model, stored: StoredWeights, asked: Path, missing: tuple[str, ...] = ()) -> Model:
    """A described model with what its files hold.

    Args:
        described: from a config or a header.
        stored: the sums of its files.
        asked: the file or folder that was imported, for a refusal.
        missing: files that an index names and that aren't there.

    Raises:
        InputError: the files hold far more or far less than the description needs.
    """
    changes: dict[str, object] = {"stored": stored}
    if stored.precision and stored.precision not in PLAIN:
        changes["stored_as"] = described.stored_as or stored.precision
    if described.shape is None:
        changes |= {"params_total": stored.params, "params_active": stored.params, "params_basis": "counted from the tensors"}
        return described.model_copy(update=changes)
    expected = operator_list(described.shape).total_params
    if not _LEAST <= served_bytes(stored) / expected <= _MOST:
        raise refusal(asked, "import.unlike", held=f"{stored.total_bytes:,}", params=f"{expected:,}")
    held = served_params(stored)
    if held is not None and abs(held - expected) > _AGREES * expected:
        changes["shape_is_assumed"] = True
    if missing:
        changes["notes"] = text("import.note.missing", count=len(missing), file=missing[0])
    return described.model_copy(update=changes)


def weights_alone(asked: Path, stored: StoredWeights, shape: DecoderShape | None, kind: ModelKind = ModelKind.LLM) -> Model:
    """A model of which only the weights are known; its shape is what their tensors let one conclude, if anything."""
    folder = asked.absolute().parent.name
    stem = asked.name.partition(".safetensors")[0]
    name = shown(folder if stem in {"model", "diffusion_pytorch_model"} and folder else stem or asked.name, _NAME_LIMIT)
    total = operator_list(shape).total_params if shape else stored.params
    return Model(
        id=identifier(name),
        name=name,
        kind=kind,
        params_total=total,
        params_active=operator_list(shape).active_params if shape else None,
        params_basis="counted from the tensors" if total is not None else None,
        shape=shape,
        shape_is_assumed=shape is not None,
        no_shape_reason=None if shape else "import.reason.no_config",
        stored_as=stored.precision if stored.precision not in PLAIN else None,
        stored=stored,
        notes=text("import.note.deduced") if shape else None,
        sources=(Source(title=shown(asked.name, _NAME_LIMIT), date="n/a"),),
    )


def served_bytes(stored: StoredWeights) -> int:
    """Bytes without the layers that serving leaves out."""
    left = stored.parts.get(NOT_SERVED)
    return stored.total_bytes - (left.bytes if left else 0)


def served_params(stored: StoredWeights) -> int | None:
    """Parameters without the layers that serving leaves out."""
    left = stored.parts.get(NOT_SERVED)
    return None if stored.params is None else stored.params - (left.params if left else 0)
