//! What people call the columns of a table of customers, in Chinese and English.
//!
//! **Invariant:** every name stands here in the form that [`normalised`] gives and under one target only; a test
//! holds it.

use crate::text::folded;

/// Targets, by the words that map files use, and the names that mean them.
const NAMES: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "name",
            "fullname",
            "customer",
            "customername",
            "client",
            "clientname",
            "contact",
            "contactname",
            "contactperson",
            "displayname",
            "姓名",
            "名字",
            "名称",
            "客户",
            "客户姓名",
            "客户名称",
            "客户名",
            "联系人",
            "联系人姓名",
            "顾客",
            "顾客姓名",
            "会员姓名",
            "收货人",
            "收件人",
            "真实姓名",
            "用户姓名",
        ],
    ),
    ("family_name", &["lastname", "surname", "familyname", "姓", "姓氏"]),
    ("given_name", &["firstname", "givenname", "forename", "名"]),
    (
        "kind",
        &[
            "kind",
            "customertype",
            "customerkind",
            "accounttype",
            "persontype",
            "客户类型",
            "客户类别",
            "类型",
            "类别",
            "性质",
            "客户性质",
        ],
    ),
    (
        "stage",
        &[
            "stage",
            "status",
            "customerstage",
            "customerstatus",
            "leadstatus",
            "lifecyclestage",
            "阶段",
            "客户阶段",
            "客户状态",
            "状态",
            "跟进状态",
            "跟进阶段",
        ],
    ),
    ("tags", &["tags", "tag", "labels", "label", "groups", "标签", "客户标签", "分组"]),
    (
        "owner",
        &[
            "owner",
            "accountowner",
            "contactowner",
            "leadowner",
            "assignedto",
            "assignee",
            "salesrep",
            "salesperson",
            "responsible",
            "负责人",
            "归属人",
            "所属人",
            "所有人",
            "业务员",
            "销售",
            "销售员",
            "销售人员",
            "客户经理",
            "跟进人",
        ],
    ),
    (
        "created",
        &[
            "created",
            "createdat",
            "createdon",
            "createddate",
            "createdate",
            "datecreated",
            "dateadded",
            "added",
            "创建时间",
            "创建日期",
            "建档日期",
            "建档时间",
            "录入时间",
            "录入日期",
            "登记日期",
            "添加时间",
            "注册时间",
            "注册日期",
        ],
    ),
    (
        "ignore",
        &[
            "id",
            "no",
            "number",
            "row",
            "index",
            "序号",
            "编号",
            "行号",
            "客户编号",
            "customerid",
            "reject_row",
            "reject_reason",
            "拒绝原因",
        ],
    ),
    (
        "mobile",
        &[
            "mobile",
            "mobilephone",
            "mobileno",
            "mobilenumber",
            "cell",
            "cellphone",
            "cellphonenumber",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "联系手机",
            "手机电话",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "phoneno",
            "phonenumber",
            "telephone",
            "telephoneno",
            "telephonenumber",
            "tel",
            "telno",
            "landline",
            "workphone",
            "homephone",
            "businessphone",
            "officephone",
            "电话",
            "电话号码",
            "联系电话",
            "联系方式",
            "固定电话",
            "固话",
            "座机",
            "座机号码",
            "办公电话",
            "公司电话",
            "其他电话",
        ],
    ),
    (
        "email",
        &[
            "email",
            "emailaddress",
            "mail",
            "mailaddress",
            "workemail",
            "personalemail",
            "邮箱",
            "电子邮箱",
            "电子邮件",
            "邮件",
            "邮箱地址",
            "邮件地址",
            "电邮",
        ],
    ),
    (
        "chat_id",
        &[
            "chatid",
            "chat",
            "wechat",
            "wechatid",
            "weixin",
            "qq",
            "qqno",
            "whatsapp",
            "telegram",
            "微信",
            "微信号",
            "聊天号",
            "微信账号",
            "qq号",
            "qq号码",
        ],
    ),
    (
        "address",
        &[
            "address",
            "postaladdress",
            "mailingaddress",
            "homeaddress",
            "streetaddress",
            "fulladdress",
            "deliveryaddress",
            "shippingaddress",
            "地址",
            "住址",
            "家庭住址",
            "家庭地址",
            "联系地址",
            "通讯地址",
            "通信地址",
            "详细地址",
            "收货地址",
            "居住地址",
            "公司地址",
            "邮寄地址",
        ],
    ),
    ("date_of_birth", &["dateofbirth", "dob", "birthdate", "出生日期", "出生年月日", "出生年月"]),
    ("birthday", &["birthday", "生日"]),
    (
        "resident_id",
        &[
            "residentid",
            "residentidnumber",
            "residentidno",
            "idcard",
            "idcardno",
            "idcardnumber",
            "idnumber",
            "idno",
            "nationalid",
            "身份证",
            "身份证号",
            "身份证号码",
            "居民身份证",
            "居民身份证号",
            "证件号",
            "证件号码",
        ],
    ),
    ("passport", &["passport", "passportno", "passportnumber", "护照", "护照号", "护照号码"]),
    (
        "bank_card",
        &[
            "bankcard",
            "bankcardno",
            "bankcardnumber",
            "cardnumber",
            "cardno",
            "银行卡",
            "银行卡号",
            "银行卡号码",
            "银行账号",
            "卡号",
        ],
    ),
    (
        "company",
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "organizationname",
            "employer",
            "account",
            "accountname",
            "公司",
            "公司名称",
            "单位",
            "单位名称",
            "工作单位",
            "企业",
            "企业名称",
            "所在公司",
        ],
    ),
    ("consent.service", &["consentservice", "serviceconsent", "服务同意", "同意服务", "服务授权", "consentforservice"]),
    (
        "consent.marketing",
        &[
            "consentmarketing",
            "marketingconsent",
            "consentformarketing",
            "marketingpermission",
            "marketingoptin",
            "emailoptin",
            "optin",
            "newsletter",
            "营销同意",
            "同意营销",
            "是否同意营销",
            "营销授权",
            "接受营销",
            "推广同意",
            "同意推广",
            "接受推广",
        ],
    ),
    (
        "consent.sharing",
        &[
            "consentsharing",
            "sharingconsent",
            "consentforsharing",
            "thirdpartyconsent",
            "共享同意",
            "同意共享",
            "提供给第三方同意",
            "同意提供给第三方",
        ],
    ),
    ("consent.publishing", &["consentpublishing", "publishingconsent", "consentforpublishing", "公开同意", "同意公开"]),
    (
        "consent.sensitive",
        &["consentsensitive", "sensitivedataconsent", "consentforsensitivedata", "敏感信息同意", "同意处理敏感信息"],
    ),
    (
        "consent.cross_border",
        &[
            "consentcrossborder",
            "crossborderconsent",
            "consentforcrossborder",
            "出境同意",
            "同意出境",
            "跨境同意",
            "跨境传输同意",
            "数据出境同意",
        ],
    ),
    ("job_title", &["jobtitle", "title", "position", "role", "job", "职位", "职务", "岗位", "头衔"]),
    ("gender", &["gender", "sex", "性别"]),
    ("preferences", &["preferences", "preference", "interests", "偏好", "喜好", "兴趣", "爱好", "兴趣爱好"]),
    (
        "purchases",
        &["purchases", "purchase", "purchasehistory", "orders", "购买记录", "消费记录", "订单记录", "购买历史"],
    ),
    (
        "notes",
        &[
            "notes",
            "note",
            "remarks",
            "remark",
            "comments",
            "comment",
            "memo",
            "description",
            "备注",
            "说明",
            "备注信息",
            "客户备注",
            "备忘",
        ],
    ),
];

