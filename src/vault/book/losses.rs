//! Why customers are lost: one row for each of whom it was said.
//!
//! **Invariant:** a row goes with its customer; whoever writes a stage keeps the row to those who are lost.

use crate::domain::id::CustomerId;
use crate::domain::loss::Loss;
use crate::vault::records::Record;
use crate::vault::store::{Get, Put, StoreError, Table};

/// Where a customer's row stands.
pub fn place(customer: CustomerId) -> [u8; 8] {
    customer.0.to_be_bytes()
}

/// Why a customer is lost, where it was said.
pub fn get(from: &dyn Get, customer: CustomerId) -> Result<Option<Loss>, StoreError> {
    from.get(Table::Losses, &place(customer))?.map(|bytes| Loss::from_bytes(&bytes)).transpose()
}

/// Says why, or takes back what was said.
pub fn put(to: &mut dyn Put, customer: CustomerId, loss: Option<&Loss>) -> Result<(), StoreError> {
    match loss {
        Some(loss) => to.put(Table::Losses, &place(customer), &loss.to_bytes()),
        None => to.remove(Table::Losses, &place(customer)),
    }
}
