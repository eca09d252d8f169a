use super::{Inner, Placed, Scope, declaration, listeners};

/// The limit around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> Inner {
    let krate = scope.krate;
    let timeout = declaration::reference(placed, scope);
    let written = declaration::written(placed, scope);
    let event = quote!(#krate::timeout::TimeoutEvent<'_>);
    let hear = listeners::hear_later(placed.layer, &event, scope);
    let inside = &inner.future;
    let future = quote!(#krate::__rt::timeout!(#timeout, #written, #hear, #inside));
    Inner { flow: quote!(#future.await), future }
}
