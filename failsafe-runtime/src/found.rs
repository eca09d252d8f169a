//! What is found out about a declaration when it is first needed. It is apart, so that a static is small that nobody has used.

use crate::site::Declaration;
use failsafe_config::PolicyConfig;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// What is found out.
#[derive(Default)]
pub(crate) struct Found {
    /// The function's path, and the name.
    pub(crate) path: OnceLock<(&'static str, &'static str)>,
    /// Of a reference, the declaration that has the options.
    pub(crate) definition: OnceLock<&'static Declaration>,
    /// The configuration that the options say.
    pub(crate) config: OnceLock<Box<dyn PolicyConfig>>,
    /// The instance of the process, where a stack of steps looks for it.
    pub(crate) instance: OnceLock<Arc<dyn Any + Send + Sync>>,
}
