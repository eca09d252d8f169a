//! What happens to files, and what is heard of it. Nothing sleeps: a test waits for a listener.

use super::load::Alone;
use failsafe::Retry;
use failsafe::events::What;
use failsafe::settings::{Watch, Watcher};
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

static FOLLOWED: Retry = failsafe::policy!(retry(name = "followed", max = 1, delay = "1s"));

/// Far more than any of it takes.
const LONGEST: Duration = Duration::from_secs(60);

fn max() -> u32 {
    FOLLOWED.config().get_max().unwrap()
}

fn says(max: u32) -> String {
    format!("[retry.followed]\nmax = {max}\n")
}

/// What listeners heard: the settings in force then, or what is wrong.
type Heard = Receiver<Result<u32, String>>;

fn watch(files: &[&Path]) -> (Watcher, Heard) {
    let (tell, heard) = channel();
    let tell_error = tell.clone();
    let watch = files.iter().fold(Watch::new(), Watch::file);
    let watcher = watch
        .debounce(Duration::from_millis(50))
        .on_applied(move |_| tell.send(Ok(max())).unwrap())
        .on_rejected(move |error| tell_error.send(Err(error.to_string())).unwrap())
        .start()
        .unwrap();
    (watcher, heard)
}

/// Waits until settings are applied; what was wrong until then.
fn applied(heard: &Heard, expected: u32) -> Vec<String> {
    let mut wrong = Vec::new();
    loop {
        match heard.recv_timeout(LONGEST).unwrap() {
            Ok(max) if max == expected => return wrong,
            Ok(max) => panic!("{max} instead of {expected}"),
            Err(error) => wrong.push(error),
        }
    }
}

fn rejected(heard: &Heard) -> String {
    heard.recv_timeout(LONGEST).unwrap().unwrap_err()
}

