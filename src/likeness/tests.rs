//! What holds of finding duplicates as a whole: symmetry, order, threads, bounds, and who is a pair.

use proptest::prelude::*;

use super::*;

fn one() -> NonZero<usize> {
    NonZero::new(1).unwrap()
}

fn person(name: &str, phone: &str, email: &str, address: &str) -> Record {
    let some = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
    Record::of(&Traits {
        names: some(name),
        phones: some(phone),
        emails: some(email),
        addresses: some(address),
        ..Traits::default()
    })
}

/// Two hundred strangers, and those who are asked about.
fn among(asked: &[Record]) -> Vec<Record> {
    let mut all: Vec<Record> = (0..200_u32)
        .map(|n| {
            let name: String = ['张', '王', '李', '赵', '陈'].iter().skip(n as usize % 5).take(1).collect::<String>()
                + ["伟", "芳", "秀英", "建国", "一鸣", "晓东", "玉兰"][n as usize % 7];
            person(
                &name,
                &format!("139{:08}", n * 7919 % 99_999_989),
                "",
                &format!("杭州市西湖区文三路{n}号{}幢", n % 40),
            )
        })
        .collect();
    all.extend_from_slice(asked);
    all
}

fn is_pair(a: &Record, b: &Record) -> bool {
    let all = among(&[a.clone(), b.clone()]);
    let found = find(&all, one());
    let pair = found.pairs.iter().any(|pair| (pair.first, pair.second) == (200, 201));
    assert!(found.pairs.len() <= 1, "{:?}", found.pairs);
    pair
}

#[test]
fn the_same_customer_is_found_however_they_are_written() {
    for (a, b) in [
        (person("欧阳小明", "13812341234", "", ""), person("Ouyang Xiaoming", "+86 138 1234 1234", "", "")),
        (person("单雄信", "13812341234", "", ""), person("Shan Xiongxin", "13812341243", "", "")),
        (person("John Smith", "", "j.smith@example.com", ""), person("Smith, Jhon", "", "j.smith@example.com", "")),
        (
            person("周雨桐", "13812341234", "", "杭州市西湖区文二路8号3幢2单元501室"),
            person("周雨同", "", "", "浙江省杭州市西湖区文二路８号3幢2单元501"),
        ),
    ] {
        assert!(is_pair(&a, &b));
    }
}

#[test]
fn namesakes_relatives_and_colleagues_are_not_the_same() {
    for (a, b) in [
        (person("张伟", "13812341234", "", ""), person("张伟", "13955556666", "", "")),
        (
            person("王芳", "13812341234", "", "杭州市西湖区文二路8号3幢2单元501室"),
            person("王建国", "13812341234", "", "杭州市西湖区文二路8号3幢2单元501室"),
        ),
        (person("John Smith", "02079460123", "", ""), person("Mary Jones", "02079460123", "", "")),
        (
            person("王志强", "13812341234", "", "杭州市西湖区文二路8号3幢2单元501室"),
            person("王志伟", "13699998888", "", "杭州市西湖区文二路8号3幢2单元501室"),
        ),
    ] {
        assert!(!is_pair(&a, &b));
    }
}

#[test]
fn a_value_that_everybody_has_brings_nobody_together_and_costs_little() {
    let all: Vec<Record> =
        (0..3_000_u32).map(|n| person(&format!("客户 a{n}b"), "400 800 1234", "info@example.com", "")).collect();
    let found = find(&all, one());
    assert!(found.compared < 3_000 * 200, "{}", found.compared);
    assert!(found.pairs.is_empty());
}

#[test]
fn a_chain_makes_no_group() {
    let a = person("周雨桐", "13812341234", "yt@example.com", "");
    let b = person("周雨桐", "13812341234", "lei@example.net", "");
    let c = person("李磊", "13912345678", "lei@example.net", "");
    let found = find(&among(&[a, b, c]), one());
    assert!(!found.pairs.iter().any(|pair| pair.second == 202), "{:?}", found.pairs);
}

#[test]
fn fingerprints_count_when_they_are_the_same() {
    let sealed = |name: &str, phone: u64| {
        Record::of(&Traits { names: vec![name.to_owned()], tokens: vec![(Trait::Phone, phone)], ..Traits::default() })
    };
    assert!(is_pair(&sealed("欧阳小明", 7), &sealed("Ouyang Xiaoming", 7)));
    assert!(!is_pair(&sealed("欧阳小明", 7), &sealed("Ouyang Xiaoming", 8)));
    assert!(!is_pair(&sealed("欧阳小明", 7), &sealed("欧阳建国", 7)));
}

#[test]
fn nothing_shows_what_a_record_holds() {
    let record = person("周雨桐", "13812341234", "yt@example.com", "");
    assert!(!format!("{record:?}").contains("1381"));
}

fn any_traits() -> impl Strategy<Value = Traits> {
    let text = prop_oneof![
        "\\PC{0,12}",
        "[张王李单尉迟万俟乐芳伟]{0,4}",
        "[a-cA-C '.,-]{0,12}",
        "[0-9+ ()-]{0,14}",
        "[a-b]{1,3}@[a-b]{1,2}",
    ];
    let texts = || proptest::collection::vec(text.clone(), 0..3);
    let maybe = || proptest::option::of("[0-9]{1,4}-?[0-9]{0,2}-?[0-9]{0,2}|男|f");
    (texts(), texts(), texts(), texts(), texts(), texts(), maybe(), maybe(), maybe()).prop_map(
        |(names, phones, emails, addresses, numbers, companies, born, birthday, gender)| Traits {
            names,
            phones,
            emails,
            addresses,
            numbers: numbers.into_iter().map(|text| (NumberKind::Resident, text)).collect(),
            companies,
            born,
            birthday,
            gender,
            ..Traits::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_written_is_weighed_the_same_both_ways(traits in proptest::collection::vec(any_traits(), 2..12)) {
        let records: Vec<Record> = traits.iter().map(Record::of).collect();
        let spread = Spread::of(&records);
        for a in &records {
            for b in &records {
                prop_assert_eq!(spread.weigh(a, b).to_bits(), spread.weigh(b, a).to_bits());
                prop_assert_eq!(evidence(a, b), evidence(b, a));
                prop_assert!(spread.weigh(a, b).is_finite());
            }
        }
    }

    #[test]
    fn neither_order_nor_threads_change_what_is_found(traits in proptest::collection::vec(any_traits(), 2..40)) {
        let records: Vec<Record> = traits.iter().map(Record::of).collect();
        let mut turned = records.clone();
        turned.reverse();
        let prints = |records: &[Record], threads: usize| {
            let found = find(records, NonZero::new(threads).unwrap());
            let print = |place: usize| records[place].print;
            let mut pairs: Vec<(u64, u64)> = found.pairs.iter()
                .map(|p| (print(p.first).min(print(p.second)), print(p.first).max(print(p.second)))).collect();
            pairs.sort_unstable();
            pairs
        };
        let once = prints(&records, 1);
        prop_assert_eq!(&once, &prints(&turned, 1));
        prop_assert_eq!(&once, &prints(&records, 3));
    }
}
