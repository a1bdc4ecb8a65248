//! A file of customers: twelve columns, three of which end up sealed.

use std::io::Write;
use std::path::Path;

/// Writes so many rows. Numbers differ in every row, so that no two customers are taken for one.
pub fn write(path: &Path, rows: u64) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(out, "姓名,手机,邮箱,地址,公司,职位,性别,偏好,备注,类型,阶段,标签").unwrap();
    let surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
    let given = ["静", "伟", "芳", "敏", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "超", "明"];
    let pick = |list: &[&'static str], n: u64| list.get(n as usize % list.len()).copied().unwrap_or_default();
    for n in 0..rows {
        let (a, b, c) = (pick(&surnames, n), pick(&given, n / 10), pick(&given, n / 160));
        writeln!(
            out,
            "{a}{b}{c},139{:08},user{n}@example.com,北京市海淀区中关村大街{n}号,晨露茶行{},店长,女,龙井,老客户介绍,person,customer,vip",
            n % 100_000_000,
            n % 5_000,
        )
        .unwrap();
    }
    out.flush().unwrap();
}