/// Nothing was heard but what was waited for.
fn silent(heard: &Heard) {
    assert_eq!(heard.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
}

#[test]
fn written_and_renamed_over() {
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    fs::write(&file, says(2)).unwrap();
    let (watcher, heard) = watch(&[&file]);
    assert_eq!(max(), 2);
    fs::write(&file, says(3)).unwrap();
    applied(&heard, 3);
    // An editor writes another file, and puts it there.
    for max in [4, 5] {
        let other = folder.path().join("4913");
        fs::write(&other, says(max)).unwrap();
        fs::rename(&other, &file).unwrap();
        applied(&heard, max);
    }
    // One that keeps the old file: for a moment there is none.
    fs::rename(&file, folder.path().join("failsafe.toml~")).unwrap();
    fs::write(&file, says(6)).unwrap();
    applied(&heard, 6);
    assert_eq!(watcher.rejected(), None);
    // The same again is not news, and neither is another file.
    fs::write(folder.path().join("other.toml"), "[").unwrap();
    fs::write(&file, says(6)).unwrap();
    fs::write(&file, says(7)).unwrap();
    applied(&heard, 7);
    silent(&heard);
    drop(watcher);
    fs::write(&file, says(8)).unwrap();
    // The listeners are gone with it.
    assert!(heard.recv().is_err());
    assert_eq!(max(), 7);
}

#[cfg(unix)]
#[test]
fn the_links_of_a_config_map() {
    use std::os::unix::fs::symlink;
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let publish = |version: &str, max: u32| {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("failsafe.toml"), says(max)).unwrap();
        symlink(version, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    publish("..2026_1", 2);
    symlink("..data/failsafe.toml", at("failsafe.toml")).unwrap();
    let (_watcher, heard) = watch(&[&at("failsafe.toml")]);
    for round in 2..6_u32 {
        publish(&format!("..2026_{round}"), round + 1);
        fs::remove_dir_all(at(&format!("..2026_{}", round - 1))).unwrap();
        assert_eq!(applied(&heard, round + 1), [] as [String; 0]);
    }
}

#[test]
fn a_bad_file_is_told_once_and_the_next_good_one_applied() {
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    fs::write(&file, says(2)).unwrap();
    let (watcher, heard) = watch(&[&file]);
    fs::write(&file, "[retry.followed]\nmax_retrys = 4\ndelay = 30").unwrap();
    let told = rejected(&heard);
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("failsafe.toml:2:1: unknown option `max_retrys`"), "{told}");
    assert_eq!((max(), watcher.rejected().unwrap().to_string()), (2, told));
    fs::write(&file, "[retry.followed]\nmax_retrys = 4\ndelay = 30").unwrap();
    fs::write(&file, says(3)).unwrap();
    assert_eq!(applied(&heard, 3), [] as [String; 0]);
    assert_eq!(watcher.rejected(), None);
    // Empty: what is left where the disk is full.
    fs::write(&file, "").unwrap();
    assert!(rejected(&heard).ends_with("a comment in it takes all settings back"));
    assert_eq!(max(), 3);
    fs::write(&file, "# nothing").unwrap();
    applied(&heard, 1);
    silent(&heard);
}

#[test]
fn gone_a_folder_and_back() {
    let _alone = Alone::new();
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("config");
    let file = folder.join("failsafe.toml");
    fs::create_dir(&folder).unwrap();
    fs::write(&file, says(2)).unwrap();
    let (_watcher, heard) = watch(&[&file]);
    fs::remove_file(&file).unwrap();
    assert!(rejected(&heard).contains("it cannot be read: "));
    fs::create_dir(&file).unwrap();
    assert!(rejected(&heard).ends_with("it cannot be read: it is no file"));
    assert_eq!(max(), 2);
    fs::remove_dir(&file).unwrap();
    fs::write(&file, says(3)).unwrap();
    applied(&heard, 3);
    // The whole folder goes, and another one comes.
    fs::remove_dir_all(&folder).unwrap();
    rejected(&heard);
    fs::create_dir(&folder).unwrap();
    fs::write(&file, says(4)).unwrap();
    applied(&heard, 4);
    let next = outer.path().join("next");
    fs::create_dir(&next).unwrap();
    fs::write(next.join("failsafe.toml"), says(5)).unwrap();
    fs::rename(&folder, outer.path().join("old")).unwrap();
    fs::rename(&next, &folder).unwrap();
    applied(&heard, 5);
}

#[test]
fn two_files_are_judged_together() {
    let _alone = Alone::new();
    let folders = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let base = folders.0.path().join("base.toml");
    let local = folders.1.path().join("local.json");
    fs::write(&base, says(2)).unwrap();
    fs::write(&local, "{}").unwrap();
    let (_watcher, heard) = watch(&[&base, &local]);
    fs::write(&local, r#"{ "retry": { "followed": { "max": 7 } } }"#).unwrap();
    applied(&heard, 7);
    fs::write(&base, "[retri]").unwrap();
    assert!(rejected(&heard).contains("did you mean `retry`?"));
    fs::write(&local, "{}").unwrap();
    rejected(&heard);
    assert_eq!(max(), 7);
    fs::write(&base, says(3)).unwrap();
    applied(&heard, 3);
}

#[test]
fn the_start_is_strict_and_a_reload_by_hand_tells_what_changed() {
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    let missing = failsafe::settings::watch(&file).start().unwrap_err();
    assert!(missing.to_string().contains("failsafe.toml: it cannot be read: "), "{missing}");
    fs::write(&file, says(2)).unwrap();
    let mut events = failsafe::events::subscribe();
    // Nobody but us looks.
    let watcher = Watch::new().file(&file).debounce(LONGEST).start().unwrap();
    failsafe::settings::reset();
    let applied = watcher.reload().unwrap();
    assert!(applied.to_string().starts_with("retry `followed` max: 1 -> 2 (policy "), "{applied}");
    let text = "[retry.followed]\nmax = 2\nbackoff = \"1s..4s\"\nobserve = true";
    fs::write(&file, text).unwrap();
    let applied = watcher.reload().unwrap();
    let options: Vec<_> = applied.changes().iter().map(|change| change.option).collect();
    assert_eq!(options, ["delay", "backoff", "mode"], "{applied}");
    assert_eq!(watcher.reload().unwrap().to_string(), "no option has changed");
    fs::write(&file, "[").unwrap();
    assert!(watcher.reload().is_err() && watcher.rejected().is_some());
    let whats: Vec<_> = events.drain().into_iter().map(|event| event.what).collect();
    let (yes, no) = (What::SettingsApplied, What::SettingsRejected);
    assert_eq!(whats, [yes, yes, yes, no]);
}
