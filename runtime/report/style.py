"""The look of a report: quiet, narrow enough to read, in the light or dark of the reader."""

from .markup import Markup

STYLE = Markup(
    """
:root {
  --paper: #ffffff; --ink: #1c2128; --soft: #626c78; --rule: #e4e7eb; --tint: #f6f7f9;
  --good: #177245; --bad: #b42318; --blue: #2b66b1; --dense: #ffffff;
  --c1: #8a97a8; --c2: #1f66c1; --c3: #c2570c; --c4: #177245; --c5: #8540a8; --c6: #a3740a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --ink: #dfe3e8; --soft: #929ca9; --rule: #2b313a; --tint: #1b2027;
    --good: #4cc38a; --bad: #ff7a6b; --blue: #6ea8f0; --dense: #0d1117;
    --c1: #7d8a9b; --c2: #62a3f5; --c3: #f0955a; --c4: #4cc38a; --c5: #c58be6; --c6: #dcb04e;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
  Arial, sans-serif; font-variant-numeric: tabular-nums;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; font-weight: 650; }
h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; font-weight: 600; }
h1, h2, h3, p, dt, dd, figcaption { overflow-wrap: anywhere; }
td, th { overflow-wrap: break-word; }
td code { white-space: nowrap; }
section { margin-top: 2.25rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); }
p { margin: 0 0 .75rem; }
a { color: var(--blue); text-decoration: none; }
a:hover { text-decoration: underline; }
code, .code, .spec {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .87em;
}
.facts, .note, small { color: var(--soft); font-size: .87rem; }
.facts { margin: .35rem 0 0; }
.verdict { margin-top: 1.25rem; padding: .7rem 1rem; background: var(--tint);
  border-left: 3px solid var(--soft); border-radius: 0 4px 4px 0; font-size: 1.05rem; }
.verdict p { margin: 0; }
.verdict.good { border-color: var(--good); }
.verdict.bad { border-color: var(--bad); }
.sign { font-weight: 700; margin-right: .55rem; }
.good .sign, .sign.good { color: var(--good); }
.bad .sign, .sign.bad { color: var(--bad); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .82rem; }
th, td { padding: .28rem 1.4rem .28rem 0; vertical-align: top; border-bottom: 1px solid var(--rule);
  unicode-bidi: isolate; min-width: 2.5rem; }
th:last-child, td:last-child { padding-right: 0; }
td { max-width: 34rem; }
.word { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
tfoot td { font-weight: 600; border-bottom: 0; }
dl { margin: 0; }
.findings dt { font-weight: 600; }
.findings dd { margin: 0 0 .75rem; color: var(--soft); }
.abreast { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 0 2rem; }
.groups { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
  gap: 1rem 2rem; }
.groups h3 { margin-top: 0; }
.pairs { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .9rem; }
.pairs dt { color: var(--soft); max-width: 12rem; }
.pairs dd { margin: 0; }
figure { margin: 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline;
  font-size: .9rem; }
.charts { display: grid; gap: 1.5rem 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); margin-bottom: 1rem; }
.beside { display: flex; flex-wrap: wrap; gap: 1rem 3rem; align-items: flex-start; }
.beside figure { min-width: 0; max-width: 100%; }
.charts figcaption { margin-bottom: .3rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--soft); stroke-opacity: .6; }
.mark { stroke: var(--soft); stroke-dasharray: 3 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.faint { stroke-width: 1; stroke-opacity: .45; }
.dots { fill: var(--c2); fill-opacity: .4; }
.bar { fill: var(--c2); fill-opacity: .75; }
.line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); } .line.c3 { stroke: var(--c3); }
.line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); } .line.c6 { stroke: var(--c6); }
.point.c1 { fill: var(--c1); } .point.c2 { fill: var(--c2); } .point.c3 { fill: var(--c3); }
.point.c4 { fill: var(--c4); } .point.c5 { fill: var(--c5); } .point.c6 { fill: var(--c6); }
.key { display: inline-block; width: .9rem; height: 3px; border-radius: 2px; margin-right: .4rem;
  vertical-align: middle; }
.key.c1 { background: var(--c1); } .key.c2 { background: var(--c2); }
.key.c3 { background: var(--c3); } .key.c4 { background: var(--c4); }
.key.c5 { background: var(--c5); } .key.c6 { background: var(--c6); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; font-size: .85rem;
  color: var(--soft); margin: .3rem 0 0; }
.legend b { color: var(--ink); font-weight: 600; }
.field { fill: var(--tint); }
.hit { fill: var(--c2); }
.miss { fill: var(--c3); }
svg .ink { fill: var(--ink); }
svg .over { fill: var(--dense); }
.gallery { display: grid; gap: 1rem .9rem;
  grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
.gallery img { width: 100%; max-height: 9rem; object-fit: contain; object-position: left;
  image-rendering: pixelated; display: block; border-radius: 3px; background: var(--tint); }
.sample figcaption { display: block; font-size: .82rem; line-height: 1.35; margin-top: .3rem;
  color: var(--soft); }
.sample b { color: var(--ink); }
.sample.miss b { color: var(--bad); }
.true { display: block; }
.grids { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.grids img { width: 100%; image-rendering: pixelated; display: block; border-radius: 3px; }
.grids figcaption { color: var(--soft); font-size: .82rem; }
.spec { margin: 0; padding: .8rem 0; background: var(--tint); border-radius: 4px; overflow-x: auto;
  padding-left: calc(1.6em + var(--digits, 2) * 1ch); line-height: 1.5; }
.spec li { padding-left: .7em; }
.spec li::marker { color: var(--soft); font-size: .87em; }
.spec code { white-space: pre; font-size: 1em; }
.spec i { color: var(--soft); font-style: normal; }
.spec li:target { background: color-mix(in srgb, var(--c6) 22%, transparent); }
@media (max-width: 34rem) {
  main { padding: 1.5rem 1rem 3rem; }
  th, td { padding-right: .8rem; }
}
@page { margin: 14mm; }
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --soft: #555d66; --rule: #d5d9de; --tint: #f6f7f9;
    --good: #177245; --bad: #b42318; --blue: #1c2128; --dense: #ffffff;
    --c1: #8a97a8; --c2: #1f66c1; --c3: #c2570c; --c4: #177245; --c5: #8540a8; --c6: #a3740a;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 12px; }
  main { max-width: none; padding: 0; }
  .wide, .spec { overflow: visible; }
  .charts, .abreast { grid-template-columns: 1fr 1fr; gap: .5rem 1.5rem; }
  .charts { font-size: 11px; }
  .beside { flex-wrap: nowrap; gap: 1.5rem; }
  .beside figure { flex: 0 1 50%; }
  section { margin-top: 1.2rem; padding-top: .8rem; }
  th, td { padding: .12rem .8rem .12rem 0; }
  .gallery { grid-template-columns: repeat(8, 1fr); }
  .spec code { white-space: pre-wrap; }
  figure, tr, .sample, dt, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
""".strip()
)
