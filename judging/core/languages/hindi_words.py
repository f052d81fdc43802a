"""Numbers, days and parts of the day in Hindi, in both scripts."""

from __future__ import annotations

from collections.abc import Sequence

from judging.core.numbers import TENS, UNITS

# Every number below a hundred has a word of its own. One row each: the number, Devanagari, then Latin spellings.
_NUMBERS = """
0 शून्य ज़ीरो जीरो shunya zero|1 एक ek|2 दो do|3 तीन teen tin|4 चार char chaar|5 पाँच पांच paanch panch
6 छह छः छे chhah chhe che chah|7 सात saat sat|8 आठ aath ath|9 नौ nau|10 दस das dus|11 ग्यारह gyarah gyaarah
12 बारह barah baarah|13 तेरह terah|14 चौदह chaudah|15 पंद्रह पन्द्रह pandrah|16 सोलह solah|17 सत्रह satrah
18 अठारह atharah|19 उन्नीस unnis|20 बीस bees bis|21 इक्कीस ikkis|22 बाईस बाइस bais baees|23 तेईस तेइस teis teees
24 चौबीस chaubis|25 पच्चीस pachchis pacchis pachis|26 छब्बीस chhabbis|27 सत्ताईस sattais|28 अट्ठाईस अठाईस athais
29 उनतीस unatis untis|30 तीस tees|31 इकतीस ikatis iktis|32 बत्तीस battis|33 तैंतीस taintis|34 चौंतीस chauntis
35 पैंतीस paintis|36 छत्तीस chhattis|37 सैंतीस saintis|38 अड़तीस adtis|39 उनतालीस untalis|40 चालीस chalis chaalis
41 इकतालीस iktalis|42 बयालीस bayalis|43 तैंतालीस taintalis|44 चवालीस चौवालीस chavalis|45 पैंतालीस paintalis
46 छियालीस chhiyalis|47 सैंतालीस saintalis|48 अड़तालीस adtalis|49 उनचास unchas|50 पचास pachas pachaas
51 इक्यावन ikyavan|52 बावन bavan|53 तिरपन tirpan|54 चौवन chauvan|55 पचपन pachpan|56 छप्पन chhappan
57 सत्तावन sattavan|58 अट्ठावन अठावन athavan|59 उनसठ unsath|60 साठ saath|61 इकसठ iksath|62 बासठ basath
63 तिरसठ tirsath|64 चौंसठ chaunsath|65 पैंसठ painsath|66 छियासठ chhiyasath|67 सड़सठ sadsath|68 अड़सठ adsath
69 उनहत्तर unhattar|70 सत्तर sattar|71 इकहत्तर ikhattar|72 बहत्तर bahattar|73 तिहत्तर tihattar|74 चौहत्तर chauhattar
75 पचहत्तर pachhattar|76 छिहत्तर chhihattar|77 सतहत्तर sathattar|78 अठहत्तर athhattar|79 उन्यासी unyasi
80 अस्सी assi|81 इक्यासी ikyasi|82 बयासी bayasi|83 तिरासी tirasi|84 चौरासी chaurasi|85 पचासी pachasi
86 छियासी chhiyasi|87 सत्तासी sattasi|88 अट्ठासी अठासी athasi|89 नवासी navasi|90 नब्बे nabbe|91 इक्यानवे ikyanve
92 बानवे banve|93 तिरानवे tiranve|94 चौरानवे chauranve|95 पचानवे pachanve|96 छियानवे chhiyanve
97 सत्तानवे sattanve|98 अट्ठानवे अठानवे athanve|99 निन्यानवे ninyanve
"""
# A quarter less, a quarter more, half more: "साढ़े सात" is seven and a half, of the clock and of all else.
_QUARTERS = {"पौने": -0.25, "paune": -0.25, "सवा": 0.25, "sava": 0.25, "sawa": 0.25, "साढ़े": 0.5, "साढे": 0.5,
             "saadhe": 0.5, "sadhe": 0.5, "saade": 0.5}  # fmt: skip
_HALVES = {"डेढ़": 1.5, "डेढ": 1.5, "dedh": 1.5, "ढाई": 2.5, "dhai": 2.5, "adhai": 2.5}


