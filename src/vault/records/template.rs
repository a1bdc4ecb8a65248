//! Templates as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::{StaffId, TemplateId};
use crate::domain::interaction::InteractionKind;
use crate::domain::template::Template;
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Template {
    const VERSION: u8 = 1;
    const KIND: &'static str = "template";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.version).text(self.name.as_str()).uint(self.kind.place());
        to.text(self.text.as_str()).uint(self.by.0);
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: TemplateId(from.uint()?),
            version: from.uint()?,
            name: Printable::line(&from.text()?),
            kind: from.place(InteractionKind::from_place)?,
            text: Printable::lines(&from.text()?),
            by: StaffId(from.small()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_as_it_was_written() {
        let template = Template {
            id: TemplateId(3),
            version: 2,
            name: "欢迎".into(),
            kind: InteractionKind::Email,
            text: Printable::lines("您好{name}\n{me}"),
            by: StaffId(4),
        };
        assert_eq!(Template::from_bytes(&template.to_bytes()), Ok(template));
    }
}
