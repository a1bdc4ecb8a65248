//! Names from elsewhere, by where somebody comes from.
//!
//! **Invariant:** the lists are of single given names and surnames; no whole name of a real person is stored.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::dice::Dice;
use super::person::{Gender, Origin, Spoken};

const BRITISH_F: &[&str] = &[
    "Alice", "Harriet", "Imogen", "Freya", "Rosemary", "Beth", "Siân", "Niamh", "Priya", "Eleanor", "Margaret",
    "Philippa", "Zoë", "Gemma", "Ailsa", "Joan",
];
const BRITISH_M: &[&str] = &[
    "Oliver", "Callum", "Rhys", "Edmund", "Alistair", "Hamish", "Imran", "Graham", "Toby", "Nigel", "Owen", "Fergus",
    "Ravi", "Dominic", "Kenneth", "Jude",
];
const BRITISH_S: &[&str] = &[
    "Ashworth",
    "Pemberton",
    "Hughes",
    "O'Brien",
    "Whitfield",
    "Patel",
    "Llewellyn",
    "MacLeod",
    "Fairbairn",
    "Thorne",
    "Barlow",
    "Cartwright",
    "Ellison",
    "Smythe-Rowe",
    "Okonkwo",
    "Holloway",
    "Kershaw",
    "Dunmore",
    "Prescott",
    "Wainwright",
];
const AMERICAN_F: &[&str] = &[
    "Emily", "Madison", "Aaliyah", "Grace", "Dolores", "Hannah", "Brooke", "Savannah", "Jasmine", "Claire", "Tamika",
    "Kaylee", "Rosa", "Linda", "Abigail", "June",
];
const AMERICAN_M: &[&str] = &[
    "Jacob", "Tyler", "Marcus", "DeShawn", "Ethan", "Wyatt", "Carlos", "Brandon", "Gregory", "Logan", "Jamal",
    "Dustin", "Walter", "Kevin", "Hector", "Abe",
];
const AMERICAN_S: &[&str] = &[
    "Johnson",
    "Ramirez",
    "Kowalski",
    "Nguyen",
    "Washington",
    "Castellano",
    "Becker",
    "O'Malley",
    "Lindqvist",
    "Freeman",
    "Haddad",
    "McAllister",
    "Dubois",
    "Vance",
    "Whitaker",
    "Begay",
    "Sorensen",
    "Tran",
    "Holcomb",
    "Ortega",
];
const FRENCH_F: &[&str] = &[
    "Camille",
    "Élodie",
    "Chloé",
    "Manon",
    "Sylvie",
    "Anaïs",
    "Margaux",
    "Hélène",
    "Inès",
    "Marie-Claire",
    "Océane",
    "Solène",
    "Fatou",
    "Bérénice",
];
const FRENCH_M: &[&str] = &[
    "Lucas",
    "Étienne",
    "Jean-Luc",
    "Théo",
    "François",
    "Mathieu",
    "Gaël",
    "Loïc",
    "Rémi",
    "Benoît",
    "Aurélien",
    "Noël",
    "Mamadou",
    "Jérôme",
];
const FRENCH_S: &[&str] = &[
    "Lefèvre",
    "Moreau",
    "Garnier",
    "Dupré",
    "d'Aubigny",
    "Bélanger",
    "Rousseau",
    "Le Goff",
    "Marchand",
    "Béranger",
    "Fontaine",
    "Delacroix-Petit",
    "Diallo",
    "Girard",
    "Prévost",
    "Carpentier",
];
const GERMAN_F: &[&str] = &[
    "Anneliese",
    "Greta",
    "Jana",
    "Käthe",
    "Liesel",
    "Sabine",
    "Ulrike",
    "Heike",
    "Marlene",
    "Ayşe",
    "Lea",
    "Friederike",
    "Birgit",
    "Svenja",
];
const GERMAN_M: &[&str] = &[
    "Jürgen",
    "Lukas",
    "Sören",
    "Matthias",
    "Björn",
    "Heinz",
    "Karl-Heinz",
    "Torsten",
    "Emil",
    "Götz",
    "Mehmet",
    "Felix",
    "Uwe",
    "Konstantin",
];
const GERMAN_S: &[&str] = &[
    "Müller",
    "Schröder",
    "Weiß",
    "Krüger",
    "von Hagen",
    "Bäcker",
    "Zimmermann",
    "Löwe",
    "Pfeiffer",
    "Großmann",
    "Yılmaz",
    "Vogel",
    "Jäger",
    "Schäfer",
    "Brandt",
    "Hoffmann-Lenz",
];
const SPANISH_F: &[&str] = &[
    "Lucía",
    "María José",
    "Begoña",
    "Ximena",
    "Pilar",
    "Nuria",
    "Rocío",
    "Inmaculada",
    "Aránzazu",
    "Belén",
    "Valeria",
    "Montserrat",
];
const SPANISH_M: &[&str] = &[
    "Álvaro",
    "Íñigo",
    "José Luis",
    "Rubén",
    "Joaquín",
    "Andrés",
    "Sebastián",
    "Iker",
    "Ramón",
    "Ángel",
    "Gonzalo",
    "Martín",
];
const SPANISH_S: &[&str] = &[
    "García Núñez",
    "Fernández Ibáñez",
    "Muñoz",
    "Peña Ruiz",
    "Ortiz de Zárate",
    "Castaño",
    "Iglesias Vega",
    "Echeverría",
    "Domínguez",
    "Salazar Peña",
    "Quiñones",
    "Etxebarria",
    "Cabrera León",
    "Rivas",
];
const VIETNAMESE_F: &[&str] =
    &["Thị Hương", "Thị Lan", "Ngọc Anh", "Thu Hà", "Bích Phượng", "Thùy Dương", "Mỹ Linh", "Quỳnh Như", "Kim Ngân"];
