//! The command line.

/// How many times faster `--fast` is.
pub(crate) const FAST: u32 = 20;

/// What can be asked for.
pub(crate) const USAGE: &str = "\
Two services and twelve policies: service A calls service B, which misbehaves.

usage: cargo run --example microservices [-- OPTIONS]

  (none)     play thirteen scenes in real time, less than a minute; fails if a claim does
  --fast     every duration takes a twentieth of its time
  --serve    leave A on port 3000 and B on port 3001 for curl, until Ctrl-C
  --help     show this";

/// What was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) fast: bool,
    pub(crate) serve: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Run(Args),
    Help,
}

impl Args {
    /// Reads the arguments after the program's name; what is wrong with them is the error.
    pub(crate) fn read(written: impl Iterator<Item = String>) -> Result<Asked, String> {
        let mut args = Self::default();
        for argument in written {
            match argument.as_str() {
                "--fast" => args.fast = true,
                "--serve" => args.serve = true,
                "--help" | "-h" => return Ok(Asked::Help),
                other => return Err(format!("error: unknown argument `{other}`")),
            }
        }
        Ok(Asked::Run(args))
    }
}
