"""A quote's content put into one language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Memory, MemoryPart, Quantity, Status, Unit
from gpuplanner.format import format_bytes, format_figure, format_share
from gpuplanner.report.acceptance import cautious
from gpuplanner.report.content import Basis, Figure, Option, QuoteContent, Topic, Verdict
from gpuplanner.report.formulas import formula_table
from gpuplanner.report.limits import AT_PERCENTILE
from gpuplanner.report.plain import one_line
from gpuplanner.report.prices_worded import configuration, sums, total_tile
from gpuplanner.report.sections import PARTS, sections
from gpuplanner.report.templates import outline
from gpuplanner.report.training import course_table, part_key
from gpuplanner.report.words import Cell, Column, LatencyBar, Mark, MemoryBar, Segment, Table, Tile, Words
from gpuplanner.texts import text_in

NOTHING: Final = "—"
_TERMS_BESIDE: Final = 4
_MARKS: Final = {
    Verdict.MEETS: Mark.GOOD,
    Verdict.EXPECTED: Mark.EXPECTED,
    Verdict.MISSES: Mark.CAUTION,
    Verdict.NONE: Mark.NONE,
}
_STATES: Final = {
    Status.MEETS: Mark.GOOD,
    Status.EXPECTED: Mark.EXPECTED,
    Status.MISSES: Mark.CAUTION,
    Status.IMPOSSIBLE: Mark.BAD,
}


def state_mark(status: Status) -> Mark:
    """The sign that a plan's status is shown with."""
    return _STATES[status]


def words(content: QuoteContent, lang: str) -> Words:
    """The whole quote in ``lang`` ("en" or "zh")."""
    return _Wording(content, lang).words()


