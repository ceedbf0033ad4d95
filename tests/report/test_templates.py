"""Templates of the user's: they change the document, and reach, run and grow no further than they may."""

from __future__ import annotations

import sys

import pytest

from gpuplanner.errors import InputError
from gpuplanner.report import templates
from gpuplanner.report.markdown import quote_markdown
from gpuplanner.report.wording import words
from tests.report.sample import content


def own(name: str, source: str | bytes) -> None:
    folder = templates.templates_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(source if isinstance(source, bytes) else source.encode())


def test_copied_templates_make_the_same_document():
    before = quote_markdown(words(content(), "zh"))
    copied = templates.copy_templates()
    assert sorted(path.name for path in copied) == sorted(templates.NAMES)
    assert quote_markdown(words(content(), "zh")) == before


def test_an_edited_template_stays_and_is_used():
    own("quote.md.j2", "# {{ quote.title }} <b>!</b>\n{{ quote.customer | default('nobody') }}")
    templates.copy_templates()
    assert quote_markdown(words(content(), "en")) == "# Document Q&amp;A <b>!</b>\nnobody"


def test_an_outline_leaves_parts_out():
    own("outline.txt.j2", "{# mine #}\n\nterms\n")
    said = words(content(), "en")
    assert said.formulas is None
    assert said.sections == ()
    own("outline.txt.j2", "cover\nterms")
    with pytest.raises(InputError, match=r"report\.template\.part") as told:
        words(content(), "en")
    assert "'cover'" in told.value.sentence("en")


def test_terms():
    values = {"valid_until": "2026-12-21", "currency": "CNY", "taxed": True, "open": False, "own": ["Paid {{ at }} once."]}
    said = templates.terms("en", values)
    assert said[0] == "This quote is valid until 2026-12-21."
    assert said[-1] == "Paid {{ at }} once."


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ quote.__class__ }}",
        "{{ quote.__init__.__globals__ }}",
        "{{ literal.__subclasses__() }}",
        "{{ cell_text.__globals__ }}",
        "{{ literal.mro() }}",
        "{{ quote | attr('__class__') }}",
        "{{ '{0.__class__}'.format(quote) }}",
        "{{ '%s' | format(quote) }}",
        "{% include 'quote.md.j2' %}",
        "{% import 'os' as os %}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum }}",
        "{{ cycler }}",
        "{{ quote.nothing }}",
        "{{ 1 / 0 }}",
        "{% for %}",
        "{{ [1, [2]] }}",
        "{{ quote.tiles.append(1) }}",
        "{{ literal.join(',', ['x']) }}",
    ],
)
def test_a_reach_for_more_is_a_sentence(source):
    own("quote.md.j2", source)
    with pytest.raises(InputError, match=r"report\.template\.wrong") as told:
        quote_markdown(words(content(), "en"))
    for lang in ("en", "zh"):
        assert "quote.md.j2" in told.value.sentence(lang)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "endless"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "endless"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxxxxxxxxxx{% endfor %}{% endfor %}", "long"),
        ("{{ 'a' * 10 ** 9 }}", "long"),
        ("{{ 10 ** 10 ** 10 }}", "long"),
        ("{{ [0] * 100000000 }}", "long"),
        ("{{ '%999999999d' % 1 }}", "long"),
        ("{% set ns = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 20000 %}{{ ns ~ ns ~ ns }}", "long"),
        ("{{ (range(99999) | list) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') }}", "long"),
        ("{{ range(10 ** 8) | list | length }}", "wrong"),
    ],
)
def test_without_end_or_measure_is_a_sentence(source, code):
    own("outline.txt.j2", source)
    with pytest.raises(InputError) as told:
        templates.render("outline.txt.j2", {}, seconds=0.3)
    assert told.value.code in (f"report.template.{code}", "report.template.endless")  # whichever bound comes first
    assert "outline.txt.j2" in told.value.sentence("zh")


def test_a_file_that_is_no_text_or_huge():
    own("outline.txt.j2", b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"report\.template\.no_text"):
        words(content(), "en")
    own("outline.txt.j2", b"a" * 2**20)
    with pytest.raises(InputError, match=r"error\.disk\.read\.huge"):
        words(content(), "en")


def test_the_tracer_of_a_debugger_comes_back():
    own("outline.txt.j2", "room")
    before = sys.gettrace()
    templates.render("outline.txt.j2", {})
    assert sys.gettrace() is before
