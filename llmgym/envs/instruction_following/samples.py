"""A few plain sentences in each language that a response can be asked for: without commas and exclamation marks."""

from __future__ import annotations

__all__ = ["LANGUAGE_NAMES", "SENTENCES"]

LANGUAGE_NAMES = {
    "en": "English", "es": "Spanish", "pt": "Portuguese", "ar": "Arabic", "hi": "Hindi", "fr": "French",
    "ru": "Russian", "de": "German", "ja": "Japanese", "it": "Italian", "bn": "Bengali", "uk": "Ukrainian",
    "th": "Thai", "ur": "Urdu", "ta": "Tamil", "te": "Telugu", "bg": "Bulgarian", "ko": "Korean", "pl": "Polish",
    "he": "Hebrew", "fa": "Persian", "vi": "Vietnamese", "ne": "Nepali", "sw": "Swahili", "kn": "Kannada",
    "mr": "Marathi", "gu": "Gujarati", "pa": "Punjabi", "ml": "Malayalam", "fi": "Finnish",
}  # fmt: skip
"""English names of the languages, by ISO code."""

SENTENCES = {
    "en": (
        "We saw an old garden in a quiet city and some of our guests were singing in it.",
        "Each of us can imagine a summer evening at sea with a warm wind and a calm ocean.",
        "It is easy when you know your own island and all of its small mountains.",
    ),
    "es": (
        "Esta mañana fuimos al mercado del pueblo y compramos fruta fresca para toda la familia.",
        "Los niños juegan en el jardín mientras su abuela prepara la cena en la cocina.",
        "Me gusta leer un buen libro cuando llueve y hace mucho frío en la calle.",
    ),
    "pt": (
        "Hoje de manhã nós fomos ao mercado da cidade e compramos frutas frescas para toda a família.",
        "As crianças não estão em casa porque foram brincar no jardim com os seus irmãos.",
        "Eu gosto muito de ler um bom livro quando está chovendo e faz frio lá fora.",
    ),
    "ar": (
        "ذهبنا هذا الصباح إلى السوق واشترينا الفواكه الطازجة لجميع أفراد الأسرة.",
        "يلعب الأطفال في الحديقة بينما تعد الجدة طعام العشاء في المطبخ.",
        "أحب أن أقرأ كتابا جيدا عندما يكون الجو باردا في الخارج.",
    ),
    "hi": (
        "आज सुबह हम बाज़ार गए और पूरे परिवार के लिए ताज़े फल खरीदे।",
        "बच्चे बगीचे में खेल रहे हैं और उनकी दादी रसोई में खाना बना रही हैं।",
        "जब बाहर बारिश होती है तो मुझे अच्छी किताब पढ़ना पसंद है।",
    ),
    "fr": (
        "Ce matin nous sommes allés au marché du village pour acheter des fruits frais.",
        "Les enfants jouent dans le jardin pendant que leur grand-mère prépare le dîner.",
        "Je préfère lire un bon livre quand il pleut et que le vent souffle dehors.",
    ),
    "ru": (
        "Сегодня утром мы пошли на рынок и купили свежие фрукты для всей семьи.",
        "Дети играют в саду и бабушка готовит ужин на кухне.",
        "Мне нравится читать хорошую книгу в холодный дождливый вечер.",
    ),
    "de": (
        "Heute Morgen sind wir zum Markt gegangen und haben frisches Obst für die ganze Familie gekauft.",
        "Die Kinder spielen im Garten und die Großmutter kocht das Abendessen in der Küche.",
        "Ich lese gern ein gutes Buch bei schlechtem Wetter und trinke dazu einen heißen Tee.",
    ),
    "ja": (
        "今朝は市場へ行って家族のために新鮮な果物を買いました。",
        "子供たちは庭で遊んでいておばあさんは台所で夕食を作っています。",
        "雨の日には家で面白い本を読むのが好きです。",
    ),
    "it": (
        "Questa mattina siamo andati al mercato e abbiamo comprato della frutta fresca per tutta la famiglia.",
        "I bambini giocano nel giardino mentre la nonna prepara la cena nella cucina.",
        "Mi piace leggere un bel libro quando piove e fuori fa molto freddo.",
    ),
    "bn": (
        "আজ সকালে আমরা বাজারে গিয়ে পুরো পরিবারের জন্য তাজা ফল কিনেছি।",
        "শিশুরা বাগানে খেলছে আর তাদের দাদি রান্নাঘরে রাতের খাবার তৈরি করছেন।",
        "বাইরে বৃষ্টি হলে আমি একটি ভালো বই পড়তে ভালোবাসি।",
    ),
    "uk": (
        "Сьогодні вранці ми пішли на ринок і купили свіжі фрукти для всієї родини.",
        "Діти граються в саду і їхня бабуся готує вечерю на кухні.",
        "Мені подобається читати цікаву книжку у холодний дощовий вечір.",
    ),
    "th": (
        "เช้านี้เราไปตลาดและซื้อผลไม้สดสำหรับทุกคนในครอบครัว.",
        "เด็กๆ กำลังเล่นอยู่ในสวนและคุณยายกำลังทำอาหารเย็นในครัว.",
        "ฉันชอบอ่านหนังสือดีๆ เมื่อฝนตกและอากาศหนาว.",
    ),
    "ur": (
        "آج صبح ہم بازار گئے اور پورے خاندان کے لیے تازہ پھل خریدے۔",
        "بچے باغ میں کھیل رہے ہیں اور ان کی دادی باورچی خانے میں کھانا بنا رہی ہیں۔",
        "جب باہر بارش ہوتی ہے تو مجھے اچھی کتاب پڑھنا پسند ہے۔",
    ),
    "ta": (
        "இன்று காலை நாங்கள் சந்தைக்குச் சென்று குடும்பத்திற்காக புதிய பழங்களை வாங்கினோம்.",
        "குழந்தைகள் தோட்டத்தில் விளையாடுகிறார்கள்.",
        "மழை பெய்யும் போது நல்ல புத்தகம் படிப்பது எனக்குப் பிடிக்கும்.",
    ),
    "te": (
        "ఈ ఉదయం మేము మార్కెట్‌కు వెళ్లి కుటుంబం కోసం తాజా పండ్లు కొన్నాము.",
        "పిల్లలు తోటలో ఆడుకుంటున్నారు.",
        "వర్షం పడుతున్నప్పుడు మంచి పుస్తకం చదవడం నాకు ఇష్టం.",
    ),
    "bg": (
        "Тази сутрин отидохме на пазара и купихме пресни плодове за цялото семейство.",
        "Децата играят в градината и баба им готви вечеря в кухнята.",
        "Обичам да чета хубава книга в студена и дъждовна вечер.",
    ),
    "ko": (
        "오늘 아침에 우리는 시장에 가서 가족을 위해 신선한 과일을 샀습니다.",
        "아이들은 정원에서 놀고 할머니는 부엌에서 저녁을 준비하고 있습니다.",
        "비가 오는 날에는 집에서 좋은 책을 읽는 것을 좋아합니다.",
    ),
    "pl": (
        "Dziś rano poszliśmy na rynek i kupiliśmy świeże owoce dla całej rodziny.",
        "Dzieci bawią się w ogrodzie a babcia gotuje obiad w kuchni.",
        "Lubię czytać dobrą książkę w zimny i deszczowy wieczór.",
    ),
    "he": (
        "הבוקר הלכנו לשוק וקנינו פירות טריים לכל המשפחה.",
        "הילדים משחקים בגינה והסבתא מכינה ארוחת ערב במטבח.",
        "אני אוהב לקרוא ספר טוב כאשר יורד גשם בחוץ.",
    ),
    "fa": (
        "امروز صبح به بازار رفتیم و برای همه خانواده میوه تازه خریدیم.",
        "بچه ها در باغ بازی می کنند و مادربزرگ در آشپزخانه شام می پزد.",
        "دوست دارم وقتی باران می بارد کتاب خوبی بخوانم.",
    ),
    "vi": (
        "Sáng nay chúng tôi đi chợ và mua trái cây tươi cho cả gia đình.",
        "Trẻ em đang chơi trong vườn và bà đang nấu bữa tối trong bếp.",
        "Tôi thích đọc một cuốn sách hay khi trời mưa và lạnh.",
    ),
    "ne": (
        "आज बिहान हामी बजार गयौं र सबै परिवारका लागि ताजा फलफूल किन्यौं।",
        "केटाकेटीहरू बगैंचामा खेलिरहेका छन् र हजुरआमा भान्सामा खाना पकाउँदै हुनुहुन्छ।",
        "बाहिर पानी परेको बेला मलाई राम्रो किताब पढ्न मन पर्छ।",
    ),
    "sw": (
        "Leo asubuhi tulikwenda sokoni na tukanunua matunda kwa ajili ya familia yote.",
        "Watoto wanacheza kwenye bustani na bibi yao anapika chakula cha jioni jikoni.",
        "Ninapenda kusoma kitabu kizuri wakati mvua inanyesha na kuna baridi nje.",
    ),
    "kn": (
        "ಇಂದು ಬೆಳಿಗ್ಗೆ ನಾವು ಮಾರುಕಟ್ಟೆಗೆ ಹೋಗಿ ಕುಟುಂಬಕ್ಕಾಗಿ ತಾಜಾ ಹಣ್ಣುಗಳನ್ನು ಖರೀದಿಸಿದೆವು.",
        "ಮಕ್ಕಳು ತೋಟದಲ್ಲಿ ಆಡುತ್ತಿದ್ದಾರೆ.",
        "ಮಳೆ ಬರುವಾಗ ಒಳ್ಳೆಯ ಪುಸ್ತಕ ಓದುವುದು ನನಗೆ ಇಷ್ಟ.",
    ),
    "mr": (
        "आज सकाळी आम्ही बाजारात गेलो आणि सर्व कुटुंबासाठी ताजी फळे विकत घेतली.",
        "मुले बागेत खेळत आहेत आणि त्यांची आजी स्वयंपाकघरात जेवण बनवत आहे.",
        "बाहेर पाऊस पडत असताना मला चांगले पुस्तक वाचायला आवडते.",
    ),
    "gu": (
        "આજે સવારે અમે બજારમાં ગયા અને આખા પરિવાર માટે તાજા ફળો ખરીદ્યા.",
        "બાળકો બગીચામાં રમી રહ્યા છે.",
        "જ્યારે બહાર વરસાદ પડે છે ત્યારે મને સારું પુસ્તક વાંચવું ગમે છે.",
    ),
    "pa": (
        "ਅੱਜ ਸਵੇਰੇ ਅਸੀਂ ਬਾਜ਼ਾਰ ਗਏ ਅਤੇ ਸਾਰੇ ਪਰਿਵਾਰ ਲਈ ਤਾਜ਼ੇ ਫਲ ਖਰੀਦੇ।",
        "ਬੱਚੇ ਬਾਗ ਵਿੱਚ ਖੇਡ ਰਹੇ ਹਨ।",
        "ਜਦੋਂ ਬਾਹਰ ਮੀਂਹ ਪੈਂਦਾ ਹੈ ਤਾਂ ਮੈਨੂੰ ਚੰਗੀ ਕਿਤਾਬ ਪੜ੍ਹਨਾ ਪਸੰਦ ਹੈ।",
    ),
    "ml": (
        "ഇന്ന് രാവിലെ ഞങ്ങൾ ചന്തയിൽ പോയി കുടുംബത്തിനായി പുതിയ പഴങ്ങൾ വാങ്ങി.",
        "കുട്ടികൾ പൂന്തോട്ടത്തിൽ കളിക്കുന്നു.",
        "മഴ പെയ്യുമ്പോൾ നല്ല പുസ്തകം വായിക്കുന്നത് എനിക്ക് ഇഷ്ടമാണ്.",
    ),
    "fi": (
        "Tänä aamuna menimme torille ja ostimme tuoreita hedelmiä koko perheelle.",
        "Lapset leikkivät puutarhassa ja isoäiti valmistaa illallista keittiössä.",
        "Luen mielelläni hyvää kirjaa sateisena ja kylmänä iltana.",
    ),
}
"""Sentences, by ISO code."""
