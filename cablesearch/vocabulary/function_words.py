"""English words without a meaning of their own, which are in every text."""

from __future__ import annotations

__all__ = ["FUNCTION_WORDS"]

_WORDS = """
a about above after again against all also although am among an and any are as at be because been before being below
between both but by can cannot could did do does doing done down during each either else ever every few for from
further had has have having he hence her here hers herself him himself his how however i if in into is it its itself
just lest may me might mine more moreover most much must my myself neither no nor not now of off often on once one
only onto or other others otherwise our ours ourselves out over own per perhaps quite rather same shall she should
since so some such than that the their theirs them themselves then thence there thereby therefore therein thereof
thereto these they this those though through throughout thus to together too toward towards under unless until up upon
very was we were what whatever when whence where whereas whereby wherein whereof whether which while who whom whose
why will with within without would yet you your yours yourself
"""
FUNCTION_WORDS = frozenset(_WORDS.split())
"""Articles, pronouns, prepositions, conjunctions, auxiliary verbs and such adverbs, folded. *Us* is not among them: it
is U.S., too."""
