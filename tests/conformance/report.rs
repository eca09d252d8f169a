//! What was compared, what was left out and why, and what differed.

use super::differences::Handling;
use super::file::VectorFile;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The replay of one file as it goes on.
pub(crate) struct Replay<'a> {
    file: &'a VectorFile,
    step: Option<usize>,
    compared: usize,
    left_out: BTreeMap<String, BTreeSet<usize>>,
    skipped: Option<String>,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(file: &'a VectorFile) -> Self {
        Self { file, step: None, compared: 0, left_out: BTreeMap::new(), skipped: None }
    }

    /// The file is not for us.
    pub(crate) fn skip_file(&mut self, why: String) {
        self.skipped = Some(why);
    }

    /// Begins a step, unless a quirk ends the replay at it.
    pub(crate) fn begin(&mut self, step: usize) -> bool {
        self.step = Some(step);
        let ends = self.file.quirks_at(step).find(|(_, handling)| *handling == Handling::End);
        if let Some((quirk, _)) = ends {
            self.end(quirk);
            return false;
        }
        self.compared += 1;
        true
    }

    /// Whether a quirk that is handled so shows at this step or has shown before.
    pub(crate) fn quirk(&self, handling: Handling) -> Option<&'a str> {
        let step = self.step?;
        self.file.quirks_at(step).find(|(_, other)| *other == handling).map(|(quirk, _)| quirk)
    }

    /// Something of this step is left out for a quirk.
    pub(crate) fn leave_out(&mut self, quirk: &str) {
        let step = self.step.unwrap_or_default();
        self.left_out.entry(quirk.to_owned()).or_default().insert(step);
    }

    /// Nothing of this step is compared.
    pub(crate) fn leave_out_all(&mut self, quirk: &str) {
        self.compared -= 1;
        self.leave_out(quirk);
    }

    /// The state has parted at this step: nothing is compared from here on.
    pub(crate) fn end(&mut self, quirk: &str) {
        let first = self.step.unwrap_or_default();
        let rest = first..self.file.steps.len();
        self.left_out.entry(quirk.to_owned()).or_default().extend(rest);
    }

    /// As [`end`](Self::end), after the step had begun.
    pub(crate) fn end_within(&mut self, quirk: &str) {
        self.compared -= 1;
        self.end(quirk);
    }

    pub(crate) fn place(&self) -> String {
        self.step.map_or_else(|| "config".to_owned(), |step| format!("step {step}"))
    }
}

#[derive(Default)]
struct Tally {
    files: usize,
    steps: usize,
    left_out: BTreeMap<String, usize>,
    skipped: Vec<String>,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Report {
    policies: BTreeMap<String, Tally>,
    failures: Vec<String>,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }

    pub(crate) fn fail(&mut self, name: &str, why: impl fmt::Display) {
        self.failures.push(format!("{name}: {why}"));
    }

    pub(crate) fn skip(&mut self, policy: &str, why: String) {
        self.policies.entry(policy.to_owned()).or_default().skipped.push(why);
    }

    pub(crate) fn add(
        &mut self,
        policy: &str,
        name: &str,
        replay: Replay<'_>,
        outcome: Result<(), String>,
    ) {
        if let Some(why) = replay.skipped {
            self.skip(policy, why);
            return;
        }
        let tally = self.policies.entry(policy.to_owned()).or_default();
        tally.files += 1;
        tally.steps += replay.compared;
        for (quirk, steps) in replay.left_out {
            *tally.left_out.entry(quirk).or_default() += steps.len();
        }
        if let Err(why) = outcome {
            self.fail(name, why);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (policy, tally) in &self.policies {
            if tally.files > 0 {
                let (files, steps) = (tally.files, tally.steps);
                writeln!(f, "{policy}: {files} files, {steps} steps compared")?;
            }
            for (quirk, steps) in &tally.left_out {
                writeln!(f, "    {steps} steps skipped, in part or whole: {quirk}")?;
            }
            let mut reasons = BTreeMap::<_, usize>::new();
            for reason in &tally.skipped {
                *reasons.entry(reason).or_default() += 1;
            }
            for (reason, files) in reasons {
                writeln!(f, "{policy}: {files} files skipped: {reason}")?;
            }
        }
        for failure in &self.failures {
            writeln!(f, "DIFFERS {failure}")?;
        }
        writeln!(f, "{} files differ", self.failures.len())
    }
}