const VIETNAMESE_M: &[&str] =
    &["Văn Hùng", "Minh Đức", "Quốc Bảo", "Hoàng Long", "Anh Tuấn", "Đình Trọng", "Gia Huy", "Thành Công", "Hữu Phước"];
const VIETNAMESE_S: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"];

const ARABIC_F: &[(&str, &str)] = &[
    ("فاطمة", "fatima"),
    ("مريم", "maryam"),
    ("ليلى", "layla"),
    ("نور", "nour"),
    ("عائشة", "aisha"),
    ("سلمى", "salma"),
    ("هدى", "huda"),
    ("رانيا", "rania"),
];
const ARABIC_M: &[(&str, &str)] = &[
    ("أحمد", "ahmad"),
    ("يوسف", "yousef"),
    ("عمر", "omar"),
    ("خالد", "khaled"),
    ("طارق", "tariq"),
    ("حسن", "hassan"),
    ("عبد الله", "abdullah"),
    ("سامي", "sami"),
];
const ARABIC_S: &[(&str, &str)] = &[
    ("الحداد", "alhaddad"),
    ("المنصوري", "almansoori"),
    ("الشريف", "alsharif"),
    ("النجار", "alnajjar"),
    ("العتيبي", "alotaibi"),
    ("الخطيب", "alkhatib"),
    ("السيد", "elsayed"),
    ("الزهراني", "alzahrani"),
    ("بن سعيد", "binsaeed"),
    ("القاضي", "alqadi"),
    ("حمدان", "hamdan"),
];
const RUSSIAN_F: &[(&str, &str)] = &[
    ("Анна", "anna"),
    ("Екатерина", "ekaterina"),
    ("Ольга", "olga"),
    ("Наталья", "natalya"),
    ("Айгуль", "aigul"),
    ("Дарья", "darya"),
    ("Светлана", "svetlana"),
    ("Любовь", "lyubov"),
];
const RUSSIAN_M: &[(&str, &str)] = &[
    ("Дмитрий", "dmitry"),
    ("Сергей", "sergey"),
    ("Алексей", "alexey"),
    ("Нурлан", "nurlan"),
    ("Михаил", "mikhail"),
    ("Фёдор", "fyodor"),
    ("Юрий", "yuri"),
    ("Игорь", "igor"),
];
/// Men's form; a woman's adds `а`.
const RUSSIAN_S: &[(&str, &str)] = &[
    ("Смирнов", "smirnov"),
    ("Кузнецов", "kuznetsov"),
    ("Соловьёв", "solovyov"),
    ("Жуков", "zhukov"),
    ("Щербаков", "shcherbakov"),
    ("Лебедев", "lebedev"),
    ("Ахметов", "akhmetov"),
    ("Воробьёв", "vorobyov"),
    ("Быков", "bykov"),
    ("Тихонов", "tikhonov"),
    ("Калинин", "kalinin"),
    ("Елисеев", "eliseev"),
];
const JAPANESE_F: &[(&str, &str)] = &[
    ("陽子", "yoko"),
    ("美咲", "misaki"),
    ("さくら", "sakura"),
    ("結衣", "yui"),
    ("恵子", "keiko"),
    ("彩花", "ayaka"),
];
const JAPANESE_M: &[(&str, &str)] = &[
    ("健太", "kenta"),
    ("大輔", "daisuke"),
    ("翔太", "shota"),
    ("誠", "makoto"),
    ("拓也", "takuya"),
    ("悠斗", "yuto"),
];
const JAPANESE_S: &[(&str, &str)] = &[
    ("佐藤", "sato"),
    ("鈴木", "suzuki"),
    ("高橋", "takahashi"),
    ("渡辺", "watanabe"),
    ("小林", "kobayashi"),
    ("五十嵐", "igarashi"),
    ("中村", "nakamura"),
    ("松本", "matsumoto"),
    ("斎藤", "saito"),
    ("長谷川", "hasegawa"),
    ("東海林", "shoji"),
];
const KOREAN_F: &[(&str, &str)] = &[
    ("서연", "seoyeon"),
    ("민지", "minji"),
    ("지우", "jiwoo"),
    ("하은", "haeun"),
    ("영희", "younghee"),
    ("수빈", "subin"),
];
const KOREAN_M: &[(&str, &str)] = &[
    ("민준", "minjun"),
    ("서준", "seojun"),
    ("지훈", "jihoon"),
    ("현우", "hyunwoo"),
    ("성민", "seongmin"),
    ("영수", "youngsoo"),
];
const KOREAN_S: &[(&str, &str)] = &[
    ("김", "kim"),
    ("이", "lee"),
    ("박", "park"),
    ("최", "choi"),
    ("정", "jung"),
    ("강", "kang"),
    ("조", "cho"),
    ("윤", "yoon"),
    ("임", "lim"),
    ("남궁", "namgoong"),
    ("황보", "hwangbo"),
];

