//! Passphrases that are guessed first: words everybody uses, keyboard walks, runs and repetitions.
//!
//! The list is short on purpose: it names what a person picks in a hurry, and the patterns cover their variations.
//! **Invariant:** what is compared lives in zeroized memory.

use zeroize::Zeroizing;

/// Whether `text` is among what is tried first. Case, punctuation, the usual digits for letters, and digits at either
/// end make no difference.
pub(super) fn is_common(text: &str) -> bool {
    let plain = folded(text, |char| char);
    let read = folded(text, letter);
    let stripped = plain.trim_matches(|char: char| char.is_ascii_digit());
    let read_stripped = read_without_ends(text);
    [plain.as_str(), read.as_str(), stripped, read_stripped.as_str()].into_iter().any(listed)
        || has_pattern(&plain)
        || few_characters(text)
}

fn listed(text: &str) -> bool {
    text.is_empty() || WORDS.contains(&text) || PHRASES.contains(&text)
}

/// Lower case, letters and digits only, each through `map`.
fn folded(text: &str, map: impl Fn(char) -> char) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(4 * text.len()));
    out.extend(text.chars().flat_map(char::to_lowercase).map(map).filter(|char| char.is_alphanumeric()));
    out
}

/// The text with digits and signs at either end gone, then read with signs as letters.
fn read_without_ends(text: &str) -> Zeroizing<String> {
    folded(text.trim_matches(|char: char| char.is_ascii_digit() || char.is_ascii_punctuation()), letter)
}

fn letter(char: char) -> char {
    match char {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Fewer than five different characters are a pattern whatever their order.
fn few_characters(text: &str) -> bool {
    let mut seen = Vec::with_capacity(5);
    for char in text.chars() {
        if !seen.contains(&char) {
            seen.push(char);
        }
        if seen.len() >= 5 {
            return false;
        }
    }
    true
}

/// A run, a walk along the keyboard, or a unit of up to eight characters over and over.
fn has_pattern(text: &str) -> bool {
    let chars = Zeroizing::new(text.chars().collect::<Vec<char>>());
    let repeats = |unit: usize| chars.iter().zip(chars.iter().skip(unit)).all(|(left, right)| left == right);
    let repeated = (1..=8).any(|unit| chars.len() >= 2 * unit && repeats(unit));
    let steps = || {
        chars
            .iter()
            .zip(chars.iter().skip(1))
            .map(|(left, right)| i64::from(u32::from(*right)) - i64::from(u32::from(*left)))
    };
    let run = [1, -1].into_iter().any(|step| {
        // Nine is followed by zero in runs of digits, and the other way round.
        steps().all(|found| found == step || found == -9 * step)
    });
    let walked = WALKS.iter().any(|walk| {
        let back: Zeroizing<String> = Zeroizing::new(text.chars().rev().collect());
        walk.contains(text) || walk.contains(back.as_str())
    });
    repeated || run || walked
}

/// Keyboard rows and columns, run together in the orders in which fingers walk them.
const WALKS: [&str; 7] = [
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
];

/// Words that stay weak with digits and signs around them.
const WORDS: [&str; 80] = [
    "password",
    "passwort",
    "passwd",
    "passphrase",
    "passcode",
    "passw",
    "pass",
    "motdepasse",
    "contrasena",
    "letmein",
    "welcome",
    "welcomeback",
    "admin",
    "administrator",
    "root",
    "superuser",
    "user",
    "username",
    "guest",
    "login",
    "master",
    "default",
    "changeme",
    "changeit",
    "changemenow",
    "secret",
    "topsecret",
    "supersecret",
    "temp",
    "temporary",
    "test",
    "testing",
    "tester",
    "qwerty",
    "qwertz",
    "azerty",
    "qwertyuiop",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "iloveyou",
    "ilovey",
    "iloveu",
    "sunshine",
    "princess",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "spiderman",
    "starwars",
    "pokemon",
    "michael",
    "jennifer",
    "charlie",
    "shadow",
    "trustno",
    "whatever",
    "computer",
    "internet",
    "company",
    "office",
    "customer",
    "customers",
    "veilbook",
    "summer",
    "winter",
    "spring",
    "autumn",
    "woaini",
    "woaiwojia",
    "mima",
    "wodemima",
    "zhongguo",
    "nihao",
];

/// Whole phrases of twelve characters and more.
const PHRASES: [&str; 80] = [
    "correcthorsebatterystaple",
    "thequickbrownfox",
    "thequickbrownfoxjumpsoverthelazydog",
    "jumpsoverthelazydog",
    "passwordpassword",
    "mypassword",
    "mypasswordis",
    "mysecretpassword",
    "thisismypassword",
    "thisisapassword",
    "thispassword",
    "newpassword",
    "newpasswordnew",
    "oldpassword",
    "adminpassword",
    "passwordadmin",
    "adminadmin",
    "adminadminadmin",
    "rootpassword",
    "testpassword",
    "passwordtest",
    "testtesttest",
    "defaultpassword",
    "securepassword",
    "strongpassword",
    "password123password",
    "letmeinplease",
    "letmeinletmein",
    "pleaseletmein",
    "opensesame",
    "opensesameopen",
    "openthedoor",
    "changethispassword",
    "changepassword",
    "pleasechangeme",
    "nopasswordhere",
    "idontknow",
    "idontremember",
    "iforgotmypassword",
    "forgotpassword",
    "rememberme",
    "iloveyouforever",
    "iloveyousomuch",
    "iloveyoubaby",
    "ilovemyfamily",
    "ilovemymother",
    "ilovemywife",
    "ilovemyhusband",
    "ilovemykids",
    "iloveyouiloveyou",
    "loveisallyouneed",
    "maytheforcebewithyou",
    "tobeornottobe",
    "tobeornottobethatisthequestion",
    "helloworld",
    "hellohellohello",
    "hellomyfriend",
    "winteriscoming",
    "winniethepooh",
    "harrypotter",
    "manchesterunited",
    "liverpoolfc",
    "realmadrid",
    "christmastree",
    "happybirthday",
    "happynewyear",
    "goodmorning",
    "qwertyqwerty",
    "qwertyuiopasdf",
    "onetwothreefour",
    "onetwothreefourfive",
    "abcdefghijklmnopqrstuvwxyz",
    "customerbook",
    "thisisasecret",
    "woaininiaiwo",
    "woaizhongguo",
    "zhongguoren",
    "gongxifacai",
    "xinniankuaile",
    "shengrikuaile",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_hold_what_the_comparison_can_meet() {
        for entry in WORDS.iter().chain(&PHRASES) {
            assert_eq!(folded(entry, |char| char).as_str(), *entry);
        }
    }

    #[test]
    fn ordinary_sentences_and_random_text_pass() {
        for text in [
            "violet river stone",
            "the pass is snowed in",
            "kQ8!vzr02Lmx",
            "seven green kites at noon",
            "春眠不觉晓处处闻啼鸟夜来",
        ] {
            assert!(!is_common(text), "{text}");
        }
    }
}
