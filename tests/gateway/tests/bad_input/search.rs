//! Row 69: words to search for that mean something to a database.

use crate::Case;
use gateway_tests::{Answer, Client, PATIENCE};
use std::time::{Duration, Instant};

/// The index follows the records by up to 2 s; there is nobody to say when.
const LOOK_EVERY: Duration = Duration::from_millis(100);

async fn search(case: &Case, query: &str) -> Answer {
    case.shared.agent.get(&format!("/api/v1/sites/shop/search?{query}")).await
}

fn hits(answer: &Answer) -> usize {
    answer.json()["hits"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn bad_input_69_signs_of_a_query_language_are_words_and_limits_are_capped() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    visitor.open("The zyzzyva is a weevil.").await;
    let begun = Instant::now();
    while hits(&search(&case, "q=zyzzyva").await) == 0 {
        assert!(begun.elapsed() < PATIENCE, "the word is not found");
        tokio::time::sleep(LOOK_EVERY).await;
    }

    for query in [
        "q=%25",
        "q=_",
        "q=%27",
        "q=%5C",
        "q=%22",
        "q=*",
        "q=%28",
        "q=zyzzyva%22+OR+%22weevil",
        "q=NEAR%28a+b%29",
        "q=zyzzyva+AND+NOT+weevil",
        "q=body%3Azyzzyva",
        "q=%27%3B+DROP+TABLE+records%3B--",
        "q=-zyzzyva",
        "q=%5E",
    ] {
        let answer = search(&case, query).await;
        assert!(matches!(answer.status, 200 | 422), "{query}: {} {}", answer.status, answer.text());
        assert!(answer.status == 422 || hits(&answer) <= 100, "{query}");
    }
    assert_eq!(hits(&search(&case, "q=%25").await), 0, "a sign of LIKE is taken for one");
    for query in ["q=", "", "q=%00", "q=a&limit=-1", "q=a&limit=x", "q=a&before=%27"] {
        assert_eq!(search(&case, query).await.status, 422, "{query}");
    }
    assert_eq!(search(&case, &format!("q={}", "a".repeat(10 * 1024))).await.status, 422);

    let capped = search(&case, "q=zyzzyva&limit=1000000000&sort=%3Bdrop").await;
    assert_eq!((capped.status, hits(&capped)), (200, 1), "{}", capped.text());
    let nobody = case.shared.shop.get("/api/v1/sites/shop/search?q=zyzzyva", &[]).await;
    assert_eq!(nobody.status, 401);
    let stranger = case.shared.stranger.get("/api/v1/sites/shop/search?q=zyzzyva").await;
    assert!(matches!(stranger.status, 403 | 404), "{}", stranger.status);
    case.end().await;
}
