//! The parameters: how a re-run body may use each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, Pat, PatIdent, Receiver, ReceiverKind, Type, parse_quote};

use super::output;

/// How a parameter's type lets several attempts share it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Owned, or of a type which does not show what it is.
    Value,
    /// `&T`: each attempt copies it.
    Shared,
    /// `&mut T`: lent to one attempt at a time.
    Exclusive,
    /// `Pin<&mut T>`: likewise.
    Pinned,
    /// A `&mut` which cannot be lent as a parameter: `Option<&mut T>`, `&mut impl Trait`.
    Hidden,
}

/// One parameter.
pub(super) struct Param {
    /// Its place among the inputs of the signature.
    pub index: usize,
    /// What the body sees: the pattern of the signature, or of the `let` which stands between (`async_trait`).
    pub pat: Pat,
    /// The statement of that `let`.
    pub from_let: Option<usize>,
    /// Its type; a bare receiver's is spelled out.
    pub ty: Type,
    pub access: Access,
    /// It carries attributes (`#[cfg]`), so it may not be there.
    pub conditional: bool,
    /// Where to point.
    pub span: Span,
}

impl Param {
    /// Reads one input.
    pub(super) fn read(index: usize, input: &FnArg) -> Self {
        let (pat, ty, attrs): (Pat, Type, &[Attribute]) = match input {
            FnArg::Receiver(receiver) => {
                (receiver_pattern(receiver), receiver_type(receiver), &receiver.attrs)
            }
            FnArg::Typed(typed) => ((*typed.pat).clone(), (*typed.ty).clone(), &typed.attrs),
        };
        Self {
            index,
            pat,
            from_let: None,
            access: access(&ty),
            ty,
            conditional: attrs.iter().any(|attr| attr.path().is_ident("cfg")),
            span: input.span(),
        }
    }

    /// The name, if the pattern is a plain one.
    pub(super) fn name(&self) -> Option<&Ident> {
        match &self.pat {
            Pat::Ident(PatIdent { ident, by_ref: None, subpat: None, .. }) => Some(ident),
            _ => None,
        }
    }

    /// Whether this is `self` under its own name.
    pub(super) fn is_self(&self) -> bool {
        self.name().is_some_and(|name| name == "self")
    }

    /// Whether each attempt must be lent this: a `_` is never used.
    pub(super) fn is_lent(&self) -> bool {
        matches!(self.access, Access::Exclusive | Access::Pinned)
            && !matches!(self.pat, Pat::Wild(_))
    }

    /// Whether it is copied each time it is used, and none of its uses can change it.
    pub(super) fn is_copied(&self) -> bool {
        const COPIED: [&str; 16] = [
            "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
            "i128", "isize", "f32", "f64",
        ];
        let fixed = match &self.pat {
            Pat::Ident(pat) => {
                pat.mutability.is_none() && pat.by_ref.is_none() && !self.conditional
            }
            _ => false,
        };
        let copied = |path: &syn::TypePath| {
            path.qself.is_none()
                && path
                    .path
                    .get_ident()
                    .is_some_and(|name| COPIED.iter().any(|copied| name == copied))
        };
        let copied = match output::peel(&self.ty) {
            Type::Path(path) => copied(path),
            _ => self.access == Access::Shared,
        };
        fixed && copied
    }

    /// The type of the closure parameter it is lent through. Its lifetime is the attempt's.
    pub(super) fn lent_type(&self) -> Type {
        let mut ty = output::peel(&self.ty).clone();
        match &mut ty {
            Type::Reference(reference) => reference.lifetime = None,
            Type::Path(path) => {
                // `Pin<&'a mut T>`
                let arguments = path.path.segments.last_mut().map(|last| &mut last.arguments);
                if let Some(syn::PathArguments::AngleBracketed(arguments)) = arguments {
                    for argument in &mut arguments.args {
                        if let syn::GenericArgument::Type(Type::Reference(reference)) = argument {
                            reference.lifetime = None;
                        }
                    }
                }
            }
            _ => {}
        }
        ty
    }

    /// The identifiers its pattern binds.
    pub(super) fn bindings(&self) -> Vec<Ident> {
        let mut bindings = Bindings::default();
        bindings.visit_pat_mut(&mut self.pat.clone());
        bindings.all
    }

    /// Whether its pattern has a `ref mut`, which a re-run cannot renew.
    pub(super) fn has_ref_mut(&self) -> bool {
        let mut bindings = Bindings::default();
        bindings.visit_pat_mut(&mut self.pat.clone());
        bindings.ref_mut
    }
}

/// Strips `mut` from the bindings of a pattern; gives the `let mut x = x;` which each attempt starts with. The tokens
/// are the user's, so that `unused_mut` reaches them.
pub(super) fn strip_mut(pat: &mut Pat) -> Vec<TokenStream> {
    let mut bindings = Bindings { strip: true, ..Bindings::default() };
    bindings.visit_pat_mut(pat);
    bindings.rebinds
}

/// How a type can be shared between attempts.
fn access(ty: &Type) -> Access {
    let ty = output::peel(ty);
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            if output::has_impl(&reference.elem) { Access::Hidden } else { Access::Exclusive }
        }
        Type::Reference(reference) if !output::has_exclusive(&reference.elem) => Access::Shared,
        Type::Path(path) => match output::container(path) {
            Some((name, Type::Reference(reference)))
                if name == "Pin" && reference.mutability.is_some() && !output::has_impl(ty) =>
            {
                Access::Pinned
            }
            _ if output::has_exclusive(ty) => Access::Hidden,
            _ => Access::Value,
        },
        _ if output::has_exclusive(ty) => Access::Hidden,
        _ => Access::Value,
    }
}

/// `self` as a pattern.
fn receiver_pattern(receiver: &Receiver) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: receiver.mutability,
        ident: receiver.self_token.into(),
        subpat: None,
    })
}

/// `&self` is `self: &Self`.
fn receiver_type(receiver: &Receiver) -> Type {
    let span = receiver.self_token.span;
    let this = Ident::new("Self", span);
    match &receiver.kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            parse_quote!(#and #lifetime #mutability #this)
        }
        ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => parse_quote!(#this),
    }
}

/// Walks the bindings of a pattern.
#[derive(Default)]
struct Bindings {
    strip: bool,
    ref_mut: bool,
    all: Vec<Ident>,
    rebinds: Vec<TokenStream>,
}

impl VisitMut for Bindings {
    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        self.all.push(pat.ident.clone());
        if pat.by_ref.is_some() {
            self.ref_mut |= pat.mutability.is_some();
        } else if self.strip {
            if let Some(mutability) = pat.mutability.take() {
                let ident = &pat.ident;
                self.rebinds.push(quote!(let #mutability #ident = #ident;));
            }
        }
        visit_mut::visit_pat_ident_mut(self, pat);
    }
}

/// The name a lent parameter with a pattern gets in the signature.
pub(super) fn positional(index: usize) -> Ident {
    Ident::new(&format!("__arg{index}"), Span::mixed_site())
}

/// A closure parameter.
pub(super) fn closure_parameter(pat: &impl ToTokens, ty: &Type) -> TokenStream {
    quote!(#pat: #ty)
}
