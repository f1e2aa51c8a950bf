"""Makes rare.ttf.gz and rare.txt (the fonts beside) and the test's table.

Run in this folder on Debian with python3-fonttools, fonts-hanazono and
unicode-data: /usr/bin/python3 rare.py
"""
import bz2, glob, gzip, io, re
from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

HANA = "/usr/share/fonts/truetype/hanazono/HanaMin%s.ttf"

# The Table of General Standard Chinese Characters (2013), in its own order.
table = []
for name in glob.glob("/usr/share/unicode/Unihan_*.bz2"):
    for line in bz2.open(name, "rt"):
        if m := re.match(r"U\+([0-9A-F]+)\tkTGH\t2013:(\d+)", line):
            table.append((int(m[2]), int(m[1], 16)))
table = [c for _, c in sorted(table)]

main = TTFont(io.BytesIO(gzip.open("wqy-microhei.ttf.gz").read()), fontNumber=0)
have = set(main.getBestCmap())
hana = set(TTFont(HANA % "A").getBestCmap())
near = sorted(c for c in {*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)} if c in hana and c not in have)
far = [c for c in table if c > 0xFFFF and c not in have]


def part(letter, chars):
    o = subset.Options()
    o.layout_features, o.hinting, o.notdef_outline, o.glyph_names = [], False, True, False
    o.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG", "gasp", "DSIG"]
    font = subset.load_font(HANA % letter, o)
    s = subset.Subsetter(o)
    s.populate(unicodes=chars)
    s.subset(font)
    font.save(f"/tmp/rare-{letter}.ttf")
    return f"/tmp/rare-{letter}.ttf"


font = Merger().merge([part("A", near), part("B", far)])
glyphs = font.getBestCmap()
cmap = CmapSubtable.newSubtable(4)
cmap.platformID, cmap.platEncID, cmap.language = 3, 1, 0
cmap.cmap = {c: glyphs[c] for c in near} | {0xE000 + i: glyphs[c] for i, c in enumerate(far)}
font["cmap"].tables = [cmap]
for n in font["name"].names:
    if n.nameID in (1, 3, 4, 6, 16):
        n.string = "LinduRare"
out = io.BytesIO()
font.save(out)
open("rare.ttf.gz", "wb").write(gzip.compress(out.getvalue(), 9, mtime=0))
open("rare.txt", "w").write("".join(map(chr, far)) + "\n")
lines = ["".join(map(chr, table[i:i + 50])) for i in range(0, len(table), 50)]
open("../testdata/table-2013.txt", "w").write("\n".join(lines) + "\n")
