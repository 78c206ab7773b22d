"""Hebrew words that the rules of `search.analysis.hebrew` would take for others.

Written without final forms. Each list holds what a rule must leave alone; words that no rule would
change are there where they are the vocabulary's own.
"""

from __future__ import annotations

from pathlib import Path

#: The network's place names: see what stands in the file.
PLACES_FILE = Path(__file__).parent.parent / "data" / "places.txt"
#: The five letters with a final form, and their plain ones.
FINAL_FORMS = str.maketrans("םןץףך", "מנצפכ")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.translate(FINAL_FORMS).split())


#: Their first letter is their own, no prefix: without it another word would be left (מרכז is no
#: רכז, ועדה no עדה), or they are words of the vocabulary. Compared without ending.
WHOLE = _words(
    """
    משפחה משלחת מפגש מתנדב מורה מדריך מנהיג מנהיגות מחנה מלחמה מוזיאון מוזיקה מוסיקה מסורת מורשת
    מדינה מרכז מועצה ממשלה משרד משותף מארח מענק מערך מערכת מכתב מסלול מחסום מחסור מימון מדידה
    מצווה מוגבל מוגנות מבוגר מקוון מקצוע מקומי משימה משאב משוב משחק מטבח מטרה מכון מכינה מנהל
    מזכיר מספר משפט מפעל מצעד מעון משתתף מבקר מבחן מגזר מודל מידע מיזם מחקר מטה מגדל מגידו מודיעין
    מטולה מעלה מנשה מרום מרחבים מבואות מלאכי מכבים מחול מדרש מזון מופת מליאה מושב מושבה מתכון
    מחברת מועדון מפתח מיתון מלווה מסיבה מסגרת מעגל מפה מצב מקור מרחב מרפאה משבר משכן משקל מתנה
    בריאות ביטחון בישול בוגר ביקור בגרות בלתי בנים בנות ברכה בקשה ביטוח ביטול ביניים בניה בנייה
    בעיה בחירה בחירות ביצוע בימה במאי בדיקה בסיס בוקר ביחד בלוג
    הורה הורים הכנה הערכה הנהגה היגוי התנדבות הכשרה השתלמות היסטוריה הדרכה התקווה הבדלה החלטה
    הצלחה הזדמנות הוראה הכלה המשך המשכיות הגנה התחדשות הצגה הרצאה השכלה הנחיה הסברה הזמנה התחלה
    המלצה הצלה העצמה העשרה הגירה הלכה הגדה הופעה היכרות השראה הסכמה הרשמה הסכם השפעה הבדל הודו
    הבנה הנאה הנחה הקלה הקמה הערה הפקה הסעה הסעות הפסקה הבעה השקעה השקה הלל האקתון היעדר הנצחה
    לימוד לשון לילה לקוח ליווי לוח לכיש להקה לחימה לאום לאומי לוגיסטיקה
    שבוע שנתי שליח שיתוף שותף שותפות שולחן שכונה שינשין שחייה שיעור שאלה שאלון שואה שורד שדרות
    שיבוץ שיחה שילוב שימור שיקום שהות שנאה שפיר שמיר שלום שמש שמירה שער שדות שירות שירה שוויון
    שגריר שבט שבת שבתון שיפוץ שינוי
    כיתה כנסת כרמל כרמיאל כרכור כתיבה כלכלה כיפיאדה כפיאדה כפר כנס כתובה כתובת כללי כדורגל כדורסל
    ועדה וועדה ותיק וידאו ויתור וירטואלי ווטסאפ
    מערבי מזרחי מחלקה מכללה מעבדה מסעדה מקהלה מחזור מאמן מנהג מזמין מחנך מלגה מטבע מחשב מתקן משאלה
    משמעות משמעת משמרת מסכה מסיכה מנורה מרתון מחזמר
    למידה לשכה לקח בחינה שאיפה שחקן
    """
)

#: Names and words whose ending is their own: without it another word would be left (שירות is no
#: שיר, נהריה no נהר). Compared in plain spelling; no prefix is taken from them either.
ROOTED = _words(
    """
    נהריה נתניה טבריה אילת אשקלון ירושלים חיפה חדרה עפולה מטולה רמלה צפת עכו ערד רחובות אופקים
    נתיבות שדרות מגידו יקנעם ירוחם לכיש נגב גליל ערבה גלבוע מודיעין
    קריה קרית מבואות מרחבים משגב שוהם נשר דימונה לטביה פולין לונדון
    עברית ערבית אנגלית אנגליה צרפתית צרפת ספרדית ספרד רוסית רוסיה גרמנית גרמניה תכנות
    שירות חירות זהות זכות כמות איכות דמות אחריות מדעי עולמי ספרות תרבות חברות מהות
    צדקה מצוה תורה חנוכה כשרות ילדות דירה משכורת
    """
)


def _places() -> frozenset[str]:
    lines = PLACES_FILE.read_text(encoding="utf-8").splitlines()
    return _words(" ".join(line for line in lines if not line.startswith(("#", "="))))


#: Words of the network's place names that are compared as they stand, but for doubled letters.
PLACES = _places()

#: Stems whose second letter ו is not the sign of full spelling: without it they are other words
#: (חודש is no חדש, עובד no עבד).
FULL_O = _words(
    """
    חודש קודש בוקר עובד סופר סוכנ חובר אורח שומר כותב לומד סוכן אוכל תורם גורם קורס חומר מוסד כותל
    אומר חוזר עומד אופק עורכ קונה חוקר שופט רופא חולה בונה מוזיא שומרון חוסן מועד בודד נוסע כוכב
    אולם דוגמ עולמ שולח צופה פועל חופש טופס רובד מועצ
    """
)

#: Forms that no rule brings together; each side is a stem or a word.
IRREGULAR = {
    one: other
    for line in """
        בתי בית|בתים בית|בני בנים|אנשי אנשים|ערי עיר|ערים עיר|שנים שנה|שנות שנה|נשים אישה|נשות אישה
        אשה אישה|ימי יום|ימים יום|מוסיקה מוזיקה|תיסכול תסכול|ראשי ראש|ראשים ראש|דרכי דרך
        דרכים דרך|שמות שם|בנות בת|אמהות אם|אימהות אם|אבות אב|סבתות סבתא|סבים סבא|גני גן|גנים גן
    """.translate(FINAL_FORMS)
    .replace("\n", "|")
    .split("|")
    if line.strip()
    for one, other in [line.split()]
}

#: Little words: indexed as all others, but not demanded of a hit.
LITTLE_WORDS = _words(
    """
    של את על עם זה זו זאת אלה אלו מה מי איך איפה היכן מתי למה מדוע האם כן לא אני אנחנו אתה אתם הוא
    היא הם הן יש אין כל גם או אם כי אבל רק עוד כמו בין אל עד אצל לי לו לה לנו לכם להם שלי שלו שלה
    שלנו שלכם שלהם אותו אותה אותם אותנו כך כאן שם היה היתה הייתה היו יהיה להיות כיצד איזה איזו אילו
    בגלל בשביל כדי לגבי אפשר כמה
    """
)
