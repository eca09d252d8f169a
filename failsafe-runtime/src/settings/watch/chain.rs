//! What decides which contents a path leads to: the file, and every link on the way.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// The most links that are followed, as by the systems.
const MOST_LINKS: u32 = 40;

/// Where kqueue is all there is, what is written to a file is only heard of the file itself.
const WATCH_FILES: bool = cfg!(any(
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "netbsd",
    target_os = "dragonfly"
));

/// What to watch so that nothing happens unheard to some files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// The folders that have the file or a link to it, and those they are in: as long as a folder is
    /// missing, that is where it will be made. Free of links, so that each is there once.
    pub(super) folders: BTreeSet<PathBuf>,
    /// The names in them that matter. A folder is often shared with others.
    pub(super) names: BTreeSet<OsString>,
}

impl Chain {
    /// The chain of these files, whose paths are absolute, as it is now.
    pub(super) fn of<'a>(files: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut chain = Self::default();
        for file in files {
            chain.follow(file);
        }
        chain
    }

    fn follow(&mut self, file: &Path) {
        let mut folder = PathBuf::new();
        let mut rest: VecDeque<OsString> = words(file);
        let mut links = 0;
        while let Some(word) = rest.pop_front() {
            let path = folder.join(&word);
            let last = rest.is_empty();
            match Path::new(&word).components().next() {
                Some(Component::ParentDir) => drop(folder.pop()),
                Some(Component::Normal(_)) => {
                    let target = std::fs::read_link(&path).ok().filter(|_| links < MOST_LINKS);
                    let is_folder = target.is_none() && path.is_dir();
                    self.names.insert(word);
                    if let Some(target) = target {
                        links += 1;
                        self.watch(&folder);
                        if target.is_absolute() {
                            folder.clear();
                        }
                        let mut before = words(&target);
                        before.append(&mut rest);
                        rest = before;
                    } else if last || !is_folder {
                        self.watch(&folder);
                        if WATCH_FILES && last {
                            self.folders.insert(path);
                        }
                        return;
                    } else {
                        folder = path;
                    }
                }
                _ => folder = path,
            }
        }
    }

    fn watch(&mut self, folder: &Path) {
        self.folders.insert(folder.to_owned());
        self.folders.extend(folder.parent().map(Path::to_owned));
    }

    /// Whether it matters what happened to a path.
    pub(super) fn has(&self, path: &Path) -> bool {
        // Not every system tells names in the case in which they were asked for.
        let is = |name: &OsStr| self.names.iter().any(|known| known.eq_ignore_ascii_case(name));
        path.file_name().is_none_or(is)
    }
}

/// The words of a path, without those that mean nothing.
fn words(path: &Path) -> VecDeque<OsString> {
    let all = path.components().filter(|word| *word != Component::CurDir);
    all.map(|word| word.as_os_str().to_owned()).collect()
}
