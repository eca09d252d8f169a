//! An operator at work: a feature switched off, and settings applied, while A runs.

use super::crowd::with_status;
use super::stage::{Reply, Scene, Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;
use failsafe::settings::{Settings, SettingsError};

/// The file with the settings that help.
const PATIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/microservices/patient.toml");

/// A file with two mistakes.
const WRONG: &str = "[timeout.documents]\nlimit = 10\n\n[timeout.document]\nlimit = \"10s\"\n";

/// B becomes slow; nobody restarts A.
pub(super) async fn switches(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(13, "switches and settings, no restart", Script::Healthy).await?;
    without("somebody builds A anew, and deploys it.");
    feature(&mut scene).await?;
    scene.b_plays(Script::Lagging).await?;
    let before = documents(&mut scene).await?;
    scene.does("operator", "applies a settings file with mistakes");
    let refused = Settings::new().toml(WRONG).and_then(Settings::apply).err();
    for fault in refused.iter().flat_map(SettingsError::faults) {
        scene.does("settings", &fault.to_string());
    }
    scene.does("operator", "applies patient.toml: 10 seconds for documents");
    Settings::new().file(PATIENT)?.apply()?;
    let after = documents(&mut scene).await?;
    let retried = scene.decisions_where(|what| *what == What::Retry).len();
    failsafe::settings::reset();

    scene.claim(with_status(&before, 504) == 2, "1s is too short: both documents end in 504");
    let faults = refused.map_or(0, |error| error.faults().len());
    scene.claim(faults == 2, "a wrong file is refused, with every mistake in it");
    scene.claim(with_status(&after, 200) == 2, "with 10s both functions of the stack have answers");
    scene.claim(retried == 2, "and tried no second time");
    Ok(scene.end())
}

/// Both functions under the stack.
async fn documents(scene: &mut Scene<'_>) -> anyhow::Result<Vec<Reply>> {
    let both = ["/invoice/1", "/receipt/1"].map(str::to_owned);
    scene.send("GET /invoice/1 and /receipt/1", both).rest().await
}

/// Recommendations are switched off and on again.
async fn feature(scene: &mut Scene<'_>) -> anyhow::Result<()> {
    let switch = |on: bool| match failsafe::registry().feature_toggle("recommendations") {
        Some(feature) if on => feature.enable(),
        Some(feature) => feature.disable(),
        None => {}
    };
    let on = scene.get("/recommendation").await?;
    scene.does("operator", "switches recommendations off");
    switch(false);
    let off = scene.get("/recommendation").await?;
    let spared = scene.requests_to_b();
    scene.does("operator", "switches recommendations on");
    switch(true);
    let again = scene.get("/recommendation").await?;

    scene.claim(on.from == "B" && again.from == "B", "while the feature is on, B recommends");
    scene.claim(off.status == 200 && off.from == "A", "while it is off, A answers by itself");
    scene.claim(spared == 1, "and B is not asked");
    Ok(())
}
