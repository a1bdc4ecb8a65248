//! The interface's words in English and Simplified Chinese, switchable at run time.
//!
//! **Invariant:** both files under `locales/` have the same keys, and every key that the code uses is in them; tests
//! hold this. A key that is missing all the same shows as itself rather than as nothing.

pub mod backup;
pub mod deal;
pub mod loss;
pub mod pool;
pub mod qr;
pub mod query;
pub mod refusal;
pub mod rule;

use std::fmt::{self, Display};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::domain::field::Lang;

const EN: &str = include_str!("../locales/en.ftl");
const ZH_CN: &str = include_str!("../locales/zh-CN.ftl");

/// The words in both languages, and which of the two is in force. The texts themselves are read once and shared by all
/// sessions of a process.
#[derive(Clone, Copy)]
pub struct Words {
    /// The language in force.
    pub lang: Lang,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts { en: bundle("en", EN), zh: bundle("zh-CN", ZH_CN) });

struct Texts {
    en: FluentBundle<FluentResource>,
    zh: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.lang.code())
    }
}

impl Words {
    /// The words, speaking `lang`.
    pub fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.ta(key, &[])
    }

    /// The text of a key with its arguments. Numbers among them choose plural forms.
    pub fn ta(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        let mut given = FluentArgs::new();
        for (name, value) in args {
            let text = value.to_string();
            match text.parse::<i64>() {
                // Only what is written as a plain number is one: a code such as `007` stays text.
                Ok(number) if number.to_string() == text => given.set(*name, number),
                _ => given.set(*name, text),
            }
        }
        let bundles = match self.lang {
            Lang::En => [&TEXTS.en, &TEXTS.zh],
            Lang::ZhCn => [&TEXTS.zh, &TEXTS.en],
        };
        bundles
            .into_iter()
            .find_map(|bundle| {
                let pattern = bundle.get_message(key)?.value()?;
                let mut faults = Vec::new();
                Some(bundle.format_pattern(pattern, Some(&given), &mut faults).into_owned())
            })
            .unwrap_or_else(|| key.to_owned())
    }

    /// Whether there is a text of this key.
    pub fn has(&self, key: &str) -> bool {
        TEXTS.en.has_message(key)
    }
}

fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let lang: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![lang]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(plain_number));
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Numbers without separators or decimals.
fn plain_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(format!("{}", number.value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(source: &str) -> BTreeSet<String> {
        FluentResource::try_new(source.to_owned()).expect("the file parses");
        let keys: Vec<String> = source
            .lines()
            .filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|l| l.split_once('=').map(|(key, _)| key.trim().to_owned()))
            .collect();
        let set: BTreeSet<String> = keys.iter().cloned().collect();
        assert_eq!(keys.len(), set.len(), "a key stands twice");
        set
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let (en, zh) = (keys(EN), keys(ZH_CN));
        assert_eq!(en.difference(&zh).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in zh-CN");
        assert_eq!(zh.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in en");
    }

    #[test]
    fn plural_forms_follow_the_number() {
        let words = Words::new(Lang::En);
        assert_eq!(words.ta("customers-total", &[("n", &1)]), "1 customer");
        assert_eq!(words.ta("customers-total", &[("n", &2)]), "2 customers");
    }
}
