//! Finds messages by the words in them.
//!
//! Texts and questions are cut into words here, so that the database's language has no say, and what a user types never
//! becomes query syntax: a word holds letters and digits only.

use super::columns::{get, number};
use super::connection::Connection;
use super::reader::bounded;
use crate::adapters::fault::Fault;
use crate::adapters::fold::words;
use crate::adapters::limits::{SNIPPET_CHARS_MAX, WORD_CHARS_MAX};
use crate::ports::{Hit, SearchQuery};
use gateway_core::ids::SiteId;
use protocol::{ConversationId, MessageId, Number};
use std::fmt::Write;
use tokio_postgres::Row;

/// Words of one text that have a place in its vector; a longer text is found by those before.
const PLACES_MAX: usize = 16_383;

/// A question, as the database takes it.
pub(super) struct Asked {
    query: String,
    /// The first word, around which a hit is shown.
    first: String,
}

impl Asked {
    /// All words must occur, those without a space between them one behind the other; the last may be a beginning.
    /// None when there is nothing to look for.
    pub fn of(asked: &str, site: SiteId) -> Option<Self> {
        let phrases = asked.split_whitespace().map(cut).filter(|phrase| !phrase.is_empty());
        let phrases: Vec<Vec<String>> = phrases.collect();
        let first = phrases.first()?.first()?.clone();
        let phrases: Vec<String> = phrases
            .iter()
            .map(|phrase| {
                format!("({})", phrase.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" <-> "))
            })
            .collect();
        let mut query = format!("{} & {}", scope(site), phrases.join(" & "));
        // Before the last closing bracket.
        query.insert_str(query.len() - 1, ":*");
        Some(Self { query, first })
    }
}

/// What is stored of a text, and of its site.
pub(super) fn vector(text: &str, site: SiteId) -> String {
    let mut vector = scope(site);
    for (word, place) in cut(text).into_iter().zip(1..=PLACES_MAX) {
        // Writing to a string cannot fail.
        let _ = write!(vector, " '{word}':{place}");
    }
    vector
}

/// The site as a word: no text holds one with a space in it.
fn scope(site: SiteId) -> String {
    format!("'site {}'", site.0)
}

fn cut(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.chars().take(WORD_CHARS_MAX).collect()).collect()
}

/// The messages that match, the latest first.
pub(super) async fn find(connection: &Connection, asked: &Asked, query: &SearchQuery) -> Result<Vec<Hit>, Fault> {
    let sql = "SELECT search.sequence, search.conversation, search.message, search.number, search.at, record.body \
         FROM search JOIN record ON record.site = search.site AND record.sequence = search.sequence \
         WHERE search.words @@ $1::text::tsquery AND search.site = $2 AND search.sequence < $3 \
         AND record.body IS NOT NULL ORDER BY search.sequence DESC LIMIT $4";
    let before = query.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let rows = connection.query(sql, &[&asked.query, &query.site.0, &before, &bounded(query.limit)]).await?;
    rows.iter().map(|row| read(row, &asked.first)).collect()
}

fn read(row: &Row, first: &str) -> Result<Hit, Fault> {
    Ok(Hit {
        cursor: number(row, 0)?,
        conversation: ConversationId(get(row, 1)?),
        message: MessageId(get(row, 2)?),
        number: Number(number(row, 3)?),
        at: number(row, 4)?,
        snippet: snippet(&get::<String>(row, 5)?, first),
    })
}

/// The text around the first word that begins like the one asked for.
fn snippet(body: &str, first: &str) -> String {
    if body.chars().count() <= SNIPPET_CHARS_MAX {
        return body.to_owned();
    }
    let mut seen = 0;
    let is_hit = |piece: &str| cut(piece).iter().any(|word| word.starts_with(first));
    for piece in body.split_inclusive(char::is_whitespace) {
        if is_hit(piece) {
            break;
        }
        seen += piece.chars().count();
    }
    let all = body.chars().count();
    let from = if seen == all { 0 } else { seen.saturating_sub(SNIPPET_CHARS_MAX / 3).min(all - SNIPPET_CHARS_MAX) };
    let text: String = body.chars().skip(from).take(SNIPPET_CHARS_MAX).collect();
    let (before, behind) = (if from > 0 { "…" } else { "" }, if from + SNIPPET_CHARS_MAX < all { "…" } else { "" });
    format!("{before}{text}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_words_and_nothing_else() {
        let query = |asked| Asked::of(asked, SiteId(7)).map(|asked| asked.query);
        assert_eq!(query("Grüße, aus"), Some("'site 7' & ('gruße') & ('aus':*)".to_owned()));
        assert_eq!(query("body:al'pha"), Some("'site 7' & ('body' <-> 'al' <-> 'pha':*)".to_owned()));
        assert_eq!(query(" - ' & \0"), None);
    }

    #[test]
    fn a_snippet_shows_the_first_match() {
        let body = format!("{}the parcel is here {}", "word ".repeat(60), "tail ".repeat(60));
        let snippet = snippet(&body, "parc");
        assert!(snippet.contains("the parcel is here"));
        assert!(snippet.starts_with('…') && snippet.ends_with('…'));
        assert!(snippet.chars().count() <= SNIPPET_CHARS_MAX + 2);
    }
}
