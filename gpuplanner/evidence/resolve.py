"""Names in measurement rows to catalogue ids. General rules on the parts of a name; nothing is known here about any row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.evidence.names import GpuName, ModelName, is_revision, parse_gpu, parse_model, simple

_FORM_ORDER: Final = ("sxm", "oam", "pcie", "nvl")
_MEMORY_TOLERANCE: Final = 0.075  # 268 and 288 GB are the same card, 94 and 80 aren't
_SIZE_TOLERANCE: Final = 0.08  # nominal sizes are rounded
_ROUNDING: Final = 0.02
_LANGUAGE: Final = {ModelKind.LLM, ModelKind.VLM}


class GpuResolver:
    """GPU names to catalogue ids."""

    def __init__(self, gpus: Mapping[str, Gpu]) -> None:
        self._gpus = gpus
        self._names = {gpu_id: (parse_gpu(gpu_id), parse_gpu(gpu.name)) for gpu_id, gpu in gpus.items()}
        self._cache: dict[str, str | None] = {}

    @cached_property
    def _known_tokens(self) -> frozenset[str]:
        marks = {"laptop", "mobile", "q", "modified", "mig", "titan", "max"}
        return frozenset(token for names in self._names.values() for name in names for token in name.code) | marks

    def __call__(self, name: str) -> str | None:
        """The id of the GPU meant; None when there is none, or no saying which."""
        if name not in self._cache:
            self._cache[name] = self._find(name)
        return self._cache[name]

    def _find(self, name: str) -> str | None:
        if name in self._gpus:
            return name
        wanted = parse_gpu(name)
        if not wanted.code or "modified" in name.casefold():
            return None
        matches = [gpu_id for gpu_id, names in self._names.items() if any(wanted.code == own.code for own in names)]
        if not matches:
            known = wanted.code & self._known_tokens
            extra_is_new = not wanted.code - known - self._all_new(wanted)
            if known and extra_is_new:
                matches = [gpu_id for gpu_id, names in self._names.items() if any(known == own.code for own in names)]
        fitting = [gpu_id for gpu_id in matches if self._admits(gpu_id, wanted)]
        return min(fitting, key=lambda gpu_id: self._rank(gpu_id, wanted), default=None)

    def _all_new(self, wanted: GpuName) -> frozenset[str]:
        """Words no card of the catalogue is called by; figures always tell cards apart."""
        return frozenset(token for token in wanted.code - self._known_tokens if token.isalpha())

    def _admits(self, gpu_id: str, wanted: GpuName) -> bool:
        gpu = self._gpus[gpu_id]
        form = self._form(gpu_id)
        if wanted.form is not None and form is not None and form != wanted.form and not (wanted.form == "sxm" and form == "oam"):
            return False
        return wanted.memory_gb is None or abs(gpu.memory_gb / wanted.memory_gb - 1) <= _MEMORY_TOLERANCE

    def _form(self, gpu_id: str) -> str | None:
        return next((name.form for name in self._names[gpu_id] if name.form), None)

    def _rank(self, gpu_id: str, wanted: GpuName) -> tuple[int, int, int, float, str]:
        form = self._form(gpu_id)
        own = frozenset().union(*(name.optional for name in self._names[gpu_id]))
        form_rank = _FORM_ORDER.index(form) if form in _FORM_ORDER else 0
        size = self._gpus[gpu_id].memory_gb
        # where nothing is said, data-centre studies ran the SXM card; an A100 without a size was the larger as often as not
        return (-len(own & wanted.optional), form_rank, len(own - wanted.optional), size, gpu_id)


class ModelResolver:
    """Model names to catalogue ids."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._exact: dict[str, str] = {}
        self._by_words: dict[str, list[tuple[str, ModelName]]] = {}
        for model_id, model in models.items():
            for written in dict.fromkeys(name for name in (model_id, model.name, model.hf_id) if name):
                self._exact.setdefault(simple(written), model_id)
                parsed = parse_model(written)
                self._by_words.setdefault(parsed.words, []).append((model_id, parsed))
        self._cache: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        """The id of the model meant, or of one with the same architecture and size; None when there is none."""
        if name not in self._cache:
            self._cache[name] = self._find(name)
        return self._cache[name]

    def _find(self, name: str) -> str | None:
        exact = self._exact.get(simple(name))
        if exact is not None:
            return exact
        wanted = parse_model(name)
        named = self._by_words.get(wanted.words, [])
        if not wanted.words:
            return None
        for admits in (self._same, self._versionless):
            found = {model_id for model_id, own in named if admits(model_id, own, wanted)}
            if found:
                return self._best(found, wanted)
        # no size in the name: it must be the only one of its family and version
        if wanted.size is None:
            found = {model_id for model_id, own in named if own.versions == wanted.versions}
            if len(found) == 1:
                return found.pop()
        return None

    def _same(self, model_id: str, own: ModelName, wanted: ModelName) -> bool:
        return own.versions == wanted.versions and self._size_agrees(model_id, own, wanted)

    def _versionless(self, model_id: str, own: ModelName, wanted: ModelName) -> bool:
        """A named tier ("Mistral Small 24B") stands for its point releases of the same size."""
        tier = wanted.word_count >= 2 and own.size is not None and own.size == wanted.size
        return tier and (not own.versions or not wanted.versions) and self._size_agrees(model_id, own, wanted)

    def _size_agrees(self, model_id: str, own: ModelName, wanted: ModelName) -> bool:
        if own.active and wanted.active and own.active != wanted.active:
            return False
        if wanted.size is None:
            return own.size is None
        if own.size == wanted.size:
            return True
        # a size that isn't in the record's name ("DeepSeek-R1-671B"), or is rounded otherwise there ("LLaMA-33B")
        params, billions = self._models[model_id].params_total, wanted.billions
        tolerance = _SIZE_TOLERANCE if own.size is None else _ROUNDING
        return params is not None and billions is not None and abs(params / 1e9 / billions - 1) <= tolerance

    def _best(self, found: Iterable[str], wanted: ModelName) -> str:
        return min(found, key=lambda model_id: self._distance(model_id, wanted))

    def _distance(self, model_id: str, wanted: ModelName) -> tuple[object, ...]:
        model = self._models[model_id]
        # the id alone: a hub name's "Instruct" says nothing about the record
        own = parse_model(model_id).qualifiers
        # where no revision is named, the newest
        revision = max((tuple(-int(part) for part in mark[1:].split(".")) for mark in own if is_revision(mark)), default=())
        kind = int(model.kind not in _LANGUAGE)
        return (len(own ^ wanted.qualifiers), kind, int(model.shape is None), revision, model_id)
