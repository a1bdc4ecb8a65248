//! Why customers are lost: one row for each of whom it was said; and the list of reasons for it.
//!
//! **Invariant:** a row goes with its customer; whoever writes a stage keeps the row to those who are lost.

use std::ops::ControlFlow;

use crate::domain::id::CustomerId;
use crate::domain::loss::{Loss, LossReason};
use crate::domain::loss_reasons::LossReasons;
use crate::vault::records::Record;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way};

/// Where the list of reasons stands.
pub const REASONS: (Table, &[u8]) = (Table::Meta, b"loss reasons");

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

/// Looks at why customers are lost, one after the other.
pub fn visit(
    from: &dyn Get,
    each: &mut dyn FnMut(CustomerId, LossReason) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut fault = None;
    from.visit_prefix(Table::Losses, &[], Way::Up, &mut |key, value| match (
        KeyReader(key).last_u64(),
        Loss::from_bytes(value),
    ) {
        (Ok(id), Ok(loss)) => each(CustomerId(id), loss.why),
        (Err(error), _) | (_, Err(error)) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(()), Err)
}

/// The list of reasons in force.
pub fn reasons(from: &dyn Get) -> Result<LossReasons, StoreError> {
    let bytes = from.get(REASONS.0, REASONS.1)?;
    bytes.map_or_else(|| Ok(LossReasons::default()), |bytes| LossReasons::from_bytes(&bytes))
}

/// Sets the list of reasons.
pub fn put_reasons(to: &mut dyn Put, reasons: &LossReasons) -> Result<(), StoreError> {
    to.put(REASONS.0, REASONS.1, &reasons.to_bytes())
}
