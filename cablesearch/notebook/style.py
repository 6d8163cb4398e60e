"""The style of what notebooks show. It applies only inside of it, and asks nothing of other files.

Notebooks are light or dark whatever the computer is, so everything is made of the text colour of the page around it.
The five colours of levels are those of the cover sheets, in a tone that stands out on white and on black; the level is
always also written out. An untrusted notebook drops the style; the output is readable without it.
"""

from __future__ import annotations

__all__ = ["STYLE"]

_SHEET = """
.cablesearch { font: 1rem/1.55 Charter, "Bitstream Charter", Cambria, Georgia, serif; max-width: 42rem;
  margin: .5rem 0 1rem; text-align: left; overflow-wrap: anywhere; }
.cablesearch p, .cablesearch ol, .cablesearch dl, .cablesearch dd { margin: 0; padding: 0; }
.cablesearch .cs-head { border-top: 2px solid; padding: .45rem 0; }
.cablesearch .cs-title { font-size: 1.2rem; font-weight: 600; line-height: 1.3; }
.cablesearch .cs-pale, .cablesearch .cs-number, .cablesearch dt {
  color: color-mix(in srgb, currentColor 72%, transparent); }
.cablesearch .cs-small, .cablesearch dl { font: .8125rem/1.5 system-ui, sans-serif; }
.cablesearch dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem;
  padding: .45rem 0; }
.cablesearch dt { font-weight: 400; }
.cablesearch dd > span { display: inline-block; margin-right: .9rem; }
.cablesearch b { font-weight: 600; }
.cablesearch .cs-number { font-variant-numeric: tabular-nums; }
.cablesearch ol { list-style: none; }
.cablesearch li { margin: 0; padding: .7rem 0; }
.cablesearch .cs-level { border-left: .3rem solid; padding-left: .35rem; white-space: normal; }
.cablesearch .cs-unclassified { border-color: #2e8b57; }
.cablesearch .cs-sbu { border-color: #8f63c4; }
.cablesearch .cs-confidential { border-color: #3f7fd6; }
.cablesearch .cs-secret { border-color: #d9444f; }
.cablesearch .cs-top_secret { border-color: #d97706; }
.cablesearch .cs-subject { font-size: .9375rem; font-weight: 600; line-height: 1.4; padding-top: .15rem; }
.cablesearch .cs-section { font-style: italic; padding-top: .15rem; }
.cablesearch .cs-text { padding-top: .15rem; }
.cablesearch mark { background: color-mix(in srgb, #f0b400 38%, transparent); color: inherit; font-weight: 600;
  padding: 0 .1em; }
.cablesearch .cs-scrolled { max-height: 34rem; overflow: auto; padding-right: .5rem; }
.cablesearch .cs-paragraph { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0 .8rem;
  padding: .45rem 0; }
.cablesearch .cs-paragraph > .cs-small { padding-top: .2rem; }
.cablesearch .cs-paragraph .cs-level { display: inline-block; }
.cablesearch .cs-chart { padding: .5rem 0; }
.cablesearch .cs-head, .cablesearch dl, .cablesearch li, .cablesearch .cs-chart {
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
.cablesearch svg { display: block; width: 100%; height: 3.5rem; margin-top: .3rem; border-bottom: 1px solid; }
.cablesearch path { fill: currentColor; fill-opacity: .75; }
.cablesearch .cs-ends { display: flex; justify-content: space-between; }
@media (max-width: 30rem) {
  .cablesearch .cs-paragraph { display: block; }
  .cablesearch .cs-paragraph > .cs-small { padding-top: 0; } }
"""
STYLE = "<style>" + " ".join(_SHEET.split()) + "</style>"
"""The style, as an element."""
