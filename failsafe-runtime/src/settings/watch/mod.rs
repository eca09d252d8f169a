//! Settings that follow their files while the program runs.

mod applied;
mod chain;
mod eyes;
mod signal;

pub use applied::{Applied, Change};

use super::fault::{Origin, SettingsFault, verdict};
use super::{Settings, SettingsError, environment, read};
use crate::attempt::Counters;
use crate::events::{self, What};
use crate::label::Label;
use crate::listener;
use eyes::Eyes;
use signal::{Signal, Woken};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long files are left alone before they are read.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// How often they are looked at where the system does not tell of changes.
const POLL: Duration = Duration::from_secs(5);
/// How often reading is put off because a file has changed meanwhile.
const ROUNDS: u32 = 3;

/// Watches a file, with the environment as it is now: [`load`](super::load) that goes on.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("failsafe-watch-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("failsafe.toml");
/// # std::fs::write(&path, "[retry]\nmax = 5\n")?;
/// let watcher = failsafe::settings::watch(&path)
///     .on_applied(|applied| println!("settings:\n{applied}"))
///     .on_rejected(|error| eprintln!("settings are not valid, the last ones stay:\n{error}"))
///     .start()?;
/// // ... the program ...
/// drop(watcher);
/// # failsafe::settings::reset();
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
pub fn watch(path: impl AsRef<Path>) -> Watch {
    Watch::new().file(path).env()
}

/// Settings that are applied, and applied again whenever one of their files changes.
///
/// A reload is all or nothing: all files are read and judged together, and only if everything is right
/// they are put in force, in place of what was. Otherwise the last good settings stay, and it goes on
/// watching: a file that is right again is applied. Nothing is lost of what instances have counted.
///
/// It is the contents that count. Contents that were looked at already are neither applied nor
/// reported again, however often a file is written. A file that disappears, or is a folder or a pipe,
/// or becomes empty, is reported, and the last good settings stay; empty is what a file is that is just
/// being written, or for which the disk had no space. A comment in it takes everything back.
///
/// Watched are the folder of the file, every symbolic link on the way to it with its folder, and the
/// folders those are in: a file that is replaced by a rename, the links of a Kubernetes `ConfigMap`,
/// and a folder that is replaced are all seen.
///
/// Where the system cannot watch (its limits are reached, a folder may not be read), the files are
/// looked at every five seconds until it can. Network file systems often tell nothing of what other
/// machines do: for them there is [`poll`](Self::poll).
///
/// `apply` replaces all settings, so a process has one of these. What code sets beside the files is
/// added by [`settings`](Self::settings).
#[derive(Default)]
#[must_use = "settings are watched when it is started"]
pub struct Watch {
    sources: Vec<Source>,
    listeners: Listeners,
    debounce: Option<Duration>,
    poll: Option<Duration>,
}

/// What settings are made of, from weak to strong.
enum Source {
    File(PathBuf),
    Environment(Variables),
    Fixed(Settings),
}

/// The environment as it was, which can be about policies that a file defines.
type Variables = Vec<(OsString, OsString)>;

type Listener<E> = Box<dyn Fn(&E) + Send + Sync>;

#[derive(Default)]
struct Listeners {
    applied: Vec<Listener<Applied>>,
    rejected: Vec<Listener<SettingsError>>,
}

