"""From a published config.json to a model's shape: one file a family, chosen by ``model_type``, structure from the fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from gpuplanner.catalog.schema.model import ModelKind
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, Seq2SeqShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape, language_part
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers.autoencoder import read_autoencoder
from gpuplanner.engine.architecture.readers.cnn import CNN
from gpuplanner.engine.architecture.readers.cross_dit import CROSS
from gpuplanner.engine.architecture.readers.crossing import CROSSING
from gpuplanner.engine.architecture.readers.decoders import BY_TYPE, read_decoder
from gpuplanner.engine.architecture.readers.dual import DUAL
from gpuplanner.engine.architecture.readers.encoders import ENCODERS, looks_encoder, read_bert
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.images import IMAGES
from gpuplanner.engine.architecture.readers.joint_dit import JOINT
from gpuplanner.engine.architecture.readers.looking import LOOKING
from gpuplanner.engine.architecture.readers.mixed_dit import MIXED
from gpuplanner.engine.architecture.readers.multimodal import looks_multimodal, read_multimodal
from gpuplanner.engine.architecture.readers.nets import NETS
from gpuplanner.engine.architecture.readers.phi4_multimodal import read_phi4_multimodal, read_phi4mm
from gpuplanner.engine.architecture.readers.pyramids import PYRAMIDS
from gpuplanner.engine.architecture.readers.refusals import refuse_others
from gpuplanner.engine.architecture.readers.sam import read as read_sam
from gpuplanner.engine.architecture.readers.seq2seq import SEQ2SEQ, read_t5_encoder
from gpuplanner.engine.architecture.readers.seq2seq import read_unknown as read_unknown_seq2seq
from gpuplanner.engine.architecture.readers.sounds import SOUNDS
from gpuplanner.engine.architecture.readers.speech import SPEECH, read_wav2vec
from gpuplanner.engine.architecture.readers.unet import read_unet
from gpuplanner.engine.architecture.readers.video_autoencoder import VIDEO_AUTOENCODERS
from gpuplanner.engine.architecture.readers.vision import VISION, read_vit
from gpuplanner.engine.architecture.readers.writing import WRITING

__all__ = ["Reading", "UnsupportedArchitecture", "read_config", "shape_from_config"]

MAX_PARAMETERS: Final = 10**14

_COMPONENTS: Final[Mapping[str, Callable[[Fields], BlocksShape]]] = {
    **JOINT,
    **CROSS,
    **MIXED,
    **VIDEO_AUTOENCODERS,
    "UNet2DConditionModel": read_unet,
    "AutoencoderKL": read_autoencoder,
    "AutoencoderKLFlux2": read_autoencoder,
}
_OTHERS: Final[Mapping[str, Callable[[Fields], Shape]]] = {
    **DUAL,
    **LOOKING,
    **PYRAMIDS,
    **ENCODERS,
    **WRITING,
    **SEQ2SEQ,
    **CROSSING,
    **SPEECH,
    **SOUNDS,
    **VISION,
    **IMAGES,
    **CNN,
    **NETS,
    "donut-swin": VISION["swin"],
    "maskformer-swin": VISION["swin"],
    "sam": read_sam,
    "phi4_multimodal": read_phi4_multimodal,
    "phi4mm": read_phi4mm,
}


# whose nested configs aren't those of a language model and its towers
_WITH_PARTS: Final = ("sam", "parakeet_ctc", "t5gemma", "chinese_clip", "blip", "florence2", "detr", "phi4_multimodal", "phi4mm")


@dataclass(frozen=True, slots=True)
class Reading:
    """A shape, and whether its family was known; ``assumed`` shapes were read as the nearest known kind."""

    shape: Shape
    assumed: bool

    @property
    def kind(self) -> ModelKind:
        """What such a model does, as far as its shape tells."""
        match self.shape:
            case DecoderShape():
                return ModelKind.LLM
            case MultimodalShape():
                return ModelKind.VLM
            case Seq2SeqShape():
                return ModelKind.ASR if self.shape.encoder.name == "audio" else ModelKind.ENCODER_DECODER
            case TowersShape():
                return _tower_kind({tower.name for tower in self.shape.towers})
            case BlocksShape():
                return {"vision": ModelKind.VISION, "speech": ModelKind.ASR}.get(self.shape.role, ModelKind.IMAGE_DIFFUSION)
            case DiffusionShape():
                return ModelKind.IMAGE_DIFFUSION

    @property
    def max_context(self) -> int | None:
        """Longest context the config tells, in tokens."""
        if isinstance(self.shape, Seq2SeqShape):
            return self.shape.max_context
        language = language_part(self.shape)
        return language.max_context if language else None


def shape_from_config(config: Mapping[str, object]) -> Shape:
    """The shape of a model.

    Args:
        config: the fields of a ``config.json`` as published with a model.

    Returns:
        The shape; the layers for multi-token prediction aren't part of it.

    Raises:
        UnsupportedArchitecture: it is something else, or a value is missing or impossible.
    """
    return read_config(config).shape


def read_config(config: Mapping[str, object]) -> Reading:
    """As :func:`shape_from_config`, and says whether the family was known."""
    try:
        shape, assumed = _read(Fields(config))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise UnsupportedArchitecture("too_large", field=".".join(map(str, first["loc"]))) from None
    if operator_list(shape).total_params > MAX_PARAMETERS:
        raise UnsupportedArchitecture("too_large", field="total")
    return Reading(shape, assumed)


def _read(fields: Fields) -> tuple[Shape, bool]:
    kind = fields.word("model_type")
    component = _COMPONENTS.get(fields.word("_class_name"))
    if component is not None:
        return component(fields), False
    if isinstance(fields.raw("thinker_config"), Mapping):  # the part that reads and writes; those that speak stand beside it
        return read_multimodal(fields.part("thinker_config"))[0], True
    reader = _OTHERS.get(kind)
    if reader is not None and kind in _WITH_PARTS:
        return reader(fields), False
    if looks_multimodal(fields):
        return read_multimodal(fields)
    names = fields.items("architectures")
    architecture = names[0] if names and isinstance(names[0], str) else ""
    if kind in ("t5", "mt5", "umt5") and architecture.endswith("EncoderModel"):
        return read_t5_encoder(fields), False
    if reader is not None:
        return reader(fields), False
    refuse_others(fields, known=kind.lower() in BY_TYPE)
    if not kind and not architecture and not fields.has("hidden_size", "num_hidden_layers"):
        raise UnsupportedArchitecture("not_a_config")
    nearest = _nearest_other(fields) if kind not in BY_TYPE else None
    if nearest is not None:
        return nearest(fields), True
    return read_decoder(fields)


def _nearest_other(fields: Fields) -> Callable[[Fields], Shape] | None:
    """The reader for a type that isn't known and whose fields are those of no decoder; None where they may be."""
    if fields.raw("is_encoder_decoder") is True:
        if fields.has("num_experts"):
            raise UnsupportedArchitecture("encoder_decoder")
        return read_unknown_seq2seq
    if fields.has("conv_dim") and fields.has("conv_stride"):
        return read_wav2vec
    if looks_encoder(fields):
        return read_bert
    if fields.has("patch_size") and fields.has("image_size") and not fields.has("vocab_size"):
        return read_vit
    return None


def _tower_kind(names: set[str]) -> ModelKind:
    if len(names) > 1:
        return ModelKind.MULTIMODAL_EMBEDDING
    return {"vision": ModelKind.VISION, "audio": ModelKind.ASR}.get(names.pop(), ModelKind.ENCODER)
