//! A stack without code of the function's own: its policies as steps, whose code all functions of one return type share.

use super::conditions;
use super::{Placed, Scope, blaming, declaration, listeners, output_place};
use crate::item::Attempt;
use failsafe_config::Runs;
use proc_macro2::TokenStream;
use quote::format_ident;

/// The call as an expression of what travels, if every policy is a step here.
pub(super) fn render(
    placed: &[Placed<'_>],
    scope: &Scope<'_>,
    attempt: &Attempt,
    (call, runs): (&TokenStream, Runs),
) -> Option<TokenStream> {
    let (krate, function) = (scope.krate, scope.function?);
    if function.opaque_output().is_some() || !placed.iter().all(|one| is_step(one, scope)) {
        return None;
    }
    let output = function.output();
    let judged = placed.iter().find(|one| conditions::must_tell(one));
    let judged = judged.map(|_| {
        let typed = quote!(#krate::__rt::Typed::<#output>::new());
        let told = blaming(output_place(scope), krate, "can_fail", typed);
        quote!(#told;)
    });
    let policies = placed.iter().map(|one| {
        let policy = format_ident!("{}", one.layer.spec.type_name);
        quote!(#krate::#policy,)
    });
    let answers = quote!(#krate::__rt::typed_answers!(#output));
    let course =
        quote!(#krate::__rt::course::<(#(#policies)*), _, _>(&__DECLARATIONS, #call, #answers));
    let body = &attempt.start;
    let attempt = quote!((#krate::__rt::Attempt { course: course.as_mut(), body: #body }).await);
    let flow = if runs == Runs::Once {
        quote! {
            match #attempt {
                ::core::option::Option::Some(flow) => flow,
                ::core::option::Option::None => #krate::__rt::without_body(course),
            }
        }
    } else {
        quote! {
            loop {
                if let ::core::option::Option::Some(flow) = #attempt {
                    break flow;
                }
            }
        }
    };
    Some(quote!({
        #judged
        let mut course = ::core::pin::pin!(#course);
        #flow
    }))
}

/// Whether the policy is one, and the function adds no code to it.
fn is_step(placed: &Placed<'_>, scope: &Scope<'_>) -> bool {
    let layer = placed.layer;
    let is_shared = |(option, given): &(&str, _)| listeners::is_shared(layer, option, given, scope);
    layer.spec.is_step
        && layer.instance.is_none()
        && !layer.has_instance_for_each_key()
        && !declaration::is_generic(layer, scope)
        && layer.code.iter().all(is_shared)
}
