//! Saved views, and the columns of lists, as they are stored.
//!
//! **Invariant:** a view of the first version, which knew of no columns, is read as one with the standard ones.

use super::codec::{Reading, Record, Writing};
use crate::domain::columns::{Chosen, Column, Columns, Part};
use crate::domain::field::FieldKey;
use crate::domain::id::{SavedViewId, StaffId};
use crate::domain::saved_view::{SavedView, Sharing, Sort};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for SavedView {
    const VERSION: u8 = 2;
    const KIND: &'static str = "saved view";

    fn write(&self, to: &mut Writing) {
        to.uint(self.id.0).uint(self.by.0).text(self.name.as_str()).text(self.query.as_str());
        to.uint(self.sort.place()).uint(self.sharing.place());
        write_columns(to, &self.columns);
    }

    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError> {
        Ok(Self {
            id: SavedViewId(from.uint()?),
            by: StaffId(from.small()?),
            name: Printable::line(&from.text()?),
            query: Printable::line(&from.text()?),
            sort: from.place(Sort::from_place)?,
            sharing: from.place(Sharing::from_place)?,
            columns: if version >= 2 { read_columns(from)? } else { Columns::Standard },
        })
    }
}

/// What is written before the key of a field; parts that are no fields are numbered in their order, from 1.
const FIELD: u64 = 0;

fn place(part: &Part) -> u64 {
    let at = Part::built_in().position(|known| known == *part);
    at.and_then(|at| u64::try_from(at).ok()).map_or(FIELD, |at| at + 1)
}

/// Writes columns.
pub(super) fn write_columns(to: &mut Writing, columns: &Columns) {
    let chosen = if let Columns::Chosen(chosen) = columns { Some(chosen) } else { None };
    to.maybe(chosen, |to, chosen| {
        to.list(chosen.columns(), |to, Column { part, width }| {
            to.uint(place(part)).uint(*width);
            if let Part::Field(key) = part {
                to.text(key.as_str());
            }
        });
        to.uint(chosen.name());
    });
}

/// Reads columns.
pub(super) fn read_columns(from: &mut Reading<'_>) -> Result<Columns, StoreError> {
    let chosen = from.maybe(|from| {
        let columns = from.list(|from| {
            let (place, width): (usize, _) = (from.small()?, from.small()?);
            let part = match place.checked_sub(1) {
                None => FieldKey::new(&from.text()?).map(Part::Field),
                Some(at) => Part::built_in().nth(at),
            };
            Ok(Column { part: part.ok_or_else(|| from.fault())?, width })
        })?;
        Ok(Chosen::new(from.small()?, columns))
    })?;
    Ok(chosen.map_or(Columns::Standard, Columns::Chosen))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(columns: Columns) -> SavedView {
        let (name, query) = (Printable::line("Acme"), Printable::line("tag:vip"));
        let (id, by) = (SavedViewId(7), StaffId(3));
        SavedView { id, by, name, query, sort: Sort::Recent, sharing: Sharing::Shared, columns }
    }

    #[test]
    fn columns_read_back() {
        let column = |part, width| Column { part, width };
        let parts = Part::built_in().chain(FieldKey::new("company").map(Part::Field));
        let columns = Columns::Chosen(Chosen::new(30, parts.map(|part| column(part, 12))));
        for view in [view(columns), view(Columns::Standard), view(Columns::Chosen(Chosen::new(20, [])))] {
            assert_eq!(SavedView::from_bytes(&view.to_bytes()), Ok(view));
        }
    }

    #[test]
    fn a_view_of_the_first_version_has_the_standard_columns() {
        // Version, then id, person, name, query, order by last change, found by everybody.
        let old =
            [b"\x01\x07\x03\x64Acme\x67tag:vip".as_slice(), &[Sort::Recent.place(), Sharing::Shared.place()]].concat();
        assert_eq!(SavedView::from_bytes(&old), Ok(view(Columns::Standard)));
    }
}
