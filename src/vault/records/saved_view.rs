//! Saved views as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::id::{SavedViewId, StaffId};
use crate::domain::saved_view::{SavedView, Sharing, Sort};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for SavedView {
    const VERSION: u8 = 1;
    const KIND: &'static str = "saved view";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.by.0).text(self.name.as_str()).text(self.query.as_str());
        to.uint(self.sort.place()).uint(self.sharing.place());
    }

    fn read(from: &mut Reading<'_>, _: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: SavedViewId(from.uint()?),
            by: StaffId(from.small()?),
            name: Printable::line(&from.text()?),
            query: Printable::line(&from.text()?),
            sort: from.place(Sort::from_place)?,
            sharing: from.place(Sharing::from_place)?,
        })
    }
}
