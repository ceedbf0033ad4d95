"""A quote's content by hand, so that what is printed doesn't hang on what the engine computes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gpuplanner.engine.result import Code, Explanation, Memory, MemoryPart, Provenance, Quantity, Status, Term, Unit
from gpuplanner.report.content import Figure, Footnote, Line, Metadata, Option, QuoteContent, Seller, Setting, Topic, Verdict

SOURCE = Code("source.set")


def quantity(key: str, value: float | None, unit: Unit, low: float | None = None, high: float | None = None) -> Quantity:
    return Quantity(key, value, unit, low, high, Provenance.MEASURED, 41)


TTFT = Figure(quantity("ttft", 0.88, Unit.SECONDS, 0.76, 1.01), 1.0, Verdict.EXPECTED)
TPOT = Figure(quantity("tpot", 0.036, Unit.SECONDS, 0.031, 0.0398), 0.04, Verdict.MEETS)
PURCHASE = Figure(quantity("purchase", 2_304_000, Unit.MONEY))
THROUGHPUT = Figure(quantity("throughput", 5430, Unit.TOKENS_PER_SECOND, 4720, 6080))
MEMORY = Figure(quantity("memory_per_gpu", 41.2e9, Unit.BYTES, 39e9, 43.4e9))
POWER = Figure(quantity("power", 12_700, Unit.WATTS))

WEIGHTS = Explanation(
    "weights",
    "memory.weights",
    "W = P_q · b_q",
    "72 706 203 648 · 1 B ÷ 4",
    quantity("weights", 18.2e9, Unit.BYTES),
    (
        Term("P_q", "term.quantised_params", 72_706_203_648, Unit.COUNT, SOURCE),
        Term("b_q", "term.bytes_per_param", 1, Unit.BYTES, SOURCE),
    ),
    "Sum over the tensors",
)
PARTS = {
    MemoryPart.WEIGHTS: 18.2e9,
    MemoryPart.KV_CACHE: 12.5e9,
    MemoryPart.ACTIVATIONS: 5.2e9,
    MemoryPart.ENGINE: 3.1e9,
    MemoryPart.COMMUNICATION: 2.2e9,
}


def options() -> tuple[Option, ...]:
    replicas = Code("report.replicas.many", {"n": 4})
    layout = Code("report.layout", {"degrees": Code("report.layout.tp", {"tp": 4, "pp": 1}), "replicas": replicas})
    offered = Option(
        "H20 96 GB", Code("report.gpus.many", {"n": 24}), layout, Status.EXPECTED, (TTFT.quantity, PURCHASE.quantity), None, True
    )
    cheaper = replace(PURCHASE.quantity, value=1_920_000)
    other = replace(
        offered, gpu_name="L20", status=Status.MISSES, figures=(TTFT.quantity, cheaper), difference=-384_000, offered=False
    )
    unknown = replace(other, gpu_name="H20 141 GB", figures=(TTFT.quantity, replace(cheaper, value=None)), difference=None)
    return offered, other, unknown


def content(**changes: object) -> QuoteContent:
    """The quote of the sample, with some of its fields changed."""
    servers = Code("report.servers.many", {"n": 3})
    made = QuoteContent(
        metadata=Metadata(
            "Q-2026-1147",
            date(2026, 11, 21),
            "1.0",
            "Lin Ming",
            Seller("Yunheng Compute", "2777 Jinxiu Road", "presales@example.org"),
        ),
        title="Document Q&A",
        customer="Gangtong <Logistics>",
        model="Qwen2.5-72B-Instruct",
        gpu="H20 96 GB",
        load=Code("report.load.concurrency", {"n": 200}),
        lengths=Code("report.lengths", {"input": 2048, "output": 1000}),
        hardware=Code("report.hardware.each", {"servers": servers, "per_server": 8, "gpu": "H20 96 GB"}),
        layout=options()[0].layout,
        state=Code("report.state.expected"),
        status=Status.EXPECTED,
        percentile=0.95,
        currency="CNY",
        figures=(PURCHASE, TTFT, TPOT, THROUGHPUT, MEMORY, POWER),
        latencies=(TTFT, TPOT),
        deployment=(Setting("report.setting.batch", Code("report.requests.many", {"n": 50})),),
        lines=(
            Line(
                Code("report.line.gpu", {"gpu": "H20 96 GB"}),
                Code("report.spec.power", {"limit_w": 400}),
                24,
                96_000.0,
                Topic.PRICE,
            ),
            Line(Code("site.role.management"), Code("report.spec.units", {"units": 1}), 3, None, key="management"),
        ),
        option_keys=("ttft", "purchase"),
        options=options(),
        performance=(TTFT, TPOT, THROUGHPUT),
        memory=Memory(PARTS, 96e9, 86.4e9, 60e9, 250_000, 70),
        assumptions=(Code("report.assume.lengths", {"input": 2048, "output": 1000}), Code("report.assume.range")),
        warnings=(Code("warning.usable_estimated"),),
        formulas=(WEIGHTS,),
        footnotes=(
            Footnote(Topic.PRICE, Code("report.note.model_given", {"model": "P-118"})),
            Footnote(Topic.RANGE, Code("report.note.range", {"n": 41, "provenance": "report.provenance.measured"})),
        ),
        catalog_date="2026-11",
        catalog_digest="7f3a91c2aa00",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