class _Wording:
    """One content in one language."""

    def __init__(self, content: QuoteContent, lang: str) -> None:
        self.content = content
        self.lang = lang

    def words(self) -> Words:
        content, meta = self.content, self.content.metadata
        say, parts = self._say, outline(PARTS)
        return Words(
            lang=self.lang,
            colon=say("report.colon"),
            kind=say("report.kind"),
            title=content.title or content.model,
            subtitle=self._subtitle(),
            seller=tuple(one_line(part) for part in (meta.seller.name, meta.seller.address, meta.seller.contact) if part)
            if meta.seller
            else (),
            parties=self._parties(),
            conclusion_heading=say("report.heading.conclusion"),
            conclusion=code_text(content.hardware, self.lang),
            conclusion_rest=self._conclusion(),
            state=self._sentence(content.state),
            state_mark=_STATES[content.status],
            tiles=tuple(
                total_tile(content, self.lang) if figure.key == "purchase" else self._tile(figure) for figure in content.figures
            ),
            latency_heading=say(
                "report.heading.latency" if {"ttft", "e2e"} & set(content.option_keys) else "report.heading.time"
            ),
            latency=tuple(self._latency(figure) for figure in content.latencies),
            deployment_heading=say("report.heading.deployment"),
            deployment=tuple((say(row.label), code_text(row.value, self.lang)) for row in content.deployment),
            options=self._options(),
            assumptions_heading=say("report.heading.assumptions"),
            assumptions=(
                *(code_text(code, self.lang) for code in content.assumptions),
                *(self._sentence(code) for code in content.warnings),
            ),
            second_title=say("report.heading.second"),
            configuration=configuration(content, self.lang),
            sums=sums(content, self.lang),
            sums_aside=tuple(one_line(term) for term in meta.terms_in(self.lang)[:_TERMS_BESIDE]),
            performance=self._performance(),
            memory=self._memory(),
            formulas=formula_table(content, self.lang) if "formulas" in parts else None,
            sections=sections(content, self.lang, parts),
            footnotes=tuple(code_text(note.text, self.lang) for note in content.footnotes),
            foot=(
                say("report.foot.number", number=meta.number, day=meta.day.isoformat()),
                say("report.foot.catalogue", date=content.catalog_date, digest=content.catalog_digest[:12], version=meta.version),
            ),
            page_of=say("report.foot.page", page="{page}", pages="{pages}"),
            logo=meta.seller.logo if meta.seller else b"",
            colour=meta.seller.colour if meta.seller else "",
        )

    def _say(self, key: str, **params: object) -> str:
        return text_in(self.lang, key, **params)

    def _subtitle(self) -> str:
        load = code_text(self.content.load, self.lang)
        name = f"{self.content.model}{self._comma()}" if self.content.title else ""
        return self._say("report.subtitle", model=name, load=load)

    def _comma(self) -> str:
        return self._say("report.comma")

    def _parties(self) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        """Who it is between, and which quote it is."""
        meta = self.content.metadata
        who = (
            ("report.party.customer", self.content.customer),
            ("report.party.contact", one_line(meta.contact)),
            ("report.party.project", one_line(meta.project)),
            ("report.party.prepared_by", one_line(meta.prepared_by)),
        )
        which = (
            ("report.party.number", one_line(meta.number)),
            ("report.party.revision", self._revision()),
            ("report.party.date", self._day(meta.day)),
            ("report.party.valid_until", self._day(meta.valid_until) if meta.valid_until else ""),
        )
        left, right = (tuple((self._say(label), value) for label, value in rows if value) for rows in (who, which))
        return left, right

    def _revision(self) -> str:
        meta = self.content.metadata
        state = self._say(f"report.state_of.{meta.state.value}")
        if meta.replaces:
            return self._say("report.revision.replaces", n=meta.revision, replaced=one_line(meta.replaces), state=state)
        return self._say("report.revision", n=meta.revision, state=state)

    def _day(self, day: date) -> str:
        return self._say("report.day", year=day.year, month=day.month, day=day.day)

    def _conclusion(self) -> str:
        content = self.content
        return self._say(
            "report.conclusion",
            layout=code_text(content.layout, self.lang),
            load=code_text(content.load, self.lang),
        )

    def _sentence(self, phrase: Code) -> str:
        said = code_text(phrase, self.lang)
        return self._say("report.sentence", phrase=said[:1].upper() + said[1:])

    def _label(self, figure: Figure) -> str:
        """What a figure is called, with its percentile where it has one."""
        name = self._say(figure.name or f"report.figure.{figure.key}")
        if figure.key not in AT_PERCENTILE:
            return name
        percent = f"{self.content.percentile * 100:g}"
        return self._say("report.at_percentile", name=name, percentile=percent)

    def _tile(self, figure: Figure) -> Tile:
        shown = format_figure(figure.quantity, self.lang, currency=self.content.currency)
        below = []
        value = str(shown)
        if self.content.metadata.basis is Basis.CAUTIOUS and (end := cautious(figure.quantity)) is not None:
            value = str(format_figure(replace(figure.quantity, value=end), self.lang, currency=self.content.currency))
            below.append(self._say("report.tile.cautious", expected=str(shown)))
        if figure.target is not None:
            below.append(self._say("report.tile.target", target=self._target(figure)))
        elif figure.key == "memory_per_gpu" and self.content.memory:
            memory = self.content.memory
            share = format_share(memory.need_bytes / memory.usable_bytes, self.lang)
            below.append(
                self._say("report.tile.of_memory", usable=format_bytes(memory.usable_bytes, "GB", self.lang), share=share)
            )
        elif figure.key in ("purchase", "cost_per_million", "cost_per_thousand", "power", "trained_params", "checkpoint"):
            unknown = figure.quantity.value is None
            below.append(self._say("report.tile.no_price" if unknown and figure.key != "power" else f"report.tile.{figure.key}"))
        if shown.range_text:
            below.append(self._say("report.tile.range", range=shown.range_text))
        return Tile(self._label(figure), value, " · ".join(below), _MARKS[figure.verdict])

    def _target(self, figure: Figure) -> str:
        unit = figure.quantity.unit
        return str(format_figure(Quantity(figure.key, figure.target, unit), self.lang))

    def _latency(self, figure: Figure) -> LatencyBar:
        quantity = figure.quantity
        value = quantity.value or 0.0
        shown = format_figure(quantity, self.lang)
        return LatencyBar(
            label=self._label(figure),
            value=value,
            low=value if quantity.low is None else quantity.low,
            high=value if quantity.high is None else quantity.high,
            target=figure.target,
            value_text=str(shown),
            range_text=f"({shown.range_text})" if shown.range_text else "",
            target_text=self._say("report.chart.target", target=self._target(figure)) if figure.target is not None else "",
            mark=_MARKS[figure.verdict],
        )

    def _options(self) -> Table | None:
        content = self.content
        if not content.options:
            return None
        figures = [Column(self._option_title(key), 1.1, right=True) for key in content.option_keys]
        columns = (
            Column(self._say("report.column.option"), 2.6),
            Column(self._say("report.column.hardware"), 2.5),
            *figures,
            Column(self._say("report.column.difference"), 1.1, right=True),
        )
        rows = tuple(self._option(option) for option in content.options)
        return Table(self._say("report.heading.options"), columns, rows, self._say("report.options.aside"))

    def _option_title(self, key: str) -> str:
        return self._say(f"report.short.{key}")

    def _option(self, option: Option) -> tuple[Cell, ...]:
        strong = option.offered
        difference = NOTHING
        if not option.offered:
            quantity = Quantity("difference", option.difference, Unit.MONEY)
            difference = str(format_figure(quantity, self.lang, currency=self.content.currency))
            difference = f"+{difference}" if (option.difference or 0) > 0 else difference
        name = self._say("report.option.offered", gpu=option.gpu_name) if strong else option.gpu_name
        shown = [str(format_figure(figure, self.lang, currency=self.content.currency)) for figure in option.figures]
        return (
            Cell(name, strong, mark=_STATES[option.status]),
            Cell(self._comma().join(code_text(code, self.lang) for code in (option.gpus, option.layout))),
            *(Cell(text, strong) for text in shown),
            Cell(difference),
        )

    def _performance(self) -> Table:
        if self.content.memory is not None and self.content.memory.moments:
            return course_table(self.content.memory, self.lang)
        titles = (
            "report.column.figure",
            "report.column.expected",
            "report.column.range",
            "report.column.target",
            "report.column.verdict",
        )
        columns = tuple(
            Column(self._say(title), share, right)
            for title, share, right in zip(titles, (2.2, 1.3, 1.5, 1.1, 3), (False, True, True, True, False), strict=True)
        )
        rows = tuple(self._performance_row(figure) for figure in self.content.performance)
        aside = self._comma().join(code_text(code, self.lang) for code in (self.content.load, self.content.lengths))
        return Table(self._say("report.heading.performance"), columns, rows, aside)

    def _performance_row(self, figure: Figure) -> tuple[Cell, ...]:
        shown = format_figure(figure.quantity, self.lang)
        note = self.content.footnote_number(Topic.RANGE) if figure.verdict is not Verdict.NONE else 0
        return (
            Cell(self._label(figure), note=note),
            Cell(str(shown), strong=True),
            Cell(f"{shown.range_text} {shown.unit}".strip() if shown.range_text else NOTHING),
            Cell(f"≤ {self._target(figure)}" if figure.target is not None else NOTHING),
            Cell(self._verdict(figure), mark=_MARKS[figure.verdict]),
        )

    def _verdict(self, figure: Figure) -> str:
        if figure.verdict is Verdict.NONE or figure.target is None:
            return NOTHING
        over = figure.quantity.value if figure.verdict is Verdict.MISSES else figure.quantity.high
        beyond = Quantity(figure.key, (over or 0.0) - figure.target, figure.quantity.unit)
        return self._say(f"report.verdict.{figure.verdict.value}", beyond=str(format_figure(beyond, self.lang)))

    def _memory(self) -> MemoryBar | None:
        memory = self.content.memory
        if memory is None:
            return None
        sizes = [(part.value, memory.parts.get(part, 0.0)) for part in MemoryPart]
        sizes.append(("free", max(0.0, memory.usable_bytes - memory.need_bytes)))
        gb = [format_bytes(size, "GB", self.lang) for _, size in sizes]
        segments = tuple(
            Segment(part, self._say(_part_key(part, memory)), size, str(shown))
            for (part, size), shown in zip(sizes, gb, strict=True)
            if size > 0
        )
        limit = format_bytes(memory.limit_bytes, "GB", self.lang)
        share = format_share(memory.limit_bytes / memory.usable_bytes, self.lang)
        used = format_bytes(memory.need_bytes, "GB", self.lang)
        usable = format_bytes(memory.usable_bytes, "GB", self.lang)
        of = format_share(memory.need_bytes / memory.usable_bytes, self.lang)
        return MemoryBar(
            heading=self._say("report.heading.memory"),
            aside=self._say("report.memory.aside", gpu=self.content.gpu, used=used, usable=usable, share=of),
            segments=segments,
            total=max(memory.usable_bytes, memory.need_bytes),
            limit=memory.limit_bytes,
            limit_text=self._say(
                "report.memory.limit.training" if memory.moments else "report.memory.limit", share=share, limit=limit
            ),
        )


def _part_key(part: str, memory: Memory) -> str:
    return "report.part.free" if part == "free" else part_key(MemoryPart(part), memory)
