"""An accelerator: memory, rates, links, prices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source
from gpuplanner.catalog.schema.price import Price, best_price

Rate = Annotated[float, Field(gt=0, le=1e6)]
Gigabytes = Annotated[float, Field(gt=0, le=1e5)]
Year = Annotated[int, Field(ge=2000, le=2100)]
Confidence = Literal["high", "medium", "low"]
Topology = Literal["switch", "mesh", "cube-mesh", "bridge", "torus", "chip-to-chip"]
Format = Literal[
    "fp32", "tf32", "fp16", "bf16", "fp16_fp16acc", "fp8", "fp8_fp16acc", "int8", "fp6", "fp4", "int4"
]  # fmt: skip


class DenseTflops(Record):
    """Peak rates of matrix products by number format, dense, in TFLOPS (TOPS for integers); None where nothing was published.

    The plain names accumulate in FP32 (integers in INT32); ``_fp16acc`` are the rates with FP16 accumulation, which
    GeForce cards run at twice the speed.
    """

    fp32: Rate | None = None
    tf32: Rate | None = None
    fp16: Rate | None = None
    bf16: Rate | None = None
    fp16_fp16acc: Rate | None = None
    fp8: Rate | None = None
    fp8_fp16acc: Rate | None = None
    int8: Rate | None = None
    fp6: Rate | None = None
    fp4: Rate | None = None
    int4: Rate | None = None

    def rate(self, number_format: str) -> float | None:
        """TFLOPS of a format, None when it isn't known.

        Raises:
            KeyError: when there is no such format.
        """
        if number_format not in type(self).model_fields:
            raise KeyError(number_format)
        value: float | None = getattr(self, number_format)
        return value


class Interconnect(Record):
    """How cards talk to one another inside a server or rack.

    ``per_gpu_bidirectional_gb_s`` counts both directions of all links of one card, 10^9 bytes/s; ``max_gpus_per_domain``
    is how many cards the fast link joins. ``link`` is the id under ``links``; None for PCIe only.
    """

    name: str | None = None
    per_gpu_bidirectional_gb_s: Rate | None = None
    max_gpus_per_domain: Annotated[int, Field(ge=1, le=100_000)] | None = None
    pcie_gen: Annotated[int, Field(ge=1, le=9)] | None = None
    pcie_lanes: Annotated[int, Field(ge=1, le=32)] | None = None
    link: Identifier | None = None
    topology: Topology | None = None


class Export(Record):
    """Whether the card may be sold new in China, as far as the sources say."""

    note: str | None = None
    china_new_sale: Literal[True, False, "restricted"] | None = None


class Gpu(Record):
    """An accelerator card or module.

    ``memory_gb`` is the marketing size; ``usable_memory_bytes`` what the vendor's tool lists as the total;
    ``cuda_memory_bytes`` what an engine sees as the total (a little less), which is what its shares of memory are taken of.
    ``family`` groups hardware that behaves alike; calibration is kept per family. A record that lacks ``family``,
    ``listed_share`` (of ``memory_gb`` GiB, what the vendor's tool lists) or ``driver_hold_bytes`` (of that, what an engine
    doesn't see) gets them from ``catalogs/families.json``. ``multiprocessors`` of NVIDIA, compute units of AMD.
    """

    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=200)]
    vendor: str
    architecture: str
    family: Identifier = "other"
    form_factor: str
    memory_gb: Gigabytes
    usable_memory_bytes: Annotated[int, Field(gt=0)] | None = None
    usable_memory_note: str | None = None
    cuda_memory_bytes: Annotated[int, Field(gt=0)] | None = None
    listed_share: Annotated[float, Field(gt=0.5, le=1)] = 1.0
    driver_hold_bytes: Annotated[int, Field(ge=0, le=2**34)] = 0
    memory_type: str | None = None
    bandwidth_gb_s: Rate | None = None
    dense_tflops: DenseTflops = DenseTflops()
    tflops_derived_from_ratio: bool = False
    tflops_derivation: str | None = None
    interconnect: Interconnect = Interconnect()
    tdp_w: Annotated[float, Field(gt=0, le=1e5)] | None = None
    release_year: Year | None = None
    release_date: str | None = None
    compute_capability: Annotated[float, Field(ge=1, le=99)] | None = None
    multiprocessors: Annotated[int, Field(ge=1, le=10_000)] | None = None
    native_precisions: tuple[Format, ...] = ()
    engines: tuple[Identifier, ...] = ()
    prices: tuple[Price, ...] = ()
    export: Export = Export()
    confidence: Confidence = "medium"
    notes: str | None = None
    sources: tuple[Source, ...] = ()
    unsourced_fields: tuple[str, ...] = ()

    @property
    def usable_bytes(self) -> int:
        """Memory an engine sees as the total, in bytes; see :attr:`usable_is_estimated`."""
        if self.cuda_memory_bytes is not None:
            return self.cuda_memory_bytes
        listed = self.usable_memory_bytes or self.memory_gb * 2**30 * self.listed_share
        return round(listed) - self.driver_hold_bytes

    @property
    def usable_is_estimated(self) -> bool:
        """Whether :attr:`usable_bytes` rests on the marketing size alone."""
        return self.cuda_memory_bytes is None and self.usable_memory_bytes is None

    @property
    def has_scale_up(self) -> bool:
        """Whether cards are joined by something faster than PCIe (NVLink, xGMI, HCCS …)."""
        domain = self.interconnect.max_gpus_per_domain
        return domain is not None and domain > 1

    @property
    def has_all_to_all(self) -> bool:
        """Whether every card of the domain reaches every other at full speed, without going through a third."""
        return self.has_scale_up and self.interconnect.topology in {"switch", "mesh"}

    @property
    def scale_up_gb_s(self) -> float | None:
        """One direction of the fast link per card, 10^9 bytes/s; None when there is none or its rate is unknown."""
        both = self.interconnect.per_gpu_bidirectional_gb_s
        return both / 2 if self.has_scale_up and both is not None else None

    @property
    def scale_up_domain(self) -> int:
        """How many cards the fast link joins; 1 when there is none."""
        return self.interconnect.max_gpus_per_domain or 1

    @property
    def pcie_link(self) -> str | None:
        """The id under ``links`` of a full x16 slot of the card's PCIe generation."""
        generation = self.interconnect.pcie_gen
        return f"pcie-{generation}-x16" if generation is not None else None

    def supports(self, number_format: str) -> bool:
        """Whether matrix products run in this format, be the rate known or not."""
        return number_format in self.native_precisions or self.dense_tflops.rate(number_format) is not None

    def best_price(self, currency: str) -> Price | None:
        """The price to quote, see :func:`~gpuplanner.catalog.schema.price.best_price`; None when nobody published one."""
        return best_price(self.prices, currency)
