//! A method of the decorator, which calls the one of the implementation inside.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, FnArg, GenericParam, Pat, Receiver, ReceiverKind, ReturnType, Safety, Signature,
    TraitItemFn, Type, TypeParamBound, WherePredicate,
};

use super::decorator::Names;
use crate::errors::Errors;
use crate::item::{Promise, promised};

/// Tokens whose names are those of the user, at no place of the user's.
macro_rules! quote {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

/// What the methods ask of the implementation and what holds it.
#[derive(Default)]
pub(super) struct Bounds {
    /// A method is for sized implementations only.
    pub is_sized: bool,
    /// `Self: Bound` of methods.
    pub of_inner: Vec<TypeParamBound>,
    is_lent_exclusively: bool,
    /// The auto traits that a future which is `Send` needs of what it borrows.
    of_held: BTreeSet<&'static str>,
}

impl Bounds {
    /// How the implementation is reached.
    pub(super) fn borrow(&self) -> TokenStream {
        if self.is_lent_exclusively {
            quote!(::core::borrow::BorrowMut)
        } else {
            quote!(::core::borrow::Borrow)
        }
    }

    /// What else is asked of what holds it.
    pub(super) fn of_held(&self) -> impl Iterator<Item = TokenStream> {
        self.of_held.iter().map(|auto| {
            let auto = Ident::new(auto, Span::mixed_site());
            quote!(::core::marker::#auto)
        })
    }
}

/// The attributes which are for the same item of the decorator too: whether it is there, and lints.
pub(super) fn shared(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| ["cfg", "allow"].iter().any(|name| attr.path().is_ident(name)))
}

/// Whether a method may wait.
pub(super) fn is_async(sig: &Signature) -> bool {
    sig.asyncness.is_some() || promise(sig).is_some()
}

fn promise(sig: &Signature) -> Option<Promise> {
    match &sig.output {
        ReturnType::Type(_, ty) => promised(ty).map(|(promise, _)| promise),
        ReturnType::Default => None,
    }
}

/// The method; one that cannot be passed on is a fault.
pub(super) fn delegate(
    method: &TraitItemFn,
    target: &TokenStream,
    names: &Names,
    has_policies: bool,
    bounds: &mut Bounds,
    errors: &mut Errors,
) -> TokenStream {
    let mut sig = method.sig.clone();
    let arguments: Vec<_> = sig.inputs.iter_mut().enumerate().filter_map(argument).collect();
    if let Some((span, message)) = fault(&method.sig) {
        errors.at(span, message);
        return quote! {
            #[allow(unused_variables, reason = "the fault is reported")]
            #sig { ::core::unimplemented!() }
        };
    }
    bounds.read(&method.sig);
    let receiver = method.sig.receiver().map(|receiver| lend(receiver, names));
    let (name, types) = (&sig.ident, turbofish(&sig));
    let arguments = receiver.into_iter().chain(arguments);
    let call = quote!(#target::#name #types(#(#arguments),*));
    let call =
        if matches!(sig.safety, Safety::Unsafe(_)) { quote!(unsafe { #call }) } else { call };
    let body = match promise(&method.sig) {
        _ if sig.asyncness.is_some() => quote!(#call.await),
        Some(Promise::Impl) if has_policies => quote!(async move { #call.await }),
        Some(Promise::Boxed) if has_policies => {
            quote!(::std::boxed::Box::pin(async move { #call.await }))
        }
        _ => call,
    };
    quote!(#sig { #body })
}

/// Gives an argument a plain name, by which it is passed on.
fn argument((index, input): (usize, &mut FnArg)) -> Option<TokenStream> {
    let FnArg::Typed(typed) = input else { return None };
    typed.attrs.retain(|attr| attr.path().is_ident("cfg"));
    let name = match &mut *typed.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => {
            (pat.by_ref, pat.mutability) = (None, None);
            pat.ident.clone()
        }
        pat => {
            let name = format_ident!("argument_{index}");
            *pat = syn::parse_quote!(#name);
            name
        }
    };
    Some(name.into_token_stream())
}

/// The implementation, as the receiver has it.
fn lend(receiver: &Receiver, names: &Names) -> TokenStream {
    let (me, inner) = (&receiver.self_token, &names.inner);
    if is_exclusive(receiver) {
        quote!(::core::borrow::BorrowMut::<#inner>::borrow_mut(&mut #me.held))
    } else {
        quote!(::core::borrow::Borrow::<#inner>::borrow(&#me.held))
    }
}

fn is_exclusive(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, exclusive) => exclusive.is_some(),
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(ty) if ty.mutability.is_some())
        }
        _ => false,
    }
}

/// Whether the receiver is `&self` or `&mut self`, however it is written.
fn is_borrowed(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(ty) if matches!(&*ty.elem, Type::Path(path) if path.path.is_ident("Self")))
        }
        _ => false,
    }
}

/// The type and const arguments of a method, which need not follow from its arguments.
fn turbofish(sig: &Signature) -> Option<TokenStream> {
    let names = sig.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| quote!(::<#(#names),*>))
}

/// Why a method cannot be passed on to the implementation inside.
fn fault(sig: &Signature) -> Option<(Span, String)> {
    let name = &sig.ident;
    if let Some(receiver) = sig.receiver().filter(|receiver| !is_borrowed(receiver)) {
        return Some((
            receiver.span(),
            format!(
                "a decorator lends the implementation inside, which may be behind a pointer, and cannot give it away: let `{name}` \
                 take `&self` or `&mut self`, or move it to another trait"
            ),
        ));
    }
    let mut find = FindSelf(None);
    for input in &sig.inputs {
        if let FnArg::Typed(typed) = input {
            find.visit_type(&typed.ty);
        }
    }
    find.visit_return_type(&sig.output);
    find.0.map(|span| {
        let message = format!(
            "a decorator is not of the type of the implementation inside, so it cannot pass on `{name}`, which takes or gives \
             `Self`: move it to another trait"
        );
        (span, message)
    })
}

impl Bounds {
    /// What a method asks for.
    fn read(&mut self, sig: &Signature) {
        let exclusive = sig.receiver().map(is_exclusive);
        self.is_lent_exclusively |= exclusive == Some(true);
        if sig.asyncness.is_none()
            && promise(sig).is_some()
            && is_send(sig.output.to_token_stream())
        {
            let needed = exclusive.map(|exclusive| if exclusive { "Send" } else { "Sync" });
            self.of_held.extend(needed);
        }
        for predicate in sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            let WherePredicate::Type(predicate) = predicate else { continue };
            if !matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident("Self")) {
                continue;
            }
            for bound in &predicate.bounds {
                let TypeParamBound::Trait(of) = bound else { continue };
                self.is_sized |= of.path.segments.last().is_some_and(|last| last.ident == "Sized");
                self.of_inner.push(bound.clone());
            }
        }
    }
}

/// Whether a future is promised to be `Send`.
fn is_send(output: TokenStream) -> bool {
    output.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "Send" || word == "BoxFuture",
        TokenTree::Group(group) => is_send(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Looks for the type `Self`, not for what is in it (`Self::Item`).
struct FindSelf(Option<Span>);

impl<'ast> Visit<'ast> for FindSelf {
    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        if path.path.is_ident("Self") {
            self.0 = self.0.or(Some(path.span()));
        }
        visit::visit_type_path(self, path);
    }
}
