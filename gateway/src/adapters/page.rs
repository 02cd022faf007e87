//! Cuts a page out of a conversation's records, in the reader's own numbering; every store reads through it.

use crate::adapters::check::each_text;
use crate::ports::{Audience, RecordsQuery};
use gateway_core::stored::StoredRecord;
use protocol::limits::PAGE_BYTES_MAX;
use protocol::{Head, Number, Position, Record, RecordKind, Records};
use std::convert::Infallible;

/// Builds the answer to a query.
///
/// `rows` are the records the audience may see, ascending from the record the reader stands at,
/// or from the first where the reader stands at the beginning.
pub(crate) fn cut<E>(
    query: &RecordsQuery,
    head: Position,
    rows: impl IntoIterator<Item = Result<StoredRecord, E>>,
) -> Result<Records, E> {
    let mut rows = rows.into_iter();
    let mut page =
        Records { head: Head { conversation: query.conversation, position: head }, resync: false, records: Vec::new() };
    if !stands(query, head, rows.by_ref())? {
        page.resync = true;
        return Ok(page);
    }
    let mut bytes = 0;
    for row in rows.take(query.limit) {
        let row = row?;
        bytes += text_bytes(&row.what);
        if bytes > PAGE_BYTES_MAX && !page.records.is_empty() {
            break;
        }
        if let Some(number) = number_for(&row, query.audience) {
            page.records.push(told(row, number, query));
        }
    }
    Ok(page)
}

/// The record's number for an audience; none where it cannot see the record.
pub(crate) fn number_for(row: &StoredRecord, audience: Audience) -> Option<Number> {
    match audience {
        Audience::Full => Some(row.number),
        Audience::Public => row.public,
    }
}

/// Whether the reader's position is of this history; takes the record it stands at.
fn stands<E>(
    query: &RecordsQuery,
    head: Position,
    mut rows: impl Iterator<Item = Result<StoredRecord, E>>,
) -> Result<bool, E> {
    let after = query.after;
    if after.number == Number(0) {
        return Ok(after.tail == 0);
    }
    if after.number > head.number {
        return Ok(false);
    }
    let Some(row) = rows.next().transpose()? else { return Ok(false) };
    Ok(number_for(&row, query.audience) == Some(after.number) && row.tail() == after.tail)
}

fn told(row: StoredRecord, number: Number, query: &RecordsQuery) -> Record {
    let tail = row.tail();
    let command = row.command.filter(|_| row.author == Some(query.reader));
    Record { number, tail, id: row.id, at: row.at, command, what: row.what }
}

fn text_bytes(what: &RecordKind) -> usize {
    let mut bytes = 0;
    let Ok(()) = each_text(what, &mut |text| {
        bytes += text.len();
        Ok::<(), Infallible>(())
    });
    bytes
}
