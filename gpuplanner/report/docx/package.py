"""The files inside a Word document around its text: types, relations, styles, head and foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from gpuplanner.report.content import QuoteContent
from gpuplanner.report.docx.xml import WIDTH, held, paragraph, run
from gpuplanner.report.logo import ending, size
from gpuplanner.report.words import Paper, Words

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_SIZES: Final = {Paper.A4: (11906, 16838), Paper.LETTER: (12240, 15840)}
_TYPES: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_FONTS: Final = {"en": ("Calibri", "Microsoft YaHei"), "zh": ("Calibri", "Microsoft YaHei")}
_EMU_PER_MM: Final = 36_000
_LOGO_MM: Final = 10.0
_LONGEST_LOGO_MM: Final = 60.0


def parts(content: QuoteContent, words: Words, body: str, paper: Paper, drawings: Sequence[bytes] = ()) -> dict[str, bytes]:
    """All files of the package by name; ``drawings`` are those that the body refers to by :func:`drawing_id`, in order."""
    seller = content.metadata.seller
    logo = seller.logo if seller else b""
    picture = ending(logo) if logo else ""
    made = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml"),
            ("metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _core(words, content),
        "word/document.xml": _document(body, paper),
        "word/styles.xml": _styles(words.lang, seller.colour if seller else ""),
        "word/header1.xml": _header(words, logo),
        "word/footer1.xml": _footer(words),
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"),
            ("header", "header1.xml"),
            ("footer", "footer1.xml"),
            *(("image", f"media/drawing{place}.emf") for place in range(len(drawings))),
        ),
    }
    files = {name: (_XML + data).encode() for name, data in made.items()}
    files |= {f"word/media/drawing{place}.emf": data for place, data in enumerate(drawings)}
    if logo:
        files[f"word/media/logo.{picture}"] = logo
        files["word/_rels/header1.xml.rels"] = (_XML + _relations(("image", f"media/logo.{picture}"))).encode()
    return files


def drawing_id(place: int) -> str:
    """The relation of a drawing; those of styles, head and foot come first."""
    return f"rId{place + 4}"


def _content_types() -> str:
    parts_of = {"document": "document.main", "styles": "styles", "header1": "header", "footer1": "footer"}
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in parts_of.items()
    )
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="jpeg" ContentType="image/jpeg"/><Default Extension="emf" ContentType="image/x-emf"/>'
        f"{overrides}"
        f'<Override PartName="/docProps/core.xml" ContentType="{core}"/></Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    made = ""
    for number, (kind, target) in enumerate(targets, 1):
        base = f"{_PACKAGE}/relationships" if kind.startswith("metadata") else _R
        made += f'<Relationship Id="rId{number}" Type="{base}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


def _core(words: Words, content: QuoteContent) -> str:
    day = content.metadata.day.isoformat()
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(words.title)}</dc:title><dc:description>{escape(words.foot[1])}</dc:description>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created></cp:coreProperties>'
    )


def _document(body: str, paper: Paper) -> str:
    width, height = _SIZES[paper]
    side = (width - WIDTH) // 2
    page = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:footerReference w:type="default" r:id="rId3"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"/><w:pgMar w:top="1500" w:right="{side}" w:bottom="1134" w:left="{side}"'
        ' w:header="600"'
        ' w:footer="500" w:gutter="0"/></w:sectPr>'
    )
    return f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{body}{page}</w:body></w:document>'


def _styles(lang: str, colour: str) -> str:
    latin, chinese = _FONTS[lang]
    tint = (colour or "#1b2430").lstrip("#").upper()
    fonts = f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{chinese}" w:cs="{latin}"/>'
    language = '<w:lang w:val="en-US" w:eastAsia="zh-CN"/>'
    usual = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="1B2430"/><w:sz w:val="20"/><w:szCs w:val="20"/>{language}'
        '</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80" w:line="264" w:lineRule="auto"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>"
    )
    made = _style("Normal", "", "", default=True)
    made += _style("Title", '<w:spacing w:before="120" w:after="60"/>', f'<w:b/><w:color w:val="{tint}"/><w:sz w:val="44"/>')
    made += _style(
        "Heading1",
        '<w:keepNext/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>',
        f'<w:b/><w:color w:val="{tint}"/><w:sz w:val="30"/>',
    )
    made += _style(
        "Heading2", '<w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="1"/>', '<w:b/><w:sz w:val="24"/>'
    )
    made += _style(
        "Cell", '<w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>', '<w:sz w:val="16"/><w:szCs w:val="16"/>'
    )
    made += _style("Bullet", '<w:spacing w:after="20"/><w:ind w:left="200"/>', "")
    made += _style("Gap", '<w:spacing w:after="0" w:line="160" w:lineRule="exact"/>', "")
    return f'<w:styles xmlns:w="{_W}">{usual}{made}</w:styles>'


def _style(name: str, paragraph_looks: str, run_looks: str, *, default: bool = False) -> str:
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    first = ' w:default="1"' if default else ""
    return (
        f'<w:style w:type="paragraph"{first} w:styleId="{name}"><w:name w:val="{name}"/>{based}'
        f"<w:pPr>{paragraph_looks}</w:pPr><w:rPr>{run_looks}</w:rPr></w:style>"
    )


def _header(words: Words, logo: bytes) -> str:
    name, *rest = words.seller or ("",)
    runs = (_picture(logo) + run("  ") if logo else "") + run(name, bold=True, size=22)
    lines = paragraph(runs) + (paragraph(run(" · ".join(rest), colour="5E6B7C", size=16)) if rest else "")
    return f'<w:hdr xmlns:w="{_W}" xmlns:r="{_R}">{lines}</w:hdr>'


def _footer(words: Words) -> str:
    before, _, rest = words.page_of.partition("{page}")
    between, _, after = rest.partition("{pages}")
    runs = run(f"{words.foot[0]} · {words.foot[1]} · ", colour="5E6B7C", size=15)
    runs += run(before, colour="5E6B7C", size=15) + _field("PAGE") + run(between, colour="5E6B7C", size=15)
    runs += _field("NUMPAGES") + run(after, colour="5E6B7C", size=15)
    return f'<w:ftr xmlns:w="{_W}">{paragraph(runs)}</w:ftr>'


def _field(name: str) -> str:
    shown = run("1", colour="5E6B7C", size=15)
    return f'<w:fldSimple w:instr="{name}">{shown}</w:fldSimple>'


def _picture(logo: bytes) -> str:
    across, down = size(logo)
    width = min(_LONGEST_LOGO_MM, _LOGO_MM * across / down)
    return inline("rId1", 1, "logo", "", width, _LOGO_MM)


def inline(relation: str, number: int, name: str, spoken: str, width: float, height: float) -> str:
    """A run with a picture in the line, ``width`` by ``height`` mm; ``spoken`` is read to those who don't see it."""
    about = f'id="{number}" name={quoteattr(held(name))} descr={quoteattr(held(spoken))}'
    extent = f'cx="{round(width * _EMU_PER_MM)}" cy="{round(height * _EMU_PER_MM)}"'
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"'
        f' xmlns:wp="{_DRAWING}/wordprocessingDrawing"><wp:extent {extent}/>'
        f'<wp:docPr {about}/><a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
        f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr {about}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
