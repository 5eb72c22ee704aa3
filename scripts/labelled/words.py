"""Given names and surnames of several languages. People are made of them by chance; none of them is meant."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """Words of a language, and whether given names stand behind surnames."""

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    surname_first: bool = False
    joint: str = " "


def _language(given: str, surnames: str, surname_first: bool = False, joint: str = " ") -> Language:
    return Language(tuple(given.split()), tuple(surnames.split()), surname_first, joint)


LANGUAGES: dict[str, Language] = {
    "spanish": _language(
        "José María Ramón Inés Andrés Lucía Íñigo Begoña Jesús Sofía Martín Ángela Nicolás Verónica Tomás Mónica",
        "Muñoz García Núñez Ibáñez Peña Rodríguez Vázquez Ordóñez Castaño Álvarez Cortés Domínguez Estévez Güell",
    ),
    "portuguese": _language(
        "João Conceição Inês Luís Mário Antônio Vitória Helena Tomé Cláudia Estêvão Lúcia Sebastião Patrícia",
        "Gonçalves Conceição Magalhães Araújo Simões Assunção Brandão Guimarães Leitão Falcão Fontão Patrício Júdice",
    ),
    "polish": _language(
        "Łukasz Małgorzata Paweł Zdzisław Bożena Grażyna Mirosław Stanisław Żaneta Wiesława Rafał Michał Święta",
        "Wiśniewska Dąbrowski Kozłowska Jabłoński Źrebiec Ćwiklińska Łuczak Pawłowska Żurawski Głowacki Ślusarz Wróbel",
    ),
    "turkish": _language(
        "İbrahim Işıl Gökçe Şükrü Çağla Özgür Ümit Işık Yiğit Tuğba Nazlı İlker Barış Ayşegül Kıvanç",
        "Yıldırım Öztürk Çelik Şahin Güneş Koç Kılıç Aydın İnanç Doğan Aslantaş Bağcı Erdoğmuş Tekin Özışık",
    ),
    "vietnamese": _language(
        "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ Ngô Dương",
        "Thị_Hồng Văn_Đức Minh_Tuấn Quốc_Bảo Thanh_Thủy Hữu_Phước Ngọc_Ánh Đình_Khôi Thúy_Vy Gia_Huệ Xuân_Diệu",
    ),
    "german": _language(
        "Jörg Günther Käthe Bärbel Jürgen Hansjörg Sören Ülkü Annegret Götz Heinrich Roswitha Gudrun Wolfgang",
        "Weiß Großmann Müllers Schäfer Königs Fußer Bäcker Löwenthal Übelacker Steinbrück Kühnast Strauß Groß Jäger",
    ),
    "greek": _language(
        "Νίκος Ελένη Γιώργος Κατερίνα Δημήτρης Σπύρος Άννα Ιωάννης Μαρία Θανάσης Αλέξανδρος Ευαγγελία Ηλίας Ζωή",
        "Παπαδάκης Καραγιάννης Οικονόμου Μακρής Αγγελόπουλος Κωνσταντινίδης Βλάχος Θεοδωρίδης Χατζής Σταυρίδης Ρούσσος",
    ),
    "cyrillic": _language(
        "Алексей Наталья Семён Андрей Фёдор Татьяна Сергей Ксения Юлия Матвей Ольга Дмитрий Артём Людмила",
        "Королёв Соловьёва Зайцев Воробьёв Гайдай Кузьмина Щербаков Ефимов Лебедева Журавлёв Савельев Тихонова",
    ),
    "arabic": _language(
        "محمد فاطمة أحمد خديجة يوسف زينب إبراهيم مريم خالد عائشة سليمان ليلى طارق نور",
        "الحسيني الشامي المصري النجار الخطيب العلوي البغدادي الحداد القاضي الزهراني السعدي الكاتب",
    ),
    "hebrew": _language(
        "יעקב שרה משה רחל דוד לאה אברהם רבקה יוסף מרים שלמה נועה איתן תמר",
        "כהן לוי מזרחי פרידמן ביטון אזולאי שפירא ברקוביץ גולדשטיין אברמוב רוזנברג קפלן",
    ),
    "hindi": _language(
        "राजेश सुनीता अमित प्रियंका विजय कविता संजय मीनाक्षी अनिल पूजा दीपक रेखा",
        "शर्मा वर्मा गुप्ता श्रीवास्तव पाण्डेय मिश्रा चतुर्वेदी त्रिपाठी अग्रवाल यादव",
    ),
    "chinese": _language(
        "伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超 秀兰 霞 平 刚 桂英",
        "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗",
        surname_first=True,
        joint="",
    ),
    "korean": _language(
        "서연 민준 지우 하은 도윤 서준 예은 시우 수아 지호 은우 채원 건우 다은",
        "김 이 박 최 정 강 조 윤 장 임 한 오 서 신",
        surname_first=True,
        joint="",
    ),
    "english": _language(
        "Margaret Jonathan Rebecca Frederick Abigail Christopher Deborah Nathaniel Catherine Benjamin Josephine Walter",
        "Whitfield Ashdown Pemberton Hargrove Lockwood Fairbanks Thackeray Winslow Bramwell Kingsley Marchant Oakes",
    ),
}

LATIN = ("spanish", "portuguese", "polish", "turkish", "vietnamese", "german")
# The sets: which languages, and how many users.
SETS: dict[str, tuple[tuple[str, ...], int]] = {
    "diacritics": (LATIN, 1_000),
    "scripts": (("greek", "cyrillic", "arabic", "hebrew", "hindi", "chinese", "korean"), 1_000),
    "logins": (("english", "german", "spanish"), 1_000),
    "everybody": (tuple(LANGUAGES), 10_000),
}
COMPANIES = ("Acorn", "Bluebell Ltd", "Cobalt Labs", "Driftwood", "Ember & Co")
