"""Build the bundled fonts: subsets of Inter and Noto Sans CJK SC under names of our own (both SIL OFL 1.1).

Run on Debian with fonts-inter and fonts-noto-cjk installed: ``python packaging/fonts.py``. Digits of the Latin font are
tabular by default, so that columns of figures line up wherever they stand. The Chinese font holds GB 2312 level 1 and all
characters of ``resources/``; other characters come from the fonts of the system.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "resources" / "fonts"
LATIN_FAMILY = "GPU Planner Sans"
CHINESE_FAMILY = "GPU Planner Sans SC"
CHINESE_INDEX = 2  # "Noto Sans CJK SC" in the collection
LATIN = (
    set(range(0x20, 0x7F))
    | set(range(0xA0, 0x180))
    | {ord(c) for c in "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω"}
    | {ord(c) for c in "\u2002\u2003\u2009\u200a\u202f–—‘’‚“”„†•…‰‹›€₂²³⁰¹⁴⁵⁶⁷⁸⁹⁻−×·÷±≤≥≈≠≡∞√∑∏∆∂→←↑↓↗↘✓✗✕●○■□▲▼◆ƒ"}
)
ARROWS_FOR = {0x2715: 0x00D7}  # ✕ is drawn as ×, which Inter has
SMALL_FOR = {0x25BE: 0x25BC}  # ▾ is a smaller ▼
SMALL = 0.6


def chinese_characters() -> set[int]:
    """GB 2312 level 1, CJK punctuation, full-width forms, and whatever the resources use."""
    wanted = set(range(0x3000, 0x3020)) | set(range(0xFF01, 0xFF5F)) | {0xFFE5}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:
                continue  # the last cells of a row are empty
    for path in (ROOT / "resources").rglob("*"):
        if path.suffix in {".json", ".gpuplan", ".html", ".md"}:
            wanted |= {ord(char) for char in path.read_text(encoding="utf-8")}
    return {char for char in wanted if char >= 0x2000}


def _subset(font: TTFont, characters: set[int], features: list[str]) -> None:
    options = subset.Options(layout_features=features, name_IDs=["*"], hinting=False, desubroutinize=True, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)


def _rename(font: TTFont, family: str, style: str, weight: int) -> None:
    """Give the font our own name, as its licence asks of changed versions (reserved font names)."""
    names = font["name"]
    keep = {0, 13, 14}  # copyright, licence, licence address
    names.names = [record for record in names.names if record.nameID in keep and record.langID in {0, 0x409}]
    regular = style == "Regular"
    values = {1: family, 2: style, 3: f"{family} {style}", 4: f"{family} {style}", 5: "Version 1.0"}
    values[6] = f"{family} {style}".replace(" ", "") if regular else f"{family}-{style}".replace(" ", "")
    for number, value in values.items():
        names.setName(value, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    bold = 0x20 if not regular else 0x40
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x61) | bold
    font["head"].macStyle = 0 if regular else 1
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [values[6]]
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName = family, values[4]


def _tabular_digits(font: TTFont) -> None:
    """Make the digits of equal width the ones that characters map to."""
    table = font["GSUB"].table
    swap: dict[str, str] = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for number in record.Feature.LookupListIndex:
                for part in table.LookupList.Lookup[number].SubTable:
                    swap |= getattr(part, "ExtSubTable", part).mapping
    wanted = {ord(char) for char in "0123456789"}
    for cmap in font["cmap"].tables:
        for char in wanted & set(cmap.cmap):
            cmap.cmap[char] = swap.get(cmap.cmap[char], cmap.cmap[char])
        for char, like in ARROWS_FOR.items():
            if cmap.isUnicode() and like in cmap.cmap:
                cmap.cmap.setdefault(char, cmap.cmap[like])


def _small_triangle(font: TTFont) -> None:
    """Add glyphs that Inter lacks as smaller ones of those it has, their middle where it was."""
    glyphs, top = font.getGlyphSet(), font["CFF "].cff.topDictIndex[0]
    for char, like in SMALL_FOR.items():
        source = font.getBestCmap()[like]
        width, _ = font["hmtx"][source]
        bounds = BoundsPen(glyphs)
        glyphs[source].draw(bounds)
        middle = (bounds.bounds[1] + bounds.bounds[3]) / 2
        pen = T2CharStringPen(width * SMALL, glyphs)
        glyphs[source].draw(TransformPen(pen, (SMALL, 0, 0, SMALL, 0, middle * (1 - SMALL))))
        name = f"uni{char:04X}"
        drawn = pen.getCharString(top.Private, top.GlobalSubrs)
        top.CharStrings.charStringsIndex.append(drawn)
        top.CharStrings.charStrings[name] = len(top.CharStrings.charStringsIndex) - 1
        top.charset.append(name)
        font.setGlyphOrder([*font.getGlyphOrder(), name] if name not in font.getGlyphOrder() else font.getGlyphOrder())
        font["hmtx"][name] = (round(width * SMALL), 0)
        for cmap in font["cmap"].tables:
            if cmap.isUnicode():
                cmap.cmap[char] = name


def _same_heights(font: TTFont, like: TTFont) -> None:
    """Give a font the ascent and descent of another, so that lines are equally high in both languages.

    Chinese characters lie between 0.88 above and 0.12 below the line, well inside Inter's 0.97 and 0.24.
    """
    scale = font["head"].unitsPerEm / like["head"].unitsPerEm
    ascent, descent = round(like["hhea"].ascent * scale), round(like["hhea"].descent * scale)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ascent, descent, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ascent, descent, 0
    os2.usWinAscent, os2.usWinDescent = ascent, -descent


def _save(font: TTFont, path: Path) -> Path:
    """Put a font in the place of the former one, which a running program may have mapped into its memory."""
    fresh = path.with_suffix(".new")
    font.save(fresh)
    return fresh.replace(path)


def build_latin(source: Path, style: str, weight: int) -> Path:
    """Write one weight of the Latin font."""
    font = TTFont(source / f"Inter-{'Regular' if style == 'Regular' else 'SemiBold'}.otf", recalcTimestamp=False)
    _tabular_digits(font)
    _small_triangle(font)
    _subset(font, LATIN | set(SMALL_FOR), ["kern", "mark", "mkmk", "ccmp", "case"])
    _rename(font, LATIN_FAMILY, style, weight)
    path = OUT / f"gpu-planner-sans-{style.lower()}.otf"
    return _save(font, path)


def build_chinese(source: Path, latin: Path, style: str, weight: int) -> Path:
    """Write one weight of the Chinese font."""
    font = TTFont(source / f"NotoSansCJK-{style}.ttc", fontNumber=CHINESE_INDEX, recalcTimestamp=False)
    _subset(font, chinese_characters() - LATIN - set(SMALL_FOR), [])
    _rename(font, CHINESE_FAMILY, style, weight)
    _same_heights(font, TTFont(latin))
    path = OUT / f"gpu-planner-sans-sc-{style.lower()}.otf"
    return _save(font, path)


def main() -> None:
    """Build all four files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inter", type=Path, default=Path("/usr/share/fonts/opentype/inter"))
    parser.add_argument("--noto", type=Path, default=Path("/usr/share/fonts/opentype/noto"))
    args = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for style, weight in (("Regular", 400), ("Bold", 700)):
        latin = build_latin(args.inter, style, weight)
        build_chinese(args.noto, latin, style, weight)


if __name__ == "__main__":
    main()
