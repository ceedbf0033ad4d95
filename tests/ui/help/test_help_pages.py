"""What help says: everything there is has a page, in both languages, and no link leads nowhere."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import gpuplanner.engine
from gpuplanner import assets, texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.formula import REGISTRY
from gpuplanner.engine.formulas import all_formulas
from gpuplanner.ui.form.specs import SECTIONS
from gpuplanner.ui.help import formulas, inputs, rules, tasks, terms
from gpuplanner.ui.help.page import GROUPS, HelpPage

LINK = re.compile(r"help:([\w.\-]+)")


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language in turn."""
    with texts.spoken_in(request.param):
        yield request.param


def everything(catalog: Catalog) -> dict[str, HelpPage]:
    made = [*tasks.pages(), *terms.pages(), *inputs.pages(), *formulas.pages(), *rules.pages(catalog)]
    assert len({page.id for page in made}) == len(made)
    return {page.id: page for page in made}


def test_every_page_is_written_and_no_link_leads_nowhere(catalog: Catalog, language: str) -> None:
    pages = everything(catalog)
    for page in pages.values():
        body = page.body()
        assert page.group in GROUPS
        assert len(body) > 60, page.id
        assert page.title
        assert page.title.replace("<", "&lt;")[:6] in body or "&" in body, page.id
        for target in LINK.findall(body):
            assert target in pages or target == "keyboard.keys", (page.id, target)


def test_every_registered_formula_has_a_page(language: str) -> None:
    for module in pkgutil.walk_packages(gpuplanner.engine.__path__, "gpuplanner.engine."):
        import_module(module.name)
    listed = {page.id: page for page in formulas.pages()}
    own = {key for key, one in REGISTRY.items() if one.function.__module__.startswith("gpuplanner.")}
    assert {f"formula.{key}" for key in own} <= set(listed)
    assert len(listed) >= 150
    assert len(all_formulas()) == len(listed)


def test_a_formula_page_has_text_symbols_and_source() -> None:
    page = next(page for page in formulas.pages() if page.id == "formula.memory.kv_cache")
    body = page.body()
    assert page.title == "KV cache per GPU"
    assert "arXiv 2309.06180" in body
    assert "<i>B</i><sub>t</sub>" in body
    assert "tokens per cache block" in body


def test_every_field_of_the_form_has_a_page(language: str) -> None:
    listed = {page.id for page in inputs.pages()}
    for section in SECTIONS:
        for spec in section.fields:
            assert f"field.{spec.path}" in listed


def test_a_field_page_says_what_may_stand_there() -> None:
    pages = {page.id: page for page in inputs.pages()}
    limit = pages["field.targets.ttft_s"].body()
    assert "1 000 ms" in limit or "1,000 ms" in limit.replace("\N{THIN SPACE}", ",")
    assert "targets.ttft_s" in limit
    kind = pages["field.workload.load_kind"].body()
    assert texts.text("choice.workload.load_kind.users") in kind


def test_every_rule_has_a_page(catalog: Catalog) -> None:
    listed = {page.id for page in rules.pages(catalog)}
    assert len(listed) == len(catalog.practice) + len(catalog.guards) > 60


def test_each_task_is_written_in_both_languages() -> None:
    folder = assets.resources() / "help"
    names = {lang: {path.stem for path in (folder / lang).glob("*.md")} for lang in texts.LANGUAGES}
    assert names["en"] == names["zh"] == set(tasks.TASKS)
    for lang, stems in names.items():
        for stem in stems:
            first = Path(folder / lang / f"{stem}.md").read_text(encoding="utf-8").partition("\n")[0]
            assert first == f"# {texts.text_in(lang, f'help.task.{stem}')}"