def numerals() -> dict[str, float]:
    small: dict[str, float] = {}
    for row in _NUMBERS.replace("\n", "|").split("|"):
        number, *words = row.split() or ["0"]
        small |= dict.fromkeys(words, float(number))
    small |= {word: float(value) for word, value in {**UNITS, **TENS}.items() if word not in ("to",)}
    small |= {f"{ten} {unit}": float(TENS[ten] + UNITS[unit]) for ten in TENS for unit in UNITS if 0 < UNITS[unit] < 10}
    shifted = {
        f"{word} {name}": number + shift
        for word, shift in _QUARTERS.items()
        for name, number in small.items()
        if 1 <= number <= 99
    }
    return {**small, **shifted, **_HALVES, "आधा दर्जन": 6.0, "aadha darjan": 6.0, "half dozen": 6.0}


# After a bare verb "दो" is "give"; before "you" and the like "do" is English.
_GIVES = frozenset(
    "de kar bhej bata hata rehne likh bana rakh laga nikal daal dal jod badal chhod jaane jane dikha ruk bol de hi "
    "karva "
    "karwa rakhwa book order cancel add remove confirm le pack bhejwa kara dila "
    "दे कर भेज बता हटा रहने लिख बना रख लगा निकाल डाल जोड़ बदल छोड़ जाने दिखा रुक बोल करवा रखवा बुक ऑर्डर कैंसिल ले "
    "करा दिला "
    "पैक ऐड रिमूव कन्फर्म".split()
)
_ENGLISH_DO = frozenset("you i we not it that this the a n't your they".split())
_TWO = frozenset({"do", "दो"})


def is_number(lows: Sequence[str], at: int) -> bool:
    if lows[at] == "दस" or lows[at] not in _TWO:
        return True
    before, after = lows[at - 1] if at else "", lows[at + 1] if at + 1 < len(lows) else ""
    return before not in _GIVES and after not in _ENGLISH_DO


MONTHS = "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split()
_MONTHS_LATIN = "january february march april may june july august september october november december".split()
MONTH = {name: at for at, name in enumerate(MONTHS, 1)} | {name: at for at, name in enumerate(_MONTHS_LATIN, 1)}
MONTH |= {"फरवरी": 2, "सितम्बर": 9, "अक्तूबर": 10, "नवम्बर": 11, "दिसम्बर": 12, "janvari": 1, "farvari": 2, "aprail": 4,
           "mai": 5, "agast": 8, "sitambar": 9, "aktubar": 10, "navambar": 11, "disambar": 12}  # fmt: skip
WEEKDAYS = "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार".split()
_WEEKDAYS_LATIN = "somvar mangalvar budhvar guruvar shukravar shanivar ravivar".split()
_WEEKDAYS_ENGLISH = "monday tuesday wednesday thursday friday saturday sunday".split()
WEEKDAY = {
    name: at for names in (WEEKDAYS, _WEEKDAYS_LATIN, _WEEKDAYS_ENGLISH) for at, name in enumerate(names)
} | {"बृहस्पतिवार": 3, "वीरवार": 3, "इतवार": 6, "itvar": 6, "itwar": 6, "somwar": 0, "mangalwar": 1, "budhwar": 2,
     "guruwar": 3, "brihaspativar": 3, "shukrawar": 4, "shukrvar": 4, "shukrwar": 4, "shaniwar": 5, "raviwar": 6,
     "मंडे": 0, "ट्यूज़डे": 1, "वेडनेसडे": 2, "थर्सडे": 3, "फ्राइडे": 4, "फ़्राइडे": 4, "सैटरडे": 5, "संडे": 6}  # fmt: skip
# "कल" is yesterday and tomorrow, "परसों" two days off either way.
RELATIVE = {"आज": (0,), "aaj": (0,), "today": (0,), "tonight": (0,), "tomorrow": (1,), "कल": (1, -1), "kal": (1, -1),
             "परसों": (2, -2), "parson": (2, -2), "parso": (2, -2)}  # fmt: skip
PARTS = {"सुबह": "am", "subah": "am", "दोपहर": "pm", "dopahar": "pm", "dopehar": "pm", "शाम": "pm", "shaam": "pm",
          "sham": "pm", "रात": "night", "raat": "night", "morning": "am", "afternoon": "pm", "evening": "pm",
          "night": "night", "am": "am", "pm": "pm"}  # fmt: skip