/// A made-up name as people there bear it.
pub(super) fn name(dice: &mut Dice, origin: Origin, gender: Gender) -> Spoken {
    let woman = gender == Gender::Female;
    let one = |women: &'static [&'static str], men: &'static [&'static str]| if woman { women } else { men };
    let two = |women: &'static [(&'static str, &'static str)], men: &'static [(&'static str, &'static str)]| {
        if woman { women } else { men }
    };
    match origin {
        Origin::China | Origin::Britain => latin(dice, one(BRITISH_F, BRITISH_M), BRITISH_S),
        Origin::America => latin(dice, one(AMERICAN_F, AMERICAN_M), AMERICAN_S),
        Origin::France => latin(dice, one(FRENCH_F, FRENCH_M), FRENCH_S),
        Origin::Germany => latin(dice, one(GERMAN_F, GERMAN_M), GERMAN_S),
        Origin::Spain => latin(dice, one(SPANISH_F, SPANISH_M), SPANISH_S),
        Origin::Vietnam => {
            let (given, surname) = (dice.pick(one(VIETNAMESE_F, VIETNAMESE_M)), dice.apart(VIETNAMESE_S, 0));
            Spoken { name: format!("{surname} {given}"), first: plain(given), last: plain(surname) }
        }
        Origin::Arabia => paired(dice, two(ARABIC_F, ARABIC_M), ARABIC_S, Order::GivenFirst),
        Origin::Russia => {
            let mut spoken = paired(dice, two(RUSSIAN_F, RUSSIAN_M), RUSSIAN_S, Order::GivenFirst);
            if woman {
                spoken.name.push('а');
                spoken.last.push('a');
            }
            spoken
        }
        Origin::Japan => paired(dice, two(JAPANESE_F, JAPANESE_M), JAPANESE_S, Order::FamilyFirst),
        Origin::Korea => paired(dice, two(KOREAN_F, KOREAN_M), KOREAN_S, Order::FamilyJoined),
    }
}

enum Order {
    GivenFirst,
    FamilyFirst,
    FamilyJoined,
}

fn latin(dice: &mut Dice, given: &[&'static str], surnames: &[&'static str]) -> Spoken {
    let (given, surname) = (dice.pick(given), dice.apart(surnames, 0));
    let initial = dice.chance(120).then(|| char::from(b'A' + u8::try_from(dice.below(23)).unwrap_or_default()));
    let name = match initial {
        Some(letter) => format!("{given} {letter}. {surname}"),
        None => format!("{given} {surname}"),
    };
    Spoken { name, first: plain(given), last: plain(surname) }
}

fn paired(
    dice: &mut Dice,
    given: &[(&'static str, &'static str)],
    surnames: &[(&'static str, &'static str)],
    order: Order,
) -> Spoken {
    let ((given, first), (surname, last)) = (dice.pick(given), dice.apart(surnames, 0));
    let name = match order {
        Order::GivenFirst => format!("{given} {surname}"),
        Order::FamilyFirst => format!("{surname} {given}"),
        Order::FamilyJoined => format!("{surname}{given}"),
    };
    Spoken { name, first: first.to_owned(), last: last.to_owned() }
}

/// Letters of `text` as an email address has them: lower case, without marks.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}
