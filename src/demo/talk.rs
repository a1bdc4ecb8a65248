//! What was said: texts of interactions and follow-ups in both languages, with slots that make each one particular.
//!
//! **Invariant:** a text holds no name, phone or address: what identifies somebody stays in fields.

use super::dice::Dice;
use super::trade::{WARES, Ware};
use crate::domain::interaction::InteractionKind;

const CALL_ZH: &[&str] = &[
    "问{item}有没有现货，答应{day}前回电。",
    "来电说{item}到货有破损，已登记，{day}补发。",
    "回访：{item}用着不错，想再看看{other}。",
    "没有接通，{day}再打。",
    "确认收货地址，{day}送货，{n}件。",
    "嫌{item}价格高，报了{n}件以上的折扣价。",
    "客户在开会，约{day}{time}再谈。",
    "问发票什么时候能开，已转财务。",
    "介绍了{other}，有兴趣，要样品。",
    "要改送货时间到{day}{time}，已通知仓库。",
    "谈得很顺，意向{n}件{item}，等内部审批。",
    "说最近喝得少了，先不订，{days}天后再联系。",
    "询问{drink}的保质期和存放办法，已说明。",
    "投诉配送员态度，已道歉并送优惠券一张。",
    "核对了上月对账单，少付一笔，客户{day}补。",
];
const EMAIL_ZH: &[&str] = &[
    "发了{item}和{other}的报价单，有效期{days}天。",
    "收到采购订单：{item}，{n}件。",
    "发送合同草稿，对方法务{day}回复。",
    "回复了关于{drink}的产地证明。",
    "群发新品邮件，点开了{other}的链接。",
    "寄出电子发票。",
    "对方要求补充食品经营许可证复印件，已发。",
];
const CHAT_ZH: &[&str] = &[
    "微信问{drink}怎么冲，发了视频。",
    "微信下单{item}，{n}件，已付款。",
    "发来{other}的照片，问能不能配套。",
    "微信约了{day}{time}到店试喝。",
    "说包裹还没到，查了物流，{day}到。",
    "转发了品茶课的报名链接，报了两位。",
    "想退{item}，没拆封，同意退货。",
];
const VISIT_ZH: &[&str] = &[
    "到店试喝了三款，最喜欢{drink}，当场买了{n}件。",
    "上门看场地，吧台宽{days}厘米以上才放得下咖啡机。",
    "展会上聊了十分钟，留了名片，对{other}感兴趣。",
    "上门做了第{n}次保养，换了滤芯。",
    "带同事来参观，问了批发政策。",
    "到店自提{item}，顺便问{other}什么时候补货。",
];
const NOTE_ZH: &[&str] = &[
    "生日快到了，准备一份{drink}小样。",
    "下单习惯：每{days}天左右一次，多为{drink}。",
    "对花香敏感，推荐时避开茉莉类。",
    "预算大约每月{n}00元。",
    "转给销售跟进，意向{other}。",
    "年底有团购需求，{day}前做方案。",
];

const CALL_EN: &[&str] = &[
    "Asked whether {item} is in stock; promised to ring back by {day}.",
    "{item} arrived chipped. Logged it, replacement goes out {day}.",
    "Check-in call: happy with {item}, curious about {other}.",
    "No answer, will try again {day}.",
    "Confirmed delivery of {n} pieces for {day} at {time}.",
    "Finds {item} dear; quoted the rate for {n} and more.",
    "In a meeting, agreed to talk {day} at {time}.",
    "Wants the invoice sent again, passed to accounts.",
    "Talked through {other}, asked for a sample.",
    "Moved the delivery to {day}, warehouse told.",
    "Good talk: about {n} × {item}, waiting for sign-off.",
    "Cutting back for now; try again in {days} days.",
    "Complained about the courier; apologised and sent a voucher.",
    "Went through last month's statement, one item of {n} was missing.",
];
const EMAIL_EN: &[&str] = &[
    "Sent a quote for {item} and {other}, valid {days} days.",
    "Purchase order received: {n} × {item}.",
    "Draft contract sent, their lawyer answers {day}.",
    "Answered where {drink} comes from.",
    "Opened the newsletter and followed the link to {other}.",
    "Invoice sent as PDF.",
    "Asked for an organic certificate, attached.",
];
const CHAT_EN: &[&str] = &[
    "Asked how to brew {drink}, sent the guide.",
    "Ordered {n} × {item} in chat, paid.",
    "Wants to know if {other} fits the set.",
    "Tasting booked for {day} at {time}.",
    "Parcel is late; tracked it, due {day}.",
    "Returns {item}, unopened, agreed.",
];
const VISIT_EN: &[&str] = &[
    "Tasted three in the shop, took {n} of {drink}.",
    "Looked at the site: the counter needs {days} cm more for the machine.",
    "Ten minutes at the fair, liked {other}.",
    "Service visit no. {n}, filter changed.",
    "Picked up {item} and asked when {other} is back.",
];
const NOTE_EN: &[&str] = &[
    "Birthday soon, put a sample of {drink} in the parcel.",
    "Orders about every {days} days, mostly {drink}.",
    "Allergic to jasmine, leave the scented teas out.",
    "Budget is about {n}0 a month.",
    "Handed to sales, wants {other}.",
];

