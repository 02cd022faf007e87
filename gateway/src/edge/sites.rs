//! Sites as the edge must know them: which keys there are, and which origins each lists.
//!
//! One copy of all enabled sites, read anew every second by its own task, so that a request costs no query and an
//! unknown key no memory.

use crate::origin::Origin;
use crate::ports::{Site, Store, StoreError};
use arc_swap::ArcSwap;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Settings are at most this old; a site that was just created is found as soon.
const REFRESH_MS: u64 = 900;
/// Where the store does not answer, the last copy stands.
const READ_MS_MAX: u64 = 5_000;

/// An enabled site.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownSite {
    pub site: Site,
    pub origins: Vec<Origin>,
}

impl KnownSite {
    fn new(site: Site) -> Self {
        let origins = site.origins.iter().filter_map(|origin| Origin::parse(origin)).collect();
        Self { site, origins }
    }

    /// Whether the site's administrator listed the origin.
    #[must_use]
    pub fn lists(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }
}

#[derive(Debug, Default)]
struct Copy {
    by_key: HashMap<Box<str>, Arc<KnownSite>>,
    origins: HashSet<Origin>,
}

/// The copy, and who keeps it fresh.
#[derive(Debug, Default)]
pub struct Sites {
    copy: ArcSwap<Copy>,
    changed: Notify,
    is_fresh: AtomicBool,
}

impl Sites {
    /// The enabled site of this key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Arc<KnownSite>> {
        self.copy.load().by_key.get(key).cloned()
    }

    /// Whether any enabled site lists the origin.
    #[must_use]
    pub fn any_lists(&self, origin: &Origin) -> bool {
        self.copy.load().origins.contains(origin)
    }

    /// Has the copy read anew at once: sites were changed on this node.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    /// Reads all sites; those that are as before keep their place in memory, which sockets share.
    ///
    /// # Errors
    /// The store does not answer; the copy stays as it was.
    pub async fn refresh(&self, store: &dyn Store) -> Result<(), StoreError> {
        let sites = store.sites().await?;
        let before = self.copy.load_full();
        let mut copy = Copy::default();
        for site in sites.into_iter().filter(|site| site.enabled) {
            let known = match before.by_key.get(site.key.as_str()) {
                Some(known) if known.site == site => Arc::clone(known),
                Some(_) | None => Arc::new(KnownSite::new(site)),
            };
            copy.origins.extend(known.origins.iter().cloned());
            copy.by_key.insert(known.site.key.as_str().into(), known);
        }
        self.copy.store(Arc::new(copy));
        self.is_fresh.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the store answered when it was last asked.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.is_fresh.load(Ordering::Relaxed)
    }

    /// Keeps the copy fresh until `stop`.
    pub async fn keep_fresh(&self, store: &dyn Store, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(REFRESH_MS)) => {}
            }
            let read = tokio::time::timeout(Duration::from_millis(READ_MS_MAX), self.refresh(store)).await;
            let is_fresh = matches!(read, Ok(Ok(())));
            let was_fresh = self.is_fresh.swap(is_fresh, Ordering::Relaxed);
            if was_fresh && !is_fresh {
                tracing::warn!(?read, "sites cannot be read; the last copy stands");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::testing::{FakeStore, site};

    #[tokio::test]
    async fn a_disabled_site_is_unknown_and_so_are_its_origins() {
        let store = FakeStore::with(vec![
            site("shop", &["https://shop.example"]),
            Site { enabled: false, ..site("old", &["https://old.example"]) },
        ]);
        let sites = Sites::default();
        sites.refresh(&store).await.unwrap();
        assert!(sites.find("shop").is_some());
        assert!(sites.find("old").is_none());
        assert!(sites.any_lists(&Origin::parse("https://shop.example").unwrap()));
        assert!(!sites.any_lists(&Origin::parse("https://old.example").unwrap()));
    }

    #[tokio::test]
    async fn a_site_that_did_not_change_keeps_its_place_in_memory() {
        let store = FakeStore::with(vec![site("shop", &["https://shop.example"])]);
        let sites = Sites::default();
        sites.refresh(&store).await.unwrap();
        let first = sites.find("shop").unwrap();
        sites.refresh(&store).await.unwrap();
        assert!(Arc::ptr_eq(&first, &sites.find("shop").unwrap()));
        store.set(vec![site("shop", &["https://new.example"])]);
        sites.refresh(&store).await.unwrap();
        assert!(!Arc::ptr_eq(&first, &sites.find("shop").unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_site_is_found_within_a_second_and_while_the_store_is_away_the_old_ones_are() {
        let store = FakeStore::with(vec![site("shop", &[])]);
        let (sites, stop) = (Sites::default(), CancellationToken::new());
        let story = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(sites.find("shop").is_some());
            store.fail();
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert!(sites.find("shop").is_some());
            assert!(!sites.is_fresh());
            stop.cancel();
        };
        tokio::join!(sites.keep_fresh(&store, &stop), story);
    }
}
