"""The words that no page says, in each language that we can watch over.

They judge, promise, state a criterion, hurt, or take the permission for a consent to research. English ones are
looked for in every language, because they are what is left standing in a half-finished translation. The lists
are patterns without a dictionary behind them: they find what people write, not everything that could be meant, and
a reviewer still reads every sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WordsByLocale = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class BannedTheme:
    """Words that are banned for one reason, by locale."""

    name: str
    wrong: str
    do: str
    words: WordsByLocale


JUDGING = BannedTheme(
    "judging",
    "judges the person who reads it, or lets them hope for a verdict",
    "Say what the person does, or what happens next; only the study team can talk about who can join.",
    {
        "en": (
            r"\w*eligib\w*|\w*qualif\w*|screen fail\w*|scor(e|es|ed|ing)|match\w*|priorit\w*",
            "unfortunately",
        ),
        "es": (
            r"\w*elegib(le|les|ilidad)|calific\w+|puntuaci\w+|puntajes?|priori(dad|zar|tari)\w*",
            r"apt[oa]s?|lamentablemente|desafortunadamente|desgraciadamente|por desgracia|compatib\w+",
            r"(reún\w+|cumpl\w+) (con )?los (requisitos|criterios)|idóne[oa]s?|coinciden con",
        ),
        "zh-Hant": (
            "資格|合格|符合條件|符合要求|符合標準|評分|得分|分數|優先|配對|匹配|篩選失敗|遺憾|不幸",
            "可惜|適合參加",
        ),
        "fil": (
            r"karapat-?dapat|k[uw]+alipika\w+|iskor|pr(ay|iy|i)oridad|(ka|tumu)?tugma|pasado kayo",
            r"sa kasam\w+[ -]palad|sa kasawi\w+[ -]palad|nakapasa",
        ),
        "vi": (
            "đủ (điều kiện|tiêu chuẩn)|hội đủ|đạt (yêu cầu|tiêu chuẩn)|chấm điểm|điểm số|ưu tiên",
            "(rất|thật|đáng) tiếc|tiếc là|không may|trùng khớp|xếp hạng|phù hợp với nghiên cứu",
        ),
    },
)
PROMISING = BannedTheme(
    "promising",
    "praises the drug or promises something",
    "Say only what is known: it is still being tested, may not help, and can have risks.",
    {
        "en": (
            r"breakthrough\w*|cur(e|es|ed|ing)|proven|effective\w*|new treatment\w*|rapid\w*|lasting",
            r"benefit\w*|guarantee\w*|promising|relief|heal(s|ed|ing)?",
        ),
        "es": (
            "revolucionari[oa]s?|avance(s)? médicos?|cur(a|an|as|ar|ará|arán|ado|ada|ativ[oa]|ación)",
            "probad[oa]s?|comprobad[oa]s?|demostrad[oa]s?|segur[oa]s? y efica(z|ces)|efica(z|ces|cia)",
            "efectiv[oa]s?|(tratamiento|terapia|medicamento)s? (nuev|novedos)[oa]s?|duraderos?",
            r"prometedor\w*|nuev[oa]s? (tratamiento|terapia|medicamento)s?|rápid\w+|benefici\w+",
            r"garant\w+|alivi\w+|san(a|ar|ará|ación)",
        ),
        "zh-Hant": (
            "突破|治癒|治愈|根治|痊癒|康復|療癒|證實|已證明|安全有效|有效|療效|新療法|新治療|新的治療",
            "新藥|好處|益處|受益|獲益|裨益|保證|擔保|緩解|舒緩|紓緩|減輕|迅速|快速|持久|有望",
        ),
        "fil": (
            r"pambihirang tuklas|lunas|nalulunasan|napatunayan\w*|pinatunayan\w*|subok na|mabisa\w*",
            r"epektib\w+|bagong (paggamot|gamutan|lunas|terapiya|gamot)|mabilis na epekto",
            r"pangmatagalan\w*|benepisyo\w*|(ka)?pakinabang\w*|makikinabang|(gi)?ginhawa",
            r"(gina)?garanti\w+|kaginhawahan|na?iibsan|paggaling|(naka)?gagaling|gumaling|nakakagaling",
        ),
        "vi": (
            "đột phá|chữa (khỏi|lành|dứt)|trị dứt|khỏi bệnh|dứt bệnh|(được|đã) chứng minh",
            "an toàn và hiệu quả|hiệu quả|hiệu nghiệm|công hiệu|(điều trị|liệu pháp|cách chữa) mới",
            "thuốc mới|lợi ích|có lợi|hưởng lợi|bảo đảm|đảm bảo|cam đoan|thuyên giảm|làm dịu|giảm nhẹ",
            "nhanh chóng|lâu dài|hứa hẹn",
        ),
    },
)
DRUG = BannedTheme(
    "drug",
    "names what kind of drug it is, or pay",
    "Leave it to the page about the study, and to the study team.",
    {
        "en": (r"psychedelic\w*|toad|5-meo-dmt|mebufotenin|compensat\w*",),
        "es": (r"psicodélic\w+|alucinógen\w+|sapos?|mebufotenina|compensa\w+|remunera\w+",),
        "zh-Hant": ("迷幻|致幻|蟾蜍|報酬|酬勞|補償",),
        "fil": (r"psychedelic\w*|sa[yi]kedelik\w*|palaka|kompensasyon|kabayaran",),
        "vi": ("thức thần|(chất|thuốc) gây ảo giác|con cóc|thù lao|bồi thường",),
    },
)
SUICIDE = BannedTheme(
    "suicide",
    "speaks of suicide as of a crime, a deed that succeeds, or an outbreak",
    'Say "thinking about suicide" or "died by suicide", and no figures.',
    {
        "en": (r"commit\w* suicide|(failed|completed|successful) suicide|epidemic",),
        "es": (
            r"comet\w+ (un )?suicidio|suicidios? (consumad|fallid|frustrad|exitos)o?s?|epidemias?",
            "intentos? de suicidio fallidos?",
        ),
        "zh-Hant": ("自殺成功|成功自殺|自殺失敗|自殺未遂|自殺得逞|犯自殺|輕生|尋短|流行病",),
        "fil": (
            "(mag|nag)-?commit (ng )?suicide",
            "(bigo|nabigo|matagumpay)(ng)? (na )?(pagpapakamatay|suicide)|gumawa ng pagpapakamatay",
            "epidemya",
        ),
        "vi": ("(tự tử|tự sát) (không )?thành( công)?|phạm tội (tự tử|tự sát)|dịch bệnh|đại dịch",),
    },
)
CONSENT = BannedTheme(
    "consent",
    "makes the permission look like a consent to research, or like a signature",
    "It is an OK to keep the form and to make contact: say that.",
    {
        "en": (r"consent\w*|signature\w*",),
        "es": (r"consent\w+|consient\w+|firm(a|as|ar|e|ado|ada)",),
        "zh-Hant": ("同意書|知情同意|簽名|簽署|簽字|簽章",),
        "fil": (r"may-kaalamang pahintulot|pahintulot sa pananaliksik|konsento|l(um)?agda\w*|p(um)?irma\w*",),
        "vi": ("(giấy|bản|phiếu) (chấp thuận|đồng ý)|chấp thuận tham gia|đồng thuận|chữ ký|ký tên",),
    },
)
PRIVATE = BannedTheme(
    "private",
    "promises more than the law lets a site keep",
    "Say who is allowed to read the form, and that it is kept private as far as the law allows.",
    {
        "en": (r"confidential\w*",),
        "es": (r"confidencial\w*|secret[oa]s?",),
        "zh-Hant": ("保密|機密",),
        "fil": (r"k[uo][mn]pidens[iy]\w+|lihim",),
        "vi": ("bảo mật|bí mật|cơ mật",),
    },
)
CRITERION = BannedTheme(
    "criterion",
    "states a criterion of the study, so that it tells which answer is wanted",
    "Leave the number out; the study team talks about who can join.",
    {
        "en": (r"age[sd]? (between|from)|18 ?(-|–|to) ?\d+|75|two or more|at least two",),
        "es": (
            r"edad(es)? (de )?entre|entre (los )?18 y|18 (años )?a (los )?\d+|(dos|2) o más",
            "(al|por lo) menos dos",
        ),
        "zh-Hant": (r"18 ?歲? ?(-|–|~|至|到) ?\d+|年齡介於|(?<!\d)[兩二2] ?[種個款]?或?以上|至少[兩二2]",),
        "fil": (
            r"(edad|gulang) (na )?(mula|sa pagitan|nasa pagitan)|18 hanggang \d+|dalawa o (higit|mas)",
            "hindi bababa sa dalawa",
        ),
        "vi": (
            r"độ tuổi từ|18 (tuổi )?(đến|tới) \d+|(hai|2) (loại )?(thuốc )?trở lên|ít nhất (hai|2)",
            "hai hoặc nhiều hơn",
        ),
    },
)
PRESS_3 = BannedTheme(
    "press 3",
    "sends people to a line that was closed in July 2025",
    "Leave it out; in Spanish people press 2.",
    {
        "en": ("press (3|three)",),
        "es": (r"(oprim|presion|puls|marc|marqu)\w+ (el |la tecla )?(3|tres)",),
        "zh-Hant": ("[按撥] ?(3|三)",),
        "fil": ("(i-?press|pindutin|pumindot) (ng |ang )?(3|tatlo)",),
        "vi": ("(bấm|nhấn|ấn) (phím )?(số )?(3|ba)",),
    },
)
RESISTANT = BannedTheme(
    "resistant",
    "says of people that they resist treatment",
    'Say "depression that is still there after people have tried medicines".',
    {
        "en": ("treatment[- ]resistant|refractory",),
        "es": ("resistentes? (al? |a los )?(tratamiento|medicamento)s?|refractari[oa]s?",),
        "zh-Hant": ("難治|頑固|抗藥性|治療無效|對治療有抗",),
        "fil": ("(hindi|di)[ -](na )?tinatablan|lumalaban sa (gamot|gamutan|paggamot)",),
        "vi": ("kháng (trị|điều trị|thuốc)|khó (trị|chữa)",),
    },
)
THEMES = (JUDGING, PROMISING, DRUG, SUICIDE, CONSENT, PRIVATE, CRITERION, PRESS_3, RESISTANT)

#: What only looks like one of these words; each with what it means. (The patterns leave out the rest: Spanish
#: "elegir" is to choose, Filipino "sigurado" is sure and "magaling" is good.)
INNOCENT: Mapping[str, Mapping[str, str]] = {
    "es": {r"(he|ha|han|haya|hayan) probado": "has tried, as in: medicines that you have tried"},
    "zh-Hant": {"有效的(電|號)": "an email or a number that can be used"},
}

#: Parts of words that may not stand in a title, which can be read over a shoulder.
NOT_IN_TITLES: WordsByLocale = {
    "en": ("depress", "suicid", "study", "trial", "drug", "medicine", "research", "placeholder", "psych"),
    "es": ("depres", "suicid", "estudio", "ensayo", "fármaco", "medic", "droga", "investiga", "psi[cq]"),
    "zh-Hant": ("憂鬱", "抑鬱", "自殺", "研究", "試驗", "藥", "精神", "心理"),
    "fil": ("depres", "pagpapakamatay", "pagpapatiwakal", "pag-aaral", "pananaliksik", "gamot", "droga", "isip"),
    "vi": ("trầm cảm", "tự tử", "tự sát", "nghiên cứu", "thử nghiệm", "thuốc", "tâm thần", "tâm lý"),
}
