"""A model: what is published about it, and its shape where that is known."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.precision import PartName
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shapes import Shape, language_part
from gpuplanner.catalog.schema.stored import StoredWeights


class ModelKind(StrEnum):
    """What a model does."""

    LLM = "llm"
    VLM = "vlm"
    VISION = "vision"
    EMBEDDING = "embedding"
    RERANKER = "reranker"
    ENCODER = "encoder"
    ENCODER_DECODER = "encoder-decoder"
    IMAGE_DIFFUSION = "image-diffusion"
    VIDEO_DIFFUSION = "video-diffusion"
    ASR = "asr"
    TTS = "tts"
    MULTIMODAL_EMBEDDING = "multimodal-embedding"
    SPEECH_TRANSLATION = "speech-translation"

    @property
    def diffuses(self) -> bool:
        """Whether pictures or clips are made."""
        return self in (ModelKind.IMAGE_DIFFUSION, ModelKind.VIDEO_DIFFUSION)

    @property
    def takes(self) -> Literal["texts", "pairs", "images", "speech"] | None:
        """What is encoded; None for models that write, draw or speak."""
        return _TAKES.get(self)


_TAKES: Final[dict[ModelKind, Literal["texts", "pairs", "images", "speech"]]] = {
    ModelKind.EMBEDDING: "texts",
    ModelKind.ENCODER: "texts",
    ModelKind.ENCODER_DECODER: "texts",
    ModelKind.RERANKER: "pairs",
    ModelKind.VISION: "images",
    ModelKind.MULTIMODAL_EMBEDDING: "images",
    ModelKind.ASR: "speech",
    ModelKind.SPEECH_TRANSLATION: "speech",
}


class Model(Record):
    """A model.

    ``params_total`` counts parameters as ``params_basis`` says. ``shape`` is None where the architecture isn't (yet) one that the
    engine estimates; ``no_shape_reason`` then is a text key. ``facts`` keeps published values the shape doesn't use.
    ``stored_as`` is the precision id the checkpoint itself is in, where it is quantised as published (gpt-oss: mxfp4);
    ``stored_unknown`` the name of its method where the catalogue has no such precision.
    ``stored_kept`` are the parts that the checkpoint's configuration leaves in 16 bit, where it lists them.
    ``stored`` is what its files hold, where it was read from them; it decides over the formula in the precision they are in.
    """

    model_config = ConfigDict(defer_build=False)  # a scenario holds one: built here, the schema is built once for both

    id: Identifier
    name: str
    hf_id: str | None = None
    family: str | None = None
    kind: ModelKind
    params_total: Annotated[int, Field(ge=0, le=10**14)] | None = None
    params_active: Annotated[int, Field(ge=0, le=10**14)] | None = None
    params_basis: str | None = None
    shape: Shape | None = None
    no_shape_reason: str | None = None
    shape_is_assumed: bool = False
    max_context: Annotated[int, Field(ge=1)] | None = None
    stored_as: str | None = None
    stored_unknown: str | None = None
    stored_kept: tuple[PartName, ...] | None = None
    stored: StoredWeights | None = None
    licence: str | None = None
    release_date: str | None = None
    facts: dict[str, Any] = {}
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def language(self) -> DecoderShape | None:
        """The part that writes text, of models that are used for that; None for all others."""
        return language_part(self.shape) if self.kind in (ModelKind.LLM, ModelKind.VLM) else None
