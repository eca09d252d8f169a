//! Whether a key can tell calls apart.

use crate::errors::Errors;
use crate::read::{Content, Layer, literal};
use syn::Expr;

/// Finds keys that are the same for every call. A cache may have one: its value then depends on nothing.
pub(super) fn check(layers: &[Layer], errors: &mut Errors) {
    // Beside an instance it is wrong whatever it says.
    let keyed = |layer: &&Layer| layer.has_instance_for_each_key() && layer.instance.is_none();
    for layer in layers.iter().filter(keyed) {
        let Some(Content::Value(key)) = layer.code("key").map(|given| &given.content) else {
            continue;
        };
        if is_fixed(key) {
            errors.on(
                key,
                "every call has this key, so there is one instance for all: name an argument that \
                 tells them apart, or remove `key`",
            );
        }
    }
}

/// Whether it is made of literals alone.
fn is_fixed(key: &Expr) -> bool {
    match key {
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_fixed),
        Expr::Reference(reference) => is_fixed(&reference.expr),
        Expr::Paren(paren) => is_fixed(&paren.expr),
        Expr::Group(group) => is_fixed(&group.expr),
        key => literal(key).is_some() && !matches!(key, Expr::Path(_)),
    }
}