impl Watch {
    /// Nothing to watch yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, whose name ends in `.toml` or `.json`; it is stronger than those before it.
    pub fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.push(Source::File(path.as_ref().to_owned()));
        self
    }

    /// Adds the environment as it is now: [`Settings::env`].
    pub fn env(mut self) -> Self {
        self.sources.push(Source::Environment(std::env::vars_os().collect()));
        self
    }

    /// Adds settings that stay what they are: those of [`Settings::set`], for example.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.sources.push(Source::Fixed(settings));
        self
    }

    /// Hears what every reload has changed; not of the start.
    ///
    /// It is called on the thread that watches, or on that of [`Watcher::reload`], without a lock. A
    /// panic in it is caught, and reported as the event `listener_panicked`.
    pub fn on_applied(mut self, listener: impl Fn(&Applied) + Send + Sync + 'static) -> Self {
        self.listeners.applied.push(Box::new(listener));
        self
    }

    /// Hears everything that is wrong with settings that are not applied: once for each contents. It is
    /// called as [`on_applied`](Self::on_applied) is.
    pub fn on_rejected(
        mut self,
        listener: impl Fn(&SettingsError) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.rejected.push(Box::new(listener));
        self
    }

    /// How long the files must be left alone before they are read, so that a file that is written in
    /// pieces is read when it is whole. While they change all the time they are read after ten times
    /// as long. Default: 100 ms.
    pub fn debounce(mut self, time: Duration) -> Self {
        self.debounce = Some(time);
        self
    }

    /// Looks at the files so often as well, for file systems that do not tell of changes, such as NFS.
    /// Default: never where the system can watch them, every 5 seconds where it cannot. Less than a
    /// millisecond is a millisecond.
    pub fn poll(mut self, every: Duration) -> Self {
        self.poll = Some(every.max(Duration::from_millis(1)));
        self
    }

    /// Applies the settings, and watches their files until the [`Watcher`] is dropped. Nothing happens
    /// unseen in between.
    ///
    /// It starts one thread, `failsafe-watch`, beside the one that the crate `notify` hears the system
    /// with. It needs no async runtime.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the settings; a file that is missing, too. Then nothing has
    /// changed, and nothing is watched.
    pub fn start(self) -> Result<Watcher, SettingsError> {
        let signal = Arc::new(Signal::default());
        let poll = self.poll;
        let shared = Arc::new(Shared::new(self, Arc::clone(&signal))?);
        let files: Vec<_> = shared.files().map(|file| file.absolute.clone()).collect();
        let mut eyes = Eyes::new(signal);
        // Before the files are read: what changes from here on is seen.
        eyes.look_at(&files, false);
        let thread = {
            let shared = Arc::clone(&shared);
            let run = move || shared.run(eyes, &files, poll);
            thread::Builder::new().name("failsafe-watch".to_owned()).spawn(run)
        };
        let thread = thread.map_err(|error| {
            let message = format!("they cannot be watched: {error}");
            error_of(&Origin::File(shared.label.name().into()), message)
        })?;
        let watcher = Watcher { shared, thread: Some(thread) };
        // The thread waits for its first news; of a first failure nobody hears but the caller.
        match watcher.shared.look(Look::Anyway) {
            Some(Err(error)) => Err(error),
            _ => Ok(watcher),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.sources.iter().filter_map(|source| match source {
            Source::File(path) => Some(path),
            Source::Environment(_) | Source::Fixed(_) => None,
        });
        f.debug_struct("Watch").field("files", &files.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

fn error_of(origin: &Origin, message: String) -> SettingsError {
    SettingsError::of(vec![SettingsFault::new(origin, message)])
}

/// Watches the files of some settings until it is dropped; see [`Watch`].
///
/// When it is dropped, the settings in force stay, the thread has ended and no listener is called any
/// more. (Dropped by its own listener, it ends after that.)
#[must_use = "watching ends when this is dropped"]
pub struct Watcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Reads the files now and applies them, even if nothing has changed: for a handler of `SIGHUP`, or
    /// an API. Listeners and events tell it, too.
    ///
    /// # Errors
    ///
    /// Everything that is wrong; then the settings in force stay.
    ///
    /// # Deadlocks
    ///
    /// It waits for a reload that is going on, so it may not be called by listeners of policies, which
    /// a reload can cause to be called. Those of this watcher may call it.
    pub fn reload(&self) -> Result<Applied, SettingsError> {
        let looked = self.shared.look(Look::Anyway);
        let result = looked.unwrap_or(Ok(Applied::default()));
        self.shared.tell(&result);
        result
    }

    /// What is wrong with the files as they were read last; `None` when they are in force. For a health
    /// check.
    pub fn rejected(&self) -> Option<SettingsError> {
        self.shared.rejected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.signal.stop();
        if let Some(thread) = self.thread.take() {
            if thread.thread().id() != thread::current().id() {
                // It catches the panics of listeners.
                let _ = thread.join();
            }
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("files", &self.shared.label).finish_non_exhaustive()
    }
}

/// A file, as it is called and where it is whatever becomes of the working directory.
struct File {
    name: String,
    absolute: PathBuf,
}

enum Part {
    File(File),
    Environment(Variables),
    Fixed(Settings),
}

/// What a file says, or why it cannot be read.
type Contents = Result<(read::Format, String), SettingsFault>;

/// What was read last.
#[derive(Default)]
struct Last {
    contents: Vec<Contents>,
    /// Of the files in force, those that are empty.
    empty: Vec<bool>,
}

/// Whether to look again at what was looked at already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    IfNew,
    /// The same, and not while somebody writes.
    IfNewAndQuiet,
    Anyway,
}

struct Shared {
    parts: Vec<Part>,
    listeners: Listeners,
    debounce: Duration,
    label: Label,
    signal: Arc<Signal>,
    /// Locked from reading to applying, so that what was read last is what is in force.
    last: Mutex<Last>,
    rejected: Mutex<Option<SettingsError>>,
}

impl Shared {
    fn new(watch: Watch, signal: Arc<Signal>) -> Result<Self, SettingsError> {
        let part = |source| match source {
            Source::Fixed(settings) => Ok(Part::Fixed(settings)),
            Source::Environment(variables) => Ok(Part::Environment(variables)),
            Source::File(path) => {
                let name = path.display().to_string();
                match std::path::absolute(&path) {
                    Ok(absolute) => Ok(Part::File(File { name, absolute })),
                    Err(error) => {
                        let message = format!("it cannot be read: {error}");
                        Err(error_of(&Origin::File(name.as_str().into()), message))
                    }
                }
            }
        };
        let parts: Vec<_> = watch.sources.into_iter().map(part).collect::<Result<_, _>>()?;
        let mut shared = Self {
            parts,
            listeners: watch.listeners,
            debounce: watch.debounce.unwrap_or(DEBOUNCE),
            label: Label::Unnamed(&"settings"),
            signal,
            last: Mutex::default(),
            rejected: Mutex::default(),
        };
        let names: Vec<_> = shared.files().map(|file| file.name.as_str()).collect();
        shared.label = Label::Given(Arc::new(names.join(", ")));
        Ok(shared)
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        self.parts.iter().filter_map(|part| match part {
            Part::File(file) => Some(file),
            Part::Environment(_) | Part::Fixed(_) => None,
        })
    }

    /// Watches until it is stopped.
    fn run(&self, mut eyes: Eyes, files: &[PathBuf], poll: Option<Duration>) {
        let mut put_off = 0;
        loop {
            let poll = poll.or_else(|| eyes.are_blind().then_some(POLL));
            let lost = match self.signal.wait(poll, self.debounce) {
                Woken::Stopped => return,
                Woken::TimeToPoll => false,
                Woken::Changed { lost } => lost,
            };
            eyes.look_at(files, lost);
            let look = if put_off < ROUNDS { Look::IfNewAndQuiet } else { Look::IfNew };
            match self.look(look) {
                Some(result) => self.tell(&result),
                None if self.signal.has_news() => {
                    put_off += 1;
                    continue;
                }
                None => {}
            }
            put_off = 0;
        }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files, and applies them if they are new and right.
    fn look(&self, look: Look) -> Option<Result<Applied, SettingsError>> {
        let mut last = self.last();
        let contents = self.files().enumerate().map(|(place, file)| {
            let contents = read::contents(&file.absolute, &file.name)?;
            // Empty at the start is meant.
            if is_empty(&contents) && last.empty.get(place) == Some(&false) {
                let message = "it is empty, as if it were being written: a comment in it takes all \
                               settings back";
                return Err(SettingsFault::new(&Origin::File(file.name.as_str().into()), message));
            }
            Ok(contents)
        });
        let contents: Vec<Contents> = contents.collect();
        if look == Look::IfNewAndQuiet && self.signal.has_news() {
            return None;
        }
        if look != Look::Anyway && contents == last.contents {
            return None;
        }
        let result = self.judge(&contents).and_then(Settings::replace);
        let result = result.map(Applied::of);
        if result.is_ok() {
            last.empty = contents.iter().map(|one| one.as_ref().is_ok_and(is_empty)).collect();
        }
        last.contents = contents;
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) =
            result.as_ref().err().cloned();
        Some(result)
    }

    /// The settings that these contents are, or everything that is wrong with them.
    fn judge(&self, contents: &[Contents]) -> Result<Settings, SettingsError> {
        let (mut all, mut faults, mut unclear) = (Settings::new(), Vec::new(), Vec::new());
        let mut contents = contents.iter();
        for part in &self.parts {
            let reading = match part {
                Part::Fixed(settings) => {
                    all.merge(settings.clone());
                    continue;
                }
                Part::Environment(variables) => {
                    environment::variables(variables.iter().cloned(), &all.stacks)
                }
                Part::File(file) => match contents.next() {
                    Some(Ok((format, text))) => read::text(&file.name, text, *format, &all.stacks),
                    Some(Err(fault)) => read::missing(fault.clone()),
                    None => continue,
                },
            };
            faults.extend(all.take(reading, &mut unclear));
        }
        verdict(faults).map(|()| all)
    }

    /// Tells who wants to know.
    fn tell(&self, result: &Result<Applied, SettingsError>) {
        let call = |listener: &dyn Fn()| {
            listener::call("settings", &self.label, Counters::NONE, listener);
        };
        let emit = |what| events::emit("settings", || self.label.clone(), Counters::NONE, what);
        match result {
            Ok(applied) => {
                emit(What::SettingsApplied);
                self.listeners.applied.iter().for_each(|listener| call(&|| listener(applied)));
            }
            Err(error) => {
                emit(What::SettingsRejected);
                self.listeners.rejected.iter().for_each(|listener| call(&|| listener(error)));
            }
        }
    }
}

fn is_empty((_, text): &(read::Format, String)) -> bool {
    text.trim().is_empty()
}
