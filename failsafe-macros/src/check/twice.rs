//! Whether a call would pass one instance two times.

use crate::errors::Errors;
use crate::read::{Layer, Name};
use quote::ToTokens;
use syn::Expr;

/// What tells instances apart as far as it is written: how it is named, the name, and the key.
type Identity = (&'static str, bool, String, String);

/// Finds instances that stand on the function two times, where that cannot be meant.
pub(super) fn check(layers: &[Layer], errors: &mut Errors) {
    let mut seen: Vec<Identity> = Vec::new();
    for layer in layers {
        let Some(why) = layer.spec.twice else { continue };
        let Some(identity) = identity(layer) else { continue };
        if seen.contains(&identity) {
            let policy = layer.spec.name.replace('_', " ");
            let message = format!(
                "the {policy} `{}` is on this function two times, where {why}; keep one",
                identity.2
            );
            match (&layer.name, &layer.instance) {
                (Some(Name::Literal(_, place)), _) => errors.at(*place, message),
                (Some(Name::Constant(name)), _) => errors.on(name, message),
                (None, instance) => errors.on(instance, message),
            }
        }
        seen.push(identity);
    }
}

fn identity(layer: &Layer) -> Option<Identity> {
    let (is_text, name) = match (&layer.name, &layer.instance) {
        (Some(Name::Literal(name, _)), _) => (true, name.clone()),
        (Some(Name::Constant(name)), _) => (false, text(name)),
        (None, Some(Expr::Reference(reference))) => (false, text(&reference.expr)),
        (None, Some(instance)) => (false, text(instance)),
        (None, None) => return None,
    };
    // Of one name there are as many instances as keys.
    let key = layer.code("key").map(|key| text(&key.tokens())).unwrap_or_default();
    Some((layer.spec.name, is_text, name, key))
}

/// An expression, without the spaces between its tokens.
fn text(written: &impl ToTokens) -> String {
    written.to_token_stream().to_string().replace(' ', "")
}