const NEXT_ZH: &[&str] = &[
    "回电：{item}的报价",
    "确认{other}是否收到",
    "寄{drink}样品",
    "约{time}上门看场地",
    "跟进合同审批",
    "问试喝感受",
    "催付尾款，{n}件",
    "发{item}的团购方案",
    "回访使用情况：{item}",
    "补开发票后告知",
    "续租提醒：咖啡机",
    "生日祝福并推荐{other}",
    "再打一次，上次没接通",
    "核对{n}件的送货单",
];
const NEXT_EN: &[&str] = &[
    "Ring back about {item}",
    "Ask whether {other} arrived",
    "Send a sample of {drink}",
    "Site visit at {time}",
    "Chase the contract",
    "Ask how the tasting was",
    "Remind of the open invoice ({n} pieces)",
    "Send the offer for {n} × {item}",
    "Check in about {item}",
    "Renewal of the machine rental",
    "Birthday note, mention {other}",
    "Try again, no answer last time",
    "Confirm the delivery of {n} × {item}",
];

const DAYS_ZH: &[&str] = &["周一", "周二", "周三", "周四", "周五", "下周一", "下周三", "月底", "明天"];
const DAYS_EN: &[&str] =
    &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "next week", "the end of the month", "tomorrow"];
const TIMES_ZH: &[&str] = &["上午九点", "上午十点半", "下午两点", "下午三点", "下午四点半", "晚上七点"];
const TIMES_EN: &[&str] = &["9:00", "10:30", "14:00", "15:00", "16:30", "half past five"];

/// In which language something was said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// How a contact took place and what was said; `turn` counts the customer's contacts from the last one back.
pub(super) fn contact(dice: &mut Dice, tongue: Tongue, turn: u32) -> (InteractionKind, String) {
    let kind = dice.weighted(&[
        (42, InteractionKind::Call),
        (18, InteractionKind::Email),
        (24, InteractionKind::Chat),
        (7, InteractionKind::Visit),
        (9, InteractionKind::Note),
    ]);
    let list = match (kind, tongue) {
        (InteractionKind::Call, Tongue::Zh) => CALL_ZH,
        (InteractionKind::Email, Tongue::Zh) => EMAIL_ZH,
        (InteractionKind::Chat, Tongue::Zh) => CHAT_ZH,
        (InteractionKind::Visit, Tongue::Zh) => VISIT_ZH,
        (InteractionKind::Note, Tongue::Zh) => NOTE_ZH,
        (InteractionKind::Call, Tongue::En) => CALL_EN,
        (InteractionKind::Email, Tongue::En) => EMAIL_EN,
        (InteractionKind::Chat, Tongue::En) => CHAT_EN,
        (InteractionKind::Visit, Tongue::En) => VISIT_EN,
        (InteractionKind::Note, Tongue::En) => NOTE_EN,
    };
    let template = dice.apart(list, turn);
    (kind, filled(dice, template, tongue))
}

/// What is to be done next.
pub(super) fn next(dice: &mut Dice, tongue: Tongue) -> String {
    let template = dice.pick(if tongue == Tongue::Zh { NEXT_ZH } else { NEXT_EN });
    filled(dice, template, tongue)
}

/// The template with its slots filled.
fn filled(dice: &mut Dice, template: &str, tongue: Tongue) -> String {
    let zh = tongue == Tongue::Zh;
    let mut out = String::with_capacity(template.len() + 48);
    let mut rest = template;
    while let Some((before, slotted)) = rest.split_once('{') {
        out.push_str(before);
        let (slot, after) = slotted.split_once('}').unwrap_or((slotted, ""));
        match slot {
            "item" | "other" | "drink" => {
                let ware = match slot {
                    "item" => dice.skewed(WARES),
                    "other" => dice.pick(WARES),
                    _ => drink(dice),
                };
                out.push_str(Ware::spoken(if zh { ware.zh } else { ware.en }));
            }
            "day" => out.push_str(dice.pick(if zh { DAYS_ZH } else { DAYS_EN })),
            "time" => out.push_str(dice.pick(if zh { TIMES_ZH } else { TIMES_EN })),
            "days" => out.push_str(&dice.between(7, 60).to_string()),
            _ => out.push_str(&dice.between(2, 12).min(dice.between(2, 30)).to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Something that is drunk: most wares are, so a few draws find one.
fn drink(dice: &mut Dice) -> Ware {
    let mut ware = dice.skewed(WARES);
    for _ in 0..8 {
        if ware.drink {
            break;
        }
        ware = dice.skewed(WARES);
    }
    ware
}
