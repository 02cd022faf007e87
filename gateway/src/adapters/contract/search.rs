//! Search: what is found, what is not, and that no input is syntax.

use super::samples::{Desk, Story};
use crate::adapters::contract::on_every_store;
use crate::ports::{Hit, SearchQuery, Store};
use gateway_core::stored::Append;
use proptest::prelude::{ProptestConfig, Strategy};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::sync::Arc;

on_every_store! {
    messages_and_notes_are_found_by_their_words
    the_last_word_may_be_a_beginning
    marks_and_case_do_not_matter
    hits_come_latest_first_and_continue
    another_sites_messages_are_not_found
    a_withdrawn_message_is_gone
    a_message_withdrawn_with_its_own_batch_is_never_found
    an_edited_message_is_found_by_its_latest_words_only
    an_edited_message_can_still_be_withdrawn
    syntax_is_only_text
    any_text_can_be_looked_for
}

async fn find(desk: &Desk, words: &str) -> Vec<Hit> {
    let query = SearchQuery { site: desk.site, words: words.to_owned(), before: None, limit: 50 };
    desk.store.search(query).await.unwrap()
}

async fn count(desk: &Desk, words: &str) -> usize {
    find(desk, words).await.len()
}

async fn messages_and_notes_are_found_by_their_words(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("the parcel has not arrived");
    let note = story.agent_notes("the parcel is in Leipzig");
    desk.tell(&mut story).await;
    let hits = find(&desk, "parcel arrived").await;
    assert_eq!(hits.len(), 1);
    let hit = &hits[0];
    assert_eq!((hit.conversation, hit.message, hit.number.0, hit.at), (story.id(), message, 1, 1_001));
    assert!(hit.snippet.contains("parcel"));
    assert_eq!(find(&desk, "leipzig").await[0].message, note);
    assert_eq!(count(&desk, "parcel").await, 2);
    assert_eq!(count(&desk, "parcel refund").await, 0);
}

async fn the_last_word_may_be_a_beginning(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("my invoice is wrong");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "invo").await, 1);
    assert_eq!(count(&desk, "wrong inv").await, 1);
    assert_eq!(count(&desk, "inv wrong").await, 0);
}

async fn marks_and_case_do_not_matter(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("Grüße aus Zürich, Café");
    desk.tell(&mut story).await;
    for words in ["ZURICH", "zürich", "grüße cafe", "Cafe\u{301}"] {
        assert_eq!(count(&desk, words).await, 1, "{words}");
    }
}

async fn hits_come_latest_first_and_continue(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    for number in 1..=5 {
        story.visitor_says(&format!("word {number}"));
    }
    desk.tell(&mut story).await;
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let query = SearchQuery { site: desk.site, words: "word".to_owned(), before, limit: 2 };
        let hits = store.search(query).await.unwrap();
        let Some(last) = hits.last() else { break };
        before = Some(last.cursor);
        seen.extend(hits.iter().map(|hit| hit.number.0));
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

async fn another_sites_messages_are_not_found(store: Arc<dyn Store>) {
    let (one, two) = (Desk::new(&store, "one").await, Desk::new(&store, "two").await);
    let mut story = Story::new(1);
    story.visitor_says("confidential");
    one.tell(&mut story).await;
    assert_eq!(count(&one, "confidential").await, 1);
    assert_eq!(count(&two, "confidential").await, 0);
    let site = one.site.0;
    for words in [format!("site{site}"), format!("scope:site{site}"), format!("\" OR scope : \"site{site}")] {
        assert_eq!(count(&two, &words).await, 0, "{words}");
        assert_eq!(count(&one, &words).await, 0, "{words}");
    }
}

async fn a_withdrawn_message_is_gone(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("my password is hunter2");
    story.visitor_says("password reset, please");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "password").await, 2);
    desk.append(Append { withdrawn: vec![(story.id(), message)], ..desk.batch() }).await.unwrap();
    assert_eq!(count(&desk, "password").await, 1);
    assert_eq!(count(&desk, "hunter2").await, 0);
}

async fn a_message_withdrawn_with_its_own_batch_is_never_found(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("hunter2");
    let withdrawn = vec![(story.id(), message)];
    desk.append(Append { withdrawn, ..desk.told(&mut story) }).await.unwrap();
    assert_eq!(count(&desk, "hunter2").await, 0);
}

async fn an_edited_message_is_found_by_its_latest_words_only(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("order apples");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "apples").await, 1);
    story.visitor_edits(message, "order pears");
    story.visitor_edits(message, "order plums");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "apples").await, 0);
    assert_eq!(count(&desk, "pears").await, 0);
    let hits = find(&desk, "plums").await;
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].message, hits[0].number.0, hits[0].at), (message, 1, 1_001));
}

async fn an_edited_message_can_still_be_withdrawn(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("apples");
    story.visitor_edits(message, "pears");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "pears").await, 1);
    desk.append(Append { withdrawn: vec![(story.id(), message)], ..desk.batch() }).await.unwrap();
    assert_eq!(count(&desk, "apples").await + count(&desk, "pears").await, 0);
}

async fn syntax_is_only_text(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("alpha NEAR beta");
    story.visitor_says("gamma");
    desk.tell(&mut story).await;
    assert_eq!(count(&desk, "alpha OR gamma").await, 0);
    assert_eq!(count(&desk, "alpha NOT gamma").await, 0);
    assert_eq!(count(&desk, "body:alpha").await, 0);
    assert_eq!(count(&desk, "NEAR(alpha").await, 0);
    assert_eq!(count(&desk, "alpha near").await, 1);
    for words in ["", "   ", "\"", "***", "\" \"", "-", "^", "(", ")", "{}", "+", ":", "\u{301}", "\0"] {
        assert_eq!(count(&desk, words).await, 0, "{words:?}");
    }
    assert_eq!(count(&desk, "- alpha \" *").await, 1);
}

async fn any_text_can_be_looked_for(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut runner = TestRunner::new(ProptestConfig::default());
    let texts = proptest::string::string_regex("[\\x00-\\x7f\u{300}äß日本*\"'(){}:^+-]{0,12}").unwrap();
    for _ in 0..100 {
        let words = texts.new_tree(&mut runner).unwrap().current();
        let query = SearchQuery { site: desk.site, words: words.clone(), before: Some(u64::MAX), limit: 5 };
        assert!(store.search(query).await.is_ok(), "{words:?}");
    }
}
