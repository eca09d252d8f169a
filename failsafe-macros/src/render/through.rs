//! A stack without code of the function's own: its policies as steps, whose code all functions of one return type share.

use super::conditions;
use super::{Placed, Scope, converted, declaration, listeners, rejects};
use crate::item::Attempt;
use failsafe_config::Runs;
use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;
use std::ops::RangeInclusive;

/// How many policies: one alone is less to compile in its place, and faster; for so many there are steps.
const WORTH_SHARING: RangeInclusive<usize> = 2..=8;

/// The call as an expression of what the caller gets, if every policy is a step here.
pub(super) fn render(
    placed: &[Placed<'_>],
    scope: &Scope<'_>,
    attempt: &Attempt,
    (is_timed, runs): (bool, Runs),
) -> Option<TokenStream> {
    let (krate, function) = (scope.krate, scope.function?);
    // A body that is a clone would be made whether the policies let it run or not.
    let clones = !attempt.prelude.is_empty();
    if !WORTH_SHARING.contains(&placed.len())
        || clones
        || !function.is_async()
        || function.opaque_output().is_some()
        || !placed.iter().all(|one| is_step(one, scope))
    {
        return None;
    }
    let output = function.output();
    let converts = placed[0].layer.map_err.is_some();
    // The type as the user wrote it is to blame.
    let asked = |function| {
        let function = Ident::new(function, Span::mixed_site());
        quote!(let _ = #krate::__rt::#function::<#output>;)
    };
    let can_fail = placed.iter().any(conditions::must_tell).then(|| asked("can_fail"));
    let can_reject = (rejects(placed) && !converts).then(|| asked("can_reject"));
    let policies = placed.iter().map(|one| {
        let policy = format_ident!("{}", one.layer.spec.type_name);
        quote!(#krate::#policy,)
    });
    let begin = format_ident!("{}", if is_timed { "timed_course" } else { "course" });
    let answers = quote!(#krate::__rt::typed_answers!(#output));
    let course = quote!(#krate::__rt::#begin::<(#(#policies)*), _, _>(#answers));
    let body = &attempt.start;
    let (attempt, without_body) = if converts {
        (quote!(FlowAttempt), quote!(flow_without_body))
    } else {
        (quote!(Attempt), quote!(without_body))
    };
    let course_and_body = quote! {
        #krate::__rt::#attempt {
            course: ::core::option::Option::Some(course),
            declared: __failsafe,
            body: #body,
        }
    };
    let outcome = if runs == Runs::Once {
        quote! {
            match (#course_and_body).await {
                ::core::result::Result::Ok(outcome) => outcome,
                ::core::result::Result::Err(course) => #krate::__rt::#without_body(course, __failsafe()),
            }
        }
    } else {
        quote! {
            loop {
                match (#course_and_body).await {
                    ::core::result::Result::Ok(outcome) => break outcome,
                    ::core::result::Result::Err(going) => course = going,
                }
            }
        }
    };
    let mutable = (runs != Runs::Once).then(|| quote!(mut));
    let outcome = quote!({
        #can_fail
        #can_reject
        let #mutable course = ::core::pin::pin!(#course);
        #outcome
    });
    Some(converted(placed, scope, &outcome).unwrap_or(outcome))
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
