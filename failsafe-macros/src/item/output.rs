//! The return type: what it is to the policies, and whether it borrows from a parameter.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericArgument, Lifetime, PathArguments, ReturnType, Token, Type, TypeInfer, TypeParamBound,
    TypePath, TypeReference,
};

use super::shape::Promise;

/// `R`, as it may be written in an expression: `impl Trait` is `_`, no return type is `()`.
pub(super) fn expression(ty: Option<&Type>) -> TokenStream {
    let Some(ty) = ty else { return quote!(()) };
    let mut ty = ty.clone();
    InferImpl.visit_type_mut(&mut ty);
    ty.into_token_stream()
}

/// Whether a type surely holds no rejection: one of the language or of `std`, for which nobody else can
/// implement `Reject`. Of the others the compiler knows.
pub(super) fn holds_no_rejection(ty: Option<&Type>) -> bool {
    const TYPES: [&str; 17] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
        "i128", "isize", "f32", "f64", "String",
    ];
    match ty.map(peel) {
        None | Some(Type::Tuple(_) | Type::Array(_)) => true,
        Some(Type::Path(path)) => {
            let is_vec = || container(path).is_some_and(|(name, _)| name == "Vec");
            path.path.get_ident().map_or_else(is_vec, |name| TYPES.iter().any(|ty| name == ty))
        }
        Some(_) => false,
    }
}

/// Whether this is `()`.
pub(super) fn is_unit(ty: Option<&Type>) -> bool {
    match ty.map(peel) {
        None => true,
        Some(Type::Tuple(tuple)) => tuple.elems.is_empty(),
        Some(_) => false,
    }
}

/// The declared return type; `None` for `()` by omission.
pub(super) fn declared(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}

/// A type without the invisible groups of `macro_rules!` and without parentheses.
pub(super) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}

/// How a type promises a future, and the future's output.
pub(crate) fn promised(ty: &Type) -> Option<(Promise, &Type)> {
    match peel(ty) {
        Type::ImplTrait(bounds) => future_output(&bounds.bounds).map(|ty| (Promise::Impl, ty)),
        Type::Path(path) => {
            let (name, argument) = container(path)?;
            if name == "BoxFuture" || name == "LocalBoxFuture" {
                return Some((Promise::Boxed, argument));
            }
            let Type::Path(inner) = (if name == "Pin" { peel(argument) } else { return None })
            else {
                return None;
            };
            match container(inner) {
                Some((name, Type::TraitObject(object))) if name == "Box" => {
                    future_output(&object.bounds).map(|ty| (Promise::Boxed, ty))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The last segment of a path and its last type argument.
pub(super) fn container(path: &TypePath) -> Option<(String, &Type)> {
    let segment = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let argument = arguments.args.iter().rev().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(peel(ty)),
        _ => None,
    })?;
    Some((segment.ident.to_string(), argument))
}

/// `R` of a `Future<Output = R>` among bounds.
fn future_output<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<&'a Type> {
    bounds.into_iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let segment = bound.path.segments.last().filter(|segment| segment.ident == "Future")?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
            _ => None,
        })
    })
}

/// A lifetime in `ty` that is `named`, or elided when `named` is `None`.
pub(super) fn borrows(ty: &Type, named: Option<&Lifetime>) -> Option<Span> {
    let mut find = FindBorrow { named, found: None };
    find.visit_type(ty);
    find.found
}

/// The value in a `Result` that is spelled so; else the type itself.
pub(super) fn success(ty: &Type) -> &Type {
    let Type::Path(path) = peel(ty) else { return ty };
    let Some(last) = path.path.segments.last() else { return ty };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return ty };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    if last.ident == "Result" { types.next().unwrap_or(ty) } else { ty }
}

/// A reference in a type that is not `'static`, or another lifetime.
pub(super) fn any_borrow(ty: &Type) -> Option<Span> {
    let mut find = FindAnyBorrow(None);
    find.visit_type(ty);
    find.0
}

/// Whether `impl Trait` occurs in a type.
pub(super) fn has_impl(ty: &Type) -> bool {
    let mut find = FindMut { exclusive: false, opaque: false };
    find.visit_type(ty);
    find.opaque
}

/// Whether `&mut` occurs in a type.
pub(super) fn has_exclusive(ty: &Type) -> bool {
    let mut find = FindMut { exclusive: false, opaque: false };
    find.visit_type(ty);
    find.exclusive
}

/// Replaces `impl Trait` by `_`.
struct InferImpl;

impl VisitMut for InferImpl {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(opaque) = ty {
            let underscore_token = Token![_](opaque.impl_token.span);
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// Looks for one lifetime.
struct FindBorrow<'a> {
    named: Option<&'a Lifetime>,
    found: Option<Span>,
}

impl<'ast> Visit<'ast> for FindBorrow<'_> {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        let hit = match self.named {
            Some(named) => lifetime.ident == named.ident,
            None => lifetime.ident == "_",
        };
        if hit {
            self.found = self.found.or(Some(lifetime.span()));
        }
    }

    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        if ty.lifetime.is_none() && self.named.is_none() {
            self.found = self.found.or(Some(ty.and_token.span));
        }
        visit::visit_type_reference(self, ty);
    }

    // `fn(&T) -> &U` and `Fn(&T) -> &U` have elided lifetimes of their own.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }
}

/// Looks for any lifetime but `'static`.
struct FindAnyBorrow(Option<Span>);

impl<'ast> Visit<'ast> for FindAnyBorrow {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.0 = self.0.or(Some(lifetime.span()));
        }
    }

    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        if ty.lifetime.is_none() {
            self.0 = self.0.or(Some(ty.and_token.span));
        }
        visit::visit_type_reference(self, ty);
    }

    // These have lifetimes of their own.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }
}

/// Looks for `&mut` and `impl`.
struct FindMut {
    exclusive: bool,
    opaque: bool,
}

impl<'ast> Visit<'ast> for FindMut {
    fn visit_type(&mut self, ty: &'ast Type) {
        self.opaque |= matches!(ty, Type::ImplTrait(_));
        visit::visit_type(self, ty);
    }

    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        self.exclusive |= ty.mutability.is_some();
        visit::visit_type_reference(self, ty);
    }

    // `fn(&mut T)` and `impl Fn(&mut T)` take an exclusive borrow, they do not hold one.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }
}
