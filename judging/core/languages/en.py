"""English."""

from __future__ import annotations

import re

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.mentions import find_mentions

_YES = re.compile(
    r"\s*(?:(?:oh|ah|ok|okay|well|um|uh|hmm|great|good|alright|perfect|yeah|yes|and)[\s,.!]+)*"
    r"(?:yes|yeah|yep|yup|yea|sure|correct|right|exactly|absolutely|definitely|certainly|indeed|ok|okay|"
    r"perfect|great|"
    r"fine|alright|all right|please do|go ahead|sounds? (?:good|great|perfect|fine|right|nice|like)|"
    r"that(?:'s| is| would be|"
    r" sounds| works| looks| seems|'ll)|looks? (?:good|great|right)|works (?:for|great|well|fine)|it (?:is|"
    r"does|sounds)|"
    r"i (?:do|would|confirm|agree)|do it|confirmed?|nice|cool|awesome|wonderful|excellent|good|you got it|yess)\b",
    re.I,
)
_NO = re.compile(
    r"\s*(?:(?:oh|ah|um|uh|hmm|well|sorry|ok|okay)[\s,.!]+)*"
    r"(?:no|nope|nah|not (?:quite|really|exactly|that|this)|wrong|actually|wait|hold on|hmm no|incorrect|negative)\b",
    re.I,
)
_CORRECTION = re.compile(
    r"\b(?:actually|instead|rather|scratch that|i mean(?:t)?|make (?:it|that)|change (?:it|that|the|my)|"
    r"let'?s (?:make|do)|"
    r"on second thought|changed? (?:my mind|of plans?)|forget (?:that|it|the)|i(?:'d| would) (?:rather|"
    r"prefer)|correction|wait|not (?:the|that|a))\b",
    re.I,
)
_ASKS_TO_CONFIRM = re.compile(
    r"\b(?:confirm(?:ation|ing)?|verify|everything (?:right|correct)|got (?:it|that|everything|"
    r"this) (?:right|correct)|is (?:that|this|it|everything|all)(?: all)? (?:right|correct|ok|okay|good|"
    r"fine)|correct\s*\?|right\s*\?|"
    r"(?:does|do) (?:that|this|it|these|everything) (?:sound|look|work)|did i get|just to (?:check|"
    r"be (?:clear|sure))|"
    r"to be clear|shall i|should i (?:go|proceed|book|place|make|order)|(?:are|is) (?:these|those|the) details|"
    r"you(?:'d| would) like|so (?:that(?:'s| is)|you)|you want|okay\s*\?|verify|double.check)(?:\b|(?<=\?))",
    re.I,
)

# Words without which nothing is ruled out; the exclusion check looks closer.
_EXCLUDERS = frozenset(
    "no without hold avoid skip exclude excluding minus leave lose free instead rather nothing not dont don't didn't "
    "wouldn't remove drop forget scrap scratch cancel delete take keep never hate dislike can't cant allergic".split()
)
# What opens an exclusion right before the thing excluded; "or" carries it on to the next thing.
_EXCLUDES = re.compile(
    r"\b(?:no|without|hold|avoid(?: adding| putting| any)?|skip|exclude|excluding|minus|leave (?:off|out)|lose|"
    r"free of|instead of|rather than|nothing with|"
    r"(?:do not|don'?t|didn'?t|wouldn'?t|never) (?:want|need|like|put|add|include|give me|"
    r"care for)(?: to (?:add|have|put|include))?|"
    r"(?:make sure )?(?:it'?s |there'?s |there is |there are )?not|hate|dislike|can'?t have|allergic to)\s+"
    r"(?:(?:any|the|a|an|some|of|more|on|for|my|your|that|those)\s+)*(?:[\w'’-]+(?: [\w'’-]+)? (?:or|"
    r"nor)\s+(?:any |the )?)*$",
    re.I,
)
# What takes a thing back right before it or right after it: "take the olives off", "forget the olives".
_TAKES_BACK = re.compile(
    r"\b(?:remove|drop|forget(?: about)?|scrap|scratch|cancel|delete|leave out|take (?:off|out|away)|lose|skip)\s+"
    r"(?:the|my|that|those|all(?: the)?)\s+$",
    re.I,
)
_TAKEN_OFF = re.compile(r"\b(?:take|leave|keep|hold)\s+(?:(?:the|my|that|those|any)\s+)?$", re.I)
_OFF = re.compile(r"\s*(?:s\b)?\s*(?:off|out|away)\b", re.I)

_FILLER = (
    r"(?:or|uh|um|er|err|oh|ah|hmm|well|but|no|wait|sorry|rather|actually|i mean(?:t)?(?: to say)?|make (?:it|that))"
)
_STRONG = (
    r"(?:no[\s,]+(?:no|wait|sorry|make (?:it|that)|rather|i mean|actually)|i mean(?:t)?(?: to say)?|"
    r"scratch that|make that|"
    r"wait no|oops|err?|correction|strike that|my mistake|or rather|shoot)"
)
_WEAK = r"(?:no|sorry|wait|rather|actually)"
# A weak marker ("no") corrects only between two names or numbers: "pesto and no olives" corrects nothing.
_MARKER = re.compile(
    rf"(?<=[\w'’)])[,\s.-]+(?:{_FILLER}[\s,.]+)*?(?:(?P<strong>{_STRONG})|{_WEAK})\b[\s,.-]+(?:{_FILLER}[\s,.]+)*", re.I
)
# Markers that correct the sentence before; "And make that ..." goes on instead.
_OWN_SENTENCE = re.compile(r"scratch that|strike that|correction|my mistake|i mean|oops|no,? wait", re.I)
_MARKERS = frozenset(
    "no sorry wait rather actually mean meant scratch make oops err er correction strike mistake shoot".split()
)

_MEANT = re.compile(
    r"\b(?:i (?:meant|mean|said|wanted)|it(?:'s| is| should be)|that(?:'s| is| should be)|make (?:it|that)|"
    r"change (?:it|that) to)\s+(?:(?:to|for|from|in|at|the)\s+)*(?=[A-Z])",
    re.I,
)

ENGLISH = Language(
    code="en",
    answers=Answers(yes=_YES, no=_NO, correction=_CORRECTION, asks_to_confirm=_ASKS_TO_CONFIRM),
    exclusion=Exclusion(words=_EXCLUDERS, before=(_EXCLUDES, _TAKES_BACK), around=((_TAKEN_OFF, _OFF),)),
    repairs=Repairs(marker=_MARKER, own_sentence=_OWN_SENTENCE, words=_MARKERS),
    meant=_MEANT,
    read_mentions=find_mentions,
)
