"""A quote's content put into one language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code
from gpuplanner.format import format_bytes, format_figure, format_number, format_share
from gpuplanner.report.acceptance import cautious
from gpuplanner.report.content import Basis, Figure, QuoteContent, Topic
from gpuplanner.report.figures_worded import MARKS, STATES, label, memory_bar, performance_table, state_mark, target
from gpuplanner.report.formulas import formula_table
from gpuplanner.report.options_worded import options_table
from gpuplanner.report.plain import one_line
from gpuplanner.report.prices_worded import configuration, sums, total_tile
from gpuplanner.report.sections import PARTS, sections, site_figure
from gpuplanner.report.templates import outline
from gpuplanner.report.training import course_table
from gpuplanner.report.words import LatencyBar, Table, Tile, Words
from gpuplanner.report.works import works_table
from gpuplanner.texts import text_in

__all__ = ["state_mark", "words"]

_TERMS_BESIDE: Final = 4


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
            title=content.title or (say("report.estate.title") if content.works else content.model),
            subtitle=self._subtitle(),
            seller=tuple(one_line(part) for part in (meta.seller.name, meta.seller.address, meta.seller.contact) if part)
            if meta.seller
            else (),
            parties=self._parties(),
            conclusion_heading=say("report.heading.conclusion"),
            conclusion=code_text(content.hardware, self.lang),
            conclusion_rest=self._conclusion(),
            state=self._sentence(content.state),
            state_mark=STATES[content.status],
            tiles=tuple(
                total_tile(content, self.lang) if figure.key == "purchase" else self._tile(figure) for figure in content.figures
            ),
            latency_heading=say(
                "report.heading.latency" if {"ttft", "e2e"} & set(content.option_keys) else "report.heading.time"
            ),
            latency=tuple(self._latency(figure) for figure in content.latencies),
            deployment_heading=say("report.heading.works" if content.works else "report.heading.deployment"),
            deployment=tuple((say(row.label, **row.params), code_text(row.value, self.lang)) for row in content.deployment),
            options=options_table(content, self.lang),
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
            memory=memory_bar(content.memory, content.gpu, self.lang) if content.memory is not None else None,
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
        if self.content.works:
            return self._say("report.estate.subtitle", load=load)
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
            "report.estate.conclusion" if content.works else "report.conclusion",
            layout=code_text(content.layout, self.lang),
            load=code_text(content.load, self.lang),
        )

    def _sentence(self, phrase: Code) -> str:
        said = code_text(phrase, self.lang)
        return self._say("report.sentence", phrase=said[:1].upper() + said[1:])

    def _tile(self, figure: Figure) -> Tile:
        shown = format_figure(figure.quantity, self.lang, currency=self.content.currency)
        if figure.name.startswith("site.") or figure.key == "gpus":
            return self._site_tile(figure)
        below = []
        value = str(shown)
        if self.content.metadata.basis is Basis.CAUTIOUS and (end := cautious(figure.quantity)) is not None:
            value = str(format_figure(replace(figure.quantity, value=end), self.lang, currency=self.content.currency))
            below.append(self._say("report.tile.cautious", expected=str(shown)))
        if figure.target is not None:
            below.append(self._say("report.tile.target", target=target(figure, self.lang)))
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
        return Tile(label(figure, self.content.percentile, self.lang), value, " · ".join(below), MARKS[figure.verdict])

    def _site_tile(self, figure: Figure) -> Tile:
        """A figure of the whole estate."""
        name, value = label(figure, 0.0, self.lang), site_figure(figure.quantity, self.lang)
        if figure.key != "gpus":
            return Tile(name, value, self._say(f"report.tile.{figure.key}"))
        layout = self.content.layout.params
        used = layout.get("used")
        return Tile(name, value, self._say("report.tile.gpus", used=format_number(float(str(used)), self.lang)))

    def _latency(self, figure: Figure) -> LatencyBar:
        quantity = figure.quantity
        value = quantity.value or 0.0
        shown = format_figure(quantity, self.lang)
        return LatencyBar(
            label=label(figure, self.content.percentile, self.lang),
            value=value,
            low=value if quantity.low is None else quantity.low,
            high=value if quantity.high is None else quantity.high,
            target=figure.target,
            value_text=str(shown),
            range_text=f"({shown.range_text})" if shown.range_text else "",
            target_text=self._say("report.chart.target", target=target(figure, self.lang)) if figure.target is not None else "",
            mark=MARKS[figure.verdict],
        )

    def _performance(self) -> Table:
        content = self.content
        if content.works:
            return works_table(content, self.lang)
        if content.memory is not None and content.memory.moments:
            return course_table(content.memory, self.lang)
        aside = self._comma().join(code_text(code, self.lang) for code in (content.load, content.lengths))
        note = content.footnote_number(Topic.RANGE)
        return performance_table(content.performance, content.percentile, self.lang, aside, range_note=note)