/// The form in which names of columns are compared: folded, without what stands in brackets, letters and digits only.
pub(super) fn normalised(header: &str) -> String {
    let header = header.trim_start_matches('\u{FEFF}');
    let mut depth = 0usize;
    let mut out = String::new();
    for c in folded(header).chars() {
        match c {
            '(' | '[' | '（' | '【' => depth += 1,
            ')' | ']' | '）' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 && (c.is_alphanumeric() || c == '_') => out.push(c),
            _ => {}
        }
    }
    // "first_name" is "first name", but the columns of a rejects file are ours.
    if out.starts_with("reject_") { out } else { out.replace('_', "") }
}

/// The word for what a column of this name means, if it is known.
pub(super) fn target(header: &str) -> Option<&'static str> {
    let name = normalised(header);
    NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(target, _)| *target)
}

/// Whether a column of this name is known.
pub(super) fn is_known(header: &str) -> bool {
    header.len() <= 200 && target(header).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_normalised_and_means_one_thing() {
        let mut seen = std::collections::HashSet::new();
        for name in NAMES.iter().flat_map(|(_, names)| names.iter()) {
            assert_eq!(normalised(name), *name);
            assert!(seen.insert(name), "{name} stands twice");
        }
    }

    #[test]
    fn marks_and_brackets_around_a_name_do_not_matter() {
        for header in [
            "手机号码",
            " 手机号码* ",
            "手机号码（必填）",
            "\u{feff}手机号码",
            "手机 号码",
            "Mobile-Phone",
            "mobile_phone",
            "Cell phone (CN)",
        ] {
            assert_eq!(target(header), Some("mobile"), "{header}");
        }
        assert_eq!(target("favourite colour"), None);
        assert_eq!(target("reject_reason"), Some("ignore"));
    }
}
