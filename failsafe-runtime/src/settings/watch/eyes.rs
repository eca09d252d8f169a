//! What the system says of files.

use super::chain::Chain;
use super::signal::{News, Signal};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How often the chain is followed anew while it changes under our hands.
const ROUNDS: u32 = 8;

/// Whether the system tells that whoever wrote to a file has closed it.
const TELLS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A folder that is watched: which one, and whether it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Watched {
    identity: Option<(u64, u64)>,
    heard: bool,
}

/// Watches all that some paths lead over, and tells a signal.
pub(super) struct Eyes {
    notify: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, Watched>,
    chain: Arc<Mutex<Chain>>,
    signal: Arc<Signal>,
}

impl Eyes {
    pub(super) fn new(signal: Arc<Signal>) -> Self {
        Self { notify: None, watched: BTreeMap::new(), chain: Arc::default(), signal }
    }

    /// Watches what the paths lead over now. What changes after this is heard, and what changed before
    /// it is there for who looks after it. `lost` says that a folder is not the one it was.
    pub(super) fn look_at(&mut self, files: &[PathBuf], lost: bool) {
        let forgotten = |watched: &Watched| lost || !watched.heard;
        let paths = self.watched.iter().filter(|(_, watched)| forgotten(watched));
        let paths: Vec<_> = paths.map(|(path, _)| path.clone()).collect();
        for path in paths {
            self.forget(&path);
        }
        if self.notify.is_none() {
            let (chain, signal) = (Arc::clone(&self.chain), Arc::clone(&self.signal));
            let hear = move |event| hear(&chain, &signal, event);
            self.notify = notify::recommended_watcher(hear).ok();
        }
        for _ in 0..ROUNDS {
            let chain = Chain::of(files.iter().map(PathBuf::as_path));
            let wanted: BTreeMap<_, _> =
                chain.folders.iter().map(|path| (path.clone(), identity(path))).collect();
            *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain;
            let there = self.watched.iter().map(|(path, watched)| (path, &watched.identity));
            if there.eq(&wanted) {
                return;
            }
            self.watch(&wanted);
        }
        // It changes all the time. Who looks now and then sees where it ends.
        self.signal.tell(News::Lost);
    }

    fn watch(&mut self, wanted: &BTreeMap<PathBuf, Option<(u64, u64)>>) {
        let others = self.watched.iter().filter(|(path, watched)| {
            wanted.get(*path).is_none_or(|identity| *identity != watched.identity)
        });
        let others: Vec<_> = others.map(|(path, _)| path.clone()).collect();
        for path in others {
            self.forget(&path);
        }
        for (path, identity) in wanted {
            if !self.watched.contains_key(path) {
                let mut notify = self.notify.as_mut();
                let heard = notify
                    .as_mut()
                    .is_some_and(|notify| notify.watch(path, RecursiveMode::NonRecursive).is_ok());
                self.watched.insert(path.clone(), Watched { identity: *identity, heard });
            }
        }
    }

    fn forget(&mut self, path: &Path) {
        self.watched.remove(path);
        if let Some(notify) = &mut self.notify {
            // It is gone already, if the folder is.
            let _ = notify.unwatch(path);
        }
    }

    /// Whether something can change unheard.
    pub(super) fn are_blind(&self) -> bool {
        self.notify.is_none() || self.watched.values().any(|watched| !watched.heard)
    }
}

impl fmt::Debug for Eyes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eyes").field("watched", &self.watched).finish_non_exhaustive()
    }
}

fn hear(chain: &Mutex<Chain>, signal: &Signal, event: notify::Result<Event>) {
    // What was missed is told without a path.
    let Ok(event) = event else { return signal.tell(News::Lost) };
    let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    if matches!(event.kind, EventKind::Access(_)) && event.kind != written {
        // Somebody reads, maybe we.
        return;
    }
    let chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
    let is_folder = |path: &PathBuf| chain.folders.contains(path);
    if event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(is_folder) {
        signal.tell(News::Lost);
    } else if event.paths.iter().any(|path| chain.has(path)) {
        signal.tell(match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) if TELLS_CLOSE => News::Writing,
            kind if kind == written => News::Written,
            _ => News::Changed,
        });
    }
}

/// Which folder a path is, as long as that one is there.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Which folder a path is: here a folder that is watched is not replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<(u64, u64)> {
    path.is_dir().then_some((0, 0))
}
